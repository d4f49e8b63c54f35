//! The most frequent refusals: each is provoked with the real program, in English and in Chinese.
//!
//! A case is a command line, what is typed, and the scene that makes the program refuse. Scenes are made again for each language, because a
//! refused command may add to a record.

mod desk;
mod hsm;
mod offline;
mod online;
mod place;
mod shares;

use std::panic::catch_unwind;
use std::sync::Mutex;

use super::kept::{compare, in_parallel, kept};
use super::masked::masked;
use place::Place;

/// One refusal.
struct Case {
    /// The file, without its extension: the program, and what is wrong.
    name: &'static str,
    /// The command; names in braces, such as `{key}`, are replaced by the scene's values.
    line: &'static str,
    /// Prepares the scene; `None` if this machine does not permit it.
    scene: fn(&mut Place) -> Option<()>,
}

const fn case(name: &'static str, line: &'static str, scene: fn(&mut Place) -> Option<()>) -> Case {
    Case { name, line, scene }
}

/// Only the room was prepared.
#[allow(clippy::unnecessary_wraps)] // a scene
fn as_it_is(_: &mut Place) -> Option<()> {
    Some(())
}

/// The command, its exit code, and everything that it wrote; `None` if the scene cannot be set up.
fn told(case: &Case, lang: &str) -> Option<String> {
    let mut place = Place::new();
    (case.scene)(&mut place)?;
    let line = format!("{}{lang}", case.line);
    let run = place.run(&line);
    assert!(run.code.is_some_and(|code| (1..=4).contains(&code)), "{}: not refused: {run:?}", case.name);
    let mut text = format!("$ {line}\nexit {}\n", run.code.unwrap());
    for (stream, written) in [("standard output", &run.out), ("standard error", &run.err)] {
        if !written.trim().is_empty() {
            text += &format!("--- {stream}\n{}\n", written.trim_matches('\n'));
        }
    }
    Some(masked(&text, place.folder()))
}

#[test]
fn refusals_are_as_reviewed() {
    let failed = Mutex::new(Vec::new());
    let lists = [desk::CASES, offline::CASES, shares::CASES, online::CASES, hsm::CASES];
    let cases: Vec<&Case> = lists.into_iter().flatten().collect();
    let seen = in_parallel(&cases, |case| {
        let name = format!("{}.txt", case.name);
        let both = ["", " --lang zh"].map(|lang| catch_unwind(|| told(case, lang)));
        let text = match both {
            [Ok(Some(en)), Ok(Some(zh))] => format!("{en}\n{zh}"),
            [Err(_), _] | [_, Err(_)] => {
                failed.lock().unwrap().push(name.clone());
                String::new()
            }
            _ => {
                eprintln!("SKIPPED, NOT PERMITTED HERE: {name}");
                kept("refusals", &name)
            }
        };
        (name, text)
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "not refused, or without a scene: {failed:#?}");
    compare("refusals", cases.len(), &seen);
    assert!(cases.len() >= 60, "{} refusals", cases.len());
}
