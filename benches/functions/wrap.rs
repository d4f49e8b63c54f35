//! One wrap and its parts, as keyferry and its peers do them.

use std::hint::black_box;

use criterion::Criterion;
use keyferry_bench::fixture::SPKI;
use keyferry_core::rsaep::{rsaep, second_rsaep};
use keyferry_core::*;

use crate::fixture::rng;

pub(crate) fn wrapping(c: &mut Criterion) {
    let rng = &mut rng();
    let material = KeyMaterial::generate(MaterialLength::B256, rng).unwrap();
    let key = WrappingKey::from_der(SPKI).unwrap();
    for algorithm in WrappingAlgorithm::ALL {
        let mut group = c.benchmark_group(format!("wrap/{algorithm}"));
        group.bench_function("keyferry/fresh-key", |b| {
            b.iter(|| {
                let key = WrappingKey::from_der(black_box(SPKI)).unwrap();
                drop(black_box(wrap(&key, algorithm, &material, rng).unwrap()));
            });
        });
        group.bench_function("keyferry-confirmed/fresh-key", |b| {
            b.iter(|| {
                let key = WrappingKey::from_der(black_box(SPKI)).unwrap();
                wrap(&key, algorithm, &material, rng).unwrap().confirm().unwrap()
            });
        });
        group.bench_function("keyferry/same-key", |b| {
            b.iter(|| drop(black_box(wrap(&key, algorithm, &material, rng).unwrap())));
        });
        for peer in keyferry_peers::all() {
            let prepare = || peer.prepare(black_box(SPKI), algorithm).unwrap();
            group.bench_function(format!("{}/fresh-key", peer.name()), |b| {
                b.iter(|| prepare().wrap(material.expose()).unwrap());
            });
            let mut prepared = prepare();
            group.bench_function(format!("{}/same-key", peer.name()), |b| {
                b.iter(|| prepared.wrap(material.expose()).unwrap());
            });
        }
        group.finish();
    }
}

pub(crate) fn stages(c: &mut Criterion) {
    let rng = &mut rng();
    let key = WrappingKey::from_der(SPKI).unwrap();
    c.bench_function("wrapping-key/parse", |b| b.iter(|| WrappingKey::from_der(black_box(SPKI)).unwrap()));
    for algorithm in WrappingAlgorithm::ALL {
        c.bench_function(&format!("encode/{algorithm}"), |b| {
            b.iter(|| padding::encode(algorithm, black_box(&[7; 32]), rng).unwrap());
        });
    }
    let em = padding::encode(WrappingAlgorithm::default(), &[7; 32], rng).unwrap();
    c.bench_function("rsaep/first", |b| b.iter(|| rsaep(&key, black_box(&em)).unwrap()));
    c.bench_function("rsaep/second", |b| b.iter(|| second_rsaep(&key, black_box(&em)).unwrap()));
}
