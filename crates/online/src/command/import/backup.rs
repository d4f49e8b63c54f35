//! `--prove-backup`: the service itself confirms that the material recovered from shares is the material that the key holds.
//!
//! A key takes only the material that it was bound to, so importing recovered material into a working key proves the backup. It proves
//! nothing if the material did not come from shares, if the key holds no material, or if the expiry differs: all three are refused
//! before the import is sent.

use keyferry_core::{CheckedImport, Commitment, Event, Story};
use keyferry_service::{KeyState, KeyView, Meaning};

use crate::{Error, KeyError};

/// Checks that the record says that this entry's material was recovered from shares.
pub(super) fn check_recovered(record: &Story<'_>, import: &CheckedImport<'_>) -> Result<(), KeyError> {
    let entry = import.ciphertext;
    let known = record.is_recovered(&entry.key_id, entry.commitment);
    if known { Ok(()) } else { Err(KeyError::NotRecovered) }
}

/// Checks that the key works and has the expiry that will be sent, so that importing changes nothing about it.
pub(super) fn check_living(found: &KeyView, import: &CheckedImport<'_>) -> Result<(), KeyError> {
    if found.state != KeyState::Enabled {
        return Err(KeyError::NotLiving(found.state));
    }
    if found.valid_to != import.valid_to.api_seconds() {
        return Err(KeyError::OtherExpiry(import.valid_to));
    }
    Ok(())
}

/// The service's refusal of different material, translated into what it means for the backup.
pub(super) fn judged(error: Error, commitment: Commitment) -> Error {
    match error {
        Error::Remote(refusal) if refusal.meaning() == Meaning::OtherMaterial => {
            KeyError::BackupDiffers(commitment).into()
        }
        other => other,
    }
}

/// The event for the record.
pub(super) fn proved(import: &CheckedImport<'_>) -> Option<Event> {
    let entry = import.ciphertext;
    let (alias, key_id) = (entry.alias.clone(), entry.key_id.clone());
    Some(Event::BackupProved { alias, key_id, commitment: entry.commitment? })
}
