//! HKDF with SHA-256 (RFC 5869), based on the HMAC that the crate uses anyway.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of one block: the length of a SHA-256 digest.
pub(super) const BLOCK: usize = 32;

/// A pseudorandom key, or one block of output. Wiped on drop.
pub(super) type Block = Zeroizing<[u8; BLOCK]>;

/// HMAC-SHA-256 over the concatenation of `parts`.
pub(super) fn hmac(key: &[u8], parts: &[&[u8]]) -> Block {
    // HMAC accepts a key of any length, so the error cannot occur. If it did, the known-answer tests at every
    // start would notice the zero key.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { return Block::default() };
    let mac = parts.iter().fold(mac, |mac, part| mac.chain_update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// HKDF-Extract (§2.2): `ikm` is the concatenation of the parts.
pub(super) fn extract(salt: &[u8], ikm: &[&[u8]]) -> Block {
    hmac(salt, ikm)
}

/// The first block of HKDF-Expand (§2.3): T(1).
pub(super) fn expand(prk: &Block, info: &[&[u8]]) -> Block {
    hmac(&**prk, &[info, &[&[1]]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    /// RFC 5869 appendix A, test cases 1 to 3: IKM, salt, info, PRK, the first block of OKM.
    const RFC_5869: [[&str; 5]; 3] = [
        [
            "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
        ],
        [
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f\
             303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
            "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f\
             909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
            "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf\
             e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c",
        ],
        [
            "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
            "",
            "",
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
        ],
    ];

    #[test]
    fn the_vectors_of_rfc_5869() {
        for [ikm, salt, info, prk, okm] in RFC_5869 {
            let (ikm, info) = (unhex(ikm), unhex(info));
            // The input is passed in two parts, because only the concatenation matters.
            let (head, tail) = ikm.split_at(7);
            let extracted = extract(&unhex(salt), &[head, tail]);
            assert_eq!(crate::hex::encode(&*extracted), prk);
            assert_eq!(crate::hex::encode(&*expand(&extracted, &[&info])), okm);
        }
    }
}
