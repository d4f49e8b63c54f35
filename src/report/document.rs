//! What a report says, without how it looks: a verdict, and sections of paragraphs, facts, tables and command lines.

use keyferry_core::{Bilingual, Lang};

/// How a text is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    /// Digests, names of files, commands.
    Mono,
    Good,
    Bad,
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
    Table { heads: Vec<String>, rows: Vec<Vec<Cell>> },
    Code(String),
}

/// A whole report in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) lang: Lang,
    pub(super) title: String,
    pub(super) kicker: String,
    /// The sentence that everybody looks for, and whether it is good news.
    pub(super) verdict: (String, bool),
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

    pub(super) fn code(&mut self, lines: impl Into<String>) {
        self.blocks.push(Block::Code(lines.into()));
    }
}
