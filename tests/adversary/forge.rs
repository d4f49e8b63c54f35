//! Files that an attacker can make with the public files of a ceremony: its plan, parameters, ciphertext, escrow and record.
//!
//! The attacker knows only `ceremony/audit/formats.md`. This library uses none of keyferry's crates, which a test checks, and no secret of
//! the ceremony: the RSA keys, the material and the shares are the attacker's own.

pub(crate) mod ciphertext;
pub(crate) mod digest;
pub(crate) mod json;
pub(crate) mod key;
pub(crate) mod parameters;
pub(crate) mod plan;
pub(crate) mod record;
pub(crate) mod rewritten;
pub(crate) mod session;
pub(crate) mod time;
