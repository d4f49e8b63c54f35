//! Ceremonies that the real programs held as rehearsals: one that went well, and those in which something happened.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use crate::entropy::typed_contributions;
use crate::support::admin::Admin;
use crate::support::shares::*;
use crate::support::*;
use keyferry_audit::record::Folder;
use keyferry_core::*;
use serde_json::json;

use super::plan::{Backup, plan_text};

type Keys<'k> = &'k [(&'k str, &'k str)];
const ONE: Keys<'_> = &[("one", "ap-singapore")];
const TWO: Keys<'_> = &[("one", "ap-singapore"), ("two", "ap-singapore")];
/// Regions of both editions of the service.
const REGIONS: Keys<'_> =
    &[("one", "ap-singapore"), ("two", "ap-guangzhou"), ("three", "ap-hongkong"), ("four", "eu-frankfurt")];

const EXPORT: &str = "export --plan record/plan.toml --out record --session session.json";
const WRAP: &str = "wrap --plan record/plan.toml --parameters record/parameters.json --out record";
const REWRAP: &str = "rewrap --plan record/plan.toml --parameters record/parameters.json --out record \
                      --transcript record/transcript.jsonl --escrow escrow.json";
const IMPORT: &str = "import --session session.json --ciphertext record/ciphertext.json";

/// The service of all ceremonies of this test.
pub(super) struct Service {
    emulator: EmulatorProcess,
    admin: Admin,
    /// The number of ceremonies so far: each needs its own aliases, which the service accepts only once.
    held: Cell<usize>,
    _dir: tempfile::TempDir,
}

impl Service {
    pub(super) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (emulator, admin) = Admin::start(dir.path());
        Self { emulator, admin, held: Cell::new(0), _dir: dir }
    }
}

/// A ceremony in its folder; its keys exist and its parameters are fetched.
struct Site<'s> {
    service: &'s Service,
    dir: tempfile::TempDir,
}

const CREATE: &str =
    "create-key --plan draft.toml --out record/plan.toml --transcript record/transcript.jsonl";

impl<'s> Site<'s> {
    fn exported(service: &'s Service, keys: Keys<'_>, backup: Backup) -> Self {
        let this = Self::created(service, keys, backup);
        this.online(EXPORT).ok();
        this
    }

    /// Its keys exist.
    fn created(service: &'s Service, keys: Keys<'_>, backup: Backup) -> Self {
        let this = Self { service, dir: tempfile::tempdir().unwrap() };
        service.held.set(service.held.get() + 1);
        let plan = plan_text("rehearsal", keys, service.held.get(), backup);
        fs::write(this.path("draft.toml"), plan).unwrap();
        for folder in ["record", "shares"] {
            private_folder(&this.path(folder));
        }
        this.online(CREATE).ok();
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn online(&self, line: &str) -> Run {
        run(online(line.split(' '), &self.service.emulator.endpoint).current_dir(self.dir.path()))
    }

    fn note(&self, text: &str) {
        let mut command = online(["note", "--by", "Ada"], &self.service.emulator.endpoint);
        command.args(["--transcript", "record/transcript.jsonl", "--text", text]);
        run(command.current_dir(self.dir.path())).ok();
    }

    /// Runs a command at the offline station; `typed` comes before the shares, which are read back from `folder`.
    fn offline(&self, line: &str, folder: &str, typed: &str) {
        if !self.path(folder).exists() {
            private_folder(&self.path(folder));
        }
        let mut command = offline(line.split_whitespace());
        run_typing(command.current_dir(self.dir.path()), &self.path(folder), typed, lines).ok();
    }

    /// Wraps, with all the shares in `folder` read back.
    fn wrap(&self, more: &str, folder: &str) {
        self.offline(&format!("{WRAP}{more} --shares files={folder}"), folder, "Yes\n");
    }

    /// Recovers the material from two of the shares in the folder `shares`.
    fn rewrap(&self, line: &str, shares: &str, more: &str) {
        let typed = format!("Yes\n{}", lines(&shares_in(&self.path(shares))[1..]));
        self.offline(&format!("{line}{more}"), "new", &typed);
    }

    /// Cuts the record as if the last run had been killed when this many lines of a kind were on the device.
    fn cut_after(&self, kind: EventKind, count: usize) {
        let text = fs::read_to_string(self.path("record/transcript.jsonl")).unwrap();
        let is_of = |line: &str| line.contains(&format!("\"kind\":\"{kind}\""));
        let (last, _) = text.lines().enumerate().filter(|(_, line)| is_of(line)).nth(count - 1).unwrap();
        let kept: String = text.lines().take(last + 1).map(|line| format!("{line}\n")).collect();
        fs::write(self.path("record/transcript.jsonl"), kept).unwrap();
    }

    /// The same as if the last wrap had been killed: there is no ciphertext either.
    fn killed_after(&self, kind: EventKind, count: usize) {
        self.cut_after(kind, count);
        fs::remove_file(self.path("record/ciphertext.json")).unwrap();
        if self.path("record/escrow.json").exists() {
            fs::rename(self.path("record/escrow.json"), self.path("escrow.json")).unwrap();
        }
    }

    fn read(&self) -> Folder {
        Folder::read(&self.path("record")).unwrap()
    }
}

pub(super) fn plain(service: &Service) -> Folder {
    let site = Site::exported(service, TWO, Backup::Shares);
    site.note("the seal of the medium is 4712");
    site.wrap("", "shares");
    site.online(IMPORT).ok();
    site.read()
}

/// The ciphertext was lost, and shares recovered the material for another one.
pub(super) fn recovered(service: &Service) -> Folder {
    let site = Site::exported(service, TWO, Backup::Shares);
    site.wrap("", "shares");
    fs::remove_file(site.path("record/ciphertext.json")).unwrap();
    fs::rename(site.path("record/escrow.json"), site.path("escrow.json")).unwrap();
    site.rewrap(REWRAP, "shares", " --new-shares --shares files=new");
    site.online(IMPORT).ok();
    site.read()
}

/// Killed after two of three shares had been read back; people agreed that the shares are void, and other material was made.
pub(super) fn voided(service: &Service) -> Folder {
    let site = Site::exported(service, ONE, Backup::Shares);
    site.wrap("", "shares");
    site.killed_after(EventKind::ShareConfirmed, 2);
    site.note("the power failed");
    site.wrap(" --void-shares", "more");
    site.online(IMPORT).ok();
    site.read()
}

/// A share could not be read back: the run gave up. People agreed that its shares are void.
pub(super) fn gave_up(service: &Service) -> Folder {
    let site = Site::exported(service, ONE, Backup::Shares);
    let mut command = offline(format!("{WRAP} --shares files=shares").split_whitespace());
    let two = |shares: &[String]| lines(&shares[..2]);
    let run = run_typing(command.current_dir(site.dir.path()), &site.path("shares"), "Yes\n", two);
    run.refused(1, Control::SECRET_TYPED);
    site.wrap(" --void-shares", "more");
    site.online(IMPORT).ok();
    site.read()
}

/// The import was killed after its first key, and run again.
pub(super) fn killed_import(service: &Service) -> Folder {
    let site = Site::exported(service, TWO, Backup::Shares);
    site.wrap("", "shares");
    site.online(IMPORT).ok();
    site.cut_after(EventKind::Proved, 1);
    site.online(IMPORT).ok();
    site.read()
}

/// The creation was killed after its first key, and run again: it adopts the created key, and adds the lines that the record
/// lacks.
pub(super) fn killed_creation(service: &Service) -> Folder {
    let site = Site::created(service, TWO, Backup::Shares);
    site.cut_after(EventKind::KeyCreated, 1);
    fs::remove_file(site.path("record/plan.toml")).unwrap();
    site.online(CREATE).ok();
    site.online(EXPORT).ok();
    site.wrap("", "shares");
    site.online(IMPORT).ok();
    site.read()
}

/// Killed after the backup was complete; the material was recovered from it.
pub(super) fn killed_late(service: &Service) -> Folder {
    let site = Site::exported(service, TWO, Backup::Shares);
    site.wrap("", "shares");
    site.killed_after(EventKind::EscrowWritten, 1);
    site.rewrap(REWRAP, "shares", "");
    fs::copy(site.path("escrow.json"), site.path("record/escrow.json")).unwrap();
    site.online(IMPORT).ok();
    site.read()
}

/// Killed after all shares of the only key had been read back; the material was recovered from them.
pub(super) fn killed_read_back(service: &Service) -> Folder {
    let site = Site::exported(service, ONE, Backup::Shares);
    site.wrap("", "shares");
    site.killed_after(EventKind::ShareConfirmed, 3);
    site.rewrap(&REWRAP.replace(" --escrow escrow.json", ""), "shares", "");
    site.online(IMPORT).ok();
    site.read()
}

/// A ceremony with dice and two operators.
pub(super) fn mixed(service: &Service) -> Folder {
    let site = Site::exported(service, ONE, Backup::Shares);
    let (flags, typed) = typed_contributions(&["dice", "two operators"]);
    let line = format!("{WRAP} {} --shares files=shares", flags.join(" "));
    site.offline(&line, "shares", &typed);
    site.online(IMPORT).ok();
    site.read()
}

/// Keys in several regions; the import of two keys and the proof of another failed, and all were sent again.
pub(super) fn failed(service: &Service) -> Folder {
    let site = Site::exported(service, REGIONS, Backup::Shares);
    site.wrap("", "shares");
    let error = json!({"kind": "error", "code": "RequestLimitExceeded"});
    let failing = [
        ("ap-guangzhou", "ImportKeyMaterial"),
        ("ap-hongkong", "Encrypt"),
        ("eu-frankfurt", "ImportKeyMaterial"),
    ];
    for (region, action) in failing {
        service.admin.fault(region, json!({"action": action, "skip": 0, "calls": 1000, "fault": error}));
    }
    assert_eq!(site.online(&format!("{IMPORT} --attempts 1")).code, Some(4));
    failing.iter().for_each(|(region, _)| service.admin.no_faults(region));
    site.online(IMPORT).ok();
    site.read()
}

/// A person entered the time, because the machine's clock is wrong.
pub(super) fn timed(service: &Service) -> Folder {
    let site = Site::exported(service, ONE, Backup::Shares);
    site.wrap(&format!(" --now {}", now()), "shares");
    site.online(IMPORT).ok();
    site.read()
}

/// Shares of an earlier record; the service confirmed that they recover the material that the keys hold.
pub(super) fn backup_proved(service: &Service) -> Folder {
    let site = Site::exported(service, TWO, Backup::Shares);
    site.wrap("", "shares");
    site.online(IMPORT).ok();
    let aside = |name: &str| fs::rename(site.path(&format!("record/{name}")), site.path(name)).unwrap();
    ["transcript.jsonl", "parameters.json", "ciphertext.json", "escrow.json", "session.json"]
        .into_iter()
        .filter(|name| site.path("record").join(name).exists())
        .for_each(aside);
    fs::rename(site.path("session.json"), site.path("first.json")).unwrap();
    site.online(EXPORT).ok();
    let line = REWRAP.replace("record/transcript.jsonl", "transcript.jsonl");
    site.rewrap(&line, "shares", "");
    site.online(&format!("{IMPORT} --prove-backup")).ok();
    site.read()
}

/// No backup; before the import, a crash left half a line in the record.
pub(super) fn without_backup(service: &Service) -> Folder {
    let site = Site::exported(service, ONE, Backup::None);
    let mut command = offline(WRAP.split_whitespace());
    run(command.current_dir(site.dir.path())).ok();
    tear(&site.path("record/transcript.jsonl"));
    site.online(IMPORT).ok();
    site.read()
}

fn tear(transcript: &Path) {
    let mut text = fs::read(transcript).unwrap();
    text.extend_from_slice(b"{\"seq\":");
    fs::write(transcript, text).unwrap();
}

/// Years later a key was disabled and enabled again, and in the end it was deleted; one command was killed after its request.
pub(super) fn lived(service: &Service) -> Folder {
    let site = Site::exported(service, ONE, Backup::Shares);
    site.wrap("", "shares");
    site.online(IMPORT).ok();
    let plan = CeremonyPlan::parse(&fs::read(site.path("record/plan.toml")).unwrap()).unwrap();
    let key = &plan.keys()[0];
    let (alias, id) = (&key.alias, key.key_id().unwrap());
    for command in
        ["disable", "enable", "disable", "delete-material", "schedule-deletion --days 7", "cancel-deletion"]
    {
        let line = format!("{command} --region {} --key-id {id} --transcript record/life.jsonl", key.region);
        let mut command = online(line.split(' '), &service.emulator.endpoint);
        run_with(command.current_dir(site.dir.path()), &format!("{alias}\nYes\n").repeat(2)).ok();
    }
    site.read()
}

/// The shares were tested in drills, all together and one alone.
pub(super) fn drilled(service: &Service) -> Folder {
    let site = Site::exported(service, TWO, Backup::Shares);
    site.wrap("", "shares");
    site.online(IMPORT).ok();
    let shares = shares_in(&site.path("shares"));
    let drill = |more: &str, shares: &[String]| {
        let line = format!("drill --transcript record/transcript.jsonl{more}");
        let mut command = offline(line.split(' '));
        run_with(command.current_dir(site.dir.path()), &format!("Yes\n{}", lines(shares))).ok();
    };
    drill(" --escrow record/escrow.json", &shares[1..]);
    drill(" --share", &shares[..1]);
    site.read()
}
