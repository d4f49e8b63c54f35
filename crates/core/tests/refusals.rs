//! Every message length and every refusal for each padding; the arithmetic at its bounds; and wrapping keys built byte by byte,
//! each wrong in one way.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

#[path = "support/replay.rs"]
mod replay;
#[path = "support/rfc8017.rs"]
mod rfc8017;

use keyferry_core::padding::{self, EncodedMessage, K, PaddingError};
use keyferry_core::{
    Control, Explain, KeyMaterial, MaterialError, MaterialLength, RsaBits, WrapError, WrappingAlgorithm,
    WrappingKey, WrappingKeyError, rsaep,
};
use replay::Replay;
use rfc8017::Opened;
use sha1::Sha1;
use sha2::Sha256;

const DER: &[u8] = include_bytes!("data/rsa2048.der");

type Drawn = fn(usize) -> usize;

/// Each padding, its longest message, and how much randomness a message of a given length draws.
const PADDINGS: [(WrappingAlgorithm, usize, Drawn); 3] = [
    (WrappingAlgorithm::RsaesOaepSha256, K - 2 * 32 - 2, |_| 32),
    (WrappingAlgorithm::RsaesOaepSha1, K - 2 * 20 - 2, |_| 20),
    (WrappingAlgorithm::RsaesPkcs1V15, K - 11, |length| K - 3 - length),
];

fn open(algorithm: WrappingAlgorithm, em: &[u8]) -> Opened {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => rfc8017::oaep::<Sha256>(em, b""),
        WrappingAlgorithm::RsaesOaepSha1 => rfc8017::oaep::<Sha1>(em, b""),
        WrappingAlgorithm::RsaesPkcs1V15 => rfc8017::pkcs1_v1_5(em),
    }
    .unwrap()
}

#[test]
fn every_length_is_encoded_and_every_longer_one_refused() {
    let message: Vec<u8> = (0..=u8::MAX).rev().cycle().take(1000).collect();
    let random: Vec<u8> = (1..=u8::MAX).collect();
    for (algorithm, longest, drawn) in PADDINGS {
        for length in 0..=longest {
            let randomness = &random[..drawn(length)];
            let mut rng = Replay::new(randomness);
            let em = padding::encode(algorithm, &message[..length], &mut rng).unwrap();
            assert!(rng.is_spent(), "{algorithm}, {length} bytes");
            let opened = Opened { randomness: randomness.to_vec(), message: message[..length].to_vec() };
            assert_eq!(open(algorithm, em.expose()), opened, "{algorithm}, {length} bytes");
            // With one byte of randomness less, the encoding fails.
            let mut short = Replay::new(&randomness[1..]);
            let refused = padding::encode(algorithm, &message[..length], &mut short).map(|_| ());
            assert_eq!(refused, Err(PaddingError::Entropy), "{algorithm}, {length} bytes");
        }
        for length in (longest + 1..=K + 1).chain([1000]) {
            let mut rng = Replay::new(&random);
            let refused = padding::encode(algorithm, &message[..length], &mut rng).map(|_| ());
            assert_eq!(refused, Err(PaddingError::MessageTooLong), "{algorithm}, {length} bytes");
        }
    }
}

#[test]
fn zero_octets_of_pkcs1_padding_are_drawn_again() {
    // PS of eight bytes: three are zero, and one of their redraws is zero again.
    let recorded = [&[1, 0, 3, 0, 5, 6, 7, 0][..], &[0x20], &[0, 0x40], &[0x80]].concat();
    let mut rng = Replay::new(&recorded);
    let em = padding::encode(WrappingAlgorithm::RsaesPkcs1V15, &[9; K - 11], &mut rng).unwrap();
    assert!(rng.is_spent());
    assert_eq!(em.expose()[..11], [0, 2, 1, 0x20, 3, 0x40, 5, 6, 7, 0x80, 0]);
    // A generator that returns only zeros is broken, so it is not asked again and again.
    let zeros = vec![0; 10_000];
    let mut rng = Replay::new(&zeros);
    let refused = padding::encode(WrappingAlgorithm::RsaesPkcs1V15, &[9; 16], &mut rng).map(|_| ());
    assert_eq!(refused, Err(PaddingError::Entropy));
    assert!(!rng.is_spent());
}

#[test]
fn drawn_material_is_refused_for_one_repeated_octet_alone() {
    // Differences that cancel each other out still count as differences.
    for octets in [[0x80, 0x81, 0x81, 0x80], [0x80, 0x80, 0x80, 0x81], [0, 0, 0, 0xff]] {
        let drawn = octets.repeat(4);
        let material = KeyMaterial::generate(MaterialLength::B128, &mut Replay::new(&drawn)).unwrap();
        assert_eq!(material.expose(), drawn);
    }
    for constant in [0, 0x80, 0xff] {
        let refused =
            KeyMaterial::generate(MaterialLength::B128, &mut Replay::new(&[constant; 64])).unwrap_err();
        assert_eq!(refused, MaterialError::Entropy);
    }
    // Material that looks like text is redrawn three times; after that, the generator is considered faulty.
    let (text, good) = (&b"sixteen letters."[..], &[0x9a, 0x7f].repeat(8)[..]);
    let drawn = [text, text, text, good].concat();
    let material = KeyMaterial::generate(MaterialLength::B128, &mut Replay::new(&drawn)).unwrap();
    assert_eq!(material.expose(), good);
    let refused = KeyMaterial::generate(MaterialLength::B128, &mut Replay::new(&text.repeat(5))).unwrap_err();
    assert_eq!(refused, MaterialError::Entropy);
}

/// The modulus of the test key: 257 bytes from offset 33, the first of which is zero.
fn modulus() -> [u8; K] {
    DER[33..33 + K].try_into().unwrap()
}

fn both(em: &[u8; K]) -> [Result<Vec<u8>, WrapError>; 2] {
    let (key, em) = (WrappingKey::from_der(DER).unwrap(), EncodedMessage::from_bytes(em));
    [rsaep::rsaep(&key, &em), rsaep::second_rsaep(&key, &em)].map(|c| c.map(|c| c.as_bytes().to_vec()))
}

/// `n` plus a small difference.
fn near(n: [u8; K], difference: i16) -> [u8; K] {
    let mut out = n;
    let mut carry = difference;
    for octet in out.iter_mut().rev() {
        let sum = i16::from(*octet) + carry;
        *octet = sum.rem_euclid(256).try_into().unwrap();
        carry = sum.div_euclid(256);
    }
    out
}

#[test]
fn rsaep_at_its_bounds() {
    let (zero, n) = ([0; K], modulus());
    // 0 and 1 map to themselves, and so does n − 1, because it is −1 and e is odd; 2^65537 is something else.
    for same in [zero, near(zero, 1), near(n, -1)] {
        assert_eq!(both(&same), [Ok(same.to_vec()), Ok(same.to_vec())]);
    }
    let [ours, theirs] = both(&near(zero, 2));
    assert!(ours.is_ok() && ours == theirs);
    for beyond in [n, near(n, 1), near(n, 2), [0xff; K]] {
        assert_eq!(both(&beyond), [Err(WrapError::Arithmetic), Err(WrapError::Arithmetic)]);
    }
}

/// One DER element, with its length in the shortest form.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let header = match length {
        0..=0x7f => vec![tag, length.try_into().unwrap()],
        0x80..=0xff => vec![tag, 0x81, length.try_into().unwrap()],
        _ => [&[tag, 0x82][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
    };
    [header, content.to_vec()].concat()
}

const RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const NULL: &[u8] = &[5, 0];

fn spki(algorithm: &[u8], n: &[u8], e: &[u8]) -> Vec<u8> {
    let key = element(0x30, &[element(2, n), element(2, e)].concat());
    let bits = element(3, &[&[0], &key[..]].concat());
    element(0x30, &[element(0x30, algorithm), bits].concat())
}

/// A positive integer with this many bits: the highest bit set, and below it the bytes of a real modulus.
fn of_bits(bits: usize) -> Vec<u8> {
    let octets = bits.div_ceil(8);
    let mut n: Vec<u8> = modulus().iter().copied().cycle().skip(K - octets % K).take(octets).collect();
    n[0] = 1 << ((bits - 1) % 8);
    [if n[0] == 0x80 { vec![0] } else { vec![] }, n].concat()
}

fn refused(der: &[u8]) -> Control {
    let refusal = WrappingKey::from_der(der).unwrap_err();
    assert!(!refusal.what().en.is_empty());
    refusal.control()
}

#[test]
fn a_key_that_is_wrong_in_one_way_is_refused_for_it() {
    let (good, rsa) = ([&[0], &modulus()[..]].concat(), [RSA, NULL].concat());
    let e = &[1, 0, 1][..];
    assert_eq!(spki(&rsa, &good, e), DER, "the builder produces what OpenSSL wrote");

    for bits in [512, 1024, 1536, 2040, 2047, 2049, 2056, 3072, 4096, 8192, 16_384] {
        let refusal = WrappingKey::from_der(&spki(&rsa, &of_bits(bits), e)).unwrap_err();
        let size = WrappingKeyError::Size { found: bits, takes: &[RsaBits::R2048] };
        assert_eq!((refusal.control(), refusal), (Control::KEY_SIZE, size));
    }
    let exponents: [&[u8]; 9] =
        [&[0], &[1], &[2], &[3], &[17], &[1, 0, 0], &[1, 0, 3], &[1, 0, 0, 0, 1], &[0x7f; 256]];
    for other in exponents {
        assert_eq!(refused(&spki(&rsa, &good, other)), Control::KEY_EXPONENT, "{other:02x?}");
    }
    // An integer with a superfluous zero, a negative one, an empty one.
    for n in [&[&[0, 0], &good[1..]].concat()[..], &good[1..], &[]] {
        assert_eq!(refused(&spki(&rsa, n, e)), Control::KEY_TRAILING, "{} bytes", n.len());
    }
    assert_eq!(refused(&spki(&rsa, &good, &[0, 1, 0, 1])), Control::KEY_TRAILING);
    assert_eq!(refused(&spki(&rsa, &good, &[0xff])), Control::KEY_TRAILING);
    // Parameters that are not NULL, no parameters, and two of them.
    for parameters in [&[][..], &[5, 1, 0], &[6, 1, 0x2a], &[0x30, 0]] {
        assert_eq!(refused(&spki(&[RSA, parameters].concat(), &good, e)), Control::KEY_TRAILING);
    }
    assert_eq!(refused(&spki(&[RSA, NULL, NULL].concat(), &good, e)), Control::KEY_ENCODING);
}

#[test]
fn another_algorithm_is_named() {
    let kinds: [(&[u8], &str); 7] = [
        (&[6, 3, 0x2b, 0x65, 0x6e], "X25519"),
        (&[6, 3, 0x2b, 0x65, 0x70], "Ed25519"),
        (&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 7], "RSAES-OAEP (restricted)"),
        (&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], "RSASSA-PSS"),
        (&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], "DSA"),
        (&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], "EC"),
        (&[6, 3, 0x2b, 0x65, 0x71], "other"),
    ];
    for (oid, name) in kinds {
        let refusal = WrappingKey::from_der(&spki(oid, &modulus(), &[1, 0, 1])).unwrap_err();
        assert_eq!((refusal.control(), refusal), (Control::KEY_KIND, WrappingKeyError::Kind(name)));
    }
}

#[test]
fn other_forms_of_der_are_refused() {
    assert_eq!(DER[..4], [0x30, 0x82, 1, 0x22]);
    // Lengths with a superfluous byte, with a missing byte, and in indefinite form; another tag; unused bits.
    let heads: [(&[u8], usize); 4] = [
        (&[0x30, 0x83, 0, 1, 0x22], 4),
        (&[0x30, 0x80], 4),
        (&[0x31, 0x82, 1, 0x22], 4),
        (&[0x30, 0x84, 0, 0, 1, 0x22], 4),
    ];
    for (head, replaced) in heads {
        assert_eq!(refused(&[head, &DER[replaced..]].concat()), Control::KEY_ENCODING, "{head:02x?}");
    }
    let mut unused_bits = DER.to_vec();
    assert_eq!(unused_bits[19..24], [3, 0x82, 1, 0x0f, 0]);
    unused_bits[23] = 1;
    assert_eq!(refused(&unused_bits), Control::KEY_TRAILING);
    for length in 0..DER.len() {
        assert_eq!(refused(&DER[..length]), Control::KEY_ENCODING, "{length} bytes");
    }
}
