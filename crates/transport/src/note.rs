//! The command `note` of both stations: adds a person's remark and name as one line at the end of the record.

use std::fs;
use std::path::{Path, PathBuf};

use keyferry_core::plan::{MAX_PLAN, PLAN_FILE};
use keyferry_core::steps::PlanUse;
use keyferry_core::transcript::MAX_TRANSCRIPT;
use keyferry_core::{CeremonyPlan, Clock, Event, NoteText, PersonName, Station, Step, Story, Transcript, bi};
use serde_json::json;

mod note_error;

pub use note_error::NoteError;

use crate::{Console, RecordError, Salts, TranscriptFile, read_capped, whole_lines};

/// More bytes than the longest note has, so that a note that is too long is refused instead of cut.
const MAX_TYPED: usize = 8 * 1024;

/// The note, and the record to which it is added.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The record to which the note is added; it must exist.
    pub path: &'r Path,
    /// The person who writes the note.
    pub by: &'r str,
    /// The text; the command asks for it if it is missing.
    pub text: Option<&'r str>,
    /// The plan of the ceremony; `plan.toml` next to the record if it is missing.
    pub plan: Option<&'r Path>,
}

/// Adds a note to an existing record, and shows it with the new head. If the plan withholds names, the note is replaced by a commitment
/// too, with salts from `salts`.
///
/// # Errors
/// [`RecordError`]; the record is then as it was.
pub fn add(
    request: &Request<'_>,
    station: Station,
    clock: &dyn Clock,
    salts: Salts,
    console: &Console,
) -> Result<(), RecordError> {
    let Request { path, text, plan, .. } = *request;
    let by: PersonName = request.by.parse().map_err(|_| NoteError::Name)?;
    check_unsigned(path)?;
    let bytes = read_capped(path, MAX_TRANSCRIPT)?;
    let chain = Transcript::verify(whole_lines(&bytes).0)?.ok_or(NoteError::NoRecord)?;
    console.hex(&bi!("found", "已有记录"), &chain.head());
    let committed = commits_names(path, plan, &chain)?;
    console.hex(&bi!("head found", "所见链尾摘要"), &chain.head());
    let question = bi!("What should be noted?  One line:", "需要记录什么？请输入一行：");
    let typed = if text.is_none() { console.ask_up_to(&question, MAX_TYPED) } else { None };
    let text: NoteText =
        text.or(typed.as_deref()).map(str::trim).and_then(|t| t.parse().ok()).ok_or(NoteError::Text)?;
    let mut record = TranscriptFile::open(path, chain.ceremony(), station, clock)?;
    if record.found() != Some(chain.head()) {
        return Err(NoteError::Changed.into());
    }
    if committed {
        record.commit_names(salts)?;
    }
    record.add(clock, Event::Note { by: by.clone().into(), text: text.clone().into() })?;
    record.flush()?;
    let (line, head) = (record.tip().lines(), record.tip().head());
    console.row(&bi!("noted", "已记录"), &format!("{line}: {by}: {text}"));
    console.hex(&bi!("head", "链尾摘要"), &head);
    if console.json() {
        console.result(&json!({"command": "note", "file": path, "line": line, "head": head}));
    } else {
        console.result_line(&head.to_string());
    }
    Ok(())
}

/// Checks that nobody has signed the record: a signature covers the whole record, so no line may follow it. Other
/// files that a desktop leaves in the folder are ignored.
fn check_unsigned(path: &Path) -> Result<(), NoteError> {
    let folder = path.with_file_name("signatures");
    let signature = |name: PathBuf| name.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sig"));
    let names = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut names = names.filter(|name| !name.to_string_lossy().starts_with('.'));
    if names.any(|name| signature(name.into())) { Err(NoteError::Signed(folder)) } else { Ok(()) }
}

/// Whether the record's plan withholds names. If the record itself does not show that, the plan is needed. Without it, the note is refused,
/// because a name that was written once stays readable forever.
fn commits_names(path: &Path, plan: Option<&Path>, chain: &Transcript) -> Result<bool, RecordError> {
    if plan.is_none() && chain.withheld() > 0 {
        return Ok(true);
    }
    let bytes = match plan {
        Some(given) => read_capped(given, MAX_PLAN)?,
        None => read_capped(&path.with_file_name(PLAN_FILE), MAX_PLAN).map_err(|_| NoteError::NoPlan)?,
    };
    let plan = CeremonyPlan::parse(&bytes).map_err(|_| NoteError::OtherPlan)?;
    if is_of_record(&plan, chain)? { Ok(plan.commits_names()) } else { Err(NoteError::OtherPlan.into()) }
}

/// Whether the plan has the digest that the last command in the record names. `create-key` is ignored, because it names the
/// draft's digest.
fn is_of_record(plan: &CeremonyPlan, chain: &Transcript) -> Result<bool, NoteError> {
    let story = Story::of(chain);
    let last = story.runs().iter().rev().find_map(|run| Some((run.command, run.plan_sha256?)));
    let (command, digest) = last.ok_or(NoteError::NoRecord)?;
    let drafted = Step::of_command(command).is_some_and(|step| step.lines.plan == PlanUse::Draft);
    Ok(plan.ceremony() == chain.ceremony() && (drafted || plan.digest() == digest))
}
