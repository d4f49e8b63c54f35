//! What a record says about the plan that people compared at the online station, and about answers that came from a pipe.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::support::record::*;
use keyferry_audit::record::{Audit, Expect, Folder};
use keyferry_core::transcript::{Act, Line, Means};
use keyferry_core::*;

/// The lines that say that the plan was compared: by `create-key`, then by `export`.
fn of_plan(chain: &Transcript) -> Vec<u64> {
    let ours = |line: &&Line| matches!(&line.event, Event::Confirmed { file, .. } if file == "plan.toml");
    chain.lines().iter().filter(ours).map(|line| line.seq).collect()
}

fn chain_of(folder: &Folder) -> Transcript {
    Transcript::verify(folder.transcript.as_deref().unwrap()).unwrap().unwrap()
}

/// The record with some lines changed or left out, and a chain that fits.
fn with(folder: &Folder, edit: impl Fn(&Line) -> Option<(Act, Event)>) -> Folder {
    let chain = chain_of(folder);
    let mut fresh = Transcript::new(chain.ceremony().clone());
    let mut text = String::new();
    for line in chain.lines() {
        let Some((act, event)) = edit(line) else { continue };
        text += &fresh.append(line.station, line.time, act, event).unwrap();
    }
    Folder { transcript: Some(text.into_bytes()), ..folder.clone() }
}

fn without(folder: &Folder, dropped: &[u64]) -> Folder {
    with(folder, |line| (!dropped.contains(&line.seq)).then(|| (line.act, line.event.clone())))
}

#[test]
fn each_run_says_that_its_plan_was_compared() {
    let folder = &ceremony().1;
    let lines = of_plan(&chain_of(folder));
    assert_eq!(lines.len(), 2);
    for line in &lines {
        refused(&without(folder, &[*line]), Control::VERIFY_COURSE);
    }
    refused(&without(folder, &lines), Control::VERIFY_COURSE);
}

#[test]
fn the_plan_that_was_compared_is_the_one_that_the_run_began_with() {
    let folder = &ceremony().1;
    let lines = of_plan(&chain_of(folder));
    let edits: [fn(&mut String, &mut Fingerprint); 2] =
        [|file, _| *file = "parameters.json".into(), |_, sha256| *sha256 = Fingerprint::of(b"another plan")];
    for edit in edits {
        for changed in &lines {
            let other = with(folder, |line| {
                let mut event = line.event.clone();
                if let (Event::Confirmed { file, sha256 }, true) = (&mut event, line.seq == *changed) {
                    edit(file, sha256);
                }
                Some((line.act, event))
            });
            refused(&other, Control::VERIFY_COURSE);
        }
    }
}

/// In production, a person sits at a terminal; a rehearsal may be a script.
#[test]
fn an_answer_from_a_pipe_is_a_deviation_in_production() {
    let said = |folder: &Folder| {
        let found = Audit::of(folder, &Expect::default());
        found.deviations.iter().filter(|d| d.text.en.contains("came from a pipe")).count()
    };
    let folder = &ceremony().1;
    let piped = |line: &&Line| line.act.means == Some(Means::NoTerminal);
    assert_eq!(chain_of(folder).lines().iter().filter(piped).count(), 4);
    assert_eq!(said(folder), 0);
    let production = crate::mutated_record::production();
    assert_eq!(said(&production), 0);
    let through_a_pipe = |line: &Line| {
        let means = line.act.means.map(|means| match means {
            Means::TypedYes => Means::NoTerminal,
            other => other,
        });
        Some((Act { means, ..line.act }, line.event.clone()))
    };
    let typed = chain_of(&production).lines().iter().filter(|l| l.act.means == Some(Means::TypedYes)).count();
    assert!(typed >= 4, "{typed}");
    assert_eq!(said(&with(&production, through_a_pipe)), typed);
}
