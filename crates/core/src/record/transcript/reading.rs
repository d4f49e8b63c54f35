//! Lines as they are read: each version's one form, and the version in the first line.

use serde::Deserialize;

use super::act::{Act, Actor, Means};
use super::event::{Event, Station};
use super::line::{Line, TRANSCRIPT_FORMAT};
use super::transcript_error::{MAX_LINE, TranscriptError};
use super::transcript_v1;
use crate::{CeremonyId, Fingerprint, StepName, Timestamp};

/// In which version the lines are, as far as a chain was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Read for ever, never written.
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
    /// [`TranscriptError::Format`] for a first line of another format, [`TranscriptError::Event`] for a line that is not in its one
    /// written form.
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
            // A first line in another place breaks the chain; that is the better word for it.
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
