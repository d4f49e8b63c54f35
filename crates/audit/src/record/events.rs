//! The members of a line, for programs and people.

use keyferry_core::transcript::Line;
use serde_json::Value;

/// An event as its JSON members: the record's own words.
#[must_use]
pub fn fields(line: &Line) -> Value {
    serde_json::to_value(&line.event).unwrap_or_default()
}

/// The kind of an event.
#[must_use]
pub const fn kind(line: &Line) -> &'static str {
    line.event.kind().as_str()
}
