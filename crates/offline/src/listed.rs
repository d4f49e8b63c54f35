//! Shows lists of keys on the screen: complete if they are short, and otherwise cut off, with a count of the
//! rest. `-v` shows all.
//!
//! Nobody reads ten thousand lines, and the words that people compare have to stay on the screen. So a command prints at most 450
//! lines, whatever the number of keys.

use keyferry_core::{Bilingual, Explain, bi};
use keyferry_transport::Console;

/// Up to this many keys are shown in full; if there are more, each has one line.
const IN_FULL: usize = 25;

/// At most this many keys have a line.
const LISTED: usize = 100;

/// At most this many refusals, and this many notes, are shown, each in full.
const EXPLAINED: usize = 50;

/// Whether keys are shown in full if there are this many.
pub(crate) const fn in_full(keys: usize, console: &Console) -> bool {
    keys <= IN_FULL || console.is_verbose()
}

/// Shows the beginning of a list of keys, and how many more there are.
pub(crate) fn keys<T>(all: &[T], console: &Console, show: impl FnMut(&T)) {
    let listed = up_to(LISTED, console);
    all.iter().take(listed).for_each(show);
    more(all.len().saturating_sub(listed), console, |n| bi!("and {n} more keys", "另有 {n} 个密钥"));
}

/// Shows the beginning of a list of remarks, and how many more there are.
pub(crate) fn notes<T>(all: &[T], console: &Console, show: impl FnMut(&T)) {
    let listed = up_to(EXPLAINED, console);
    all.iter().take(listed).for_each(show);
    more(all.len().saturating_sub(listed), console, |n| bi!("and {n} more keys", "另有 {n} 个密钥"));
}

/// Refusals of individual keys, explained as they occur.
pub(crate) struct Refusals<'c> {
    console: &'c Console,
    seen: usize,
}

impl<'c> Refusals<'c> {
    pub(crate) const fn new(console: &'c Console) -> Self {
        Self { console, seen: 0 }
    }

    /// Explains one key's refusal, unless there were already too many.
    pub(crate) fn explain(&mut self, alias: &str, error: &dyn Explain) {
        self.seen += 1;
        if self.seen <= up_to(EXPLAINED, self.console) {
            self.console.refuse_key(alias, error);
        }
    }

    /// Says how many refusals were not explained.
    pub(crate) fn end(self) {
        let left = self.seen.saturating_sub(up_to(EXPLAINED, self.console));
        more(left, self.console, |n| bi!("and {n} more keys were refused", "另有 {n} 个密钥被拒绝"));
    }
}

fn up_to(most: usize, console: &Console) -> usize {
    if console.is_verbose() { usize::MAX } else { most }
}

fn more(left: usize, console: &Console, text: impl FnOnce(usize) -> Bilingual) {
    if left > 0 {
        let Bilingual { en, zh } = text(left);
        console.say(&bi!("  … {en}; -v lists all", "  … {zh}；使用 -v 可全部列出"));
    }
}
