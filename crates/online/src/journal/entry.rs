//! The journal's text: a header line with format, region and key, then one event for each line; read as if an attacker had
//! written it.

use keyferry_core::{
    CeremonyId, Commitment, Fingerprint, ImportTokenDigest, KeyId, Purpose, Region, Timestamp, ValidTo,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The format that this version reads and writes.
pub const FORMAT: &str = "keyferry/journal/1";
/// Longest line in bytes.
const MAX_LINE: usize = 4096;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    region: Region,
    key_id: KeyId,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry<H = Happened> {
    /// Number of the line, from 0; the header has none.
    pub seq: u64,
    /// The time by this station's clock.
    pub at: Timestamp,
    /// What happened.
    pub happened: H,
}

/// What happened to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
#[allow(missing_docs)] // The names are the journal's words; ceremony/audit/formats.md explains each.
pub enum Happened {
    /// The lines that follow were rebuilt from a record with this head, and from the state that the service reported.
    Rebuilt { ceremony: CeremonyId, record_head: Fingerprint },
    /// Parameters are about to be fetched: from now on earlier ones may be invalid.
    Fetching { ceremony: CeremonyId, purpose: Purpose, plan_sha256: Fingerprint },
    /// Parameters arrived. Lines of earlier versions do not name the wrapping key.
    Fetched {
        ceremony: CeremonyId,
        import_token_sha256: ImportTokenDigest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrapping_key_sha256: Option<Fingerprint>,
        expires_at: Timestamp,
    },
    /// Material is about to be sent.
    Sending {
        ceremony: Option<CeremonyId>,
        import_token_sha256: ImportTokenDigest,
        commitment: Commitment,
        valid_to: ValidTo,
    },
    /// The material did not arrive, or the service refused it: the key is unchanged.
    NotTaken { control: String },
    /// The service took the material.
    Accepted {
        import_token_sha256: ImportTokenDigest,
        commitment: Commitment,
        valid_to: ValidTo,
        request_id: String,
    },
    /// The key was proved to work.
    Proved,
    /// The material was deleted from the service; the key stays bound to it.
    MaterialDeleted,
    /// The key will be permanently deleted at that time.
    DeletionScheduled { deletion_date: Timestamp },
    /// The scheduled deletion was cancelled.
    DeletionCancelled,
}

impl<H: Serialize> Entry<H> {
    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        // Writing plain data as JSON cannot fail; if it did, the empty line would be refused on reading.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

/// The first line of a key's journal, without its end.
#[must_use]
pub fn header(region: &Region, key_id: &KeyId) -> String {
    let header = Header { format: FORMAT.to_owned(), region: region.clone(), key_id: key_id.clone() };
    serde_json::to_string(&header).unwrap_or_default()
}

/// Reads the whole lines below `header`; fails with the number of the first bad line, counted from 1.
pub(super) fn parse<H: Serialize + DeserializeOwned>(
    text: &str,
    header: &str,
) -> Result<Vec<Entry<H>>, usize> {
    let mut lines = text.lines();
    // The header has exactly one form: if a byte differs, it belongs to another version, key or plan, or is damaged.
    if lines.next() != Some(header) {
        return Err(1);
    }
    let entry = |(n, line): (usize, &str)| {
        let bad = n + 2;
        if line.len() > MAX_LINE {
            return Err(bad);
        }
        let entry: Entry<H> = serde_json::from_str(line).map_err(|_| bad)?;
        let canonical = entry.line().trim_end() == line && entry.seq == n as u64;
        if canonical { Ok(entry) } else { Err(bad) }
    };
    lines.enumerate().map(entry).collect()
}
