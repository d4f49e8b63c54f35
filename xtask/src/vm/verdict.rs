//! Checks on a job's output.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::boot::Done;
use super::output::Step;

/// Checks of the baseline that have no row in the record's table, because its `confined` line has them. `preflight` has
/// both rows.
const IN_THE_RECORD: [&str; 2] = ["sandbox", "secret-memory"];

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) what: String,
    pub(crate) verdict: Result<(), String>,
}

pub(crate) fn check(what: impl Into<String>, verdict: Result<(), String>) -> Check {
    Check { what: what.into(), verdict }
}

/// A member of a JSON object, or null.
pub(crate) fn member<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// The step, which must have ended with this exit code.
pub(crate) fn ended<'d>(done: &'d Done, name: &str, code: i32) -> Result<&'d Step, String> {
    let step = done.steps.iter().find(|step| step.name == name);
    let step = step.ok_or_else(|| format!("there is no step {name}"))?;
    if step.code == Some(code) {
        return Ok(step);
    }
    let ended = step.code.map_or("did not end".into(), |code| format!("exit code {code}"));
    Err(format!("{name}: {ended}\n{}{}", step.err, step.out))
}

pub(crate) fn contains(text: &str, part: &str) -> Result<(), String> {
    if text.contains(part) { Ok(()) } else { Err(format!("expected {part} in: {text}")) }
}

/// Checks that the step was refused for one check of the machine, and left nothing in its folder.
pub(crate) fn refused(done: &Done, name: &str, check: &str) -> Result<(), String> {
    let step = ended(done, name, 1)?;
    contains(
        &step.err,
        &format!("error [KF-POST-02]: this machine does not meet the requirements: {check}"),
    )?;
    let left = &ended(done, &format!("left-{name}"), 0)?.out;
    if left.is_empty() { Ok(()) } else { Err(format!("{name} left behind: {left}")) }
}

/// Checks that every check of the baseline is required and passes, in a table of `preflight` or of the record.
pub(crate) fn baseline(rows: &Value, baseline: &str) -> Result<(), String> {
    let rows = rows.as_array().ok_or("no table of checks")?;
    for name in baseline.lines() {
        match rows.iter().find(|row| *member(row, "check") == name) {
            Some(row) if *member(row, "verdict") == "pass" && *member(row, "demand") == "required" => {}
            Some(row) => return Err(format!("{name} is not required and passed: {row}")),
            None if IN_THE_RECORD.contains(&name) => {}
            None => return Err(format!("{name} is not in the table")),
        }
    }
    Ok(())
}

/// Checks that the record has the checks that `preflight` showed, and names the program that printed them.
pub(crate) fn same(preflight: &Value, recorded: &Value) -> Result<(), String> {
    let names = |rows: &Value| -> Vec<Value> {
        let checks = rows.as_array().into_iter().flatten().map(|r| member(r, "check").clone());
        // The record has these checks in its `confined` event instead.
        checks.filter(|check| !check.as_str().is_some_and(|name| IN_THE_RECORD.contains(&name))).collect()
    };
    let (shown, kept) = (names(member(preflight, "checks")), names(member(recorded, "findings")));
    let program = member(preflight, "program_sha256");
    if !shown.is_empty()
        && shown == kept
        && program.is_string()
        && *program == *member(recorded, "program_sha256")
    {
        return Ok(());
    }
    Err(format!("preflight showed {shown:?} of {program}, the record has {recorded}"))
}

/// Checks that every protection took effect.
pub(crate) fn confined(event: &Value) -> Result<(), String> {
    let sandbox = ["no_new_privs", "limits", "seccomp"].iter().all(|part| *member(event, part) == true);
    let folders = member(event, "landlock_abi").as_u64().is_some_and(|abi| abi >= 1);
    let memory = ["secret-pages", "locked-pages"].iter().any(|kind| *member(event, "memory") == *kind);
    if sandbox && folders && memory { Ok(()) } else { Err(format!("not confined: {event}")) }
}

/// The first event of a kind in a transcript.
pub(crate) fn event(transcript: &str, kind: &str) -> Result<Value, String> {
    let mut lines = transcript.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found = lines.find_map(|line| {
        (*member(member(&line, "event"), "kind") == *kind).then(|| member(&line, "event").clone())
    });
    found.ok_or_else(|| format!("the record has no event {kind}"))
}

/// In hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(check: &str, verdict: &str, demand: &str) -> Value {
        json!({"check": check, "verdict": verdict, "demand": demand})
    }

    #[test]
    fn every_check_of_the_baseline_must_pass() {
        let names = "no-swap\nsandbox";
        let swap = row("no-swap", "pass", "required");
        assert_eq!(baseline(&json!([swap]), names), Ok(()));
        assert_eq!(baseline(&json!([swap, row("sandbox", "pass", "required")]), names), Ok(()));
        for rows in [
            json!([]),
            json!(null),
            json!([row("no-swap", "note", "required")]),
            json!([row("no-swap", "pass", "waived")]),
            json!([swap, row("sandbox", "fail", "required")]),
        ] {
            assert!(baseline(&rows, names).is_err(), "{rows}");
        }
    }

    #[test]
    fn the_record_has_what_preflight_showed() {
        let shown = json!({"program_sha256": "ab", "checks": [row("no-swap", "pass", "required")]});
        let kept = json!({"program_sha256": "ab", "findings": [row("no-swap", "pass", "required")]});
        assert_eq!(same(&shown, &kept), Ok(()));
        for (part, value) in [
            ("program_sha256", json!("cd")),
            ("findings", json!([])),
            ("findings", json!([row("no-radio", "pass", "")])),
        ] {
            let mut other = kept.clone();
            other[part] = value;
            assert!(same(&shown, &other).is_err(), "{other}");
        }
        assert!(same(&json!({}), &json!({})).is_err());
    }

    #[test]
    fn every_protection_must_be_in_force() {
        let whole = json!({"no_new_privs": true, "limits": true, "seccomp": true, "landlock_abi": 2, "memory": "locked-pages"});
        assert_eq!(confined(&whole), Ok(()));
        let lacking = [("no_new_privs", json!(false)), ("limits", json!(false)), ("seccomp", json!(false))];
        for (part, value) in
            lacking.into_iter().chain([("landlock_abi", json!(0)), ("memory", json!("unlocked"))])
        {
            let mut event = whole.clone();
            event[part] = value;
            assert!(confined(&event).is_err(), "{part}");
        }
    }

    #[test]
    fn a_step_is_judged_by_its_code_and_its_words() {
        let step = |name: &str, code, err: &str, out: &str| Step {
            name: name.into(),
            code: Some(code),
            err: err.into(),
            out: out.into(),
        };
        let words = "error [KF-POST-02]: this machine does not meet the requirements: no-swap (1 MiB)\n";
        let mut done = Done {
            steps: vec![step("swap", 1, words, ""), step("left-swap", 0, "", "")],
            sticks: Vec::new(),
        };
        assert_eq!(refused(&done, "swap", "no-swap"), Ok(()));
        assert!(refused(&done, "swap", "no-network").is_err());
        assert!(refused(&done, "other", "no-swap").is_err());
        assert!(ended(&done, "swap", 0).is_err());
        done.steps[1].out = "ciphertext.json\n".into();
        assert!(refused(&done, "swap", "no-swap").is_err());
    }

    #[test]
    fn events_are_found_by_their_kind() {
        let transcript =
            "{\"event\":{\"kind\":\"begun\"}}\n{\"event\":{\"kind\":\"confined\",\"seccomp\":true}}\nhalf";
        assert_eq!(event(transcript, "confined").unwrap()["seccomp"], true);
        assert!(event(transcript, "posture-checked").is_err());
    }
}
