//! The emulator over real HTTP: the whole flow, every rule's refusal, and requests from hostile clients.
//!
//! One binary with shared servers, because making RSA key pairs is slow.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers are test code, though not test functions"
)]

mod admin;
mod client;
mod flow;
mod hostile;
mod import_rules;
mod key_rules;
mod protocol;
mod refused_imports;
mod rights;
mod state;
mod table;
mod usage_rules;
