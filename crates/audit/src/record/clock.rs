//! Times: somebody confirmed the time before the parameters expired, and the clocks of both stations are consistent.
//!
//! An offline clock may be wrong by years; the line that confirms the time says by how much. With this correction, no line is earlier than
//! the one before, apart from the tolerance of the service and the time that people need to read a clock.

use std::collections::{HashMap, HashSet};

use keyferry_core::provider::Lifetime;
use keyferry_core::transcript::{Means, TimeSource};
use keyferry_core::{Event, EventKind, Purpose, Timestamp};

use super::course::{Courses, Stretch};
use super::{Record, VerifyError};

mod clock_fault;
mod clock_order;

pub use clock_fault::ClockFault;

/// By how many seconds the clocks of two stations may disagree.
const BETWEEN_STATIONS: i64 = 600;
/// For how many seconds people may compare and type shares before the record begins.
const A_SESSION: i64 = 6 * 3600;

/// Every impossible time.
pub(super) fn check(record: &Record, courses: &Courses<'_>) -> Vec<VerifyError> {
    let (runs, mut faults) = (&courses.transcript.runs, Vec::<ClockFault>::new());
    let wraps = runs.iter().filter(|run| run.course.wraps());
    faults.extend(wraps.filter_map(|run| check_confirmed(record, run).err()));
    faults.extend(clock_order::check(&courses.transcript));
    faults.extend(life(record, runs));
    let drills = clock_order::check_drills(&courses.drills).into_iter().map(VerifyError::DrillClock);
    // Only one station writes the file, with one clock.
    let life = clock_order::check(&courses.life).into_iter().map(VerifyError::LifeClock);
    faults.into_iter().map(VerifyError::Clock).chain(drills).chain(life).collect()
}

/// The time and the expiry that a line confirms.
#[derive(Clone, Copy)]
struct Told {
    line: u64,
    time: Timestamp,
    clock: Timestamp,
    expires_at: Timestamp,
    by: TimeSource,
}

fn told(run: &Stretch<'_>) -> Option<Told> {
    run.first(|line| match line.event {
        Event::TimeConfirmed { time, clock, expires_at, by } => {
            Some(Told { line: line.seq + 1, time, clock, expires_at, by })
        }
        _ => None,
    })
}

/// How the run's digest was confirmed; `None` for a run that was cut off earlier, or that has version 1.
fn means(run: &Stretch<'_>) -> Option<Means> {
    run.first(|line| matches!(line.event, Event::Confirmed { .. }).then_some(line.act.means)).flatten()
}

fn check_confirmed(record: &Record, run: &Stretch<'_>) -> Result<(), ClockFault> {
    let plan = &record.plan;
    let Some(told) = told(run) else {
        let expires = expiry(record, run).is_some();
        let asked = means(run).is_some_and(|means| means != Means::Option);
        let demanded = plan.clock().is_some()
            || plan.requires(keyferry_core::PostureCheck::ClockConfirmed)
                && plan.purpose() == Purpose::Production;
        let unconfirmed = expires && run.count(EventKind::Confirmed) > 0 && (asked || demanded);
        if unconfirmed {
            return Err(ClockFault::Unconfirmed { line: run.line() });
        }
        let begun = run.lines.first().map(|line| line.time);
        return begun.map_or(Ok(()), |begun| check_wrapped_at(record, run, |at| is_near(at, begun)));
    };
    let by_option = means(run) == Some(Means::Option);
    let right = match told.by {
        TimeSource::Person => !by_option && is_near(told.time, told.clock),
        TimeSource::Plan => {
            plan.clock().is_some() && (by_option || means(run).is_none()) && is_near(told.time, told.clock)
        }
        // `follow` compares it with the line about the time that the person stated.
        TimeSource::Given => true,
    };
    if !right {
        return Err(ClockFault::By { line: told.line });
    }
    let within = plan.clock().is_none_or(|window| window.holds(told.time));
    if !within || told.time >= told.expires_at || expiry(record, run).is_some_and(|at| at != told.expires_at)
    {
        return Err(ClockFault::Outside { line: told.line, time: told.time });
    }
    check_wrapped_at(record, run, |at| at == told.time)
}

/// Whether one clock can have shown both times: the first before a question, and the second after the answer and, in a recovery,
/// after the shares were typed.
const fn is_near(before: Timestamp, after: Timestamp) -> bool {
    let passed = before.seconds_until(after);
    -BETWEEN_STATIONS <= passed && passed <= A_SESSION
}

/// The earliest expiry among the parameters that the run checked and accepted, if they are the ones in the
/// folder.
fn expiry(record: &Record, run: &Stretch<'_>) -> Option<Timestamp> {
    let (parameters, digest) = record.parameters.as_ref()?;
    let checked = run.first(|line| match &line.event {
        Event::Checked { sha256, .. } => Some(*sha256),
        _ => None,
    })?;
    let refused: HashSet<_> = run
        .lines
        .iter()
        .take_while(|line| !matches!(line.event, Event::Confirmed { .. }))
        .filter(|line| matches!(line.event, Event::KeyFailed { .. }))
        .filter_map(|line| line.event.alias())
        .collect();
    let live = parameters.keys.iter().filter(|key| !refused.contains(&key.alias));
    live.filter_map(|key| key.expires_at).min().filter(|_| checked == *digest)
}

/// Checks that the ciphertext in the folder states the time that was confirmed when it was wrapped, or the clock's time
/// if nobody confirmed one.
fn check_wrapped_at(
    record: &Record,
    run: &Stretch<'_>,
    right: impl Fn(Timestamp) -> bool,
) -> Result<(), ClockFault> {
    let Some((ciphertext, digest)) = &record.ciphertext else { return Ok(()) };
    let line = run.first(|line| match &line.event {
        Event::CiphertextWritten { ciphertext_sha256, .. } if ciphertext_sha256 == digest => {
            Some(line.seq + 1)
        }
        _ => None,
    });
    match line {
        Some(line) if !right(ciphertext.wrapped_at) => Err(ClockFault::Wrapped { line }),
        _ => Ok(()),
    }
}

/// Checks that parameters are valid for as long as their provider says, and that material is sent while its
/// token is valid.
fn life(record: &Record, runs: &[Stretch<'_>]) -> Vec<ClockFault> {
    let mut faults = Vec::new();
    let lives = record.parameters.iter().flat_map(|(parameters, _)| &parameters.keys);
    let lives: HashMap<_, _> = lives.map(|key| (&key.alias, key)).collect();
    let mut fetched: HashMap<_, Timestamp> = HashMap::new();
    let export = runs.iter().find(|run| run.course.command == "export");
    let first = export.and_then(|run| run.lines.first()).map(|line| line.time);
    for line in runs.iter().flat_map(|run| run.lines) {
        let at = line.seq + 1;
        match &line.event {
            Event::ParametersFetched { alias, expires_at: Some(expires_at), .. } => {
                fetched.insert(alias, *expires_at);
                let left = line.time.seconds_until(*expires_at);
                let longest = lives.get(alias).and_then(|key| match key.provider.facts().lifetime {
                    Lifetime::After(span) => i64::try_from(span.seconds()).ok(),
                    _ => None,
                });
                if left < 0 || longest.is_some_and(|longest| left > longest + BETWEEN_STATIONS) {
                    faults.push(ClockFault::Fetched { line: at, expires_at: *expires_at });
                }
            }
            Event::Exported { parameters_sha256, .. } => {
                let named = record.parameters.as_ref().filter(|(_, digest)| digest == parameters_sha256);
                let late = named.filter(|(parameters, _)| {
                    line.time.seconds_until(parameters.fetched_at) > BETWEEN_STATIONS
                        || first.is_some_and(|first| {
                            parameters.fetched_at.seconds_until(first) > BETWEEN_STATIONS
                        })
                });
                faults.extend(late.map(|(p, _)| ClockFault::Exported { line: at, fetched_at: p.fetched_at }));
            }
            Event::Imported { alias, .. } => {
                let expired = fetched
                    .get(alias)
                    .filter(|expires_at| expires_at.seconds_until(line.time) > BETWEEN_STATIONS);
                faults.extend(expired.map(|at_most| ClockFault::Expired { line: at, expires_at: *at_most }));
            }
            _ => {}
        }
    }
    faults
}
