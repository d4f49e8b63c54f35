//! `note` of both stations: what people have to say enters the record as one line, by name, after what happened before.

use std::path::Path;

use keyferry_core::plan::MAX_PLAN;
use keyferry_core::transcript::MAX_TRANSCRIPT;
use keyferry_core::{CeremonyPlan, Clock, Event, NoteText, PersonName, Station, Transcript, bi, refusals};
use serde_json::json;

use crate::{Console, OPENINGS_FILE, RecordError, Salts, TranscriptFile, read_capped};

/// More than the longest note in UTF-8, so that a longer one is refused and not cut.
const MAX_TYPED: usize = 8 * 1024;

refusals! {
    /// Why nothing was noted.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum NoteError: Refused {
        /// The text is no note.
        Text => NOTE,
            what("a note is one line of 1 to 1000 printable characters", "备注是一行 1 到 1000 个可显示字符"),
            hint("say it shorter, or in several notes; what a note may not hold goes on paper",
                 "请写得简短，或分成几条；备注容不下的写在纸上");
        /// The name is no name.
        Name => NOTE,
            what("--by is the name of a person: 1 to 100 printable characters",
                 "--by 是人名：1 到 100 个可显示字符"),
            hint("write the name as it stands in the plan", "请按计划中的写法填写姓名");
        /// Nothing was recorded yet that a note could follow.
        NoRecord => NOTE,
            what("this file records nothing yet", "该文件尚无任何记录"),
            hint("notes follow what happened: begin the ceremony first, and give its transcript.jsonl",
                 "备注跟在已发生的事情之后：请先开始仪式，并给出其 transcript.jsonl");
    }
}

/// What is to be noted, and where.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The record to add to; it exists.
    pub path: &'r Path,
    /// Who notes it.
    pub by: &'r str,
    /// What; asked for where it is missing.
    pub text: Option<&'r str>,
}

/// Adds a note to an existing record, and shows it with the new head. Where names of the record are commitments, the note is too, with
/// salts from `salts`.
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
    let Request { path, text, .. } = *request;
    let by: PersonName = request.by.parse().map_err(|_| NoteError::Name)?;
    let bytes = read_capped(path, MAX_TRANSCRIPT)?;
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let lines = bytes.get(..whole).unwrap_or_default();
    let ceremony = Transcript::verify(lines)?.ok_or(NoteError::NoRecord)?.ceremony().clone();
    let question = bi!("What has to be noted?  One line:", "需要记录什么？请输入一行：");
    let typed = if text.is_none() { console.ask_up_to(&question, MAX_TYPED) } else { None };
    let text: NoteText =
        text.or(typed.as_deref()).map(str::trim).and_then(|t| t.parse().ok()).ok_or(NoteError::Text)?;
    let mut record = TranscriptFile::open(path, &ceremony, station, clock)?;
    if commits_names(path, record.chain()) {
        record.commit_names(salts)?;
    }
    record.add(clock, Event::Note { by: by.clone().into(), text: text.clone().into() })?;
    record.flush()?;
    let (chain, line) = (record.chain(), record.chain().lines().len());
    console.row(&bi!("noted", "已记录"), &format!("{line}: {by}: {text}"));
    console.row(&bi!("head", "末行摘要"), &chain.head().grouped());
    if console.json() {
        console.result(&json!({"command": "note", "file": path, "line": line, "head": chain.head()}));
    } else {
        console.result_line(&chain.head().to_string());
    }
    Ok(())
}

/// A note knows no plan: the record says it with a commitment, or what lies beside it does, its openings or its plan.
fn commits_names(path: &Path, chain: &Transcript) -> bool {
    let planned = || {
        let bytes = read_capped(&path.with_file_name("plan.toml"), MAX_PLAN).ok()?;
        CeremonyPlan::parse(&bytes).ok().filter(|plan| plan.ceremony() == chain.ceremony())
    };
    chain.withheld() > 0
        || path.with_file_name(OPENINGS_FILE).exists()
        || planned().is_some_and(|plan| plan.commits_names())
}
