//! One line, and the form in which it is written.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::act::Act;
use super::event::{Event, Station};
use crate::{CeremonyId, Fingerprint, Timestamp};

/// The first member of the first line.
pub const TRANSCRIPT_FORMAT: &str = "keyferry/transcript/2";

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The format. The first line of a chain names the version, and so does the first line of this version in a chain that
    /// began in the previous one.
    pub names_format: bool,
    /// Number of the line, from 0.
    pub seq: u64,
    /// SHA-256 of the line before, without its line break; zeros for line 0.
    pub prev: Fingerprint,
    /// The time, by the station's clock.
    pub time: Timestamp,
    /// Which station.
    pub station: Station,
    /// Id of the ceremony: the same in every line.
    pub ceremony: CeremonyId,
    /// How the line came about.
    pub act: Act,
    /// What happened.
    pub event: Event,
}

/// The written form of a line: the format appears only at the first line of a version, and empty members are
/// omitted.
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
