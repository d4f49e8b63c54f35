//! `create-key`: makes keys without material, checks each, and writes the draft plan with their ids filled in.
//!
//! Creating is not idempotent. So each request is in the journal before it is sent ([`creations`](crate::journal::creations)), an id is
//! shown and recorded the moment it is known, and a partial result is written. After a kill, the same command adopts the keys that it
//! requested.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use keyferry_core::plan::MAX_PLAN;
use keyferry_core::provider::KeyKind;
use keyferry_core::transcript::{Act, KnownKeys, Means};
use keyferry_core::{
    Alias, CeremonyPlan, Clock as _, Event, Fingerprint, KeyId, PlanKey, Region, Station, bi,
};
use keyferry_transport::show::estimate;
use keyferry_transport::{
    Access, TranscriptFile, check_free, judged_plan, printable, read_capped, write_new,
};
use serde_json::{Value, json};

use super::{Failures, Finished, LISTED, Rows, key_failed};
use crate::consent::{Given, agree_on_plan, confirmed};
use crate::context::Context;
use crate::error::UsageError;
use crate::journal::creations::Creations;
use crate::key::look_up;
use crate::record::{Found, LOST_ANSWER};
use crate::views::batches;
use crate::work::{InOrder, TwoSteps};
use crate::{Error, PROGRAM, providers};

mod create_key_flags;
mod draft;
mod obtain;

pub use create_key_flags::CreateKey;
use draft::Draft;
use obtain::{Checked, How, Obtained, Obtainer, check, request};

const COMMAND: &str = "create-key";

/// Runs `create-key`.
///
/// # Errors
/// [`Error`] when nothing was created.
pub fn run(context: &Context, args: &CreateKey) -> Finished {
    match (&args.plan, &args.out, &args.region) {
        (Some(draft), Some(out), _) => from_draft(context, args, draft, out),
        (_, _, Some(region)) => without_plan(context, region, &args.alias),
        // clap's argument groups rule out every other combination.
        _ => Err(UsageError::nothing_to_create().into()),
    }
}

fn from_draft(context: &Context, args: &CreateKey, draft: &Path, out: &Path) -> Finished {
    let bytes = read_capped(draft, MAX_PLAN)?;
    let plan = judged_plan(&bytes, context.clock().now(), context.console())?;
    plan.check_version()?;
    check_free(out)?;
    context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
    if plan.keys().iter().all(|k| k.key_id.is_some()) {
        return Err(UsageError::nothing_to_create().into());
    }
    let draft = Draft::parse(&bytes)?;
    let endpoint = context.endpoint_of(&plan)?;
    let journal = context.journal()?;
    let found = found(context, args.transcript.as_deref(), &plan)?;
    let given = Given { digest: args.expect_plan, head: args.expect_head };
    estimate::say(&plan, context.console());
    let means = agree_on_plan(context, &plan, &found, given)?;
    let creations = journal.creations(plan.digest(), &endpoint)?;
    let service = context.service_of(&plan, endpoint)?;
    let begin = |path| begin(context, path, &found, &plan, means);
    let record = args.transcript.as_deref().map(begin).transpose()?;
    let (recorded, keys, failures) = (found.created(), BTreeMap::new(), Failures::default());
    drop(found);
    let mut run =
        Run { context, record, recorded, draft, keys, failures, rows: Rows::default(), differing: 0 };
    run.create_all(&plan, &Obtainer { service: &*service, clock: context.clock(), creations: &creations })?;
    run.finish(&plan, out)
}

fn found(context: &Context, transcript: Option<&Path>, plan: &CeremonyPlan) -> Result<Found, Error> {
    let Some(path) = transcript else { return Ok(Found::NONE) };
    let found = Found::read(path, (plan.ceremony(), &KnownKeys::of_plan(plan)), plan.purpose())?;
    found.show(context.console(), path);
    Ok(found)
}

fn begin(
    context: &Context,
    path: &Path,
    found: &Found,
    plan: &CeremonyPlan,
    means: Means,
) -> Result<TranscriptFile, Error> {
    let mut record = TranscriptFile::open(path, plan.ceremony(), Station::Online, context.clock())?;
    found.check_same(&record)?;
    let (command, program) = (COMMAND.to_owned(), PROGRAM.to_owned());
    let (plan_sha256, purpose) = (Some(plan.digest()), plan.purpose());
    record.add(context.clock(), Event::Begun { command, program, plan_sha256, purpose })?;
    record.add_act(context.clock(), Act::through(means), confirmed(plan))?;
    record.flush()?;
    Ok(record)
}

/// One run over a draft.
struct Run<'c> {
    context: &'c Context,
    record: Option<TranscriptFile>,
    /// The keys that the record says were created, before this run.
    recorded: HashSet<KeyId>,
    draft: Draft,
    /// Indexed by the key's place in the plan: its id, and the material that it takes, if that is known.
    keys: BTreeMap<usize, (KeyId, Option<&'static KeyKind>)>,
    failures: Failures,
    rows: Rows,
    /// The number of keys whose material differs from what the draft says.
    differing: usize,
}

/// A key in the draft that has no id.
struct Wanted<'p> {
    /// The key's place among the keys without an id.
    order: usize,
    /// The key's place in the draft.
    n: usize,
    key: &'p PlanKey,
}

/// A key, and its result.
type Came<'p> = (&'p Wanted<'p>, Result<Checked, Error>);

impl Run<'_> {
    /// Creates or adopts every key without an id, several at a time. The run stops only if the record or the journal cannot be written;
    /// the ids so far are then in the journal. A key appears on the screen only after the record has it.
    fn create_all(&mut self, plan: &CeremonyPlan, obtainer: &Obtainer<'_>) -> Result<(), Error> {
        let wanted = plan.keys().iter().enumerate().filter(|(_, key)| key.key_id.is_none());
        let wanted = wanted.enumerate().map(|(order, (n, key))| Wanted { order, n, key }).collect();
        let batches = batches(wanted, obtainer.service.batch(), |wanted| &wanted.key.region);
        let items: Vec<&Wanted<'_>> = batches.iter().flatten().collect();
        let mut lines = InOrder::new();
        let steps = TwoSteps {
            first: |_, wanted: &Wanted<'_>| obtainer.obtain(wanted.key),
            between: |batch: &[Wanted<'_>], obtained: &[Result<Obtained, Error>]| {
                obtainer.look(batch.iter().map(|wanted| wanted.key), obtained)
            },
            second: |wanted: &Wanted<'_>, obtained: Result<Obtained, Error>, found| {
                obtainer.check(wanted.key, obtained?, found)
            },
        };
        steps.run(&batches, self.context.jobs(), |came| {
            let came = came.into_iter().filter_map(|(n, result)| Some((*items.get(n)?, result)));
            self.write_down(came.collect(), &mut lines, obtainer.creations)?;
            while let Some((wanted, result)) = lines.say() {
                self.report(wanted.n, wanted.key, result)?;
            }
            Ok(())
        })
    }

    /// Results are in the journal and the record, with one flush each, before they are shown. The record keeps the plan's order.
    fn write_down<'p>(
        &mut self,
        came: Vec<Came<'p>>,
        lines: &mut InOrder<Vec<Event>, Came<'p>>,
        creations: &Creations,
    ) -> Result<(), Error> {
        let made = came.iter().filter_map(|(Wanted { key, .. }, result)| {
            let obtained = &result.as_ref().ok()?.obtained;
            Some((&key.region, &key.alias, &obtained.key_id, obtained.request_id.as_deref()))
        });
        creations.done(self.context.clock(), made)?;
        for (wanted, result) in came {
            let of_key = self.lines_of(wanted.key, &result);
            lines.put_and_say(wanted.order, of_key, (wanted, result));
        }
        let ready: Vec<Event> = core::iter::from_fn(|| lines.take()).flatten().collect();
        self.note_all(ready)
    }

    fn lines_of(&self, key: &PlanKey, result: &Result<Checked, Error>) -> Vec<Event> {
        let Checked { obtained, kind } = match result {
            Ok(checked) => checked,
            Err(error) => return vec![key_failed(&key.alias, error)],
        };
        let mut lines = Vec::new();
        if !self.recorded.contains(&obtained.key_id) {
            let request_id = obtained.request_id.clone().unwrap_or_else(|| LOST_ANSWER.to_owned());
            let (alias, region, key_id) = (key.alias.clone(), key.region.clone(), obtained.key_id.clone());
            lines.push(Event::KeyCreated { alias, region, key_id, request_id });
        }
        lines.extend(kind.as_ref().err().map(|error| key_failed(&key.alias, error)));
        lines
    }

    /// Shows the key, and fills it into the draft.
    fn report(&mut self, n: usize, key: &PlanKey, result: Result<Checked, Error>) -> Result<(), Error> {
        let Checked { obtained, kind } = match result {
            Ok(checked) => checked,
            Err(error) => {
                self.fail(&key.alias, error);
                return Ok(());
            }
        };
        if self.rows.next(self.context.console()) {
            announce(self.context, key, &obtained);
        }
        match kind {
            Ok(kind) => self.fill(n, key, obtained.key_id, kind),
            Err(error) => {
                // The check got no answer, but the id must not be lost because of that. `export` checks the key again.
                if matches!(error, Error::Remote(_)) {
                    self.draft.fill(n, &obtained.key_id, None)?;
                    self.keys.insert(n, (obtained.key_id, None));
                }
                self.fail(&key.alias, error);
                Ok(())
            }
        }
    }

    fn fill(&mut self, n: usize, key: &PlanKey, key_id: KeyId, kind: &'static KeyKind) -> Result<(), Error> {
        let (edition, bits) = (kind.name, kind.material.length);
        let differs = kind != key.kind();
        self.differing += usize::from(differs);
        if differs && self.differing <= LISTED {
            let (alias, region, planned) = (&key.alias, &key.region, key.kind().material.length);
            self.context.console().say(&bi!(
                "  note: {region} runs the {edition} edition, so {alias} takes {bits}, not {planned}: the new plan says \
                 kind = \"{}\". Have that reviewed",
                "  注意：{region} 是 {edition} 版本，{alias} 需要 {bits:#}，而不是 {planned:#}：写出的计划中为 kind = \"{}\"。请审阅此项",
                kind.name
            ));
        }
        self.draft.fill(n, &key_id, differs.then_some(kind))?;
        self.keys.insert(n, (key_id, Some(kind)));
        Ok(())
    }

    /// The keys, for `--json`.
    fn json(&self, plan: &CeremonyPlan) -> Vec<Value> {
        let of = |(n, (key_id, kind)): (&usize, &(KeyId, Option<&KeyKind>))| {
            let key = plan.keys().get(*n)?;
            let (alias, region) = (&key.alias, &key.region);
            Some(match kind {
                Some(kind) => json!({
                    "alias": alias, "region": region, "key_id": key_id, "edition": kind.name,
                    "bits": kind.material.length.bits(), "bits_changed": *kind != key.kind(),
                }),
                None => json!({"alias": alias, "region": region, "key_id": key_id}),
            })
        };
        let json = self.context.console().json();
        self.keys.iter().filter(|_| json).filter_map(of).collect()
    }

    fn fail(&mut self, alias: &Alias, error: Error) {
        self.failures.report(self.context.console(), alias.as_str(), error);
    }

    fn note_all(&mut self, events: Vec<Event>) -> Result<(), Error> {
        let Some(record) = self.record.as_mut().filter(|_| !events.is_empty()) else { return Ok(()) };
        for event in events {
            record.add(self.context.clock(), event)?;
        }
        Ok(record.flush()?)
    }

    fn finish(mut self, plan: &CeremonyPlan, out: &Path) -> Finished {
        let (succeeded, failed) = (self.keys.len() as u64, self.failures.len());
        let text = if self.keys.is_empty() { None } else { Some(self.draft.finish(plan)?) };
        // The end of the record is written before the plan. So if the plan exists, the run is complete, and running the same command
        // again is refused because of it.
        self.note_all(vec![Event::Finished { command: COMMAND.into(), succeeded, failed }])?;
        let mut written: Option<Fingerprint> = None;
        if let Some(text) = text {
            write_new(out, text.as_bytes(), Access::Everyone)?;
            written = Some(Fingerprint::of(text.as_bytes()));
        }
        let console = self.context.console();
        self.rows.end(console);
        if self.differing > LISTED {
            let all = self.differing;
            console.say(&bi!(
                "  note: {all} keys in all take different material from what the draft says; see kind in the new plan",
                "  注意：共有 {all} 个密钥需要的材料与草稿不同；见写出的计划中的 kind"
            ));
        }
        self.failures.say_more(console);
        if let Some(digest) = &written {
            let path = out.display();
            console.row(&bi!("wrote", "已写出"), &path.to_string());
            console.hex(&bi!("digest", "摘要"), digest);
            let wanted = plan.keys().iter().filter(|k| k.key_id.is_none()).count();
            if self.keys.len() < wanted {
                console.say(&bi!(
                    "  incomplete: once the cause is fixed, run create-key with --plan {path} and another --out",
                    "  尚未完成：排除原因后，用 --plan {path} 和另一个 --out 再次运行 create-key"
                ));
            } else {
                console.say(&bi!(
                    "  next: have {path} reviewed; from now on its bytes must not change",
                    "  下一步：审阅 {path}；此后不得再改动其任何字节"
                ));
            }
        }
        let result = json!({
            "command": COMMAND, "purpose": plan.purpose(), "ceremony": plan.ceremony(),
            "plan": written.map(|_| out), "plan_sha256": written, "keys": self.json(plan),
            "proxy": self.context.proxy(),
        });
        if console.json() {
            self.failures.result(console, result);
        } else if written.is_some() {
            console.result_line(&printable::line(&out.display().to_string()));
        }
        Ok(self.failures.class())
    }
}

fn announce(context: &Context, key: &PlanKey, obtained: &Obtained) {
    let label = match obtained.how {
        How::Created => bi!("created", "已创建"),
        How::Found | How::Known => bi!("adopted", "已采用"),
    };
    context.console().row(&label, &format!("{}  {}  {}", key.alias, key.region, obtained.key_id));
}

/// Creates keys for a plan that has yet to be written, and prints a `[[key]]` table for each.
fn without_plan(context: &Context, region: &Region, aliases: &[Alias]) -> Finished {
    let console = context.console();
    let service = context.usual_service(context.usual_endpoint()?)?;
    let (mut keys, mut failures) = (Vec::new(), Failures::default());
    for alias in aliases {
        let created = match request(&*service, region, alias, None) {
            Ok(created) => created,
            Err(error) => {
                failures.report(console, alias.as_str(), error.into());
                continue;
            }
        };
        console.row(&bi!("created", "已创建"), &format!("{alias}  {region}  {}", created.key_id));
        let checked = check(look_up(&*service, region, &created.key_id), alias);
        let kind = checked.as_ref().ok().copied();
        if !console.json() {
            console.product(&draft::block(providers::USUAL, region, alias, &created.key_id, kind));
        }
        keys.push(json!({
            "alias": alias, "region": region, "key_id": created.key_id, "edition": kind.map(|kind| kind.name),
            "bits": kind.map(|kind| kind.material.length.bits()), "request_id": created.request_id,
        }));
        if let Err(error) = checked {
            failures.report(console, alias.as_str(), error);
        }
    }
    if console.json() {
        failures.result(console, json!({"command": COMMAND, "keys": keys, "proxy": context.proxy()}));
    }
    Ok(failures.class())
}
