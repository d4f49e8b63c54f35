//! `rewrap`: a new `ciphertext.json` for new parameters, of material that shares give back.
//!
//! What the shares are of, and what each key's material is, stands in the earlier record: other shares, another escrow or other material
//! are refused before anything is written.

use std::path::Path;

use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::{CheckedEntry, CiphertextEntry, Escrow, Event, Fingerprint, bi};
use keyferry_transport::{TranscriptFile, read_capped};

use super::keys::Wrapped;
use super::outputs::Outputs;
use super::{Ready, consent, finish_interrupted, machine, record, write};
use crate::args::Rewrap;
use crate::backup::{self, BackupError, Earlier, EarlierKey, Recovered};
use crate::confine::{self, Confined};
use crate::context::Context;
use crate::error::OfflineError;
use crate::inputs::Inputs;
use crate::posture::{Demands, Output};

const COMMAND: &str = "rewrap";

/// A key to wrap to, and what the record says of its material.
type Pair<'r> = (&'r CheckedEntry, &'r EarlierKey);

pub(crate) fn run(args: &Rewrap, context: &Context) -> Result<(), OfflineError> {
    let inputs = Inputs::load(&args.inputs, args.expect_digest.is_none(), context)?;
    let demands = Demands::of_plan(&inputs.plan, &args.lower)?;
    consent::check_clock(args.expect_digest, &args.lower, &inputs)?;
    let earlier = Earlier::load(&args.transcript)?;
    let escrow = backup::check_escrow(&earlier, load_escrow(args.escrow.as_deref())?)?;
    let out = Outputs::new(&args.out, COMMAND);
    let unfinished = out.find_unfinished(&inputs)?;
    inputs.show(context);
    let pairs = select(args, &inputs, &earlier)?;
    if pairs.is_empty() {
        return inputs.outcome();
    }
    let output = Output { folder: &args.out, secret: false };
    let fit = machine::check_for_plan(&inputs, output, &demands, context)?;
    let confined = confine::for_plan(&args.out, &[], None, &demands, context)?;
    if let Some((ciphertext, digest)) = unfinished {
        return finish_interrupted(&ciphertext, digest, &out, &inputs, (&fit, &confined), context);
    }
    let consent = consent::agree(args.expect_digest, &inputs, context)?;
    let (recovered, combined) = backup::collect(&earlier, escrow, &confined.memory, context)?;
    let mut record = out.open_record(&inputs, context)?;
    begin(&mut record, &inputs, context, consent, (&fit, &confined), combined)?;
    match wrap_all(&pairs, &recovered, &confined, &inputs, &mut record, context) {
        Ok(wrapped) => write(wrapped, &mut record, &out, &inputs, context),
        Err(error) => {
            record.flush()?;
            Err(error)
        }
    }
}

fn begin(
    record: &mut TranscriptFile,
    inputs: &Inputs,
    context: &Context,
    consent: keyferry_core::transcript::Consent,
    ready: Ready<'_>,
    combined: Event,
) -> Result<(), OfflineError> {
    record::start(record, COMMAND, inputs, context, consent, ready)?;
    record.add(context, combined)?;
    Ok(record.write()?)
}

/// The escrow with its digest.
pub(crate) fn load_escrow(path: Option<&Path>) -> Result<Option<(Escrow, Fingerprint)>, OfflineError> {
    let Some(path) = path else { return Ok(None) };
    Ok(Some(artefact::parse::<Escrow>(&read_capped(path, MAX_ARTEFACT)?)?))
}

/// All keys of the parameters, or those that were named; each with the record's word on its material.
fn select<'r>(args: &Rewrap, inputs: &'r Inputs, earlier: &'r Earlier) -> Result<Vec<Pair<'r>>, BackupError> {
    let known = |alias: &&keyferry_core::Alias| {
        inputs.parameters.entries().iter().any(|e| e.entry().alias == **alias)
    };
    if let Some(unknown) = args.keys.iter().find(|alias| !known(alias)) {
        return Err(BackupError::UnknownKey(unknown.clone()));
    }
    let wanted = |e: &&CheckedEntry| args.keys.is_empty() || args.keys.contains(&e.entry().alias);
    let pair = |checked: &'r CheckedEntry| {
        let alias = || checked.entry().alias.clone();
        let key = earlier.key(&checked.entry().key_id).ok_or_else(|| BackupError::UnknownKey(alias()))?;
        if key.bits == checked.bits() { Ok((checked, key)) } else { Err(BackupError::OtherMaterial(alias())) }
    };
    inputs.parameters.entries().iter().filter(wanted).map(pair).collect()
}

/// One bad entry of the escrow stops everything: a backup that is not whole is for people to look at.
fn wrap_all(
    pairs: &[Pair<'_>],
    recovered: &Recovered,
    confined: &Confined,
    inputs: &Inputs,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<Wrapped, OfflineError> {
    let seeded = pairs.iter().any(|(_, key)| key.seeded);
    let mut all =
        Wrapped { entries: Vec::with_capacity(pairs.len()), seeded, failed: 0, first_failure: None };
    let mut progress = context.console.progress(bi!("wrapping", "包装"), pairs.len());
    for pair in pairs {
        all.entries.push(wrap_one(*pair, recovered, confined, inputs, record, context)?);
        progress.step();
    }
    Ok(all)
}

fn wrap_one(
    (checked, key): Pair<'_>,
    recovered: &Recovered,
    confined: &Confined,
    inputs: &Inputs,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<CiphertextEntry, OfflineError> {
    let material = recovered.material(key, &confined.memory)?;
    // Padding alone is drawn here: the material is what the shares gave.
    let entry = inputs.parameters.wrap(checked, &material, &mut crate::os_rng::SysRng)?;
    let (alias, key_id) = (entry.alias.clone(), entry.key_id.clone());
    let (bits, kcv, commitment) = (entry.bits, entry.kcv, entry.commitment);
    record.add(context, Event::MaterialRecovered { alias, key_id, bits, kcv, commitment })?;
    record.add(context, record::wrapped(&entry))?;
    Ok(entry)
}
