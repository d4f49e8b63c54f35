//! Known answers from other people: Wycheproof for the three paddings, FIPS 180-4, FIPS 197, GB/T 32907 and RFC 4231 for
//! the rest.
//!
//! The RSA answers are valid vectors of Wycheproof for RSA-2048 with e = 65537 (Apache-2.0). Each has four files: the SPKI, the
//! message, the randomness of its padding (recovered with the vector's private key) and the ciphertext. RSAEP does not depend on
//! the padding, so it is tested once for each implementation. The other two paddings are tested up to the encoded message; a
//! separate test shows that RSAEP turns that message into the vector's ciphertext.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand_core::{TryCryptoRng, TryRng};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::self_test_error::SelfTestError;
use crate::padding::{EncodedMessage, encode};
use crate::rsaep::{rsaep, second_rsaep};
use crate::{Kcv, KcvMethod, KeyMaterial, WrapError, WrappedKeyMaterial, WrappingAlgorithm, WrappingKey};

/// One computation, its input and its expected output.
pub(super) struct Answer {
    name: &'static str,
    compute: Compute,
    expected: &'static [u8],
}

enum Compute {
    Encode(Encode),
    Wrap { encode: Encode, spki: &'static [u8], rsaep: Rsaep },
    Sha1(&'static [u8]),
    Sha256(&'static [u8]),
    HmacSha256 { key: &'static [u8], data: &'static [u8] },
    Kcv { method: KcvMethod, key: &'static [u8] },
}

/// A padding and its input.
struct Encode {
    algorithm: WrappingAlgorithm,
    m: &'static [u8],
    random: &'static [u8],
}

/// One of the two implementations of RSAEP.
type Rsaep = fn(&WrappingKey, &EncodedMessage) -> Result<WrappedKeyMaterial, WrapError>;

macro_rules! padding {
    ($algorithm:ident, $file:literal) => {
        Encode {
            algorithm: WrappingAlgorithm::$algorithm,
            m: include_bytes!(concat!($file, ".m")),
            random: include_bytes!(concat!($file, ".r")),
        }
    };
}

const OAEP_SHA256: Encode = padding!(RsaesOaepSha256, "oaep_sha256");
const OAEP_SHA256_KEY: &[u8] = include_bytes!("oaep_sha256.spki");
const OAEP_SHA256_CIPHERTEXT: &[u8] = include_bytes!("oaep_sha256.c");

pub(super) static ANSWERS: [Answer; 10] = [
    Answer {
        name: "RSAES-OAEP with SHA-256",
        compute: Compute::Wrap { encode: OAEP_SHA256, spki: OAEP_SHA256_KEY, rsaep },
        expected: OAEP_SHA256_CIPHERTEXT,
    },
    Answer {
        name: "the second RSAEP",
        compute: Compute::Wrap { encode: OAEP_SHA256, spki: OAEP_SHA256_KEY, rsaep: second_rsaep },
        expected: OAEP_SHA256_CIPHERTEXT,
    },
    Answer {
        name: "RSAES-OAEP with SHA-1",
        compute: Compute::Encode(padding!(RsaesOaepSha1, "oaep_sha1")),
        expected: include_bytes!("oaep_sha1.em"),
    },
    Answer {
        name: "RSAES-PKCS1-v1_5",
        compute: Compute::Encode(padding!(RsaesPkcs1V15, "pkcs1")),
        expected: include_bytes!("pkcs1.em"),
    },
    // FIPS 180-4's example, "abc".
    Answer {
        name: "SHA-1",
        compute: Compute::Sha1(b"abc"),
        expected: b"\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d",
    },
    Answer {
        name: "SHA-256",
        compute: Compute::Sha256(b"abc"),
        expected: b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\
                    \xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad",
    },
    // RFC 4231, test case 2.
    Answer {
        name: "HMAC-SHA-256",
        compute: Compute::HmacSha256 { key: b"Jefe", data: b"what do ya want for nothing?" },
        expected: b"\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7\
                    \x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
    },
    // NIST AESAVS, VarKey: the key 80 00 …, the zero block: 0e dd 33 …, e3 5a 6d ….
    Answer {
        name: "KCV with AES-128",
        compute: Compute::Kcv { method: KcvMethod::Aes, key: b"\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" },
        expected: b"\x0e\xdd\x33",
    },
    Answer {
        name: "KCV with AES-256",
        compute: Compute::Kcv {
            method: KcvMethod::Aes,
            key: b"\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        },
        expected: b"\xe3\x5a\x6d",
    },
    // OpenSSL: `openssl enc -sm4-ecb -nopad` of the zero block, with a key of bytes 0x90.
    Answer {
        name: "KCV with SM4",
        compute: Compute::Kcv { method: KcvMethod::Sm4, key: &[0x90; 16] },
        expected: b"\x1b\x46\x19",
    },
];

/// Computes every answer and compares it with the known one.
pub(super) fn check(answers: &[Answer]) -> Result<(), SelfTestError> {
    let one = |a: &Answer| {
        let given = compute(&a.compute).filter(|given| given == a.expected);
        given.map(drop).ok_or(SelfTestError::KnownAnswer(a.name))
    };
    answers.iter().try_for_each(one)
}

fn compute(compute: &Compute) -> Option<Vec<u8>> {
    Some(match compute {
        Compute::Encode(encode) => encode.message()?.expose().to_vec(),
        Compute::Wrap { encode, spki, rsaep } => {
            rsaep(&WrappingKey::from_der(spki).ok()?, &encode.message()?).ok()?.as_bytes().to_vec()
        }
        Compute::Sha1(data) => Sha1::digest(data).to_vec(),
        Compute::Sha256(data) => Sha256::digest(data).to_vec(),
        Compute::HmacSha256 { key, data } => {
            let mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
            mac.chain_update(data).finalize().into_bytes().to_vec()
        }
        Compute::Kcv { method, key } => {
            Kcv::of(&KeyMaterial::from_bytes(key).ok()?, *method).ok()?.value.bytes().to_vec()
        }
    })
}

impl Encode {
    fn message(&self) -> Option<EncodedMessage> {
        encode(self.algorithm, self.m, &mut Replay(self.random)).ok()
    }
}

/// A generator that returns the bytes of a vector, once.
struct Replay(&'static [u8]);

/// The vector has no more bytes.
#[derive(Debug)]
struct Exhausted;

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the vector has no more bytes")
    }
}

impl core::error::Error for Exhausted {}

impl TryRng for Replay {
    type Error = Exhausted;

    fn try_next_u32(&mut self) -> Result<u32, Exhausted> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets).map(|()| u32::from_le_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Exhausted> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets).map(|()| u64::from_le_bytes(octets))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Exhausted> {
        let (now, later) = self.0.split_at_checked(dst.len()).ok_or(Exhausted)?;
        dst.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Replay {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_given_and_a_wrong_one_is_named() {
        assert_eq!(check(&ANSWERS), Ok(()));
        for answer in &ANSWERS {
            let mut wrong = answer.expected.to_vec();
            wrong[0] ^= 1;
            let given = compute(&answer.compute).unwrap();
            assert_eq!(given, answer.expected);
            assert_ne!(given, wrong);
        }
        let broken = [Answer { name: "broken", compute: Compute::Sha1(b"abd"), expected: &[0; 20] }];
        assert_eq!(check(&broken), Err(SelfTestError::KnownAnswer("broken")));
    }

    #[test]
    fn the_encoded_messages_are_those_of_the_vectors() {
        let vectors: [(&[u8], &[u8; 256], &[u8]); 2] = [
            (include_bytes!("oaep_sha1.spki"), include_bytes!("oaep_sha1.em"), include_bytes!("oaep_sha1.c")),
            (include_bytes!("pkcs1.spki"), include_bytes!("pkcs1.em"), include_bytes!("pkcs1.c")),
        ];
        for (spki, em, c) in vectors {
            let (key, em) = (WrappingKey::from_der(spki).unwrap(), EncodedMessage::from_bytes(em));
            assert_eq!(rsaep(&key, &em).unwrap().as_bytes(), c);
            assert_eq!(second_rsaep(&key, &em).unwrap().as_bytes(), c);
        }
    }

    #[test]
    fn recorded_octets_are_given_once() {
        let mut rng = Replay(&[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 9]);
        assert_eq!(rng.try_next_u32().unwrap(), 1);
        assert_eq!(rng.try_next_u64().unwrap(), 3 << 32 | 2);
        let exhausted = rng.try_next_u32().unwrap_err();
        assert_eq!(exhausted.to_string(), "the vector has no more bytes");
        let mut last = [0];
        rng.try_fill_bytes(&mut last).unwrap();
        assert_eq!((last, rng.0), ([9], &[][..]));
    }

    #[test]
    fn an_unusable_vector_is_a_failure() {
        let nothing = Encode { algorithm: WrappingAlgorithm::RsaesOaepSha1, m: b"", random: b"" };
        let no_key = Compute::Wrap { encode: padding!(RsaesPkcs1V15, "pkcs1"), spki: b"", rsaep };
        for compute in [Compute::Encode(nothing), no_key] {
            let broken = [Answer { name: "broken", compute, expected: b"" }];
            assert_eq!(check(&broken), Err(SelfTestError::KnownAnswer("broken")));
        }
    }
}
