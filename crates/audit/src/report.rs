//! `keyferry report`: a record as one page for people, and as Markdown.
//!
//! The content is built once, as a [`document::Document`], and rendered twice. Names, notes and reasons come from files and are
//! hostile: both renderings escape everything. Shares appear by number and custodian, never by content, which no record holds.

mod backup;
mod check;
mod document;
mod life;
mod machine;
mod markdown;
mod page;
mod requests;
mod sections;
mod seen;
mod sentences;
mod words;

use std::path::PathBuf;

use keyferry_core::bi;
use keyferry_transport::{Access, Console, check_free, write_new};
use serde_json::json;

use crate::error::{Error, Reported};
use crate::record::{Audit, Expect, Folder};

/// Write a record as a page for people: HTML that prints, and Markdown
#[derive(Debug, clap::Args)]
pub struct Report {
    /// The record's folder
    #[arg(value_name = "DIR")]
    pub(crate) record: PathBuf,
    /// New file for the page: one file that loads nothing and prints on A4
    #[arg(long, value_name = "FILE.html")]
    pub(crate) out: PathBuf,
    /// New file for the same as Markdown
    #[arg(long, value_name = "FILE.md")]
    pub(crate) md: Option<PathBuf>,
}

/// Writes the page, and the Markdown if it is asked for; a refused record has a page too, which says why.
///
/// # Errors
/// [`Error`]: a file is in the way or cannot be written, or the record is refused.
pub fn run(args: &Report, console: &Console) -> Result<(), Error> {
    check_free(&args.out)?;
    if let Some(md) = &args.md {
        check_free(md)?;
    }
    let folder = Folder::read(&args.record)?;
    let audit = Audit::of(&folder, &Expect::default());
    let document = sections::document(&audit, console.lang());
    write_new(&args.out, page::render(&document).as_bytes(), Access::Everyone)?;
    if let Some(md) = &args.md {
        write_new(md, markdown::render(&document).as_bytes(), Access::Everyone)?;
    }
    for path in [Some(&args.out), args.md.as_ref()].into_iter().flatten() {
        console.row(&bi!("report", "报告"), &path.display().to_string());
    }
    for error in audit.refusals.iter().skip(1) {
        console.refuse_text(error);
    }
    let outcome = audit.verdict();
    if console.json() {
        let refusals: Vec<_> = audit.refusals.iter().map(|e| Console::error_json(e)).collect();
        console.result(&json!({
            "html": args.out, "markdown": args.md, "accepted": audit.refusals.is_empty(), "refusals": refusals,
            "requests": audit.record.as_ref().map(requests::json).unwrap_or_default(),
        }));
        return outcome.map_err(|error| Reported(error).into());
    }
    console.result_line(&args.out.display().to_string());
    Ok(outcome?)
}
