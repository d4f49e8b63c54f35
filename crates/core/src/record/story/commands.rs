//! Commands: which were begun, by which station, under which plan, and how each ended.

use crate::transcript::{Kinds, Line};
use crate::{Event, EventKind, Fingerprint, Purpose, Station, Timestamp};

/// One run of a command, starting with its `begun` line.
#[derive(Clone, Copy, Debug)]
pub struct Run<'t> {
    /// Number of the `begun` line, from 0.
    pub seq: u64,
    /// When it began, by the station's clock.
    pub time: Timestamp,
    /// Which station ran it.
    pub station: Station,
    /// The command.
    pub command: &'t str,
    /// The program and its version.
    pub program: &'t str,
    /// Digest of the plan, if the command read one.
    pub plan_sha256: Option<Fingerprint>,
    /// Production or rehearsal.
    pub purpose: Purpose,
    /// The kinds of all lines that its station wrote, from `begun` to the end.
    pub kinds: Kinds,
    /// How it ended.
    pub end: RunEnd<'t>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub enum RunEnd<'t> {
    /// The transcript ends before the run does.
    Open,
    /// The same station began another command before this run ended.
    Interrupted,
    /// It was finished.
    Finished(Finish<'t>),
}

/// A `finished` line.
#[derive(Clone, Copy, Debug)]
pub struct Finish<'t> {
    /// Number of the line, from 0.
    pub seq: u64,
    /// By the station's clock.
    pub time: Timestamp,
    /// The command named in the line.
    pub command: &'t str,
    /// How many keys succeeded.
    pub succeeded: u64,
    /// How many failed.
    pub failed: u64,
    /// Whether the station had already begun this command.
    pub begun: bool,
}

/// A line whose time is earlier than that of the same station's previous line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockBack {
    /// Number of the line, from 0.
    pub seq: u64,
    /// Time of the station's previous line.
    pub from: Timestamp,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Commands<'t> {
    pub(super) runs: Vec<Run<'t>>,
    pub(super) finishes: Vec<Finish<'t>>,
    pub(super) clock_back: Vec<ClockBack>,
    /// The state of each station.
    pub(super) at: [AtStation; 2],
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AtStation {
    /// Index in `runs` of the run that has not ended yet.
    pub(super) open: Option<usize>,
    /// Time of the station's last line.
    time: Option<Timestamp>,
}

impl<'t> Commands<'t> {
    pub(super) fn tell(&mut self, line: &'t Line) {
        let next = self.runs.len();
        let [online, offline] = &mut self.at;
        let station = match line.station {
            Station::Online => online,
            Station::Offline => offline,
        };
        if let Some(from) = station.time.replace(line.time).filter(|from| *from > line.time) {
            self.clock_back.push(ClockBack { seq: line.seq, from });
        }
        match &line.event {
            Event::Begun { .. } => {
                let before = station.open.replace(next);
                if let Some(run) = before.and_then(|n| self.runs.get_mut(n)) {
                    run.end = RunEnd::Interrupted;
                }
                self.runs.extend(begun(line));
            }
            Event::Finished { command, succeeded, failed } => {
                let run = station.open.take().and_then(|n| self.runs.get_mut(n));
                let finish = Finish {
                    seq: line.seq,
                    time: line.time,
                    command,
                    succeeded: *succeeded,
                    failed: *failed,
                    begun: run.as_ref().is_some_and(|run| run.command == command),
                };
                if let Some(run) = run {
                    run.kinds.insert(EventKind::Finished);
                    run.end = RunEnd::Finished(finish);
                }
                self.finishes.push(finish);
            }
            event => {
                if let Some(run) = station.open.and_then(|n| self.runs.get_mut(n)) {
                    run.kinds.insert(event.kind());
                }
            }
        }
    }
}

fn begun(line: &Line) -> Option<Run<'_>> {
    let Event::Begun { command, program, plan_sha256, purpose } = &line.event else { return None };
    Some(Run {
        seq: line.seq,
        time: line.time,
        station: line.station,
        command,
        program,
        plan_sha256: *plan_sha256,
        purpose: *purpose,
        kinds: [EventKind::Begun].into_iter().collect(),
        end: RunEnd::Open,
    })
}
