//! The BIP-39 word lists and the encoding of 32 bytes as 24 words.
//!
//! Lists: english.txt and chinese_simplified.txt as published with BIP-39 (MIT), unchanged; a test pins their digests.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::Lang;

const ENGLISH: &str = include_str!("words/english.txt");
const CHINESE: &str = include_str!("words/chinese_simplified.txt");

/// One list and where each of its lines begins.
struct List {
    text: &'static str,
    starts: Vec<usize>,
}

impl List {
    // A table of offsets, not of strings: the offline station builds it at every start.
    fn new(text: &'static str) -> Self {
        let mut starts = Vec::with_capacity(2049);
        starts.push(0);
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1));
        Self { text, starts }
    }

    fn word(&self, index: usize) -> &'static str {
        let bounds = self.starts.get(index).zip(self.starts.get(index + 1));
        bounds.and_then(|(from, to)| self.text.get(*from..*to - 1)).unwrap_or_default()
    }

    fn position(&self, word: &str) -> Option<usize> {
        (0..2048).find(|n| self.word(*n) == word)
    }
}

fn list(lang: Lang) -> &'static List {
    static EN: OnceLock<List> = OnceLock::new();
    static ZH: OnceLock<List> = OnceLock::new();
    match lang {
        Lang::En => EN.get_or_init(|| List::new(ENGLISH)),
        Lang::Zh => ZH.get_or_init(|| List::new(CHINESE)),
    }
}

/// Word `index` (0 to 2047) of a list; empty beyond it.
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

/// The 32 bytes behind 24 words of one list, in any separation; `None` if a word or the checksum is wrong.
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
