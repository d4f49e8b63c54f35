//! The controls of the cases: the genuine file works, and a person who says `Yes` to a forged one is deceived.
//!
//! So it is the comparison that stops a forgery, not a fault in its form. `status` with a genuine plan is run where the ceremonies are
//! held.

use crate::desk::{ARCHIVE, REPORT, SIGN, VERIFY};
use crate::forge::key::KeyPair;
use crate::forge::{digest, record};
use crate::offline::{self, DRILL, INSPECT, PREFLIGHT, PROVE, REWRAP, WRAP};
use crate::online::{self, CREATE, EXPORT, IMPORT, before_export};
use crate::programs::{Run, run, run_with_shares, shares};
use crate::room::{Backup, Room};
use crate::scene::{Forged, Line, Paper, Scene, asks_for_shares, command};
use crate::trap::Trap;

/// What a person types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Nothing,
    Yes,
    /// This many of the ceremony's shares, after `Yes`.
    YesAndShares(usize),
    Text,
}

/// The result, besides exit 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// No file has changed.
    Read,
    Made,
    /// The request is sent, but nothing answers at the trap, so the run ends with exit 4.
    Sent,
}

type Control = (Line, fn(&Scene<'_>), Typed, Then);

#[rustfmt::skip]
const GENUINE: &[Control] = &[
    (INSPECT,       as_it_is,        Typed::Nothing,         Then::Read),
    (PREFLIGHT,     as_it_is,        Typed::Nothing,         Then::Read),
    (REWRAP,        as_it_is,        Typed::YesAndShares(2), Then::Made),
    (DRILL,         as_it_is,        Typed::YesAndShares(2), Then::Made),
    (PROVE,         as_it_is,        Typed::YesAndShares(1), Then::Made),
    (offline::NOTE, as_it_is,        Typed::Text,            Then::Made),
    (online::NOTE,  as_it_is,        Typed::Text,            Then::Made),
    (EXPORT,        export_resumed,  Typed::Yes,             Then::Made),
    (EXPORT,        before_export,   Typed::Yes,             Then::Sent),
    (CREATE,        as_it_is,        Typed::Yes,             Then::Sent),
    (IMPORT,        as_it_is,        Typed::Yes,             Then::Sent),
    (VERIFY,        as_it_is,        Typed::Nothing,         Then::Read),
    (REPORT,        as_it_is,        Typed::Nothing,         Then::Made),
    (SIGN,          unsigned,        Typed::Yes,             Then::Made),
    (ARCHIVE,       as_it_is,        Typed::Nothing,         Then::Made),
];

/// A command, the forgery that a person said `Yes` to, what else they typed, and the result.
type Deceived = (Line, fn(&Scene<'_>) -> Forged, Typed, Then);

#[rustfmt::skip]
const DECEIVED: &[Deceived] = &[
    (WRAP,   offline::keys,           Typed::Yes,             Then::Made),
    (WRAP,   offline::plan_and_keys,  Typed::Yes,             Then::Made),
    (WRAP,   offline::no_backup,      Typed::Yes,             Then::Made),
    (WRAP,   offline::other_record,   Typed::Yes,             Then::Made),
    (WRAP,   offline::noted_record,   Typed::Yes,             Then::Made),
    (REWRAP, offline::keys,           Typed::YesAndShares(2), Then::Made),
    (REWRAP, offline::other_earlier,  Typed::YesAndShares(2), Then::Made),
    (DRILL,  offline::other_earlier,  Typed::YesAndShares(2), Then::Made),
    (EXPORT, online::plan_before,     Typed::Yes,             Then::Sent),
    (EXPORT, online::record_before,   Typed::Yes,             Then::Sent),
    (CREATE, online::other_draft,     Typed::Yes,             Then::Sent),
    (CREATE, online::other_record,    Typed::Yes,             Then::Sent),
    (IMPORT, online::known_and_record,  Typed::Yes,             Then::Sent),
    (IMPORT, online::theirs_whole,   Typed::Yes,            Then::Sent),
    (IMPORT, online::other_record,    Typed::Yes,             Then::Sent),
];

fn as_it_is(_: &Scene<'_>) {}

/// The export was killed after it had written the session.
fn export_resumed(scene: &Scene<'_>) {
    scene.remove(&["out/parameters.json"]);
}

fn unsigned(scene: &Scene<'_>) {
    scene.remove(&["record/signatures"]);
}

/// Options in place of questions: digest and head as on the paper.
fn by_options(held: &Room, attacker: &KeyPair, trap: &Trap) -> Vec<(String, bool)> {
    let file = |name: &str| std::fs::read_to_string(held.path().join(name)).unwrap();
    let digest = |name: &str| vec!["--expect-digest".to_owned(), digest::of(file(name))];
    let head = |name: &str| vec!["--expect-head".to_owned(), record::head(&file(name))];
    let create = Paper::PlanAndHead("draft.toml", "back/transcript.jsonl").options(held);
    let export = Paper::PlanAndHead("plan.toml", "out/transcript.jsonl").options(held);
    let (out, earlier) = (head("out/transcript.jsonl"), head("record/transcript.jsonl"));
    let wrap = [digest("out/parameters.json"), out].concat();
    let rewrap = [digest("out/parameters.json"), earlier.clone()].concat();
    let import = [digest("back/ciphertext.json"), head("back/transcript.jsonl")].concat();
    let mut rows = vec![
        (WRAP, wrap, Typed::Nothing, Then::Made),
        (IMPORT, import, Typed::Nothing, Then::Sent),
        (CREATE, create, Typed::Nothing, Then::Sent),
        (EXPORT, export, Typed::Nothing, Then::Made),
    ];
    if held.backup != Backup::None {
        rows.push((REWRAP, rewrap, Typed::YesAndShares(2), Then::Made));
        rows.push((DRILL, earlier.clone(), Typed::YesAndShares(2), Then::Made));
        rows.push((PROVE, earlier, Typed::YesAndShares(1), Then::Made));
    }
    let mut done = Vec::new();
    for (line, options, typed, then) in rows {
        let room = held.copy();
        if line.line == EXPORT.line {
            export_resumed(&Scene { room: &room, attacker, endpoint: &trap.endpoint() });
        }
        if line.line == REWRAP.line {
            // Only one head is passed: that of the earlier record.
            std::fs::remove_file(room.path().join("out/transcript.jsonl")).unwrap();
        }
        let input = typed_by(typed, &room).replace("Yes\n", "");
        done.push(judge((line, &options), &input, then, &room, trap));
    }
    done
}

/// Runs all controls in one ceremony; returns their number, and the unexpected results.
pub(crate) fn all(held: &Room, attacker: &KeyPair, trap: &Trap) -> (usize, Vec<String>) {
    let mut done = by_options(held, attacker, trap);
    for (line, prepare, typed, then) in GENUINE {
        if has_shares(*typed, held) {
            let room = held.copy();
            prepare(&Scene { room: &room, attacker, endpoint: &trap.endpoint() });
            done.push(judge((*line, &[]), &typed_by(*typed, &room), *then, &room, trap));
        }
    }
    for (line, forge, typed, then) in DECEIVED {
        if has_shares(*typed, held) {
            let room = held.copy();
            forge(&Scene { room: &room, attacker, endpoint: &trap.endpoint() });
            done.push(judge((*line, &[]), &typed_by(*typed, &room), *then, &room, trap));
        }
    }
    let count = done.len();
    (count, done.into_iter().filter(|(_, well)| !well).map(|(what, _)| what).collect())
}

fn has_shares(typed: Typed, room: &Room) -> bool {
    !matches!(typed, Typed::YesAndShares(_)) || room.backup != Backup::None
}

fn typed_by(typed: Typed, room: &Room) -> String {
    match typed {
        Typed::Nothing => String::new(),
        Typed::Yes => "Yes\n".to_owned(),
        Typed::Text => "the seals were whole\n".to_owned(),
        Typed::YesAndShares(n) => format!("Yes\n{}", shares(&room.path().join("shares"))[..n].concat()),
    }
}

/// What was run, and whether the result was as expected.
fn judge(
    (line, options): (Line, &[String]),
    input: &str,
    then: Then,
    room: &Room,
    trap: &Trap,
) -> (String, bool) {
    trap.count();
    let before = room.contents();
    let run = run_line(line, options, input, room, trap);
    let made = room.contents() != before;
    let well = match then {
        Then::Read => run.code == Some(0) && !made,
        Then::Made => run.code == Some(0) && made,
        Then::Sent => run.code == Some(4) && trap.count() > 0,
    };
    let typed_shares = input.split_whitespace().count() > 10;
    let asked = asks_for_shares(&run) == typed_shares;
    (
        format!("{:?} {} {}: exit {:?}\n{}", room.backup, line.line, options.join(" "), run.code, run.said),
        well && asked,
    )
}

/// `wrap` writes shares, and they are read back.
fn run_line(line: Line, options: &[String], input: &str, room: &Room, trap: &Trap) -> Run {
    let mut command = command(line, room, options, &trap.endpoint());
    if line.line == WRAP.line && room.backup != Backup::None {
        return run_with_shares(&mut command, input, &room.path().join("new"));
    }
    if line.program == "keyferry-online" && !line.line.contains("--attempts") {
        command.args(["--attempts", "1"]);
    }
    run(&mut command, input)
}
