//! `keyferry report`: a record as one page for people, and as Markdown.
//!
//! The content is built once, as a `document::Document`, and rendered twice. Names, notes and reasons come from files
//! and may be hostile, so both renderings escape everything. Shares appear by number and custodian, never with their
//! content, which no record holds.

mod attached;
mod backup_section;
mod cell;
mod check;
mod document;
mod life_section;
mod lines;
mod machine_section;
mod markdown;
mod page;
mod requests;
mod sections;
mod seen;
mod sentences;
mod words;

use std::path::PathBuf;

use keyferry_core::bi;
use keyferry_transport::{Access, Console, FileError, check_free, prepare_new};
use serde_json::json;

use self::attached::{Attached, Attachments, Paths};
use self::document::Document;
use crate::error::{Error, Reported};
use crate::record::{Audit, Expect, Files};
use crate::shown::refusals;

/// Write a report on a record: a printable HTML page, and Markdown
#[derive(Debug, clap::Args)]
pub struct Report {
    /// The record's folder
    #[arg(value_name = "DIR")]
    pub(crate) record: PathBuf,
    /// New file for the page: one file that loads nothing and prints on A4
    #[arg(long, value_name = "FILE.html")]
    pub(crate) out: PathBuf,
    /// New file for the same report as Markdown
    #[arg(long, value_name = "FILE.md")]
    pub(crate) md: Option<PathBuf>,
}

/// Writes the page, and the Markdown if requested. A refused record gets a page too, which says why.
///
/// # Errors
/// [`Error`]: a file is in the way or cannot be written, or the record is refused.
pub fn run(args: &Report, console: &Console) -> Result<(), Error> {
    check_free(&args.out)?;
    if let Some(md) = &args.md {
        check_free(md)?;
    }
    let audit = Audit::of_files(Files::read(&args.record)?, &Expect::default());
    let paths = Paths::of(&args.out);
    let attachments = Attachments::new(&paths, console.lang());
    let mut document = sections::document(&audit, console.lang(), attachments);
    let attached = document.attach()?;
    let written: Vec<_> = attached.iter().map(|file| (file.path, file.sha256)).collect();
    publish(args, &document, attached)?;
    for path in [Some(&args.out), args.md.as_ref()].into_iter().flatten() {
        console.row(&bi!("report", "报告"), &path.display().to_string());
    }
    for (path, _) in &written {
        console.row(&bi!("attached", "附件"), &path.display().to_string());
    }
    refusals(&audit, console);
    let outcome = audit.verdict();
    if console.json() {
        let mut members = console.members();
        members.put("html", &json!(args.out));
        members.put("markdown", &json!(args.md));
        members
            .list("attached", written.iter().map(|(path, sha256)| json!({"file": path, "sha256": sha256})));
        members.put("accepted", &json!(audit.refusals.is_empty()));
        members.list("refusals", audit.refusals.iter().map(|e| Console::error_json(e)));
        members.list("requests", audit.record.iter().flat_map(requests::json));
        members.end();
        return outcome.map_err(|error| Reported(error).into());
    }
    console.result_line(&args.out.display().to_string());
    Ok(outcome?)
}

/// Publishes the attached files first and the page last, so a page never names a file that does not exist. No file
/// appears before all of them are written.
fn publish(args: &Report, document: &Document<'_>, attached: Vec<Attached<'_>>) -> Result<(), FileError> {
    if let Some(md) = args.md.as_ref().filter(|md| attached.iter().any(|file| file.path == md.as_path())) {
        return Err(FileError::Exists(md.clone()));
    }
    let md =
        args.md.as_ref().map(|md| prepare_new(md, markdown::render(document).as_bytes(), Access::Everyone));
    let md = md.transpose()?;
    let page = prepare_new(&args.out, page::render(document).as_bytes(), Access::Everyone)?;
    attached.into_iter().try_for_each(Attached::publish)?;
    for output in md.into_iter().chain([page]) {
        output.publish()?.sync()?;
    }
    Ok(())
}
