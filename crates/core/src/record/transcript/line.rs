//! Lines as they are written: one form in each version, and the version in the first line.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::{Act, Actor, Event, Line, MAX_LINE, Means, Station, TranscriptError, former};
use crate::{CeremonyId, Fingerprint, StepName, Timestamp};

/// The first member of the first line.
pub const TRANSCRIPT_FORMAT: &str = "keyferry/transcript/2";

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

/// As it is written: the format where a version begins, and nothing where there is nothing to say.
impl Serialize for Line {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut text = s.serialize_struct("Line", 10)?;
        if self.names_format {
            text.serialize_field("format", TRANSCRIPT_FORMAT)?;
        }
        text.serialize_field("seq", &self.seq)?;
        text.serialize_field("prev", &self.prev)?;
        text.serialize_field("time", &self.time)?;
        text.serialize_field("station", &self.station)?;
        text.serialize_field("ceremony", &self.ceremony)?;
        if let Some(step) = &self.act.step {
            text.serialize_field("step", step)?;
        }
        if let Some(by) = &self.act.by {
            text.serialize_field("by", by)?;
        }
        if let Some(means) = &self.act.means {
            text.serialize_field("means", means)?;
        }
        text.serialize_field("event", &self.event)?;
        text.end()
    }
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
            Self::One => former::parse(text),
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
