//! `create-key`: makes keys without material, checks each, and writes the draft plan with their ids filled in.
//!
//! Creating is not idempotent, so each request is in the journal before it is sent ([`creations`](crate::journal::creations)), an id is shown and
//! recorded the moment it is known, and a partial result is written. The same command after a kill adopts the keys that it requested.

use std::collections::HashSet;
use std::path::Path;

use keyferry_core::plan::MAX_PLAN;
use keyferry_core::provider::KeyKind;
use keyferry_core::transcript::{Act, Means};
use keyferry_core::{
    Alias, CeremonyPlan, Clock as _, Event, Fingerprint, KeyId, PlanKey, Region, Station, bi,
};
use keyferry_transport::{
    Access, TranscriptFile, check_free, judged_plan, printable, read_capped, write_new,
};
use serde_json::{Value, json};

use super::{Failures, Finished, key_failed};
use crate::args::CreateKey;
use crate::consent::{Given, agree_on_plan, confirmed};
use crate::context::Context;
use crate::error::UsageError;
use crate::journal::creations::Creations;
use crate::record::{Found, LOST_ANSWER};
use crate::{Error, PROGRAM, Service, providers};

mod draft;
mod obtain;

use draft::Draft;
use obtain::{Obtained, create, obtain};

const COMMAND: &str = "create-key";

/// Runs `create-key`.
///
/// # Errors
/// [`Error`] when nothing was created.
pub fn run(context: &Context, args: &CreateKey) -> Finished {
    match (&args.plan, &args.out, &args.region) {
        (Some(draft), Some(out), _) => from_draft(context, args, draft, out),
        (_, _, Some(region)) => without_plan(context, region, &args.alias),
        // clap's groups leave no other case.
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
    let means = agree_on_plan(context, &plan, &found, given)?;
    let creations = journal.creations(plan.digest(), &endpoint)?;
    let service = context.service_of(&plan, endpoint)?;
    let begin = |path| begin(context, path, &found, &plan, means);
    let record = args.transcript.as_deref().map(begin).transpose()?;
    let (recorded, keys, failures) = (found.created(), Vec::new(), Failures::default());
    let mut run = Run { context, service, creations, record, recorded, draft, keys, failures };
    for (n, key) in plan.keys().iter().enumerate().filter(|(_, k)| k.key_id.is_none()) {
        run.create(n, key)?;
    }
    run.finish(&plan, out)
}

fn found(context: &Context, transcript: Option<&Path>, plan: &CeremonyPlan) -> Result<Found, Error> {
    let Some(path) = transcript else { return Ok(Found::NONE) };
    let found = Found::read(path, plan.ceremony(), plan.purpose())?;
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
    found.check_same(record.chain())?;
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
    service: Box<dyn Service + 'c>,
    creations: Creations,
    record: Option<TranscriptFile>,
    /// The keys that the record says were created, before this run.
    recorded: HashSet<KeyId>,
    draft: Draft,
    keys: Vec<Value>,
    failures: Failures,
}

impl Run<'_> {
    /// Creates or adopts one key. Only a record or a journal that cannot be written stops the run: the ids so far are on the screen then.
    fn create(&mut self, n: usize, key: &PlanKey) -> Result<(), Error> {
        let obtained = match obtain(&*self.service, self.context.clock(), &mut self.creations, key) {
            Ok(obtained) => obtained,
            Err(error) => return self.fail(&key.alias, error),
        };
        let Obtained { key_id, request_id, adopted, checked } = obtained;
        announce(self.context, key, &key_id, adopted);
        let (alias, region) = (key.alias.clone(), key.region.clone());
        self.creations.done(
            self.context.clock(),
            &key.region,
            &key.alias,
            (&key_id, request_id.as_deref()),
        )?;
        if !self.recorded.contains(&key_id) {
            let request_id = request_id.unwrap_or_else(|| LOST_ANSWER.to_owned());
            self.note(Event::KeyCreated { alias, region, key_id: key_id.clone(), request_id })?;
        }
        match checked {
            Ok(kind) => self.fill(n, key, &key_id, kind),
            // The check got no answer; the id must not be lost for that. Export checks again.
            Err(error @ Error::Remote(_)) => {
                self.draft.fill(n, &key_id, None)?;
                self.keys.push(json!({"alias": key.alias, "region": key.region, "key_id": key_id}));
                self.fail(&key.alias, error)
            }
            Err(error) => self.fail(&key.alias, error),
        }
    }

    fn fill(&mut self, n: usize, key: &PlanKey, key_id: &KeyId, kind: &KeyKind) -> Result<(), Error> {
        let (edition, bits) = (kind.name, kind.material.length);
        let differs = kind != key.kind();
        if differs {
            let (alias, region, planned) = (&key.alias, &key.region, key.kind().material.length);
            self.context.console().say(&bi!(
                "  note: {region} runs the {edition} edition, so {alias} takes {bits}, not {planned}: the plan written says \
                 kind = \"{}\". Have that reviewed",
                "  注意：{region} 是 {edition} 版本，{alias} 需要 {bits} 而不是 {planned}：写出的计划中为 kind = \"{}\"。请审阅此项",
                kind.name
            ));
        }
        self.draft.fill(n, key_id, differs.then_some(kind))?;
        self.keys.push(json!({
            "alias": key.alias, "region": key.region, "key_id": key_id, "edition": edition, "bits": bits.bits(),
            "bits_changed": differs,
        }));
        Ok(())
    }

    fn fail(&mut self, alias: &Alias, error: Error) -> Result<(), Error> {
        self.note(key_failed(alias, &error))?;
        self.failures.report(self.context.console(), alias.as_str(), error);
        Ok(())
    }

    fn note(&mut self, event: Event) -> Result<(), Error> {
        if let Some(record) = &mut self.record {
            record.add(self.context.clock(), event)?;
            record.flush()?;
        }
        Ok(())
    }

    fn finish(mut self, plan: &CeremonyPlan, out: &Path) -> Finished {
        let (succeeded, failed) = (self.keys.len() as u64, self.failures.len());
        let text = if self.keys.is_empty() { None } else { Some(self.draft.finish(plan)?) };
        // The end of the record first: where the plan is, the run is complete, and the same command is refused for that.
        self.note(Event::Finished { command: COMMAND.into(), succeeded, failed })?;
        let mut written: Option<Fingerprint> = None;
        if let Some(text) = text {
            write_new(out, text.as_bytes(), Access::Everyone)?;
            written = Some(Fingerprint::of(text.as_bytes()));
        }
        let console = self.context.console();
        if let Some(digest) = &written {
            let path = out.display();
            console.row(&bi!("wrote", "已写出"), &path.to_string());
            console.hex(&bi!("digest", "摘要"), digest);
            let wanted = plan.keys().iter().filter(|k| k.key_id.is_none()).count();
            if self.keys.len() < wanted {
                console.say(&bi!(
                    "  incomplete: when the cause is gone, run create-key with --plan {path} and another --out",
                    "  尚未完成：排除原因后，用 --plan {path} 和另一个 --out 再次运行 create-key"
                ));
            } else {
                console.say(&bi!(
                    "  next: have {path} reviewed; from now on its bytes do not change",
                    "  下一步：审阅 {path}；此后不得再改动其任何字节"
                ));
            }
        }
        let result = json!({
            "command": COMMAND, "purpose": plan.purpose(), "ceremony": plan.ceremony(),
            "plan": written.map(|_| out), "plan_sha256": written, "keys": self.keys,
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

fn announce(context: &Context, key: &PlanKey, key_id: &KeyId, adopted: bool) {
    let label = if adopted { bi!("adopted", "已采用") } else { bi!("created", "已创建") };
    context.console().row(&label, &format!("{}  {}  {key_id}", key.alias, key.region));
}

/// Keys for a plan that is still to be written: prints a `[[key]]` table for each.
fn without_plan(context: &Context, region: &Region, aliases: &[Alias]) -> Finished {
    let console = context.console();
    let service = context.usual_service(context.usual_endpoint()?)?;
    let (mut keys, mut failures) = (Vec::new(), Failures::default());
    for alias in aliases {
        let created = match create(&*service, region, alias) {
            Ok(created) => created,
            Err(error) => {
                failures.report(console, alias.as_str(), error.into());
                continue;
            }
        };
        console.row(&bi!("created", "已创建"), &format!("{alias}  {region}  {}", created.key_id));
        let kind = created.checked.as_ref().ok().copied();
        if !console.json() {
            console.product(&draft::block(providers::USUAL, (region, alias), &created.key_id, kind));
        }
        keys.push(json!({
            "alias": alias, "region": region, "key_id": created.key_id, "edition": kind.map(|kind| kind.name),
            "bits": kind.map(|kind| kind.material.length.bits()), "request_id": created.request_id,
        }));
        if let Err(error) = created.checked {
            failures.report(console, alias.as_str(), error);
        }
    }
    if console.json() {
        failures.result(console, json!({"command": COMMAND, "keys": keys, "proxy": context.proxy()}));
    }
    Ok(failures.class())
}
