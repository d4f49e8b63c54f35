//! Checks the order of times: within a run, the clock never goes back, and never jumps further than the program
//! takes; between runs, the corrected clocks of both stations never go back.

use std::collections::{HashMap, HashSet};

use keyferry_core::transcript::{Line, TimeSource};
use keyferry_core::{Event, EventKind, Station};

use super::{BETWEEN_STATIONS, ClockFault, told};
use crate::record::course::{Split, Stretch};

/// By how many seconds a clock may be set back while a command runs; a deviation reports it.
const WITHIN_A_RUN: i64 = 60;
/// How many seconds the offline station may take if it does not wait for anybody.
const COMPUTED: i64 = 600;
/// How many seconds the online station may take for one key, because requests may have to be repeated several
/// times.
const ANSWERED: i64 = 1800;

pub(super) fn check(split: &Split<'_>) -> Vec<ClockFault> {
    let (mut faults, mut latest) = (Vec::new(), None::<i64>);
    let mut wrong: HashMap<Station, i64> = HashMap::new();
    let (mut notes, given) = (split.notes.iter().peekable(), corrected(split));
    for run in &split.runs {
        let Some(first) = run.lines.first() else { continue };
        if let Some(told) = told(run).filter(|told| told.by == TimeSource::Given) {
            wrong.insert(first.station, told.clock.seconds_until(told.time));
        }
        let correct = |line: &Line| line.time.unix() + wrong.get(&first.station).copied().unwrap_or(0);
        let begun = correct(first);
        while let Some(note) = notes.next_if(|note| note.seq < first.seq) {
            faults.extend(check_note(note, &given, latest, Some((first, begun))));
        }
        match latest {
            Some(latest) if latest - begun > BETWEEN_STATIONS => {
                faults.push(ClockFault::Back { line: first.seq + 1, seconds: latest - begun });
            }
            _ => faults.extend(within(run)),
        }
        let last = run.lines.iter().map(correct).max().unwrap_or(begun);
        latest = Some(latest.map_or(last, |latest| latest.max(last)));
    }
    faults.extend(notes.filter_map(|note| check_note(note, &given, latest, None)));
    faults.extend(check_repairs(split));
    faults
}

/// Nobody confirms the time of a drill, which can be held on any machine in any year, so times only have to
/// increase within each drill.
pub(super) fn check_drills(split: &Split<'_>) -> Vec<ClockFault> {
    split.runs.iter().filter_map(within).chain(check_repairs(split)).collect()
}

/// The stations whose clock a person corrected. Nobody knows how wrong that clock is between two runs.
fn corrected(split: &Split<'_>) -> HashSet<Station> {
    let given = |run: &&Stretch<'_>| run.count(EventKind::TimeGiven) > 0;
    split.runs.iter().filter(given).filter_map(|run| run.lines.first()).map(|line| line.station).collect()
}

/// A note must be later than the lines before it and earlier than the lines after it.
fn check_note(
    note: &Line,
    corrected: &HashSet<Station>,
    latest: Option<i64>,
    next: Option<(&Line, i64)>,
) -> Option<ClockFault> {
    if corrected.contains(&note.station) {
        return None;
    }
    let at = note.time.unix();
    let before = latest.map(|latest| ClockFault::Back { line: note.seq + 1, seconds: latest - at });
    let after = next.map(|(line, begun)| ClockFault::Back { line: line.seq + 1, seconds: at - begun });
    let is_back =
        |fault: &ClockFault| matches!(fault, ClockFault::Back { seconds, .. } if *seconds > BETWEEN_STATIONS);
    [before, after].into_iter().flatten().find(is_back)
}

/// A repair comes right before the line that the station then wrote.
fn check_repairs<'s>(split: &'s Split<'_>) -> impl Iterator<Item = ClockFault> + use<'s> {
    let run_of = |line: &Line| {
        let place = split.runs.binary_search_by_key(&(line.seq + 1), Stretch::line);
        place.ok().and_then(|place| split.runs.get(place))
    };
    split.repairs.iter().filter_map(move |(repair, next)| {
        let (line, seconds) = (next.seq + 1, repair.time.seconds_until(next.time));
        // Before the run, people were asked whether the shares that the crash left behind are void.
        let asked = run_of(next).is_some_and(|run| run.count(EventKind::SharesVoid) > 0);
        match seconds {
            _ if -seconds > WITHIN_A_RUN => Some(ClockFault::Back { line, seconds: -seconds }),
            _ if seconds > COMPUTED && !asked => Some(ClockFault::Late { line, seconds }),
            _ => None,
        }
    })
}

fn within(run: &Stretch<'_>) -> Option<ClockFault> {
    let mut latest = run.lines.first()?.time;
    for pair in run.lines.windows(2) {
        let [before, line] = pair else { continue };
        let (back, passed) = (line.time.seconds_until(latest), before.time.seconds_until(line.time));
        if back > WITHIN_A_RUN {
            return Some(ClockFault::Back { line: line.seq + 1, seconds: back });
        }
        let most = if line.station == Station::Online { ANSWERED } else { COMPUTED };
        if run.second && passed > most && !is_awaited(run, line) {
            return Some(ClockFault::Late { line: line.seq + 1, seconds: passed });
        }
        latest = latest.max(line.time);
    }
    None
}

/// Whether the program may have waited for people before it wrote the line: for shares, for dice, or for the operators'
/// commitments.
fn is_awaited(run: &Stretch<'_>, line: &Line) -> bool {
    let wraps = run.course.wraps();
    match line.event {
        Event::ShareConfirmed { .. } | Event::EntropyMixed { .. } => wraps,
        Event::EntropyCommitted { operator, .. } => operator == 1,
        // A person types the PIN or enters it at the HSM, and each call to the HSM may take a while.
        Event::HsmLoaded { .. }
        | Event::HsmProbed { .. }
        | Event::MaterialGenerated { .. }
        | Event::MaterialHeld { .. }
        | Event::GaveUp { .. } => run.course.is_of_hsm(),
        // The run ended with an error, perhaps while it was waiting for somebody.
        Event::Finished { succeeded: 0, .. } => wraps,
        Event::SharesCombined { .. } | Event::ShareProved { .. } => run.course.command == "drill",
        _ => false,
    }
}
