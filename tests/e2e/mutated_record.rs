//! A production record with one line dropped, repeated, moved, given to the other station, retimed or weakened: refused, signed or not, but for
//! a short list of changes that nobody can see, each with its reason.
//!
//! The record is a real ceremony's, of two keys and three custodians, with what only a rehearsal has of it replaced.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::record::binding_of;
use crate::support::shares::*;
use crate::support::*;
use keyferry::record::{Audit, Expect, Folder, HeldKey};
use keyferry_core::posture::PostureFinding;
use keyferry_core::transcript::{Act, Means, MemoryKind, TimeSource};
use keyferry_core::*;

/// What is accepted, and why nobody can see it.
const UNSEEN: &[(&str, &str, &str)] = &[
    ("drop", "note", "a note is what a person chose to say: nothing demands one"),
    ("repeat", "note", "the same person can say the same thing twice"),
    ("move", "note", "a note says nothing about when it has to be written"),
    ("other station", "note", "a note can be written at either station"),
    ("retime", "note", "between two runs there is no other time to compare with"),
    (
        "repeat",
        "begun",
        "a run that was cut right after its first line leaves exactly this, and a deviation says so",
    ),
    (
        "drop",
        "finished",
        "a wrap that was killed at its last line and followed by a rewrap leaves exactly this, and a deviation says so",
    ),
    ("retime", "begun", "an hour earlier, while the room prepared: the medium was at no other station then"),
    ("retime", "finished", "an hour later, before the next run began"),
    ("move", "parameters-fetched", "parameters of several keys are fetched side by side, in no order"),
    (
        "weaken",
        "confirmed",
        "at import an option can give the digest beforehand: the line says so, and a deviation shows it",
    ),
    ("weaken", "share-confirmed", "the digest of a share can be compared with the share alone, in a drill"),
];

fn key(n: u8) -> HeldKey {
    HeldKey::throwaway(&[n; 32].into())
}

fn plan_text(purpose: &str) -> String {
    let mut text =
        format!("format = \"keyferry/plan/2\"\nceremony = \"mutated-1\"\npurpose = \"{purpose}\"\n");
    for (n, (role, name)) in [("operator", "Ada"), ("witness", "Bo")].into_iter().enumerate() {
        let key = key(u8::try_from(n).unwrap()).public().line();
        text += &format!("[[participant]]\nname = \"{name}\"\nrole = \"{role}\"\nssh_key = \"{key}\"\n");
    }
    for name in ["Cy", "王小明", "Eve"] {
        text += &format!("[[participant]]\nname = \"{name}\"\nrole = \"custodian\"\n");
    }
    for alias in ["one", "two"] {
        text += &format!(
            "[[key]]\nalias = \"{alias}\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\n"
        );
    }
    text + "[[posture.waive]]\ncheck = \"no-radio\"\nreason = \"its antennas are cut\"\n\
            [backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n"
}

/// The record of a rehearsal by the real programs; `recovered`: the ciphertext was lost, and shares gave the material back for another one.
fn rehearsed(recovered: bool) -> Folder {
    let emulator = EmulatorProcess::start(&["--wrapping-keys", "2"]);
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("draft.toml"), plan_text("rehearsal")).unwrap();
    for folder in ["record", "shares"] {
        private_folder(&dir.path().join(folder));
    }
    let at_online = |line: &str| {
        run(online(line.split(' '), &emulator.endpoint).current_dir(dir.path())).ok();
    };
    let note = |text: &str| {
        let mut command = online(["note", "--by", "Ada"], &emulator.endpoint);
        command.args(["--transcript", "record/transcript.jsonl", "--text", text]).current_dir(dir.path());
        run(&mut command).ok();
    };
    at_online("create-key --plan draft.toml --out record/plan.toml --transcript record/transcript.jsonl");
    at_online("export --plan record/plan.toml --out record --session session.json");
    note("the seal of the medium is 4712");
    let line =
        "wrap --plan record/plan.toml --parameters record/parameters.json --out record --shares files=shares";
    let mut wrap = offline(line.split(' '));
    wrap.current_dir(dir.path());
    run_typing(&mut wrap, &dir.path().join("shares"), "Yes\n", lines).ok();
    if recovered {
        recover(dir.path());
    }
    at_online("import --session session.json --ciphertext record/ciphertext.json");
    Folder::read(&dir.path().join("record")).unwrap()
}

fn recover(dir: &Path) {
    fs::remove_file(dir.join("record/ciphertext.json")).unwrap();
    fs::rename(dir.join("record/escrow.json"), dir.join("escrow.json")).unwrap();
    private_folder(&dir.join("new"));
    let line = "rewrap --plan record/plan.toml --parameters record/parameters.json --out record \
                --transcript record/transcript.jsonl --escrow escrow.json --new-shares --shares files=new";
    let mut rewrap = offline(line.split_whitespace());
    let typed = format!("Yes\n{}", lines(&shares_in(&dir.join("shares"))[1..]));
    run_typing(rewrap.current_dir(dir), &dir.join("new"), &typed, lines).ok();
}

/// A production record that is accepted, not signed yet.
pub(crate) fn production() -> Folder {
    as_production(rehearsed(false))
}

/// A line without its place in the chain.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    station: Station,
    time: Timestamp,
    act: Act,
    event: Event,
}

fn entries(folder: &Folder) -> Vec<Entry> {
    let chain = Transcript::verify(folder.transcript.as_deref().unwrap()).unwrap().unwrap();
    let entry =
        |l: &transcript::Line| Entry { station: l.station, time: l.time, act: l.act, event: l.event.clone() };
    chain.lines().iter().map(entry).collect()
}

fn chained(entries: &[Entry]) -> Vec<u8> {
    let mut chain = Transcript::new("mutated-1".parse().unwrap());
    let line = |e: &Entry| chain.append(e.station, e.time, e.act, e.event.clone()).unwrap();
    entries.iter().map(line).collect::<String>().into_bytes()
}

/// The record as a production ceremony would have left it: everything that names purpose, plan, machine, endpoint or time is replaced.
fn as_production(mut folder: Folder) -> Folder {
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

    let mut lines = entries(&folder);
    spread(&mut lines, parameters.fetched_at);
    let written = lines.iter().rfind(|l| matches!(l.event, Event::CiphertextWritten { .. })).unwrap();
    let mut ciphertext = artefact::parse::<Ciphertext>(folder.ciphertext.as_deref().unwrap()).unwrap().0;
    (ciphertext.parameters_sha256, ciphertext.purpose) = (parameters_sha256, Purpose::Production);
    ciphertext.wrapped_at = written.time;
    let source = serde_json::to_value(ciphertext.said_source().unwrap()).unwrap();
    let source = source.as_str().unwrap();
    let bindings: Vec<_> = ciphertext.keys.iter().map(|k| binding_of(&ciphertext, k, source)).collect();
    ciphertext.keys.iter_mut().zip(bindings).for_each(|(k, binding)| k.binding = binding);
    replace(&mut folder.ciphertext, &ciphertext, &mut swap);

    let mut escrow = artefact::parse::<Escrow>(folder.escrow.as_deref().unwrap()).unwrap().0;
    (escrow.plan_sha256, escrow.purpose) = (plan_sha256, Purpose::Production);
    replace(&mut folder.escrow, &escrow, &mut swap);

    for entry in &mut lines {
        let mut text = serde_json::to_string(&entry.event).unwrap();
        swap.iter().for_each(|(from, to)| text = text.replace(from, to));
        entry.event = serde_json::from_str(&text).unwrap();
        as_in_production(&mut entry.event, &plan);
    }
    name_heads(&mut lines, &folder);
    folder.transcript = Some(chained(&lines));
    folder
}

/// Writes an artefact in place of the one of the rehearsal, and notes that its digest is another.
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

/// A line that names a head of the rehearsal's record names the one at the same place.
fn name_heads(lines: &mut [Entry], rehearsed: &Folder) {
    let chain = Transcript::verify(rehearsed.transcript.as_deref().unwrap()).unwrap().unwrap();
    let before: Vec<Fingerprint> = chain.lines().iter().map(|l| l.prev).collect();
    for n in 0..lines.len() {
        let Event::SharesCombined { record_head, .. } = &lines[n].event else { continue };
        let place = before.iter().position(|head| head == record_head).unwrap();
        let text = chained(&lines[..place]);
        let head = Transcript::verify(&text).unwrap().unwrap().head();
        if let Event::SharesCombined { record_head, .. } = &mut lines[n].event {
            *record_head = head;
        }
    }
}

fn as_in_production(event: &mut Event, plan: &CeremonyPlan) {
    match event {
        Event::Begun { purpose, .. } => *purpose = Purpose::Production,
        Event::Exported { endpoint, .. } => *endpoint = "https://kms.tencentcloudapi.com".into(),
        Event::PostureChecked { findings, .. } => findings.iter_mut().for_each(|finding| {
            finding.demand = match finding.check {
                check if plan.requires(check) => PostureDemand::Required,
                check if plan.posture().waived(check).is_some() => PostureDemand::Waived,
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

/// Two hours between the runs, as people take; the export is when the parameters were fetched.
fn spread(lines: &mut [Entry], fetched: Timestamp) {
    let begins = |l: &Entry| matches!(l.event, Event::Begun { .. } | Event::Note { .. });
    let export = lines.iter().position(|l| matches!(l.event, Event::Exported { .. })).unwrap();
    let before = lines[..=export].iter().filter(|l| begins(l)).count() as i64;
    let mut runs = 0;
    for line in lines {
        runs += i64::from(begins(line));
        line.time = at(fetched.unix() + (runs - before) * 7200);
        let now = line.time;
        if let Event::TimeConfirmed { time, clock, .. } = &mut line.event {
            (*time, *clock) = (now, now);
        }
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// Each mutation of a record's lines, with its name and the kind of line that it touches.
fn mutations(lines: &[Entry]) -> Vec<(&'static str, EventKind, Vec<Entry>)> {
    let mut all = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let kind = line.event.kind();
        let mut with = |name: &'static str, edit: &dyn Fn(&mut Vec<Entry>)| {
            let mut changed = lines.to_vec();
            edit(&mut changed);
            if changed != lines {
                all.push((name, kind, changed));
            }
        };
        with("drop", &|l| drop(l.remove(n)));
        with("repeat", &|l| l.insert(n, l[n].clone()));
        with("repeat", &|l| l.push(l[n].clone()));
        with("other station", &|l| {
            l[n].station = if l[n].station == Station::Online { Station::Offline } else { Station::Online };
        });
        // In a long record: to both neighbours' places, and to both ends.
        let far = |to: &usize| lines.len() > 40 && to.abs_diff(n) > 2 && *to > 0 && *to + 1 < lines.len();
        for to in (0..lines.len()).filter(|to| !far(to)) {
            with("move", &|l| {
                let moved = l.remove(n);
                l.insert(to, moved);
            });
        }
        for by in [-3_155_760_000, -31_557_600, -86_400, -3600, 3600, 86_400, 31_557_600, 2_000_000_000] {
            with("retime", &|l| l[n].time = at(l[n].time.unix() + by));
        }
        for weaker in weakened(line) {
            with("weaken", &|l| l[n] = weaker.clone());
        }
    }
    all
}

/// The line with one thing less.
fn weakened(line: &Entry) -> Vec<Entry> {
    let mut all = weaker_acts(line);
    let mut event = |edit: &dyn Fn(&mut Event)| {
        let mut changed = line.clone();
        edit(&mut changed.event);
        all.push(changed);
    };
    match &line.event {
        Event::PostureChecked { findings, .. } => {
            for n in 0..findings.len() {
                weaker_findings(&mut event, n, findings);
            }
        }
        Event::Confined { .. } => {
            event(&|e| {
                if let Event::Confined { no_new_privs, .. } = e {
                    *no_new_privs = false
                }
            });
            event(&|e| {
                if let Event::Confined { limits, .. } = e {
                    *limits = false
                }
            });
            event(&|e| {
                if let Event::Confined { seccomp, .. } = e {
                    *seccomp = false
                }
            });
            event(&|e| {
                if let Event::Confined { landlock_abi, .. } = e {
                    *landlock_abi = 0
                }
            });
            event(&|e| {
                if let Event::Confined { memory, .. } = e {
                    *memory = MemoryKind::Unlocked
                }
            });
        }
        Event::TimeConfirmed { .. } => {
            event(&|e| {
                if let Event::TimeConfirmed { by, .. } = e {
                    *by = TimeSource::Plan
                }
            });
            event(&|e| {
                if let Event::TimeConfirmed { by, .. } = e {
                    *by = TimeSource::Given
                }
            });
            event(&|e| {
                if let Event::TimeConfirmed { time, expires_at, .. } = e {
                    *time = *expires_at
                }
            });
            event(&|e| {
                if let Event::TimeConfirmed { expires_at, .. } = e {
                    *expires_at = at(4_000_000_000)
                }
            });
        }
        Event::Exported { .. } => {
            event(&|e| {
                if let Event::Exported { endpoint, .. } = e {
                    *endpoint = "https://kms.example.com".into()
                }
            });
            event(&|e| {
                if let Event::Exported { endpoint, .. } = e {
                    *endpoint = "http://127.0.0.1:1".into()
                }
            });
        }
        Event::MaterialGenerated { .. } => event(&|e| {
            if let Event::MaterialGenerated { source, .. } = e {
                *source = transcript::MaterialSource::Seeded;
            }
        }),
        Event::SharesMade { .. } => {
            event(&|e| {
                if let Event::SharesMade { threshold, .. } = e {
                    *threshold = 1
                }
            });
            event(&|e| {
                if let Event::SharesMade { shares, .. } = e {
                    *shares = 2
                }
            });
        }
        Event::ShareConfirmed { .. } => {
            event(&|e| {
                if let Event::ShareConfirmed { custodian, .. } = e {
                    *custodian = None
                }
            });
            event(&|e| {
                if let Event::ShareConfirmed { share_sha256, .. } = e {
                    *share_sha256 = Fingerprint::of(b"")
                }
            });
        }
        Event::Proved { .. } => {
            event(&|e| {
                if let Event::Proved { round_trip, .. } = e {
                    *round_trip = false
                }
            });
            event(&|e| {
                if let Event::Proved { state, .. } = e {
                    *state = "PendingImport".into()
                }
            });
        }
        Event::Begun { .. } => {
            event(&|e| {
                if let Event::Begun { plan_sha256, .. } = e {
                    *plan_sha256 = None
                }
            });
            event(&|e| {
                if let Event::Begun { program, .. } = e {
                    *program = "forger 1.0".into()
                }
            });
            event(&|e| {
                if let Event::Begun { command, .. } = e {
                    *command = "rite".into()
                }
            });
            event(&|e| {
                if let Event::Begun { purpose, .. } = e {
                    *purpose = Purpose::Rehearsal
                }
            });
        }
        Event::Finished { .. } => {
            event(&|e| {
                if let Event::Finished { failed, .. } = e {
                    *failed = 99
                }
            });
            event(&|e| {
                if let Event::Finished { succeeded, .. } = e {
                    *succeeded = 0
                }
            });
        }
        _ => {}
    }
    all
}

/// The line without its step, and with less said about how people answered.
fn weaker_acts(line: &Entry) -> Vec<Entry> {
    let with = |act: Act| Entry { act, ..line.clone() };
    let mut all = vec![with(Act { step: None, ..line.act })];
    if line.act.means.is_some() {
        all.push(with(Act { means: None, ..line.act }));
    }
    if matches!(line.event, Event::Confirmed { .. }) {
        all.push(with(Act { means: Some(Means::Option), ..line.act }));
    }
    all
}

/// Takes an edit of the event.
type Edit<'e> = &'e mut dyn FnMut(&dyn Fn(&mut Event));

fn weaker_findings(event: Edit<'_>, n: usize, findings: &[PostureFinding]) {
    // A check that nothing requires weakens nothing.
    if findings[n].demand == PostureDemand::Shown {
        return;
    }
    let mut finding = |edit: &dyn Fn(&mut PostureFinding)| {
        event(&|e| {
            if let Event::PostureChecked { findings, .. } = e {
                edit(&mut findings[n]);
            }
        });
    };
    finding(&|f| f.demand = PostureDemand::Shown);
    finding(&|f| f.demand = PostureDemand::Lowered);
    if findings[n].demand == PostureDemand::Required {
        finding(&|f| f.demand = PostureDemand::Waived);
        finding(&|f| f.verdict = PostureVerdict::Fail);
        if !matches!(findings[n].check, PostureCheck::PrivateOutput | PostureCheck::NobodyElse) {
            finding(&|f| f.verdict = PostureVerdict::Note);
        }
    }
    event(&|e| {
        if let Event::PostureChecked { findings, .. } = e {
            findings.remove(n);
        }
    });
}

pub(crate) fn signed(folder: &Folder) -> Folder {
    let message = folder.transcript.as_deref().unwrap();
    let sign = |n: u8| key(n).sign(message).unwrap().into_bytes();
    let signatures = vec![("operator-1.sig".to_owned(), sign(0)), ("witness-1.sig".to_owned(), sign(1))];
    Folder { signatures, ..folder.clone() }
}

#[test]
fn a_record_that_was_changed_is_refused_signed_or_not() {
    let mut tried = 0;
    let mut accepted = BTreeMap::new();
    for recovered in [false, true] {
        let whole = as_production(rehearsed(recovered));
        assert_eq!(Audit::of(&signed(&whole), &expect()).refusals, []);
        let all = mutations(&entries(&whole));
        tried += all.len();
        for (name, kind, changed) in &all {
            if is_accepted(&whole, changed) {
                *accepted.entry((*name, kind.as_str())).or_insert(0) += 1;
            }
        }
    }
    println!("{tried} mutations, {} accepted: {accepted:?}", accepted.values().sum::<usize>());
    let expected: Vec<(&str, &str)> = UNSEEN.iter().map(|(name, kind, _)| (*name, *kind)).collect();
    let unexpected: Vec<_> = accepted.keys().filter(|class| !expected.contains(class)).collect();
    assert_eq!(unexpected, Vec::<&(&str, &str)>::new());
    let gone: Vec<_> = expected.iter().filter(|class| !accepted.contains_key(*class)).collect();
    assert_eq!(gone, Vec::<&(&str, &str)>::new(), "these are refused by now: take them off the list");
    assert!(tried > 2500 && UNSEEN.len() <= 12, "{tried}");
}

fn expect() -> Expect {
    Expect { purpose: Some(Purpose::Production), ..Expect::default() }
}

/// Whether a changed record passes where everybody signed it, a liar among them. Where nobody did, it never does.
fn is_accepted(whole: &Folder, changed: &[Entry]) -> bool {
    let folder = Folder { transcript: Some(chained(changed)), ..whole.clone() };
    let unsigned = Audit::of(&folder, &expect());
    assert!(unsigned.verdict().is_err(), "unsigned");
    let (before, after) =
        (unsigned.verdict_before_signing(), Audit::of(&signed(&folder), &expect()).verdict());
    assert_eq!(before.is_ok(), after.is_ok(), "{before:?} {after:?}");
    after.is_ok()
}
