//! Known answers from NIST, the RFCs, RSA Laboratories and GB/T 32907; `data/known/README.md` says where each file comes
//! from.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

#[path = "support/replay.rs"]
mod replay;

use hmac::{Hmac, KeyInit, Mac};
use keyferry_core::{
    Control, Explain, Fingerprint, Kcv, KcvMethod, KeyMaterial, WrappingAlgorithm, WrappingKey,
};
use keyferry_core::{hex, padding, rsaep, self_test};
use replay::Replay;
use rsa::pkcs8::EncodePublicKey;
use rsa::{BoxedUint, PublicKey};
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// Every `Name = hex` line of a file, in order.
fn fields(text: &'static str) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let pairs = text.lines().filter(|l| !l.starts_with(['#', '['])).filter_map(|l| l.split_once(" = "));
    pairs.map(|(name, value)| {
        let nibble = |n| value.get(n..n + 2).and_then(|d| u8::from_str_radix(d, 16).ok());
        (name, (0..value.len()).step_by(2).map_while(nibble).collect())
    })
}

/// The named fields of a file, record by record; each record begins with the first of the names.
fn records<const N: usize>(text: &'static str, names: [&str; N]) -> Vec<[Vec<u8>; N]> {
    let mut wanted = fields(text).filter(|(name, _)| names.contains(name)).peekable();
    let mut out = Vec::new();
    while wanted.peek().is_some() {
        out.push(names.map(|name| {
            let (found, value) = wanted.next().unwrap();
            assert_eq!(found, name);
            value
        }));
    }
    out
}

fn encryptions(text: &'static str, algorithm: WrappingAlgorithm) -> usize {
    let [modulus, exponent] = records(text, ["Modulus", "Exponent"]).remove(0);
    let (n, e) = (BoxedUint::from_be_slice(&modulus, 2048), BoxedUint::from_be_slice(&exponent, 24));
    let spki = PublicKey::new(n.unwrap(), e.unwrap()).unwrap().to_public_key_der().unwrap();
    let key = WrappingKey::from_der(spki.as_bytes()).unwrap();
    let vectors = records(text, ["Message", "Seed", "Encryption"]);
    for [message, seed, encryption] in &vectors {
        let mut rng = Replay::new(seed);
        let em = padding::encode(algorithm, message, &mut rng).unwrap();
        assert!(rng.is_spent());
        assert_eq!(rsaep::rsaep(&key, &em).unwrap().as_bytes(), encryption);
        assert_eq!(rsaep::second_rsaep(&key, &em).unwrap().as_bytes(), encryption);
    }
    vectors.len()
}

#[test]
fn rsa_laboratories() {
    let oaep = include_str!("data/known/oaep-sha1.txt");
    assert_eq!(encryptions(oaep, WrappingAlgorithm::RsaesOaepSha1), 6);
    let pkcs1 = include_str!("data/known/pkcs1-v1_5.txt");
    assert_eq!(encryptions(pkcs1, WrappingAlgorithm::RsaesPkcs1V15), 20);
}

#[test]
fn nist_sha() {
    let digests = |text| {
        let lengths = text_lengths(text).into_iter();
        let messages = records(text, ["Msg", "MD"]).into_iter().zip(lengths);
        // The empty message is written as one zero byte.
        messages.map(|([message, digest], len)| (message[..len / 8].to_vec(), digest)).collect::<Vec<_>>()
    };
    let sha256 = digests(include_str!("data/known/SHA256ShortMsg.rsp"));
    assert!(sha256.iter().all(|(m, d)| Fingerprint::of(m).as_bytes().as_slice() == d));
    let sha1 = digests(include_str!("data/known/SHA1ShortMsg.rsp"));
    assert!(sha1.iter().all(|(m, d)| Sha1::digest(m).as_slice() == d));
    assert_eq!((sha256.len(), sha1.len()), (65, 65));
}

fn text_lengths(text: &str) -> Vec<usize> {
    text.lines().filter_map(|l| l.strip_prefix("Len = ")).map(|n| n.parse().unwrap()).collect()
}

#[test]
fn rfc_4231() {
    let cases = records(include_str!("data/known/rfc-4231-sha256.txt"), ["Key", "Msg", "MD"]);
    for [key, message, tag] in &cases {
        let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message);
        assert_eq!(mac.finalize().into_bytes().as_slice(), tag);
    }
    assert_eq!(cases.len(), 6);
}

#[test]
fn nist_aes_as_check_values() {
    let cases = records(include_str!("data/known/aes-zero-block.txt"), ["KEY", "CIPHERTEXT"]);
    for [key, block] in &cases {
        let kcv = Kcv::of(&KeyMaterial::from_bytes(key).unwrap(), KcvMethod::Aes).unwrap();
        assert_eq!(kcv.value.to_string(), hex::encode(&block[..3]));
    }
    assert_eq!(cases.len(), 128 + 256 + 21 + 16);
}

#[test]
fn gb_t_32907() {
    use sm4::cipher::{Block, BlockCipherEncrypt};
    let cases = records(include_str!("data/known/sm4-ecb.txt"), ["KEY", "PLAINTEXT", "CIPHERTEXT"]);
    for [key, plain, cipher] in &cases {
        let sm4 = sm4::Sm4::new_from_slice(key).unwrap();
        for (from, to) in plain.chunks(16).zip(cipher.chunks(16)) {
            let mut block = Block::<sm4::Sm4>::try_from(from).unwrap();
            sm4.encrypt_block(&mut block);
            assert_eq!(block.as_slice(), to);
        }
    }
    assert_eq!(cases.len(), 4);
}

/// The self-test with a generator that is stuck, one that is in a loop, and one that returns nothing.
#[test]
fn a_sick_generator_stops_the_program() {
    let stuck = [7; 1024];
    let looping: Vec<u8> = (0..=255).collect::<Vec<u8>>().repeat(4);
    for drawn in [&stuck[..], &looping, &[]] {
        let refused = self_test::run(&mut Replay::new(drawn)).unwrap_err();
        assert_eq!(refused.control(), Control::SELF_RNG, "{refused}");
    }
}
