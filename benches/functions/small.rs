//! The small functions: KCV, commitment, digests, record, self-test.

use std::hint::black_box;

use criterion::{BatchSize, Criterion};
use keyferry_bench::fixture::SPKI;
use keyferry_core::transcript::Act;
use keyferry_core::*;

use crate::fixture::{now, rng};

pub(crate) fn material(c: &mut Criterion) {
    let material = KeyMaterial::generate(MaterialLength::B128, &mut rng()).unwrap();
    c.bench_function("material/generate", |b| {
        let rng = &mut rng();
        b.iter(|| KeyMaterial::generate(MaterialLength::B256, rng).unwrap());
    });
    c.bench_function("kcv/aes", |b| b.iter(|| Kcv::of(&material, KcvMethod::Aes).unwrap()));
    c.bench_function("kcv/sm4", |b| b.iter(|| Kcv::of(&material, KcvMethod::Sm4).unwrap()));
    c.bench_function("commitment", |b| b.iter(|| Commitment::of(&material)));
}

pub(crate) fn digests(c: &mut Criterion) {
    let digest = Fingerprint::of(SPKI);
    c.bench_function("fingerprint/of-key", |b| b.iter(|| Fingerprint::of(black_box(SPKI))));
    c.bench_function("fingerprint/words-en", |b| b.iter(|| black_box(digest).words(Lang::En)));
    c.bench_function("fingerprint/words-zh", |b| b.iter(|| black_box(digest).words(Lang::Zh)));
}

pub(crate) fn transcript(c: &mut Criterion) {
    let new = || Transcript::new("bench-1".parse().unwrap());
    let event = || Event::Checked { file: "parameters.json".into(), sha256: Fingerprint::ZERO };
    c.bench_function("transcript/append", |b| {
        b.iter_batched(
            new,
            |mut t| t.append(Station::Offline, now(), Act::NOBODYS, event()).unwrap(),
            BatchSize::SmallInput,
        );
    });
    let mut chain = new();
    let text: String =
        (0..1000).map(|_| chain.append(Station::Offline, now(), Act::NOBODYS, event()).unwrap()).collect();
    c.bench_function("transcript/verify-1000-lines", |b| {
        b.iter(|| Transcript::verify(text.as_bytes()).unwrap())
    });
}

pub(crate) fn self_test(c: &mut Criterion) {
    c.bench_function("self-test", |b| {
        let rng = &mut rng();
        b.iter(|| self_test::run(rng).unwrap());
    });
}
