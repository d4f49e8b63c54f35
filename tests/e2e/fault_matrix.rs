//! Every fault × every call of `export` and `import`: the message names the fault, nothing is lost, nothing is imported twice with
//! different contents, and in the end the key has exactly the material that was wrapped. The emulator itself reports the service's
//! state.
//!
//! Most of the time is spent waiting: for a reply that never comes, and before a retry. Many cases therefore run at the same time,
//! each with its own region, key and folder.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::admin::Admin;
use crate::support::kms::Kms;
use crate::support::*;
use getrandom::SysRng;
use keyferry_core::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Number of cases at a time.
const WORKERS: usize = 16;
/// The delay, in milliseconds, of a reply that is certain to come too late: the longest that the emulator allows.
const NEVER: u32 = 600_000;

/// Each fault, and the control that names it if it persists.
fn faults() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("throttling", json!({"kind": "error", "code": "RequestLimitExceeded"}), "KF-KMS-01"),
        ("InternalError", json!({"kind": "error", "code": "InternalError"}), "KF-KMS-01"),
        ("delay", json!({"kind": "delay", "milliseconds": NEVER}), "KF-NET-02"),
        ("lost-reply", json!({"kind": "lost-reply"}), "KF-NET-02"),
        ("cut", json!({"kind": "cut"}), "KF-NET-02"),
        ("cut-midway", json!({"kind": "cut-midway"}), "KF-NET-0"),
        ("garbled", json!({"kind": "garbled"}), "KF-NET-03"),
        ("status 502", json!({"kind": "status", "status": 502}), "KF-NET-03"),
    ]
}

/// The calls: the command, the action, and the number of earlier calls of that action.
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
    fn new(emulator: &'e EmulatorProcess, region: &str) -> Self {
        let key_id = Kms::new(&emulator.endpoint, region).create_external("master");
        let dir = tempfile::tempdir().unwrap();
        let keys = [("master", region, Some(&*key_id))];
        fs::write(dir.path().join("plan.toml"), plan_text("rehearsal", WrappingAlgorithm::default(), &keys))
            .unwrap();
        fs::create_dir(dir.path().join("medium")).unwrap();
        Self { dir, endpoint: &emulator.endpoint, key_id }
    }

    /// Runs `export` or `import` with these flags.
    fn run(&self, command: &str, flags: &[&str]) -> Run {
        let line = match command {
            "export" => "export --plan plan.toml --out medium --session session.json",
            _ => "import --session session.json --ciphertext medium/ciphertext.json",
        };
        let mut command = online(line.split(' '), self.endpoint);
        run(command.args(["--rate", "1000"]).args(flags).current_dir(self.dir.path()))
    }

    /// Does what the offline station does; returns the material's SHA-256.
    fn wrap(&self) -> String {
        let read = |name: &str| fs::read(self.dir.path().join(name)).unwrap();
        let plan = CeremonyPlan::parse(&read("plan.toml")).unwrap();
        let (parameters, digest) = artefact::parse::<Parameters>(&read("medium/parameters.json")).unwrap();
        let checked = parameters.check(digest, &plan, now()).unwrap();
        let material = KeyMaterial::generate(checked.entries()[0].material().length, &mut SysRng).unwrap();
        let entry = checked.wrap(&checked.entries()[0], &material, &mut SysRng).unwrap();
        let ciphertext = checked.ciphertext(vec![entry], Origin::station(false, now())).unwrap();
        let path = self.dir.path().join("medium/ciphertext.json");
        fs::write(path, &*artefact::to_bytes(&ciphertext).unwrap()).unwrap();
        Sha256::digest(material.expose()).iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// One fault at one call of one command: once, or at every retry.
struct Case {
    row: usize,
    command: &'static str,
    action: &'static str,
    skip: usize,
    name: &'static str,
    fault: Value,
    control: &'static str,
    stays: bool,
}

impl Case {
    /// All cases, the longest first.
    fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        let rows = CALLS.into_iter().flat_map(|call| faults().into_iter().map(move |fault| (call, fault)));
        for (row, ((command, action, skip), (name, fault, control))) in rows.enumerate() {
            for stays in [false, true] {
                cases.push(Self { row, command, action, skip, name, fault: fault.clone(), control, stays });
            }
        }
        cases.sort_by_key(|case| case.name != "delay");
        cases
    }

    /// Flags of the run that meets the fault. For a reply that never comes, the station gets a short timeout. On a busy machine,
    /// other replies may be too late for it as well. For a persistent fault, that makes no difference; after a single fault, five
    /// more attempts remain.
    fn flags(&self) -> &'static [&'static str] {
        match (self.name, self.stays) {
            ("delay", true) => &["--attempts", "3", "--timeout", "4"],
            ("delay", false) => &["--attempts", "6", "--timeout", "10"],
            _ => &["--attempts", "3"],
        }
    }

    /// Its own region, so that its fault affects no other case.
    fn region(&self) -> String {
        format!("ap-case-{}-{}", self.row, u8::from(self.stays))
    }

    /// Runs the case; returns its part of the table's row.
    fn play(&self, emulator: &EmulatorProcess, admin: &Admin) -> String {
        let Self { command, action, skip, name, .. } = *self;
        let region = self.region();
        let station = Station::new(emulator, &region);
        let mut sha = String::new();
        if command == "import" {
            station.run("export", &[]).ok();
            sha = station.wrap();
        }
        let calls = if self.stays { 1000 } else { 1 };
        let rule = json!({"action": action, "skip": skip, "calls": calls, "fault": self.fault});
        admin.fault(&region, rule);
        let first = station.run(command, self.flags());
        admin.no_faults(&region);
        let what = format!("{command} {action} {skip} {name} {calls}: {first:?}");
        let mut told = format!(" {} |", first.code.unwrap());
        if self.stays {
            assert_eq!(first.code, Some(4), "{what}");
            assert!(first.err.contains(self.control) && first.err.contains("hint: "), "{what}");
            let named = first.err.find("error [").map(|at| &first.err[at + 7..at + 16]).unwrap();
            let again = station.run(command, &[]);
            again.ok();
            write!(told, " {named} | {} |", again.code.unwrap()).unwrap();
        } else {
            assert_eq!(first.code, Some(0), "{what}");
        }
        if command == "export" {
            sha = station.wrap();
            station.run("import", &[]).ok();
        }
        let key = admin.key(&station.key_id);
        assert_eq!(key["KeyState"], "Enabled", "{what}");
        assert_eq!((&key["MaterialSha256"], &key["BoundSha256"]), (&json!(sha), &json!(sha)), "{what}");
        if self.stays {
            writeln!(told, " {} |", key["Imports"]).unwrap();
        }
        told
    }
}

#[test]
fn every_fault_at_every_call() {
    let dir = tempfile::tempdir().unwrap();
    let mut cases = Case::all();
    let regions: Vec<String> = cases.iter().map(Case::region).collect();
    let (emulator, admin) = Admin::start_in(dir.path(), &regions);
    let (next, told) = (AtomicUsize::new(0), Mutex::new(vec![String::new(); cases.len()]));
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let text = case.play(&emulator, &admin);
            told.lock().unwrap()[2 * case.row + usize::from(case.stays)] = text;
        }
    };
    std::thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
    let told = told.into_inner().unwrap();
    let mut table = String::from(
        "| command | call | fault | once: exit | stays: exit | named | again: exit | accepted imports |\n",
    );
    table += "|---|---|---|---|---|---|---|---|\n";
    cases.sort_by_key(|case| (case.row, case.stays));
    for case in cases.iter().filter(|case| !case.stays) {
        let Case { command, action, skip, name, row, .. } = case;
        let (once, stays) = (&told[2 * row], &told[2 * row + 1]);
        write!(table, "| {command} | {action} #{} | {name} |{once}{stays}", skip + 1).unwrap();
    }
    let path = Path::new(env!("CARGO_BIN_EXE_keyferry")).with_file_name("fault-matrix.md");
    fs::write(&path, &table).unwrap();
    println!("{table}");
}
