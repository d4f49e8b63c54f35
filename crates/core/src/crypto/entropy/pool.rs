//! All contributions in one block.

use core::fmt;

use super::contribution::Contribution;
use super::hkdf;
use crate::scrub::scrub_stack;

/// The HMAC key of the pool.
const POOL: &[u8] = b"keyferry/entropy-pool/1";

/// All contributions in 32 bytes. Redacted `Debug`, wiped on drop.
pub struct Pool(hkdf::Block);

impl Pool {
    /// HMAC-SHA-256 (RFC 2104), keyed with `keyferry/entropy-pool/1`, over the kind and the bytes of each contribution, in the order
    /// given. Each field is preceded by its length (8 bytes, big-endian).
    #[must_use]
    pub fn of(contributions: &[Contribution]) -> Self {
        let pool = gather(contributions);
        scrub_stack();
        Self(pool)
    }

    pub(super) fn expose(&self) -> &[u8] {
        &*self.0
    }
}

/// Runs in its own stack frame, so that [`scrub_stack`] overwrites what HMAC left.
#[inline(never)]
fn gather(contributions: &[Contribution]) -> hkdf::Block {
    let length = |bytes: &[u8]| (bytes.len() as u64).to_be_bytes();
    let lengths: Vec<_> =
        contributions.iter().map(|c| (length(c.kind.as_str().as_bytes()), length(&c.bytes))).collect();
    let fields = contributions.iter().zip(&lengths);
    let fields =
        fields.flat_map(|(c, (kind, bytes))| [&kind[..], c.kind.as_str().as_bytes(), bytes, &c.bytes]);
    hkdf::hmac(POOL, &fields.collect::<Vec<_>>())
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool([redacted])")
    }
}
