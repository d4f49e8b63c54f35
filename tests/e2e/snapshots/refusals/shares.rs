//! Refusals when shares of a backup are handed out, typed or combined.

use std::process::Command;

use super::place::{NONE, Place, SLIP39};
use super::{Case, case};
use crate::support::shares::{lines, private_folder, run_typing, shares_in};

const WRAP: &str = "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium";
const TO_FILES: &str = "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium --shares files=shares";
const DRILL: &str = "keyferry-offline drill --transcript medium/transcript.jsonl";
const ONE: &str = "keyferry-offline drill --transcript medium/transcript.jsonl --share";
/// Words from the list, so that only the checksum is wrong.
const OTHERS: [&str; 2] = ["academic", "acid"];

pub(super) const CASES: &[Case] = &[
    case("shares/no-terminal", WRAP, |place| {
        place.plan("rehearsal", |plan| plan.replace(NONE, SLIP39));
        Some(())
    }),
    case("shares/too-few-custodians", TO_FILES, |place| {
        place.plan("rehearsal", |plan| {
            let people = "[[participant]]\nname = \"Cy\"\nrole = \"custodian\"\n[[key]]";
            plan.replace(NONE, SLIP39).replacen("[[key]]", people, 1)
        });
        Some(())
    }),
    case("shares/folder-of-everybody", TO_FILES, |place| {
        place.plan("rehearsal", |plan| plan.replace(NONE, SLIP39));
        place.folder_of_mode("shares", 0o755);
        Some(())
    }),
    case(
        "shares/folder-on-the-medium",
        "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium --shares sheets=medium",
        |place| {
            place.plan("rehearsal", |plan| plan.replace(NONE, SLIP39));
            place.set_mode("medium", 0o700);
            Some(())
        },
    ),
    case("shares/words-that-are-not-in-the-list", ONE, |place| {
        let share = given(place)[0].clone();
        place.typed += &format!("{}\n", with(&share, &[(9, "xyzzyx")]));
        Some(())
    }),
    case("shares/a-word-that-is-another", ONE, |place| {
        let share = given(place)[0].clone();
        let other = OTHERS.into_iter().find(|word| *word != share.split(' ').nth(9).unwrap()).unwrap();
        place.typed += &format!("{}\n", with(&share, &[(9, other)]));
        Some(())
    }),
    case("shares/words-missing", ONE, |place| {
        let share = given(place)[0].clone();
        let words: Vec<&str> = share.split(' ').collect();
        place.typed += &format!("{}\n", words[..words.len() - 1].join(" "));
        Some(())
    }),
    case("shares/nothing-typed", ONE, |place| {
        given(place);
        Some(())
    }),
    case("shares/one-alone", DRILL, |place| {
        let shares = given(place);
        place.typed += &lines(&shares[..1]);
        Some(())
    }),
    case("shares/the-same-twice", DRILL, |place| {
        let share = given(place)[0].clone();
        place.typed += &lines(&[share.clone(), share]);
        Some(())
    }),
    case("shares/of-another-set", DRILL, |place| {
        let mut theirs = Place::new();
        let shares = given(&mut theirs);
        given(place);
        place.typed += &lines(&shares[..2]);
        Some(())
    }),
    case("shares/of-two-sets", DRILL, |place| {
        let mut theirs = Place::new();
        let (other, own) = (given(&mut theirs)[0].clone(), given(place)[1].clone());
        place.typed += &lines(&[own, other]);
        Some(())
    }),
    case("shares/of-an-interrupted-run", TO_FILES, |place| {
        place.plan("rehearsal", |plan| plan.replace(NONE, SLIP39));
        private_folder(&place.path("first"));
        let mut wrap = wrap_to(place, "first");
        run_typing(&mut wrap, &place.path("first"), "Yes\n", |shares| lines(&shares[..2]));
        private_folder(&place.path("shares"));
        Some(())
    }),
    case(
        "shares/record-without-shares",
        "keyferry-offline drill --transcript medium/transcript.jsonl",
        |place| {
            place.first(WRAP);
            Some(())
        },
    ),
];

fn wrap_to(place: &Place, folder: &str) -> Command {
    place.command(&format!("{WRAP} --shares files={folder}"))
}

/// Wraps with a backup, and returns its three shares.
fn given(place: &mut Place) -> Vec<String> {
    place.plan("rehearsal", |plan| plan.replace(NONE, SLIP39));
    private_folder(&place.path("shares"));
    run_typing(&mut wrap_to(place, "shares"), &place.path("shares"), "Yes\n", lines).ok();
    shares_in(&place.path("shares"))
}

/// A share in which some words are replaced; positions count from 0.
fn with(share: &str, others: &[(usize, &str)]) -> String {
    let mut words: Vec<&str> = share.split(' ').collect();
    others.iter().for_each(|(at, word)| words[*at] = word);
    words.join(" ")
}
