//! The content of a report, independent of its form: a verdict, and sections of paragraphs, facts, tables and command
//! lines.
//!
//! A page stays small however large the record is. It shows the first rows of a long table and those that failed; all rows are in files
//! next to the page ([`Attachments`]), which the page names with their digests.

use keyferry_core::{Bilingual, Fingerprint, Lang, bi};

use super::attached::{Attached, Attachments, Long};
use super::cell::{Cell, Tone, size};

/// Approximate limit for a page's texts in bytes, with which the page itself stays below 1.5 MB.
const ROOM: usize = 1_250_000;
/// How many rows from the start of a long table are shown, and the bytes that they may take.
const FIRST: Share = Share { rows: 300, bytes: 110_000 };
/// The same for rows further down that failed.
const FAILED: Share = Share { rows: 200, bytes: 60_000 };

/// The verdict that the banner shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Good,
    /// It is consistent, but has deviations that somebody has to read.
    Deviating,
    Refused,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Heading(String),
    Text(String),
    Facts(Vec<(String, Cell)>),
    Table {
        heads: Vec<String>,
        rows: Vec<Vec<Cell>>,
        /// The text that is shown until a reader unfolds the table; `None` for a table that is shown at once.
        folded: Option<String>,
    },
    Code(String),
    /// People who sign on paper: name and role, with lines for the date and the signature.
    Ink(Vec<(String, String)>),
}

/// A whole report in one language.
pub(super) struct Document<'p> {
    pub(super) lang: Lang,
    pub(super) title: String,
    pub(super) kicker: String,
    /// The verdict as a sentence and as a value.
    pub(super) verdict: (String, Outcome),
    /// Head of the record, for the foot of each printed page.
    pub(super) head: Option<Fingerprint>,
    /// Reasons for a refusal.
    pub(super) reasons: Vec<String>,
    pub(super) blocks: Vec<Block>,
    attachments: Attachments<'p>,
    room: usize,
}

/// How much of a long table a page shows.
#[derive(Clone, Copy)]
struct Share {
    rows: usize,
    bytes: usize,
}

impl Share {
    /// Takes a row, if there is room for it.
    fn take(&mut self, bytes: usize) -> bool {
        let fits = self.rows > 0 && self.bytes >= bytes;
        if fits {
            self.rows -= 1;
            self.bytes -= bytes;
        }
        fits
    }
}

impl<'p> Document<'p> {
    /// An empty report.
    pub(super) fn new(lang: Lang, outcome: Outcome, attachments: Attachments<'p>) -> Self {
        Self {
            lang,
            title: String::new(),
            kicker: String::new(),
            verdict: (String::new(), outcome),
            head: None,
            reasons: Vec::new(),
            blocks: Vec::new(),
            attachments,
            room: ROOM,
        }
    }

    pub(super) fn say(&self, text: &Bilingual) -> String {
        text.get(self.lang).to_owned()
    }

    pub(super) fn heading(&mut self, text: &Bilingual) {
        self.blocks.push(Block::Heading(self.say(text)));
    }

    pub(super) fn text(&mut self, text: &Bilingual) {
        let text = self.say(text);
        self.use_room(size(&text));
        self.blocks.push(Block::Text(text));
    }

    pub(super) fn facts(&mut self, facts: Vec<(Bilingual, Cell)>) {
        let facts: Vec<_> = facts.into_iter().map(|(label, cell)| (self.say(&label), cell)).collect();
        self.use_room(facts.iter().map(|(label, cell)| size(label) + cell.size()).sum());
        self.blocks.push(Block::Facts(facts));
    }

    /// A table that is short, or whose rows are also in a file of the record. Rows for which the page has no room are left out and
    /// counted.
    pub(super) fn table(&mut self, heads: &[Bilingual], rows: impl IntoIterator<Item = Vec<Cell>>) {
        let (mut kept, mut left_out) = (Vec::new(), 0_u64);
        for row in rows {
            let bytes = size_of(&row);
            if left_out == 0 && bytes <= self.room {
                self.use_room(bytes);
                kept.push(row);
            } else {
                left_out += 1;
            }
        }
        self.push_table(heads, kept);
        if left_out > 0 {
            self.text(&bi!("{left_out} more rows are not shown.", "另有 {left_out} 行未列出。"));
        }
    }

    /// A table that may be long: if the page does not show all rows, all of them go into attached files.
    pub(super) fn list(
        &mut self,
        table: Long,
        heads: &[Bilingual],
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) {
        let (mut first, mut failed) = (FIRST, FAILED);
        let (mut kept, mut all, mut is_whole, mut file) = (Vec::new(), 0_usize, true, None);
        for row in rows {
            all += 1;
            let bytes = size_of(&row);
            let is_failed = row.iter().any(|cell| cell.tone == Tone::Bad);
            let fits =
                bytes <= self.room && (is_whole && first.take(bytes) || is_failed && failed.take(bytes));
            if !fits && is_whole {
                is_whole = false;
                file = self.attachments.begin(table, heads);
                if let Some(file) = &mut file {
                    kept.iter().for_each(|row: &Vec<Cell>| self.attachments.add(file, row));
                }
            }
            if let Some(file) = &mut file {
                self.attachments.add(file, &row);
            }
            if fits {
                self.use_room(bytes);
                kept.push(row);
            }
        }
        let shown = kept.len();
        self.push_table(heads, kept);
        if is_whole {
            return;
        }
        let attached = file.and_then(|file| self.attachments.end(file));
        let (name, digest) =
            attached.map_or_else(Default::default, |(name, digest)| (name, digest.grouped()));
        self.text(&bi!(
            "{shown} of {all} rows are shown: the first ones, and then those that failed. All rows are in {name}, SHA-256 {digest}.",
            "共 {all} 行，此处显示 {shown} 行：开头各行，以及其后失败的各行。全部各行见 {name}，SHA-256 {digest}。"
        ));
    }

    fn push_table(&mut self, heads: &[Bilingual], rows: Vec<Vec<Cell>>) {
        /// Tables with more rows are folded.
        const UNFOLDED: usize = 60;
        let count = rows.len();
        let folded = (count > UNFOLDED).then(|| self.say(&bi!("{count} rows", "{count} 行")));
        let heads = heads.iter().map(|h| self.say(h)).collect();
        self.blocks.push(Block::Table { heads, rows, folded });
    }

    pub(super) fn ink(&mut self, people: Vec<(String, String)>) {
        self.blocks.push(Block::Ink(people));
    }

    pub(super) fn code(&mut self, lines: impl Into<String>) {
        let lines = lines.into();
        self.use_room(size(&lines));
        self.blocks.push(Block::Code(lines));
    }

    /// Whether more content would make the page too long. If so, a section with many parts stops and says how many
    /// parts it leaves out.
    pub(super) const fn is_full(&self) -> bool {
        self.room < ROOM / 4
    }

    fn use_room(&mut self, bytes: usize) {
        self.room = self.room.saturating_sub(bytes);
    }

    /// The completed attached files; the page ends with a table of them.
    ///
    /// # Errors
    /// The first [`FileError`](keyferry_transport::FileError) that occurred.
    pub(super) fn attach(&mut self) -> Result<Vec<Attached<'p>>, keyferry_transport::FileError> {
        let attached = self.attachments.finish()?;
        if attached.is_empty() {
            return Ok(attached);
        }
        self.heading(&bi!("Attached files", "附件"));
        self.text(&bi!(
            "These files have all rows of the tables that this page shows only in part; the JSON file contains all of these tables. They belong to this page: keep them next to it.",
            "本页仅部分显示的各表的全部行；JSON 文件含有所有这些表。它们属于本页，请与本页放在一起。"
        ));
        let rows = attached.iter().map(|file| vec![Cell::mono(file.name()), Cell::mono(file.sha256)]);
        self.push_table(&[bi!("file", "文件"), bi!("SHA-256", "SHA-256")], rows.collect());
        Ok(attached)
    }
}

/// Bytes that a row takes on a page.
fn size_of(row: &[Cell]) -> usize {
    row.iter().map(Cell::size).sum()
}
