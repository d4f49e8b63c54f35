//! Times as the formats define them: whole seconds in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

/// A time this many seconds from now.
pub(crate) fn from_now(seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    text(i64::try_from(now).unwrap() + seconds)
}

/// Calendar days, counted from 1 March, so that a leap day is the last of its year.
fn text(unix: i64) -> String {
    let (days, second) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + 400 * era + i64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
}

/// The inverse: the seconds from 1970 to a time in this form, found by search.
pub(crate) fn unix(time: &str) -> i64 {
    let (mut low, mut high) = (0, 1 << 33);
    while low < high {
        let middle = (low + high) / 2;
        if text(middle).as_str() < time { low = middle + 1 } else { high = middle }
    }
    assert_eq!(text(low), time);
    low
}
