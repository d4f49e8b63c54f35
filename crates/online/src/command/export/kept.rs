//! The parameters that an export has fetched so far, next to the future session: `session.json.fetched`, one line for each key, mode 0600.
//!
//! It holds the import tokens, as the session will. After a kill, export takes from here what this station fetched according to the
//! journal, and fetches only what is missing. Once the session is written, the file is deleted. The whole file is refused if others could
//! have written it, or if it has a token that the journal does not name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_core::{CeremonyPlan, Fingerprint, KeyId, ParameterEntry, PlanKey, SessionEntry, Timestamp};
use keyferry_transport::{FileError, LineFile, SharedLines, read_private};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::fetched::{Fetched, check_time_left, known, not_own};
use crate::Error;
use crate::journal::{Journal, Known};

const FORMAT: &str = "keyferry/fetched/2";
/// Longest line: an entry and a token of the longest length.
const MAX_LINE: usize = 16 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    plan_sha256: Fingerprint,
    endpoint: String,
    /// When the first of the runs began.
    fetched_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    entry: ParameterEntry,
    secret: SessionEntry,
    request_id: String,
}

/// The file and its contents.
pub(super) struct Kept {
    path: PathBuf,
    lines: SharedLines,
    /// What earlier runs of this export fetched.
    pub(super) earlier: BTreeMap<KeyId, Fetched>,
    /// The file is new.
    empty: bool,
}

/// The file's path.
pub(super) fn path(session: &Path) -> PathBuf {
    let mut name = session.file_name().unwrap_or_default().to_owned();
    name.push(".fetched");
    session.with_file_name(name)
}

/// Whether anything exists under the file's name, left by an earlier run or not.
pub(super) fn is_there(session: &Path) -> bool {
    path(session).symlink_metadata().is_ok()
}

impl Kept {
    /// Opens or makes the file. A file that does not belong to this plan and endpoint is refused, untouched.
    pub(super) fn open(
        session: &Path,
        plan: &CeremonyPlan,
        endpoint: &str,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let path = path(session);
        let foreign = || FileError::Exists(path.clone());
        let header = Header {
            format: FORMAT.to_owned(),
            plan_sha256: plan.digest(),
            endpoint: endpoint.to_owned(),
            fetched_at: now,
        };
        let first = serde_json::to_string(&header).map_err(|_| foreign())?;
        let (file, text) = LineFile::open(&path, &first, MAX_ARTEFACT)?;
        let mut lines = text.lines();
        let found: Header = lines.next().and_then(|l| serde_json::from_str(l).ok()).ok_or_else(foreign)?;
        if found.format != FORMAT || found.plan_sha256 != plan.digest() || found.endpoint != endpoint {
            return Err(foreign().into());
        }
        let planned: BTreeMap<_, _> = plan.keys().iter().map(|k| (k.key_id.as_ref(), k)).collect();
        let mut earlier = BTreeMap::new();
        for line in lines {
            let one = read(line).ok_or_else(foreign)?;
            let key = planned.get(&Some(&one.entry.key_id)).copied();
            if !key.is_some_and(|k| belongs(&one, k, plan)) {
                return Err(foreign().into());
            }
            // A key whose parameters were fetched again has two lines; the later line is valid.
            earlier.insert(one.entry.key_id.clone(), one);
        }
        let empty = earlier.is_empty();
        Ok(Self { path, lines: SharedLines::new(file), earlier, empty })
    }

    /// Drops parameters with too little time left, then those that the journal does not name. This station fetched all the others for this
    /// ceremony, and fetched nothing for these keys afterwards.
    ///
    /// # Errors
    /// [`JournalError::Foreign`](crate::JournalError::Foreign) for a token or a wrapping key that this station did not fetch,
    /// [`JournalError::Used`](crate::JournalError::Used) for one with which it has already imported material.
    pub(super) fn check_own(
        &mut self,
        plan: &CeremonyPlan,
        journal: &Journal,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.earlier.retain(|_, f| check_time_left(&f.entry, plan, now).is_ok());
        let mut interrupted = Vec::new();
        for (id, one) in &self.earlier {
            let (known, history) = known(journal, &one.entry, plan.ceremony())?;
            match known {
                Known::Latest => {}
                // The run was killed after it saved the answer and before the journal named it: the answer does not count, and the
                // parameters are fetched again.
                _ if history.is_fetching(plan.ceremony(), plan.digest()) => interrupted.push(id.clone()),
                _ => return Err(not_own(known, &self.path, id).into()),
            }
        }
        interrupted.iter().for_each(|id| drop(self.earlier.remove(id)));
        Ok(())
    }

    /// Keeps one key's parameters; they are on the device when this returns.
    pub(super) fn add(&self, fetched: &Fetched) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Borrowed<'f> {
            entry: &'f ParameterEntry,
            secret: &'f SessionEntry,
            request_id: &'f str,
        }
        let Fetched { entry, secret, request_id } = fetched;
        // The buffer has its full size from the start: growing it would leave a copy of the token behind.
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE));
        let unwritable = |_| FileError::Kind(self.path.clone());
        serde_json::to_writer(&mut *line, &Borrowed { entry, secret, request_id }).map_err(unwritable)?;
        line.push(b'\n');
        let text = core::str::from_utf8(&line).map_err(|_| FileError::Kind(self.path.clone()))?;
        Ok(self.lines.append(text)?)
    }

    /// Deletes the file if nothing was kept in it.
    pub(super) fn remove_if_empty(self) {
        if self.empty {
            self.remove();
        }
    }

    /// Deletes the file once the session holds everything.
    pub(super) fn remove(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Once the session exists, deletes what this export left; any other file of that name stays. A failure here does not matter.
pub(super) fn remove_leftover(session: &Path, plan: &CeremonyPlan) {
    let path = path(session);
    let header = read_private(&path, MAX_ARTEFACT).ok().and_then(|bytes| {
        let first = bytes.split(|b| *b == b'\n').next()?;
        serde_json::from_slice::<Header>(first).ok()
    });
    if header.is_some_and(|h| h.format == FORMAT && h.plan_sha256 == plan.digest()) {
        let _ = std::fs::remove_file(path);
    }
}

fn read(line: &str) -> Option<Fetched> {
    if line.len() > MAX_LINE {
        return None;
    }
    let Line { entry, secret, request_id } = serde_json::from_str(line).ok()?;
    let bound = secret.key_id == entry.key_id && secret.token_digest() == entry.import_token_sha256;
    bound.then_some(Fetched { entry, secret, request_id })
}

fn belongs(one: &Fetched, key: &PlanKey, plan: &CeremonyPlan) -> bool {
    let entry = &one.entry;
    entry.alias == key.alias
        && entry.region == key.region
        && entry.algorithm == plan.algorithm()
        && entry.kind == key.kind()
        && one.secret.valid_to == key.valid_to
}
