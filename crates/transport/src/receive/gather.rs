//! Collects lines until they complete a file that may cross.
//!
//! A forger's frames can form a complete file. If it is not one of the files that cross, it is named and ignored, and the transfer
//! continues. If it is one of them, people notice that its digest differs. If the digest was given with `expected`, it is ignored as
//! well.

use std::path::{Path, PathBuf};

use keyferry_core::{Bilingual, Explain, Fingerprint, bi};
use zeroize::Zeroizing;

use super::input::Input;
use super::lines::{Line, Lines};
use super::receive_error::{ReceiveError, ReceiveRefusal};
use super::tally::Tally;
use crate::console::Status;
use crate::frame::{Frame, Ignored, Reassembler, Received, Step};
use crate::show::{MAX_SHOWN, ShowError, ShowRefusal, Subject};
use crate::{Console, FileError};

/// Maximum number of foreign files that are named; the others are only counted.
const NAMED: u64 = 3;

/// A complete file.
#[derive(Debug)]
pub struct Gathered {
    /// The file.
    pub subject: Subject,
    /// The number of frames needed in theory, K.
    pub needed: usize,
    /// The counts of all lines by their effect.
    pub tally: Tally,
}

/// Reads lines until a file is complete, but no further; `name` is the file's name on disk.
///
/// # Errors
/// [`ReceiveRefusal::Incomplete`] or [`ReceiveRefusal::Foreign`] at the end of the lines, [`FileError`] if they cannot be read.
pub fn gather(
    console: &Console,
    input: Input,
    name: &Path,
    expected: Option<Fingerprint>,
) -> Result<Gathered, ReceiveError> {
    let Input { name: source, reader, .. } = input;
    let mut lines = Lines::new(reader);
    let mut gathering = Gathering::new(console, name, expected);
    while let Some(line) = lines.next_line().map_err(|e| FileError::reading(&source, &e))? {
        if let Some((subject, needed)) = gathering.push(line) {
            return Ok(Gathered { subject, needed, tally: gathering.tally });
        }
        gathering.show();
    }
    Err(gathering.ended().into())
}

/// The state between two lines.
struct Gathering<'c> {
    console: &'c Console,
    status: Status,
    name: PathBuf,
    reassembler: Reassembler,
    tally: Tally,
    /// The number of complete files that do not cross, and why the first does not.
    foreign: u64,
    first: Option<Bilingual>,
}

impl<'c> Gathering<'c> {
    fn new(console: &'c Console, name: &Path, expected: Option<Fingerprint>) -> Self {
        let reassembler = expected
            .map_or_else(|| Reassembler::new(MAX_SHOWN), |digest| Reassembler::expecting(MAX_SHOWN, digest));
        Self {
            console,
            status: console.status(),
            name: name.into(),
            reassembler,
            tally: Tally::default(),
            foreign: 0,
            first: None,
        }
    }

    /// The file and its number of blocks, if this line completed it.
    fn push(&mut self, line: Line<'_>) -> Option<(Subject, usize)> {
        let text = match line {
            Line::Whole(bytes) => core::str::from_utf8(bytes).ok(),
            Line::TooLong => None,
        };
        let Some(text) = text else {
            self.tally.foreign += 1;
            return None;
        };
        let frame = match Frame::parse_line(text) {
            Ok(frame) => frame,
            Err(refusal) => {
                self.tally.pass_over(Ignored::Damaged(refusal));
                return None;
            }
        };
        let needed = frame.blocks();
        match self.reassembler.push(frame) {
            Step::Complete(received) => return self.complete(received).map(|subject| (subject, needed)),
            Step::Progress(_) => self.tally.taken += 1,
            Step::Ignored(why) => self.tally.pass_over(why),
        }
        None
    }

    /// Returns the file if it is one that crosses.
    fn complete(&mut self, received: Received) -> Option<Subject> {
        match Subject::of(&self.name, Zeroizing::new(received.payload)) {
            Ok(subject) => {
                self.tally.taken += 1;
                Some(subject)
            }
            Err(error) => {
                self.pass_over(&error, received.digest);
                None
            }
        }
    }

    fn pass_over(&mut self, error: &ShowError, digest: Fingerprint) {
        self.tally.inconsistent += 1;
        self.foreign += 1;
        let what = foreign(error);
        if self.foreign <= NAMED {
            self.status.clear();
            let digest = digest.grouped();
            let (start, lang) = (digest.get(..19).unwrap_or_default(), self.console.lang());
            let text = what.get(lang);
            self.console
                .say(&bi!("  ignored: {text}  (digest {start} …)", "  略过：{text}（摘要 {start} …）"));
        }
        self.first.get_or_insert(what);
    }

    fn show(&mut self) {
        let (reassembler, tally, lang) = (&self.reassembler, &self.tally, self.console.lang());
        self.status.show(|| {
            let passed = tally.describe();
            let frames = reassembler.progress().map_or_else(
                || bi!("no frame yet", "尚无帧"),
                |p| bi!("frames {} of {}", "帧 {} / {}", p.received, p.needed),
            );
            format!("{}{}{}", frames.get(lang), tally.lead().get(lang), passed.get(lang))
        });
    }

    /// The refusal if there are no more lines.
    fn ended(mut self) -> ReceiveRefusal {
        self.status.clear();
        match (self.first, self.reassembler.progress()) {
            (Some(what), None) => ReceiveRefusal::Foreign { what, files: self.foreign },
            (_, progress) => ReceiveRefusal::Incomplete {
                progress: progress.map(|p| (p.received, p.needed)),
                tally: self.tally,
            },
        }
    }
}

/// The reason why a complete file does not cross, worded for an incoming file.
fn foreign(error: &ShowError) -> Bilingual {
    match error {
        ShowError::Refused(ShowRefusal::Secret { format, .. }) => bi!(
            "a file of secrets (\"{format}\"), which never crosses",
            "含有机密的文件（\"{format}\"），绝不传递"
        ),
        ShowError::Refused(_) => bi!("not a file made by keyferry", "不是 keyferry 的文件"),
        other => other.what(),
    }
}
