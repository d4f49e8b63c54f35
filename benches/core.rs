//! What the core costs: wrapping per padding, parsing, checks, KCV and transcript, beside the `rsa` crate's own encryption.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use rsa::pkcs8::DecodePublicKey;

const SPKI: &[u8] = include_bytes!("../tests/data/rsa2048.der");

fn wrapping(c: &mut Criterion) {
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    let material = KeyMaterial::generate(MaterialBits::B256, rng).unwrap();
    let key = WrappingKey::from_der(SPKI).unwrap();
    for algorithm in WrappingAlgorithm::ALL {
        let mut group = c.benchmark_group(format!("wrap/{algorithm}"));
        group.bench_function("keyferry/fresh-key", |b| {
            b.iter(|| {
                let key = WrappingKey::from_der(black_box(SPKI)).unwrap();
                drop(wrap(&key, algorithm, &material, rng).unwrap());
            });
        });
        group.bench_function("keyferry/same-key", |b| {
            b.iter(|| wrap(&key, algorithm, &material, rng).unwrap())
        });
        group.bench_function("rsa/fresh-key", |b| {
            b.iter(|| {
                peer(
                    &rsa::PublicKey::from_public_key_der(black_box(SPKI)).unwrap(),
                    algorithm,
                    &material,
                    rng,
                )
            });
        });
        let public = rsa::PublicKey::from_public_key_der(SPKI).unwrap();
        group.bench_function("rsa/same-key", |b| b.iter(|| peer(&public, algorithm, &material, rng)));
        group.finish();
    }
}

fn peer(
    key: &rsa::PublicKey,
    algorithm: WrappingAlgorithm,
    material: &KeyMaterial,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => {
            key.encrypt(rng, rsa::Oaep::<sha2::Sha256>::new(), material.expose())
        }
        WrappingAlgorithm::RsaesOaepSha1 => {
            key.encrypt(rng, rsa::Oaep::<sha1::Sha1>::new(), material.expose())
        }
        WrappingAlgorithm::RsaesPkcs1V15 => key.encrypt(rng, rsa::Pkcs1v15Encrypt, material.expose()),
    }
    .unwrap()
}

fn checks(c: &mut Criterion) {
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    let material = KeyMaterial::generate(MaterialBits::B128, rng).unwrap();
    c.bench_function("wrapping-key/parse", |b| b.iter(|| WrappingKey::from_der(black_box(SPKI)).unwrap()));
    c.bench_function("kcv/aes", |b| b.iter(|| Kcv::of(&material, KcvMethod::Aes).unwrap()));
    c.bench_function("kcv/sm4", |b| b.iter(|| Kcv::of(&material, KcvMethod::Sm4).unwrap()));
    c.bench_function("commitment", |b| b.iter(|| Commitment::of(&material)));
    let digest = Fingerprint::of(SPKI);
    c.bench_function("fingerprint/words", |b| b.iter(|| black_box(digest).words(Lang::En)));
}

fn transcript(c: &mut Criterion) {
    let time = Timestamp::from_unix(1_795_000_000).unwrap();
    let new = || Transcript::new("bench-1".parse().unwrap());
    let event = || Event::Checked { file: "parameters.json".into(), sha256: Fingerprint::ZERO };
    c.bench_function("transcript/append", |b| {
        b.iter_batched(
            new,
            |mut t| t.append(Station::Offline, time, event()).unwrap(),
            BatchSize::SmallInput,
        );
    });
    let mut chain = new();
    let text: String = (0..1000).map(|_| chain.append(Station::Offline, time, event()).unwrap()).collect();
    c.bench_function("transcript/verify-1000-lines", |b| {
        b.iter(|| Transcript::verify(text.as_bytes()).unwrap())
    });
}

criterion_group!(benches, wrapping, checks, transcript);
criterion_main!(benches);
