//! Digests as the formats define them: of bytes, of fields with their lengths, and the words of a
//! digest.

use sha2::{Digest as _, Sha256};

/// BIP-39's list, as published.
const WORDS: &str = include_str!("../../../crates/core/src/words/bip39/english.txt");

/// SHA-256 in lower-case hex.
pub(crate) fn of(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes.as_ref()))
}

/// SHA-256 over fields, each with its length in 8 bytes before it.
pub(crate) fn of_fields(fields: &[&[u8]]) -> String {
    let mut all = Vec::new();
    for field in fields {
        all.extend((field.len() as u64).to_be_bytes());
        all.extend(*field);
    }
    of(all)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len() / 2).map(|n| pair(2 * n)).collect()
}

/// The 24 words in which a digest is read aloud.
pub(crate) fn words(digest: &str) -> Vec<&'static str> {
    let mut bytes = unhex(digest);
    bytes.push(Sha256::digest(&bytes)[0]);
    let bit = |n: usize| usize::from(bytes[n / 8] >> (7 - n % 8) & 1);
    let number = |word: usize| (0..11).fold(0, |number, n| number << 1 | bit(11 * word + n));
    let list: Vec<&str> = WORDS.lines().collect();
    (0..24).map(|word| list[number(word)]).collect()
}
