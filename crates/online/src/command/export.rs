//! `export`: fetches import parameters key by key; what crosses goes to one folder, the tokens stay in `session.json`.
//!
//! Each fetch invalidates the parameters from every earlier fetch. So the journal refuses while a ceremony is pending; each key's
//! parameters are saved as soon as they arrive; and a run after a killed one fetches only the missing ones. The session is written first
//! and holds everything that is needed to finish. A file from an earlier run is used only if the journal, which nobody else can write,
//! names each of its tokens as this station's last fetch for this ceremony. Anything else at an output's path is refused and left
//! untouched.

use std::collections::{BTreeMap, BTreeSet};

use keyferry_core::transcript::{Act, Event, KnownKeys, Means};
use keyferry_core::{
    CeremonyPlan, Clock, Endpoint, Fingerprint, KeyId, ParameterEntry, PlanKey, Session, bi,
};
use keyferry_service::KeyRef;
use keyferry_transport::show::estimate;
use keyferry_transport::{Access, remove_empty_leftover};
use serde_json::json;

use super::{Failures, Finished, key_failed};
use crate::consent::{Given, agree_on_plan, confirmed};
use crate::context::Context;
use crate::journal::Journal;
use crate::place::{check_journal, check_session};
use crate::record::Found;
use crate::views::{At, Views, batches};
use crate::work;
use crate::{Error, KeyError, PROGRAM};

mod export_flags;
mod export_outcome;
mod export_record;
mod fetch;
mod fetched;
mod kept;
mod outputs;

pub use export_flags::Export;
use export_outcome::Report;
use export_record::Record;
use fetch::Fetcher;
use fetched::{Fetched, assemble, check_own};
pub(super) use fetched::{known, token};
use kept::Kept;
use outputs::{Outputs, Start, write_artefact};

const COMMAND: &str = "export";

/// Runs `export`.
///
/// # Errors
/// [`Error`] when nothing was exported.
pub fn run(context: &Context, args: &Export) -> Finished {
    let plan = context.judged_plan(&args.plan)?;
    context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
    for key in plan.keys() {
        key.key_id()?;
    }
    let journal = context.journal()?;
    check_session(&args.session, &args.out, journal.path(), plan.purpose())?;
    check_journal(journal.path(), &args.out, plan.purpose())?;
    let outputs = Outputs::new(args);
    let known = KnownKeys::of_plan(&plan);
    let found = Found::read(&outputs.transcript, (plan.ceremony(), &known), plan.purpose())?;
    let start = outputs.examine(&plan, &found, context.clock().now())?;
    let run = Begun { context, plan: &plan, outputs: &outputs, found };
    match start {
        Start::Fresh => run.fresh(args),
        Start::Finish { session, parameters_missing } => run.finish(args, &session, parameters_missing),
    }
}

/// What a run knows before it sends a request.
struct Begun<'c> {
    context: &'c Context,
    plan: &'c CeremonyPlan,
    outputs: &'c Outputs,
    found: Found,
}

impl Begun<'_> {
    fn fresh(mut self, args: &Export) -> Finished {
        let Self { context, plan, outputs, .. } = self;
        let clock = context.clock();
        let journal = context.journal()?;
        let endpoint = context.endpoint_of(plan)?;
        let earlier = kept::is_there(&outputs.session);
        let kept = earlier.then(|| self.kept(&journal, &endpoint)).transpose()?;
        let remove = |kept: Option<Kept>| kept.map_or((), |kept| kept.remove_if_empty());
        if let Err(error) = outputs.check_room(plan) {
            remove(kept);
            return Err(error.into());
        }
        if let Some(refused) = refuse_while_out(context, plan, kept.as_ref(), &journal, args) {
            remove(kept);
            return refused;
        }
        let means = self.agree(args)?;
        let service = context.service_of(plan, endpoint.clone())?;
        // The run makes its own file only now, because people may take a long time to answer the question.
        let kept = kept.map_or_else(|| self.kept(&journal, &endpoint), Ok)?;
        let mut record = match self.begin(means) {
            Ok(record) => record,
            Err(error) => {
                kept.remove_if_empty();
                return Err(error);
            }
        };
        // The lines are no longer needed.
        self.found.forget_lines();
        if !kept.earlier.is_empty() {
            record.keep();
        }
        let wanted = batches(missing(plan, &kept), service.batch(), |(_, key, _)| &key.region);
        journal.make_missing(wanted.iter().flatten().map(|(_, key, id)| (&key.region, *id)))?;
        let fetcher = Fetcher {
            service: &*service,
            plan,
            journal: &journal,
            kept: &kept,
            abandon: args.abandon.as_ref(),
            clock,
            views: Views::new(&*service, wanted.iter().map(|keys| refs(keys)).collect()),
        };
        let (fetched, failed) = (plan.keys().iter().map(|_| None).collect(), BTreeMap::new());
        let mut run = Run { context, plan, fetched, failed, failures: Failures::default() };
        run.fetch_all(&fetcher, &wanted, &mut record)?;
        // This must come before the session exists, because a session counts only if the journal names its tokens.
        journal.sync()?;
        self.write(run, kept, record, &endpoint)
    }

    /// Writes the session, then the other outputs; the session includes what an earlier run kept.
    fn write(&self, run: Run<'_>, mut kept: Kept, mut record: Record, endpoint: &Endpoint) -> Finished {
        let Self { context, plan, outputs, .. } = *self;
        let (console, clock) = (context.console(), context.clock());
        let Run { mut fetched, failures, .. } = run;
        let mut report = Report { context, plan, outputs, failures, resumed: !kept.earlier.is_empty() };
        let mut earlier = std::mem::take(&mut kept.earlier);
        for (place, key) in fetched.iter_mut().zip(plan.keys()) {
            if let Some(one) = key.key_id.as_ref().and_then(|id| earlier.remove(id)) {
                *place = Some(one);
            }
        }
        if fetched.iter().all(Option::is_none) {
            record.add(clock, finished(0, &report.failures))?;
            record.flush()?;
            kept.remove();
            report.nothing();
            report.failures.summary(console);
            return Ok(report.failures.class());
        }
        // An earlier run may have fetched some of the parameters. The session therefore gets the time of the last fetch: measured from
        // that time, no expiry is too far in the future.
        let session = assemble(plan, endpoint.to_string(), clock.now(), fetched)?;
        write_artefact(&outputs.session, &session, Access::Owner)?;
        kept.remove();
        record.keep();
        record.flush()?;
        complete(&mut report, &session, &mut record, Missing { parameters: true, exported: true })
    }

    /// Nothing is fetched: the session of the killed run holds everything.
    fn finish(&self, args: &Export, session: &Session, parameters_missing: bool) -> Finished {
        let Self { context, plan, outputs, .. } = *self;
        let console = context.console();
        check_own(session, &outputs.session, &context.journal()?)?;
        console.say(&bi!(
            "  finishing an interrupted export: nothing is fetched again",
            "  正在完成被中断的导出：不会重新获取参数"
        ));
        let mut failures = Failures::default();
        let exported: BTreeSet<_> = session.parameters.keys.iter().map(|e| &e.alias).collect();
        for key in plan.keys().iter().filter(|key| !exported.contains(&key.alias)) {
            failures.report(console, key.alias.as_str(), KeyError::NotExported.into());
        }
        if parameters_missing && let Some(first) = session.parameters.keys.iter().min_by_key(|e| e.expires_at)
        {
            fetched::check_time_left(first, plan, context.clock().now())?;
        }
        let means = self.agree(args)?;
        kept::remove_leftover(&outputs.session, plan);
        let mut record = self.begin(means)?;
        record.keep();
        let known = &record.known_tokens;
        let unknown = |e: &&ParameterEntry| !known.contains(&e.import_token_sha256);
        let unknown: Vec<_> = session.parameters.keys.iter().filter(unknown).collect();
        for entry in unknown {
            record.add(context.clock(), fetched::event(entry, "not recorded: the export was interrupted"))?;
        }
        let exported = self.found.is_exported(session.parameters_sha256);
        let mut report = Report { context, plan, outputs, failures, resumed: true };
        complete(
            &mut report,
            session,
            &mut record,
            Missing { parameters: parameters_missing, exported: !exported },
        )
    }

    /// The parameters that an earlier run of this export saved; makes the file if there is none.
    fn kept(&self, journal: &Journal, endpoint: &Endpoint) -> Result<Kept, Error> {
        let (plan, now) = (self.plan, self.context.clock().now());
        let mut kept = Kept::open(&self.outputs.session, plan, &endpoint.to_string(), now)?;
        kept.check_own(plan, journal, now)?;
        Ok(kept)
    }

    fn agree(&self, args: &Export) -> Result<Means, Error> {
        let Self { context, plan, outputs, ref found } = *self;
        found.show(context.console(), &outputs.transcript);
        estimate::say(plan, context.console());
        let given = Given { digest: args.expect_plan, head: args.expect_head };
        agree_on_plan(context, plan, found, given)
    }

    fn begin(&self, means: Means) -> Result<Record, Error> {
        let Self { context, plan, outputs, ref found } = *self;
        let mut record = Record::open(&outputs.transcript, plan.ceremony(), found, context.clock())?;
        let (command, program) = (COMMAND.to_owned(), PROGRAM.to_owned());
        let (plan_sha256, purpose): (Option<Fingerprint>, _) = (Some(plan.digest()), plan.purpose());
        record.add(context.clock(), Event::Begun { command, program, plan_sha256, purpose })?;
        record.add_act(context.clock(), Act::through(means), confirmed(plan))?;
        record.flush()?;
        Ok(record)
    }
}

/// Before anything is fetched, no other ceremony may be pending with any of these keys: otherwise part of its ciphertext would become
/// invalid.
fn refuse_while_out(
    context: &Context,
    plan: &CeremonyPlan,
    kept: Option<&Kept>,
    journal: &Journal,
    args: &Export,
) -> Option<Finished> {
    let (now, mut failures) = (context.clock().now(), Failures::default());
    for key in plan.keys() {
        let Some(id) = &key.key_id else { continue };
        let own =
            kept.and_then(|kept| kept.earlier.get(id)).and_then(|f| f.entry.import_token_sha256.as_ref());
        let history = match journal.peek(&key.region, id) {
            Ok(history) => history,
            Err(error) => return Some(Err(error)),
        };
        if let Err(error) = history.check_fetch(now, args.abandon.as_ref(), own) {
            failures.report(context.console(), key.alias.as_str(), error.into());
        }
    }
    let class = failures.class()?;
    if context.console().json() {
        let (purpose, ceremony) = (plan.purpose(), plan.ceremony());
        failures.result(
            context.console(),
            json!({"command": COMMAND, "purpose": purpose, "ceremony": ceremony, "keys": []}),
        );
    }
    Some(Ok(Some(class)))
}

/// A key whose parameters must be fetched, with its place in the plan.
type Wanted<'p> = (usize, &'p PlanKey, &'p KeyId);

/// Those keys of a plan for which an earlier run kept no parameters.
fn missing<'p>(plan: &'p CeremonyPlan, kept: &Kept) -> Vec<Wanted<'p>> {
    let keys = plan.keys().iter().enumerate();
    let keys = keys.filter_map(|(place, key)| Some((place, key, key.key_id.as_ref()?)));
    keys.filter(|(_, _, id)| !kept.earlier.contains_key(*id)).collect()
}

fn refs<'p>(keys: &[Wanted<'p>]) -> Vec<KeyRef<'p>> {
    keys.iter().map(|(_, key, id)| KeyRef { region: &key.region, id }).collect()
}

/// The fetching part of a run.
struct Run<'c> {
    context: &'c Context,
    plan: &'c CeremonyPlan,
    /// Indexed by the key's place in the plan.
    fetched: Vec<Option<Fetched>>,
    /// Lines about the keys that failed, also indexed by place.
    failed: BTreeMap<usize, Event>,
    failures: Failures,
}

impl Run<'_> {
    fn fetch_all(
        &mut self,
        fetcher: &Fetcher<'_>,
        wanted: &[Vec<Wanted<'_>>],
        record: &mut Record,
    ) -> Result<(), Error> {
        let (console, clock) = (*self.context.console(), self.context.clock());
        let of_batch = |(batch, keys): (usize, &Vec<Wanted<'_>>)| {
            (0..keys.len()).map(|item| At { batch, item }).collect::<Vec<_>>()
        };
        let places: Vec<At> = wanted.iter().enumerate().flat_map(of_batch).collect();
        let key_at = |at: &At| wanted.get(at.batch).and_then(|keys| keys.get(at.item));
        let mut progress = console.progress(bi!("fetched", "已获取"), places.len());
        let mut done = |batch: Vec<(usize, Result<Fetched, Error>)>| {
            for (n, result) in batch {
                let Some((place, key, _)) = places.get(n).and_then(key_at) else { continue };
                match result {
                    Ok(one) => {
                        if let Some(empty) = self.fetched.get_mut(*place) {
                            *empty = Some(one);
                        }
                        progress.step();
                    }
                    Err(error) => {
                        self.failed.insert(*place, key_failed(&key.alias, &error));
                        self.failures.report(&console, key.alias.as_str(), error);
                        progress.fail();
                    }
                }
            }
            Ok::<_, Error>(())
        };
        let fetch = |at: &At| match key_at(at) {
            Some((_, key, _)) => fetcher.fetch(key, *at),
            None => Err(KeyError::NotExported.into()),
        };
        work::each(&places, self.context.jobs(), fetch, &mut done)?;
        self.write_down(fetcher, clock, record)
    }

    /// Writes a line about each key, in the plan's order. This includes keys whose parameters an earlier run fetched, if the record has no
    /// line about them.
    fn write_down(&self, fetcher: &Fetcher<'_>, clock: &dyn Clock, record: &mut Record) -> Result<(), Error> {
        for (place, key) in self.plan.keys().iter().enumerate() {
            let kept = key.key_id.as_ref().and_then(|id| fetcher.kept.earlier.get(id));
            let kept = kept.filter(|one| !record.known_tokens.contains(&one.entry.import_token_sha256));
            let event =
                match (self.failed.get(&place), self.fetched.get(place).and_then(Option::as_ref).or(kept)) {
                    (Some(failed), _) => failed.clone(),
                    (None, Some(one)) => fetched::event(&one.entry, &one.request_id),
                    (None, None) => continue,
                };
            record.add(clock, event)?;
        }
        Ok(())
    }
}

/// The outputs that an export does not have yet.
struct Missing {
    /// `parameters.json`.
    parameters: bool,
    /// The record's line about `parameters.json`.
    exported: bool,
}

/// Writes `parameters.json` if it does not exist yet, then the end of the record, and then reports to people.
fn complete(report: &mut Report<'_>, session: &Session, record: &mut Record, missing: Missing) -> Finished {
    let clock = report.context.clock();
    if missing.parameters {
        remove_empty_leftover(&report.outputs.parameters)?;
        write_artefact(&report.outputs.parameters, &session.parameters, Access::Everyone)?;
    }
    let keys = session.parameters.keys.len() as u64;
    let (parameters_sha256, endpoint) = (session.parameters_sha256, session.endpoint.clone());
    if missing.exported {
        record.add(clock, Event::Exported { parameters_sha256, endpoint, keys })?;
    }
    record.flush()?;
    // Until the record has this last line, the same command finishes the run.
    record.add(clock, finished(keys, &report.failures))?;
    report.done(session, record.tip());
    report.failures.summary(report.context.console());
    record.flush()?;
    Ok(report.failures.class())
}

fn finished(succeeded: u64, failures: &Failures) -> Event {
    Event::Finished { command: COMMAND.into(), succeeded, failed: failures.len() }
}
