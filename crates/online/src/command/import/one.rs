//! One key's import: journal, state, material, proof, in an order that is safe wherever a kill or a lost reply interrupts it.
//!
//! * If the journal says that the service took the material and the key still holds it, the material is not sent again.
//! * Before anything is sent, the journal notes what will be sent. After a fault, the key's state is read, and then the same
//!   request is sent again: same token, same material, same expiry. If the first request arrived, the service compares the
//!   material, so a second success proves that the key holds exactly this material. Sending nothing would prove nothing.
//! * With `--prove-backup` the material is always sent: only the service's answer proves the backup.
//! * Material that differs from what the key took, or may have taken, is refused here.

use keyferry_core::provider::{Materials, Resend};
use keyferry_core::{ArtefactError, CheckedImport, Clock, Commitment, Explain, ImportTokenDigest};
use keyferry_service::{Answer, KeyRef, KeyState, KeyView, answers_for};

use super::backup;
use crate::command::export::token;
use crate::confirm::prove;
use crate::journal::{Happened, Journal, KeyJournal};
use crate::key::{check_importable, look_up};
use crate::views::{At, Views};
use crate::{Error, KeyError, Refusal, Service};

/// Maximum number of requests about one key, if nothing has to be repeated: its state before and after, the import, and the
/// proof.
pub(super) const REQUESTS: usize = 5;

/// What the run provides for importing.
pub(super) struct Importer<'r> {
    pub(super) service: &'r dyn Service,
    pub(super) journal: &'r Journal,
    pub(super) clock: &'r (dyn Clock + Sync),
    /// Whether the material comes from shares, so that the key must prove that it holds the same material.
    pub(super) prove_backup: bool,
    /// What the service says about each key before anything is sent.
    pub(super) views: Views<'r>,
}

/// The result for one key.
pub(super) struct Outcome {
    /// The id of the import request that the service accepted.
    pub(super) request_id: Option<String>,
    /// The key's state, if it was proved to work.
    pub(super) proved: Result<KeyState, Error>,
    /// An earlier run had proved it.
    pub(super) earlier: bool,
}

/// A key whose import was sent, or does not need to be sent.
pub(super) struct Sent {
    request_id: Option<String>,
    next: Result<Next, Error>,
}

/// What is left to do about a key.
enum Next {
    /// To be proved; its journal stays locked until then.
    Prove(Box<KeyJournal>),
    /// An earlier run proved it.
    Proved(KeyState),
}

pub(super) fn key_of<'i>(import: &'i CheckedImport<'_>) -> KeyRef<'i> {
    KeyRef { region: &import.parameters.region, id: &import.ciphertext.key_id }
}

impl Importer<'_> {
    /// The first step: sends one key's material, unless the key has taken it.
    pub(super) fn send(&self, import: &CheckedImport<'_>, at: At) -> Sent {
        let mut request_id = None;
        let next = self.steps(import, at, &mut request_id);
        Sent { request_id, next }
    }

    /// Between the steps: what the service says about the keys to be proved, after the whole batch was sent.
    pub(super) fn look(
        &self,
        batch: &[(usize, &CheckedImport<'_>)],
        sent: &[Sent],
    ) -> Vec<Option<Answer<KeyView>>> {
        let is_sent = |sent: &Sent| matches!(sent.next, Ok(Next::Prove(_)));
        let keys =
            batch.iter().zip(sent).filter(|(_, sent)| is_sent(sent)).map(|((_, import), _)| key_of(import));
        let keys: Vec<KeyRef<'_>> = keys.collect();
        let mut found = answers_for(self.service, &keys).into_iter();
        sent.iter().map(|sent| if is_sent(sent) { found.next() } else { None }).collect()
    }

    /// The second step: proves the key.
    pub(super) fn prove(
        &self,
        import: &CheckedImport<'_>,
        sent: Sent,
        found: Option<Answer<KeyView>>,
    ) -> Outcome {
        let Sent { request_id, next } = sent;
        let earlier = matches!(next, Ok(Next::Proved(_)));
        let proved = match next {
            Ok(Next::Prove(mut journal)) => {
                let KeyRef { region, id } = key_of(import);
                let found = found.unwrap_or_else(|| look_up(self.service, region, id));
                self.prove_one(import, &mut journal, found)
            }
            Ok(Next::Proved(state)) => Ok(state),
            Err(error) => Err(error),
        };
        Outcome { request_id, proved, earlier }
    }

    fn prove_one(
        &self,
        import: &CheckedImport<'_>,
        journal: &mut KeyJournal,
        found: Answer<KeyView>,
    ) -> Result<KeyState, Error> {
        let state = prove(self.service, key_of(import), &found?, import.valid_to)?;
        // If a power cut loses this line, the next run proves the key again.
        journal.add_soon(self.clock, Happened::Proved)?;
        Ok(state)
    }

    fn steps(
        &self,
        import: &CheckedImport<'_>,
        at: At,
        request_id: &mut Option<String>,
    ) -> Result<Next, Error> {
        let KeyRef { region, id } = key_of(import);
        let (token, commitment) = known(import)?;
        let token = &token;
        let mut journal = self.journal.open(region, id)?;
        // This comes before any request, because the journal can refuse without an answer from the service.
        journal.check_latest(token)?;
        check_material(import, &journal, commitment, false)?;
        let found = self.found(import, at)?;
        check_importable(&found, &import.ciphertext.alias)?;
        if self.prove_backup {
            backup::check_living(&found, import)?;
        }
        check_material(import, &journal, commitment, found.state == KeyState::Enabled)?;
        match journal
            .accepted(token, commitment, import.valid_to)
            .filter(|_| !self.prove_backup && holds(&found, import))
        {
            Some(accepted) => {
                *request_id = Some(accepted.request_id.clone());
                if accepted.proved {
                    return Ok(Next::Proved(found.state));
                }
            }
            None => *request_id = Some(self.send_noted(import, &mut journal)?),
        }
        Ok(Next::Prove(Box::new(journal)))
    }

    /// The key before anything is sent. To prove a backup, its state is read again, because importing must change nothing about
    /// it.
    fn found(&self, import: &CheckedImport<'_>, at: At) -> Result<KeyView, Error> {
        let KeyRef { region, id } = key_of(import);
        if self.prove_backup {
            return Ok(look_up(self.service, region, id)?);
        }
        Ok(self.views.of(at).unwrap_or_else(|| look_up(self.service, region, id))?)
    }

    /// Repeats the request until the service says what it did; returns the request's id.
    fn send_noted(&self, import: &CheckedImport<'_>, journal: &mut KeyJournal) -> Result<String, Error> {
        let (import_token_sha256, commitment) = known(import)?;
        let valid_to = import.valid_to;
        let ceremony = journal.history().latest.as_ref().map(|l| l.ceremony.clone());
        journal.add(self.clock, Happened::Sending { ceremony, import_token_sha256, commitment, valid_to })?;
        let request_id = match self.send_on(import) {
            Ok(request_id) => request_id,
            Err(error) => {
                // Unless the key may have taken the material, the journal notes that it did not.
                if !matches!(error, Error::Key(KeyError::ImportUnclear { .. })) {
                    let control = error.control().id().to_owned();
                    journal.add(self.clock, Happened::NotTaken { control })?;
                }
                return Err(if self.prove_backup { backup::judged(error, commitment) } else { error });
            }
        };
        let accepted =
            Happened::Accepted { import_token_sha256, commitment, valid_to, request_id: request_id.clone() };
        // If a power cut loses this line, the next run sends the same material again.
        journal.add_soon(self.clock, accepted)?;
        Ok(request_id)
    }

    fn send_on(&self, import: &CheckedImport<'_>) -> Result<String, Error> {
        let KeyRef { region, id } = key_of(import);
        let resend = import.parameters.provider.facts().resend_import == Resend::SameMaterial;
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
            let again = resend && error.passes() && error.may_be_done() && self.service.wait_again(failed);
            let state = look_up(self.service, region, id);
            let ready = state.as_ref().is_ok_and(|f| check_importable(f, &import.ciphertext.alias).is_ok());
            if !again || !ready {
                return Err(unclear(error, state.ok().as_ref()));
            }
        }
    }
}

/// The values by which the journal identifies an import. With this provider, parameters have a token, and a key is bound to
/// material whose commitment is known.
fn known(import: &CheckedImport<'_>) -> Result<(ImportTokenDigest, Commitment), Error> {
    let nothing = ArtefactError::Entries("an entry without commitment");
    Ok((token(import.parameters)?, import.ciphertext.commitment.ok_or(nothing)?))
}

/// Refuses different material for a key that takes only one material in its life.
fn check_material(
    import: &CheckedImport<'_>,
    journal: &KeyJournal,
    material: Commitment,
    may_hold: bool,
) -> Result<(), Error> {
    match import.parameters.provider.facts().materials {
        Materials::One => Ok(journal.check_material(material, may_hold)?),
        Materials::Several => Ok(()),
    }
}

/// Whether the key works with the plan's expiry.
fn holds(found: &KeyView, import: &CheckedImport<'_>) -> bool {
    found.state == KeyState::Enabled && found.valid_to == import.valid_to.api_seconds()
}

/// The error for a lost reply; it also reports the key's state.
fn unclear(cause: Refusal, found: Option<&KeyView>) -> Error {
    KeyError::ImportUnclear { cause, state: found.map(|f| f.state) }.into()
}
