//! The starting points of the cells: folders with good files, and the refusal of a bad one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use keyferry_core::{Control, WrappingAlgorithm};
use nix::unistd::geteuid;

use crate::support::shares::{lines, run_typing, shares_in};
use crate::support::*;

pub(super) const REGION: &str = "ap-singapore";
pub(super) const NONE: &str = "scheme = \"none\"\nreason = \"a test\"\n";
pub(super) const SLIP39: &str = "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n";

pub(super) const PRIVATE: [Control; 2] = [Control::FILE_PRIVATE, Control::CRED_EXPOSED];

/// Refused by one of these controls, or by any if none is given; the exit code is that of a refusal.
#[track_caller]
pub(super) fn refused(run: &Run, controls: &[Control]) {
    assert!(matches!(run.code, Some(1 | 3)), "not refused: exit {:?}, {:?}", run.code, run.out.trim());
    let named = controls.iter().any(|c| run.err.contains(&format!("[{c}]")));
    assert!(
        named || controls.is_empty() && run.err.contains("error [KF-"),
        "expected {controls:?}: {}",
        run.err
    );
}

pub(super) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub(super) fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Changes a file's owner to another user; false if only root could do that.
pub(super) fn give_away(path: &Path) -> bool {
    if !geteuid().is_root() {
        eprintln!("only root can make another user's file: {} was not tried", path.display());
        return false;
    }
    std::os::unix::fs::chown(path, Some(65534), Some(65534)).unwrap();
    true
}

/// Modes in which others may read or change a file.
pub(super) const OPEN: [u32; 5] = [0o640, 0o604, 0o620, 0o602, 0o666];

/// Replaces a record with a symbolic link, a hard link or a pipe: each must be refused, and the linked file left unchanged. Then
/// the genuine record must be accepted.
pub(super) fn grows(path: &Path, run: impl Fn() -> Run) {
    let kept = path.parent().and_then(Path::parent).unwrap().join("kept.jsonl");
    let there = path.exists();
    if there {
        fs::rename(path, &kept).unwrap()
    } else {
        fs::write(&kept, "").unwrap()
    }
    let before = fs::read(&kept).unwrap();
    let put: [&dyn Fn(); 3] = [
        &|| std::os::unix::fs::symlink(&kept, path).unwrap(),
        &|| fs::hard_link(&kept, path).unwrap(),
        &|| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
    ];
    for put in put {
        put();
        refused(&run(), &[Control::FILE_KIND]);
        assert_eq!(fs::read(&kept).unwrap(), before);
        fs::remove_file(path).unwrap();
    }
    if there {
        fs::rename(&kept, path).unwrap();
    }
    run().ok();
}

/// The names in a folder.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A rehearsal's plan with a backup of shares, and its parameters.
pub(super) fn room_with_shares(keys: &[(&str, &str, Option<&str>)]) -> Room {
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), keys).replace(NONE, SLIP39);
    let room = Room::with_plan(&plan);
    for folder in ["shares", "again"] {
        fs::create_dir(room.path(folder)).unwrap();
        set_mode(&room.path(folder), 0o700);
    }
    room
}

/// A room after `wrap`, with its shares in `shares`.
pub(super) fn shared(keys: &[(&str, &str, Option<&str>)]) -> Room {
    let room = room_with_shares(keys);
    let mut wrap = room.wrap(&["--shares", "files=shares"]);
    run_typing(&mut wrap, &room.path("shares"), "Yes\n", lines).ok();
    room
}

pub(super) fn two_shares(room: &Room) -> String {
    lines(&shares_in(&room.path("shares"))[..2])
}

/// A command of the offline station in a room.
pub(super) fn at(room: &Room, line: &str) -> Command {
    let mut command = offline(line.split(' '));
    command.current_dir(room.dir.path());
    command
}

/// Answers all questions that come before the shares are asked for.
pub(super) fn agreeing(command: impl Fn() -> Command, typed: &str) -> Run {
    let run = run_with(&mut command(), typed);
    if run.code == Some(0) { run } else { run_with(&mut command(), &format!("Yes\n{typed}")) }
}

/// A ceremony with its own emulator: exported, and optionally wrapped.
pub(super) struct Ceremony {
    pub(super) room: Room,
    pub(super) emulator: EmulatorProcess,
}

impl Ceremony {
    pub(super) fn exported() -> Self {
        let this = Self::planned();
        this.export("").ok();
        this
    }

    pub(super) fn planned() -> Self {
        let this = Self::drafted();
        this.online("create-key --plan draft.toml --out plan.toml").ok();
        this
    }

    pub(super) fn drafted() -> Self {
        let emulator = EmulatorProcess::start(&["--wrapping-keys", "2"]);
        let room = Room::new("rehearsal", WrappingAlgorithm::default());
        fs::remove_file(room.path("plan.toml")).unwrap();
        fs::remove_file(room.path("medium/parameters.json")).unwrap();
        let draft = plan_text("rehearsal", WrappingAlgorithm::default(), &[("master", REGION, None)]);
        fs::write(room.path("draft.toml"), draft).unwrap();
        Self { room, emulator }
    }

    pub(super) fn wrapped() -> Self {
        let this = Self::exported();
        run(&mut this.room.wrap(&[])).ok();
        this
    }

    /// A ceremony with two keys after `wrap`; the shares of the escrow's key are in `shares`.
    pub(super) fn planned_with_shares() -> Self {
        let this = Self::planned();
        fs::remove_file(this.room.path("plan.toml")).unwrap();
        let keys = [("one", REGION, None), ("two", REGION, None)];
        let draft = plan_text("rehearsal", WrappingAlgorithm::default(), &keys).replace(NONE, SLIP39);
        fs::write(this.room.path("draft.toml"), draft).unwrap();
        this.online("create-key --plan draft.toml --out plan.toml").ok();
        this.export("").ok();
        fs::create_dir(this.room.path("shares")).unwrap();
        set_mode(&this.room.path("shares"), 0o700);
        let mut wrap = this.room.wrap(&["--shares", "files=shares"]);
        run_typing(&mut wrap, &this.room.path("shares"), "Yes\n", lines).ok();
        this
    }

    /// Its own journal.
    pub(super) fn command(&self, line: &str) -> Command {
        let mut command = online(line.split(' '), &self.emulator.endpoint);
        command.current_dir(self.room.dir.path()).env("XDG_STATE_HOME", self.room.path("state"));
        command
    }

    pub(super) fn online(&self, line: &str) -> Run {
        run(&mut self.command(line))
    }

    pub(super) fn export(&self, more: &str) -> Run {
        self.online(&format!("export --plan plan.toml --out medium --session session.json{more}"))
    }

    pub(super) fn import(&self) -> Run {
        self.online("import --session session.json --ciphertext medium/ciphertext.json")
    }

    /// The journal of its key.
    pub(super) fn journal(&self) -> std::path::PathBuf {
        self.journal_in(REGION)
    }

    /// What `create-key` requested.
    pub(super) fn creations(&self) -> std::path::PathBuf {
        self.journal_in("_created")
    }

    fn journal_in(&self, folder: &str) -> std::path::PathBuf {
        let folder = self.room.path("state/keyferry/journal").join(folder);
        let name = names(&folder).into_iter().find(|n| n.ends_with(".jsonl")).unwrap();
        folder.join(name)
    }
}
