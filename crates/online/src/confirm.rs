//! Proof after import: state, expiry, and a round trip of a random nonce through Encrypt and Decrypt.

use keyferry_core::ValidTo;
use keyferry_service::{KeyRef, KeyState, KeyView, Proof};

pub use crate::error::ConfirmError;
use crate::{Error, Service};

/// Proves that the key is Enabled, expires when the plan says, and can encrypt and decrypt; `found` is what the service says about
/// the key after the import.
///
/// # Errors
/// [`Error::Confirm`] for a property that fails, [`Error::Remote`] if the service did not answer.
pub fn prove(
    service: &dyn Service,
    key: KeyRef<'_>,
    found: &KeyView,
    valid_to: ValidTo,
) -> Result<KeyState, Error> {
    if found.state != KeyState::Enabled {
        return Err(ConfirmError::State(found.state).into());
    }
    if found.valid_to != valid_to.api_seconds() {
        return Err(ConfirmError::Expiry { found: found.valid_to, plan: valid_to }.into());
    }
    let mut nonce = [0_u8; 32];
    getrandom::fill(&mut nonce).map_err(|_| ConfirmError::Entropy)?;
    match service.prove(key, &nonce)? {
        Proof::RoundTrip => Ok(found.state),
        Proof::Differs => Err(ConfirmError::RoundTrip.into()),
    }
}
