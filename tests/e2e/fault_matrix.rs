//! Every fault × every call of `export` and `import`: the message names it, nothing is lost, nothing is imported twice differently,
//! and the key ends with exactly the material that was wrapped. What the service holds is asked from the emulator itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::admin::Admin;
use crate::support::kms::Kms;
use crate::support::*;
use getrandom::SysRng;
use keyferry_core::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const REGION: &str = "ap-singapore";
const PACE: [&str; 6] = ["--attempts", "3", "--timeout", "1", "--rate", "1000"];

/// Each fault, and the control that names it when it stays.
fn faults() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("throttling", json!({"kind": "error", "code": "RequestLimitExceeded"}), "KF-KMS-01"),
        ("InternalError", json!({"kind": "error", "code": "InternalError"}), "KF-KMS-01"),
        ("delay", json!({"kind": "delay", "milliseconds": 1300}), "KF-NET-02"),
        ("lost-reply", json!({"kind": "lost-reply"}), "KF-NET-02"),
        ("cut", json!({"kind": "cut"}), "KF-NET-02"),
        ("cut-midway", json!({"kind": "cut-midway"}), "KF-NET-0"),
        ("garbled", json!({"kind": "garbled"}), "KF-NET-03"),
        ("status 502", json!({"kind": "status", "status": 502}), "KF-NET-03"),
    ]
}

/// The calls: command, action, and how many of that action come first.
const CALLS: [(&str, &str, usize); 7] = [
    ("export", "DescribeKey", 0),
    ("export", "GetParametersForImport", 0),
    ("import", "DescribeKey", 0),
    ("import", "ImportKeyMaterial", 0),
    ("import", "DescribeKey", 1),
    ("import", "Encrypt", 0),
    ("import", "Decrypt", 0),
];

struct Station<'e> {
    dir: tempfile::TempDir,
    endpoint: &'e str,
    key_id: String,
}

impl<'e> Station<'e> {
    fn new(emulator: &'e EmulatorProcess, n: usize) -> Self {
        let key_id = Kms::new(&emulator.endpoint, REGION).create_external(&format!("key-{n}"));
        let dir = tempfile::tempdir().unwrap();
        let alias = format!("key-{n}");
        let text = plan_text("rehearsal", WrappingAlgorithm::default(), &[(&alias, REGION, Some(&key_id))]);
        fs::write(dir.path().join("plan.toml"), text).unwrap();
        fs::create_dir(dir.path().join("medium")).unwrap();
        Self { dir, endpoint: &emulator.endpoint, key_id }
    }

    fn run(&self, line: &str) -> Run {
        let mut command = online(line.split(' '), self.endpoint);
        run(command.args(PACE).current_dir(self.dir.path()))
    }

    fn export(&self) -> Run {
        self.run("export --plan plan.toml --out medium --session session.json")
    }

    fn import(&self) -> Run {
        self.run("import --session session.json --ciphertext medium/ciphertext.json")
    }

    /// What the offline station does; the material's SHA-256.
    fn wrap(&self) -> String {
        let read = |name: &str| fs::read(self.dir.path().join(name)).unwrap();
        let plan = CeremonyPlan::parse(&read("plan.toml")).unwrap();
        let (parameters, digest) = artefact::parse::<Parameters>(&read("medium/parameters.json")).unwrap();
        let checked = parameters.check(digest, &plan, now()).unwrap();
        let material = KeyMaterial::generate(checked.entries()[0].bits(), &mut SysRng).unwrap();
        let entry = checked.wrap(&checked.entries()[0], &material, &mut SysRng).unwrap();
        let ciphertext = checked.ciphertext(vec![entry], false, now()).unwrap();
        let path = self.dir.path().join("medium/ciphertext.json");
        fs::write(path, &*artefact::to_bytes(&ciphertext).unwrap()).unwrap();
        Sha256::digest(material.expose()).iter().map(|b| format!("{b:02x}")).collect()
    }
}

#[test]
fn every_fault_at_every_call() {
    let dir = tempfile::tempdir().unwrap();
    let (emulator, admin) = Admin::start(dir.path());
    let mut table = String::from(
        "| command | call | fault | once: exit | stays: exit | named | again: exit | accepted imports |\n",
    );
    table += "|---|---|---|---|---|---|---|---|\n";
    let mut n = 0;
    for (command, action, skip) in CALLS {
        for (name, fault, control) in faults() {
            let mut row = format!("| {command} | {action} #{} | {name} |", skip + 1);
            for calls in [1, 1000] {
                n += 1;
                let station = Station::new(&emulator, n);
                let mut sha = String::new();
                if command == "import" {
                    station.export().ok();
                    sha = station.wrap();
                }
                admin.fault(action, skip, calls, &fault);
                let first = if command == "export" { station.export() } else { station.import() };
                admin.no_faults();
                let what = format!("{command} {action} {skip} {name} {calls}: {first:?}");
                write!(row, " {} |", first.code.unwrap()).unwrap();
                if calls == 1 {
                    assert_eq!(first.code, Some(0), "{what}");
                } else {
                    assert_eq!(first.code, Some(4), "{what}");
                    assert!(first.err.contains(control) && first.err.contains("hint: "), "{what}");
                    let named = first.err.find("error [").map(|at| &first.err[at + 7..at + 16]).unwrap();
                    let again = if command == "export" { station.export() } else { station.import() };
                    again.ok();
                    write!(row, " {named} | {} |", again.code.unwrap()).unwrap();
                }
                if command == "export" {
                    sha = station.wrap();
                    station.import().ok();
                }
                let key = admin.key(&station.key_id);
                assert_eq!(key["KeyState"], "Enabled", "{what}");
                assert_eq!(
                    (&key["MaterialSha256"], &key["BoundSha256"]),
                    (&json!(sha), &json!(sha)),
                    "{what}"
                );
                if calls > 1 {
                    writeln!(row, " {} |", key["Imports"]).unwrap();
                }
            }
            table += &row;
        }
    }
    let path = Path::new(env!("CARGO_BIN_EXE_keyferry")).with_file_name("fault-matrix.md");
    fs::write(&path, &table).unwrap();
    println!("{table}");
}
