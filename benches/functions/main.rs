//! The cost of the core, function by function: wrapping compared with other implementations, parsing, checks, artefacts, record, QR frames.
//!
//! Criterion runs one function after another while the machine drifts, so use `keyferry bench` for ratios. Run with `cargo xtask bench core
//! [FILTER]`; without the feature `peers`, `rsa` is the only peer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use criterion::{criterion_group, criterion_main};

mod artefacts;
mod fixture;
mod frames;
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
    frames::encode,
    frames::decode,
    frames::reassembly,
);
criterion_main!(benches);
