//! Cells of `keyferry`: records that are checked, signed and reported, and the program's own files.

use std::fs;
use std::io::BufRead;
use std::path::Path;
use std::process::Stdio;

use keyferry_audit::record::{Audit, Expect, Folder, VerifyError};
use keyferry_core::transcript::Act;
use keyferry_core::{
    CeremonyPlan, Ciphertext, Control, Escrow, Event, Fingerprint, Parameters, Purpose, Station, StepName,
    Transcript, artefact,
};

use super::rows::Cmd;
use super::scene::*;
use crate::support::record::{Ceremony, binding, ceremony, rechained, replanned};
use crate::support::shares::lines;
use crate::support::*;

/// Runs the command on a record; `sign` with the operator's key.
fn run_on(cmd: Cmd, record: &Path) -> Run {
    let mut command = program("keyferry");
    command.arg(cmd.word()).arg(record);
    match cmd.word() {
        "sign" => _ = command.arg("--key").arg(ceremony().0.path("operator")),
        "report" => _ = command.arg("--out").arg(record.with_extension("html")),
        "archive" => _ = command.arg(record.with_extension("archive")),
        _ => {}
    }
    run(&mut command)
}

fn write(folder: &Folder, to: &Path) {
    fs::create_dir_all(to.join("signatures")).unwrap();
    let files = [
        ("plan.toml", &folder.plan),
        ("parameters.json", &folder.parameters),
        ("ciphertext.json", &folder.ciphertext),
        ("transcript.jsonl", &folder.transcript),
        ("escrow.json", &folder.escrow),
        ("drills.jsonl", &folder.drills),
        ("life.jsonl", &folder.life),
    ];
    for (name, bytes) in files {
        bytes.iter().for_each(|bytes| fs::write(to.join(name), bytes).unwrap());
    }
    for (name, bytes) in &folder.signatures {
        fs::write(to.join("signatures").join(name), bytes).unwrap();
    }
}

/// The good record is accepted and the changed one refused; nothing is signed.
fn changed(cmd: Cmd, controls: &[Control], good: &Folder, edit: impl Fn(&mut Folder)) {
    let dir = tempfile::tempdir().unwrap();
    let (right, wrong) = (dir.path().join("right"), dir.path().join("wrong"));
    let mut good = good.clone();
    if cmd.word() == "sign" {
        good.signatures.retain(|(name, _)| !name.starts_with("operator"));
    }
    let mut bad = good.clone();
    edit(&mut bad);
    assert_ne!(good, bad);
    write(&good, &right);
    write(&bad, &wrong);
    let signatures = names(&wrong.join("signatures"));
    refused(&run_on(cmd, &wrong), controls);
    assert_eq!(names(&wrong.join("signatures")), signatures);
    run_on(cmd, &right).ok();
}

fn text(bytes: &Option<Vec<u8>>) -> String {
    String::from_utf8(bytes.clone().unwrap()).unwrap()
}

fn production<T: artefact::Artefact>(bytes: &Option<Vec<u8>>, set: impl Fn(&mut T)) -> Option<Vec<u8>> {
    let (mut it, _) = artefact::parse::<T>(bytes.as_deref().unwrap()).unwrap();
    set(&mut it);
    Some(artefact::to_bytes(&it).unwrap().to_vec())
}

pub(super) fn plan_purpose(cmd: Cmd) {
    changed(cmd, &[Control::VERIFY_PURPOSE], &ceremony().1, |f| {
        let plan = text(&f.plan).replacen("\"rehearsal\"", "\"production\"", 1).into_bytes();
        *f = renamed(f, Fingerprint::of(f.plan.as_deref().unwrap()), Fingerprint::of(&plan));
        f.plan = Some(plan);
    });
}

/// Replaces one digest with another in every line of the record.
fn renamed(folder: &Folder, before: Fingerprint, after: Fingerprint) -> Folder {
    rechained(folder, |event| {
        let text = serde_json::to_string(event).unwrap().replace(&before.to_string(), &after.to_string());
        *event = serde_json::from_str(&text).unwrap();
    })
}

/// A production record whose material came from a published seed, and one in which only the lines say so.
fn seeded(cmd: Cmd, edit: impl Fn(&mut Folder)) {
    static ONE: std::sync::OnceLock<Folder> = std::sync::OnceLock::new();
    let good = ONE.get_or_init(crate::mutated_record::production);
    let dir = tempfile::tempdir().unwrap();
    let (right, wrong) = (dir.path().join("right"), dir.path().join("wrong"));
    let mut bad = good.clone();
    edit(&mut bad);
    assert_ne!(*good, bad);
    write(&crate::mutated_record::signed(&bad), &wrong);
    refused(&run_on(cmd, &wrong), &[Control::VERIFY_PURPOSE]);
    if cmd.word() == "sign" {
        // This operator is not in that plan: the control is that the genuine record gets this far.
        write(good, &right);
        run_on(cmd, &right).refused(1, Control::SIGN_KEY);
    } else {
        write(&crate::mutated_record::signed(good), &right);
        run_on(cmd, &right).ok();
    }
}

fn lines_seeded(event: &mut Event) {
    if let Event::CiphertextWritten { seeded, .. } = event {
        *seeded = true;
    }
}

pub(super) fn ciphertext_seeded(cmd: Cmd) {
    seeded(cmd, |f| {
        let before = Fingerprint::of(f.ciphertext.as_deref().unwrap());
        f.ciphertext = production::<Ciphertext>(&f.ciphertext, |ciphertext| {
            ciphertext.seeded = true;
            let bindings: Vec<_> = ciphertext.keys.iter().map(|k| binding(ciphertext, k)).collect();
            ciphertext.keys.iter_mut().zip(bindings).for_each(|(k, binding)| k.binding = binding);
        });
        *f = renamed(f, before, Fingerprint::of(f.ciphertext.as_deref().unwrap()));
    });
}

pub(super) fn transcript_seeded(cmd: Cmd) {
    seeded(cmd, |f| *f = rechained(f, lines_seeded));
}

pub(super) fn escrow_seeded(cmd: Cmd) {
    seeded(cmd, |f| {
        let before = Fingerprint::of(f.escrow.as_deref().unwrap());
        f.escrow = production::<Escrow>(&f.escrow, |escrow| escrow.seeded = true);
        *f = renamed(f, before, Fingerprint::of(f.escrow.as_deref().unwrap()));
    });
}

pub(super) fn parameters_purpose(cmd: Cmd) {
    changed(cmd, &[Control::VERIFY_PURPOSE], &ceremony().1, |f| {
        f.parameters = production::<Parameters>(&f.parameters, |p| p.purpose = Purpose::Production);
    });
}

pub(super) fn ciphertext_purpose(cmd: Cmd) {
    changed(cmd, &[Control::VERIFY_PURPOSE], &ceremony().1, |f| {
        f.ciphertext = production::<Ciphertext>(&f.ciphertext, |c| c.purpose = Purpose::Production);
    });
}

pub(super) fn transcript_purpose(cmd: Cmd) {
    changed(cmd, &[Control::VERIFY_PURPOSE], &ceremony().1, |f| {
        *f = rechained(f, |event| {
            if let Event::Begun { purpose, .. } = event {
                *purpose = Purpose::Production;
            }
        });
    });
}

pub(super) fn parameters_provider(cmd: Cmd) {
    changed(cmd, &[Control::ART_FIELDS], &ceremony().1, |f| {
        f.parameters = Some(text(&f.parameters).replacen("\"tencent\"", "\"other\"", 1).into_bytes());
    });
}

pub(super) fn ciphertext_provider(cmd: Cmd) {
    changed(cmd, &[Control::ART_FIELDS], &ceremony().1, |f| {
        f.ciphertext = Some(text(&f.ciphertext).replacen("\"tencent\"", "\"other\"", 1).into_bytes());
    });
}

/// A record with an escrow and a drill.
fn with_shares() -> &'static Folder {
    static ONE: std::sync::OnceLock<Folder> = std::sync::OnceLock::new();
    ONE.get_or_init(|| {
        let ceremony = super::scene::Ceremony::planned_with_shares();
        let transcript = "drill --transcript medium/transcript.jsonl --escrow medium/escrow.json";
        let typed = lines(&crate::support::shares::shares_in(&ceremony.room.path("shares"))[..2]);
        agreeing(|| at(&ceremony.room, transcript), &typed).ok();
        ceremony.import().ok();
        fs::copy(ceremony.room.path("plan.toml"), ceremony.room.path("medium/plan.toml")).unwrap();
        Folder::read(&ceremony.room.path("medium")).unwrap()
    })
}

/// For a record that people sign on paper, the desk treats the purpose in the same way.
fn changed_shares(cmd: Cmd, controls: &[Control], edit: impl Fn(&mut Folder)) {
    if cmd.word() != "sign" {
        return changed(cmd, controls, with_shares(), edit);
    }
    // Nobody in this plan has a key, so the control is that the unchanged record gets this far.
    let dir = tempfile::tempdir().unwrap();
    let (right, wrong) = (dir.path().join("right"), dir.path().join("wrong"));
    let mut bad = with_shares().clone();
    edit(&mut bad);
    write(with_shares(), &right);
    write(&bad, &wrong);
    refused(&run_on(cmd, &wrong), controls);
    run_on(cmd, &right).refused(1, Control::SIGN_KEY);
}

pub(super) fn escrow_purpose(cmd: Cmd) {
    changed_shares(cmd, &[Control::VERIFY_BACKUP], |f| {
        let before = Fingerprint::of(f.escrow.as_deref().unwrap());
        f.escrow = production::<Escrow>(&f.escrow, |e| e.purpose = Purpose::Production);
        *f = renamed(f, before, Fingerprint::of(f.escrow.as_deref().unwrap()));
        // The drills name the head of the unchanged record.
        f.drills = None;
    });
}

pub(super) fn drills_purpose(cmd: Cmd) {
    changed_shares(cmd, &[Control::VERIFY_PURPOSE], |f| {
        let drills = Folder { transcript: f.drills.clone(), ..f.clone() };
        let edited = rechained(&drills, |event| {
            if let Event::Begun { purpose, .. } = event {
                *purpose = Purpose::Production;
            }
        });
        f.drills = edited.transcript;
    });
}

/// A key was enabled after its ceremony, or by a command with another purpose.
pub(super) fn life_purpose(cmd: Cmd) {
    let good = Folder { life: Some(life(Purpose::Rehearsal)), ..ceremony().1.clone() };
    changed(cmd, &[Control::VERIFY_PURPOSE], &good, |f| f.life = Some(life(Purpose::Production)));
}

fn life(purpose: Purpose) -> Vec<u8> {
    let plan = CeremonyPlan::parse(ceremony().1.plan.as_deref().unwrap()).unwrap();
    let (key, command) = (&plan.keys()[0], || "enable".to_owned());
    let (program, plan_sha256) = ("keyferry-online 0.1.0".to_owned(), Some(plan.digest()));
    let changed = Event::KeyChanged {
        alias: key.alias.clone(),
        key_id: key.key_id().unwrap().clone(),
        state: "Enabled".to_owned(),
        deletion_date: None,
        request_id: "req-1".to_owned(),
    };
    let mut chain = Transcript::new(plan.ceremony().clone());
    let step = Some(StepName::ChangeKey);
    let mut line = |event| chain.append(Station::Online, now(), Act { step, ..Act::NOBODYS }, event).unwrap();
    let lines = [
        line(Event::Begun { command: command(), program, plan_sha256, purpose }),
        line(changed),
        line(Event::Finished { command: command(), succeeded: 1, failed: 0 }),
    ];
    lines.concat().into_bytes()
}

/// A production record that names a rehearsal's record as its predecessor.
pub(super) fn earlier_purpose(_: Cmd) {
    let folder = &ceremony().1;
    let chain = Transcript::verify(folder.transcript.as_deref().unwrap()).unwrap().unwrap();
    let named = |purpose: &str| {
        let plan = text(&folder.plan).replacen("\"rehearsal\"", &format!("\"{purpose}\""), 1);
        let head = format!("[[key]]\nprevious_record = \"{}\"", chain.head());
        replanned(folder, plan.replacen("[[key]]", &head, 1).into_bytes())
    };
    let found = |folder: &Folder| {
        let previous = vec![Audit::of(&ceremony().1, &Expect::default()).as_previous().unwrap()];
        let audit = Audit::of(folder, &Expect { previous, ..Expect::default() });
        audit.refusals.iter().any(|e| matches!(e, VerifyError::PreviousPurpose { .. }))
    };
    assert!(found(&named("production")) && !found(&named("rehearsal")));
}

fn sign_with_key(change: impl Fn(&Path) -> bool) {
    let held = Ceremony::hold();
    let (key, record) = (held.path("operator"), held.record());
    let sign = || run(program("keyferry").arg("sign").arg(&record).arg("--key").arg(&key));
    if change(&key) {
        refused(&sign(), &PRIVATE);
        assert!(!record.join("signatures").exists());
        if nix::unistd::geteuid().is_root() {
            std::os::unix::fs::chown(&key, Some(0), Some(0)).unwrap();
        }
        set_mode(&key, 0o600);
    }
    sign().ok();
}

pub(super) fn key_mode(_: Cmd) {
    for mode in [0o640, 0o602] {
        sign_with_key(|path| {
            set_mode(path, mode);
            true
        });
    }
}

pub(super) fn key_owner(_: Cmd) {
    sign_with_key(give_away);
}

pub(super) fn state_mode(_: Cmd) {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let start = || EmulatorProcess::start(&["--wrapping-keys", "2", "--state", state.to_str().unwrap()]);
    drop(start());
    for mode in OPEN {
        set_mode(&state, mode);
        let mut emulator = emulate();
        emulator.arg("--state").arg(&state).stdin(Stdio::null());
        let mut child = emulator.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // An emulator that accepts the file reports where it listens, and would then run forever.
        let mut said = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let _ = child.kill();
        let done = child.wait_with_output().unwrap();
        let err = String::from_utf8(done.stderr).unwrap();
        assert!(said.is_empty(), "mode {mode:o} was accepted");
        refused(&Run { code: done.status.code().or(Some(1)), out: said, err }, &[Control::FILE_OTHER]);
    }
    set_mode(&state, 0o600);
    drop(start());
}

/// The secrets that this program writes, with their modes.
pub(super) fn written() -> Vec<(String, u32)> {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    drop(EmulatorProcess::start(&["--wrapping-keys", "2", "--state", state.to_str().unwrap()]));
    vec![(state.display().to_string(), mode_of(&state))]
}
