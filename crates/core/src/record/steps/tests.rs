//! Tests that the table is complete, and that the records of version 0.1 have every line that it requires.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::plan::Backup;
use crate::provider::FIPS;
use crate::story::RunEnd;
use crate::transcript::Act;
use crate::{Bilingual, EventKind, Lang};
use crate::{CeremonyPlan, Event, Purpose, Story, Timestamp, Transcript};

fn records() -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/0.1");
    let records = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("record"));
    records.filter(|record| record.is_dir())
}

/// Every transcript from version 0.1, drills included, with its plan.
fn transcripts() -> Vec<(CeremonyPlan, Transcript)> {
    let read = |record: &Path, name: &str| fs::read(record.join(name)).ok();
    let of = |record: PathBuf| {
        let plan = move |record: &Path| CeremonyPlan::parse(&read(record, "plan.toml").unwrap()).unwrap();
        let files = ["transcript.jsonl", "drills.jsonl"].map(|name| read(&record, name));
        let chains = files.into_iter().flatten().map(|bytes| Transcript::verify(&bytes).unwrap().unwrap());
        chains.map(|chain| (plan(&record), chain)).collect::<Vec<_>>()
    };
    let all: Vec<_> = records().flat_map(of).collect();
    assert!(all.len() >= 12, "{}", all.len());
    all
}

#[test]
fn names_are_unique_and_read_back() {
    let names: BTreeSet<&str> = StepName::ALL.iter().map(|step| step.as_str()).collect();
    assert_eq!(names.len(), StepName::ALL.len());
    for step in StepName::ALL {
        assert_eq!((step.as_str().parse(), step.step().name), (Ok(*step), *step));
        assert!(step.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{step}");
        assert_eq!(serde_json::to_string(step).unwrap(), format!("\"{step}\""));
    }
    assert_eq!("step-8".parse::<StepName>(), Err(UnknownStep));
    assert!(UnknownStep.to_string().contains(" offline-wrap "));
}

#[test]
fn each_row_says_who_does_what_in_both_languages() {
    for step in Step::all() {
        let texts = [Some(step.does), step.compares, Some(step.catches)];
        for text in texts.into_iter().flatten() {
            assert!(!text.en.is_empty() && text.en.is_ascii(), "{}: {}", step.name, text.en);
            assert!(!text.zh.is_ascii(), "{}: {}", step.name, text.zh);
            assert_eq!(Bilingual::from(text).get(Lang::Zh), text.get(Lang::Zh));
        }
        assert!(!step.by.is_empty(), "{}", step.name);
        let twice = step.lines.must.iter().find(|kind| step.lines.may.contains(kind));
        assert_eq!(twice, None, "{}", step.name);
        // A command's lines are written by a station.
        assert!(step.lines.commands.is_empty() || step.place.station().is_some(), "{}", step.name);
    }
}

#[test]
fn every_kind_of_line_belongs_to_a_step() {
    for kind in EventKind::ALL {
        assert!(Step::all().any(|step| step.lines.can_be(*kind)), "{kind}");
    }
}

#[test]
fn a_command_is_begun_in_one_step() {
    let commands: BTreeSet<&str> = Step::all().flat_map(|step| step.lines.commands).copied().collect();
    for command in commands {
        let begins = |step: &&Step| {
            step.lines.commands.contains(&command) && step.lines.must.contains(&EventKind::Begun)
        };
        assert_eq!(Step::all().filter(begins).count(), 1, "{command}");
        assert!(Step::of_command(command).unwrap().lines.must.contains(&EventKind::Finished), "{command}");
    }
    assert_eq!(Step::of_command("status"), None);
    let always = |step: &&Step| step.lines.plan == PlanUse::Always;
    let names: Vec<StepName> = Step::all().filter(always).map(|step| step.name).collect();
    use StepName::*;
    assert_eq!(names, [OnlineExport, OfflineWrap, OfflineRewrap, HsmWrap, HsmRewrap, OnlineImport]);
}

/// The commands that people type at a step of the runbook.
const TYPED: [(StepName, &str); 13] = [
    (StepName::CreateKey, "keyferry-online create-key"),
    (StepName::OnlineExport, "keyferry-online export"),
    (StepName::Preflight, "keyferry-offline preflight"),
    (StepName::Inspect, "keyferry-offline inspect"),
    (StepName::CompareWrappingKeys, "check.sh parameters"),
    (StepName::OfflineWrap, "keyferry-offline wrap"),
    (StepName::OnlineImport, "keyferry-online import"),
    (StepName::Status, "keyferry-online status"),
    (StepName::CompareHead, "keyferry verify medium/transcript.jsonl"),
    (StepName::Sign, "keyferry sign archive"),
    (StepName::Verify, "keyferry verify archive"),
    (StepName::PutAway, "sha256sum -c SHA256SUMS"),
    (StepName::Drill, "keyferry-offline drill"),
];

#[test]
fn the_table_has_the_order_of_the_runbook() {
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ceremony/operate/runbook.md");
    let runbook = fs::read_to_string(runbook).unwrap();
    let place = |typed| runbook.find(typed).unwrap_or_else(|| panic!("the runbook lacks {typed}"));
    let places: Vec<usize> = TYPED.iter().map(|(_, typed)| place(typed)).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(TYPED.is_sorted_by_key(|(step, _)| *step));
}

#[test]
fn records_of_0_1_lack_no_line() {
    for (plan, chain) in transcripts() {
        assert_eq!(Story::of(&chain).missing(plan.backup()), [], "{}", chain.ceremony());
    }
}

#[test]
fn records_of_0_1_hold_the_lines_of_every_step_and_no_others() {
    let mut seen = BTreeSet::new();
    for (_, chain) in transcripts() {
        let story = Story::of(&chain);
        for line in chain.lines() {
            let kind = line.event.kind();
            assert_eq!(serde_json::to_value(&line.event).unwrap()["kind"], kind.as_str());
        }
        for run in story.runs() {
            let steps = || Step::all().filter(|step| step.lines.commands.contains(&run.command));
            for kind in run.kinds.iter() {
                assert!(steps().any(|step| step.lines.can_be(kind)), "{}: {kind}", run.command);
            }
            if matches!(run.end, RunEnd::Finished(_)) {
                assert!(steps().all(|step| step.place.station() == Some(run.station)), "{}", run.command);
                let whole = |step: &&Step| step.lines.must.iter().all(|kind| run.kinds.contains(*kind));
                seen.extend(steps().filter(whole).map(|step| step.name));
            }
        }
        seen.extend(story.notes().first().map(|_| StepName::Note));
    }
    let demanded = Step::all().filter(|step| !step.lines.must.is_empty()).map(|step| step.name);
    // Version 0.1 had no HSM station and recorded nothing about a key's later life.
    assert_eq!(
        demanded.filter(|step| !seen.contains(step)).collect::<Vec<_>>(),
        [StepName::HsmWrap, StepName::HsmRewrap, StepName::ChangeKey]
    );
}

/// A finished run of one command with these lines.
fn run(command: &str, events: Vec<Event>, succeeded: u64) -> Transcript {
    let mut chain = Transcript::new("t-1".parse().unwrap());
    let (program, purpose) = ("keyferry 1".into(), Purpose::Rehearsal);
    let begun = Event::Begun { command: command.into(), program, plan_sha256: None, purpose };
    let finished = Event::Finished { command: command.into(), succeeded, failed: 0 };
    let station = Step::of_command(command).unwrap().place.station().unwrap();
    for event in [begun].into_iter().chain(events).chain([finished]) {
        chain.append(station, Timestamp::from_unix(0).unwrap(), Act::NOBODYS, event).unwrap();
    }
    chain
}

#[test]
fn what_is_missing_is_named_with_its_step() {
    let none = Backup::None { reason: "a test".into() };
    let shares = Backup::Slip39 { threshold: 2, shares: 3 };
    let missing = |chain: &Transcript, backup: &Backup| {
        let missing = Story::of(chain).missing(backup);
        missing.iter().map(|m| (m.run, m.step, m.kind)).collect::<Vec<_>>()
    };
    let drill = run("drill", vec![], 1);
    let posture = (0, StepName::Drill, EventKind::PostureChecked);
    assert_eq!(missing(&drill, &none), [posture, (0, StepName::Drill, EventKind::Confined)]);
    assert_eq!(missing(&run("drill", vec![], 0), &none), [], "nothing succeeded");

    let key = crate::KeyMaterial::from_bytes_in(&crate::Heap, &[7; 32]).unwrap();
    let generated = Event::MaterialGenerated {
        alias: "one".parse().unwrap(),
        material: FIPS.material,
        source: crate::transcript::MaterialSource::Mixed,
        kcv: Some(crate::Kcv::of(&key, crate::KcvMethod::Aes).unwrap()),
        commitment: Some(crate::Commitment::of(&key)),
    };
    let wrap = run("wrap", vec![generated], 1);
    let of = |step: StepName| move |missing: &(u64, StepName, EventKind)| missing.1 == step;
    assert!(!missing(&wrap, &none).iter().any(of(StepName::ShareReadBack)));
    assert_eq!(missing(&wrap, &shares).into_iter().filter(of(StepName::ShareReadBack)).count(), 2);
    assert!(!missing(&wrap, &shares).iter().any(of(StepName::MixEntropy)), "nobody chose it");
    let mixed = run("wrap", vec![Event::EntropyMixed { contributions: vec![] }], 1);
    assert!(!missing(&mixed, &none).iter().any(of(StepName::MixEntropy)));
}

/// Both tables describe the same lines: each line of a step's run is in the course of its command, and vice versa.
#[test]
fn a_course_has_the_lines_of_its_steps() {
    let mut compared = 0;
    for course in Course::ALL {
        let steps = || Step::all().filter(|step| step.lines.commands.contains(&course.command));
        assert_eq!(Step::of_command(course.command).unwrap().place, course.place, "{}", course.command);
        for kind in EventKind::ALL.iter().filter(|kind| **kind != EventKind::TailRepaired) {
            let in_steps = steps().any(|step| step.lines.can_be(*kind));
            let in_course = course.stages.iter().any(|stage| stage.takes(*kind));
            assert_eq!(in_steps, in_course, "{} {kind}", course.command);
            compared += usize::from(in_course);
        }
    }
    let commands: BTreeSet<&str> = Step::all().flat_map(|step| step.lines.commands).copied().collect();
    assert_eq!(commands, Course::ALL.iter().map(|course| course.command).collect());
    assert!(compared > 40, "{compared}");
}
