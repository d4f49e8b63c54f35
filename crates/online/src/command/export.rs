//! `export`: fetches import parameters key by key; what crosses goes to one folder, the tokens stay in `session.json`.
//!
//! The last fetch kills every earlier one, so a killed run is never answered by fetching again: the session is written first
//! and holds all that is needed to finish. What stands in an output's place and is not this run's is refused, untouched.

use keyferry_core::transcript::Event;
use keyferry_core::{CeremonyPlan, Clock, Fingerprint, Parameters, Session, artefact, bi};
use keyferry_transport::{Access, write_new};

use super::{Failures, Finished, key_failed};
use crate::args::Export;
use crate::context::{Context, DEFAULT_ENDPOINT};
use crate::{Error, KeyError, PROGRAM};

mod fetch;
mod outputs;
mod record;
mod report;

use fetch::Fetched;
use outputs::{Outputs, Start};
use record::Record;
use report::Report;

const COMMAND: &str = "export";

/// Runs `export`.
///
/// # Errors
/// [`Error`] when nothing was exported.
pub fn run(context: &Context, args: &Export) -> Finished {
    let (plan, _) = context.plan(&args.plan)?;
    context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
    for key in plan.keys() {
        key.key_id()?;
    }
    let outputs = Outputs::new(args);
    match outputs.examine(&plan, context.clock().now())? {
        Start::Fresh => fresh(context, &plan, &outputs),
        Start::Finish { session, parameters_missing } => {
            finish(context, &plan, &outputs, &session, parameters_missing)
        }
    }
}

fn fresh(context: &Context, plan: &CeremonyPlan, outputs: &Outputs) -> Finished {
    let (console, clock) = (context.console(), context.clock());
    let client = context.client(context.endpoint(DEFAULT_ENDPOINT, Some(plan.purpose()))?)?;
    let mut record = begin(context, plan, outputs)?;
    let started = clock.now();
    let (mut fetched, mut failures) = (Vec::new(), Failures::default());
    let mut progress = console.progress(bi!("fetched", "已获取"), plan.keys().len());
    for key in plan.keys() {
        match fetch::fetch(&client, plan, key, clock) {
            Ok(one) => {
                record.add(clock, fetched_event(&one))?;
                fetched.push(one);
            }
            Err(error) => {
                record.add(clock, key_failed(&key.alias, &error))?;
                failures.report(console, key.alias.as_str(), error);
            }
        }
        progress.step();
    }
    let mut report = Report { context, plan, outputs, failures, resumed: false };
    if fetched.is_empty() {
        record.add(clock, finished(0, &report.failures))?;
        record.flush()?;
        report.nothing();
        return Ok(report.failures.class());
    }
    let endpoint = client.endpoint().to_string();
    let session = assemble(plan, endpoint, started, fetched)?;
    write_new(&outputs.session, &artefact::to_bytes(&session)?, Access::Owner)?;
    record.keep();
    record.flush()?;
    complete(&mut report, &session, &mut record, true)
}

/// Nothing is fetched: the session of the killed run holds everything.
fn finish(
    context: &Context,
    plan: &CeremonyPlan,
    outputs: &Outputs,
    session: &Session,
    parameters_missing: bool,
) -> Finished {
    let console = context.console();
    console.say(&bi!(
        "  finishing an interrupted export: nothing is fetched again",
        "  正在完成被中断的导出：不会重新获取参数"
    ));
    let mut failures = Failures::default();
    for key in plan.keys() {
        if !session.parameters.keys.iter().any(|e| e.alias == key.alias) {
            failures.report(console, key.alias.as_str(), KeyError::NotExported.into());
        }
    }
    let mut record = begin(context, plan, outputs)?;
    record.keep();
    let known = record.known_tokens();
    for entry in
        session.parameters.keys.iter().filter(|e| !known.contains(&e.import_token_sha256.to_string()))
    {
        record.add(context.clock(), fetch::event(entry, "not recorded: the export was interrupted"))?;
    }
    let mut report = Report { context, plan, outputs, failures, resumed: true };
    complete(&mut report, session, &mut record, parameters_missing)
}

/// Writes `parameters.json` if it is not there yet, then the end of the record, then tells people.
fn complete(
    report: &mut Report<'_>,
    session: &Session,
    record: &mut Record,
    parameters_missing: bool,
) -> Finished {
    let clock = report.context.clock();
    if parameters_missing {
        let bytes = artefact::to_bytes(&session.parameters)?;
        write_new(&report.outputs.parameters, &bytes, Access::Everyone)?;
    }
    let keys = session.parameters.keys.len() as u64;
    let (parameters_sha256, endpoint) = (session.parameters_sha256, session.endpoint.clone());
    if !outputs::is_exported(record.chain(), &parameters_sha256) {
        record.add(clock, Event::Exported { parameters_sha256, endpoint, keys })?;
    }
    record.flush()?;
    // Until this last line stands in the record, the same command finishes the run.
    record.add(clock, finished(keys, &report.failures))?;
    report.done(session, record.chain());
    record.write()?;
    Ok(report.failures.class())
}

fn begin(context: &Context, plan: &CeremonyPlan, outputs: &Outputs) -> Result<Record, Error> {
    let mut record = Record::open(&outputs.transcript, plan.ceremony(), context.clock())?;
    let (command, program) = (COMMAND.to_owned(), PROGRAM.to_owned());
    let (plan_sha256, purpose): (Option<Fingerprint>, _) = (Some(plan.digest()), plan.purpose());
    record.add(context.clock(), Event::Begun { command, program, plan_sha256, purpose })?;
    record.flush()?;
    Ok(record)
}

fn assemble(
    plan: &CeremonyPlan,
    endpoint: String,
    fetched_at: keyferry_core::Timestamp,
    fetched: Vec<Fetched>,
) -> Result<Session, Error> {
    let (entries, secrets) = fetched.into_iter().map(|f| (f.entry, f.secret)).unzip();
    Ok(Session::new(endpoint, Parameters::new(plan, fetched_at, entries)?, secrets)?)
}

fn fetched_event(fetched: &Fetched) -> Event {
    fetch::event(&fetched.entry, &fetched.request_id)
}

fn finished(succeeded: u64, failures: &Failures) -> Event {
    Event::Finished { command: COMMAND.into(), succeeded, failed: failures.len() }
}
