//! What a report says, without how it looks: a verdict, and sections of paragraphs, facts, tables and command lines.

use keyferry_core::{Bilingual, Fingerprint, Lang};

/// How a text is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    /// Digests, names of files, commands.
    Mono,
    Good,
    Bad,
    /// The words of a digest, as [`Cell::words`] joins them.
    Words,
}

/// What the banner says at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Good,
    /// It holds together, with deviations: somebody has to read them.
    Deviating,
    Refused,
}

/// A text of a table or of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) tone: Tone,
}

impl Cell {
    pub(super) fn plain(text: impl ToString) -> Self {
        Self { text: text.to_string(), tone: Tone::Plain }
    }

    pub(super) fn mono(text: impl ToString) -> Self {
        Self { text: text.to_string(), tone: Tone::Mono }
    }

    /// Words that people compare, for a place where they can be counted.
    pub(super) fn words(words: &[&str]) -> Self {
        Self { text: words.join(Self::BETWEEN_WORDS), tone: Tone::Words }
    }

    /// The words again.
    pub(super) fn split_words(&self) -> impl Iterator<Item = &str> {
        self.text.split(Self::BETWEEN_WORDS)
    }

    const BETWEEN_WORDS: &str = " · ";

    pub(super) fn verdict(text: impl ToString, good: bool) -> Self {
        Self { text: text.to_string(), tone: if good { Tone::Good } else { Tone::Bad } }
    }
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
    },
    Code(String),
    /// People who sign on paper: name and role, and lines for date and signature.
    Ink(Vec<(String, String)>),
}

/// A whole report in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) lang: Lang,
    pub(super) title: String,
    pub(super) kicker: String,
    /// The sentence that everybody looks for, and whether it is good news.
    pub(super) verdict: (String, Outcome),
    /// Head of the record, for the foot of each printed page.
    pub(super) head: Option<Fingerprint>,
    /// Each reason for a refusal.
    pub(super) reasons: Vec<String>,
    pub(super) blocks: Vec<Block>,
}

impl Document {
    pub(super) fn say(&self, text: &Bilingual) -> String {
        text.get(self.lang).to_owned()
    }

    pub(super) fn heading(&mut self, text: &Bilingual) {
        self.blocks.push(Block::Heading(self.say(text)));
    }

    pub(super) fn text(&mut self, text: &Bilingual) {
        self.blocks.push(Block::Text(self.say(text)));
    }

    pub(super) fn facts(&mut self, facts: Vec<(Bilingual, Cell)>) {
        let facts = facts.into_iter().map(|(label, cell)| (self.say(&label), cell)).collect();
        self.blocks.push(Block::Facts(facts));
    }

    pub(super) fn table(&mut self, heads: &[Bilingual], rows: Vec<Vec<Cell>>) {
        let heads = heads.iter().map(|h| self.say(h)).collect();
        self.blocks.push(Block::Table { heads, rows });
    }

    pub(super) fn ink(&mut self, people: Vec<(String, String)>) {
        self.blocks.push(Block::Ink(people));
    }

    pub(super) fn code(&mut self, lines: impl Into<String>) {
        self.blocks.push(Block::Code(lines.into()));
    }
}
