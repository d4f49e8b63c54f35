//! Lines as they are written: one form in each version, and the version in the first line.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::{Act, Actor, Event, Line, MAX_LINE, Means, Station, TranscriptError, former};
use crate::{CeremonyId, Fingerprint, StepName, Timestamp};

/// The first member of the first line.
pub const TRANSCRIPT_FORMAT: &str = "keyferry/transcript/2";

/// In which version a chain is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Read for ever, never written.
    One,
    Two,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[allow(dead_code)] // Compared as text.
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

/// As it is written: the format in the first line alone, and nothing where there is nothing to say.
impl Serialize for Line {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut text = s.serialize_struct("Line", 10)?;
        if self.seq == 0 {
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
    /// Of a chain, by the beginning of its first line. A later line in its place breaks the chain, whatever the version.
    pub(super) fn of(body: &[u8]) -> Result<Self, TranscriptError> {
        if body.starts_with(b"{\"seq\":0,") {
            return Ok(Self::One);
        }
        let named =
            body.strip_prefix(b"{\"format\":\"").map(|rest| rest.strip_prefix(TRANSCRIPT_FORMAT.as_bytes()));
        match named {
            Some(rest) if !rest.is_some_and(|rest| rest.starts_with(b"\"")) => Err(TranscriptError::Format),
            _ => Ok(Self::Two),
        }
    }

    /// Reads line `n`, from 1. One written form only, as for every artefact.
    pub(super) fn parse(self, text: &[u8], n: u64) -> Result<Line, TranscriptError> {
        if text.len() > MAX_LINE {
            return Err(TranscriptError::TooLarge);
        }
        let line = match self {
            Self::One => former::parse(text),
            Self::Two => parse(text),
        };
        line.ok_or(TranscriptError::Event { line: n })
    }
}

fn parse(text: &[u8]) -> Option<Line> {
    // The format is there or not as the number of the line wants: the written form says so.
    let Text { seq, prev, time, station, ceremony, step, by, means, event, .. } =
        serde_json::from_slice(text).ok()?;
    let line = Line { seq, prev, time, station, ceremony, act: Act { step, by, means }, event };
    (serde_json::to_vec(&line).ok()? == text).then_some(line)
}
