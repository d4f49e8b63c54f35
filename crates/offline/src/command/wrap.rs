//! `wrap`: from plan and parameters to `ciphertext.json`.
//!
//! Nothing secret exists before every check has passed and people have agreed. A run that was killed after its output appeared
//! is finished by the same command; everything else that stands in an output's place is refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::plan::Backup;
use keyferry_core::transcript::{Consent, MAX_TRANSCRIPT};
use keyferry_core::{
    CheckedEntry, Ciphertext, CiphertextEntry, Clock, Event, Explain, Fingerprint, KeyMaterial, Lang,
    MaterialError, ParametersError, Station, Transcript, WrappedKeyMaterial, bi,
};
use keyferry_transport::{Access, FileError, TranscriptFile, check_free, publish_new, read_capped};
use serde_json::json;

use crate::args::Wrap;
use crate::context::{Context, PROGRAM};
use crate::error::{KeysFailed, OfflineError, PlanDemand};
use crate::inputs::Inputs;
use crate::rng::StationRng;

const COMMAND: &str = "wrap";

pub(crate) fn run(args: &Wrap, context: &Context) -> Result<(), OfflineError> {
    let inputs = Inputs::load(&args.inputs, context)?;
    let mut rng = StationRng::new(args.rehearsal_seed.as_deref(), inputs.plan.purpose())?;
    check_demands(args, &inputs)?;
    let out = Outputs::new(&args.out);
    let unfinished = out.find_unfinished(&inputs)?;
    inputs.show(context);
    if inputs.parameters.entries().is_empty() {
        return inputs.outcome();
    }
    if let Some((ciphertext, digest)) = unfinished {
        return finish_interrupted(&ciphertext, digest, &out, &inputs, context);
    }
    let consent = agree(args, &inputs, context)?;
    let mut record = out.open_record(&inputs, context)?;
    record_start(&mut record, args, &inputs, context, consent)?;
    match wrap_all(&inputs, &mut rng, &mut record, context) {
        Ok(wrapped) => write(wrapped, &mut record, &out, &inputs, context),
        Err(error) => {
            // What was done before the failure stays in the record.
            record.flush()?;
            Err(error)
        }
    }
}

/// What the plan demands and this run cannot do stops it before anything is shown as done.
fn check_demands(args: &Wrap, inputs: &Inputs) -> Result<(), PlanDemand> {
    use keyferry_core::plan::PostureCheck;

    if matches!(inputs.plan.backup(), Backup::Slip39 { .. }) {
        return Err(PlanDemand::Slip39);
    }
    for check in &inputs.plan.posture().require {
        // The question before wrapping names the time; without the question a person gives it.
        let asked = args.expect_digest.is_none() || args.inputs.now.is_some();
        match check {
            PostureCheck::ClockConfirmed if asked => {}
            PostureCheck::ClockConfirmed => return Err(PlanDemand::Clock),
            other => {
                let name = serde_json::to_value(other).ok().and_then(|v| v.as_str().map(str::to_owned));
                return Err(PlanDemand::Posture(name.unwrap_or_default()));
            }
        }
    }
    Ok(())
}

/// The two files that this command leaves on the medium.
struct Outputs {
    ciphertext: PathBuf,
    transcript: PathBuf,
}

impl Outputs {
    fn new(folder: &Path) -> Self {
        Self { ciphertext: folder.join("ciphertext.json"), transcript: folder.join("transcript.jsonl") }
    }

    /// A whole ciphertext for these very parameters whose run has no end in the transcript: it was killed on the way.
    fn find_unfinished(&self, inputs: &Inputs) -> Result<Option<(Ciphertext, Fingerprint)>, OfflineError> {
        let taken = match check_free(&self.ciphertext) {
            Ok(()) => return Ok(None),
            Err(taken @ FileError::Exists(_)) => taken,
            Err(other) => return Err(other.into()),
        };
        let found = read_capped(&self.ciphertext, MAX_ARTEFACT).ok();
        let found = found.and_then(|bytes| artefact::parse::<Ciphertext>(&bytes).ok());
        match found {
            Some((ciphertext, digest))
                if ciphertext.check_against(&inputs.parameters).is_ok() && self.is_unfinished(&digest) =>
            {
                Ok(Some((ciphertext, digest)))
            }
            _ => Err(taken.into()),
        }
    }

    /// No finished wrap of the transcript wrote this digest.
    fn is_unfinished(&self, digest: &Fingerprint) -> bool {
        let bytes = read_capped(&self.transcript, MAX_TRANSCRIPT).unwrap_or_default();
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let Some(Ok(chain)) = bytes.get(..whole).map(Transcript::verify) else { return false };
        let finished = |e: &Event| matches!(e, Event::Finished { command, .. } if command == COMMAND);
        let lines = chain.iter().flat_map(Transcript::lines);
        !lines.skip_while(|l| !is_written(&l.event, digest)).any(|l| finished(&l.event))
    }

    fn open_record(&self, inputs: &Inputs, context: &Context) -> Result<TranscriptFile, OfflineError> {
        Ok(TranscriptFile::open(&self.transcript, inputs.plan.ceremony(), Station::Offline, context)?)
    }
}

/// People compare the words, or a script gives the digest.
fn agree(args: &Wrap, inputs: &Inputs, context: &Context) -> Result<Consent, OfflineError> {
    let found = inputs.parameters.digest();
    if let Some(expected) = args.expect_digest {
        if expected != found {
            return Err(ParametersError::Digest { found, expected }.into());
        }
        return Ok(Consent::ExpectedDigest);
    }
    let now = inputs.now;
    context.console.confirm(&bi!(
        "Do the words match the online station's, and is it now about {now}?  type Yes:",
        "词语与联机站一致吗？现在的时间大约是 {now} 吗？请输入 Yes："
    ))?;
    Ok(Consent::TypedYes)
}

fn record_start(
    record: &mut TranscriptFile,
    args: &Wrap,
    inputs: &Inputs,
    context: &Context,
    consent: Consent,
) -> Result<(), OfflineError> {
    let sha256 = inputs.parameters.digest();
    let file = || "parameters.json".to_owned();
    begin(record, inputs, context)?;
    if let Some(given) = args.inputs.now {
        record.add(context, Event::TimeGiven { given, clock: context.now() })?;
    }
    record.add(context, Event::Checked { file: file(), sha256 })?;
    for (alias, error) in inputs.parameters.refused() {
        record.add(context, key_failed(alias.clone(), error))?;
    }
    record.add(context, Event::Confirmed { file: file(), sha256, consent })?;
    if let Backup::None { reason } = inputs.plan.backup() {
        record.add(context, Event::BackupWaived { reason: reason.chars().take(1000).collect() })?;
    }
    // The last command of the record waits for the device, once, after the output does.
    Ok(record.write()?)
}

fn begin(record: &mut TranscriptFile, inputs: &Inputs, context: &Context) -> Result<(), OfflineError> {
    let event = Event::Begun {
        command: COMMAND.into(),
        program: PROGRAM.into(),
        plan_sha256: Some(inputs.plan.digest()),
        purpose: inputs.plan.purpose(),
    };
    Ok(record.add(context, event)?)
}

fn key_failed(alias: keyferry_core::Alias, error: &dyn Explain) -> Event {
    let reason = error.what().en.chars().take(500).collect();
    Event::KeyFailed { alias, control: error.control().id().into(), reason }
}

/// What came of the keys.
struct Wrapped {
    entries: Vec<CiphertextEntry>,
    seeded: bool,
    failed: usize,
    first_failure: Option<OfflineError>,
}

/// Generates and wraps key by key. A failing generator stops everything; anything else stops one key.
fn wrap_all(
    inputs: &Inputs,
    rng: &mut StationRng,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<Wrapped, OfflineError> {
    use keyferry_core::transcript::MaterialSource;

    let seeded = rng.source() == MaterialSource::Seeded;
    let mut all = Wrapped { entries: Vec::new(), seeded, failed: 0, first_failure: None };
    let mut seen = BTreeSet::new();
    let mut progress = context.console.progress(bi!("wrapping", "包装"), inputs.parameters.entries().len());
    for checked in inputs.parameters.entries() {
        match wrap_one(checked, inputs, rng, record, context) {
            Ok(entry) => {
                // The same material twice: the generator repeats itself.
                if !seen.insert(entry.commitment.to_string()) {
                    return Err(MaterialError::Entropy.into());
                }
                all.entries.push(entry);
            }
            Err(error) if error.control() == keyferry_core::Control::MAT_ENTROPY => return Err(error),
            Err(error) => {
                context.console.refuse_key(checked.entry().alias.as_str(), &error);
                record.add(context, key_failed(checked.entry().alias.clone(), &error))?;
                all.failed += 1;
                all.first_failure.get_or_insert(error);
            }
        }
        progress.step();
    }
    Ok(all)
}

fn wrap_one(
    checked: &CheckedEntry,
    inputs: &Inputs,
    rng: &mut StationRng,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<CiphertextEntry, OfflineError> {
    let material = KeyMaterial::generate(checked.bits(), rng)?;
    let entry = inputs.parameters.wrap(checked, &material, rng)?;
    let wrapped = WrappedKeyMaterial::from_bytes(entry.wrapped_material.as_bytes())?;
    let (alias, bits) = (entry.alias.clone(), entry.bits);
    let (kcv, commitment) = (entry.kcv, entry.commitment);
    record.add(context, Event::MaterialGenerated { alias, bits, source: rng.source(), kcv, commitment })?;
    record.add(
        context,
        Event::Wrapped {
            alias: entry.alias.clone(),
            key_id: entry.key_id.clone(),
            wrapping_key_sha256: entry.wrapping_key_sha256,
            wrapped_sha256: wrapped.fingerprint(),
        },
    )?;
    Ok(entry)
}

fn write(
    wrapped: Wrapped,
    record: &mut TranscriptFile,
    out: &Outputs,
    inputs: &Inputs,
    context: &Context,
) -> Result<(), OfflineError> {
    if let (true, Some(error)) = (wrapped.entries.is_empty(), wrapped.first_failure) {
        record.flush()?;
        return Err(error);
    }
    let ciphertext = inputs.parameters.ciphertext(wrapped.entries, wrapped.seeded, inputs.now)?;
    let bytes = artefact::to_bytes(&ciphertext)?;
    let digest = Fingerprint::of(&bytes);
    let published = publish_new(&out.ciphertext, &bytes, Access::Everyone)?;
    let failed = wrapped.failed + inputs.parameters.refused().len();
    show_result(&ciphertext, digest, out, context);
    record_written(record, &ciphertext, digest, context)?;
    // The record first: its journal entry carries the output's name with it on most file systems.
    record.sync()?;
    published.sync()?;
    finish(record, &ciphertext, digest, failed, out, context)?;
    match inputs.parameters.refused().first() {
        _ if failed == 0 => Ok(()),
        first => {
            let first = first.map_or(keyferry_core::Control::WRAP_FAILED, |(_, e)| e.control());
            Err(KeysFailed { succeeded: ciphertext.keys.len(), failed, first }.into())
        }
    }
}

fn record_written(
    record: &mut TranscriptFile,
    ciphertext: &Ciphertext,
    digest: Fingerprint,
    context: &Context,
) -> Result<(), OfflineError> {
    let event = Event::CiphertextWritten {
        ciphertext_sha256: digest,
        parameters_sha256: ciphertext.parameters_sha256,
        keys: ciphertext.keys.len() as u64,
        seeded: ciphertext.seeded,
    };
    record.add(context, event)?;
    Ok(record.write()?)
}

/// The result, then the last line of the record: until it stands there, the same command finishes the run.
fn finish(
    record: &mut TranscriptFile,
    ciphertext: &Ciphertext,
    digest: Fingerprint,
    failed: usize,
    out: &Outputs,
    context: &Context,
) -> Result<(), OfflineError> {
    let (succeeded, failed) = (ciphertext.keys.len() as u64, failed as u64);
    record.add(context, Event::Finished { command: COMMAND.into(), succeeded, failed })?;
    print_result(ciphertext, digest, record, out, context);
    Ok(record.write()?)
}

fn is_written(event: &Event, digest: &Fingerprint) -> bool {
    matches!(event, Event::CiphertextWritten { ciphertext_sha256, .. } if ciphertext_sha256 == digest)
}

fn finish_interrupted(
    ciphertext: &Ciphertext,
    digest: Fingerprint,
    out: &Outputs,
    inputs: &Inputs,
    context: &Context,
) -> Result<(), OfflineError> {
    context.console.say(&bi!(
        "  An earlier run was interrupted after it wrote ciphertext.json. The file is whole: finishing the record.",
        "  先前的运行在写出 ciphertext.json 之后中断。文件完整：现在补全记录。"
    ));
    let mut record = out.open_record(inputs, context)?;
    begin(&mut record, inputs, context)?;
    show_result(ciphertext, digest, out, context);
    if !record.chain().lines().iter().any(|l| is_written(&l.event, &digest)) {
        record_written(&mut record, ciphertext, digest, context)?;
        record.sync()?;
    }
    finish(&mut record, ciphertext, digest, inputs.parameters.refused().len(), out, context)?;
    inputs.outcome()
}

fn show_result(ciphertext: &Ciphertext, digest: Fingerprint, out: &Outputs, context: &Context) {
    let console = &context.console;
    if ciphertext.seeded {
        console.say(&bi!(
            "  SEEDED REHEARSAL MATERIAL: anyone can recompute it; production refuses it.",
            "  种子生成的演练材料：任何人都可重算；正式仪式会拒绝。"
        ));
    }
    for entry in &ciphertext.keys {
        console.row(
            &bi!("material", "密钥材料"),
            &format!("{}  {}  KCV {}", entry.alias, entry.bits, entry.kcv),
        );
    }
    console.row(&bi!("wrote", "已写出"), &out.ciphertext.display().to_string());
    console.digest(&bi!("digest", "摘要"), &digest);
    console.say(&bi!(
        "  Carry the medium to the online station; the words are compared again there.",
        "  请将介质带到联机站；届时将再次核对这些词语。"
    ));
}

fn print_result(
    ciphertext: &Ciphertext,
    digest: Fingerprint,
    record: &TranscriptFile,
    out: &Outputs,
    context: &Context,
) {
    let console = &context.console;
    let (events, head) = (record.chain().lines().len(), record.chain().head());
    let text = bi!("{events} events, head {}", "{events} 个事件，末行摘要 {}", head.grouped());
    console.row(&bi!("record", "记录"), text.get(console.lang()));
    if !console.json() {
        console.result_line(&out.ciphertext.display().to_string());
        return;
    }
    let keys: Vec<_> = ciphertext
        .keys
        .iter()
        .map(|k| json!({"alias": k.alias, "key_id": k.key_id, "bits": k.bits, "kcv": k.kcv, "commitment": k.commitment}))
        .collect();
    console.result(&json!({
        "file": out.ciphertext, "ciphertext_sha256": digest,
        "words": {"en": digest.words(Lang::En), "zh": digest.words(Lang::Zh)},
        "seeded": ciphertext.seeded, "keys": keys, "transcript_head": head,
    }));
}
