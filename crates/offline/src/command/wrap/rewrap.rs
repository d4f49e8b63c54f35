//! `rewrap`: a new `ciphertext.json` for new parameters, of material that shares give back.
//!
//! What the shares are of, and what each key's material is, stands in the earlier record: other shares, another escrow or other material
//! are refused before anything is written. On request a new set of shares is made, read back like the first, and recorded: a share was
//! lost or seen, or custodians changed.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::plan::Backup;
use keyferry_core::story::{BackupKey, Recoverable, Sharing};
use keyferry_core::{
    Alias, CheckedEntry, CiphertextEntry, Clock as _, Escrow, Event, Fingerprint, KeyId, KeyMaterial, Source,
    bi,
};
use keyferry_transport::{TranscriptFile, read_capped};

use super::gate::{self, Gate};
use super::keys::Wrapped;
use super::outputs::Outputs;
use super::settle::settle;
use super::workers::wrap_in_order;
use super::{Ready, check_clock, machine, record, room, write};
use crate::args::Rewrap;
use crate::backup::{self, BackupError, Giving, Recovered};
use crate::compared::{self, Earlier, Records};
use crate::confine::{self, Confined};
use crate::context::Context;
use crate::entropy::Generator;
use crate::error::OfflineError;
use crate::inputs::Inputs;
use crate::posture::{Demands, Output};
use crate::rng::{StationRng, os_salts};

const COMMAND: &str = "rewrap";

/// A key to wrap to, and what the record says of its material.
type Pair<'r> = (&'r CheckedEntry, &'r BackupKey<'r>);

pub(crate) fn run(args: &Rewrap, context: &Context) -> Result<(), OfflineError> {
    let inputs = Inputs::load(&args.inputs, args.expected.asks(), context)?;
    let demands = Demands::of_plan(&inputs.plan, &args.lower)?;
    check_clock(&args.expected, &args.lower, &inputs)?;
    let record = backup::load_record(&args.transcript)?;
    let earlier = backup::recoverable(&record)?;
    let escrow = load_escrow(args.escrow.as_deref())?;
    let source = Earlier::check(&record, &earlier, escrow.as_ref(), inputs.plan.purpose())?;
    let escrow = backup::check_escrow(&earlier.sharing, escrow)?;
    let out = Outputs::new(&args.out, COMMAND);
    out.check_free(&inputs)?;
    let found = out.look(&inputs)?;
    if let Some(giving) = &args.new_shares {
        check_scheme(&inputs)?;
        gate::check(giving, &inputs, &out, &void(args, &earlier.sharing), context)?;
    }
    inputs.show(&context.console);
    let pairs = select(args, &inputs, &earlier)?;
    if pairs.is_empty() {
        return inputs.outcome();
    }
    let output = Output { folder: &args.out, secret: false };
    let fit = machine::check_for_plan(&inputs, output, &demands, context)?;
    let records = Records { found: &found, earlier: Some(&source) };
    let consent = compared::agree(&args.expected, &inputs, records, context)?;
    let again = || machine::check_for_plan(&inputs, output, &demands, context);
    let fit = settle(&inputs, fit, context, again)?;
    let folder = args.new_shares.as_ref().and_then(Giving::folder);
    let confined = confine::for_plan(&args.out, &[], folder, &demands, context)?;
    out.clear(context)?;
    room::check(args.new_shares.as_ref(), &inputs, &out)?;
    let (recovered, combined) = backup::collect(&earlier, escrow, &confined.memory, context)?;
    let mut record = out.open_record(&inputs, &found, os_salts(), context)?;
    let void = void(args, &earlier.sharing);
    let fresh = args.new_shares.is_some();
    let void = fresh.then(|| gate::check_stranded(&void, &out, &record, context)).transpose()?.flatten();
    // Custodians may have taken long to type their shares.
    inputs.check_later(context.now())?;
    begin(&mut record, &inputs, context, consent, (&fit, &confined), [void, Some(combined)])?;
    match make(args, (pairs.as_slice(), &recovered), &confined, (&inputs, &out), &mut record, context) {
        Ok(wrapped) => {
            let written = write(wrapped, &mut record, &out, &inputs, context);
            if let Some(giving) = &args.new_shares {
                giving.remind(context);
            }
            written
        }
        Err(error) => Err(record::give_up(&mut record, COMMAND, pairs.len(), error, context)),
    }
}

fn begin(
    record: &mut TranscriptFile,
    inputs: &Inputs,
    context: &Context,
    means: keyferry_core::transcript::Means,
    ready: Ready<'_>,
    events: [Option<Event>; 2],
) -> Result<(), OfflineError> {
    record::start(record, COMMAND, inputs, context, means, ready)?;
    for event in events.into_iter().flatten() {
        record.add(context, event)?;
    }
    Ok(record.write()?)
}

fn check_scheme(inputs: &Inputs) -> Result<(), BackupError> {
    match inputs.plan.backup() {
        Backup::Slip39 { .. } => Ok(()),
        Backup::None { .. } => Err(BackupError::NoScheme),
    }
}

/// New shares of an interrupted run may become void; never those that are combined.
fn void<'r>(args: &Rewrap, old: &'r Sharing) -> gate::Void<'r> {
    gate::Void { agreed: args.void_shares, ask: args.expected.asks(), old: Some(old) }
}

/// Material, wrapped in memory; then, if asked for, its new backup in people's hands.
fn make(
    args: &Rewrap,
    (pairs, recovered): (&[Pair<'_>], &Recovered),
    confined: &Confined,
    (inputs, out): (&Inputs, &Outputs),
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<Wrapped, OfflineError> {
    let mut rng = Generator::Plain(StationRng::new(None, inputs.plan.purpose())?);
    let Some(giving) = &args.new_shares else {
        return wrap_all(pairs, recovered, confined, inputs, &mut Gate::open(), record, context);
    };
    let mut gate = Gate::new(inputs, confined, &mut rng)?;
    let wrapped = wrap_all(pairs, recovered, confined, inputs, &mut gate, record, context)?;
    gate.pass((giving, out), wrapped.seeded, inputs, &mut rng, record, context)?;
    Ok(wrapped)
}

/// The escrow with its digest.
pub(crate) fn load_escrow(path: Option<&Path>) -> Result<Option<(Escrow, Fingerprint)>, OfflineError> {
    let Some(path) = path else { return Ok(None) };
    Ok(Some(artefact::parse::<Escrow>(&read_capped(path, MAX_ARTEFACT)?)?))
}

/// All keys of the parameters, or those that were named; each with the record's word on its material.
fn select<'r>(
    args: &Rewrap,
    inputs: &'r Inputs,
    earlier: &'r Recoverable<'r>,
) -> Result<Vec<Pair<'r>>, BackupError> {
    let known: HashSet<&Alias> = inputs.parameters.entries().iter().map(|e| &e.entry().alias).collect();
    if let Some(unknown) = args.keys.iter().find(|alias| !known.contains(alias)) {
        return Err(BackupError::UnknownKey(unknown.clone()));
    }
    let named: HashSet<&Alias> = args.keys.iter().collect();
    let wanted = |e: &&CheckedEntry| named.is_empty() || named.contains(&e.entry().alias);
    // By the last word of the record on each.
    let keys: HashMap<&KeyId, &BackupKey<'_>> = earlier.keys.iter().map(|k| (k.key_id, k)).collect();
    let pair = |checked: &'r CheckedEntry| {
        let alias = || checked.entry().alias.clone();
        let key = *keys.get(&checked.entry().key_id).ok_or_else(|| BackupError::UnknownKey(alias()))?;
        if key.material == checked.material() {
            Ok((checked, key))
        } else {
            Err(BackupError::OtherMaterial(alias()))
        }
    };
    inputs.parameters.entries().iter().filter(wanted).map(pair).collect()
}

/// One bad entry of the escrow stops everything: a backup that is not whole is for people to look at.
fn wrap_all<'r>(
    pairs: &'r [Pair<'r>],
    recovered: &Recovered,
    confined: &Confined,
    inputs: &'r Inputs,
    gate: &mut Gate,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<Wrapped, OfflineError> {
    let seeded = pairs.iter().any(|(_, key)| key.seeded);
    let (entries, source) = (Vec::with_capacity(pairs.len()), Source::Shares);
    let mut all = Wrapped { entries, source, seeded, failed: 0, first_failure: None };
    let mut progress = context.console.progress(bi!("wrapping", "包装"), pairs.len());
    let draw = |(checked, key): &Pair<'r>| {
        let material = recovered.material(key, &confined.memory)?;
        // Padding alone is drawn here: the material is what the shares gave.
        Ok(inputs.parameters.draw(checked, material, &mut crate::os_rng::SysRng)?)
    };
    wrap_in_order(pairs, confined, draw, |(checked, _), made| {
        all.entries.push(keep(checked, made?, inputs, gate, record, context)?);
        progress.step();
        Ok(())
    })?;
    Ok(all)
}

fn keep(
    checked: &CheckedEntry,
    (entry, material): (CiphertextEntry, KeyMaterial),
    inputs: &Inputs,
    gate: &mut Gate,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<CiphertextEntry, OfflineError> {
    gate.keep(checked, material, &entry, inputs)?;
    let (alias, key_id) = (entry.alias.clone(), entry.key_id.clone());
    let (material, kcv, commitment) = (entry.material, entry.kcv, entry.commitment);
    record.add(context, Event::MaterialRecovered { alias, key_id, material, kcv, commitment })?;
    record.add(context, record::wrapped(&entry))?;
    Ok(entry)
}
