//! One key's import: journal, state, material, proof, in an order that a kill or a lost reply may interrupt anywhere.
//!
//! * What the journal counts as taken, and the key still holds, is not sent again.
//! * Before anything is sent the journal notes what. A fault is followed by a question for the key's state, and then by the same
//!   request: same token, same material, same expiry. If it had arrived, the service compares, and a second success proves that the
//!   key holds exactly this material; silence would have proved nothing.
//! * A proof of a backup is always sent: only the service's answer proves it.
//! * Other material than the key took, or may have taken, is refused here.

use keyferry_core::{ArtefactError, CheckedImport, Clock, Commitment, Explain, ImportTokenDigest};
use keyferry_service::{KeyState, KeyView};

use super::backup;
use crate::command::export::token;
use crate::confirm::prove;
use crate::journal::{Happened, Journal, KeyJournal};
use crate::key::{check_importable, look_up};
use crate::{Error, KeyError, Refusal, Service};

/// Requests about one key, if nothing has to be repeated: its state before and after, the import, and the proof.
pub(super) const REQUESTS: usize = 5;

/// What importing needs of the run.
pub(super) struct Importer<'r> {
    pub(super) service: &'r dyn Service,
    pub(super) journal: &'r Journal,
    pub(super) clock: &'r (dyn Clock + Sync),
    /// The material comes from shares, and the key shall prove that it holds the same.
    pub(super) prove_backup: bool,
}

/// What became of one key.
pub(super) struct Outcome {
    /// Of the import that the service took.
    pub(super) request_id: Option<String>,
    /// The key's state, if it was proved to work.
    pub(super) proved: Result<KeyState, Error>,
    /// An earlier run had proved it.
    pub(super) earlier: bool,
}

impl Importer<'_> {
    /// Imports and proves one key.
    pub(super) fn import(&self, import: &CheckedImport<'_>) -> Outcome {
        let mut outcome =
            Outcome { request_id: None, proved: Err(KeyError::NotExported.into()), earlier: false };
        outcome.proved = self.steps(import, &mut outcome.request_id, &mut outcome.earlier);
        outcome
    }

    fn steps(
        &self,
        import: &CheckedImport<'_>,
        request_id: &mut Option<String>,
        earlier: &mut bool,
    ) -> Result<KeyState, Error> {
        let (region, id) = (&import.parameters.region, &import.ciphertext.key_id);
        let (token, commitment) = known(import)?;
        let token = &token;
        let mut journal = self.journal.open(region, id)?;
        // Before the service is asked: what the journal knows for certain needs no request.
        journal.check_send(token, commitment, false)?;
        let found = look_up(self.service, region, id)?;
        check_importable(&found, &import.ciphertext.alias)?;
        if self.prove_backup {
            backup::check_living(&found, import)?;
        }
        journal.check_send(token, commitment, found.state == KeyState::Enabled)?;
        match journal
            .accepted(token, commitment, import.valid_to)
            .filter(|_| !self.prove_backup && holds(&found, import))
        {
            Some(accepted) => {
                *request_id = Some(accepted.request_id.clone());
                if accepted.proved {
                    *earlier = true;
                    return Ok(found.state);
                }
            }
            None => *request_id = Some(self.send(import, &mut journal)?),
        }
        let state = prove(self.service, region, id, import.valid_to)?;
        journal.add(self.clock, Happened::Proved)?;
        Ok(state)
    }

    /// Sends until the service says what it did; its request id.
    fn send(&self, import: &CheckedImport<'_>, journal: &mut KeyJournal) -> Result<String, Error> {
        let (import_token_sha256, commitment) = known(import)?;
        let valid_to = import.valid_to;
        let ceremony = journal.history().latest.as_ref().map(|l| l.ceremony.clone());
        journal.add(self.clock, Happened::Sending { ceremony, import_token_sha256, commitment, valid_to })?;
        let request_id = match self.send_on(import) {
            Ok(request_id) => request_id,
            Err(error) => {
                // Unless the key may hold it now, the journal forgets that it was sent.
                if !matches!(error, Error::Key(KeyError::ImportUnclear { .. })) {
                    let control = error.control().id().to_owned();
                    journal.add(self.clock, Happened::NotTaken { control })?;
                }
                return Err(if self.prove_backup { backup::judged(error, commitment) } else { error });
            }
        };
        let accepted =
            Happened::Accepted { import_token_sha256, commitment, valid_to, request_id: request_id.clone() };
        journal.add(self.clock, accepted)?;
        Ok(request_id)
    }

    fn send_on(&self, import: &CheckedImport<'_>) -> Result<String, Error> {
        let (region, id) = (&import.parameters.region, &import.ciphertext.key_id);
        let (mut failed, mut doubt) = (0, false);
        loop {
            let error = match self.service.import(import) {
                Ok(receipt) => return Ok(receipt.request_id),
                Err(error) => error,
            };
            failed += 1;
            doubt |= error.may_be_done();
            if !doubt {
                return Err(error.into());
            }
            let again = error.passes() && error.may_be_done() && self.service.wait_again(failed);
            let state = look_up(self.service, region, id);
            let ready = state.as_ref().is_ok_and(|f| check_importable(f, &import.ciphertext.alias).is_ok());
            if !again || !ready {
                return Err(unclear(error, state.ok().as_ref()));
            }
        }
    }
}

/// What the journal knows a key by: this provider's parameters have a token, and its keys are bound to material that we can tell.
fn known(import: &CheckedImport<'_>) -> Result<(ImportTokenDigest, Commitment), Error> {
    let nothing = ArtefactError::Entries("an entry without commitment");
    Ok((token(import.parameters)?, import.ciphertext.commitment.ok_or(nothing)?))
}

/// Whether the key works with the plan's expiry.
fn holds(found: &KeyView, import: &CheckedImport<'_>) -> bool {
    found.state == KeyState::Enabled && found.valid_to == import.valid_to.api_seconds()
}

/// The reply was lost: the key's state says more than silence does.
fn unclear(cause: Refusal, found: Option<&KeyView>) -> Error {
    KeyError::ImportUnclear { cause, state: found.map(|f| f.state) }.into()
}
