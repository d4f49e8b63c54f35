//! `rewrap`: makes a new `ciphertext.json` for new parameters, from material that shares recover.
//!
//! The earlier record has commitments to the secret that the shares encode and to each key's material. Other shares, another escrow
//! or other material are refused before anything is written. On request, a new set of shares is made, read back like the first set,
//! and recorded, for example because a share was lost or seen, or custodians changed.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::ciphertext::Drawn;
use keyferry_core::story::{BackupKey, Recoverable};
use keyferry_core::transcript::KnownKeys;
use keyferry_core::{Alias, CheckedEntry, CiphertextEntry, Escrow, Event, Fingerprint, KeyId, Source, bi};
use keyferry_transport::read_capped;

use super::checked::Checked;
use super::gate::Gate;
use super::job::Job;
use super::keys::Taker;
use super::phase::{Ready, Wrapped};
use super::workers::wrap_in_order;
use crate::args::Rewrap;
use crate::backup::{self, BackupError, Recovered};
use crate::compared::Earlier;
use crate::context::Context;
use crate::entropy::Generator;
use crate::error::OfflineError;
use crate::inputs::Inputs;
use crate::os_rng::SysRng;
use crate::rng::{StationRng, os_salts};

/// A key to wrap to, and the record's facts about its material.
type Pair<'r> = (&'r CheckedEntry, &'r BackupKey);

pub(crate) fn run(args: &Rewrap, context: &Context) -> Result<(), OfflineError> {
    let job = Job::of_rewrap(args, context)?;
    let demands = job.demands()?;
    let record = backup::load_record(&args.transcript, &KnownKeys::of_plan(&job.inputs.plan))?;
    let earlier = backup::recoverable(&record)?;
    let escrow = load_escrow(args.escrow.as_deref())?;
    let source = Earlier::check(&record, &earlier, escrow.as_ref(), job.inputs.plan.purpose())?;
    drop(record);
    let escrow = backup::check_escrow(&earlier.sharing, escrow)?;
    let checked = Checked::new(&job, demands, Some(&earlier.sharing))?;
    job.inputs.show(&context.console);
    let pairs = select(&args.keys, &job.inputs, &earlier)?;
    if pairs.is_empty() {
        return job.inputs.outcome();
    }
    let agreed = checked.agree(&[], Some(&source))?;
    let (recovered, combined) = backup::collect(&earlier, escrow, &agreed.confined.memory, context)?;
    let mut ready = agreed.begin(os_salts(), Some(combined))?;
    let wrapped = wrap_again(&mut ready, &pairs, &recovered);
    ready.made(wrapped, pairs.len())?.end()
}

/// Wraps the recovered material in memory; then, if requested, hands out its new backup.
fn wrap_again(
    ready: &mut Ready<'_>,
    pairs: &[Pair<'_>],
    recovered: &Recovered,
) -> Result<Wrapped, OfflineError> {
    let mut rng = Generator::Plain(StationRng::new(None, ready.job.inputs.plan.purpose())?);
    let mut gate = Gate::new(ready, &mut rng)?;
    let wrapped = wrap_all(ready, pairs, recovered, &mut gate)?;
    gate.pass(ready, wrapped.seeded, &mut rng)?;
    Ok(wrapped)
}

/// The escrow with its digest.
pub(crate) fn load_escrow(path: Option<&Path>) -> Result<Option<(Escrow, Fingerprint)>, OfflineError> {
    let Some(path) = path else { return Ok(None) };
    Ok(Some(artefact::parse::<Escrow>(&read_capped(path, MAX_ARTEFACT)?)?))
}

/// All keys of the parameters, or the named ones, each with the record's facts about its material.
fn select<'r>(
    aliases: &[Alias],
    inputs: &'r Inputs,
    earlier: &'r Recoverable,
) -> Result<Vec<Pair<'r>>, BackupError> {
    let known: HashSet<&Alias> = inputs.parameters.entries().iter().map(|e| &e.entry().alias).collect();
    if let Some(unknown) = aliases.iter().find(|alias| !known.contains(alias)) {
        return Err(BackupError::UnknownKey(unknown.clone()));
    }
    let named: HashSet<&Alias> = aliases.iter().collect();
    let wanted = |e: &&CheckedEntry| named.is_empty() || named.contains(&e.entry().alias);
    // For each key, the last line in the record counts.
    let keys: HashMap<&KeyId, &BackupKey> = earlier.keys.iter().map(|k| (&k.key_id, k)).collect();
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

/// One bad entry of the escrow stops everything, because people have to look into a damaged backup.
fn wrap_all<'r, 'j: 'r>(
    ready: &mut Ready<'j>,
    pairs: &'r [Pair<'r>],
    recovered: &Recovered,
    gate: &mut Gate<'j>,
) -> Result<Wrapped, OfflineError> {
    let (job, confined, record) = (ready.job, &ready.confined, &mut ready.record);
    let seeded = pairs.iter().any(|(_, key)| key.seeded);
    let (entries, source) = (Vec::with_capacity(pairs.len()), Source::Shares);
    let mut all = Wrapped { entries, source, seeded, failed: 0, first_failure: None };
    let mut progress = job.context.console.progress(bi!("wrapping", "包装"), pairs.len());
    let draw = |(checked, key): &Pair<'r>| -> Result<Drawn<'r>, OfflineError> {
        let material = recovered.material(key, &confined.memory)?;
        // Only the padding is random here: the material comes from the shares.
        Ok(job.inputs.parameters.draw(checked, material, &mut SysRng)?)
    };
    let mut taker = Taker { job, gate, record };
    wrap_in_order(pairs, confined, draw, |(checked, _), made| {
        all.entries.push(taker.keep(checked, made?, recovered_of)?);
        progress.step();
        Ok(())
    })?;
    Ok(all)
}

fn recovered_of(entry: &CiphertextEntry) -> Event {
    let (alias, key_id, material) = (entry.alias.clone(), entry.key_id.clone(), entry.material);
    Event::MaterialRecovered { alias, key_id, material, kcv: entry.kcv, commitment: entry.commitment }
}
