//! `bench.json`: what was measured, on which machine and with which build. `--compare` reads it back as
//! strictly as an artefact is read.

use keyferry_core::artefact::{Artefact, ArtefactError, Form, Format};
use keyferry_core::{Fingerprint, Timestamp};
use serde::{Deserialize, Serialize};

use super::machine::{Build, Machine};
use super::measure::{Contender, Times};
use super::statistics::Estimate;
use super::text::Text;

/// Maximum length of a report in bytes; a real one has about 30,000.
pub(super) const MAX_REPORT: usize = 1024 * 1024;

/// The time budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Effort {
    /// About ten seconds: enough to try the command, with rough figures.
    Quick,
    /// Under a minute.
    Default,
    /// Several minutes, with 100,000 keys.
    Full,
}

/// The measured operation: the part of a case's name before its contender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    /// The name of the operation, such as `wrap/RSAES_OAEP_SHA_256/fresh-key`.
    pub(super) id: Text,
    /// Rounds; every contender has one sample in each.
    pub(super) rounds: usize,
    pub(super) cases: Vec<Case>,
}

/// One contender's times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: Text,
    pub(super) version: Option<Text>,
    /// Calls in one sample.
    pub(super) calls: usize,
    /// Nanoseconds per call.
    pub(super) ns: Estimate,
    /// Its time ÷ the first case's time, round by round; absent if the cases do different things.
    pub(super) ratio: Option<Estimate>,
}

/// One point of the batch curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    pub(super) keys: usize,
    pub(super) rounds: usize,
    /// Nanoseconds per key, for all steps together.
    pub(super) ns_per_key: Estimate,
    /// The process's peak of resident memory so far.
    pub(super) peak_bytes: Option<u64>,
    /// Growth of the peak per key, compared with one key; absent if it is too small to measure.
    pub(super) bytes_per_key: Option<u64>,
}

/// Whole runs of the offline station with this many keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scale {
    pub(super) keys: usize,
    pub(super) runs: usize,
    /// Milliseconds of a run; absent if the size was left out.
    pub(super) ms: Option<Estimate>,
    /// The highest resident memory that was seen; absent if the run ended too soon.
    pub(super) peak_bytes: Option<u64>,
    pub(super) left_out: Option<LeftOut>,
}

impl Scale {
    /// A size that was not run.
    pub(super) const fn left_out(keys: usize, why: LeftOut) -> Self {
        Self { keys, runs: 0, ms: None, peak_bytes: None, left_out: Some(why) }
    }
}

/// Why a size was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LeftOut {
    /// `--quick` measures only smaller sizes.
    Quick,
    /// It would take more than five minutes.
    TooLong,
    /// There is no room for the files.
    NoRoom,
    /// A run failed.
    Failed,
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    format: Format<Self>,
    pub(super) taken_at: Timestamp,
    pub(super) effort: Effort,
    pub(super) took_ms: u64,
    pub(super) machine: Machine,
    pub(super) build: Build,
    pub(super) groups: Vec<Group>,
    pub(super) batch: Vec<Batch>,
    /// Whole runs of the offline station, by number of keys; only with `--scale`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) scale: Vec<Scale>,
    /// SHA-256 of the offline station that was run as a whole process.
    pub(super) station_sha256: Option<Fingerprint>,
    /// The measurements that are missing, and why.
    pub(super) left_out: Vec<Missing>,
}

/// A measurement that was not possible here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Missing {
    /// This build has no peers in C.
    PeersInC,
    /// There is no `keyferry-offline` next to the program.
    Station,
    /// There is no `openssl` on PATH.
    Openssl,
    /// A command of the comparison of processes failed.
    ProcessFailed,
    /// The system does not say how much memory the process uses.
    Memory,
}

impl Artefact for Report {
    type Former = Self;
}

impl Form for Report {
    const FORMAT: &'static str = "keyferry/bench/1";

    fn validate(&self) -> Result<(), ArtefactError> {
        Ok(())
    }
}

impl Report {
    pub(super) fn new(taken_at: Timestamp, effort: Effort, machine: Machine, build: Build) -> Self {
        Self {
            format: Format::new(),
            taken_at,
            effort,
            took_ms: 0,
            machine,
            build,
            groups: Vec::new(),
            batch: Vec::new(),
            scale: Vec::new(),
            station_sha256: None,
            left_out: Vec::new(),
        }
    }

    pub(super) fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.id.as_str() == id)
    }
}

impl Group {
    /// The cases of contenders that were timed together; `against_first` if all do the same work.
    pub(super) fn of(id: &str, contenders: &[Contender<'_>], times: &[Times], against_first: bool) -> Self {
        let first = times.first().filter(|_| against_first);
        let cases = contenders.iter().zip(times).filter_map(|(contender, taken)| {
            let ratio = first.and_then(|first| Estimate::of_ratios(&first.ns, &taken.ns));
            Some(Case {
                name: Text::of(&contender.name),
                version: contender.version.as_deref().map(Text::of),
                calls: taken.calls,
                ns: Estimate::of(taken.ns.clone())?.rounded(1),
                ratio: ratio.map(|r| r.rounded(4)),
            })
        });
        Self { id: Text::of(id), rounds: times.first().map_or(0, |t| t.ns.len()), cases: cases.collect() }
    }

    pub(super) fn case(&self, name: &str) -> Option<&Case> {
        self.cases.iter().find(|c| c.name.as_str() == name)
    }
}
