//! The online station: sessions without a service, an outsider's ciphertexts and records, and the files that a killed run leaves.

use crate::forge::parameters::Life;
use crate::forge::{ciphertext, digest, parameters, plan, record, session};
use crate::room::Backup;
use crate::scene::Paper::{Both, Digest, Plan, PlanAndHead, WrongDigest, WrongHead, WrongPlan};
use crate::scene::{Case, Expect, Forged, Line, Paper, Scene, forged, row};

const fn online(line: &'static str) -> Line {
    Line { program: "keyferry-online", line, shares: "", escrow: "" }
}

pub(crate) const EXPORT: Line = online("export --plan plan.toml --out out --session session.json");
pub(crate) const IMPORT: Line = online("import --session session.json --ciphertext back/ciphertext.json");
pub(crate) const NOTE: Line = online("note --transcript back/transcript.jsonl --by Ada --plan plan.toml");
const STATUS: Line = online("status --plan plan.toml --attempts 1");
const CHECK: Line = online("check-access --plan plan.toml --attempts 1");
pub(crate) const CREATE: Line =
    online("create-key --plan draft.toml --out made.toml --transcript back/transcript.jsonl --attempts 1");
pub(crate) const EXPORT_ONCE: Line =
    online("export --plan plan.toml --out out --session session.json --attempts 1");

pub(crate) const REBUILD: Line =
    online("rebuild-journal --plan plan.toml --transcript back/transcript.jsonl --attempts 1");

const CIPHERTEXT: &str = "back/ciphertext.json";
const BACK: &str = "back/transcript.jsonl";
const PLAN: &str = "plan.toml";
const DRAFT: &str = "draft.toml";
const OUT: &str = "out/transcript.jsonl";

const ALL: &[Backup] = &Backup::ALL;

const NOTHING: &[Paper] = &[];
const DIGESTS: &[Paper] = &[WrongDigest, Digest(CIPHERTEXT), Both(CIPHERTEXT, BACK)];
const HEADS: &[Paper] = &[WrongDigest, WrongHead, Digest(CIPHERTEXT), Both(CIPHERTEXT, BACK)];
/// The genuine plan's digest, so that the question is not what stops the run.
const GENUINE: &[Paper] = &[Plan(PLAN), PlanAndHead(PLAN, OUT)];
const PLANS: &[Paper] = &[WrongPlan, Plan(PLAN), PlanAndHead(PLAN, OUT)];
const RECORDS: &[Paper] = &[WrongPlan, WrongHead, Plan(PLAN), PlanAndHead(PLAN, OUT)];
const HEADED: &[Paper] = &[WrongPlan, WrongHead, Plan(PLAN), PlanAndHead(PLAN, BACK)];
const DRAFTS: &[Paper] = &[WrongPlan, Plan(DRAFT), PlanAndHead(DRAFT, BACK)];
const DRAFTED: &[Paper] = &[WrongPlan, WrongHead, Plan(DRAFT), PlanAndHead(DRAFT, BACK)];

#[rustfmt::skip]
pub(crate) const CASES: &[Case] = &[
    row(EXPORT, "session.json of nobody",                     planted_session,    GENUINE, Expect::Reads,          ALL),
    row(EXPORT, "the same, after a real export",              session_replaced,   GENUINE, Expect::Reads,          ALL),
    row(EXPORT, "the same, and parameters.json for it",       session_and_keys,   GENUINE, Expect::Reads,          ALL),
    row(EXPORT, "session.json.fetched of nobody",             planted_fetched,    GENUINE, Expect::Refused,        ALL),
    row(EXPORT, "the same, after a real export was killed",   fetched_replaced,   GENUINE, Expect::Refused,        ALL),
    row(EXPORT, "a session that no journal knows",            journal_gone,       GENUINE, Expect::Refused,        ALL),
    row(EXPORT, "parameters.json with the attacker's keys",   planted_parameters, GENUINE, Expect::Refused,        ALL),
    row(EXPORT, "ciphertext.json on the way out",             ciphertext_ahead,   GENUINE, Expect::Refused,        ALL),
    row(EXPORT, "escrow.json on the way out",                 escrow_ahead,       GENUINE, Expect::Refused,        &[Backup::Escrow]),
    row(EXPORT, "plan.toml for the keys of another ceremony", plan_while_out,     PLANS,   Expect::Refused,        ALL),

    row(IMPORT, "session.json of nobody",                     session_of_nobody,  DIGESTS, Expect::Refused,        ALL),
    row(IMPORT, "the same, and ciphertext.json for it",       session_whole,      DIGESTS, Expect::Refused,        ALL),
    row(IMPORT, "a session that no journal knows",            journal_lost,       &[WrongDigest], Expect::Refused, ALL),
    row(IMPORT, "ciphertext.json of known material",          known_material,     DIGESTS, Expect::Refused,        ALL),
    row(IMPORT, "the same, and the record of its wrap",       known_and_record,   DIGESTS, Expect::Refused,        ALL),
    row(IMPORT, "ciphertext.json of another computer",        their_ciphertext,   DIGESTS, Expect::Refused,        ALL),
    row(IMPORT, "the same, and the record of its wrap",       theirs_whole,       DIGESTS, Expect::Refused,        ALL),
    row(IMPORT, "transcript.jsonl with other content",        other_record,       HEADS,   Expect::Refused,        ALL),
    row(IMPORT, "transcript.jsonl with a note more",          noted_record,       HEADS,   Expect::Refused,        ALL),
    row(IMPORT, "escrow.json of the attacker's",              their_escrow,       DIGESTS, Expect::Refused,        &[Backup::Escrow]),
    row(IMPORT, "openings.jsonl of nobody",                   openings,           &[WrongDigest, WrongHead], Expect::Refused, ALL),

    row(NOTE,   "transcript.jsonl with other content",        other_record,       NOTHING, Expect::RefusedInSight, ALL),

    row(EXPORT_ONCE, "plan.toml",                             plan_before,        PLANS,   Expect::Refused,        ALL),
    row(EXPORT_ONCE, "transcript.jsonl with other content",   record_before,      RECORDS, Expect::Refused,        ALL),
    row(EXPORT_ONCE, "a record that was not there",           record_planted,     RECORDS, Expect::Refused,        ALL),
    row(CREATE, "draft.toml",                                 other_draft,        DRAFTS,  Expect::Refused,        ALL),
    row(CREATE, "transcript.jsonl with other content",        other_record,       DRAFTED, Expect::Refused,        ALL),

    row(REBUILD, "transcript.jsonl with other content",       lost_and_other,     HEADED,  Expect::Refused,        ALL),
    row(REBUILD, "plan.toml",                                 lost_and_plan,      HEADED,  Expect::Refused,        ALL),

    row(STATUS, "plan.toml",                                  status_plan,        NOTHING, Expect::Asks,           ALL),
    row(CHECK,  "plan.toml",                                  status_plan,        NOTHING, Expect::Asks,           ALL),
];

/// The station's state before it exported.
pub(crate) fn before_export(scene: &Scene<'_>) {
    scene.remove(&["session.json", "state", "out/parameters.json", "out/transcript.jsonl"]);
}

/// The planted session and its parameters, whose digest would be read aloud.
fn write_session(scene: &Scene<'_>) -> (Forged, String) {
    let made = session::of_plan(&scene.read("plan.toml"), &scene.attacker.public, scene.endpoint);
    scene.write("session.json", &made.0);
    (forged(digest::of(&made.1)), made.1)
}

fn planted_session(scene: &Scene<'_>) -> Forged {
    before_export(scene);
    write_session(scene).0
}

fn session_replaced(scene: &Scene<'_>) -> Forged {
    scene.remove(&["out/parameters.json"]);
    write_session(scene).0
}

fn session_and_keys(scene: &Scene<'_>) -> Forged {
    before_export(scene);
    let (forged, parameters) = write_session(scene);
    scene.write("out/parameters.json", &parameters);
    forged
}

fn write_fetched(scene: &Scene<'_>) -> Forged {
    let made = session::fetched(&scene.read("plan.toml"), &scene.attacker.public, scene.endpoint);
    forged(scene.write("session.json.fetched", &made))
}

fn planted_fetched(scene: &Scene<'_>) -> Forged {
    before_export(scene);
    write_fetched(scene)
}

/// The journal says that tokens were fetched, but other tokens than these.
fn fetched_replaced(scene: &Scene<'_>) -> Forged {
    scene.remove(&["session.json", "out/parameters.json"]);
    write_fetched(scene)
}

/// A real session, on another computer or after the journal was lost.
fn journal_gone(scene: &Scene<'_>) -> Forged {
    scene.remove(&["out/parameters.json"]);
    journal_lost(scene)
}

fn journal_lost(scene: &Scene<'_>) -> Forged {
    scene.remove(&["state"]);
    forged(digest::of(scene.read(CIPHERTEXT)))
}

/// The journal is lost, and somebody has changed the record from which it would be rebuilt.
fn lost_and_other(scene: &Scene<'_>) -> Forged {
    scene.remove(&["state"]);
    other_record(scene)
}

fn lost_and_plan(scene: &Scene<'_>) -> Forged {
    scene.remove(&["state"]);
    plan_while_out(scene)
}

fn planted_parameters(scene: &Scene<'_>) -> Forged {
    before_export(scene);
    let made = parameters::of_plan(&scene.read("plan.toml"), &scene.attacker.public, &Life::now());
    forged(scene.write("out/parameters.json", &made))
}

fn ciphertext_ahead(scene: &Scene<'_>) -> Forged {
    before_export(scene);
    forged(scene.copy("theirs/ciphertext.json", "out/ciphertext.json"))
}

fn escrow_ahead(scene: &Scene<'_>) -> Forged {
    before_export(scene);
    forged(scene.copy("theirs/escrow.json", "out/escrow.json"))
}

fn their_escrow(scene: &Scene<'_>) -> Forged {
    scene.copy("theirs/escrow.json", "back/escrow.json");
    forged(digest::of(scene.read("back/ciphertext.json")))
}

/// The keys have pending parameters of the reviewed ceremony: another ceremony would make them invalid.
fn plan_while_out(scene: &Scene<'_>) -> Forged {
    scene.remove(&["session.json", "out/parameters.json", "out/transcript.jsonl"]);
    let other = scene.read("plan.toml").replace("\"adversary-1\"", "\"adversary-2\"");
    forged(scene.write("plan.toml", &other))
}

/// The genuine ciphertext, whose digest the screen shows.
fn session_of_nobody(scene: &Scene<'_>) -> Forged {
    Forged { compared: digest::of(scene.read(CIPHERTEXT)), ..write_session(scene).0 }
}

fn session_whole(scene: &Scene<'_>) -> Forged {
    let (_, parameters) = write_session(scene);
    let made = ciphertext::of_known_material(&parameters, scene.room.path());
    forged(scene.write(CIPHERTEXT, &made))
}

fn known_material(scene: &Scene<'_>) -> Forged {
    let made = ciphertext::of_known_material(&scene.read("out/parameters.json"), scene.room.path());
    forged(scene.write(CIPHERTEXT, &made))
}

pub(crate) fn known_and_record(scene: &Scene<'_>) -> Forged {
    let forged = known_material(scene);
    let station = record::Station::of(&scene.read("theirs/transcript.jsonl"));
    let record = record::with_wrap(&scene.read("out/transcript.jsonl"), &scene.read(CIPHERTEXT), &station);
    scene.write(BACK, &record);
    forged
}

fn their_ciphertext(scene: &Scene<'_>) -> Forged {
    forged(scene.copy("theirs/ciphertext.json", CIPHERTEXT))
}

pub(crate) fn theirs_whole(scene: &Scene<'_>) -> Forged {
    scene.copy("theirs/transcript.jsonl", BACK);
    if scene.room.path().join("theirs/escrow.json").exists() {
        scene.copy("theirs/escrow.json", "back/escrow.json");
    }
    their_ciphertext(scene)
}

fn replaced(scene: &Scene<'_>, name: &str, text: &str) -> Forged {
    scene.write(name, text);
    forged(record::head(text))
}

pub(crate) fn other_record(scene: &Scene<'_>) -> Forged {
    replaced(scene, BACK, &record::other_content(&scene.read(BACK)))
}

fn noted_record(scene: &Scene<'_>) -> Forged {
    replaced(scene, BACK, &record::with_note(&scene.read(BACK)))
}

/// If no names are withheld, nothing in this file is used, so people compare the other files.
fn openings(scene: &Scene<'_>) -> Forged {
    scene.write("back/openings.jsonl", &record::openings("adversary-1"));
    forged(digest::of(scene.read(CIPHERTEXT)))
}

fn commented(scene: &Scene<'_>, name: &str) -> String {
    scene.write(name, &plan::with_comment(&scene.read(name)))
}

/// The banner shows the first half of a line of the digest.
fn status_plan(scene: &Scene<'_>) -> Forged {
    forged(commented(scene, PLAN).chars().take(16).collect())
}

pub(crate) fn plan_before(scene: &Scene<'_>) -> Forged {
    before_export(scene);
    forged(commented(scene, PLAN))
}

pub(crate) fn record_before(scene: &Scene<'_>) -> Forged {
    let other = record::other_content(&scene.read("out/transcript.jsonl"));
    before_export(scene);
    replaced(scene, OUT, &other)
}

/// The record of a wrap on another computer, in a folder where the station had left no record.
fn record_planted(scene: &Scene<'_>) -> Forged {
    before_export(scene);
    replaced(scene, OUT, &scene.read("theirs/transcript.jsonl"))
}

pub(crate) fn other_draft(scene: &Scene<'_>) -> Forged {
    forged(commented(scene, DRAFT))
}
