//! Checks that earlier lines state every fact that a line depends on, and that a one-time event is recorded
//! only once.

use keyferry_core::artefact::names;
use std::collections::{HashMap, HashSet};

use keyferry_core::entropy::{Credit, Kind};
use keyferry_core::plan::PLAN_FILE;
use keyferry_core::transcript::{Line, MaterialSource, TimeSource};
use keyferry_core::{BackupSet, Commitment, Event, Fingerprint, ImportTokenDigest, KeyId, Timestamp};

use super::plan::compares_plan;
use super::{CourseFault, Stretch};

pub(super) fn check(runs: &[Stretch<'_>]) -> Vec<CourseFault> {
    let mut so_far = SoFar::default();
    runs.iter().filter_map(|run| so_far.take(run).err()).collect()
}

/// The prefix that `export` uses for the id of a request that it no longer knows.
const NOT_RECORDED: &str = "not recorded";

/// Checks that there are contributions, and that the number of bits credited to each is possible.
fn is_credited(contributions: &[Credit]) -> bool {
    !contributions.is_empty() && contributions.iter().all(Credit::is_possible)
}

/// The operators who contributed, by number.
fn operators(contributions: &[Credit]) -> Vec<u8> {
    let number = |credit: &Credit| match credit.contribution {
        Kind::Operator1 => Some(1),
        Kind::Operator2 => Some(2),
        Kind::Dice | Kind::Text | Kind::File => None,
    };
    contributions.iter().filter_map(number).collect()
}

/// The facts from the lines so far.
#[derive(Default)]
struct SoFar<'t> {
    tokens: HashSet<&'t ImportTokenDigest>,
    created: HashSet<&'t KeyId>,
    /// The digests of the exported parameters; `written` has those of the ciphertexts.
    exported: HashSet<Fingerprint>,
    written: HashMap<Fingerprint, Option<&'t BackupSet>>,
    requests: HashSet<&'t str>,
    imported: HashSet<&'t KeyId>,
    recovered: HashSet<(&'t KeyId, Option<Commitment>)>,
    sets: HashMap<&'t BackupSet, Set>,
    shares: HashSet<Fingerprint>,
    /// The set that was made last, with its line.
    last: Option<&'t BackupSet>,
}

/// A set of shares.
#[derive(Clone, Copy)]
struct Set {
    /// How many shares there are.
    of: u8,
    /// How many were read back.
    confirmed: u8,
    void: bool,
    /// Whether the online station checked a ciphertext of its material.
    used: bool,
}

/// The facts from one run: what it has read and compared.
#[derive(Default)]
struct OfRun<'t> {
    /// The plan that it began with, if its command asks people to compare the plan.
    plan: Option<Fingerprint>,
    checked: Option<(&'t str, Fingerprint)>,
    /// The time that a person stated, and the time on the clock.
    given: Option<(Timestamp, Timestamp)>,
    /// The operators who committed before the contributions were mixed in.
    committed: Vec<u8>,
    mixed: bool,
    combined: Option<&'t BackupSet>,
    /// Whether a token makes the material.
    hsm: bool,
}

impl<'t> SoFar<'t> {
    fn take(&mut self, run: &Stretch<'t>) -> Result<(), CourseFault> {
        let mut own = OfRun::default();
        run.lines.iter().try_for_each(|line| self.line(line, &mut own))
    }

    fn line(&mut self, line: &'t Line, own: &mut OfRun<'t>) -> Result<(), CourseFault> {
        let holds = match &line.event {
            Event::KeyCreated { key_id, request_id, .. } => {
                self.created.insert(key_id) && self.is_new_request(request_id)
            }
            Event::ParametersFetched { import_token_sha256, request_id, .. } => {
                import_token_sha256.as_ref().is_none_or(|token| self.tokens.insert(token))
                    && self.is_new_request(request_id)
            }
            Event::Exported { parameters_sha256, .. } => self.exported.insert(*parameters_sha256),
            Event::TimeGiven { given, clock } => {
                own.given = Some((*given, *clock));
                true
            }
            Event::TimeConfirmed { by, time, clock, .. } => match own.given {
                Some(given) => *by == TimeSource::Given && given == (*time, *clock),
                None => *by != TimeSource::Given,
            },
            Event::EntropyCommitted { operator, .. } => {
                own.committed.push(*operator);
                usize::from(*operator) == own.committed.len()
            }
            Event::EntropyMixed { contributions } => {
                own.mixed = true;
                is_credited(contributions) && own.committed == operators(contributions)
            }
            Event::MaterialGenerated { source, .. } => match source {
                MaterialSource::Mixed => own.mixed && !own.hsm,
                MaterialSource::OperatingSystem => !own.mixed && !own.hsm,
                // A published seed stays a published seed, whatever is mixed in.
                MaterialSource::Seeded => !own.hsm,
                MaterialSource::Hsm => own.hsm,
            },
            Event::HsmLoaded { .. } => {
                own.hsm = true;
                true
            }
            Event::Checked { file, sha256 } => self.checked((file, *sha256), own),
            Event::Begun { command, plan_sha256, .. } => {
                own.plan = plan_sha256.filter(|_| compares_plan(command));
                true
            }
            Event::Confirmed { file, sha256 } => match own.plan {
                Some(plan) => (file.as_str(), *sha256) == (PLAN_FILE, plan),
                None => own.checked == Some((file, *sha256)),
            },
            Event::CiphertextWritten { parameters_sha256, ciphertext_sha256, .. } => {
                self.written.insert(*ciphertext_sha256, self.last);
                own.checked == Some((names::PARAMETERS, *parameters_sha256))
            }
            Event::MaterialRecovered { key_id, commitment, .. } => {
                self.recovered.insert((key_id, *commitment));
                true
            }
            Event::MaterialHeld { key_id, commitment, .. } => {
                self.recovered.insert((key_id, *commitment));
                own.hsm && commitment.is_some()
            }
            Event::Imported { key_id, request_id, .. } => {
                self.imported.insert(key_id);
                self.is_new_request(request_id)
            }
            Event::Proved { key_id, .. } => self.imported.contains(key_id),
            Event::BackupProved { key_id, commitment, .. } => {
                self.imported.contains(key_id) && self.recovered.contains(&(key_id, Some(*commitment)))
            }
            _ => return self.shares(line, own),
        };
        if holds { Ok(()) } else { Err(CourseFault::follows(line)) }
    }

    /// Checks that every request has a different id. For a fetch by an interrupted export, the record may have
    /// no id.
    fn is_new_request(&mut self, id: &'t str) -> bool {
        !id.is_empty() && (id.starts_with(NOT_RECORDED) || self.requests.insert(id))
    }

    /// Checks that a file was checked after the other station wrote it.
    fn checked(&mut self, (file, sha256): (&'t str, Fingerprint), own: &mut OfRun<'t>) -> bool {
        own.checked = Some((file, sha256));
        if file == names::PARAMETERS {
            return self.exported.contains(&sha256);
        }
        let Some(of) = self.written.get(&sha256) else { return false };
        if let Some(set) = of.and_then(|set| self.sets.get_mut(set)) {
            set.used = true;
        }
        true
    }

    fn shares(&mut self, line: &'t Line, own: &mut OfRun<'t>) -> Result<(), CourseFault> {
        let fault = || CourseFault::Shares { line: line.seq + 1 };
        match &line.event {
            Event::SharesCombined { set, .. } => own.combined = Some(set),
            Event::SharesVoid { set, confirmed } => {
                let known =
                    self.sets.get_mut(set).filter(|known| known.confirmed == *confirmed && !known.void);
                known.ok_or(CourseFault::follows(line))?.void = true;
            }
            Event::SharesMade { set, shares, .. } => {
                self.check_left(line, own)?;
                let made = Set { of: *shares, confirmed: 0, void: false, used: false };
                if self.sets.insert(set, made).is_some() {
                    return Err(CourseFault::follows(line));
                }
                self.last = Some(set);
            }
            Event::ShareConfirmed { set, number, of, share_sha256, .. } => {
                let known = self.sets.get_mut(set).filter(|_| self.last == Some(set)).ok_or_else(fault)?;
                known.confirmed += 1;
                if (known.confirmed, known.of) != (*number, *of) || !self.shares.insert(*share_sha256) {
                    return Err(fault());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks that no shares that were read back are left over when new shares are made: the earlier ones
    /// must have been used, combined in this run, or made void.
    fn check_left(&self, line: &Line, own: &OfRun<'t>) -> Result<(), CourseFault> {
        let left = self.last.filter(|last| own.combined != Some(last)).and_then(|last| self.sets.get(last));
        match left {
            Some(set) if set.confirmed > 0 && !set.used && !set.void => {
                Err(CourseFault::Stranded { line: line.seq + 1 })
            }
            _ => Ok(()),
        }
    }
}
