//! Every way through `create-key`, `export`, `wrap`, `rewrap`, `drill` and `import` asks for consent: with nothing on standard input, and
//! no digest given, none succeeds.
//!
//! Nothing is forged here. Files left by an interrupted or a finished run make no difference, because each run asks for consent again.

use crate::forge::record;
use crate::offline::{DRILL, PROVE, REWRAP, WRAP};
use crate::online::{CREATE, EXPORT, IMPORT, REBUILD, before_export};
use crate::programs::run;
use crate::room::{Backup, Room};
use crate::scene::{Line, Scene, asks_for_shares, command};
use crate::trap::Trap;

/// One way: the command, additional options, and the files that exist already.
type Way = (Line, &'static str, fn(&Scene<'_>));

const SEED: &str = "--rehearsal-seed 0000000000000000000000000000000000000000000000000000000000000000";

/// Like `WRAP`, but the shares are sheets instead of files.
const WRAP_SHEETS: Line = Line { shares: "--shares sheets=new", ..WRAP };

#[rustfmt::skip]
const WAYS: &[Way] = &[
    (WRAP,        "",                                 as_it_is),
    (WRAP,        "--json",                           as_it_is),
    (WRAP,        "--lang zh",                        as_it_is),
    (WRAP,        "--void-shares",                    as_it_is),
    (WRAP,        SEED,                               as_it_is),
    (WRAP,        "",                                 first_record),
    (WRAP,        "",                                 cut_wrap),
    (WRAP,        "--void-shares",                    cut_wrap),
    (WRAP,        "",                                 whole_wrap),
    (WRAP_SHEETS, "",                                 as_it_is),
    (REWRAP,      "",                                 as_it_is),
    (REWRAP,      "--json",                           as_it_is),
    (REWRAP,      "--key one",                        as_it_is),
    (REWRAP,      "--new-shares --shares files=new",  as_it_is),
    (REWRAP,      "",                                 cut_wrap),
    (REWRAP,      "--new-shares --shares files=new --void-shares", cut_wrap),
    (DRILL,       "",                                 as_it_is),
    (DRILL,       "--json",                           as_it_is),
    (PROVE,       "",                                 as_it_is),
    (IMPORT,      "",                                 as_it_is),
    (IMPORT,      "--json",                           as_it_is),
    (IMPORT,      "--lang zh",                        as_it_is),
    (IMPORT,      "--prove-backup",                   as_it_is),
    (IMPORT,      "",                                 imported),
    (IMPORT,      "--prove-backup",                   imported),
    (IMPORT,      "",                                 first_record_back),
    (EXPORT,      "",                                 before_export),
    (EXPORT,      "--json",                           before_export),
    (EXPORT,      "--lang zh",                        before_export),
    (EXPORT,      "--abandon adversary-1",            exported_elsewhere),
    (EXPORT,      "",                                 resumed),
    (EXPORT,      "",                                 fresh_record),
    (CREATE,      "",                                 as_it_is),
    (CREATE,      "--json",                           as_it_is),
    (CREATE,      "",                                 first_record_back),
    (REBUILD,     "",                                 journal_gone),
    (REBUILD,     "--json",                           journal_gone),
];

fn as_it_is(_: &Scene<'_>) {}

/// The station was lost.
fn journal_gone(scene: &Scene<'_>) {
    scene.remove(&["state"]);
}

/// The export was killed after it had written the session.
fn resumed(scene: &Scene<'_>) {
    scene.remove(&["out/parameters.json"]);
}

/// The state before a first export, with the record that `create-key` began.
fn fresh_record(scene: &Scene<'_>) {
    let record = scene.read("out/transcript.jsonl");
    before_export(scene);
    scene.write("out/transcript.jsonl", &record);
}

/// The keys have pending parameters, and a different medium is used.
fn exported_elsewhere(scene: &Scene<'_>) {
    scene.remove(&["session.json", "out/parameters.json", "out/transcript.jsonl"]);
}

fn first_record(scene: &Scene<'_>) {
    scene.remove(&["out/transcript.jsonl"]);
}

fn first_record_back(scene: &Scene<'_>) {
    scene.remove(&["back/transcript.jsonl"]);
}

/// A run of `wrap` was killed before its last line.
fn cut_wrap(scene: &Scene<'_>) {
    scene.write("out/transcript.jsonl", &record::cut(&scene.read("theirs/transcript.jsonl")));
}

/// The record says that everything was wrapped, but the ciphertext is gone.
fn whole_wrap(scene: &Scene<'_>) {
    scene.copy("theirs/transcript.jsonl", "out/transcript.jsonl");
}

/// The journal and the record say that everything was imported.
fn imported(scene: &Scene<'_>) {
    scene.remove(&["state"]);
    std::fs::rename(scene.room.path().join("later/state"), scene.room.path().join("state")).unwrap();
    scene.copy("record/transcript.jsonl", "back/transcript.jsonl");
}

/// Tries every way in every ceremony; returns their number, and those that did not ask.
pub(crate) fn all_ways(
    rooms: &[Room],
    attacker: &crate::forge::key::KeyPair,
    trap: &Trap,
) -> (usize, Vec<String>) {
    let (mut gone, mut wrong) = (0, Vec::new());
    for (line, more, state) in WAYS {
        let needs_shares = line.line.starts_with("rewrap") || line.line.starts_with("drill");
        for held in rooms.iter().filter(|room| !needs_shares || room.backup != Backup::None) {
            let room = held.copy();
            state(&Scene { room: &room, attacker, endpoint: &trap.endpoint() });
            let before = room.contents();
            trap.count();
            let more: Vec<String> = more.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
            let run = run(&mut command(*line, &room, &more, &trap.endpoint()), "");
            gone += 1;
            let refused = matches!(run.code, Some(1..)) && run.said.contains("[KF-");
            let nothing = trap.count() == 0 && room.contents() == before;
            let no_share = room.backup == Backup::None || !asks_for_shares(&run);
            if !(refused && nothing && no_share) {
                let what = format!("{:?} {:?}, {} {}", held.purpose, held.backup, line.line, more.join(" "));
                wrong.push(format!(
                    "{what}: refused {refused}, nothing made or sent {nothing}, no share asked {no_share}"
                ));
            }
        }
    }
    (gone, wrong)
}
