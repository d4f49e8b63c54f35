//! Where a command is refused: its own folder, and an emulator that the cases of one thread share.

use std::cell::OnceCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyferry_core::WrappingAlgorithm;

use crate::support::admin::Admin;
use crate::support::*;

pub(super) const REGION: &str = "ap-singapore";
pub(super) const NONE: &str = "scheme = \"none\"\nreason = \"a test\"\n";
pub(super) const SLIP39: &str = "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n";
const ALG: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;

/// An emulator with its admin interface.
pub(super) struct Service {
    pub(super) emulator: EmulatorProcess,
    pub(super) admin: Admin,
    _dir: tempfile::TempDir,
}

thread_local! {
    /// Making its wrapping keys takes the most time, so a thread's cases share an emulator; each case resets
    /// it.
    static SERVICE: OnceCell<Service> = const { OnceCell::new() };
}

/// Uses the thread's emulator, without any key at first.
pub(super) fn with_service<T>(use_it: impl FnOnce(&Service) -> T) -> T {
    SERVICE.with(|service| {
        let service = service.get_or_init(|| {
            let dir = tempfile::tempdir().unwrap();
            let (emulator, admin) = Admin::start(dir.path());
            Service { emulator, admin, _dir: dir }
        });
        use_it(service)
    })
}

/// The folder, and how its command is started.
pub(super) struct Place {
    pub(super) room: Room,
    /// Standard input.
    pub(super) typed: String,
    /// The endpoint for the online station: an address where nothing listens, unless the scene has a service.
    pub(super) endpoint: String,
    /// Additional environment variables.
    pub(super) env: Vec<(&'static str, String)>,
    /// The values of names in braces.
    pub(super) names: Vec<(&'static str, String)>,
    /// A separate emulator.
    pub(super) running: Option<EmulatorProcess>,
    /// Wraps the command in another one, which runs it.
    pub(super) around: Option<fn(&Command) -> Option<Command>>,
}

impl Place {
    /// A rehearsal's plan for one key, and its parameters on the medium.
    pub(super) fn new() -> Self {
        Self {
            room: Room::new("rehearsal", ALG),
            typed: "Yes\n".to_owned(),
            endpoint: dead_endpoint(),
            env: Vec::new(),
            names: Vec::new(),
            running: None,
            around: None,
        }
    }

    /// Another plan, and parameters for it.
    pub(super) fn plan(&mut self, purpose: &str, change: impl Fn(String) -> String) {
        self.room = Room::with_plan(&change(plan_text(purpose, ALG, &[("master", REGION, Some(KEY_ID))])));
    }

    pub(super) fn folder(&self) -> &str {
        self.room.dir.path().to_str().unwrap()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.room.path(name)
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(super) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Changes a file's text.
    pub(super) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{from} is not in {name}");
        self.write(name, text.replacen(from, to, 1));
    }

    /// Changes one character, some distance after a name in an artefact.
    pub(super) fn flip(&self, name: &str, behind: &str) {
        let text = self.text(name);
        let at = text.find(behind).unwrap() + behind.len() + 24;
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        self.write(name, format!("{}{other}{}", &text[..at], &text[at + 1..]));
    }

    pub(super) fn folder_of_mode(&self, name: &str, mode: u32) {
        fs::create_dir_all(self.path(name)).unwrap();
        self.set_mode(name, mode);
    }

    pub(super) fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The command, with the names of the scene.
    pub(super) fn command(&self, line: &str) -> Command {
        let line = self.names.iter().fold(line.to_owned(), |line, (name, value)| line.replace(name, value));
        let (first, words) = line.split_once(' ').unwrap_or((&line, ""));
        let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
        let mut command = match first {
            "keyferry-online" => online(&words, &self.endpoint),
            _ => program(first),
        };
        if first == "keyferry-online" {
            command.env("XDG_STATE_HOME", self.path("state")).env("HOME", self.room.dir.path());
        } else {
            command.args(&words);
        }
        command.current_dir(self.room.dir.path());
        for (name, value) in &self.env {
            match value.as_str() {
                "" => command.env_remove(name),
                _ => command.env(name, value),
            };
        }
        command
    }

    /// Runs the command of the case.
    pub(super) fn run(&self, line: &str) -> Run {
        let command = self.command(line);
        let mut command = self.around.and_then(|around| around(&command)).unwrap_or(command);
        run_with(&mut command, &self.typed)
    }

    /// A command before the refused one.
    #[track_caller]
    pub(super) fn first(&self, line: &str) -> Run {
        let done = run_with(&mut self.command(line), "Yes\n");
        done.ok();
        done
    }
}

/// Copies a folder's files.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => _ = fs::copy(entry.path(), to.join(entry.file_name())).unwrap(),
        }
    }
}
