//! Cells of the offline station.

use std::fs;
use std::path::Path;

use keyferry_core::{
    Control, Escrow, Event, Fingerprint, Parameters, Purpose, Timestamp, Transcript, WrappingAlgorithm,
    artefact,
};

use super::rows::Cmd;
use super::scene::*;
use crate::support::shares::{lines, run_typing, share_file};
use crate::support::*;

const ONE: [(&str, &str, Option<&str>); 1] = [("master", REGION, Some(KEY_ID))];
const TWO: [(&str, &str, Option<&str>); 2] =
    [("one", REGION, Some(KEY_ID)), ("two", "ap-guangzhou", Some(OTHER_KEY_ID))];

/// A room in which the command can run; for `rewrap`, with the record of an earlier ceremony.
fn room(cmd: Cmd) -> Room {
    if cmd.word() != "rewrap" {
        return Room::new("rehearsal", WrappingAlgorithm::default());
    }
    let room = shared(&ONE);
    fs::create_dir(room.path("old")).unwrap();
    for file in ["transcript.jsonl", "ciphertext.json"] {
        fs::rename(room.path("medium").join(file), room.path("old").join(file)).unwrap();
    }
    room
}

fn run_in(cmd: Cmd, room: &Room) -> Run {
    let inputs = "--plan plan.toml --parameters medium/parameters.json";
    match cmd.word() {
        "inspect" => run(&mut at(room, &format!("inspect {inputs}"))),
        "wrap" => run(&mut at(room, &format!("wrap {inputs} --out medium"))),
        "rewrap" => {
            let line = format!("rewrap {inputs} --out medium --transcript old/transcript.jsonl");
            run_with(&mut at(room, &line), &format!("Yes\n{}", two_shares(room)))
        }
        other => panic!("no way to run {other}"),
    }
}

/// Good parameters are accepted; edited ones are refused, and nothing is added to the medium.
fn parameters(cmd: Cmd, controls: &[Control], edit: impl Fn(&mut Parameters)) {
    run_in(cmd, &room(cmd)).ok();
    let room = room(cmd);
    room.write_parameters(edit);
    refused(&run_in(cmd, &room), controls);
    assert_eq!(room.medium(), ["parameters.json"]);
}

pub(super) fn parameters_purpose(cmd: Cmd) {
    parameters(cmd, &[Control::PARAM_PURPOSE], |p| p.purpose = Purpose::Production);
}

/// Expired, and valid for longer than the service's limit.
pub(super) fn parameters_expiry(cmd: Cmd) {
    parameters(cmd, &[Control::PARAM_EXPIRED], |p| p.keys[0].expires_at = Some(later(-4000)));
    let far: Timestamp = "9999-01-01T00:00:00Z".parse().unwrap();
    parameters(cmd, &[Control::PARAM_EXPIRED], |p| p.keys[0].expires_at = Some(far));
}

pub(super) fn parameters_provider(cmd: Cmd) {
    let room = room(cmd);
    let path = room.path("medium/parameters.json");
    let text = fs::read_to_string(&path).unwrap();
    let other = text.replacen("\"provider\": \"tencent\"", "\"provider\": \"other\"", 1);
    assert_ne!(text, other);
    fs::write(&path, other).unwrap();
    refused(&run_in(cmd, &room), &[Control::ART_FIELDS]);
    fs::write(&path, text).unwrap();
    run_in(cmd, &room).ok();
}

/// A run in the earlier record is changed into a production run.
pub(super) fn rewrite_purpose(transcript: &Path) {
    rewrite(transcript, |event| {
        if let Event::Begun { purpose, .. } = event {
            *purpose = Purpose::Production;
        }
    });
}

fn rewrite(transcript: &Path, edit: impl Fn(&mut Event)) {
    let chain = Transcript::verify(&fs::read(transcript).unwrap()).unwrap().unwrap();
    let mut fresh = Transcript::new(chain.ceremony().clone());
    let mut text = String::new();
    for line in chain.lines() {
        let mut event = line.event.clone();
        edit(&mut event);
        text += &fresh.append(line.station, line.time, line.act, event).unwrap();
    }
    fs::write(transcript, text).unwrap();
}

/// A rehearsal does not ask for shares of a production record.
pub(super) fn earlier_purpose(cmd: Cmd) {
    run_in(cmd, &room(cmd)).ok();
    let room = room(cmd);
    rewrite_purpose(&room.path("old/transcript.jsonl"));
    let run = run_in(cmd, &room);
    refused(&run, &[Control::PARAM_PURPOSE]);
    assert!(!run.err.contains("Share 1"), "a share was asked for: {}", run.err);
    assert_eq!(room.medium(), ["parameters.json"]);
}

/// The escrow has a different purpose from the record, which names this escrow by its digest.
pub(super) fn escrow_purpose(cmd: Cmd) {
    let room = shared(&TWO);
    fs::create_dir(room.path("new")).unwrap();
    let command = || {
        let more = match cmd.word() {
            "drill" => "drill",
            _ => "rewrap --plan plan.toml --parameters medium/parameters.json --out new",
        };
        at(&room, &format!("{more} --transcript medium/transcript.jsonl --escrow medium/escrow.json"))
    };
    let typed = two_shares(&room);
    agreeing(command, &typed).ok();
    for folder in ["new", "medium"] {
        for file in ["ciphertext.json", "drills.jsonl"] {
            let _ = fs::remove_file(room.path(folder).join(file));
        }
    }
    let _ = fs::remove_file(room.path("new/transcript.jsonl"));
    edit_escrow(&room, |escrow| escrow.purpose = Purpose::Production);
    for typed in [String::new(), typed.clone(), format!("Yes\n{typed}")] {
        let run = run_with(&mut command(), &typed);
        refused(&run, &[Control::PARAM_PURPOSE]);
        assert!(names(&room.path("new")).is_empty());
    }
}

/// The record names the edited escrow.
fn edit_escrow(room: &Room, edit: impl Fn(&mut Escrow)) {
    let path = room.path("medium/escrow.json");
    let (mut escrow, before) = artefact::parse::<Escrow>(&fs::read(&path).unwrap()).unwrap();
    edit(&mut escrow);
    let bytes = artefact::to_bytes(&escrow).unwrap();
    fs::write(&path, &**bytes).unwrap();
    let after = Fingerprint::of(&bytes);
    rewrite(&room.path("medium/transcript.jsonl"), |event| {
        let text = serde_json::to_string(event).unwrap().replace(&before.to_string(), &after.to_string());
        *event = serde_json::from_str(&text).unwrap();
    });
}

/// Production shares whose material came from a published seed are refused for that reason. Other shares are
/// refused only because of this machine's state.
fn seeded(cmd: Cmd, keys: &[(&str, &str, Option<&str>)], spoil: impl Fn(&Room)) {
    let plan = plan_text("production", WrappingAlgorithm::default(), keys).replace(NONE, SLIP39);
    let production = Room::with_plan(&plan);
    for spoiled in [false, true] {
        let room = shared(keys);
        if spoiled {
            spoil(&room);
        }
        if keys.len() > 1 {
            edit_escrow(&room, |escrow| escrow.purpose = Purpose::Production);
        }
        rewrite_purpose(&room.path("medium/transcript.jsonl"));
        for file in ["plan.toml", "medium/parameters.json"] {
            fs::remove_file(room.path(file)).unwrap();
            fs::copy(production.path(file), room.path(file)).unwrap();
        }
        fs::create_dir(room.path("new")).unwrap();
        let more = match cmd.word() {
            "drill" => "drill",
            _ => "rewrap --plan plan.toml --parameters medium/parameters.json --out new",
        };
        let escrow = if keys.len() > 1 { " --escrow medium/escrow.json" } else { "" };
        let line = format!("{more} --transcript medium/transcript.jsonl{escrow}");
        let run = run_with(&mut at(&room, &line), "");
        let said = run.err.contains("published seed") && run.err.contains("[KF-PARAM-09]");
        assert_eq!(said, spoiled, "{}", run.err);
        assert!(names(&room.path("new")).is_empty() && run.code == Some(1), "{run:?}");
    }
}

pub(super) fn escrow_seeded(cmd: Cmd) {
    seeded(cmd, &TWO, |room| edit_escrow(room, |escrow| escrow.seeded = true));
}

pub(super) fn earlier_seeded(cmd: Cmd) {
    seeded(cmd, &ONE, |room| {
        rewrite(&room.path("medium/transcript.jsonl"), |event| {
            if let Event::CiphertextWritten { seeded, .. } = event {
                *seeded = true;
            }
        });
    });
}

pub(super) fn record_lines(cmd: Cmd) {
    if cmd.word() == "rewrap" {
        let room = room(cmd);
        return grows(&room.path("medium/transcript.jsonl"), || run_in(cmd, &room));
    }
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    let record = room.path("medium/transcript.jsonl");
    if cmd.word() == "note" {
        run(&mut room.wrap(&[])).ok();
        let line = "note --transcript medium/transcript.jsonl --by Ada --text x --plan plan.toml";
        return grows(&record, || run(&mut at(&room, line)));
    }
    grows(&record, || run_in(cmd, &room));
}

pub(super) fn drills_lines(_: Cmd) {
    let room = shared(&ONE);
    let typed = format!("Yes\n{}", two_shares(&room));
    let line = "drill --transcript medium/transcript.jsonl";
    grows(&room.path("medium/drills.jsonl"), || run_with(&mut at(&room, line), &typed));
}

/// `encrypt` of a material file.
fn encrypt(change: impl Fn(&Path) -> bool) {
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    fs::write(room.path("key.der"), SPKI).unwrap();
    run(&mut at(&room, "generate --bits 256 --out material")).ok();
    let encrypt = |out: &str| {
        let line = "encrypt --public-key key.der --algorithm RSAES_OAEP_SHA_256 --material material --out";
        run(&mut at(&room, &format!("{line} {out}")))
    };
    encrypt("good").ok();
    if change(&room.path("material")) {
        refused(&encrypt("bad"), &PRIVATE);
        assert!(!room.path("bad").exists());
    }
}

pub(super) fn material_mode(_: Cmd) {
    for mode in OPEN {
        encrypt(|path| {
            set_mode(path, mode);
            true
        });
    }
}

pub(super) fn material_owner(_: Cmd) {
    encrypt(give_away);
}

fn contribution(cmd: Cmd, change: impl Fn(&Path) -> bool) {
    let try_in = |change: &dyn Fn(&Path) -> bool| {
        let room = Room::new("rehearsal", WrappingAlgorithm::default());
        write_private(&room.path("bytes"), &(0..64).collect::<Vec<u8>>());
        let changed = change(&room.path("bytes"));
        let run = match cmd.word() {
            "wrap" => run(&mut room.wrap(&["--entropy", "file=bytes"])),
            _ => run(&mut at(&room, "generate --bits 256 --out material --entropy file=bytes")),
        };
        (room, run, changed)
    };
    try_in(&|_| false).1.ok();
    let (room, run, changed) = try_in(&change);
    if changed {
        refused(&run, &PRIVATE);
        assert!(!room.path("material").exists() && !room.path("medium/ciphertext.json").exists());
    }
}

pub(super) fn contribution_mode(cmd: Cmd) {
    for mode in OPEN {
        contribution(cmd, |path| {
            set_mode(path, mode);
            true
        });
    }
}

pub(super) fn contribution_owner(cmd: Cmd) {
    contribution(cmd, give_away);
}

/// Shares may be in their own folder, but never on the medium: neither in it, nor below it, nor through a link to
/// it.
pub(super) fn shares_on_the_medium(_: Cmd) {
    shared(&ONE);
    for place in ["medium", "medium/below", "link"] {
        let room = room_with_shares(&ONE);
        set_mode(&room.path("medium"), 0o700);
        if place == "medium/below" {
            fs::create_dir(room.path(place)).unwrap();
            set_mode(&room.path(place), 0o700);
        }
        std::os::unix::fs::symlink(room.path("medium"), room.path("link")).unwrap();
        let mut wrap = room.wrap(&["--shares", &format!("files={place}")]);
        let run = run_typing(&mut wrap, &room.path(place), "Yes\n", lines);
        refused(&run, &[Control::POSTURE_HOLDS]);
        assert!(!share_file(&room.path(place), 1).exists(), "{place}");
        assert!(!room.path("medium/ciphertext.json").exists(), "{place}");
    }
}

pub(super) fn new_shares_on_the_medium(_: Cmd) {
    let line =
        "rewrap --plan plan.toml --parameters medium/parameters.json --transcript medium/transcript.jsonl";
    let room = shared(&ONE);
    fs::create_dir(room.path("new")).unwrap();
    set_mode(&room.path("new"), 0o700);
    let typed = format!("Yes\n{}", two_shares(&room));
    let rewrap = |shares: &str| {
        let mut command = at(&room, &format!("{line} --out new --new-shares --shares files={shares}"));
        run_typing(&mut command, &room.path(shares), &typed, lines)
    };
    let bad = rewrap("new");
    refused(&bad, &[Control::POSTURE_HOLDS]);
    assert!(!share_file(&room.path("new"), 1).exists() && !room.path("new/ciphertext.json").exists());
    rewrap("again").ok();
}

/// The secrets that this station writes, with their modes.
pub(super) fn written() -> Vec<(String, u32)> {
    let room = shared(&ONE);
    run(&mut at(&room, "generate --bits 256 --out material")).ok();
    let mut files = vec![room.path("material")];
    files.extend((1..=3).map(|n| share_file(&room.path("shares"), n)));
    files.iter().map(|path| (path.display().to_string(), mode_of(path))).collect()
}
