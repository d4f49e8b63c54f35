//! The BIP-39 word lists and the encoding of 32 bytes as 24 words.
//!
//! Lists: english.txt and chinese_simplified.txt as published with BIP-39 (MIT), unchanged; a test pins their digests.

use sha2::{Digest, Sha256};

use crate::Lang;

const ENGLISH: &str = include_str!("bip39/english.txt");
const CHINESE: &str = include_str!("bip39/chinese_simplified.txt");

/// One list, and the position where each of its lines begins.
struct List {
    text: &'static str,
    starts: [u16; WORDS + 1],
}

const WORDS: usize = 2048;

impl List {
    /// Computed at compile time, because the offline station shows a digest at every start.
    #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)] // a mistake here fails the build, not a program
    const fn new(text: &'static str) -> Self {
        assert!(text.len() <= u16::MAX as usize, "a list is too long for its table");
        let (bytes, mut starts) = (text.as_bytes(), [0; WORDS + 1]);
        let (mut at, mut line) = (0, 0);
        while at < bytes.len() {
            if bytes[at] == b'\n' {
                line += 1;
                starts[line] = at as u16 + 1;
            }
            at += 1;
        }
        assert!(line == WORDS, "a list has 2,048 lines");
        Self { text, starts }
    }

    fn word(&self, index: usize) -> &'static str {
        let bounds = self.starts.get(index).zip(self.starts.get(index + 1));
        bounds
            .and_then(|(from, to)| self.text.get(usize::from(*from)..usize::from(*to) - 1))
            .unwrap_or_default()
    }

    fn position(&self, word: &str) -> Option<usize> {
        (0..WORDS).find(|n| self.word(*n) == word)
    }
}

fn list(lang: Lang) -> &'static List {
    static EN: List = List::new(ENGLISH);
    static ZH: List = List::new(CHINESE);
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}

/// Word `index` (0 to 2047) of a list; empty for a larger index.
pub(crate) fn word(index: usize, lang: Lang) -> &'static str {
    list(lang).word(index)
}

/// 256 bits and the first 8 of their SHA-256, as 24 groups of 11 bits (BIP-39, "Generating the mnemonic").
pub(crate) fn encode(bytes: &[u8; 32], lang: Lang) -> Vec<&'static str> {
    let checksum = Sha256::digest(bytes);
    let all = bytes.iter().copied().chain(checksum.first().copied());
    let (mut acc, mut bits, mut out) = (0usize, 0u32, Vec::with_capacity(24));
    for byte in all {
        acc = (acc << 8 | usize::from(byte)) & 0xf_ffff;
        bits += 8;
        if bits >= 11 {
            bits -= 11;
            out.push(word(acc >> bits & 0x7ff, lang));
        }
    }
    out
}

/// The 32 bytes that 24 words of one list encode, with any separators; `None` if a word or the checksum is
/// wrong.
pub(crate) fn decode(text: &str) -> Option<[u8; 32]> {
    [Lang::En, Lang::Zh].into_iter().find_map(|lang| decode_in(text, lang))
}

fn decode_in(text: &str, lang: Lang) -> Option<[u8; 32]> {
    let typed =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).flat_map(|w| match lang {
            Lang::En => vec![w.to_lowercase()],
            // Chinese words are single characters and may be written without spaces.
            Lang::Zh => w.chars().map(String::from).collect(),
        });
    let (mut acc, mut bits, mut out) = (0usize, 0u32, Vec::with_capacity(33));
    for word in typed {
        let index = list(lang).position(&word)?;
        acc = (acc << 11 | index) & 0xf_ffff;
        bits += 11;
        while bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(acc >> bits & 0xff).ok()?);
        }
    }
    let (checksum, entropy) = out.split_last()?;
    let entropy: [u8; 32] = entropy.try_into().ok()?;
    (Sha256::digest(entropy).first() == Some(checksum)).then_some(entropy)
}
