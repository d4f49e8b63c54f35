//! Ed25519 with strict rules: neither the key nor the signature's own point may have a small order, and a signature has only one
//! form.
//!
//! `ssh-key` verifies by the rules of RFC 8032, which do not require this. A key of small order would verify signatures that nobody
//! made.

use ed25519_dalek::{Signature, VerifyingKey};
use keyferry_core::Fingerprint;
use keyferry_core::signer::SshKeyError;
use ssh_key::SshSig;
use ssh_key::public::KeyData;

use super::{NAMESPACE, SignatureError};

/// Length of the trailer of a hardware key's signature: one byte of flags and four of a counter
/// (PROTOCOL.u2f).
const TRAILER: usize = 5;

/// Checks that the point of an Ed25519 key is on the curve and has a large order.
pub(super) fn check_key(key: &KeyData) -> Result<(), SignatureError> {
    point(key).map_or(Ok(()), |point| point.map(|_| ()))
}

/// Checks an Ed25519 signature by a key in a file or in a token; other kinds pass.
pub(super) fn check(key: &KeyData, signature: &SshSig, digest: &[u8]) -> Result<(), SignatureError> {
    let Some(point) = point(key) else { return Ok(()) };
    let point = point?;
    let invalid = SignatureError::Invalid;
    let data = SshSig::signed_data_for_prehash(NAMESPACE, signature.hash_alg(), digest)
        .map_err(|_| invalid.clone())?;
    let bytes = signature.signature_bytes();
    let (bytes, data) = match key {
        KeyData::SkEd25519(key) => {
            let at = bytes.len().checked_sub(TRAILER).ok_or(SignatureError::Invalid)?;
            let (bytes, trailer) = bytes.split_at_checked(at).ok_or(SignatureError::Invalid)?;
            (bytes, seen_by_token(key.application(), trailer, &data))
        }
        _ => (bytes, data),
    };
    let made = Signature::from_slice(bytes).map_err(|_| invalid.clone())?;
    point.verify_strict(&data, &made).map_err(|_| invalid)
}

/// The bytes that a token signs in place of the data (PROTOCOL.u2f).
fn seen_by_token(application: &str, trailer: &[u8], data: &[u8]) -> Vec<u8> {
    let digest = |bytes: &[u8]| *Fingerprint::of(bytes).as_bytes();
    [&digest(application.as_bytes())[..], trailer, &digest(data)].concat()
}

/// The point of the key, if it is an Ed25519 key.
fn point(key: &KeyData) -> Option<Result<VerifyingKey, SignatureError>> {
    let bytes: &[u8; 32] = match key {
        KeyData::Ed25519(key) => key.as_ref(),
        KeyData::SkEd25519(key) => key.public_key().as_ref(),
        _ => return None,
    };
    let point = VerifyingKey::from_bytes(bytes).ok().filter(|point| !point.is_weak());
    Some(point.ok_or(SignatureError::Key(SshKeyError::Weak)))
}
