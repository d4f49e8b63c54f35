//! Reads lines: each version has one form, and the first line decides the version.

use serde::Deserialize;

use super::act::{Act, Actor, Means};
use super::event::{Event, Station};
use super::line::{Line, TRANSCRIPT_FORMAT};
use super::transcript_error::{MAX_LINE, TranscriptError};
use super::transcript_v1;
use crate::{CeremonyId, Fingerprint, StepName, Timestamp};

/// The version of the lines at the current point of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Always read, never written.
    One,
    Two,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: Option<String>,
    seq: u64,
    prev: Fingerprint,
    time: Timestamp,
    station: Station,
    ceremony: CeremonyId,
    step: Option<StepName>,
    by: Option<Actor>,
    means: Option<Means>,
    event: Event,
}

impl Version {
    /// Reads line `n`, from 1, after lines of version `before`. A chain of version 1 may be continued: its first line of version 2 names
    /// the format, as the first line of a new chain does.
    ///
    /// # Errors
    /// [`TranscriptError::Format`] for a first line of another format, [`TranscriptError::Event`] for a line that is not in
    /// canonical form.
    pub(super) fn parse(before: Option<Self>, text: &[u8], n: u64) -> Result<(Self, Line), TranscriptError> {
        if text.len() > MAX_LINE {
            return Err(TranscriptError::TooLarge);
        }
        let named =
            text.strip_prefix(b"{\"format\":\"").map(|rest| rest.strip_prefix(TRANSCRIPT_FORMAT.as_bytes()));
        let ours = named.flatten().is_some_and(|rest| rest.starts_with(b"\""));
        let version = match before {
            None if named.is_some() && !ours => return Err(TranscriptError::Format),
            // A later line in the place of the first breaks the chain, whatever its version.
            None if text.starts_with(b"{\"seq\":0,") => Self::One,
            Some(Self::One) if !ours => Self::One,
            _ => Self::Two,
        };
        let names_format = |line: &Line| match before {
            Some(Self::One) => true,
            // A first line in another place breaks the chain, which is the more helpful error.
            None | Some(Self::Two) => line.seq == 0,
        };
        let line = match version {
            Self::One => transcript_v1::parse(text),
            Self::Two => parse(text).filter(|line| line.names_format == names_format(line)),
        };
        line.map(|line| (version, line)).ok_or(TranscriptError::Event { line: n })
    }
}

fn parse(text: &[u8]) -> Option<Line> {
    let Text { format, seq, prev, time, station, ceremony, step, by, means, event } =
        serde_json::from_slice(text).ok()?;
    let (names_format, act) = (format.is_some(), Act { step, by, means });
    let line = Line { names_format, seq, prev, time, station, ceremony, act, event };
    (serde_json::to_vec(&line).ok()? == text).then_some(line)
}
