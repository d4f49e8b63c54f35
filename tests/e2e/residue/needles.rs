//! What must not be left of one wrapped key: the material and every intermediate value, recomputed from outside.
//!
//! The padded block is recovered with the private key, so nothing here depends on how the program draws its randomness.

use hmac::{Hmac, KeyInit, Mac};
use keyferry_core::{Escrow, EscrowEntry, WrappingAlgorithm};
use rsa::BoxedUint;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::Sha256;
use sha2::digest::Digest;

use crate::residue::scan::Needle;
use crate::support::PRIVATE_PEM;

/// The secrets of one key, the worst first.
pub(crate) struct Secrets {
    pub(crate) material: Vec<u8>,
    pub(crate) needles: Vec<Needle>,
}

impl Secrets {
    /// The needles of one wrapped block.
    pub(crate) fn of(algorithm: WrappingAlgorithm, wrapped: &[u8]) -> Self {
        let key = rsa::PrivateKey::from_pkcs8_pem(PRIVATE_PEM).unwrap();
        let c = BoxedUint::from_be_slice(wrapped, 2048).unwrap();
        let none = None::<&mut rand_chacha::ChaCha20Rng>;
        let m = rsa::hazmat::rsa_decrypt(none, &key, &c).unwrap();
        let em = m.to_be_bytes().to_vec();
        let (material, padding) = match algorithm {
            WrappingAlgorithm::RsaesOaepSha256 => oaep::<Sha256>(&em),
            WrappingAlgorithm::RsaesOaepSha1 => oaep::<Sha1>(&em),
            WrappingAlgorithm::RsaesPkcs1V15 => pkcs1(&em),
        };
        let mut needles = of_material(&material);
        needles.push(needle("the padded block", em));
        needles.extend(padding);
        needles.extend(arithmetic(&key, &m));
        Self { material, needles }
    }
}

fn needle(name: &str, bytes: Vec<u8>) -> Needle {
    Needle { name: name.into(), bytes }
}

fn xor(a: &[u8], b: impl IntoIterator<Item = u8>) -> Vec<u8> {
    a.iter().zip(b).map(|(a, b)| a ^ b).collect()
}

/// The material, plain and combined with the two pads of HMAC (RFC 2104).
pub(crate) fn of_material(material: &[u8]) -> Vec<Needle> {
    let pad = |byte| xor(material, std::iter::repeat(byte));
    vec![
        needle("the material", material.to_vec()),
        needle("HMAC's inner pad", pad(0x36)),
        needle("HMAC's outer pad", pad(0x5c)),
    ]
}

/// The key that one entry of an escrow is wrapped under, as ceremony/audit/formats.md derives it.
pub(crate) fn of_entry(escrow: &Escrow, entry: &EscrowEntry, escrow_key: &[u8]) -> Needle {
    let ceremony = escrow.ceremony.to_string();
    let fields = ["keyferry/escrow-kek/1", &ceremony, entry.region.as_str(), entry.key_id.as_str()];
    let mut mac = Hmac::<Sha256>::new_from_slice(escrow_key).unwrap();
    for field in fields {
        mac.update(&(field.len() as u64).to_be_bytes());
        mac.update(field.as_bytes());
    }
    needle(&format!("the wrapping key of {}", entry.alias), mac.finalize().into_bytes().to_vec())
}

/// RFC 8017 §7.1.2 step 3: the material, then seed, data block and both masks.
fn oaep<H: Digest>(em: &[u8]) -> (Vec<u8>, Vec<Needle>) {
    let h_len = <H as Digest>::output_size();
    let (masked_seed, masked_db) = em[1..].split_at(h_len);
    let seed_mask = mgf1::<H>(masked_db, h_len);
    let seed = xor(masked_seed, seed_mask.iter().copied());
    let db_mask = mgf1::<H>(&seed, masked_db.len());
    let db = xor(masked_db, db_mask.iter().copied());
    // The hash of the empty label that the data block begins with is public.
    let secret = db[h_len..].to_vec();
    let one = secret.iter().position(|b| *b == 1).unwrap();
    let needles = vec![
        needle("the OAEP seed", seed),
        needle("the OAEP data block", secret.clone()),
        needle("the OAEP data block's mask", db_mask),
        needle("the OAEP seed's mask", seed_mask),
    ];
    (secret[one + 1..].to_vec(), needles)
}

fn mgf1<H: Digest>(seed: &[u8], len: usize) -> Vec<u8> {
    (0u32..).flat_map(|n| H::digest([seed, &n.to_be_bytes()].concat()).to_vec()).take(len).collect()
}

/// §7.2.2 step 3: 00 02 PS 00 M.
fn pkcs1(em: &[u8]) -> (Vec<u8>, Vec<Needle>) {
    let zero = 2 + em[2..].iter().position(|b| *b == 0).unwrap();
    (em[zero + 1..].to_vec(), vec![needle("the PKCS#1 padding", em[2..zero].to_vec())])
}

/// Powers of m from which, with the public key and the result, m could be computed: those that square-and-multiply
/// computes for e, and those in the table of a four-bit window. Each is searched for as a number and in Montgomery
/// form, x·R mod n with R = 2^2048.
fn arithmetic(key: &rsa::PrivateKey, m: &BoxedUint) -> Vec<Needle> {
    let n = key.n();
    let two = BoxedUint::from_be_slice(&[&[0; 255][..], &[2]].concat(), 2048).unwrap();
    // 2^(2^11)
    let r = (0..11).fold(two, |x, _| x.square_mod(n));
    let mut needles = Vec::new();
    let mut add = |power: u32, x: &BoxedUint| {
        let montgomery = x.mul_mod(&r, n);
        needles.push(needle(&format!("m^{power}·R mod n"), montgomery.to_be_bytes().to_vec()));
        needles.push(needle(&format!("m^{power} mod n"), x.to_be_bytes().to_vec()));
    };
    let mut x = m.clone();
    for power in 1..16 {
        add(power, &x);
        x = x.mul_mod(m, n);
    }
    // m^65536 is the last; one more multiplication by m yields the result, which is public.
    let mut x = m.clone();
    for power in (1..=16).map(|n| 1 << n) {
        x = x.square_mod(n);
        add(power, &x);
    }
    needles
}
