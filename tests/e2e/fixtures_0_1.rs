//! Files from version 0.1: today's programs accept its records, recover from its shares, receive its frames and reproduce its
//! outputs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::shares::{lines, private_folder, run_typing, shares_in};
use crate::support::*;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::Value;

/// Every ceremony in the folder, and the one whose record it continues.
const SHAPES: [(&str, Option<&str>); 9] = [
    ("one-key", None),
    ("several-keys", None),
    ("shares", None),
    ("shares-several-keys", None),
    ("recovery", Some("shares")),
    ("new-shares", Some("shares-several-keys")),
    ("signed", None),
    ("unsigned", None),
    ("qr-lines", None),
];
/// The ceremonies with their own set of shares.
const SHARED: [&str; 3] = ["shares", "shares-several-keys", "new-shares"];
/// The inputs whose outputs are reproduced, and whether the outputs include a backup.
const FIXED: [(&str, bool); 5] =
    [("oaep-sha256", false), ("oaep-sha1", false), ("pkcs1", false), ("shares", true), ("escrow", true)];
/// Every kind of line that version 0.1 wrote.
const KINDS: usize = 31;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/0.1")
}

fn read(path: impl AsRef<Path>) -> Vec<u8> {
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.as_ref().display()))
}

fn text(path: impl AsRef<Path>) -> String {
    String::from_utf8(read(path)).unwrap()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|e| e.unwrap().path()) {
        let to = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_folder(&entry, &to);
        } else {
            fs::write(to, read(entry)).unwrap();
        }
    }
}

/// A copy of one ceremony: commands add to records.
fn copy_of(shape: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy_folder(&fixtures().join(shape), dir.path());
    dir
}

fn verify(record: &Path, previous: Option<&str>) -> Run {
    let mut command = program("keyferry");
    command.args(["verify", "--json"]).arg(record);
    if let Some(shape) = previous {
        command.arg("--previous").arg(fixtures().join(shape).join("record"));
    }
    run(&mut command)
}

/// The contents of `verify.json`, without the texts that people read.
fn without_sentences(mut verdict: Value) -> Value {
    for deviation in verdict["deviations"].as_array_mut().unwrap() {
        deviation.as_object_mut().unwrap().retain(|name, _| name == "line" || name == "kind");
    }
    for event in verdict["events"].as_array_mut().unwrap() {
        event.as_object_mut().unwrap().remove("subject");
    }
    verdict
}

/// Whether all of `old` is in `new`, which may have members that version 0.1 did not know.
#[track_caller]
fn assert_holds(new: &Value, old: &Value, place: &str) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            for (name, old) in old {
                assert_holds(new.get(name).unwrap_or(&Value::Null), old, &format!("{place}.{name}"));
            }
        }
        (Value::Array(new), Value::Array(old)) => {
            assert_eq!(new.len(), old.len(), "{place}: {new:?}");
            for (n, (new, old)) in new.iter().zip(old).enumerate() {
                assert_holds(new, old, &format!("{place}[{n}]"));
            }
        }
        _ => assert_eq!(new, old, "{place}"),
    }
}

/// The table in this file and the folder have the same ceremonies.
#[test]
fn no_ceremony_of_0_1_is_left_out() {
    let folders = fs::read_dir(fixtures()).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir());
    let folders: BTreeSet<_> = folders.map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let named = SHAPES.iter().map(|(shape, _)| *shape).chain(["fixed-input"]);
    assert_eq!(folders, named.map(str::to_owned).collect());
    let fixed = fs::read_dir(fixtures().join("fixed-input")).unwrap().map(|e| e.unwrap().path());
    assert_eq!(fixed.filter(|p| p.is_dir()).count(), FIXED.len());
    let mut kinds = BTreeSet::new();
    for file in SHAPES.iter().flat_map(|(shape, _)| {
        ["transcript.jsonl", "drills.jsonl"].map(|f| fixtures().join(shape).join("record").join(f))
    }) {
        for line in fs::read_to_string(file).unwrap_or_default().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            kinds.insert(line["event"]["kind"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(kinds.len(), KINDS, "{kinds:?}");
}

#[test]
fn every_record_of_0_1_is_accepted_as_it_was() {
    let mut counted = 0;
    for (shape, previous) in SHAPES {
        let folder = fixtures().join(shape);
        let found = verify(&folder.join("record"), previous).ok().json();
        let expected: Value = serde_json::from_slice(&read(folder.join("verify.json"))).unwrap();
        assert_eq!(expected["accepted"], true, "{shape}");
        assert_holds(&without_sentences(found), &without_sentences(expected), shape);
        counted += 1;
    }
    assert_eq!(counted, 9);
}

/// The control: only the original bytes are accepted.
#[test]
fn a_changed_byte_of_any_file_is_refused() {
    let mut counted = 0;
    for (shape, previous) in SHAPES {
        let copy = copy_of(shape);
        for file in files_in(&copy.path().join("record")) {
            let mut bytes = read(&file);
            let at = bytes.len() / 2;
            bytes[at] ^= 1;
            fs::write(&file, &bytes).unwrap();
            let found = verify(&copy.path().join("record"), previous);
            assert_eq!(found.code, Some(1), "{}: {found:?}", file.display());
            bytes[at] ^= 1;
            fs::write(&file, bytes).unwrap();
            counted += 1;
        }
        verify(&copy.path().join("record"), previous).ok();
    }
    // Each has four files, plus the escrow, drills and signatures if there are any.
    assert_eq!(counted, 9 * 4 + 2 + 3 + 3);
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

#[test]
fn a_report_has_every_fact_that_0_1_reported() {
    let mut counted = 0;
    for (shape, _) in SHAPES {
        let dir = tempfile::tempdir().unwrap();
        let (html, md) = (dir.path().join("r.html"), dir.path().join("r.md"));
        let mut report = program("keyferry");
        report.arg("report").arg(fixtures().join(shape).join("record"));
        run(report.arg("--out").arg(&html).arg("--md").arg(&md)).ok();
        let (html, md) = (text(html), text(md));
        let facts = text(fixtures().join(shape).join("report-facts.txt"));
        assert!(facts.lines().count() >= 10, "{shape}");
        for fact in facts.lines() {
            assert!(html.contains(fact) && md.contains(fact), "{shape}: {fact} is not in the report");
        }
        counted += 1;
    }
    assert_eq!(counted, 9);
}

/// The option `--escrow`, if the shares open an escrow.
fn escrow(record: &Path) -> Vec<String> {
    let file = record.join("escrow.json");
    if file.exists() { vec!["--escrow".into(), file.to_str().unwrap().into()] } else { Vec::new() }
}

fn ciphertext(path: &Path) -> Ciphertext {
    artefact::parse(&read(path)).unwrap().0
}

fn commitments(ciphertext: &Ciphertext) -> Vec<(KeyId, Option<Commitment>)> {
    ciphertext.keys.iter().map(|k| (k.key_id.clone(), k.commitment)).collect()
}

#[test]
fn shares_of_0_1_pass_a_drill() {
    let mut drills = 0;
    for shape in SHARED {
        let copy = copy_of(shape);
        let (record, shares) = (copy.path().join("record"), shares_in(&copy.path().join("shares")));
        let flag = |share: &String| keyferry_slip39::Share::parse(share).unwrap().name().extendable;
        assert!(shares.iter().all(flag), "{shape}: sets of 0.1 are extendable");
        let keys = ciphertext(&record.join("ciphertext.json")).keys.len();
        let drill = |more: &[String], typed: &[&String]| {
            let mut command = offline(["drill", "--json", "--transcript"]);
            command.arg(record.join("transcript.jsonl")).args(more);
            let typed: Vec<_> = typed.iter().map(|s| (*s).clone()).collect();
            run_with(&mut command, &format!("Yes\n{}", lines(&typed))).ok().json()
        };
        for (a, b) in [(0, 1), (0, 2), (2, 1)] {
            assert_eq!(drill(&escrow(&record), &[&shares[a], &shares[b]])["succeeded"], keys);
            drills += 1;
        }
        for share in &shares {
            drill(&["--share".into()], &[share]);
            drills += 1;
        }
        // Today's drills continue those of 0.1, and the record is valid with them.
        let previous = SHAPES.iter().find(|(name, _)| *name == shape).unwrap().1;
        let drilled = verify(&record, previous).ok().json()["drills"].as_array().unwrap().len();
        let before: Value = serde_json::from_slice(&read(copy.path().join("verify.json"))).unwrap();
        assert_eq!(drilled, before["drills"].as_array().unwrap().len() + 6, "{shape}");
    }
    assert_eq!(drills, 18);
}

/// Recovers to today's parameters, whose private key is known: the result is the material that the record committed to.
#[test]
fn shares_of_0_1_give_the_material_for_new_parameters() {
    let mut opened = 0;
    for shape in SHARED {
        let room = Room::with_plan(&text(fixtures().join(shape).join("record/plan.toml")));
        copy_folder(&fixtures().join(shape), &room.path("old"));
        fs::create_dir(room.path("again")).unwrap();
        let mut rewrap =
            offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out"]);
        rewrap.args(["again", "--transcript", "old/record/transcript.jsonl"]);
        rewrap.args(escrow(&room.path("old/record"))).current_dir(room.dir.path());
        let shares = shares_in(&room.path("old/shares"));
        run_with(&mut rewrap, &format!("Yes\n{}", lines(&shares[1..]))).ok();
        let again = ciphertext(&room.path("again/ciphertext.json"));
        let before = ciphertext(&room.path("old/record/ciphertext.json"));
        assert_eq!(commitments(&again), commitments(&before), "{shape}");
        for entry in &again.keys {
            assert_eq!(Some(Commitment::of(&open(entry))), entry.commitment, "{shape}");
            opened += 1;
        }
    }
    assert_eq!(opened, 5);
}

/// The material of an entry, opened by OpenSSL with the private key of the tests' wrapping key.
fn open(entry: &CiphertextEntry) -> KeyMaterial {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c"), entry.wrapped_material.as_bytes()).unwrap();
    fs::write(dir.path().join("private.pem"), PRIVATE_PEM).unwrap();
    let padding: &[&str] = match entry.algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => {
            &["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"]
        }
        WrappingAlgorithm::RsaesOaepSha1 => {
            &["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1"]
        }
        WrappingAlgorithm::RsaesPkcs1V15 => &["-pkeyopt", "rsa_padding_mode:pkcs1"],
    };
    let decrypt = ["pkeyutl", "-decrypt", "-in", "c", "-out", "m", "-inkey", "private.pem"];
    openssl(&[&decrypt[..], padding].concat(), dir.path());
    KeyMaterial::from_bytes(&read(dir.path().join("m"))).unwrap()
}

/// Repeats the two recoveries of 0.1 from the same shares for the same parameters: the time is given as an option, because
/// these have expired.
#[test]
fn a_recovery_of_0_1_can_be_held_again() {
    let mut counted = 0;
    for (shape, previous) in SHAPES {
        let Some(previous) = previous else { continue };
        let dir = tempfile::tempdir().unwrap();
        copy_folder(&fixtures().join(previous), &dir.path().join("before"));
        copy_folder(&fixtures().join(shape), &dir.path().join("after"));
        for folder in ["out", "shares"] {
            private_folder(&dir.path().join(folder));
        }
        let made = ciphertext(&dir.path().join("after/record/ciphertext.json"));
        let mut rewrap = offline(["rewrap", "--plan", "after/record/plan.toml", "--parameters"]);
        rewrap.args(["after/record/parameters.json", "--now", &made.wrapped_at.to_string(), "--out", "out"]);
        rewrap.args(["--transcript", "before/record/transcript.jsonl"]);
        rewrap.args(escrow(&dir.path().join("before/record")));
        if shape == "new-shares" {
            rewrap.args(["--new-shares", "--shares", "files=shares"]);
        }
        let old = shares_in(&dir.path().join("before/shares"));
        let typed = format!("Yes\n{}", lines(&old[..2]));
        run_typing(rewrap.current_dir(dir.path()), &dir.path().join("shares"), &typed, lines).ok();
        let again = ciphertext(&dir.path().join("out/ciphertext.json"));
        assert_eq!(commitments(&again), commitments(&made), "{shape}");
        assert_eq!(again.parameters_sha256, made.parameters_sha256);
        counted += 1;
    }
    assert_eq!(counted, 2);
}

#[test]
fn lines_of_0_1_are_received() {
    let record = fixtures().join("qr-lines/record");
    let mut received = 0;
    for (name, file) in [
        ("plan", "plan.toml"),
        ("parameters", "parameters.json"),
        ("transcript-out", "transcript.jsonl"),
        ("ciphertext", "ciphertext.json"),
        ("transcript-back", "transcript.jsonl"),
    ] {
        let lines = fixtures().join(format!("qr-lines/lines/{name}.txt"));
        for station in ["keyferry-offline", "keyferry-online"] {
            let dir = tempfile::tempdir().unwrap();
            let mut receive = program(station);
            receive.env("XDG_STATE_HOME", dir.path()).current_dir(dir.path());
            receive.args(["receive", "--json", "--out", file, "--from"]).arg(&lines);
            let json = run(&mut receive).ok().json();
            let (bytes, whole) = (read(dir.path().join(file)), read(record.join(file)));
            assert_eq!(json["sha256"], Fingerprint::of(&bytes).to_string());
            // The transcript grew after it crossed.
            assert!(bytes == whole || name.starts_with("transcript") && whole.starts_with(&bytes), "{name}");
            received += 1;
        }
    }
    assert_eq!((received, fs::read_dir(fixtures().join("qr-lines/lines")).unwrap().count()), (10, 5));
}

/// An online station that was replaced between export and import still has what it needs.
#[test]
fn a_session_of_0_1_is_read_and_fits_its_ciphertext() {
    let mut keys = 0;
    for (shape, _) in SHAPES {
        let folder = fixtures().join(shape);
        let (session, _) = artefact::parse::<Session>(&read(folder.join("session.json"))).unwrap();
        let made = ciphertext(&folder.join("record/ciphertext.json"));
        let imports = made.check(&session).unwrap();
        assert_eq!(imports.len(), made.keys.len(), "{shape}");
        keys += imports.len();
    }
    assert_eq!(keys, 14);
}

/// The locale of a run on the fixed input, and whether the run has only one processor.
const CIRCUMSTANCES: [(&str, bool); 4] =
    [("C.UTF-8", false), ("zh_CN.UTF-8", false), ("C.UTF-8", true), ("zh_CN.UTF-8", true)];

/// The same command on the first processor that this process may use.
fn on_one_processor(command: &Command) -> Command {
    let status = text("/proc/self/status");
    let allowed = status.lines().find_map(|l| l.strip_prefix("Cpus_allowed_list:")).unwrap().trim();
    let first = allowed.split([',', '-']).next().unwrap();
    let mut pinned = Command::new("taskset");
    pinned.args(["--cpu-list", first]).arg(command.get_program()).args(command.get_args());
    pinned.env_clear().envs(command.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
    command.get_current_dir().map(|dir| pinned.current_dir(dir));
    pinned
}

/// Runs `wrap` on one fixed input in a folder; returns its outputs, each with its name in the table.
fn repeat(case: &str, shared: bool, (locale, pinned): (&str, bool), folder: &Path) -> Vec<(String, Vec<u8>)> {
    let fixed = fixtures().join("fixed-input");
    let (now, seed) = (text(fixed.join("now")), text(fixed.join("seed")));
    copy_folder(&fixed.join(case), folder);
    fs::remove_file(folder.join("transcript.jsonl")).unwrap();
    // The shares are not in the output folder, because they are refused there.
    let apart = tempfile::tempdir().unwrap();
    let shares = apart.path().join("shares");
    private_folder(&shares);
    let mut wrap = offline(["wrap", "--plan", "plan.toml", "--parameters", "parameters.json", "--out", "."]);
    wrap.args(["--now", now.trim(), "--rehearsal-seed", seed.trim()]).current_dir(folder);
    wrap.env("LC_ALL", locale).env("TZ", if pinned { "Asia/Shanghai" } else { "UTC" });
    if shared {
        wrap.args(["--shares", &format!("files={}", shares.display())]);
    }
    let mut wrap = if pinned { on_one_processor(&wrap) } else { wrap };
    if shared {
        run_typing(&mut wrap, &shares, "Yes\n", lines).ok();
    } else {
        run(&mut wrap).ok();
    }
    let files = ["ciphertext.json", "escrow.json"].into_iter().filter(|f| folder.join(f).exists());
    let mut made: Vec<_> = files.map(|f| (format!("{case}/{f}"), read(folder.join(f)))).collect();
    if shared {
        for (n, words) in shares_in(&shares).into_iter().enumerate() {
            made.push((format!("{case}/share-{}", n + 1), format!("{words}\n").into_bytes()));
        }
    }
    made
}

/// The lines of a transcript, without what they say about the machine, its clock and the program; digests.txt contains the
/// digest of these lines.
fn without_machine(transcript: &Path) -> Vec<Value> {
    let mut all: Vec<Value> = text(transcript).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for line in &mut all {
        let line = line.as_object_mut().unwrap();
        line.retain(|name, _| name != "time" && name != "prev");
        let event = line["event"].as_object_mut().unwrap();
        let confined = event["kind"] == "confined";
        let machine = ["clock", "program", "program_sha256", "findings"];
        event.retain(|name, _| name == "kind" || !confined && !machine.contains(&name.as_str()));
    }
    all
}

/// The outputs of the same input since version 2 of the formats.
fn now() -> PathBuf {
    fixtures().join("../0.2/fixed-input")
}

/// The outputs and the transcript of one case, as today's programs make them. With `KEYFERRY_BLESS=1` they are written, on
/// purpose.
fn bless(made: &BTreeMap<String, String>, folder: &Path) {
    if std::env::var_os("KEYFERRY_BLESS").is_none() {
        return;
    }
    let rows: String = made.iter().map(|(name, digest)| format!("{name} {digest}\n")).collect();
    fs::write(now().join("digests.txt"), rows).unwrap();
    for (case, _) in FIXED {
        fs::create_dir_all(now().join(case)).unwrap();
        fs::copy(folder.join(case).join("transcript.jsonl"), now().join(case).join("transcript.jsonl"))
            .unwrap();
    }
}

/// Name and digest of each row.
fn rows(file: &Path) -> BTreeMap<String, String> {
    let text = text(file);
    let rows = text.lines().filter(|l| !l.starts_with('#')).map(|l| {
        let mut words = l.split_whitespace().map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap())
    });
    rows.collect()
}

/// Each circumstance has its own folders, all but the first with names that are not ASCII.
fn folder_of(circumstance: usize, case: &str) -> String {
    if circumstance == 0 { case.to_owned() } else { format!("文件夹 {circumstance}/{case}") }
}

#[test]
fn the_fixed_input_gives_the_recorded_bytes_wherever_it_runs() {
    let before = rows(&fixtures().join("fixed-input/digests.txt"));
    for (n, circumstances) in CIRCUMSTANCES.into_iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let mut made = BTreeMap::new();
        for (case, shared) in FIXED {
            let folder = dir.path().join(folder_of(n, case));
            for (name, bytes) in repeat(case, shared, circumstances, &folder) {
                made.insert(name, Fingerprint::of(&bytes).to_string());
            }
        }
        if n == 0 {
            bless(&made, dir.path());
        }
        for (case, _) in FIXED {
            let folder = dir.path().join(folder_of(n, case));
            let lines = without_machine(&folder.join("transcript.jsonl"));
            let recorded = without_machine(&now().join(case).join("transcript.jsonl"));
            assert_eq!(lines, recorded, "{case}, {circumstances:?}");
        }
        let table = rows(&now().join("digests.txt"));
        assert_eq!((table.len(), &made), (12, &table), "{circumstances:?}");
        assert!(table.iter().all(|(name, digest)| before[name] != *digest), "the formats changed together");
    }
}

/// The reproduced bytes contain the material that the seed determines, for every padding.
#[test]
fn the_fixed_ciphertext_opens_to_the_material_of_the_seed() {
    let seed = text(fixtures().join("fixed-input/seed"));
    let seed: Fingerprint = seed.trim().parse().unwrap();
    let mut stream = [0; 32];
    ChaCha20Rng::from_seed(*seed.as_bytes()).fill_bytes(&mut stream);
    let mut opened = 0;
    for (case, shared) in FIXED {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(case);
        repeat(case, shared, CIRCUMSTANCES[0], &folder);
        let made = ciphertext(&folder.join("ciphertext.json"));
        for (n, entry) in made.keys.iter().enumerate() {
            let material = open(entry);
            assert_eq!(Some(Commitment::of(&material)), entry.commitment, "{case}");
            // The first draw yields the first key's material; with an escrow, it yields the escrow's key.
            if n == 0 && case != "escrow" {
                assert_eq!(material.expose(), stream, "{case}");
            }
            opened += 1;
        }
    }
    assert_eq!(opened, 9);
}
