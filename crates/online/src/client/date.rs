//! The service's clock, as the `Date` header of its replies tells it (RFC 9110 §6.6.1), next to the station's.

use jiff::fmt::rfc2822::DateTimeParser;
use keyferry_core::Timestamp;
use serde_json::{Value, json};

/// The two clocks when a reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// The service's.
    pub service: Timestamp,
    /// The station's.
    pub station: Timestamp,
}

impl Clocks {
    /// Seconds that the service's clock is ahead of the station's; negative when it is behind.
    #[must_use]
    pub const fn service_ahead(self) -> i64 {
        self.station.seconds_until(self.service)
    }

    /// In a result.
    pub(crate) fn as_json(self) -> Value {
        json!({"service": self.service, "station": self.station, "service_ahead_seconds": self.service_ahead()})
    }
}

/// A header's time; `None` for anything that is none.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    // The one form that is sent has 29 characters.
    let text = Some(text).filter(|t| t.len() <= 40)?;
    let time = DateTimeParser::new().parse_timestamp(text).ok()?;
    Timestamp::from_unix(time.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_that_servers_send_and_no_other_text() {
        let noon = parse("Mon, 23 Nov 2026 12:00:00 GMT").unwrap();
        assert_eq!(noon.to_string(), "2026-11-23T12:00:00Z");
        for bad in ["", "yesterday", "Mon, 23 Nov 2026", "Sun, 23 Nov 2026 12:00:00 GMT", &"1".repeat(1000)] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let station = Timestamp::from_unix(noon.unix() + 90).unwrap();
        assert_eq!(Clocks { service: noon, station }.service_ahead(), -90);
    }
}
