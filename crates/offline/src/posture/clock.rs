//! The clock's row: the machine's time, compared with the lifetime of the parameters.
//!
//! It never stops a command by itself, because the clocks of isolated machines drift. In `wrap`, people confirm or enter
//! the time that counts.

use keyferry_core::{Timestamp, bi};

use super::{Seen, Subject};

/// 2026-01-01 and 2100-01-01. A clock outside this range was never set.
const SANE: std::ops::Range<i64> = 1_767_225_600..4_102_444_800;
/// By how many seconds a clock may be wrong; the service tolerates as much.
const FORGIVEN: i64 = 300;

pub(super) fn look(subject: &Subject<'_>) -> Seen {
    let Some(clock) = subject.clock else {
        return Seen::fail(bi!("cannot be determined: no clock", "无法判断：没有时钟"));
    };
    if !SANE.contains(&clock.unix()) {
        return Seen::fail(bi!("{clock}: this clock was never set", "{clock}：此时钟未经设置"));
    }
    match (subject.window, subject.told) {
        (None, None) => {
            Seen::note(bi!("{clock}; no parameters to compare with", "{clock}；没有可比较的参数"))
        }
        (None, Some(told)) => Seen::note(bi!("{clock}; told: {told}", "{clock}；人工给出：{told}")),
        (Some(window), told) => beside(clock, window, told),
    }
}

fn beside(clock: Timestamp, (fetched, expiry): (Timestamp, Timestamp), told: Option<Timestamp>) -> Seen {
    let time = told.unwrap_or(clock);
    let drift = told.map_or(0, |t| clock.seconds_until(t).abs());
    if clock.seconds_until(fetched) > FORGIVEN || clock >= expiry {
        return Seen::fail(bi!(
            "{clock}; the parameters live from {fetched} to {expiry}",
            "{clock}；参数的有效期从 {fetched} 到 {expiry}"
        ));
    }
    let left = time.span_until(expiry);
    if drift > FORGIVEN {
        let told = time;
        return Seen::note(bi!(
            "{clock}, and a person says {told}: {left} left until {expiry}",
            "{clock}，而人工给出 {told}：距 {expiry} 还剩 {left:#}"
        ));
    }
    Seen::pass(bi!("{clock}: {left} left until {expiry}", "{clock}：距 {expiry} 还剩 {left:#}"))
}
