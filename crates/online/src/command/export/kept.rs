//! What an export has fetched so far, beside the session to be: `session.json.fetched`, a line a key, mode 0600.
//!
//! It holds the import tokens, as the session will. A killed export takes them from here and fetches only what is missing; once
//! the session is written the file goes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_core::{CeremonyPlan, Fingerprint, KeyId, ParameterEntry, PlanKey, SessionEntry, Timestamp};
use keyferry_transport::{FileError, LineFile};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::fetch::Fetched;
use crate::Error;

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

/// The file, and what was in it.
pub(super) struct Kept {
    path: PathBuf,
    file: Mutex<LineFile>,
    /// What earlier runs of this export fetched.
    pub(super) earlier: BTreeMap<KeyId, Fetched>,
}

/// Where the file stands.
pub(super) fn path(session: &Path) -> PathBuf {
    let mut name = session.file_name().unwrap_or_default().to_owned();
    name.push(".fetched");
    session.with_file_name(name)
}

impl Kept {
    /// Opens or makes the file. What is there and does not belong to this plan and endpoint is refused, untouched.
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
            // A key that was fetched again stands twice; the later line is the living one.
            earlier.insert(one.entry.key_id.clone(), one);
        }
        Ok(Self { path, file: Mutex::new(file), earlier })
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
        // Sized up front, so that growing leaves no copy of the token behind.
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE));
        let unwritable = |_| FileError::Kind(self.path.clone());
        serde_json::to_writer(&mut *line, &Borrowed { entry, secret, request_id }).map_err(unwritable)?;
        line.push(b'\n');
        let text = core::str::from_utf8(&line).map_err(|_| FileError::Kind(self.path.clone()))?;
        Ok(self.file.lock().unwrap_or_else(PoisonError::into_inner).append(text)?)
    }

    /// Nothing was kept in it.
    pub(super) fn remove_if_empty(self) {
        if self.earlier.is_empty() {
            self.remove();
        }
    }

    /// The session holds everything now.
    pub(super) fn remove(self) {
        remove(&self.path);
    }
}

/// A leftover is not worth a failure: the next run of this export would take it for what it is.
pub(super) fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
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
