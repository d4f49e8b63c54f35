//! What the core costs, function by function: wrapping beside the other implementations, parsing, checks, artefacts, record.
//!
//! Criterion runs one after the other while the machine drifts: for a ratio ask `benches/ratio.rs`. Run with `cargo xtask bench core
//! [FILTER]`; without the feature `peers` only `rsa` stands beside ours.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{criterion_group, criterion_main};

mod artefacts;
mod fixture;
mod small;
mod wrap;

criterion_group!(
    benches,
    wrap::wrapping,
    wrap::stages,
    artefacts::plan,
    artefacts::parameters,
    artefacts::session,
    artefacts::ciphertext,
    small::material,
    small::digests,
    small::transcript,
    small::self_test,
);
criterion_main!(benches);
