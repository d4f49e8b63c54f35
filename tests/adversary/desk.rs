//! The desk: a record in which something was replaced, or that an outsider wrote entirely. Nothing may be signed or reported
//! as good.

use crate::forge::parameters::Life;
use crate::forge::rewritten::Rewritten;
use crate::forge::{ciphertext, digest, parameters, plan, record};
use crate::room::Backup;
use crate::scene::Paper::Head;
use crate::scene::{Case, Expect, Forged, Line, Paper, Scene, forged, row};

const fn desk(line: &'static str) -> Line {
    Line { program: "keyferry", line, shares: "", escrow: "" }
}

pub(crate) const VERIFY: Line = desk("verify record");
pub(crate) const REPORT: Line = desk("report record --out page.html");
pub(crate) const ARCHIVE: Line = desk("archive record kept");
pub(crate) const SIGN: Line = desk("sign record --key keys/operator");

const RECORD: &str = "record/transcript.jsonl";
const ALL: &[Backup] = &Backup::ALL;
const SHARED: &[Backup] = &[Backup::Shares, Backup::Escrow];
const ESCROW: &[Backup] = &[Backup::Escrow];
const PAPER: &[Paper] = &[Head(RECORD)];

#[rustfmt::skip]
pub(crate) const CASES: &[Case] = &[
    row(VERIFY, "plan.toml",                                plan_alone,      PAPER, Expect::Refused, ALL),
    row(VERIFY, "parameters.json with the attacker's keys", keys,            PAPER, Expect::Refused, ALL),
    row(VERIFY, "ciphertext.json of known material",        ciphertext,      PAPER, Expect::Refused, ALL),
    row(VERIFY, "ciphertext.json of another computer",      theirs,          PAPER, Expect::Refused, ALL),
    row(VERIFY, "escrow.json of the attacker's",            escrow,          PAPER, Expect::Refused, ESCROW),
    row(VERIFY, "transcript.jsonl with other content",      other_record,    PAPER, Expect::Refused, ALL),
    row(VERIFY, "transcript.jsonl with a note more",        noted_record,    PAPER, Expect::Refused, ALL),
    row(VERIFY, "the same, without signatures",             unsigned_note,   PAPER, Expect::Refused, ALL),
    row(VERIFY, "openings.jsonl of nobody",                 openings,        &[],   Expect::ReadsDesk, ALL),
    row(VERIFY, "drills.jsonl of other shares",             drills,          &[],   Expect::Refused, SHARED),
    row(VERIFY, "no signatures",                            unsigned,        &[],   Expect::Refused, ALL),
    row(VERIFY, "a whole record of other material",         whole,           PAPER, Expect::Refused, ALL),
    row(VERIFY, "the same under a plan of nobody's keys",   whole_of_nobody, &[],   Expect::ReadsDesk, ALL),

    row(REPORT, "ciphertext.json of known material",        ciphertext,      &[],   Expect::ReportsRefusal, ALL),
    row(REPORT, "transcript.jsonl with a note more",        noted_record,    &[],   Expect::ReportsRefusal, ALL),
    row(REPORT, "a whole record of other material",         whole,           &[],   Expect::ReportsRefusal, ALL),

    row(ARCHIVE, "plan.toml",                               plan_alone,      &[],   Expect::Refused, ALL),
    row(ARCHIVE, "ciphertext.json of known material",       ciphertext,      &[],   Expect::Refused, ALL),
    row(ARCHIVE, "escrow.json of the attacker's",           escrow,          &[],   Expect::Refused, ESCROW),
    row(ARCHIVE, "transcript.jsonl with a note more",       noted_record,    &[],   Expect::Refused, ALL),
    row(ARCHIVE, "drills.jsonl of other shares",            drills,          &[],   Expect::Refused, SHARED),

    row(SIGN,   "plan.toml",                                plan_alone,      &[],   Expect::Refused, ALL),
    row(SIGN,   "ciphertext.json of known material",        ciphertext,      &[],   Expect::Refused, ALL),
    row(SIGN,   "transcript.jsonl with a note more",        unsigned_note,   &[],   Expect::Refused, ALL),
    row(SIGN,   "a whole record of other material",         whole,           &[],   Expect::Refused, ALL),
    row(SIGN,   "the same under a plan of nobody's keys",   whole_of_nobody, &[],   Expect::Refused, ALL),
];

fn plan_alone(scene: &Scene<'_>) -> Forged {
    forged(scene.write("record/plan.toml", &plan::with_comment(&scene.read("record/plan.toml"))))
}

fn keys(scene: &Scene<'_>) -> Forged {
    let made = parameters::of_plan(&scene.read("plan.toml"), &scene.attacker.public, &Life::now());
    forged(scene.write("record/parameters.json", &made))
}

fn ciphertext(scene: &Scene<'_>) -> Forged {
    let made = ciphertext::of_known_material(&scene.read("record/parameters.json"), scene.room.path());
    forged(scene.write("record/ciphertext.json", &made))
}

fn theirs(scene: &Scene<'_>) -> Forged {
    forged(scene.copy("theirs/ciphertext.json", "record/ciphertext.json"))
}

fn escrow(scene: &Scene<'_>) -> Forged {
    forged(scene.copy("theirs/escrow.json", "record/escrow.json"))
}

fn replaced(scene: &Scene<'_>, text: &str) -> Forged {
    scene.write(RECORD, text);
    forged(record::head(text))
}

fn other_record(scene: &Scene<'_>) -> Forged {
    replaced(scene, &record::other_content(&scene.read(RECORD)))
}

fn noted_record(scene: &Scene<'_>) -> Forged {
    replaced(scene, &record::with_note(&scene.read(RECORD)))
}

/// A line that opens nothing does no harm: the record stays valid.
fn openings(scene: &Scene<'_>) -> Forged {
    scene.write("record/openings.jsonl", &record::openings("adversary-1"));
    forged(record::head(&scene.read(RECORD)))
}

fn drills(scene: &Scene<'_>) -> Forged {
    scene.copy("theirs/transcript.jsonl", "record/drills.jsonl");
    forged(record::head(&scene.read(RECORD)))
}

fn unsigned(scene: &Scene<'_>) -> Forged {
    scene.remove(&["record/signatures"]);
    forged(record::head(&scene.read(RECORD)))
}

fn unsigned_note(scene: &Scene<'_>) -> Forged {
    scene.remove(&["record/signatures"]);
    noted_record(scene)
}

/// The attacker's wrap, followed by the import of the real ceremony, as if it had imported the attacker's ciphertext.
fn whole(scene: &Scene<'_>) -> Forged {
    let (ours, theirs) = (scene.read("record/ciphertext.json"), scene.read("theirs/ciphertext.json"));
    let (ours, theirs) = (digest::of(ours), digest::of(theirs));
    let before = scene.read("back/transcript.jsonl").lines().count();
    let import: Vec<String> =
        scene.read(RECORD).lines().skip(before).map(|l| l.replace(&ours, &theirs)).collect();
    let wrap = scene.read("theirs/transcript.jsonl");
    let record = record::chained(wrap.lines().chain(import.iter().map(String::as_str)));
    scene.remove(&["record/signatures"]);
    for name in ["ciphertext.json", "escrow.json"] {
        if scene.room.path().join("theirs").join(name).exists() {
            scene.copy(&format!("theirs/{name}"), &format!("record/{name}"));
        }
    }
    replaced(scene, &record)
}

/// The same ceremony under a plan without any `ssh_key`: all digests match.
fn whole_of_nobody(scene: &Scene<'_>) -> Forged {
    whole(scene);
    let mut rewritten = Rewritten::default();
    for key in scene.read("plan.toml").lines().filter(|line| line.starts_with("ssh_key")) {
        rewritten.replace(&format!("{key}\n"), "");
    }
    for name in ["plan.toml", "parameters.json", "ciphertext.json", "escrow.json", "transcript.jsonl"] {
        scene.room.rewrite(&format!("record/{name}"), &mut rewritten);
    }
    forged(record::head(&scene.read(RECORD)))
}
