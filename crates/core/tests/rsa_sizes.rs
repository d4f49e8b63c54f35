//! Blocks of 384 and 512 bytes: everything that `refusals.rs`, `known_answers.rs` and `wrap.rs` show for RSA-2048, for the longer moduli.
//!
//! The keys were made by OpenSSL: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`, and 4096.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

#[path = "support/replay.rs"]
mod replay;
#[path = "support/rfc8017.rs"]
mod rfc8017;

use keyferry_core::padding::{self, EncodedMessage, PaddingError};
use keyferry_core::{
    Control, Explain, Fingerprint, KeyMaterial, RsaBits, WrapError, WrappedKeyMaterial, WrappingAlgorithm,
    WrappingKey, WrappingKeyError, rsaep, wrap,
};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use replay::Replay;
use rfc8017::{Opened, Refusal};
use rsa::PrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use sha1::Sha1;
use sha2::Sha256;

/// A modulus length, a key of that length, and OpenSSL's result for a fixed block.
struct Size {
    size: RsaBits,
    spki: &'static [u8],
    pkcs8: &'static [u8],
    /// SHA-256 of the ciphertext: see [`ours_and_rsa_answer_as_openssl_does`].
    openssl: &'static str,
}

const SIZES: [Size; 3] = [
    Size {
        size: RsaBits::R2048,
        spki: include_bytes!("data/rsa2048.der"),
        pkcs8: include_bytes!("data/rsa2048.private.der"),
        openssl: "baa5961f2f30c85d5a97258fcd1b6da576d68281bff9b88b6983ff0b613af9e1",
    },
    Size {
        size: RsaBits::R3072,
        spki: include_bytes!("data/rsa3072.der"),
        pkcs8: include_bytes!("data/rsa3072.private.der"),
        openssl: "52755cb6413df7bc42fdaf550efc76e13ad9cdf3b5ddceca3646d989199fe926",
    },
    Size {
        size: RsaBits::R4096,
        spki: include_bytes!("data/rsa4096.der"),
        pkcs8: include_bytes!("data/rsa4096.private.der"),
        openssl: "d2143e2ca18a476a67d6944ab2d54df97154f1fed33300e736c1f315d9dbdf9a",
    },
];

impl Size {
    fn public(&self) -> WrappingKey {
        WrappingKey::from_der_of(&RsaBits::ALL, self.spki).unwrap()
    }

    fn private(&self) -> PrivateKey {
        PrivateKey::from_pkcs8_der(self.pkcs8).unwrap()
    }

    /// The modulus comes before the exponent: 02 03 01 00 01.
    fn modulus(&self) -> Vec<u8> {
        let end = self.spki.len() - 5;
        self.spki[end - self.size.bytes()..end].to_vec()
    }
}

/// The block as both implementations make it.
fn both(key: &WrappingKey, em: &[u8]) -> [Result<Vec<u8>, WrapError>; 2] {
    let em = EncodedMessage::from_bytes(em);
    [rsaep::rsaep(key, &em), rsaep::second_rsaep(key, &em)].map(|c| c.map(|c| c.as_bytes().to_vec()))
}

/// `n` plus a small difference.
fn near(n: &[u8], difference: i16) -> Vec<u8> {
    let (mut out, mut carry) = (n.to_vec(), difference);
    for octet in out.iter_mut().rev() {
        let sum = i16::from(*octet) + carry;
        *octet = sum.rem_euclid(256).try_into().unwrap();
        carry = sum.div_euclid(256);
    }
    out
}

fn open(algorithm: WrappingAlgorithm, em: &[u8]) -> Result<Opened, Refusal> {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => rfc8017::oaep::<Sha256>(em, b""),
        WrappingAlgorithm::RsaesOaepSha1 => rfc8017::oaep::<Sha1>(em, b""),
        WrappingAlgorithm::RsaesPkcs1V15 => rfc8017::pkcs1_v1_5(em),
    }
}

#[test]
fn sizes_are_what_they_say() {
    for size in RsaBits::ALL {
        assert_eq!(usize::try_from(size.bits()).unwrap(), 8 * size.bytes());
        assert_eq!(size.to_string(), format!("RSA-{}", size.bits()));
    }
    let found: Vec<_> = (0..10_000).filter_map(RsaBits::from_bits).collect();
    assert_eq!(found, RsaBits::ALL);
}

#[test]
fn a_key_is_taken_where_its_size_is_named() {
    for Size { size, spki, .. } in &SIZES {
        assert_eq!(WrappingKey::from_der_of(&RsaBits::ALL, spki).unwrap().size(), *size);
        let named: [&'static [RsaBits]; 4] =
            [&[], &[RsaBits::R2048], &[RsaBits::R3072], &[RsaBits::R3072, RsaBits::R4096]];
        for takes in named {
            let found = WrappingKey::from_der_of(takes, spki).map(|key| key.size());
            let refused = WrappingKeyError::Size { found: size.bytes() * 8, takes };
            assert_eq!(found, if takes.contains(size) { Ok(*size) } else { Err(refused) });
        }
        assert_eq!(WrappingKey::from_der(spki).is_ok(), *size == RsaBits::R2048);
    }
    let takes = &[RsaBits::R3072, RsaBits::R4096];
    let refusal = WrappingKey::from_der_of(takes, SIZES[0].spki).unwrap_err();
    assert_eq!(refusal.control(), Control::KEY_SIZE);
    assert_eq!(refusal.what().en, "the wrapping key is RSA-2048; it must be RSA-3072 or RSA-4096");
}

/// The block consists of the k bytes 0, 1, 8, 15, … from `python3 -c 'import sys; sys.stdout.buffer.write(bytes([0, *(b % 256 for
/// b in range(1, 7 * k, 7))][:k]))'`, and the digest comes from `openssl pkeyutl -encrypt -pubin -keyform DER -inkey rsaN.der
/// -pkeyopt rsa_padding_mode:none | sha256sum`.
#[test]
fn ours_and_rsa_answer_as_openssl_does() {
    for of in &SIZES {
        let octets = (1_usize..).step_by(7).map(|n| n.to_le_bytes()[0]);
        let em: Vec<u8> = [0].into_iter().chain(octets).take(of.size.bytes()).collect();
        for c in both(&of.public(), &em) {
            assert_eq!(Fingerprint::of(&c.unwrap()).to_string(), of.openssl, "{}", of.size);
        }
    }
}

#[test]
fn rsaep_at_its_bounds() {
    for of in &SIZES {
        let (key, n, zero) = (of.public(), of.modulus(), vec![0; of.size.bytes()]);
        // 0 and 1 map to themselves, and so does n − 1, because it is −1 and e is odd; 2^65537 is something
        // else.
        for same in [zero.clone(), near(&zero, 1), near(&n, -1)] {
            assert_eq!(both(&key, &same), [Ok(same.clone()), Ok(same.clone())], "{}", of.size);
        }
        let [ours, theirs] = both(&key, &near(&zero, 2));
        assert!(ours.is_ok() && ours == theirs);
        for beyond in [n.clone(), near(&n, 1), near(&n, 2), vec![0xff; of.size.bytes()]] {
            assert_eq!(both(&key, &beyond), [Err(WrapError::Arithmetic), Err(WrapError::Arithmetic)]);
        }
    }
}

#[test]
fn a_message_of_another_length_is_refused() {
    for of in &SIZES {
        let key = of.public();
        for length in [0, 1, 255, 256, 257, 383, 384, 385, 511, 512, 513] {
            let refused = [Err(WrapError::Arithmetic), Err(WrapError::Arithmetic)];
            let made = both(&key, &vec![0; length]);
            assert_eq!(made == refused, length != of.size.bytes(), "{}, {length} bytes", of.size);
        }
    }
}

#[test]
fn a_block_is_as_long_as_the_modulus() {
    for size in RsaBits::ALL {
        for length in [0, 255, 256, 257, 383, 384, 385, 511, 512, 513] {
            let block = WrappedKeyMaterial::from_bytes_of(size, &vec![7; length]);
            let refused = WrapError::Length { found: length, size };
            let expected = if length == size.bytes() { Ok(length) } else { Err(refused) };
            assert_eq!(block.map(|b| b.as_bytes().len()), expected);
            assert_eq!(refused.control(), Control::WRAP_FAILED);
        }
    }
    assert_eq!(WrappedKeyMaterial::from_bytes(&[7; 256]).unwrap().as_bytes(), [7; 256]);
    assert!(WrappedKeyMaterial::from_bytes(&[7; 384]).is_err());
}

#[test]
fn every_length_is_encoded_and_every_longer_one_refused() {
    let random: Vec<u8> = (1..=u8::MAX).cycle().take(600).collect();
    let message: Vec<u8> = (0..=u8::MAX).rev().cycle().take(600).collect();
    for size in RsaBits::ALL {
        let k = size.bytes();
        let paddings = [
            (WrappingAlgorithm::RsaesOaepSha256, k - 66, Some(32)),
            (WrappingAlgorithm::RsaesOaepSha1, k - 42, Some(20)),
            (WrappingAlgorithm::RsaesPkcs1V15, k - 11, None),
        ];
        for (algorithm, longest, seed) in paddings {
            for length in 0..=longest {
                let randomness = random[..seed.unwrap_or(k - 3 - length)].to_vec();
                let mut rng = Replay::new(&randomness);
                let em = padding::encode_for(size, algorithm, &message[..length], &mut rng).unwrap();
                assert!(rng.is_spent() && em.expose().len() == k, "{size}, {algorithm}, {length} bytes");
                let message = message[..length].to_vec();
                assert_eq!(open(algorithm, em.expose()), Ok(Opened { randomness, message }));
            }
            for length in longest + 1..=k + 1 {
                let rng = &mut Replay::new(&random);
                let refused = padding::encode_for(size, algorithm, &message[..length], rng).map(|_| ());
                assert_eq!(refused, Err(PaddingError::MessageTooLong), "{size}, {algorithm}, {length} bytes");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Opens the block: `rsa` decrypts it, and a second implementation of RFC 8017's decoding unpads it.
    #[test]
    fn round_trip_and_every_flip_refused(
        bytes in proptest::collection::vec(0x80u8.., 16..=128), seed in any::<[u8; 32]>(), at in any::<usize>(),
    ) {
        let (material, rng) = (KeyMaterial::from_bytes(&bytes).unwrap(), &mut ChaCha20Rng::from_seed(seed));
        for of in &SIZES[1..] {
            let (public, private) = (of.public(), of.private());
            for algorithm in WrappingAlgorithm::ALL {
                let opened = |block: &[u8]| {
                    rfc8017::rsadp(&private, block).and_then(|em| open(algorithm, &em)).map(|o| o.message)
                };
                let wrapped = wrap(&public, algorithm, &material, rng).unwrap().confirm().unwrap();
                prop_assert_eq!(wrapped.as_bytes().len(), of.size.bytes());
                prop_assert_eq!(opened(wrapped.as_bytes()), Ok(bytes.clone()));
                let mut flipped = wrapped.as_bytes().to_vec();
                flipped[at / 8 % of.size.bytes()] ^= 1 << (at % 8);
                prop_assert_ne!(opened(&flipped), Ok(bytes.clone()));
            }
        }
    }

    #[test]
    fn the_two_implementations_agree(octets in proptest::collection::vec(any::<u8>(), 512)) {
        for of in &SIZES {
            let key = of.public();
            let em = &octets[..of.size.bytes()];
            let [ours, theirs] = both(&key, em);
            prop_assert_eq!(&ours, &theirs);
            prop_assert_eq!(ours.is_ok(), em < &of.modulus()[..]);
            // A block of the right length and below the modulus.
            let below: Vec<u8> = [0].into_iter().chain(em[1..].iter().copied()).collect();
            let [ours, theirs] = both(&key, &below);
            prop_assert!(ours.is_ok() && ours == theirs);
            prop_assert_eq!(rfc8017::rsadp(&of.private(), &ours.unwrap()), Ok(below));
        }
    }
}
