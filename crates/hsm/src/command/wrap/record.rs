//! What `wrap` writes into the transcript.

use keyferry_core::plan::Backup;
use keyferry_core::transcript::{Act, MAX_REASON, Means, Said};
use keyferry_core::{Ciphertext, Clock as _, Event, Explain, Fingerprint, bi};
use keyferry_transport::TranscriptFile;

use super::Job;
use super::inputs::Inputs;
use crate::context::{Context, PROGRAM};
use crate::error::HsmError;

/// Longest reason of a failure in a line, in characters.
const MAX_WHY: usize = 500;

/// The lines before a key is made; they are in the file before the first call that makes one.
pub(super) fn start(
    record: &mut TranscriptFile,
    (inputs, job): (&Inputs, Job<'_>),
    means: Means,
    (confined, token): (Event, Vec<Event>),
    context: &Context,
) -> Result<(), HsmError> {
    let (command, program) = (job.command().to_owned(), PROGRAM.to_owned());
    let (plan_sha256, purpose) = (Some(inputs.plan.digest()), inputs.plan.purpose());
    record.add(context, Event::Begun { command, program, plan_sha256, purpose })?;
    record.add(context, confined)?;
    add_time(record, inputs, means, context)?;
    let sha256 = inputs.parameters.digest();
    let file = || "parameters.json".to_owned();
    record.add(context, Event::Checked { file: file(), sha256 })?;
    for (alias, error) in inputs.parameters.refused() {
        let reason = reason(error);
        let control = error.control().id().into();
        record.add(context, Event::KeyFailed { alias: alias.clone(), control, reason })?;
    }
    record.add_act(context, Act::through(means), Event::Confirmed { file: file(), sha256 })?;
    if let Backup::None { reason } = inputs.plan.backup() {
        record.add(context, Event::BackupWaived { reason: first_thousand(reason) })?;
    }
    for event in token {
        record.add(context, event)?;
    }
    Ok(record.write()?)
}

fn add_time(
    record: &mut TranscriptFile,
    inputs: &Inputs,
    means: Means,
    context: &Context,
) -> Result<(), HsmError> {
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

/// Writes the last lines; they are on the device before the ciphertext's file gets its name.
pub(super) fn finish(
    record: &mut TranscriptFile,
    (ciphertext, ciphertext_sha256): (&Ciphertext, Fingerprint),
    (job, failed): (Job<'_>, usize),
    context: &Context,
) -> Result<(), HsmError> {
    let (keys, failed) = (ciphertext.keys.len() as u64, failed as u64);
    let parameters_sha256 = ciphertext.parameters_sha256;
    record.add(
        context,
        Event::CiphertextWritten { ciphertext_sha256, parameters_sha256, keys, seeded: false },
    )?;
    record.add(context, Event::Finished { command: job.command().into(), succeeded: keys, failed })?;
    Ok(record.flush()?)
}

/// Ends the command in the record after an error, and records the error. Returns the error.
pub(super) fn give_up(
    record: &mut TranscriptFile,
    (inputs, job): (&Inputs, Job<'_>),
    error: HsmError,
    context: &Context,
) -> HsmError {
    let failed = (inputs.parameters.entries().len() + inputs.parameters.refused().len()) as u64;
    let finished = Event::Finished { command: job.command().into(), succeeded: 0, failed };
    let ended = record.add(context, why(&error)).and_then(|()| record.add(context, finished));
    match ended.and_then(|()| record.flush()) {
        Ok(()) => say_head(record, context),
        Err(second) => context.console.refuse_text(&second),
    }
    error
}

fn why(error: &HsmError) -> Event {
    let (call, code) = error.call().map_or((None, None), |(call, code)| (Some(call), code));
    Event::GaveUp {
        control: error.control().id().into(),
        reason: reason(error),
        call: call.map(str::to_owned),
        code: code.map(str::to_owned),
    }
}

/// As much of what an error says as a line has room for.
fn reason(error: &impl Explain) -> String {
    error.what().en.chars().take(MAX_WHY).collect()
}

/// Shows the head of the record as this run leaves it.
pub(super) fn say_head(record: &TranscriptFile, context: &Context) {
    let (events, head) = (record.tip().lines(), record.tip().head());
    let text = bi!("{events} events, head {}", "{events} 个事件，链尾摘要 {}", head.grouped());
    context.console.row(&bi!("record", "记录"), text.get(context.console.lang()));
}

/// A reason from the plan on one line, cut to the length that a line of the record allows.
fn first_thousand(reason: &str) -> Said<String> {
    let one_line = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line.take(MAX_REASON).collect::<String>().into()
}
