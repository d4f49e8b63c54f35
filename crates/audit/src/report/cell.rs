//! One entry of a table or of the list of facts, and the kind of its text.

use keyferry_core::is_deceptive;

/// The kind of text, which decides how it is shown.
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

/// Approximate size of the tags around a cell, in bytes.
const TAGS: usize = 30;

/// One entry of a table or of the list of facts.
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

    /// Words that people compare, joined by a separator at which they can be split again.
    pub(super) fn words(words: &[&str]) -> Self {
        Self { text: words.join(Self::BETWEEN_WORDS), tone: Tone::Words }
    }

    /// Splits the words again.
    pub(super) fn split_words(&self) -> impl Iterator<Item = &str> {
        self.text.split(Self::BETWEEN_WORDS)
    }

    const BETWEEN_WORDS: &str = " · ";

    pub(super) fn verdict(text: impl ToString, good: bool) -> Self {
        Self { text: text.to_string(), tone: if good { Tone::Good } else { Tone::Bad } }
    }

    /// Approximate number of bytes that it takes on a page.
    pub(super) fn size(&self) -> usize {
        size(&self.text)
    }
}

/// Bytes that the text takes on a page, escaped and with tags around it.
pub(super) fn size(text: &str) -> usize {
    let of = |c: char| match c {
        '"' => 6,
        '&' | '\'' => 5,
        '<' | '>' => 4,
        c if is_deceptive(c) => 3,
        c => c.len_utf8(),
    };
    TAGS + text.chars().map(of).sum::<usize>()
}
