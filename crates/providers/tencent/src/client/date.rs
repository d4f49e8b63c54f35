//! The service's clock, from the `Date` header of its replies (RFC 9110 §6.6.1), compared with the station's.

use jiff::fmt::rfc2822::DateTimeParser;
use keyferry_core::Timestamp;

/// A header's time; `None` if it is not a valid time.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    // The only form that is sent has 29 characters.
    let text = Some(text).filter(|t| t.len() <= 40)?;
    let time = DateTimeParser::new().parse_timestamp(text).ok()?;
    Timestamp::from_unix(time.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use keyferry_service::Clocks;

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
