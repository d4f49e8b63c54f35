//! A nearly full medium, at every size around the needed one: a command does everything, or it refuses before anything is made and leaves
//! the medium unchanged. No useless share is shown.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::admin::Admin;
use crate::support::shares::{lines, private_folder, run_typing, shares_in};
use crate::support::*;
use keyferry_core::*;

const ALG: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;
const TWO: [(&str, &str, Option<&str>); 2] =
    [("one", "ap-singapore", Some(KEY_ID)), ("two", "ap-guangzhou", Some(OTHER_KEY_ID))];
/// The space that a one-byte file takes, in KiB.
const PAGE: usize = 4;

/// Whether this test may mount a small file system in its own namespace.
fn can_mount() -> bool {
    let probe = ["--mount", "--", "mount", "-t", "tmpfs", "none", "/mnt"];
    let can = Command::new("unshare").args(probe).output().is_ok_and(|o| o.status.success());
    if !can {
        eprintln!("not permitted to mount here: no full medium was tried");
    }
    can
}

/// Runs the command with a medium of this many KiB, in memory, with the files of `came`; its contents at the end are in `left`.
fn on_medium_of(size: usize, room: &Path, command: &Command) -> Command {
    let _ = fs::remove_dir_all(room.join("left"));
    fs::create_dir_all(room.join("left")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size={size}k,mode=700 none medium && cp -a came/. medium/ || exit 9
         \"$@\"; code=$?; cp -a medium/. left/; exit $code"
    );
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--", "sh", "-c", &script, "sh"]).arg(command.get_program());
    inside.args(command.get_args()).current_dir(room).env_clear();
    inside.envs(command.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
    inside.env("PATH", std::env::var_os("PATH").unwrap());
    inside
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

/// Tries every size from the smallest that holds the files in `came`. Returns how many were refused, and the contents of the medium at
/// the end.
fn try_sizes(
    room: &Path,
    mut attempt: impl FnMut(usize) -> Run,
    untouched: impl Fn(),
) -> (usize, BTreeMap<String, Vec<u8>>) {
    let came = files(&room.join("came"));
    let smallest = came.values().map(|bytes| bytes.len().div_ceil(1024 * PAGE)).sum::<usize>().max(1);
    for (refused, pages) in (smallest..smallest + 40).enumerate() {
        let done = attempt(pages * PAGE);
        let left = files(&room.join("left"));
        if done.code == Some(0) {
            return (refused, left);
        }
        done.refused(3, Control::FILE_SPACE);
        assert!(done.err.contains("nothing was made"), "{pages} pages: {}", done.err);
        assert_eq!(left, came, "{pages} pages");
        untouched();
    }
    panic!("no size was large enough");
}

/// A room with the medium's files in `came`.
fn room(plan: &str) -> Room {
    let room = Room::with_plan(plan);
    fs::rename(room.path("medium"), room.path("came")).unwrap();
    fs::create_dir(room.path("medium")).unwrap();
    room
}

#[test]
fn wrap_without_backup_does_everything_or_nothing() {
    if !can_mount() {
        return;
    }
    let room = room(&plan_text("rehearsal", ALG, &TWO));
    let attempt = |size| run_with(&mut on_medium_of(size, room.dir.path(), &room.wrap(&[])), "Yes\n");
    let (refused, left) = try_sizes(room.dir.path(), attempt, || {});
    assert!(refused > 3, "{refused}");
    assert_eq!(left.keys().collect::<Vec<_>>(), ["ciphertext.json", "parameters.json", "transcript.jsonl"]);
}

#[test]
fn wrap_shows_no_share_that_opens_nothing() {
    if !can_mount() {
        return;
    }
    let plan = plan_text("rehearsal", ALG, &TWO);
    let none = "scheme = \"none\"\nreason = \"a test\"\n";
    let room = room(&plan.replace(none, "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n"));
    let shares = room.path("shares");
    private_folder(&shares);
    let wrap = room.wrap(&["--shares", "files=shares"]);
    let attempt = |size| run_typing(&mut on_medium_of(size, room.dir.path(), &wrap), &shares, "Yes\n", lines);
    let (refused, left) = try_sizes(room.dir.path(), attempt, || assert!(files(&shares).is_empty()));
    assert!(refused > 6, "{refused}");
    let names: Vec<_> = left.keys().map(String::as_str).collect();
    assert_eq!(names, ["ciphertext.json", "escrow.json", "parameters.json", "transcript.jsonl"]);
    for (name, bytes) in files(&shares) {
        assert!(bytes.len() < 3 * 1024, "{name} has {} bytes, and room is kept for 8192", bytes.len());
    }
}

#[test]
fn a_full_folder_for_shares_is_found_before_a_share_exists() {
    if !can_mount() {
        return;
    }
    let plan = plan_text("rehearsal", ALG, &TWO[..1]);
    let none = "scheme = \"none\"\nreason = \"a test\"\n";
    let room = Room::with_plan(&plan.replace(none, "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n"));
    fs::create_dir(room.path("came")).unwrap();
    let wrap = room.wrap(&["--shares", "files=full"]);
    // Here the folder for the shares is the small file system.
    fs::create_dir(room.path("full")).unwrap();
    let script = "mount -t tmpfs -o size=8k,mode=700 none full; \"$@\"; code=$?; ls -A full; exit $code";
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--", "sh", "-c", script, "sh"]).arg(wrap.get_program()).args(wrap.get_args());
    let full = run_with(inside.current_dir(room.dir.path()), "Yes\n");
    full.refused(3, Control::FILE_SPACE);
    assert!(full.err.contains("full has no room for the ") && full.out.is_empty(), "{full:?}");
    assert_eq!(room.medium(), ["parameters.json"]);
}

#[test]
fn export_fetches_nothing_that_it_cannot_hand_on() {
    if !can_mount() {
        return;
    }
    let emulator = EmulatorProcess::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for folder in ["came", "medium"] {
        fs::create_dir(at(folder)).unwrap();
    }
    fs::write(at("plan.draft.toml"), plan_text("rehearsal", ALG, &[("one", "ap-singapore", None)])).unwrap();
    let create = ["create-key", "--plan", "plan.draft.toml", "--out", "plan.toml"];
    run(online(create, &emulator.endpoint).current_dir(dir.path())).ok();
    let export = ["export", "--plan", "plan.toml", "--out", "medium", "--session", "session.json"];
    let export = online(export, &emulator.endpoint);
    let fetched = || at("session.json").exists() || at("session.json.fetched").exists();
    let attempt = |size| run(&mut on_medium_of(size, dir.path(), &export));
    let (refused, left) = try_sizes(dir.path(), attempt, || assert!(!fetched()));
    assert!(refused > 1 && fetched(), "{refused}");
    assert_eq!(left.keys().collect::<Vec<_>>(), ["parameters.json", "transcript.jsonl"]);
}

#[test]
fn rewrap_shows_no_new_share_that_opens_nothing() {
    if !can_mount() {
        return;
    }
    let plan = plan_text("rehearsal", ALG, &TWO);
    let none = "scheme = \"none\"\nreason = \"a test\"\n";
    let room = Room::with_plan(&plan.replace(none, "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n"));
    let (old, new) = (room.path("old"), room.path("new"));
    private_folder(&old);
    run_typing(&mut room.wrap(&["--shares", "files=old"]), &old, "Yes\n", lines).ok();
    fs::rename(room.path("medium"), room.path("first")).unwrap();
    for folder in ["medium", "came"] {
        fs::create_dir(room.path(folder)).unwrap();
    }
    fs::copy(room.path("first/parameters.json"), room.path("came/parameters.json")).unwrap();
    private_folder(&new);
    let mut rewrap = offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
    rewrap.args(["--transcript", "first/transcript.jsonl", "--escrow", "first/escrow.json"]);
    rewrap.args(["--out", "medium", "--new-shares", "--shares", "files=new"]);
    let first = format!("Yes\n{}", lines(&shares_in(&old)[1..]));
    let attempt = |size| run_typing(&mut on_medium_of(size, room.dir.path(), &rewrap), &new, &first, lines);
    let (refused, left) = try_sizes(room.dir.path(), attempt, || assert!(files(&new).is_empty()));
    assert!(refused > 6 && files(&new).len() == 3, "{refused}");
    let names: Vec<_> = left.keys().map(String::as_str).collect();
    assert_eq!(names, ["ciphertext.json", "escrow.json", "parameters.json", "transcript.jsonl"]);
}

#[test]
fn import_sends_nothing_that_it_cannot_record() {
    if !can_mount() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (emulator, admin) = Admin::start(dir.path());
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("came")).unwrap();
    fs::create_dir(at("medium")).unwrap();
    let keys = TWO.map(|(alias, region, _)| (alias, region, None));
    fs::write(at("draft.toml"), plan_text("rehearsal", ALG, &keys)).unwrap();
    let online = |line: &str| {
        let mut command = online(line.split(' '), &emulator.endpoint);
        command.current_dir(dir.path());
        command
    };
    run(&mut online("create-key --plan draft.toml --out plan.toml")).ok();
    run(&mut online("export --plan plan.toml --out came --session session.json")).ok();
    let wrap = "wrap --plan plan.toml --parameters came/parameters.json --out came";
    run(offline(wrap.split(' ')).current_dir(dir.path())).ok();
    let import = online("import --session session.json --ciphertext medium/ciphertext.json");
    let attempt = |size| run(&mut on_medium_of(size, dir.path(), &import));
    let waits = || assert!(admin.keys().iter().all(|key| key["KeyState"] == "PendingImport"));
    let (refused, left) = try_sizes(dir.path(), attempt, waits);
    assert!(refused > 0 && admin.keys().iter().all(|key| key["KeyState"] == "Enabled"), "{refused}");
    assert_eq!(left.keys().collect::<Vec<_>>(), ["ciphertext.json", "parameters.json", "transcript.jsonl"]);
}

/// What a power cut during a rename leaves on FAT mounted with `-o sync`: the new name, with an empty file.
#[test]
fn an_empty_file_in_an_outputs_place_is_no_obstacle() {
    let room = Room::with_keys("rehearsal", ALG, &TWO);
    let ciphertext = room.path("medium/ciphertext.json");
    fs::write(&ciphertext, "").unwrap();
    let done = run(&mut room.wrap(&[]));
    assert!(
        done.ok().err.contains("ciphertext.json, an empty file that a power cut can leave"),
        "{}",
        done.err
    );
    assert_eq!(room.ciphertext().0.keys.len(), 2);
    fs::write(&ciphertext, "{").unwrap();
    run(&mut room.wrap(&[])).refused(1, Control::FILE_EXISTS);
    assert_eq!(fs::read(&ciphertext).unwrap(), b"{");

    let emulator = EmulatorProcess::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("medium")).unwrap();
    let draft = plan_text("rehearsal", ALG, &[("one", "ap-singapore", None)]);
    fs::write(dir.path().join("plan.draft.toml"), draft).unwrap();
    let online = |args: &[&str]| run(online(args, &emulator.endpoint).current_dir(dir.path()));
    online(&["create-key", "--plan", "plan.draft.toml", "--out", "plan.toml"]).ok();
    let export = ["export", "--plan", "plan.toml", "--out", "medium", "--session", "session.json"];
    online(&export).ok();
    let parameters = dir.path().join("medium/parameters.json");
    let whole = fs::read(&parameters).unwrap();
    fs::write(&parameters, "").unwrap();
    online(&export).ok();
    assert_eq!(fs::read(&parameters).unwrap(), whole, "finished from the session, without a fetch");
}
