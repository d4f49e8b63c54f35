//! What `create-key` requested from one service under one draft plan, in its own file, so that the same command adopts its own keys after a
//! kill.
//!
//! Before a key is requested, a random mark is written here; the request carries the mark as the key's description. A key that has the
//! alias and the mark was therefore created by this very request, even if its answer was lost. A key without the mark belongs to somebody
//! else.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use keyferry_core::{Alias, Clock, Fingerprint, KeyId, Region};
use keyferry_transport::{LineFile, Put, SharedLines, check_private_folder};
use serde::{Deserialize, Serialize};

use super::{Entry, Journal, JournalError, entry, make_folder};
use crate::{Endpoint, Error};

/// The format that this version reads and writes.
pub const FORMAT: &str = "keyferry/creations/1";
/// Longest file in bytes: two lines for each key of the largest plan whose keys one run can create.
pub const MAX_CREATIONS: usize = 128 * 1024 * 1024;
/// The folder of these files, next to those of the regions. No region has this name.
const FOLDER: &str = "_created";
/// How the description of a key begins; the mark follows.
const DESCRIPTION: &str = "keyferry ";
/// Digits of a mark: 128 random bits.
const DIGITS: usize = 32;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    plan_sha256: Fingerprint,
    endpoint: String,
}

/// The mark of one request's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mark(String);

impl Mark {
    /// A new mark of 16 random bytes.
    #[must_use]
    pub fn new(random: [u8; DIGITS / 2]) -> Self {
        Self(random.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The description of the key that is requested with this mark.
    #[must_use]
    pub fn description(&self) -> String {
        format!("{DESCRIPTION}{}", self.0)
    }
}

impl TryFrom<String> for Mark {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let good = text.len() == DIGITS && text.bytes().all(digit);
        if good { Ok(Self(text)) } else { Err("expected 32 digits of lower-case hex") }
    }
}

impl From<Mark> for String {
    fn from(mark: Mark) -> Self {
        mark.0
    }
}

/// What happened to a key of the draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs)] // The names are the file's words; ceremony/audit/formats.md explains each.
pub enum Asked {
    /// The key is about to be requested.
    Creating { alias: Alias, region: Region, mark: Mark },
    /// The key exists. `request_id` is absent if the answer was lost and the key was found by its mark.
    Created { alias: Alias, region: Region, key_id: KeyId, request_id: Option<String> },
}

/// What is known about one key of the draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    /// It was requested with this mark, and the outcome is unknown.
    Open(Mark),
    /// It was created.
    Done {
        /// Its id.
        key_id: KeyId,
        /// The service's id of the request, unless the answer was lost.
        request_id: Option<String>,
    },
}

/// The creations of one draft, locked against other programs; threads of this one share it.
#[derive(Debug)]
pub struct Creations {
    lines: SharedLines,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next: u64,
    known: HashMap<(Region, Alias), Creation>,
}

/// The event for a key that exists: its id, and the request's id unless the answer was lost.
pub type Made<'m> = (&'m Region, &'m Alias, &'m KeyId, Option<&'m str>);

impl Journal {
    /// Opens the creations of a draft at a service and locks them; makes an empty file if there is none.
    ///
    /// # Errors
    /// [`Error::Journal`] or [`Error::File`].
    pub fn creations(&self, draft: Fingerprint, endpoint: &Endpoint) -> Result<Creations, Error> {
        let folder = self.path().join(FOLDER);
        make_folder(&folder)?;
        check_private_folder(self.path())?;
        check_private_folder(&folder)?;
        let header = header(draft, endpoint);
        let path = folder.join(format!("{}.jsonl", Fingerprint::of(header.as_bytes())));
        let (file, lines) = LineFile::open(&path, &header, MAX_CREATIONS)?;
        let entries = entry::parse(&lines, &header)
            .map_err(|line| JournalError::Creations { path: file.path().to_path_buf(), line })?;
        let mut state = State { next: 0, known: HashMap::new() };
        entries.into_iter().for_each(|entry| state.take(entry));
        Ok(Creations { lines: SharedLines::new(file), state: Mutex::new(state) })
    }
}

/// The first line, without its end; the file is named after its digest.
fn header(draft: Fingerprint, endpoint: &Endpoint) -> String {
    let header = Header { format: FORMAT.to_owned(), plan_sha256: draft, endpoint: endpoint.to_string() };
    serde_json::to_string(&header).unwrap_or_default()
}

impl Creations {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known about a key; `None` if it was never requested.
    #[must_use]
    pub fn of(&self, region: &Region, alias: &Alias) -> Option<Creation> {
        self.state().known.get(&(region.clone(), alias.clone())).cloned()
    }

    /// Adds the keys that exist and that the file does not list yet; all lines are on the device when this returns.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn done<'m>(&self, clock: &dyn Clock, made: impl Iterator<Item = Made<'m>>) -> Result<(), Error> {
        for (region, alias, key_id, request_id) in made {
            let known = self.of(region, alias);
            if matches!(known, Some(Creation::Done { key_id: known, .. }) if known == *key_id) {
                continue;
            }
            self.created(clock, (region, alias, key_id, request_id))?;
        }
        Ok(self.lines.flush_all()?)
    }

    /// Adds that a key exists. The line is safe from a kill at once; [`done`](Self::done) waits for the device.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn created(
        &self,
        clock: &dyn Clock,
        (region, alias, key_id, request_id): Made<'_>,
    ) -> Result<(), Error> {
        let (alias, region, key_id) = (alias.clone(), region.clone(), key_id.clone());
        let request_id = request_id.map(str::to_owned);
        self.put(clock, Asked::Created { alias, region, key_id, request_id }).map(drop)
    }

    /// Adds what happened; it is on the device when this returns.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn add(&self, clock: &dyn Clock, happened: Asked) -> Result<(), Error> {
        let put = self.put(clock, happened)?;
        Ok(self.lines.flush(put)?)
    }

    /// Lines are in the file in the order of their numbers.
    fn put(&self, clock: &dyn Clock, happened: Asked) -> Result<Put, Error> {
        let mut state = self.state();
        let entry = Entry { seq: state.next, at: clock.now(), happened };
        let put = self.lines.put(&entry.line())?;
        state.take(entry);
        Ok(put)
    }
}

impl State {
    fn take(&mut self, entry: Entry<Asked>) {
        self.next = entry.seq + 1;
        let (key, creation) = match entry.happened {
            Asked::Creating { alias, region, mark } => ((region, alias), Creation::Open(mark)),
            Asked::Created { alias, region, key_id, request_id } => {
                ((region, alias), Creation::Done { key_id, request_id })
            }
        };
        self.known.insert(key, creation);
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::Region;

    use super::*;

    #[test]
    fn a_mark_has_one_form_and_no_region_has_the_folder_s_name() {
        let mark = Mark::new([0xab; 16]);
        assert_eq!(mark.description(), format!("keyferry {}", "ab".repeat(16)));
        for bad in ["", "AB", &"AB".repeat(16), &"g0".repeat(16), &"0".repeat(33)] {
            assert!(Mark::try_from((*bad).to_owned()).is_err(), "{bad}");
        }
        assert!(FOLDER.parse::<Region>().is_err());
    }
}
