//! `import`: sends what came back, key by key, and proves that each key works.
//!
//! A session counts only if this station's journal names its tokens. One entry that was not made for exactly this session refuses the whole file, and then nothing is sent at all. What one key's
//! import does, and what it does after a fault, is `one`'s; the same command may be run again after any failure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::transcript::{Act, Means};
use keyferry_core::{
    Alias, CheckedImport, Ciphertext, CiphertextError, Clock, Event, Fingerprint, Lang, PlanError, Session,
    Span, Station, StepName, Story, Transcript, ValidTo, bi,
};
use keyferry_service::KeyState;
use keyferry_transport::{
    OPENINGS_FILE, RecordError, TranscriptFile, check_record_room, check_room, folder_of, printable,
    read_capped, read_private,
};
use serde_json::{Value, json};

use super::{Failures, Finished, key_failed, show_record};
use crate::args::Import;
use crate::context::Context;
use crate::place::{check_journal, check_session};
use crate::record::{Found, longest_lines};
use crate::work::{self, InOrder};
use crate::{Error, KeyError, PROGRAM, providers};

mod agree;
mod backup;
mod escrow;
mod one;

use agree::{check_known, plan_of};
pub use escrow::EscrowNotHere;
use one::{Importer, Outcome};

const COMMAND: &str = "import";

/// Runs `import`.
///
/// # Errors
/// [`Error`] when nothing was sent.
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
    let (ciphertext, digest) = artefact::parse::<Ciphertext>(&read_capped(&args.ciphertext, MAX_ARTEFACT)?)?;
    let imports = match ciphertext.check(&session) {
        Ok(imports) => imports,
        Err(errors) => return refuse_all(context, errors),
    };
    let found = Found::read(&transcript(args), &parameters.ceremony, parameters.purpose)?;
    let places = ciphertext.keys.iter().enumerate().map(|(n, key)| (&key.alias, n)).collect();
    let failures = Failures::default();
    let mut run = Run { context, args, session: &session, digest, found, places, failures, escrow: None };
    run.escrow = run.check_escrow()?;
    let live = run.leave_out_dead(imports);
    run.show(&ciphertext);
    if live.is_empty() {
        return run.finish(&[], None);
    }
    run.show_time(&live);
    run.check_room()?;
    let provider = parameters.keys.first().map_or(providers::USUAL, |key| key.provider);
    let service = context.service(provider, endpoint)?;
    service.check_lasts(live.len() * one::REQUESTS, context.jobs())?;
    let consent = run.agree()?;
    let mut record = run.begin(consent)?;
    let live = run.leave_out_unrecovered(live, record.chain());
    let importer = Importer {
        service: &*service,
        journal: &journal,
        clock: context.clock(),
        prove_backup: args.prove_backup,
    };
    let keys = run.import_all(&importer, &live, &mut record)?;
    let (succeeded, failed) = (keys.len() as u64, run.failures.len());
    record.add(context.clock(), Event::Finished { command: COMMAND.into(), succeeded, failed })?;
    record.flush()?;
    run.finish(&keys, Some(record.chain()))
}

/// Every entry that does not belong is named; nothing is sent.
fn refuse_all(context: &Context, mut errors: Vec<CiphertextError>) -> Finished {
    if errors.len() == 1
        && let Some(only) = errors.pop()
    {
        return Err(only.into());
    }
    let (console, mut failures) = (context.console(), Failures::default());
    for error in errors {
        failures.report(console, "ciphertext.json", error.into());
    }
    if console.json() {
        failures.result(console, json!({"command": COMMAND, "keys": []}));
    }
    Ok(failures.class())
}

fn transcript(args: &Import) -> PathBuf {
    args.transcript.clone().unwrap_or_else(|| args.ciphertext.with_file_name("transcript.jsonl"))
}

/// One run over one ciphertext.
struct Run<'c> {
    context: &'c Context,
    args: &'c Import,
    session: &'c Session,
    digest: Fingerprint,
    /// The record on the medium.
    found: Found,
    /// Where each key is in the ciphertext, which has the plan's order: so has the record.
    places: BTreeMap<&'c Alias, usize>,
    failures: Failures,
    /// Digest of the escrow that is here, where the record names one.
    escrow: Option<Fingerprint>,
}

/// The lines about one key.
type Lines = Vec<(Act, Event)>;

impl<'c> Run<'c> {
    /// Keys whose token or expiry has passed are reported now and never sent.
    fn leave_out_dead(&mut self, imports: Vec<CheckedImport<'c>>) -> Vec<CheckedImport<'c>> {
        let now = self.context.clock().now();
        let mut live = Vec::with_capacity(imports.len());
        for import in imports {
            let expired = import.parameters.expires_at.filter(|t| *t <= now);
            let alias = &import.ciphertext.alias;
            let error: Error = if let Some(expires_at) = expired {
                let ago = expires_at.span_until(now).seconds();
                KeyError::TokenExpired { ago: Span::from_seconds(ago), now }.into()
            } else if matches!(import.valid_to, ValidTo::At(t) if t <= now) {
                PlanError::ValidToPassed(alias.clone()).into()
            } else {
                live.push(import);
                continue;
            };
            self.failures.report(self.context.console(), alias.as_str(), error);
        }
        live
    }

    /// To prove a backup, keys whose material no share gave are reported and never sent.
    fn leave_out_unrecovered(
        &mut self,
        live: Vec<CheckedImport<'c>>,
        chain: &Transcript,
    ) -> Vec<CheckedImport<'c>> {
        if !self.args.prove_backup {
            return live;
        }
        let (story, mut recovered) = (Story::of(chain), Vec::with_capacity(live.len()));
        for import in live {
            match backup::check_recovered(&story, &import) {
                Ok(()) => recovered.push(import),
                Err(error) => {
                    let alias = import.ciphertext.alias.as_str();
                    self.failures.report(self.context.console(), alias, error.into());
                }
            }
        }
        recovered
    }

    fn show(&self, ciphertext: &Ciphertext) {
        let console = self.context.console();
        for key in &ciphertext.keys {
            let (alias, id, bits) = (&key.alias, &key.key_id, key.material.length);
            let kcv = key.kcv.map_or_else(String::new, |kcv| format!("  KCV {kcv}"));
            console.row(&bi!("key", "密钥"), &format!("{alias}  {}  {id}  {bits}{kcv}", key.region));
        }
        for alias in self.without_ciphertext(ciphertext) {
            console.say(&bi!(
                "  note: key {alias} was exported but has no entry in this ciphertext; it is left as it is",
                "  注意：密钥 {alias} 已导出，但该密文中没有它的条目；保持原状"
            ));
        }
        self.show_escrow();
        console.digest(&bi!("digest", "摘要"), &self.digest, &Lang::BOTH);
        self.show_found();
    }

    fn without_ciphertext(&self, ciphertext: &Ciphertext) -> Vec<String> {
        let wrapped: BTreeSet<_> = ciphertext.keys.iter().map(|k| &k.key_id).collect();
        let missing = self.session.parameters.keys.iter().filter(|e| !wrapped.contains(&e.key_id));
        missing.map(|e| e.alias.to_string()).collect()
    }

    /// Whether the record can grow by what this run adds at most. An import is not undone, and the record says that it was.
    fn check_room(&self) -> Result<(), RecordError> {
        let (record, lines) = (transcript(self.args), longest_lines(self.places.len()));
        check_record_room(&record, lines)?;
        Ok(check_room(&[(&record, lines)])?)
    }

    fn begin(&self, means: Means) -> Result<TranscriptFile, Error> {
        let (clock, parameters) = (self.context.clock(), &self.session.parameters);
        let mut record =
            TranscriptFile::open(&transcript(self.args), &parameters.ceremony, Station::Online, clock)?;
        self.found.check_same(record.chain())?;
        self.look_beside(&record)?;
        let (command, program) = (COMMAND.to_owned(), PROGRAM.to_owned());
        let (plan_sha256, purpose) = (Some(parameters.plan_sha256), parameters.purpose);
        record.add(clock, Event::Begun { command, program, plan_sha256, purpose })?;
        let (file, sha256) = ("ciphertext.json".to_owned(), self.digest);
        record.add(clock, Event::Checked { file: file.clone(), sha256 })?;
        record.add_act(clock, Act::through(means), Event::Confirmed { file, sha256 })?;
        record.flush()?;
        Ok(record)
    }

    /// A wrong opening is found while the offline station is still there.
    fn look_beside(&self, record: &TranscriptFile) -> Result<(), Error> {
        let (console, beside) = (self.context.console(), record.beside()?);
        if beside.withheld > 0 {
            console.say(&bi!(
                "  note: {OPENINGS_FILE} is not beside the record, or not all of it: names stay withheld. Bring it from the offline station.",
                "  注意：记录旁没有 {OPENINGS_FILE}，或其内容不全：姓名不公开。请从离线站取来该文件。"
            ));
        }
        if beside.torn {
            console.say(&bi!(
                "  note: the last line of {OPENINGS_FILE} is incomplete, and verify will refuse it. Bring the whole file from the offline station, or \
                 run `keyferry-online note` on this record: it cuts the line off.",
                "  注意：{OPENINGS_FILE} 的最后一行不完整，verify 将拒绝它。请从离线站取来完整的文件，或对该记录运行 \
                 `keyferry-online note`：它会截去该行。"
            ));
        }
        Ok(())
    }

    /// Several keys at a time, each on its own; only a record that cannot be written stops the others.
    fn import_all(
        &mut self,
        importer: &Importer<'_>,
        live: &[CheckedImport<'c>],
        record: &mut TranscriptFile,
    ) -> Result<Vec<Value>, Error> {
        let mut progress = self.context.console().progress(bi!("imported", "已导入"), live.len());
        let recorded = Recorded::of_each(live, record.chain());
        let (mut keys, mut lines) = (BTreeMap::<usize, Value>::new(), self.lines_of_refused());
        write_ready(&mut lines, importer.clock, record)?;
        work::each(
            live,
            self.context.jobs(),
            |import| importer.import(import),
            |batch| {
                for (n, outcome) in batch {
                    let (Some(import), Some(recorded)) = (live.get(n), recorded.get(n)) else { continue };
                    let alias = &import.ciphertext.alias;
                    let place = self.places.get(alias).copied().unwrap_or_default();
                    lines.put(place, self.lines_of(import, &outcome, recorded));
                    match outcome.proved {
                        Ok(state) => {
                            keys.insert(n, self.succeeded(import, state, outcome.request_id.as_deref()));
                            progress.step();
                        }
                        Err(error) => {
                            self.failures.report(self.context.console(), alias.as_str(), error);
                            progress.fail();
                        }
                    }
                }
                write_ready(&mut lines, importer.clock, record)
            },
        )?;
        Ok(keys.into_values().collect())
    }

    /// Lines about the keys that are never sent.
    fn lines_of_refused(&self) -> InOrder<Lines> {
        let mut lines = InOrder::new();
        for (alias, error) in self.failures.iter() {
            let Ok(alias) = alias.parse::<Alias>() else { continue };
            let line = (Act::NOBODYS, key_failed(&alias, error));
            self.places.get(&alias).into_iter().for_each(|place| lines.put(*place, vec![line.clone()]));
        }
        lines
    }

    /// What became of a key, for the record; not twice what an interrupted run recorded.
    fn lines_of(&self, import: &CheckedImport<'_>, outcome: &Outcome, recorded: &Recorded) -> Lines {
        let (alias, key_id) = (&import.ciphertext.alias, &import.ciphertext.key_id);
        let mut lines = Lines::new();
        if let Some(request_id) = outcome.request_id.as_ref().filter(|id| !recorded.imported.contains(id)) {
            let (alias, key_id, request_id) = (alias.clone(), key_id.clone(), request_id.clone());
            let step = self.args.prove_backup.then_some(StepName::ProveBackup);
            let act = Act { step, ..Act::NOBODYS };
            lines.push((act, Event::Imported { alias, key_id, request_id }));
        }
        if self.args.prove_backup && outcome.proved.is_ok() {
            lines.extend(backup::proved(import).map(|event| (Act::NOBODYS, event)));
        }
        let last = match &outcome.proved {
            Ok(_) if outcome.earlier && recorded.proved => None,
            Ok(state) => Some(proved_event(import, *state)),
            Err(error) => Some(key_failed(alias, error)),
        };
        lines.extend(last.map(|event| (Act::NOBODYS, event)));
        lines
    }

    fn succeeded(&self, import: &CheckedImport<'_>, state: KeyState, request_id: Option<&str>) -> Value {
        let console = self.context.console();
        let (alias, region, id) =
            (&import.ciphertext.alias, &import.parameters.region, &import.ciphertext.key_id);
        let valid_to = import.valid_to;
        let text = bi!(
            "{alias}  {region}  {id}  {state}, expires {valid_to}, encrypts and decrypts",
            "{alias}  {region}  {id}  {state}，过期时间 {valid_to}，加解密验证通过"
        );
        console.row(&bi!("proved", "已验证"), text.get(console.lang()));
        if self.args.prove_backup {
            let text = bi!("{alias}  the backup is what the KMS holds", "{alias}  备份与 KMS 中的材料一致");
            console.row(&bi!("backup", "备份"), text.get(console.lang()));
        }
        if !console.json() {
            console.result_line(&printable::line(&format!("{alias} {region} {id} {state}")));
        }
        json!({
            "alias": alias, "region": region, "key_id": id, "state": state.as_str(), "valid_to": valid_to,
            "round_trip": true, "kcv": import.ciphertext.kcv, "request_id": request_id,
            "backup_proved": self.args.prove_backup,
        })
    }

    /// Of the parameters' 24 hours, what is left.
    fn show_time(&self, live: &[CheckedImport<'_>]) {
        let Some(until) = live.iter().filter_map(|i| i.parameters.expires_at).min() else { return };
        let left = self.context.clock().now().span_until(until).seconds();
        let left = Span::from_seconds(left);
        let console = self.context.console();
        let text = bi!("{left} left of 24 h, until {until}", "24 小时中还剩 {left}，至 {until}");
        console.row(&bi!("time", "时间"), text.get(console.lang()));
    }

    fn finish(&self, keys: &[Value], chain: Option<&Transcript>) -> Finished {
        let (console, parameters) = (self.context.console(), &self.session.parameters);
        let record = transcript(self.args);
        if let Some(chain) = chain {
            show_record(console, &record, chain);
        }
        let (done, failed) = (keys.len(), self.failures.len());
        console.say(&bi!("  {done} proved, {failed} failed", "  {done} 个已验证，{failed} 个失败"));
        self.failures.summary(console);
        if console.json() {
            self.failures.result(
                console,
                json!({
                    "command": COMMAND, "purpose": parameters.purpose, "ceremony": parameters.ceremony,
                    "plan_sha256": parameters.plan_sha256, "ciphertext": self.args.ciphertext,
                    "ciphertext_sha256": self.digest, "parameters_sha256": self.session.parameters_sha256,
                    "words": {"en": self.digest.words(Lang::En), "zh": self.digest.words(Lang::Zh)},
                    "escrow_sha256": self.escrow, "proxy": self.context.proxy(), "transcript": chain.map(|_| &record), "transcript_head": chain.map(Transcript::head), "keys": keys,
                }),
            );
        }
        Ok(self.failures.class())
    }
}

/// Writes the lines that no earlier key's are missing for.
fn write_ready(
    lines: &mut InOrder<Lines>,
    clock: &dyn Clock,
    record: &mut TranscriptFile,
) -> Result<(), Error> {
    while let Some(of_key) = lines.take() {
        of_key.into_iter().try_for_each(|(act, event)| record.add_act(clock, act, event))?;
    }
    Ok(record.flush()?)
}

/// What an interrupted run of this import recorded of one key already, so that this one does not record it twice.
struct Recorded {
    /// Ids of the requests.
    imported: Vec<String>,
    proved: bool,
}

impl Recorded {
    /// Of each key, before this run adds to the record.
    fn of_each(live: &[CheckedImport<'_>], chain: &Transcript) -> Vec<Self> {
        let story = Story::of(chain);
        let of = |import: &CheckedImport<'_>| {
            let key = story.in_service(&import.ciphertext.key_id);
            let imported = key.iter().flat_map(|key| &key.imported).map(|id| (*id).to_owned());
            Self { imported: imported.collect(), proved: key.is_some_and(|key| key.proved) }
        };
        live.iter().map(of).collect()
    }
}

fn proved_event(import: &CheckedImport<'_>, state: KeyState) -> Event {
    Event::Proved {
        alias: import.ciphertext.alias.clone(),
        key_id: import.ciphertext.key_id.clone(),
        state: state.as_str().to_owned(),
        valid_to: import.valid_to,
        round_trip: true,
    }
}
