//! The text files: parsing (which rebuilds the canonical form), writing, and checking.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use keyferry_core::artefact::{Artefact, parse, to_bytes};
use keyferry_core::*;

use crate::fixture::{self, SIZES};

pub(crate) fn plan(c: &mut Criterion) {
    for keys in SIZES {
        let text = fixture::given(keys).plan;
        c.bench_with_input(BenchmarkId::new("plan/parse", keys), &text, |b, text| {
            b.iter(|| CeremonyPlan::parse(black_box(text)).unwrap());
        });
    }
}

fn both_ways<T: Artefact>(c: &mut Criterion, name: &str, make: impl Fn(&CeremonyPlan) -> T) {
    for keys in SIZES {
        let artefact = make(&fixture::plan(keys));
        let bytes = to_bytes(&artefact).unwrap();
        c.bench_function(&format!("{name}/serialize/{keys}"), |b| {
            b.iter(|| to_bytes(black_box(&artefact)).unwrap())
        });
        c.bench_function(&format!("{name}/parse/{keys}"), |b| {
            b.iter(|| parse::<T>(black_box(&bytes)).unwrap())
        });
    }
}

pub(crate) fn parameters(c: &mut Criterion) {
    both_ways(c, "parameters", fixture::parameters);
    for keys in SIZES {
        let plan = fixture::plan(keys);
        let parameters = fixture::parameters(&plan);
        let digest = Fingerprint::of(&to_bytes(&parameters).unwrap());
        c.bench_function(&format!("parameters/check/{keys}"), |b| {
            b.iter_batched(
                || parameters.clone(),
                |parameters| parameters.check(digest, &plan, fixture::now()).unwrap(),
                criterion::BatchSize::LargeInput,
            );
        });
    }
}

pub(crate) fn session(c: &mut Criterion) {
    both_ways(c, "session", fixture::session);
}

pub(crate) fn ciphertext(c: &mut Criterion) {
    both_ways(c, "ciphertext", fixture::ciphertext);
    for keys in SIZES {
        let plan = fixture::plan(keys);
        let (ciphertext, session) = (fixture::ciphertext(&plan), fixture::session(&plan));
        c.bench_function(&format!("ciphertext/check/{keys}"), |b| {
            b.iter(|| drop(black_box(ciphertext.check(&session).unwrap())))
        });
    }
}
