//! The commands, one module each, and what they share: failures of individual keys, and the record.

use std::collections::BTreeMap;
use std::path::Path;

use keyferry_core::transcript::Tip;
use keyferry_core::{Alias, Bilingual, Class, Event, Explain, bi};
use keyferry_transport::Console;
use keyferry_transport::console::Mark;
use serde_json::{Value, json};

use crate::Error;

pub mod check_access;
pub mod create_key;
pub mod export;
pub mod import;
pub mod life;
pub mod note;
pub mod random;
pub mod rebuild_journal;
pub mod receive;
pub mod show;
pub mod status;

/// What a command returns: `None` if everything succeeded, or the class of the failures if only some keys failed.
pub type Finished = Result<Option<Class>, Error>;

/// Maximum number of rows that people are shown, one for each key. With more, the first rows would scroll away. `-v` shows all,
/// `--json` has all.
pub(crate) const LISTED: usize = 100;
/// Maximum number of refused keys that are shown in full, and of actions that are listed for them.
const REFUSED: usize = 30;
const GROUPS: usize = 10;

/// Rows about individual keys: the first ones are shown, the rest are only counted.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    asked: usize,
}

impl Rows {
    /// Whether the next row is to be shown.
    pub(crate) const fn next(&mut self, console: &Console) -> bool {
        self.asked += 1;
        self.asked <= LISTED || console.is_verbose()
    }

    /// Whether rows were not shown.
    pub(crate) fn left_out(&self, console: &Console) -> bool {
        self.asked > LISTED && !console.is_verbose()
    }

    /// Like [`end`](Self::end), for rows of keys on standard output: without this note, a reader could not see that the list is
    /// cut short.
    pub(crate) fn end_of_output(&self, console: &Console) {
        let all = self.asked;
        if self.left_out(console) {
            console.say(&bi!(
                "  note: standard output has the first {LISTED} of {all} keys (-v prints each, --json has all)",
                "  注意：标准输出中只有 {all} 个密钥中的前 {LISTED} 个（-v 逐一输出，--json 含全部）"
            ));
        }
    }

    /// Says how many rows were not shown.
    pub(crate) fn end(&self, console: &Console) {
        let more = self.asked.saturating_sub(LISTED);
        if more > 0 && !console.is_verbose() {
            console.say(&bi!(
                "  … and {more} more lines (-v shows each, --json has all)",
                "  …… 以及另外 {more} 行（-v 逐一显示，--json 含全部）"
            ));
        }
    }
}

/// The keys that failed while others continued; each has been reported.
#[derive(Debug, Default)]
pub(crate) struct Failures(Vec<(String, Error)>);

impl Failures {
    /// Reports a failed key and keeps it; after many failures, further keys are only counted.
    pub(crate) fn report(&mut self, console: &Console, alias: &str, error: Error) {
        if self.0.len() < REFUSED || console.is_verbose() {
            console.refuse_key(alias, &error);
        }
        self.0.push((alias.to_owned(), error));
    }

    /// Says how many refused keys were only counted.
    pub(crate) fn say_more(&self, console: &Console) {
        let more = self.0.len().saturating_sub(REFUSED);
        if more > 0 && !console.is_verbose() {
            console.say(&bi!(
                "  … and {more} more refused keys (-v shows each, --json has all)",
                "  …… 以及另外 {more} 个被拒绝的密钥（-v 逐一显示，--json 含全部）"
            ));
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Error)> {
        self.0.iter().map(|(alias, error)| (alias.as_str(), error))
    }

    pub(crate) const fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// The most serious class of failure: the service's, then a file's, then a check's.
    fn gravest(&self) -> Option<&Error> {
        let rank = |c: Class| [Class::Remote, Class::Io, Class::Refused].iter().position(|r| *r == c);
        self.0.iter().map(|(_, e)| e).min_by_key(|e| rank(e.class()).unwrap_or(usize::MAX))
    }

    pub(crate) fn class(&self) -> Option<Class> {
        self.gravest().map(Explain::class)
    }

    /// After many failures, lists what to do: each action once, with the keys that need it.
    pub(crate) fn summary(&self, console: &Console) {
        self.say_more(console);
        if self.0.len() < 2 {
            return;
        }
        let mut groups: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
        for (alias, error) in &self.0 {
            let hint = error.hint().get(console.lang()).to_owned();
            groups.entry((error.control().id(), hint)).or_default().push(alias);
        }
        console.say(&bi!("  what to do with the keys that failed:", "  失败的密钥应如何处理："));
        let more = groups.len().saturating_sub(GROUPS);
        for ((control, hint), aliases) in groups.into_iter().take(GROUPS) {
            let n = aliases.len();
            let shown = Bilingual::list(aliases.iter().take(20));
            let shown = shown.get(console.lang());
            let more = if n > 20 { " …" } else { "" };
            console.item(Mark::Wrong, &format!("  [{control}] "), &format!("{n}: {shown}{more}"));
            console.line(&format!("    {hint}"));
        }
        if more > 0 {
            console.say(&bi!(
                "  … and {more} more actions (--json has all)",
                "  …… 以及另外 {more} 项（--json 含全部）"
            ));
        }
    }

    /// Prints a JSON result with the failures added: `failures` always, `error` when there are any.
    pub(crate) fn result(&self, console: &Console, mut result: Value) {
        let failures: Vec<Value> = self
            .0
            .iter()
            .map(|(alias, error)| json!({"alias": alias, "error": Console::error_json(error)}))
            .collect();
        if let Some(object) = result.as_object_mut() {
            object.insert("failures".into(), failures.into());
            if let Some(error) = self.gravest() {
                object.insert("error".into(), Console::error_json(error));
            }
        }
        console.result(&result);
    }
}

/// The record's event for a failed key.
pub(crate) fn key_failed(alias: &Alias, error: &Error) -> Event {
    Event::KeyFailed { alias: alias.clone(), control: error.control().id().into(), reason: error.what().en }
}

/// Prints the last row of a command that added to the record: the head that people read aloud and, later, sign.
pub(crate) fn show_record(console: &Console, path: &Path, tip: &Tip) {
    let (path, n, head) = (path.display(), tip.lines(), tip.head().grouped());
    let text = bi!("{path}  {n} events, head {head}", "{path}  {n} 个事件，链尾摘要 {head}");
    console.row(&bi!("record", "记录"), text.get(console.lang()));
}
