//! A rehearsal of a person's own plan: unattended, with shares in files, and by people at a terminal, whom `people.py`
//! simulates.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::shares::shares_in;
use crate::support::*;
use keyferry_core::*;

/// A plan with two keys; if it has shares, 2 of 3 with custodians.
fn plan(purpose: &str, shares: bool) -> String {
    let keys = [("one", "ap-singapore", None), ("two", "ap-guangzhou", Some(KEY_ID))];
    let text = plan_text(purpose, WrappingAlgorithm::default(), &keys);
    let signs = "role = \"witness\"\nssh_key = \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS\"\n";
    let text = text.replacen("role = \"witness\"\n", signs, 1);
    if !shares {
        return text;
    }
    let people: String = ["Cyrus", "王小明", "Eve"]
        .iter()
        .map(|name| format!("[[participant]]\nname = \"{name}\"\nrole = \"custodian\"\n"))
        .collect();
    text.replace("scheme = \"none\"\nreason = \"a test\"", "scheme = \"slip39\"\nthreshold = 2\nshares = 3")
        .replacen("[[key]]", &format!("{people}[[key]]"), 1)
}

fn rehearse(room: &Path, lang: &str) -> Run {
    let mut command = program("keyferry");
    command.args(["rehearse", "--out", "out", "--plan", "plan.toml", "--lang", lang, "--bin-dir"]);
    run(command.arg(bin_dir()).current_dir(room))
}

/// The record verifies as that of a rehearsal.
fn verify(room: &Path) {
    let mut command = program("keyferry");
    run(command.args(["verify", "--expect", "rehearsal"]).arg(room.join("out/ceremony/record"))).ok();
}

#[test]
fn an_own_plan_with_shares_is_rehearsed_by_files() {
    let room = tempfile::tempdir().unwrap();
    let text = plan("production", true);
    fs::write(room.path().join("plan.toml"), &text).unwrap();
    let done = rehearse(room.path(), "en");
    assert!(done.ok().out.contains("2 of 2 keys Enabled and round-tripped"), "{done:?}");
    assert!(done.err.contains("purpose, participant.ssh_key, key.key_id"), "{}", done.err);
    // The plan is unchanged; the rehearsed copy has the purpose rehearsal and the same backup, and the archive has the
    // escrow.
    assert_eq!(fs::read_to_string(room.path().join("plan.toml")).unwrap(), text);
    let record = room.path().join("out/ceremony/record");
    let copy = CeremonyPlan::parse(&fs::read(record.join("plan.toml")).unwrap()).unwrap();
    assert_eq!((copy.purpose(), copy.ceremony().as_str()), (Purpose::Rehearsal, "test-1-practice"));
    assert!(record.join("escrow.json").exists());
    assert_eq!(shares_in(&room.path().join("out/ceremony/shares")).len(), 3);
    verify(room.path());
}

#[test]
fn a_plan_without_check_values_and_names_is_rehearsed_too() {
    let room = tempfile::tempdir().unwrap();
    let text =
        plan("rehearsal", true).replacen("purpose", "kcv = \"none\"\nnames = \"committed\"\npurpose", 1);
    fs::write(room.path().join("plan.toml"), text).unwrap();
    assert!(rehearse(room.path(), "zh").ok().out.contains("2 个密钥中 2 个"));
    assert!(room.path().join("out/ceremony/record/openings.jsonl").exists());
    verify(room.path());
}

#[test]
fn a_wrong_plan_is_refused_by_the_judge_before_anything_is_made() {
    let room = tempfile::tempdir().unwrap();
    let wrong = plan("rehearsal", true).replace("threshold = 2", "threshold = 4");
    fs::write(room.path().join("plan.toml"), &wrong).unwrap();
    let refused = rehearse(room.path(), "en");
    let judged = run(program("keyferry").args(["plan", "check", "plan.toml"]).current_dir(room.path()));
    assert_eq!(refused.refused(1, Control::PLAN_READY).err, judged.err);
    assert!(!room.path().join("out").exists());
}

#[test]
fn nobody_presses_enter_in_a_pipe() {
    let room = tempfile::tempdir().unwrap();
    fs::write(room.path().join("plan.toml"), plan("rehearsal", false)).unwrap();
    let mut command = program("keyferry");
    command
        .args(["rehearse", "--interactive", "--out", "out", "--plan", "plan.toml"])
        .current_dir(room.path());
    run(&mut command).refused(1, Control::CONSENT);
    assert!(!room.path().join("out").exists());
}

/// People hold a whole ceremony, and stop a second one.
fn people(purpose: &str, lang: &str, shares: bool) {
    let room = tempfile::tempdir().unwrap();
    fs::write(room.path().join("plan.toml"), plan(purpose, shares)).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/practice/people.py");
    let mut python = Command::new("python3");
    python.arg("-B").arg(script).arg(bin_dir()).arg(room.path()).arg(lang).arg(if shares {
        "3"
    } else {
        "0"
    });
    let Ok(output) = python.output() else {
        eprintln!("SKIPPED: python3 is not installed; no terminal was tried");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let steps = "12 steps: plan check create-key export preflight inspect wrap import status archive sign verify report";
    assert_eq!(said.trim_end(), steps);
}

#[test]
fn people_rehearse_a_plan_without_backup() {
    people("rehearsal", "en", false);
}

#[test]
fn people_rehearse_a_production_plan_with_shares_in_chinese() {
    people("production", "zh", true);
}
