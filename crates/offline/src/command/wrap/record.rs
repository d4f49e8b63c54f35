//! Writes the lines of `wrap` into the transcript, except the lines for individual keys.

use keyferry_core::artefact::names;
use keyferry_core::plan::Backup;
use keyferry_core::transcript::{Act, MAX_REASON, Means, Said};
use keyferry_core::{Alias, CiphertextEntry, Clock, Event, Explain, Fingerprint};
use keyferry_transport::TranscriptFile;

use super::job::Job;
use super::phase::{Agreed, Published};
use crate::context::{Context, PROGRAM};
use crate::error::OfflineError;
use crate::inputs::Inputs;

/// The first lines of a run, once people have agreed.
pub(super) fn start(record: &mut TranscriptFile, agreed: &Agreed<'_>) -> Result<(), OfflineError> {
    let (inputs, context, means) = (&agreed.job.inputs, agreed.job.context, agreed.consent);
    let sha256 = inputs.parameters.digest();
    let file = || names::PARAMETERS.to_owned();
    begin(record, agreed)?;
    add_time(record, inputs, context, means)?;
    record.add(context, Event::Checked { file: file(), sha256 })?;
    for (alias, error) in inputs.parameters.refused() {
        record.add(context, key_failed(alias.clone(), error))?;
    }
    record.add_act(context, Act::through(means), Event::Confirmed { file: file(), sha256 })?;
    if let Backup::None { reason } = inputs.plan.backup() {
        record.add(context, Event::BackupWaived { reason: first_thousand(reason) })?;
    }
    // The lines are not synced here. They reach the device before any file is created, and the last lines reach it
    // before the output gets its name.
    Ok(record.write()?)
}

fn begin(record: &mut TranscriptFile, agreed: &Agreed<'_>) -> Result<(), OfflineError> {
    let Agreed { job: Job { inputs, out, context, .. }, fit, confined, .. } = agreed;
    let event = Event::Begun {
        command: out.command.into(),
        program: PROGRAM.into(),
        plan_sha256: Some(inputs.plan.digest()),
        purpose: inputs.plan.purpose(),
    };
    record.add(*context, event)?;
    record.add(*context, fit.event())?;
    record.add(*context, confined.event())?;
    for waiver in &inputs.plan.posture().waive {
        let (check, reason) = (waiver.check, first_thousand(&waiver.reason));
        record.add(*context, Event::PostureWaived { check, reason })?;
    }
    Ok(())
}

/// Records the time that a person entered; then the time that counts, who confirmed it, and the parameters'
/// first expiry.
fn add_time(
    record: &mut TranscriptFile,
    inputs: &Inputs,
    context: &Context,
    means: Means,
) -> Result<(), OfflineError> {
    let clock = context.now();
    if let Some(given) = inputs.time.told {
        record.add(context, Event::TimeGiven { given, clock })?;
    }
    let by = inputs.time.source(means != Means::Option);
    if let (Some(by), Some(expires_at)) = (by, inputs.parameters.first_expiry()) {
        record.add(context, Event::TimeConfirmed { time: inputs.time.now, clock, expires_at, by })?;
    }
    Ok(())
}

pub(super) fn wrapped(entry: &CiphertextEntry) -> Event {
    Event::Wrapped {
        alias: entry.alias.clone(),
        key_id: entry.key_id.clone(),
        wrapping_key_sha256: entry.wrapping_key_sha256,
        wrapped_sha256: Fingerprint::of(entry.wrapped_material.as_bytes()),
    }
}

pub(super) fn key_failed(alias: Alias, error: &dyn Explain) -> Event {
    let reason = error.what().en.chars().take(500).collect();
    Event::KeyFailed { alias, control: error.control().id().into(), reason }
}

/// Writes the last lines. They reach the device before the ciphertext gets its name.
pub(super) fn finish(published: &mut Published<'_>) -> Result<(), OfflineError> {
    let (job, ciphertext) = (published.job, &published.ciphertext);
    let (succeeded, failed) = (ciphertext.keys.len() as u64, published.failed as u64);
    let written = Event::CiphertextWritten {
        ciphertext_sha256: published.digest,
        parameters_sha256: ciphertext.parameters_sha256,
        keys: succeeded,
        seeded: ciphertext.seeded,
    };
    let finished = Event::Finished { command: job.out.command.into(), succeeded, failed };
    published.record.add(job.context, written)?;
    published.record.add(job.context, finished)?;
    Ok(published.record.flush()?)
}

/// Ends the command in the record after an error: completed steps stay recorded, and an earlier ciphertext stays valid. Returns the error.
/// If writing the record fails too, both errors are shown, so that the reason why the run ended is not hidden.
pub(super) fn give_up(
    record: &mut TranscriptFile,
    job: &Job<'_>,
    failed: usize,
    error: OfflineError,
) -> OfflineError {
    let command = job.out.command.into();
    let finished = Event::Finished { command, succeeded: 0, failed: failed as u64 };
    let ended = record.add(job.context, finished).and_then(|()| record.flush());
    if let Err(second) = ended {
        job.context.console.refuse_text(&second);
    }
    error
}

/// A reason from the plan, put on one line and cut to the length that the record allows.
fn first_thousand(reason: &str) -> Said<String> {
    let one_line = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line.take(MAX_REASON).collect::<String>().into()
}
