//! SHA-256 of exact bytes, written as hex for computers and as words for people.
//!
//! The words are the BIP-39 encoding of the 32 bytes: 24 words, the last of which carries eight bits of checksum. Any
//! BIP-39 tool turns them back into the digest. Here they are a fingerprint, never a wallet seed.

use core::fmt;
use core::str::FromStr;

use sha2::{Digest, Sha256};

use crate::Lang;
use crate::bip39;
use crate::serde_helpers::serde_as_text;

/// A SHA-256 digest (FIPS 180-4) of the exact bytes of an artefact, of a public key's DER or of a line.
///
/// # Examples
/// ```
/// use keyferry_core::Fingerprint;
/// let digest = Fingerprint::of(b"abc");
/// assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// ```
#[derive(Clone, Copy, Eq, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        crate::tally::visit(1);
        self.0 == other.0
    }
}

impl core::hash::Hash for Fingerprint {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// The text is neither 64 hex digits nor 24 words of one list with a valid checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadFingerprint;

impl fmt::Display for BadFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a SHA-256 digest: 64 hex digits in lower case")
    }
}

impl std::error::Error for BadFingerprint {}

impl Fingerprint {
    /// All zeros, which is not the hash of anything: the `prev` of a transcript's first line.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 of bytes that arrive piece by piece: `next` returns the next piece, or an empty one at the
    /// end.
    ///
    /// # Errors
    /// The first error of `next`.
    pub fn of_pieces<E>(mut next: impl FnMut(&mut [u8]) -> Result<usize, E>) -> Result<Self, E> {
        let (mut hash, mut buffer) = (Sha256::new(), [0; 32 * 1024]);
        loop {
            let length = next(&mut buffer)?;
            match buffer.get(..length) {
                Some([]) | None => return Ok(Self(hash.finalize().into())),
                Some(piece) => hash.update(piece),
            }
        }
    }

    /// SHA-256 over length-prefixed fields (8 bytes big-endian each), so different lists of fields never
    /// produce the same input.
    #[must_use]
    pub fn of_fields(fields: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for field in fields {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        Self(hash.finalize().into())
    }

    /// A digest that was computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 24 words in a language's list.
    #[must_use]
    pub fn words(&self, lang: Lang) -> Vec<&'static str> {
        bip39::encode(&self.0, lang)
    }

    /// Hex in groups of four digits, for people to compare.
    #[must_use]
    pub fn grouped(&self) -> String {
        let hex = self.to_string();
        let mut out = String::with_capacity(80);
        for (i, c) in hex.chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                out.push(' ');
            }
            out.push(c);
        }
        out
    }

    /// Parses what a person types: hex in either case and any grouping, or the 24 words in either language.
    ///
    /// # Errors
    /// [`BadFingerprint`] for anything else, including a wrong checksum.
    pub fn parse_typed(text: &str) -> Result<Self, BadFingerprint> {
        if text.len() > 1024 {
            return Err(BadFingerprint);
        }
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if let Ok(this) = compact.to_ascii_lowercase().parse() {
            return Ok(this);
        }
        bip39::decode(text).map(Self).ok_or(BadFingerprint)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::hex::encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA256:{self}")
    }
}

impl FromStr for Fingerprint {
    type Err = BadFingerprint;

    fn from_str(s: &str) -> Result<Self, BadFingerprint> {
        let mut out = [0u8; 32];
        crate::hex::decode_into(s, &mut out).ok_or(BadFingerprint)?;
        Ok(Self(out))
    }
}

serde_as_text!(Fingerprint);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_make_the_digest_of_the_whole() {
        let bytes = vec![7u8; 100_000];
        let mut rest = &bytes[..];
        let found = Fingerprint::of_pieces(|b| std::io::Read::read(&mut rest, b)).unwrap();
        assert_eq!(found, Fingerprint::of(&bytes));
        assert_eq!(Fingerprint::of_pieces(|_| Err("gone")), Err("gone"));
    }

    #[test]
    fn word_lists_are_the_published_ones() {
        // SHA-256 of english.txt and chinese_simplified.txt as published with BIP-39.
        assert_eq!(
            Fingerprint::of(include_bytes!("bip39/english.txt")).to_string(),
            "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
        );
        assert_eq!(
            Fingerprint::of(include_bytes!("bip39/chinese_simplified.txt")).to_string(),
            "5c5942792bd8340cb8b27cd592f1015edf56a8c5b26276ee18a482428e7c5726"
        );
    }

    #[test]
    fn bip39_reference_vectors() {
        // Trezor's BIP-39 vectors, 256-bit entropies.
        let zoo = Fingerprint([0xff; 32]).words(Lang::En);
        assert_eq!(zoo[..23], ["zoo"; 23]);
        assert_eq!(zoo[23], "vote");
        let legal = Fingerprint([0x7f; 32]).words(Lang::En).join(" ");
        assert_eq!(
            legal,
            "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful \
             legal winner thank year wave sausage worth title"
        );
    }

    proptest! {
        #[test]
        fn words_and_hex_agree(bytes in any::<[u8; 32]>(), chinese in any::<bool>()) {
            let f = Fingerprint(bytes);
            let lang = if chinese { Lang::Zh } else { Lang::En };
            prop_assert_eq!(f.to_string().parse::<Fingerprint>().unwrap(), f);
            prop_assert_eq!(Fingerprint::parse_typed(&f.grouped().to_uppercase()).unwrap(), f);
            prop_assert_eq!(Fingerprint::parse_typed(&f.words(lang).join("  ")).unwrap(), f);
            prop_assert_eq!(Fingerprint::parse_typed(&f.words(lang).join(" · ")).unwrap(), f);
        }

        #[test]
        fn a_wrong_word_is_refused_or_another_digest(bytes in any::<[u8; 32]>(), at in 0usize..24, w in 0usize..2048) {
            let f = Fingerprint(bytes);
            let mut words = f.words(Lang::En);
            let other = bip39::word(w, Lang::En);
            prop_assume!(words[at] != other);
            words[at] = other;
            prop_assert_ne!(Fingerprint::parse_typed(&words.join(" ")).ok(), Some(f));
        }

        #[test]
        fn no_text_panics(s in "\\PC{0,200}") {
            let _ = Fingerprint::parse_typed(&s);
        }
    }
}
