//! The result for each key: what the ciphertext, the record and the service say at the end.

use keyferry_core::artefact::names;
use std::path::Path;

use keyferry_core::artefact::{self, Artefact, MAX_ARTEFACT};
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::story::KeyStory;
use keyferry_core::transcript::MAX_TRANSCRIPT;
use keyferry_core::{Alias, CeremonyPlan, Ciphertext, PlanKey, Story, Transcript};
use keyferry_transport::read_capped;
use serde_json::Value;

use super::Ceremony;
use crate::RehearseError;
use crate::station::Done;
use crate::summary::KeyResult;

impl Ceremony<'_> {
    /// The result for each key, from the ciphertext, the record and the service's own answer.
    pub(super) fn results(&self, status: &Done) -> Result<Vec<KeyResult>, RehearseError> {
        let path = |name: &str| self.desks.online.join(name);
        let plan = CeremonyPlan::parse(&read_capped(&path(names::PLAN), MAX_PLAN)?)?;
        let ciphertext: Ciphertext = read(&path("medium/ciphertext.json"))?;
        if ciphertext.seeded != self.seed.is_some() {
            let lacks = "the mark of seeded material";
            return Err(RehearseError::Result { command: "keyferry-offline wrap".into(), lacks });
        }
        let record = Transcript::verify(&read_capped(&path(self.record()), MAX_TRANSCRIPT)?)?;
        let status: Value = serde_json::from_str(&status.result)
            .map_err(|_| RehearseError::Result { command: status.command.clone(), lacks: "JSON" })?;
        let story = record.as_ref().map(Story::of);
        Ok(plan
            .keys()
            .iter()
            .map(|key| KeyResult {
                has_kcv: plan.has_kcv(),
                ..self.result(key, &ciphertext, story.as_ref(), &status)
            })
            .collect())
    }

    fn result(
        &self,
        key: &PlanKey,
        ciphertext: &Ciphertext,
        record: Option<&Story<'_>>,
        status: &Value,
    ) -> KeyResult {
        let wrapped = ciphertext.keys.iter().find(|k| k.alias == key.alias);
        let round_trip = record.and_then(|story| story.key(&key.alias)).is_some_and(proved);
        KeyResult {
            alias: key.alias.clone(),
            key_id: key.key_id.clone(),
            region: key.region.clone(),
            bits: key.kind().material.length,
            algorithm: self.draft.algorithm,
            state: state(status, &key.alias).unwrap_or("unknown").to_owned(),
            round_trip,
            kcv: wrapped.and_then(|k| k.kcv),
            has_kcv: true,
            valid_to: key.valid_to,
        }
    }
}

/// Whether the record proves that a key is Enabled and encrypts and decrypts.
fn proved(key: &KeyStory<'_>) -> bool {
    key.proofs().any(|proof| proof.round_trip && proof.state == "Enabled")
}

/// The state of a key as `status --json` prints it.
fn state<'v>(status: &'v Value, key: &Alias) -> Option<&'v str> {
    let entry = |v: &&Value| v.get("alias").and_then(Value::as_str) == Some(key.as_str());
    status.get("keys")?.as_array()?.iter().find(entry)?.get("state")?.as_str()
}

fn read<T: Artefact>(path: &Path) -> Result<T, RehearseError> {
    Ok(artefact::parse(&read_capped(path, MAX_ARTEFACT)?)?.0)
}
