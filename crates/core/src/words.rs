//! How things are written, read and explained: texts in two languages, controls, names, times, digests, encodings.

pub(crate) mod b64;
pub mod base64_text;
pub(crate) mod bip39;
pub mod control;
pub mod encoding;
pub mod explain;
pub mod fingerprint;
pub mod hex;
pub mod id;
pub(crate) mod serde_helpers;
pub mod text;
pub mod time;
pub(crate) mod toml;
