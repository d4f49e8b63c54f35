//! A ceremony that honest people held with the shipped programs, stopped at each point where an attacker can change a file.
//!
//! | in the folder | what is there |
//! |---|---|
//! | `plan.toml`, `session.json`, `state/` | what the online station keeps, before the import |
//! | `out/` | the medium on its way to the offline station |
//! | `back/` | the medium on its way back |
//! | `record/`, `keys/` | the signed record of the whole ceremony, and the keys of those who signed |
//! | `shares/` | the shares, if there are any |
//! | `new/` | an empty folder for shares |
//! | `theirs/`, `their-shares/` | what the attacker wrapped for the same plan and parameters, on a computer of their own |

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::forge::rewritten::Rewritten;
use crate::programs::{self, CREDENTIALS, online, program, run, run_with_shares};
use crate::trap::Trap;

/// Every file below a folder, with its mode and its bytes.
pub(crate) type Contents = BTreeMap<PathBuf, (u32, Vec<u8>)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Rehearsal,
    Production,
}

/// The plan's kind of backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backup {
    None,
    /// One key: the shares encode its material.
    Shares,
    /// Two keys: the shares open `escrow.json`.
    Escrow,
}

impl Backup {
    pub(crate) const ALL: [Self; 3] = [Self::None, Self::Shares, Self::Escrow];
}

/// Such a ceremony.
#[derive(Debug)]
pub(crate) struct Room {
    dir: tempfile::TempDir,
    pub(crate) purpose: Purpose,
    pub(crate) backup: Backup,
}

impl Room {
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A copy of the folder, to be changed.
    pub(crate) fn copy(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(self.path(), dir.path());
        Self { dir, purpose: self.purpose, backup: self.backup }
    }

    /// A rehearsal, held at the emulator behind the trap. Every command in it is a positive control for the cases.
    pub(crate) fn hold(backup: Backup, emulator: &Emulator, trap: &Trap) -> Self {
        let room = Self { dir: tempfile::tempdir().unwrap(), purpose: Purpose::Rehearsal, backup };
        let path = room.path();
        for folder in ["out", "back", "record", "keys", "shares", "theirs", "their-shares", "new"] {
            fs::DirBuilder::new().mode(0o700).create(path.join(folder)).unwrap();
        }
        let keys = ["operator", "witness"].map(|name| ssh_key(path, name));
        fs::write(path.join("draft.toml"), plan(backup, &keys)).unwrap();
        trap.lead_to(Some(emulator.address));
        trap.count();
        room.export(trap);
        room.wrap("back", "shares");
        room.wrap("theirs", "their-shares");
        room.import(trap);
        room.ask(trap, &["check-access --plan plan.toml", "status --plan plan.toml"]);
        trap.lead_to(None);
        room
    }

    fn export(&self, trap: &Trap) {
        let lines = [
            "create-key --plan draft.toml --out plan.toml --transcript out/transcript.jsonl",
            "export --plan plan.toml --out out --session session.json",
        ];
        self.ask(trap, &lines);
    }

    /// Runs lines at the online station; each must send something.
    fn ask(&self, trap: &Trap, lines: &[&str]) {
        for line in lines {
            let line: Vec<&str> = line.split(' ').collect();
            run(&mut online(self.path(), &line, &trap.endpoint()), "Yes\n").ok();
            assert!(trap.count() > 0, "{line:?} was not seen at the trap");
        }
    }

    /// Wraps the contents of `out` into a folder: the real station's, or the attacker's.
    fn wrap(&self, folder: &str, shares: &str) {
        let path = self.path();
        copy(&path.join("out"), &path.join(folder));
        let giving = format!("files={shares}");
        let mut line =
            vec!["wrap", "--plan", "plan.toml", "--parameters", "out/parameters.json", "--out", folder];
        let run = if self.backup == Backup::None {
            run(&mut program("keyferry-offline", path, &line), "Yes\n")
        } else {
            line.extend(["--shares", &giving]);
            run_with_shares(&mut program("keyferry-offline", path, &line), "Yes\n", &path.join(shares))
        };
        run.ok();
    }

    fn import(&self, trap: &Trap) {
        let path = self.path();
        copy(&path.join("back"), &path.join("record"));
        fs::copy(path.join("plan.toml"), path.join("record/plan.toml")).unwrap();
        let line = ["import", "--session", "session.json", "--ciphertext", "record/ciphertext.json"];
        let mut import = online(path, &line, &trap.endpoint());
        // The journal in `state` stays as it was when the medium went to the offline station.
        copy(&path.join("state"), &path.join("later/state"));
        run(import.env("XDG_STATE_HOME", path.join("later/state")), "Yes\n").ok();
        assert!(trap.count() > 0, "the import was not seen at the trap");
        fs::create_dir(path.join("record/signatures")).unwrap();
        for name in ["operator", "witness"] {
            sign(&path.join("keys").join(name), &path.join("record"), name);
        }
    }

    /// The same ceremony, changed as if it had been held for production.
    pub(crate) fn as_production(&self, trap: &Trap) -> Self {
        let room = Self { purpose: Purpose::Production, ..self.copy() };
        let mut rewritten = Rewritten::to_production(&trap.endpoint());
        let files = ["plan.toml", "out/parameters.json", "session.json"].map(str::to_owned);
        let of_media = ["ciphertext.json", "escrow.json", "transcript.jsonl"];
        let of_media =
            ["out", "back", "record", "theirs"].iter().flat_map(|f| of_media.map(|n| format!("{f}/{n}")));
        for file in files.into_iter().chain(of_media) {
            room.rewrite(&file, &mut rewritten);
        }
        for medium in ["back", "record", "theirs"] {
            fs::copy(
                room.path().join("out/parameters.json"),
                room.path().join(medium).join("parameters.json"),
            )
            .unwrap();
        }
        fs::copy(room.path().join("plan.toml"), room.path().join("record/plan.toml")).unwrap();
        for journal in files_below(&room.path().join("state")) {
            room.rewrite(journal.to_str().unwrap(), &mut rewritten);
        }
        for name in ["operator", "witness"] {
            sign(&room.path().join("keys").join(name), &room.path().join("record"), name);
        }
        room
    }

    pub(crate) fn rewrite(&self, file: &str, rewritten: &mut Rewritten) {
        let path = self.path().join(file);
        let Ok(old) = fs::read_to_string(&path) else { return };
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::write(&path, rewritten.text(name, &old)).unwrap();
    }

    /// Every file with its mode and content.
    pub(crate) fn contents(&self) -> Contents {
        let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode();
        files_below(self.path()).into_iter().map(|p| (p.clone(), (mode(&p), fs::read(&p).unwrap()))).collect()
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Copies a folder with the modes of its files and folders.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, copied).unwrap();
        }
    }
}

fn ssh_key(room: &Path, name: &str) -> String {
    let file = room.join("keys").join(name);
    let mut make = Command::new("ssh-keygen");
    make.args(["-q", "-N", "", "-C", name, "-t", "ed25519", "-f"]).arg(&file);
    assert!(make.status().unwrap().success());
    fs::read_to_string(file.with_extension("pub")).unwrap().trim().to_owned()
}

/// Signs a record as a person does in the runbook.
pub(crate) fn sign(key: &Path, record: &Path, role: &str) {
    let mut sign = Command::new("ssh-keygen");
    sign.args(["-q", "-Y", "sign", "-n", "keyferry-record", "-f"]).arg(key);
    sign.stdin(fs::File::open(record.join("transcript.jsonl")).unwrap());
    let signed = sign.output().unwrap();
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    fs::write(record.join(format!("signatures/{role}-1.sig")), signed.stdout).unwrap();
}

fn plan(backup: Backup, ssh_keys: &[String; 2]) -> String {
    let mut plan =
        "format = \"keyferry/plan/2\"\nceremony = \"adversary-1\"\npurpose = \"rehearsal\"\n".to_owned();
    for (name, role, key) in [("Ada", "operator", &ssh_keys[0]), ("Bo", "witness", &ssh_keys[1])] {
        plan += &format!("[[participant]]\nname = \"{name}\"\nrole = \"{role}\"\nssh_key = \"{key}\"\n");
    }
    let aliases: &[&str] = if backup == Backup::Escrow { &["one", "two"] } else { &["one"] };
    for alias in aliases {
        // Aliases are unique in a region.
        let region = match backup {
            Backup::None => "ap-singapore",
            Backup::Shares => "ap-hongkong",
            Backup::Escrow => "eu-frankfurt",
        };
        let place = format!("provider = \"tencent\"\nregion = \"{region}\"\nvalid_to = \"never\"\n");
        plan += &format!("[[key]]\nalias = \"{alias}\"\n{place}");
    }
    plan + match backup {
        Backup::None => "[backup]\nscheme = \"none\"\nreason = \"a test\"\n",
        Backup::Shares | Backup::Escrow => "[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n",
    }
}

/// `keyferry emulate`; killed on drop.
#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    address: std::net::SocketAddr,
}

impl Emulator {
    pub(crate) fn start(folder: &Path) -> Self {
        let line = "emulate --listen 127.0.0.1:0 --wrapping-keys 2 --secret-id";
        let mut line: Vec<&str> = line.split(' ').collect();
        line.extend([CREDENTIALS[0], "--secret-key", CREDENTIALS[1]]);
        let mut command = programs::program("keyferry", folder, &line);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        let address = ready.trim().rsplit_once("http://").unwrap().1.parse().unwrap();
        Self { child, address }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
