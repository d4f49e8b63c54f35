//! The escrow that the record names: it must be next to the ciphertext before anything is imported.
//!
//! The shares of several keys open `escrow.json` and nothing else. After the import, the offline station is gone and its medium may
//! be destroyed. If the file was forgotten, there is no backup, and nobody notices for years.

use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_core::{Fingerprint, Story, bi};
use keyferry_transport::{FileError, folder_of, read_capped};

use super::run::Run;
use crate::Error;
pub use crate::error::EscrowNotHere;

/// Name of the file.
const ESCROW: &str = keyferry_core::artefact::names::ESCROW;

impl Run<'_> {
    /// The digest of the escrow, if the record names one.
    pub(super) fn check_escrow(&self) -> Result<Option<Fingerprint>, Error> {
        let named = self.found.chain().and_then(|chain| Story::of(chain).recoverable()?.sharing.escrow);
        let Some(sha256) = named.map(|escrow| escrow.sha256) else { return Ok(None) };
        let path = folder_of(&self.args.ciphertext).join(ESCROW);
        let found = match read_capped(&path, MAX_ARTEFACT) {
            Ok(bytes) => Fingerprint::of(&bytes),
            Err(FileError::NotFound(_)) => return Err(EscrowNotHere::Missing { path, sha256 }.into()),
            Err(error) => return Err(error.into()),
        };
        if found == sha256 {
            Ok(Some(sha256))
        } else {
            Err(EscrowNotHere::Other { path, found, sha256 }.into())
        }
    }

    pub(super) fn show_escrow(&self) {
        let Some(sha256) = self.escrow else { return };
        let console = self.context.console();
        let text = bi!(
            "escrow.json is here, as the record names it: {}",
            "escrow.json 已在此处，与记录所列相符：{}",
            sha256.grouped()
        );
        console.row(&bi!("escrow", "托管"), text.get(console.lang()));
    }
}
