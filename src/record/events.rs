//! The transcript's events, looked up by what they say.

use keyferry_core::transcript::Line;
use keyferry_core::{Alias, Event, Fingerprint, Station, Transcript};
use serde_json::Value;

/// The events of a chain, in order.
#[derive(Clone, Copy, Debug)]
pub struct Events<'c>(&'c [Line]);

impl<'c> Events<'c> {
    /// Of a whole chain.
    #[must_use]
    pub fn of(chain: &'c Transcript) -> Self {
        Self(chain.lines())
    }

    /// The lines.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &'c Line> + use<'c> {
        self.0.iter()
    }

    /// The lines after number `seq`.
    #[must_use]
    pub fn after(&self, seq: u64) -> Self {
        let at = usize::try_from(seq).map_or(usize::MAX, |n| n.saturating_add(1));
        Self(self.0.get(at..).unwrap_or_default())
    }

    /// The lines before number `seq`.
    #[must_use]
    pub fn before(&self, seq: u64) -> Self {
        Self(usize::try_from(seq).ok().and_then(|n| self.0.get(..n)).unwrap_or(self.0))
    }

    /// The last line that `pick` takes, and what it took.
    pub fn last<T>(&self, pick: impl Fn(&'c Line) -> Option<T>) -> Option<(u64, T)> {
        self.0.iter().rev().find_map(|line| pick(line).map(|found| (line.seq, found)))
    }

    /// A station checked this very file.
    #[must_use]
    pub fn checked(&self, at: Station, name: &str, digest: Fingerprint) -> Option<u64> {
        let hit = |line: &Line| match &line.event {
            Event::Checked { file, sha256 } => line.station == at && file == name && *sha256 == digest,
            _ => false,
        };
        self.0.iter().find(|line| hit(line)).map(|line| line.seq)
    }

    /// People at a station agreed on this very file's digest.
    #[must_use]
    pub fn confirmed(&self, at: Station, name: &str, digest: Fingerprint) -> Option<u64> {
        let hit = |line: &Line| match &line.event {
            Event::Confirmed { file, sha256, .. } => line.station == at && file == name && *sha256 == digest,
            _ => false,
        };
        self.0.iter().find(|line| hit(line)).map(|line| line.seq)
    }
}

/// An event as its JSON members: the record's own words, also for kinds that nothing here knows.
#[must_use]
pub fn fields(line: &Line) -> Value {
    serde_json::to_value(&line.event).unwrap_or_default()
}

/// The kind of an event.
#[must_use]
pub fn kind(line: &Line) -> String {
    fields(line).get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The key that an event is about, for the kinds that an outcome is read from.
pub(super) fn key_of(event: &Event) -> Option<&Alias> {
    match event {
        Event::ParametersFetched { alias, .. }
        | Event::KeyFailed { alias, .. }
        | Event::MaterialGenerated { alias, .. }
        | Event::MaterialRecovered { alias, .. }
        | Event::Wrapped { alias, .. }
        | Event::Imported { alias, .. }
        | Event::Proved { alias, .. } => Some(alias),
        _ => None,
    }
}
