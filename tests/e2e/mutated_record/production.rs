//! Turns a rehearsal's record into one that a production ceremony would have left: everything that names purpose, plan, machine,
//! endpoint or time is replaced, in both transcripts.

use crate::support::record::binding_of;
use keyferry_audit::record::Folder;
use keyferry_core::transcript::{Act, Means, MemoryKind};
use keyferry_core::*;

/// A line without its place in the chain.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) station: Station,
    pub(super) time: Timestamp,
    pub(super) act: Act,
    pub(super) event: Event,
}

pub(super) fn entries(transcript: Option<&[u8]>) -> Vec<Entry> {
    let Some(chain) = transcript.map(|bytes| Transcript::verify(bytes).unwrap().unwrap()) else {
        return Vec::new();
    };
    let entry =
        |l: &transcript::Line| Entry { station: l.station, time: l.time, act: l.act, event: l.event.clone() };
    chain.lines().iter().map(entry).collect()
}

pub(super) fn chained(entries: &[Entry]) -> Vec<u8> {
    let mut chain = Transcript::new("mutated-1".parse().unwrap());
    let line = |e: &Entry| chain.append(e.station, e.time, e.act, e.event.clone()).unwrap();
    entries.iter().map(line).collect::<String>().into_bytes()
}

/// How long things take, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// From one run to the next.
    pub(super) between: i64,
    /// The time for a person to read a share back, or to type entropy.
    pub(super) person: i64,
    /// How far the offline station's clock is ahead, if a person enters the time.
    pub(super) ahead: i64,
}

pub(super) fn as_production(mut folder: Folder, pace: Pace) -> Folder {
    let mut swap: Vec<(String, String)> = Vec::new();
    let old = folder.plan.clone().unwrap();
    let text = String::from_utf8(old.clone()).unwrap().replacen("\"rehearsal\"", "\"production\"", 1);
    let new = text.into_bytes();
    let (was, plan_sha256) = (Fingerprint::of(&old), Fingerprint::of(&new));
    swap.push((was.to_string(), plan_sha256.to_string()));
    let plan = CeremonyPlan::parse(&new).unwrap();
    folder.plan = Some(new);

    let mut parameters = artefact::parse::<Parameters>(folder.parameters.as_deref().unwrap()).unwrap().0;
    (parameters.plan_sha256, parameters.purpose) = (plan_sha256, Purpose::Production);
    let parameters_sha256 = replace(&mut folder.parameters, &parameters, &mut swap);

    let mut lines = entries(folder.transcript.as_deref());
    spread(&mut lines, parameters.fetched_at, pace);
    let mut ciphertext = artefact::parse::<Ciphertext>(folder.ciphertext.as_deref().unwrap()).unwrap().0;
    (ciphertext.parameters_sha256, ciphertext.purpose) = (parameters_sha256, Purpose::Production);
    ciphertext.wrapped_at = time_of_last_wrap(&lines);
    let source = serde_json::to_value(ciphertext.said_source().unwrap()).unwrap();
    let source = source.as_str().unwrap();
    let bindings: Vec<_> = ciphertext.keys.iter().map(|k| binding_of(&ciphertext, k, source)).collect();
    ciphertext.keys.iter_mut().zip(bindings).for_each(|(k, binding)| k.binding = binding);
    replace(&mut folder.ciphertext, &ciphertext, &mut swap);

    if let Some(escrow) = &folder.escrow {
        let mut escrow = artefact::parse::<Escrow>(escrow).unwrap().0;
        (escrow.plan_sha256, escrow.purpose) = (plan_sha256, Purpose::Production);
        replace(&mut folder.escrow, &escrow, &mut swap);
    }
    let mut drills = entries(folder.drills.as_deref());
    spread_drills(&mut drills, lines.last().unwrap().time);
    for entry in lines.iter_mut().chain(&mut drills) {
        let mut text = serde_json::to_string(&entry.event).unwrap();
        swap.iter().for_each(|(from, to)| text = text.replace(from, to));
        entry.event = serde_json::from_str(&text).unwrap();
    }
    lines.iter_mut().for_each(|line| as_in_production(line, Some(&plan)));
    drills.iter_mut().for_each(|line| as_in_production(line, None));
    let mut life = entries(folder.life.as_deref());
    spread_drills(&mut life, lines.last().unwrap().time);
    life.iter_mut().for_each(|line| as_in_production(line, Some(&plan)));
    let links = Links::of(&folder);
    links.renew(&mut lines, &mut drills);
    folder.transcript = Some(chained(&lines));
    folder.drills = folder.drills.is_some().then(|| chained(&drills));
    for line in &mut life {
        match &mut line.event {
            Event::Begun { plan_sha256: plan, .. } => *plan = Some(plan_sha256),
            Event::Agreed { record_head, .. } => *record_head = head(&lines),
            _ => {}
        }
    }
    folder.life = folder.life.is_some().then(|| chained(&life));
    folder
}

/// Writes an artefact in place of the rehearsal's, and notes its new digest.
fn replace<A: artefact::Artefact>(
    file: &mut Option<Vec<u8>>,
    new: &A,
    swap: &mut Vec<(String, String)>,
) -> Fingerprint {
    let was = Fingerprint::of(file.as_deref().unwrap());
    let bytes = artefact::to_bytes(new).unwrap().to_vec();
    let digest = Fingerprint::of(&bytes);
    swap.push((was.to_string(), digest.to_string()));
    *file = Some(bytes);
    digest
}

/// Which lines name a head of this same record: if the participants conspire and rewrite it, these lines name the new head.
pub(super) struct Links {
    heads: Vec<Fingerprint>,
}

impl Links {
    pub(super) fn of(folder: &Folder) -> Self {
        let chain = Transcript::verify(folder.transcript.as_deref().unwrap()).unwrap().unwrap();
        let heads = chain.lines().iter().skip(1).map(|line| line.prev).chain([chain.head()]);
        Self { heads: heads.collect() }
    }

    /// Updates the heads that lines name. A run compares its shares with the record as it was before the run.
    pub(super) fn renew(&self, lines: &mut [Entry], drills: &mut [Entry]) {
        for n in 0..lines.len() {
            let begun = lines[..n].iter().rposition(|l| matches!(l.event, Event::Begun { .. })).unwrap_or(0);
            if self.is_own(&lines[n].event) && begun > 0 {
                let head = head(&lines[..begun]);
                set_head(&mut lines[n].event, head);
            }
        }
        if drills.iter().any(|line| self.is_own(&line.event)) {
            let head = head(lines);
            let own = drills.iter_mut().filter(|line| self.is_own(&line.event));
            own.for_each(|line| set_head(&mut line.event, head));
        }
    }

    fn is_own(&self, event: &Event) -> bool {
        matches!(event, Event::SharesCombined { record_head, .. } if self.heads.contains(record_head))
    }
}

fn head(lines: &[Entry]) -> Fingerprint {
    Transcript::verify(&chained(lines)).unwrap().map_or(Fingerprint::ZERO, |chain| chain.head())
}

fn set_head(event: &mut Event, head: Fingerprint) {
    if let Event::SharesCombined { record_head, .. } = event {
        **record_head = head;
    }
}

/// Changes the line as if people had sat at a terminal and the machine had met the plan's requirements; a drill has no plan, and
/// requires the baseline.
fn as_in_production(line: &mut Entry, plan: Option<&CeremonyPlan>) {
    let required = |check| plan.map_or(PostureCheck::BASELINE.contains(&check), |plan| plan.requires(check));
    let waived = |check| plan.is_some_and(|plan| plan.posture().waived(check).is_some());
    match &mut line.event {
        Event::Begun { purpose, .. } => *purpose = Purpose::Production,
        Event::Confirmed { .. } | Event::Agreed { .. } => line.act.means = Some(Means::TypedYes),
        Event::Exported { endpoint, .. } => *endpoint = "https://kms.tencentcloudapi.com".into(),
        Event::PostureChecked { findings, .. } => findings.iter_mut().for_each(|finding| {
            finding.demand = match finding.check {
                check if required(check) => PostureDemand::Required,
                check if waived(check) => PostureDemand::Waived,
                _ => PostureDemand::Shown,
            };
            if finding.demand == PostureDemand::Required {
                finding.verdict = PostureVerdict::Pass;
            }
        }),
        Event::Confined { no_new_privs, limits, seccomp, landlock_abi, memory, .. } => {
            (*no_new_privs, *limits, *seccomp, *landlock_abi) = (true, true, true, 6);
            *memory = MemoryKind::SecretPages;
        }
        _ => {}
    }
}

/// Spreads the lines over the time that people need; the export gets the time when the parameters were fetched.
fn spread(lines: &mut [Entry], fetched: Timestamp, pace: Pace) {
    let (mut now, mut torn, mut times) = (0, false, Vec::new());
    for line in lines.iter() {
        now += match line.event {
            Event::Begun { .. } | Event::Note { .. } if !torn => pace.between,
            Event::TailRepaired { .. } => pace.between,
            Event::ShareConfirmed { .. } | Event::EntropyCommitted { operator: 1, .. } => pace.person,
            Event::EntropyMixed { .. } => pace.person,
            _ => 0,
        };
        torn = matches!(line.event, Event::TailRepaired { .. });
        times.push(now);
    }
    let export = lines.iter().position(|l| matches!(l.event, Event::Exported { .. })).unwrap();
    let base = fetched.unix() - times[export];
    for (line, time) in lines.iter_mut().zip(times) {
        let wrong = if line.station == Station::Offline { pace.ahead } else { 0 };
        let (right, shown) = (at(base + time), at(base + time + wrong));
        line.time = shown;
        match &mut line.event {
            Event::TimeConfirmed { time, clock, .. } => (*time, *clock) = (right, shown),
            Event::TimeGiven { given, clock } => (*given, *clock) = (right, shown),
            _ => {}
        }
    }
}

/// Drills and later commands on keys: the first a day after the ceremony, the others a year apart.
fn spread_drills(lines: &mut [Entry], over: Timestamp) {
    let mut now = over.unix() + 86_400 - 31_557_600;
    for line in lines {
        now += match line.event {
            Event::Begun { .. } => 31_557_600,
            Event::SharesCombined { .. } | Event::ShareProved { .. } => 600,
            _ => 0,
        };
        line.time = at(now);
    }
}

/// What was confirmed in the run that wrote the folder's ciphertext.
fn time_of_last_wrap(lines: &[Entry]) -> Timestamp {
    let confirmed = lines.iter().rev().find_map(|line| match line.event {
        Event::TimeConfirmed { time, .. } => Some(time),
        _ => None,
    });
    confirmed.unwrap()
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}
