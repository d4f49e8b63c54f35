//! `import`: sends the wrapped material that came back, key by key, and proves that each key works.
//!
//! A session counts only if this station's journal names its tokens. If one entry was not made for exactly this session, the whole file is
//! refused and nothing is sent at all. `one` imports one key and handles faults; the same command may be run again after any failure.

use keyferry_core::artefact::names;
use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::transcript::KnownKeys;
use keyferry_core::{Ciphertext, CiphertextError, Event, Session};
use keyferry_transport::{folder_of, read_capped, read_private};
use serde_json::json;

use super::{Failures, Finished, Rows};
use crate::context::Context;
use crate::place::{check_journal, check_session};
use crate::record::Found;
use crate::views::{Views, batches};

mod agree;
mod backup;
mod escrow;
mod import_flags;
mod import_outcome;
mod keys;
mod one;
mod run;

use agree::{check_known, plan_of};
pub use escrow::EscrowNotHere;
pub use import_flags::Import;
use keys::{Sending, refs};
use one::Importer;
use run::{COMMAND, Run, transcript};

/// Runs `import`.
///
/// # Errors
/// [`Error`](crate::Error) when nothing was sent.
pub fn run(context: &Context, args: &Import) -> Finished {
    let (session, _) = artefact::parse::<Session>(&read_private(&args.session, MAX_ARTEFACT)?)?;
    let parameters = &session.parameters;
    context.banner(parameters.purpose, &parameters.ceremony, &parameters.plan_sha256);
    let plan = args.plan.as_deref().map(|path| plan_of(context, path, &session)).transpose()?;
    let endpoint = context.endpoint_of_session(&session, plan.as_ref())?;
    let journal = context.journal()?;
    let medium = folder_of(&args.ciphertext);
    check_session(&args.session, medium, journal.path(), parameters.purpose)?;
    check_journal(journal.path(), medium, parameters.purpose)?;
    check_known(&session, &journal)?;
    let (mut ciphertext, digest) =
        artefact::parse::<Ciphertext>(&read_capped(&args.ciphertext, MAX_ARTEFACT)?)?;
    KnownKeys::of_parameters(parameters).share_ciphertext(&mut ciphertext);
    let imports = match ciphertext.check(&session) {
        Ok(imports) => imports,
        Err(errors) => return refuse_all(context, errors),
    };
    let known = KnownKeys::of_parameters(parameters);
    let found = Found::read(&transcript(args), (&parameters.ceremony, &known), parameters.purpose)?;
    drop(known);
    let places = ciphertext.keys.iter().enumerate().map(|(n, key)| (&key.alias, n)).collect();
    let failures = Failures::default();
    let mut run = Run {
        context,
        args,
        session: &session,
        digest,
        found,
        places,
        failures,
        escrow: None,
        rows: Rows::default(),
        results: Rows::default(),
    };
    run.escrow = run.check_escrow()?;
    let live = run.leave_out_dead(imports);
    run.show(&ciphertext);
    if live.is_empty() {
        return run.finish((0, &[]), None);
    }
    run.show_time(&live);
    run.check_room()?;
    let service = context.service(parameters.provider()?, endpoint)?;
    service.check_lasts(live.len() * one::REQUESTS, context.jobs())?;
    let consent = run.agree()?;
    let mut record = run.begin(consent)?;
    let live = run.leave_out_unrecovered(live);
    let recorded = run.recorded(&live);
    // The lines are no longer needed.
    run.found.forget_lines();
    let batches = batches(live.iter().enumerate().collect(), service.batch(), |(_, i)| &i.parameters.region);
    let importer = Importer {
        service: &*service,
        journal: &journal,
        clock: context.clock(),
        prove_backup: args.prove_backup,
        views: Views::new(&*service, batches.iter().map(|batch| refs(batch)).collect()),
    };
    let proved = run.import_all(
        &importer,
        Sending { live: &live, batches: &batches, recorded: &recorded },
        &mut record,
    )?;
    journal.sync()?;
    let (succeeded, failed) = (proved.len() as u64, run.failures.len());
    record.add(context.clock(), Event::Finished { command: COMMAND.into(), succeeded, failed })?;
    record.flush()?;
    let keys = run.json(&live, &proved);
    run.finish((proved.len(), &keys), Some(record.tip()))
}

/// Names every entry that does not belong to the session; nothing is sent.
fn refuse_all(context: &Context, mut errors: Vec<CiphertextError>) -> Finished {
    if errors.len() == 1
        && let Some(only) = errors.pop()
    {
        return Err(only.into());
    }
    let (console, mut failures) = (context.console(), Failures::default());
    for error in errors {
        failures.report(console, names::CIPHERTEXT, error.into());
    }
    if console.json() {
        failures.result(console, json!({"command": COMMAND, "keys": []}));
    }
    Ok(failures.class())
}
