//! Turns what a record says about one key into the lines of its journal. The times are those of the record.

use keyferry_core::{
    CeremonyPlan, Commitment, Event, ImportTokenDigest, PlanKey, StepName, Story, Timestamp, Transcript,
};
use keyferry_service::KeyState;

use super::RebuildError;
use crate::journal::Happened;

/// The lines that this station would have written, if the key's state at the service does not contradict them.
///
/// # Errors
/// [`RebuildError::Untold`] or [`RebuildError::Incomplete`].
pub(super) fn entries(
    chain: &Transcript,
    plan: &CeremonyPlan,
    key: &PlanKey,
    state: KeyState,
) -> Result<Vec<(Timestamp, Happened)>, RebuildError> {
    let mut told = Told { story: Story::of(chain), plan, key, token: None, entries: Vec::new() };
    let mut last = Timestamp::EPOCH;
    for line in chain.lines() {
        told.line(line.seq, line.time, &line.event)?;
        last = line.time;
    }
    let head = Happened::Rebuilt { ceremony: plan.ceremony().clone(), record_head: chain.head() };
    told.end(last, state)?;
    let mut entries = vec![(last, head)];
    entries.append(&mut told.entries);
    Ok(entries)
}

struct Told<'t> {
    story: Story<'t>,
    plan: &'t CeremonyPlan,
    key: &'t PlanKey,
    /// The parameters that were fetched last.
    token: Option<ImportTokenDigest>,
    entries: Vec<(Timestamp, Happened)>,
}

impl Told<'_> {
    fn line(&mut self, seq: u64, at: Timestamp, event: &Event) -> Result<(), RebuildError> {
        let own = self.key.key_id.as_ref();
        match event {
            Event::ParametersFetched {
                key_id,
                import_token_sha256: Some(token),
                wrapping_key_sha256,
                expires_at: Some(expires_at),
                ..
            } if own == Some(key_id) => {
                self.token = Some(**token);
                let ceremony = self.plan.ceremony().clone();
                self.entries.push((
                    at,
                    Happened::Fetched {
                        ceremony,
                        import_token_sha256: **token,
                        wrapping_key_sha256: Some(**wrapping_key_sha256),
                        expires_at: *expires_at,
                    },
                ));
            }
            Event::Imported { key_id, request_id, .. } if own == Some(key_id) => {
                let (token, commitment) =
                    self.token.zip(self.sent_before(seq)).ok_or(RebuildError::Incomplete)?;
                let (valid_to, request_id) = (self.key.valid_to, request_id.clone());
                let accepted =
                    Happened::Accepted { import_token_sha256: token, commitment, valid_to, request_id };
                self.entries.push((at, accepted));
            }
            Event::Proved { key_id, .. } if own == Some(key_id) => self.entries.push((at, Happened::Proved)),
            _ => {}
        }
        Ok(())
    }

    /// The key's material in the ciphertext that people had confirmed.
    fn sent_before(&self, seq: u64) -> Option<Commitment> {
        let agreed = self.story.agreed_before(StepName::CompareCiphertext.step(), seq)?;
        let written = self.story.written_before(agreed, seq)?;
        self.story.key(&self.key.alias)?.material_before(written)?.commitment
    }

    /// What follows from the state that the service reports.
    fn end(&mut self, at: Timestamp, state: KeyState) -> Result<(), RebuildError> {
        let taken = self.entries.iter().any(|(_, happened)| matches!(happened, Happened::Accepted { .. }));
        match (state, taken) {
            (KeyState::PendingImport, true) => self.entries.push((at, Happened::MaterialDeleted)),
            (KeyState::PendingImport, false) | (_, true) => {}
            // The key holds material, but the record ends before the import. The key may hold the material of the last
            // ciphertext, so nothing else may be sent to it.
            (_, false) => {
                let last = self.story.key(&self.key.alias).and_then(|key| key.material()?.commitment);
                let (token, commitment) = self.token.zip(last).ok_or(RebuildError::Untold { state })?;
                let (ceremony, valid_to) = (Some(self.plan.ceremony().clone()), self.key.valid_to);
                let sending =
                    Happened::Sending { ceremony, import_token_sha256: token, commitment, valid_to };
                self.entries.push((at, sending));
            }
        }
        Ok(())
    }
}
