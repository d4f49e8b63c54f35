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

    /// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: with years of four digits, the written form always has 20
    /// characters.
    const RANGE: core::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

    /// From Unix seconds.
    ///
    /// # Errors
    /// [`BadTimestamp`] before year 0 or after year 9999.
    pub fn from_unix(seconds: i64) -> Result<Self, BadTimestamp> {
        if Self::RANGE.contains(&seconds) { Ok(Self(seconds)) } else { Err(BadTimestamp) }
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
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY);
        let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    /// Accepts only the canonical form: other offsets, fractions, leap seconds and lower case are refused.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bytes: &[u8; 20] = s.as_bytes().try_into().map_err(|_| BadTimestamp)?;
        let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2, b'Z'] =
            *bytes
        else {
            return Err(BadTimestamp);
        };
        let year = number(&[y1, y2, y3, y4], 9999)?;
        let days = days_from_civil(year, number(&[mo1, mo2], 12)?, number(&[d1, d2], 31)?);
        let (h, m, s) = (number(&[h1, h2], 23)?, number(&[mi1, mi2], 59)?, number(&[s1, s2], 59)?);
        let this = Self(days * DAY + h * 3600 + m * 60 + s);
        // Catches a day that the month does not have, because such a date would be written differently.
        if this.to_string().as_bytes() == bytes { Ok(this) } else { Err(BadTimestamp) }
    }
}

/// Seconds in a day; Unix time has no leap seconds.
const DAY: i64 = 86_400;

/// Decimal digits as a number, if it is at most `most`.
fn number(digits: &[u8], most: i64) -> Result<i64, BadTimestamp> {
    let digit = |b: &u8| b.is_ascii_digit().then(|| i64::from(b - b'0')).ok_or(BadTimestamp);
    let number = digits.iter().try_fold(0, |n, b| Ok(n * 10 + digit(b)?))?;
    if number <= most { Ok(number) } else { Err(BadTimestamp) }
}

/// Days in 400 years of the Gregorian calendar, after which it repeats.
const ERA: i64 = 146_097;
/// Days from 0000-03-01, where an era begins, to 1970-01-01.
const EPOCH: i64 = 719_468;

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
///
/// Years are counted from March, which makes the leap day the last day of a year.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    // From March, the months have 31, 30, 31, 30 and 31 days, repeatedly: 153 days for every five months.
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH
}

/// Year, month and day: the inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    // One more day every 4 years and every 400 years, and one less every 100 years.
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (if month <= 2 { 1 } else { 0 } + year + era * 400, month, day)
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        crate::serde_helpers::from_str(d)
    }
}

/// A length of time, as people write it: `22 h 41 m`, `59 s`; with `{:#}` in Chinese: `22 小时 41 分`, `59 秒`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u64);

impl Timestamp {
    /// The time until `later`; zero if `later` has passed.
    #[must_use]
    pub fn span_until(self, later: Self) -> Span {
        Span(u64::try_from(self.seconds_until(later)).unwrap_or(0))
    }
}

impl Span {
    /// A span of this many seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The span in seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, m, s) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        match (h, m, f.alternate()) {
            (0, 0, false) => write!(f, "{s} s"),
            (0, _, false) => write!(f, "{m} m {s} s"),
            (_, _, false) => write!(f, "{h} h {m} m"),
            (0, 0, true) => write!(f, "{s} 秒"),
            (0, _, true) => write!(f, "{m} 分 {s} 秒"),
            (_, _, true) => write!(f, "{h} 小时 {m} 分"),
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
    fn a_span_ends_where_the_time_has_passed() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        assert_eq!(at(10).span_until(at(15)).seconds(), 5);
        assert_eq!(at(15).span_until(at(10)).seconds(), 0);
    }

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

    /// The text that the `jiff` crate writes.
    fn by_jiff(seconds: i64) -> Option<String> {
        jiff::Timestamp::from_second(seconds).ok().map(|t| t.to_string())
    }

    #[test]
    fn every_day_of_an_era_is_written_and_read() {
        // From 1 March 1600: all days of 400 years, after which the calendar repeats.
        let first = -11_670_912_000;
        assert_eq!(by_jiff(first).as_deref(), Some("1600-03-01T00:00:00Z"));
        let mut days = 0;
        for second in (first..first + ERA * DAY).step_by(86_400) {
            let t = Timestamp::from_unix(second).unwrap();
            let text = t.to_string();
            assert_eq!(Some(&text), by_jiff(second).as_ref());
            assert_eq!(text.parse(), Ok(t));
            days += 1;
        }
        assert_eq!(days, 146_097);
    }

    #[test]
    fn the_range_ends_with_four_digits() {
        let (first, last) = ("0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z");
        for (text, beyond) in [(first, -1), (last, 1)] {
            let t: Timestamp = text.parse().unwrap();
            assert_eq!(t.to_string(), text);
            assert_eq!(Timestamp::from_unix(t.unix() + beyond), Err(BadTimestamp));
        }
        assert_eq!(Timestamp::from_unix(i64::MIN), Err(BadTimestamp));
        assert_eq!(Timestamp::from_unix(i64::MAX), Err(BadTimestamp));
    }

    proptest! {
        #[test]
        fn timestamps_round_trip(seconds in Timestamp::RANGE) {
            let t = Timestamp::from_unix(seconds).unwrap();
            prop_assert_eq!(t.to_string().parse::<Timestamp>().unwrap(), t);
            prop_assert!(by_jiff(seconds).is_none_or(|by_jiff| by_jiff == t.to_string()));
        }

        #[test]
        fn texts_like_times_are_read_as_jiff_reads_them(s in "[0129][09][0-2][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z") {
            // jiff reads 23:59:60 as 23:59:59, so only a string that it writes back unchanged counts as
            // canonical.
            let theirs = s.parse::<jiff::Timestamp>().ok().filter(|t| t.to_string() == s).map(|t| t.as_second());
            match s.parse::<Timestamp>() {
                Ok(t) => prop_assert!(theirs == Some(t.unix()) || s.starts_with("9999-12-3"), "{s}"),
                Err(BadTimestamp) => prop_assert_eq!(theirs, None, "{}", s),
            }
        }

        #[test]
        fn a_changed_character_is_refused_or_another_time(seconds in Timestamp::RANGE, at in 0..20usize, c in "[ -~]") {
            let t = Timestamp::from_unix(seconds).unwrap();
            let mut s = t.to_string();
            s.replace_range(at..=at, &c);
            if let Ok(other) = s.parse::<Timestamp>() {
                prop_assert_eq!(other.to_string(), s);
            }
        }

        #[test]
        fn no_text_panics(s in "\\PC{0,24}") {
            let _ = (s.parse::<Timestamp>(), s.parse::<Span>());
        }
    }
}
