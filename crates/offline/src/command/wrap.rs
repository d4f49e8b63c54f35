//! `wrap`: from plan and parameters to `ciphertext.json`.
//!
//! Nothing secret exists before every check has passed and people have agreed. A file in an output's place is refused, also one that an
//! interrupted run of this command may have left: what comes from the medium is never evidence of what this station did.

use keyferry_core::plan::Backup;
use keyferry_core::{Ciphertext, Clock as _, Control, Explain, Fingerprint, Origin, PostureCheck, artefact};
use keyferry_transport::{Access, TranscriptFile, prepare_new};

use super::machine;
use crate::args::{Expected, Wrap};
use crate::backup::Giving;
use crate::compared::{self, Records};
use crate::confine::{self, Confined};
use crate::context::Context;
use crate::entropy::{self, Generator};
use crate::error::{KeysFailed, OfflineError, PlanDemand};
use crate::inputs::Inputs;
use crate::posture::{Demands, Fit, Output};
use crate::rng::StationRng;

mod gate;
mod keys;
mod outputs;
mod record;
mod report;
mod rewrap;
mod room;
mod settle;
mod workers;

use gate::Gate;
use keys::Wrapped;
use outputs::Outputs;
pub(crate) use rewrap::{load_escrow, run as rewrap};

const COMMAND: &str = "wrap";

/// A machine that is as required, and a process that has narrowed itself: only with both is there a secret.
type Ready<'r> = (&'r Fit, &'r Confined);

pub(crate) fn run(args: &Wrap, context: &Context) -> Result<(), OfflineError> {
    let inputs = Inputs::load(&args.inputs, args.expected.asks(), context)?;
    let rng = StationRng::new(args.rehearsal_seed.as_deref(), inputs.plan.purpose())?;
    let demands = Demands::of_plan(&inputs.plan, &args.lower)?;
    check_clock(&args.expected, &args.lower, &inputs)?;
    let out = Outputs::new(&args.out, COMMAND);
    out.check_free(&inputs)?;
    let found = out.look(&inputs)?;
    let void = gate::Void { agreed: args.void_shares, ask: args.expected.asks(), old: None };
    gate::check(&args.shares, &inputs, &out, &void, context)?;
    inputs.show(&context.console);
    if inputs.parameters.entries().is_empty() {
        return inputs.outcome();
    }
    let output = Output { folder: &args.out, secret: false };
    let fit = machine::check_for_plan(&inputs, output, &demands, context)?;
    let records = Records { found: &found, earlier: None };
    let consent = compared::agree(&args.expected, &inputs, records, context)?;
    let again = || machine::check_for_plan(&inputs, output, &demands, context);
    let fit = settle::settle(&inputs, fit, context, again)?;
    let confined = confine::for_plan(&args.out, &args.entropy, args.shares.folder(), &demands, context)?;
    out.clear(context)?;
    room::check(Some(&args.shares), &inputs, &out)?;
    let mut record = out.open_record(&inputs, &found, rng.salts(), context)?;
    let void = gate::check_stranded(&void, &out, &record, context)?;
    inputs.check_later(context.now())?;
    record::start(&mut record, COMMAND, &inputs, context, consent, (&fit, &confined))?;
    if let Some(void) = void {
        record.add(context, void)?;
    }
    let mixed = entropy::mix(rng, &args.entropy, context, Some(&mut record));
    let made = mixed.and_then(|mut rng| {
        make((&fit, &confined), (&args.shares, &out), &inputs, &mut rng, &mut record, context)
    });
    match made {
        Ok(wrapped) => {
            let written = write(wrapped, &mut record, &out, &inputs, context);
            if matches!(inputs.plan.backup(), Backup::Slip39 { .. }) {
                args.shares.remind(context);
            }
            written
        }
        Err(error) => {
            let failed = inputs.parameters.entries().len() + inputs.parameters.refused().len();
            Err(record::give_up(&mut record, COMMAND, failed, error, context))
        }
    }
}

/// What the plan demands and this run cannot do stops it before anything is shown as done.
fn check_clock(expected: &Expected, lower: &[PostureCheck], inputs: &Inputs) -> Result<(), PlanDemand> {
    // The question before wrapping names the time; without the question a person or the plan gives it.
    let asked = expected.asks() || inputs.time.source(false).is_some();
    let required = inputs.plan.requires(PostureCheck::ClockConfirmed);
    if required && !asked && !lower.contains(&PostureCheck::ClockConfirmed) {
        return Err(PlanDemand::Clock);
    }
    Ok(())
}

/// Material, wrapped in memory; then its backup, in people's hands. Only then is there anything to write.
fn make(
    ready: Ready<'_>,
    given: (&Giving, &Outputs),
    inputs: &Inputs,
    rng: &mut Generator,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<Wrapped, OfflineError> {
    let mut gate = Gate::new(inputs, ready.1, rng)?;
    let wrapped = keys::wrap_all(ready, inputs, rng, &mut gate, record, context)?;
    if !wrapped.entries.is_empty() {
        gate.pass(given, wrapped.seeded, inputs, rng, record, context)?;
    }
    Ok(wrapped)
}

/// The ciphertext comes last. The record so far is on the device before the file is made: FAT has one table for both, and a power cut
/// would leave the table of the new file with the old length of the record. The file's bytes are on the device and read back, then the whole record is, `finished` included, then its words
/// are shown; only then has it a name. Whenever the run is killed, there is no ciphertext, or the run was complete.
fn write(
    wrapped: Wrapped,
    record: &mut TranscriptFile,
    out: &Outputs,
    inputs: &Inputs,
    context: &Context,
) -> Result<(), OfflineError> {
    let failed = wrapped.failed + inputs.parameters.refused().len();
    if let (true, Some(error)) = (wrapped.entries.is_empty(), wrapped.first_failure) {
        return Err(record::give_up(record, out.command, failed, error, context));
    }
    let origin = Origin { source: wrapped.source, seeded: wrapped.seeded, wrapped_at: inputs.time.now };
    let ciphertext = inputs.parameters.ciphertext(wrapped.entries, origin)?;
    let bytes = artefact::to_bytes(&ciphertext)?;
    let digest = Fingerprint::of(&bytes);
    record.flush()?;
    let unpublished = match prepare_new(&out.ciphertext, &bytes, Access::Everyone) {
        Ok(unpublished) => unpublished,
        Err(error) => {
            let all = ciphertext.keys.len() + failed;
            return Err(record::give_up(record, out.command, all, error.into(), context));
        }
    };
    record::finish(record, (&ciphertext, digest), failed, out.command, context)?;
    report::show(&ciphertext, digest, &inputs.plan.word_languages(), context);
    let published = unpublished.publish().map_err(|cause| out.not_published(cause, false, inputs))?;
    published.sync().map_err(|cause| out.not_published(cause, true, inputs))?;
    report::print(&ciphertext, digest, record, out, inputs, context);
    outcome(&ciphertext, failed, inputs)
}

/// After the result was printed: whether every key is in it.
fn outcome(ciphertext: &Ciphertext, failed: usize, inputs: &Inputs) -> Result<(), OfflineError> {
    if failed == 0 {
        return Ok(());
    }
    let first = inputs.parameters.refused().first().map_or(Control::WRAP_FAILED, |(_, e)| e.control());
    Err(KeysFailed { succeeded: ciphertext.keys.len(), failed, first, printed: true }.into())
}
