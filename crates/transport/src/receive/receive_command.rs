//! The command `receive` of both stations: reads lines, writes one new file, and shows its digest and words for
//! people to compare.

use std::path::PathBuf;

use keyferry_core::{Fingerprint, Lang, bi};
use serde_json::{Value, json};

use super::gather::{Gathered, gather};
use super::input::Input;
use super::receive_error::ReceiveError;
use crate::{Access, Console, check_free, printable, write_new};

/// The file to receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The new file.
    pub out: PathBuf,
    /// The expected digest, if people already have it: every other file is ignored.
    pub expected: Option<Fingerprint>,
}

/// Runs `receive`. `open` returns the lines; `confine` drops the privileges that the process no longer needs, before the first byte is
/// read.
///
/// # Errors
/// [`ReceiveError`], in which case nothing was written.
pub fn run(
    console: &Console,
    request: &Request,
    open: impl FnOnce() -> Result<Input, ReceiveError>,
    confine: impl FnOnce(),
) -> Result<(), ReceiveError> {
    check_free(&request.out)?;
    let input = open()?;
    confine();
    if input.typed {
        console.say(&bi!(
            "  Scan now; what the hand scanner types is not shown. Ctrl-C cancels.",
            "  请开始扫描；扫描枪键入的内容不会显示。按 Ctrl-C 放弃。"
        ));
    }
    let gathered = gather(console, input, &request.out, request.expected)?;
    show(console, &gathered);
    write_new(&request.out, gathered.subject.bytes(), Access::Everyone)?;
    report(console, request, &gathered);
    Ok(())
}

/// Shows the digest and the words that people compare with those at the other station.
fn show(console: &Console, gathered: &Gathered) {
    let (subject, lang) = (&gathered.subject, console.lang());
    let (kind, title) = (subject.kind().file_name(), subject.kind().title());
    console.row(&bi!("received", "收到"), &format!("{kind}  {}", title.get(lang)));
    if let Some(ceremony) = subject.ceremony() {
        let rehearsal = bi!("  REHEARSAL", "  演练");
        let mark = if subject.is_rehearsal() { rehearsal.get(lang) } else { "" };
        console.row(&bi!("ceremony", "仪式"), &format!("{ceremony}{mark}"));
    }
    let (taken, needed, passed) = (gathered.tally.taken, gathered.needed, gathered.tally.describe());
    let frames = bi!("{taken} taken, {needed} needed", "采用 {taken}，需要 {needed}");
    let lead = gathered.tally.lead();
    let text = format!("{}{}{}", frames.get(lang), lead.get(lang), passed.get(lang));
    console.row(&bi!("frames", "帧"), &text);
    console.digest(&bi!("digest", "摘要"), &subject.digest(), &Lang::BOTH);
    console.say(&bi!(
        "  Compare the words with those at the other station: the camera carries the file, but people carry the trust.",
        "  请与另一工作站核对这些词语：摄像头传递文件，人来确认可信。"
    ));
}

fn report(console: &Console, request: &Request, gathered: &Gathered) {
    if console.json() {
        console.result(&as_json(request, gathered));
    } else {
        console.row(&bi!("wrote", "已写出"), &request.out.display().to_string());
        console.result_line(&printable::line(&request.out.display().to_string()));
    }
}

fn as_json(request: &Request, gathered: &Gathered) -> Value {
    let (subject, digest) = (&gathered.subject, gathered.subject.digest());
    json!({
        "command": "receive", "file": request.out, "kind": subject.kind().file_name(),
        "ceremony": subject.ceremony(), "bytes": subject.bytes().len(), "sha256": digest,
        "words": {"en": digest.words(Lang::En), "zh": digest.words(Lang::Zh)},
        "needed": gathered.needed, "lines": gathered.tally.to_json(),
    })
}
