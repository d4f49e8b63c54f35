//! Points in time as whole UTC seconds, written as RFC 3339 with `Z`; and the clock as a parameter.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Whole seconds since the Unix epoch, from year 0 to year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not `YYYY-MM-DDThh:mm:ssZ`, or the number is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTimestamp;

impl fmt::Display for BadTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a UTC time such as 2026-11-23T10:02:00Z")
    }
}

impl std::error::Error for BadTimestamp {}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From Unix seconds.
    ///
    /// # Errors
    /// [`BadTimestamp`] before year 0 or after year 9999.
    pub fn from_unix(seconds: i64) -> Result<Self, BadTimestamp> {
        let civil = jiff::Timestamp::from_second(seconds).map_err(|_| BadTimestamp)?;
        // Four-digit years keep the written form fixed at 20 characters.
        if civil.to_string().len() == 20 { Ok(Self(seconds)) } else { Err(BadTimestamp) }
    }

    /// Unix seconds.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// Seconds from `self` until `later`; negative when `later` has passed.
    #[must_use]
    pub const fn seconds_until(self, later: Self) -> i64 {
        later.0.saturating_sub(self.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(civil) => write!(f, "{civil}"),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    /// Only the one written form: other offsets, fractions and lower case are refused.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.len() != 20 {
            return Err(BadTimestamp);
        }
        let civil: jiff::Timestamp = s.parse().map_err(|_| BadTimestamp)?;
        let this = Self(civil.as_second());
        if this.to_string() == s { Ok(this) } else { Err(BadTimestamp) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        crate::de::from_str(d)
    }
}

/// A length of time in words that people use: `22 h 41 m`, `59 s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u64);

impl Span {
    /// From seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, m, s) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        match (h, m) {
            (0, 0) => write!(f, "{s} s"),
            (0, _) => write!(f, "{m} m {s} s"),
            _ => write!(f, "{h} h {m} m"),
        }
    }
}

impl FromStr for Span {
    type Err = BadSpan;

    /// A whole number and one unit: `4h`, `90m`, `30s`, at most 30 days.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let unit = match s.as_bytes().last() {
            Some(b'h') => 3600,
            Some(b'm') => 60,
            Some(b's') => 1,
            _ => return Err(BadSpan),
        };
        let digits = s.get(..s.len() - 1).ok_or(BadSpan)?;
        if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadSpan);
        }
        let seconds = digits.parse::<u64>().map_err(|_| BadSpan)? * unit;
        if seconds <= 30 * 86_400 { Ok(Self(seconds)) } else { Err(BadSpan) }
    }
}

/// The text is not a number with `h`, `m` or `s`, or more than 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSpan;

impl fmt::Display for BadSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a time span such as 4h, 90m or 30s, at most 30 days")
    }
}

impl std::error::Error for BadSpan {}

/// Where a program gets the time from: the system's clock, a person, or a test.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;
}

impl<F: Fn() -> Timestamp> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_one_written_form() {
        let t: Timestamp = "2038-01-18T16:00:00Z".parse().unwrap();
        assert_eq!(t.unix(), 2_147_443_200);
        for other in [
            "2038-01-18T16:00:00z",
            "2038-01-18 16:00:00Z",
            "2038-01-18T16:00:00+00:00",
            "2038-01-18T16:00:00.5Z",
            "",
        ] {
            assert_eq!(other.parse::<Timestamp>(), Err(BadTimestamp), "{other}");
        }
    }

    #[test]
    fn spans() {
        assert_eq!("4h".parse::<Span>().unwrap().seconds(), 14_400);
        assert_eq!(Span::from_seconds(81_660).to_string(), "22 h 41 m");
        for bad in ["", "h", "4", "-4h", "4 h", "99999999h", "721h", "é"] {
            assert_eq!(bad.parse::<Span>(), Err(BadSpan), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn timestamps_round_trip(seconds in -62_135_596_800_i64..=253_402_207_200) {
            let t = Timestamp::from_unix(seconds).unwrap();
            prop_assert_eq!(t.to_string().parse::<Timestamp>().unwrap(), t);
        }

        #[test]
        fn no_text_panics(s in "\\PC{0,24}") {
            let _ = (s.parse::<Timestamp>(), s.parse::<Span>());
        }
    }
}
