//! The features that version 2 of the formats allows, with the real programs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;

use crate::support::shares::{lines, private_folder, run_typing, shares_in};
use crate::support::*;
use keyferry_core::transcript::Means;
use keyferry_core::*;

const MANY: [(&str, &str, Option<&str>); 2] =
    [("one", "ap-singapore", Some(KEY_ID)), ("two", "ap-guangzhou", Some(OTHER_KEY_ID))];

/// A plan whose backup is 2 of 3 shares, with these lines before its purpose.
fn backed(keys: &[(&str, &str, Option<&str>)], more: &str) -> Room {
    let text = plan_text("rehearsal", WrappingAlgorithm::default(), keys)
        .replace(
            "scheme = \"none\"\nreason = \"a test\"\n",
            "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n",
        )
        .replacen("purpose", &format!("{more}\npurpose"), 1);
    let room = Room::with_plan(&text);
    private_folder(&room.path("shares"));
    room
}

fn wrap(room: &Room) {
    let mut command = room.wrap(&["--shares", "files=shares"]);
    run_typing(&mut command, &room.path("shares"), "Yes\n", lines).ok();
}

fn rewrap(room: &Room, more: &[&str]) -> Ciphertext {
    fs::create_dir(room.path("again")).unwrap();
    let mut command = offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
    command.args(["--transcript", "medium/transcript.jsonl", "--out", "again"]).args(more);
    let typed = format!("Yes\n{}", lines(&shares_in(&room.path("shares"))[..2]));
    run_with(command.current_dir(room.dir.path()), &typed).ok();
    artefact::parse(&fs::read(room.path("again/ciphertext.json")).unwrap()).unwrap().0
}

#[test]
fn a_plan_without_check_values_has_none_anywhere() {
    for (keys, escrow) in [(&MANY[..1], &[][..]), (&MANY[..], &["--escrow", "medium/escrow.json"][..])] {
        let room = backed(keys, "kcv = \"none\"");
        wrap(&room);
        let (made, _) = room.ciphertext();
        assert!(made.keys.iter().all(|k| k.kcv.is_none() && k.commitment.is_some()));
        let record = fs::read_to_string(room.path("medium/transcript.jsonl")).unwrap();
        assert!(record.contains("\"kcv\":null") && !record.contains("ECB-ZERO"));
        for sheet in fs::read_dir(room.path("shares")).unwrap() {
            assert!(!fs::read_to_string(sheet.unwrap().path()).unwrap().contains("KCV"));
        }
        let again = rewrap(&room, escrow);
        let commitments = |c: &Ciphertext| c.keys.iter().map(|k| k.commitment).collect::<Vec<_>>();
        assert_eq!(commitments(&again), commitments(&made), "the shares are enough");
        assert_eq!((made.source, again.source), (Source::Station, Source::Shares));
    }
}

#[test]
fn material_that_an_hsm_shall_make_is_not_made_here() {
    let room = backed(&MANY[..1], "");
    let text = fs::read_to_string(room.path("plan.toml")).unwrap();
    let hsm = format!("[hsm]\nmodule_sha256 = \"{}\"\ntoken = \"t\"\n[backup]", Fingerprint::ZERO);
    let text = text.replacen("[backup]", &hsm, 1);
    fs::write(room.path("plan.toml"), &text).unwrap();
    let room = Room { plan: CeremonyPlan::parse(text.as_bytes()).unwrap(), ..room };
    room.write_parameters(|_| ());
    let refused = run_with(&mut room.wrap(&["--shares", "files=shares"]), "Yes\n");
    refused.refused(1, Control::PLAN_FIELD);
    assert!(refused.err.contains("HSM"), "{}", refused.err);
    assert_eq!(room.medium(), ["parameters.json"]);
}

#[test]
fn each_line_says_its_step_and_how_people_told_it() {
    let room = backed(&MANY, "");
    wrap(&room);
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let chain = Transcript::verify(&bytes).unwrap().unwrap();
    assert!(chain.lines().iter().all(|line| line.act.step.is_some()));
    let of = |kind: EventKind| chain.lines().iter().filter(move |l| l.event.kind() == kind);
    let steps = |kind| of(kind).map(|l| l.act.step.unwrap().as_str()).collect::<Vec<_>>();
    assert_eq!(steps(EventKind::Begun), ["offline-wrap"]);
    assert_eq!(steps(EventKind::Confirmed), ["compare-parameters"]);
    assert_eq!(steps(EventKind::ShareConfirmed), ["share-read-back"; 3]);
    assert!(of(EventKind::Confirmed).all(|l| l.act.means == Some(Means::NoTerminal)), "a pipe");
    assert!(of(EventKind::ShareConfirmed).all(|l| l.act.means == Some(Means::TypedWords)));
    assert!(of(EventKind::Wrapped).all(|l| l.act.means.is_none()), "nobody told the program");
}

#[test]
fn parameters_of_version_1_are_wrapped_for_the_session_of_version_1() {
    let shape =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/0.1/fixed-input/oaep-sha256");
    let dir = tempfile::tempdir().unwrap();
    for file in ["plan.toml", "parameters.json"] {
        fs::copy(shape.join(file), dir.path().join(file)).unwrap();
    }
    let parameters = fs::read(shape.join("parameters.json")).unwrap();
    let fetched = artefact::parse::<Parameters>(&parameters).unwrap().0.fetched_at;
    let mut wrap = offline(["wrap", "--plan", "plan.toml", "--parameters", "parameters.json", "--out", "."]);
    wrap.args(["--now", &fetched.to_string()]).current_dir(dir.path());
    run_with(&mut wrap, "Yes\n").ok();
    let made = fs::read(dir.path().join("ciphertext.json")).unwrap();
    assert!(made.starts_with(b"{\n  \"format\": \"keyferry/ciphertext/2\""));
    let (made, _) = artefact::parse::<Ciphertext>(&made).unwrap();
    let (parameters, digest) = artefact::parse::<Parameters>(&parameters).unwrap();
    made.check_recorded(&parameters, &parameters.wrapping_keys(), &digest).unwrap();
}
