//! The offline station: each file that arrives with the medium, replaced by an outsider's.

use crate::forge::parameters::Life;
use crate::forge::{ciphertext, digest, parameters, plan, record};
use crate::room::Backup;
use crate::scene::Paper::{Both, Digest, Head, WrongDigest, WrongHead};
use crate::scene::{Case, Expect, Forged, Line, Paper, Scene, forged, row};

const fn offline(line: &'static str, shares: &'static str, escrow: &'static str) -> Line {
    Line { program: "keyferry-offline", line, shares, escrow }
}

pub(crate) const INSPECT: Line = offline("inspect --plan plan.toml --parameters out/parameters.json", "", "");
pub(crate) const PREFLIGHT: Line =
    offline("preflight --plan plan.toml --parameters out/parameters.json --out out", "", "");
pub(crate) const WRAP: Line =
    offline("wrap --plan plan.toml --parameters out/parameters.json --out out", "--shares files=new", "");
pub(crate) const REWRAP: Line = offline(
    "rewrap --plan plan.toml --parameters out/parameters.json --out out --transcript record/transcript.jsonl",
    "",
    "--escrow record/escrow.json",
);
pub(crate) const DRILL: Line =
    offline("drill --transcript record/transcript.jsonl", "", "--escrow record/escrow.json");
pub(crate) const PROVE: Line = offline("drill --share --transcript record/transcript.jsonl", "", "");
pub(crate) const NOTE: Line =
    offline("note --transcript out/transcript.jsonl --by Ada --plan plan.toml", "", "");

const PARAMETERS: &str = "out/parameters.json";
const OUT: &str = "out/transcript.jsonl";
const EARLIER: &str = "record/transcript.jsonl";

const ALL: &[Backup] = &Backup::ALL;
const SHARED: &[Backup] = &[Backup::Shares, Backup::Escrow];
const ESCROW: &[Backup] = &[Backup::Escrow];

const READ: &[Paper] = &[];
const DIGESTS: &[Paper] = &[WrongDigest, Digest(PARAMETERS), Both(PARAMETERS, OUT)];
const HEADS: &[Paper] = &[WrongDigest, WrongHead, Digest(PARAMETERS), Both(PARAMETERS, OUT)];
const EARLIER_HEADS: &[Paper] = &[WrongDigest, WrongHead, Digest(PARAMETERS), Both(PARAMETERS, EARLIER)];
const DRILLED: &[Paper] = &[WrongHead, Head(EARLIER)];

#[rustfmt::skip]
pub(crate) const CASES: &[Case] = &[
    row(INSPECT,   "plan.toml alone",                           plan_alone,       READ,          Expect::Reads,          ALL),
    row(INSPECT,   "plan.toml, and parameters.json for it",     plan_and_keys,    READ,          Expect::Reads,          ALL),
    row(INSPECT,   "parameters.json with the attacker's keys",  keys,             READ,          Expect::Reads,          ALL),
    row(PREFLIGHT, "plan.toml alone",                           plan_alone,       READ,          Expect::Reads,          ALL),
    row(PREFLIGHT, "plan.toml, and parameters.json for it",     plan_and_keys,    READ,          Expect::Reads,          ALL),
    row(PREFLIGHT, "parameters.json with the attacker's keys",  keys_only_read,   READ,          Expect::Reads,          ALL),

    row(WRAP,      "plan.toml alone",                           plan_alone,       DIGESTS,       Expect::Refused,        ALL),
    row(WRAP,      "plan.toml, and parameters.json for it",     plan_and_keys,    DIGESTS,       Expect::Refused,        ALL),
    row(WRAP,      "plan.toml that waives the backup",          no_backup,        DIGESTS,       Expect::Refused,        ALL),
    row(WRAP,      "parameters.json with the attacker's keys",  keys,             DIGESTS,       Expect::Refused,        ALL),
    row(WRAP,      "ciphertext.json of known material",         ciphertext,       DIGESTS,       Expect::Refused,        ALL),
    row(WRAP,      "the same, and the record of its wrap",      ciphertext_whole, DIGESTS,       Expect::Refused,        ALL),
    row(WRAP,      "the same, and a record that was cut",       ciphertext_cut,   DIGESTS,       Expect::Refused,        ALL),
    row(WRAP,      "transcript.jsonl with other content",       other_record,     HEADS,         Expect::Refused,        ALL),
    row(WRAP,      "transcript.jsonl with a note more",         noted_record,     HEADS,         Expect::Refused,        ALL),
    row(WRAP,      "transcript.jsonl with a whole wrap",        whole_record,     HEADS,         Expect::Refused,        ALL),
    row(WRAP,      "transcript.jsonl with half of a wrap",      cut_record,       HEADS,         Expect::Refused,        ALL),
    row(WRAP,      "escrow.json of the attacker's",             escrow,           DIGESTS,       Expect::Refused,        ESCROW),
    row(WRAP,      "openings.jsonl of nobody",                  openings,         &[WrongDigest, WrongHead],         Expect::Refused,        ALL),

    row(REWRAP,    "plan.toml, and parameters.json for it",     plan_and_keys,    DIGESTS,       Expect::Refused,        SHARED),
    row(REWRAP,    "parameters.json with the attacker's keys",  keys,             DIGESTS,       Expect::Refused,        SHARED),
    row(REWRAP,    "ciphertext.json of known material",         ciphertext,       DIGESTS,       Expect::Refused,        SHARED),
    row(REWRAP,    "the same, and the record of its wrap",      ciphertext_whole, DIGESTS,       Expect::Refused,        SHARED),
    row(REWRAP,    "transcript.jsonl with other content",       other_record,     EARLIER_HEADS, Expect::Refused,        SHARED),
    row(REWRAP,    "earlier record with other content",         other_earlier,    EARLIER_HEADS, Expect::Refused,        SHARED),
    row(REWRAP,    "earlier record of the attacker's shares",   their_earlier,    EARLIER_HEADS, Expect::Refused,        SHARED),
    row(REWRAP,    "escrow.json of the attacker's",             earlier_escrow,   EARLIER_HEADS, Expect::Refused,        ESCROW),

    row(DRILL,     "record with other content",                 other_earlier,    DRILLED,       Expect::Refused,        SHARED),
    row(DRILL,     "record of the attacker's shares",           their_earlier,    DRILLED,       Expect::Refused,        SHARED),
    row(DRILL,     "escrow.json of the attacker's",             earlier_escrow,   DRILLED,       Expect::Refused,        ESCROW),
    row(DRILL,     "drills.jsonl of the attacker's",            drills,           &[WrongHead],  Expect::Refused,        SHARED),
    row(PROVE,     "record of the attacker's shares",           their_earlier,    DRILLED,       Expect::Refused,        SHARED),

    row(NOTE,      "transcript.jsonl with other content",       other_record,     READ,          Expect::RefusedInSight, ALL),
];

fn plan_alone(scene: &Scene<'_>) -> Forged {
    forged(scene.write("plan.toml", &plan::with_comment(&scene.read("plan.toml"))))
}

pub(crate) fn plan_and_keys(scene: &Scene<'_>) -> Forged {
    planned(scene, &plan::with_comment(&scene.read("plan.toml")))
}

pub(crate) fn no_backup(scene: &Scene<'_>) -> Forged {
    let changed = plan::with_comment(&plan::without_backup(&scene.read("plan.toml")));
    planned(scene, &changed)
}

fn planned(scene: &Scene<'_>, plan: &str) -> Forged {
    let compared = scene.write("plan.toml", plan);
    Forged { compared, never_aloud: keys(scene).never_aloud }
}

pub(crate) fn keys(scene: &Scene<'_>) -> Forged {
    let made = parameters::of_plan(&scene.read("plan.toml"), &scene.attacker.public, &Life::now());
    forged(scene.write(PARAMETERS, &made))
}

/// Preflight checks the machine. It uses only the time from the parameters, and shows only the digest of the plan.
fn keys_only_read(scene: &Scene<'_>) -> Forged {
    Forged { compared: digest::of(scene.read("plan.toml")), ..keys(scene) }
}

fn ciphertext(scene: &Scene<'_>) -> Forged {
    let made = ciphertext::of_known_material(&scene.read(PARAMETERS), scene.room.path());
    forged(scene.write("out/ciphertext.json", &made))
}

fn ciphertext_whole(scene: &Scene<'_>) -> Forged {
    let forged = ciphertext(scene);
    whole_record(scene);
    forged
}

fn ciphertext_cut(scene: &Scene<'_>) -> Forged {
    let forged = ciphertext(scene);
    cut_record(scene);
    forged
}

/// Replaces one record with another; people compare the head of the replacement.
fn replaced(scene: &Scene<'_>, name: &str, text: &str) -> Forged {
    scene.write(name, text);
    forged(record::head(text))
}

pub(crate) fn other_record(scene: &Scene<'_>) -> Forged {
    replaced(scene, OUT, &record::other_content(&scene.read(OUT)))
}

pub(crate) fn noted_record(scene: &Scene<'_>) -> Forged {
    replaced(scene, OUT, &record::with_note(&scene.read(OUT)))
}

fn whole_record(scene: &Scene<'_>) -> Forged {
    let station = record::Station::of(&scene.read("theirs/transcript.jsonl"));
    let made = ciphertext::of_known_material(&scene.read(PARAMETERS), scene.room.path());
    replaced(scene, OUT, &record::with_wrap(&scene.read(OUT), &made, &station))
}

fn cut_record(scene: &Scene<'_>) -> Forged {
    whole_record(scene);
    replaced(scene, OUT, &record::cut(&scene.read(OUT)))
}

fn escrow(scene: &Scene<'_>) -> Forged {
    forged(scene.copy("theirs/escrow.json", "out/escrow.json"))
}

pub(crate) fn other_earlier(scene: &Scene<'_>) -> Forged {
    replaced(scene, EARLIER, &record::other_content(&scene.read(EARLIER)))
}

/// If no names are withheld, nothing in this file is used, so people compare the other files.
fn openings(scene: &Scene<'_>) -> Forged {
    scene.write("out/openings.jsonl", &record::openings("adversary-1"));
    forged(digest::of(scene.read(PARAMETERS)))
}

/// An earlier record by the attacker, with the escrow that belongs to it.
fn their_earlier(scene: &Scene<'_>) -> Forged {
    if scene.room.backup == Backup::Escrow {
        earlier_escrow(scene);
    }
    replaced(scene, EARLIER, &scene.read("theirs/transcript.jsonl"))
}

/// The record names the escrow's digest, so the record's head covers the escrow: people compare the head, or the file is
/// refused.
fn earlier_escrow(scene: &Scene<'_>) -> Forged {
    scene.copy("theirs/escrow.json", "record/escrow.json");
    forged(record::head(&scene.read(EARLIER)))
}

/// The record of drills has the form of a transcript.
fn drills(scene: &Scene<'_>) -> Forged {
    let theirs = scene.read("theirs/transcript.jsonl");
    scene.write("record/drills.jsonl", &record::other_content(&theirs));
    forged(record::head(&scene.read(EARLIER)))
}
