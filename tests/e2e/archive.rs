//! Nothing is forgotten: every file of a ceremony crosses, is required, and ends in an archive from which the keys can be
//! recovered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::receive::readers::scanner;
use crate::support::kill_at::{KillAt, changes_a_file};
use crate::support::record::ceremony;
use crate::support::shares::{lines, private_folder, run_typing, shares_in};
use crate::support::*;
use keyferry_audit::record::SIGNATURES;
use keyferry_core::*;

const PLAN: &str = "format = \"keyferry/plan/2\"\nceremony = \"apart-1\"\npurpose = \"rehearsal\"\n\
    [[participant]]\nname = \"Ada\"\nrole = \"operator\"\n[[participant]]\nname = \"Bo\"\nrole = \"witness\"\n\
    [[key]]\nalias = \"one\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\n\
    [[key]]\nalias = \"two\"\nprovider = \"tencent\"\nregion = \"ap-guangzhou\"\nvalid_to = \"never\"\n\
    [backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n";

/// Two stations with a folder each; only symbols cross between them.
struct Apart {
    dir: tempfile::TempDir,
    emulator: EmulatorProcess,
}

impl Apart {
    fn new() -> Self {
        let (dir, emulator) =
            (tempfile::tempdir().unwrap(), EmulatorProcess::start(&["--wrapping-keys", "2"]));
        let this = Self { dir, emulator };
        for folder in ["online", "offline", "online/desk", "offline/desk", "online/again", "offline/again"] {
            fs::create_dir(this.path(folder)).unwrap();
        }
        private_folder(&this.path("offline/shares"));
        fs::write(this.path("online/draft.toml"), PLAN).unwrap();
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn online(&self, line: &str) -> Run {
        run(online(line.split(' '), &self.emulator.endpoint).current_dir(self.path("online")))
    }

    fn offline(&self, line: &str) -> Command {
        let mut command = offline(line.split(' '));
        command.current_dir(self.path("offline"));
        command
    }

    fn desk(&self, line: &str) -> Run {
        run(program("keyferry").args(line.split(' ')).current_dir(self.path("online")))
    }

    /// A file becomes pictures at one station and is read from them at the other, by `show` and `receive`.
    fn cross(&self, file: &str, [from, to]: [&str; 2], into: &str) {
        let pictures = self.path("pictures");
        fs::create_dir(&pictures).unwrap();
        let station = |name: &str| {
            let mut command = program(&format!("keyferry-{name}"));
            command.current_dir(self.path(name)).env("XDG_STATE_HOME", state_dir());
            command
        };
        let shown = run(station(from).args(["show", file, "--json", "--png"]).arg(&pictures)).ok().json();
        let read = Command::new(scanner()).arg(&pictures).output().unwrap();
        assert!(read.status.success(), "{file}: {read:?}");
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        let out = format!("{into}/{name}");
        // The file with this name at the other station is its older copy.
        let _ = fs::remove_file(self.path(to).join(&out));
        let mut receive = station(to);
        receive.args(["receive", "--out", &out, "--json"]);
        let received = run_with(&mut receive, &String::from_utf8(read.stdout).unwrap()).ok().json();
        assert_eq!((&received["sha256"], &received["words"]), (&shown["sha256"], &shown["words"]), "{file}");
        assert_eq!(received["kind"], name);
        fs::remove_dir_all(pictures).unwrap();
    }
}

const OUT: [&str; 2] = ["online", "offline"];
const BACK: [&str; 2] = ["offline", "online"];

/// Runs everything up to the import, which needs a file that nobody has brought yet.
fn wrapped() -> Apart {
    let apart = Apart::new();
    apart.online("create-key --plan draft.toml --out desk/plan.toml --transcript desk/transcript.jsonl").ok();
    apart.online("export --plan desk/plan.toml --out desk --session session.json").ok();
    for file in ["plan.toml", "parameters.json", "transcript.jsonl"] {
        apart.cross(&format!("desk/{file}"), OUT, "desk");
    }
    let wrap = "wrap --plan desk/plan.toml --parameters desk/parameters.json --out desk --shares files=shares --json";
    let done = run_typing(&mut apart.offline(wrap), &apart.path("offline/shares"), "Yes\n", lines);
    let files = ["plan.toml", "parameters.json", "ciphertext.json", "escrow.json", "transcript.jsonl"];
    assert_eq!(done.ok().json()["carry"], serde_json::json!(files));
    let list = format!("contains 5 files: {}", files.join(", "));
    assert!(done.err.contains(&list) && done.err.contains("without it, they are useless"), "{}", done.err);
    for file in ["ciphertext.json", "transcript.jsonl"] {
        apart.cross(&format!("desk/{file}"), BACK, "desk");
    }
    apart
}

const IMPORT: &str = "import --session session.json --ciphertext desk/ciphertext.json";

/// A ceremony with a single key has no escrow, so this is the file that people forget.
#[test]
fn a_ceremony_by_symbols_alone_ends_in_an_archive_that_recovers() {
    let apart = wrapped();
    let before = fs::read(apart.path("online/desk/transcript.jsonl")).unwrap();
    apart.online(IMPORT).refused(1, Control::CIPHER_ESCROW);
    fs::write(apart.path("online/desk/escrow.json"), "another").unwrap();
    apart.online(IMPORT).refused(1, Control::CIPHER_ESCROW);
    assert_eq!(fs::read(apart.path("online/desk/transcript.jsonl")).unwrap(), before, "nothing was recorded");
    apart.cross("desk/escrow.json", BACK, "desk");
    let imported = apart.online(&format!("{IMPORT} --json"));
    assert_eq!(imported.ok().json()["keys"].as_array().unwrap().len(), 2);
    assert_eq!(imported.json()["escrow_sha256"], digest(&apart.path("online/desk/escrow.json")));

    apart.desk("archive desk ARCHIVE").ok();
    apart.desk("verify ARCHIVE").ok();
    sha256sum(&apart.path("online/ARCHIVE"));

    // Years later: new parameters, and the files from the archive that the shares need.
    apart.online("export --plan ARCHIVE/plan.toml --out again --session again.json").ok();
    for file in
        ["again/parameters.json", "ARCHIVE/plan.toml", "ARCHIVE/escrow.json", "ARCHIVE/transcript.jsonl"]
    {
        apart.cross(file, OUT, "again");
    }
    fs::create_dir(apart.path("offline/new")).unwrap();
    let rewrap = "rewrap --plan again/plan.toml --parameters again/parameters.json --out new \
                  --transcript again/transcript.jsonl --escrow again/escrow.json";
    let shares = shares_in(&apart.path("offline/shares"));
    let typed = format!("Yes\n{}", lines(&[shares[2].clone(), shares[0].clone()]));
    run_with(&mut apart.offline(rewrap), &typed).ok();
    let commitments = |path: &str| {
        let (ciphertext, _) = artefact::parse::<Ciphertext>(&fs::read(apart.path(path)).unwrap()).unwrap();
        ciphertext.keys.iter().map(|key| (key.alias.clone(), key.commitment.unwrap())).collect::<Vec<_>>()
    };
    let recovered = commitments("offline/new/ciphertext.json");
    assert_eq!((recovered.len(), recovered), (2, commitments("online/ARCHIVE/ciphertext.json")));
}

fn digest(path: &Path) -> String {
    Fingerprint::of(&fs::read(path).unwrap()).to_string()
}

/// Checks an archive as an auditor without keyferry would.
fn sha256sum(archive: &Path) {
    let check =
        Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(archive).output();
    let check = check.unwrap();
    assert!(check.status.success(), "{check:?}");
    assert!(String::from_utf8(check.stdout).unwrap().lines().count() >= 4);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|e| e.unwrap()) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A folder with copies of the record that every test shares.
fn copies(names: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    names.iter().for_each(|name| copy(&ceremony().0.record(), &dir.path().join(name)));
    dir
}

fn archive(dir: &Path, line: &str) -> Command {
    let mut command = program("keyferry");
    command.arg("archive").args(line.split(' ')).current_dir(dir);
    command
}

#[test]
fn an_archive_has_the_record_and_nothing_else() {
    let dir = copies(&["medium", "other"]);
    let at = |name: &str| dir.path().join(name);
    for litter in
        ["medium/session.json", "other/credentials", "medium/.DS_Store", "medium/signatures/Thumbs.db"]
    {
        fs::write(at(litter), "secret").unwrap();
    }
    // An earlier copy of the record, from when the medium crossed, without the later lines.
    let record = fs::read_to_string(at("other/transcript.jsonl")).unwrap();
    let lines: Vec<_> = record.split_inclusive('\n').take(4).collect();
    fs::write(at("other/transcript.jsonl"), lines.concat()).unwrap();
    fs::remove_file(at("other/ciphertext.json")).unwrap();
    for order in ["medium other first", "other medium second"] {
        let done = run(archive(dir.path(), order).arg("--json")).ok().json();
        let made = at(order.rsplit(' ').next().unwrap());
        let files = [
            "plan.toml",
            "parameters.json",
            "ciphertext.json",
            "transcript.jsonl",
            "signatures/operator-1.sig",
            "signatures/witness-1.sig",
            "SHA256SUMS",
        ];
        let listed: Vec<_> =
            done["files"].as_array().unwrap().iter().map(|f| f["file"].as_str().unwrap()).collect();
        assert_eq!(listed, files);
        assert_eq!(
            (fs::read_dir(&made).unwrap().count(), fs::read_dir(made.join(SIGNATURES)).unwrap().count()),
            (6, 2)
        );
        assert_eq!(done["left_out"].as_array().unwrap().len(), 4, "{done}");
        assert_eq!(done["signatures"]["missing"], serde_json::json!([]));
        assert_eq!(fs::read_to_string(made.join("transcript.jsonl")).unwrap(), record);
        sha256sum(&made);
        let verified = run(program("keyferry").args(["verify", "--json"]).arg(&made)).ok().json();
        let deviations = verified["deviations"].as_array().unwrap();
        assert!(deviations.iter().all(|d| d["kind"] != "other-file"), "{verified}");
    }
    assert!(at("medium/session.json").exists(), "the folders are as they were");
}

#[test]
fn what_differs_or_is_refused_is_not_archived() {
    let dir = copies(&["medium", "other"]);
    let at = |name: &str| dir.path().join(name);
    let names = || fs::read_dir(dir.path()).unwrap().count();
    // It never overwrites anything, not even an empty folder.
    run(&mut archive(dir.path(), "medium other")).refused(1, Control::FILE_EXISTS);
    fs::create_dir(at("empty")).unwrap();
    run(&mut archive(dir.path(), "medium empty")).refused(1, Control::FILE_EXISTS);
    assert_eq!(fs::read_dir(at("empty")).unwrap().count(), 0);
    for file in
        ["plan.toml", "parameters.json", "ciphertext.json", "transcript.jsonl", "signatures/witness-1.sig"]
    {
        let good = fs::read(at("other").join(file)).unwrap();
        let mut bad = good.clone();
        bad[40] ^= 1;
        fs::write(at("other").join(file), bad).unwrap();
        let refused = run(&mut archive(dir.path(), "medium other new"));
        refused.refused(1, Control::ARCHIVE_ONE);
        assert!(refused.err.contains(file), "{}", refused.err);
        assert_eq!(run(&mut archive(dir.path(), "other new")).code, Some(1), "{file}");
        fs::write(at("other").join(file), good).unwrap();
        assert_eq!(names(), 3, "{file}: nothing was written");
    }
    fs::remove_file(at("medium/ciphertext.json")).unwrap();
    run(&mut archive(dir.path(), "medium new")).refused(1, Control::VERIFY_FILES);
    // Signatures may still be added; people are told whose are missing.
    fs::remove_file(at("other/signatures/witness-1.sig")).unwrap();
    let done = run(archive(dir.path(), "other new").arg("--lang").arg("en"));
    assert!(done.ok().err.contains("1 of 2 have signed; missing: 王小明 <b> (witness-1)"), "{}", done.err);
    copy(&at("medium/signatures"), &at("new/signatures"));
    run(program("keyferry").arg("verify").arg(at("new"))).ok();
}

#[test]
fn a_killed_archive_is_made_by_the_same_command() {
    let dir = copies(&["medium"]);
    let made = dir.path().join("new");
    let mut left = [0, 0];
    for n in 1.. {
        let run_n = KillAt::start(&archive(dir.path(), "medium new"), changes_a_file, n);
        if !run_n.end().killed() {
            break;
        }
        left[usize::from(made.exists())] += 1;
        if !made.exists() {
            run(&mut archive(dir.path(), "medium new")).ok();
        }
        sha256sum(&made);
        // A file that a killed run left under a hidden name stays there and does no harm.
        for entry in fs::read_dir(dir.path()).unwrap().map(Result::unwrap) {
            match entry.file_name().to_str().unwrap() {
                "medium" => {}
                "new" | ".new.part" => fs::remove_dir_all(entry.path()).unwrap(),
                other => panic!("call {n}: {other}"),
            }
        }
    }
    assert!(left[0] > 5, "{left:?}");
}

#[test]
fn a_copy_of_an_archive_is_held_to_its_sums() {
    let dir = copies(&["medium"]);
    let made = dir.path().join("new");
    run(&mut archive(dir.path(), "medium new")).ok();
    let verify = || run(program("keyferry").arg("verify").arg(&made));
    let sums = fs::read_to_string(made.join("SHA256SUMS")).unwrap();
    fs::write(made.join("SHA256SUMS"), sums.replacen(|c: char| c.is_ascii_digit(), "a", 1)).unwrap();
    verify().refused(1, Control::VERIFY_SUMS);
    fs::write(made.join("SHA256SUMS"), "as it was").unwrap();
    verify().refused(1, Control::VERIFY_SUMS);
    fs::write(made.join("SHA256SUMS"), &sums).unwrap();
    verify().ok();
    // A signature lost in copying: without the list of sums, it looks like a person who has not signed.
    fs::remove_file(made.join("signatures/witness-1.sig")).unwrap();
    verify().refused(1, Control::VERIFY_SUMS);
}

/// A note after a signature would make it invalid.
#[test]
fn a_signed_record_takes_no_note() {
    let dir = copies(&["medium"]);
    let at = |name: &str| dir.path().join(name);
    let before = fs::read(at("medium/transcript.jsonl")).unwrap();
    for station in ["keyferry-offline", "keyferry-online"] {
        let note = || {
            let mut command = program(station);
            command.args([
                "note",
                "--transcript",
                "medium/transcript.jsonl",
                "--by",
                "Ada Byron",
                "--text",
                "late",
            ]);
            command.current_dir(dir.path()).env("XDG_STATE_HOME", state_dir());
            run(&mut command)
        };
        note().refused(1, Control::NOTE);
        assert_eq!(fs::read(at("medium/transcript.jsonl")).unwrap(), before);
        // A file that a desktop program left there is not a signature.
        fs::rename(at("medium/signatures"), at("kept")).unwrap();
        fs::create_dir(at("medium/signatures")).unwrap();
        fs::write(at("medium/signatures/._operator-1.sig"), "Mac OS X").unwrap();
        note().ok();
        fs::remove_dir_all(at("medium/signatures")).unwrap();
        fs::rename(at("kept"), at("medium/signatures")).unwrap();
        fs::write(at("medium/transcript.jsonl"), &before).unwrap();
    }
}
