//! The record as a run found it: its head is shown before a line is added, and a line is added only if the record is still the same.
//!
//! A record comes from a medium that others carried. Its hash chain has no key, so only people can tell one record from another, by
//! comparing the head that the other station showed.

use std::collections::HashSet;
use std::path::Path;

use keyferry_core::story::{Run, RunEnd};
use keyferry_core::transcript::KnownKeys;
use keyferry_core::{CeremonyId, Fingerprint, KeyId, Lang, Purpose, Station, Story, Transcript, bi};
use keyferry_transport::{Console, TranscriptFile};

use crate::Error;
pub use crate::error::HeadError;

/// Takes the place of a request's id; `verify` recognizes it by how it begins.
pub(crate) const LOST_ANSWER: &str = "not recorded: the answer was lost";

/// Maximum size, in bytes, of the lines of one run: 2 KiB for each key, and twice that for the other lines.
pub(crate) fn longest_lines(keys: usize) -> u64 {
    2 * 1024 * (u64::try_from(keys).unwrap_or(u64::MAX / 4096) + 2)
}

/// The whole lines of a record that may not exist.
#[derive(Debug)]
pub(crate) struct Found {
    chain: Option<Transcript>,
    /// Kept after the lines are dropped.
    head: Option<Fingerprint>,
}

impl Found {
    /// A run without a record.
    pub(crate) const NONE: Self = Self { chain: None, head: None };

    /// Reads the record's whole lines, which share the storage of known names; a torn last line is repaired only when there is
    /// something to add.
    ///
    /// # Errors
    /// [`RecordError`] if it cannot be used or belongs to another ceremony, [`HeadError::Purpose`] if a command in it ran for another
    /// purpose.
    pub(crate) fn read(
        path: &Path,
        (ceremony, known): (&CeremonyId, &KnownKeys<'_>),
        purpose: Purpose,
    ) -> Result<Self, Error> {
        let chain = TranscriptFile::look(path, ceremony, known)?;
        let head = chain.as_ref().map(Transcript::head);
        let found = Self { chain, head };
        found.check_purpose(purpose)?;
        Ok(found)
    }

    /// Drops the lines when they are no longer needed; the head stays.
    pub(crate) fn forget_lines(&mut self) {
        self.chain = None;
    }

    fn check_purpose(&self, own: Purpose) -> Result<(), HeadError> {
        let other = |chain: &Transcript| Story::of(chain).runs().iter().any(|run| run.purpose != own);
        if self.chain().is_some_and(other) { Err(HeadError::Purpose { own }) } else { Ok(()) }
    }

    /// The last ciphertext that the record says the offline station wrote.
    pub(crate) fn last_ciphertext(&self) -> Option<Fingerprint> {
        let story = Story::of(self.chain()?);
        let written = story.ciphertexts().iter().rev().find(|written| written.station == Station::Offline);
        written.map(|written| written.ciphertext_sha256)
    }

    /// The plan that the last run of a command began with.
    pub(crate) fn last_plan_of(&self, command: &str) -> Option<Fingerprint> {
        let story = Story::of(self.chain()?);
        story.runs().iter().rev().find(|run| run.command == command)?.plan_sha256
    }

    /// Whether the record says that these parameters were exported.
    pub(crate) fn is_exported(&self, parameters: Fingerprint) -> bool {
        self.chain().is_some_and(|chain| Story::of(chain).is_exported(parameters))
    }

    /// The keys that the record says were created.
    pub(crate) fn created(&self) -> HashSet<KeyId> {
        let created = |chain| Story::of(chain).created().iter().map(|key| key.key_id.clone()).collect();
        self.chain().map(created).unwrap_or_default()
    }

    pub(crate) const fn chain(&self) -> Option<&Transcript> {
        self.chain.as_ref()
    }

    pub(crate) const fn head(&self) -> Option<Fingerprint> {
        self.head
    }

    /// The head that the offline station left, which is on the paper, and how many lines runs here have added since, if any.
    pub(crate) fn sent(&self) -> Option<(Fingerprint, usize)> {
        Story::of(self.chain()?).left_by(Station::Offline).filter(|(_, since)| *since > 0)
    }

    /// Shows the record before this run adds to it.
    pub(crate) fn show(&self, console: &Console, path: &Path) {
        let path = path.display();
        let text = self.chain().map_or_else(
            || bi!("{path}  no record yet", "{path}  尚无记录"),
            |chain| {
                let (n, head) = (chain.lines().len(), chain.head().grouped());
                bi!("{path}  {n} events, head {head}", "{path}  {n} 个事件，链尾摘要 {head}")
            },
        );
        console.row(&bi!("found", "已有记录"), text.get(console.lang()));
    }

    /// Shows its head in words, as on the paper, and what runs at this station added since.
    pub(crate) fn show_head(&self, languages: &[Lang], console: &Console) {
        let label = bi!("head", "链尾摘要");
        match (self.sent(), self.head()) {
            (Some((sent, since)), Some(head)) => {
                console.digest(&label, &sent, languages);
                let head = head.grouped();
                let text = bi!(
                    "{since} lines of runs here, to the head {head}",
                    "本工作站的 {since} 行，链尾摘要为 {head}"
                );
                console.row(&bi!("since then", "此后"), text.get(console.lang()));
            }
            (None, Some(head)) => console.digest(&label, &head, languages),
            (_, None) => {}
        }
    }

    /// Whether the last run was at this station and did not finish.
    pub(crate) fn is_interrupted(&self) -> bool {
        let Some(chain) = self.chain() else { return false };
        let story = Story::of(chain);
        let cut = |run: &Run<'_>| run.station == Station::Online && !matches!(run.end, RunEnd::Finished(_));
        story.runs().last().is_some_and(cut)
    }

    /// Whether the record that was opened to add to is the one that was shown.
    ///
    /// # Errors
    /// [`HeadError::Changed`].
    pub(crate) fn check_same(&self, opened: &TranscriptFile) -> Result<(), HeadError> {
        if opened.found() == self.head {
            Ok(())
        } else {
            Err(HeadError::Changed(self.head.unwrap_or(Fingerprint::ZERO)))
        }
    }

    /// Checks that the head is the one that was given. Lines that a run here added since count too: anybody who had the medium could
    /// have added them.
    ///
    /// # Errors
    /// [`HeadError::Expected`] or [`HeadError::Missing`].
    pub(crate) fn check_head(&self, expected: Fingerprint) -> Result<(), HeadError> {
        match self.head() {
            Some(found) if found == expected => Ok(()),
            Some(found) => Err(HeadError::Expected { found, expected }),
            None => Err(HeadError::Missing(expected)),
        }
    }

    /// A script that passes the digest of a file must pass the head of the record as well.
    ///
    /// # Errors
    /// [`HeadError::NotCompared`].
    pub(crate) fn check_given(&self, given: Option<Fingerprint>) -> Result<(), HeadError> {
        match self.head().filter(|_| given.is_none()) {
            Some(head) => Err(HeadError::NotCompared(head)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use keyferry_core::transcript::Act;
    use keyferry_core::{Event, Timestamp};

    use super::*;

    /// A record in which these commands ended.
    fn lines(commands: &[&str]) -> String {
        let mut chain = Transcript::new("c-1".parse().unwrap());
        let finished =
            |command: &&str| Event::Finished { command: (*command).to_owned(), succeeded: 0, failed: 0 };
        let line = |event| chain.append(Station::Online, Timestamp::EPOCH, Act::NOBODYS, event).unwrap();
        commands.iter().map(finished).map(line).collect()
    }

    #[test]
    fn only_the_record_that_was_shown_is_added_to() {
        let dir = tempfile::tempdir().unwrap();
        let (path, ceremony) = (dir.path().join("transcript.jsonl"), "c-1".parse().unwrap());
        let same = |shown: &str, opened: &str| {
            fs::write(&path, shown).unwrap();
            let known = KnownKeys::default();
            let found = Found::read(&path, (&ceremony, &known), Purpose::Rehearsal).unwrap();
            fs::write(&path, opened).unwrap();
            let file = TranscriptFile::open(&path, &ceremony, Station::Online, &|| Timestamp::EPOCH).unwrap();
            found.check_same(&file).is_ok()
        };
        let shown = lines(&["a", "b"]);
        assert!(same(&shown, &shown) && same("", ""));
        // A torn line that a crash left in the meantime does not count.
        assert!(same(&shown, &format!("{shown}{{\"seq\":")));
        for other in [lines(&["a"]), String::new(), lines(&["b", "a"]), lines(&["a", "b", "c"])] {
            assert!(!same(&shown, &other), "{other}");
        }
        assert!(!same("", &shown));
    }
}
