//! The machine is checked before a secret exists: each property with a real setup, as far as the system permits.
//!
//! These tests cover the reasons for refusing a machine, with interfaces in the test's own network namespace. A network namespace
//! is itself refused, so production runs in `cargo xtask vm`. Cases that cannot be set up here are printed as SKIPPED, in
//! capitals.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::*;
use keyferry_core::*;

mod unseen;

const ALG: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;
const KEY: [(&str, &str, Option<&str>); 1] = [("master", "ap-singapore", Some(KEY_ID))];
const VETH: &str = "ip link add v0 type veth peer name v1";

fn skipped(what: &str) {
    eprintln!("SKIPPED, NOT PERMITTED HERE: {what}");
}

fn preflight(args: &[&str]) -> serde_json::Value {
    let command = offline(["preflight", "--json"].iter().chain(args));
    run(&mut isolated("true", &command).unwrap_or(command)).json()
}

fn row<'j>(table: &'j serde_json::Value, check: &str) -> &'j serde_json::Value {
    table["checks"].as_array().unwrap().iter().find(|r| r["check"] == check).unwrap()
}

/// A production room. Its plan waives every baseline check that this test machine fails, except the network's.
fn production(posture: &str) -> Room {
    let table = preflight(&[]);
    let mut text = plan_text("production", ALG, &KEY) + posture;
    for check in ["no-radio", "no-swap", "no-core-dumps", "no-tracer"] {
        if row(&table, check)["holds"] == false && !posture.contains(check) {
            eprintln!("this machine lacks {check}: waived in the test's plan");
            text += &format!("[[posture.waive]]\ncheck = \"{check}\"\nreason = \"the test's machine\"\n");
        }
    }
    Room::with_plan(&text)
}

fn rehearsal(posture: &str) -> Room {
    Room::with_plan(&(plan_text("rehearsal", ALG, &KEY) + posture))
}

fn refused_for(run: &Run, check: &str) {
    run.refused(1, Control::POSTURE_HOLDS);
    assert!(run.err.contains(&format!("the requirements: {check}")), "{}", run.err);
}

/// Checks that the medium has only the files that were on it before.
fn untouched(room: &Room) {
    assert_eq!(room.medium(), ["parameters.json"]);
}

fn record(room: &Room) -> Vec<Event> {
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    Transcript::verify(&bytes).unwrap().unwrap().lines().iter().map(|l| l.event.clone()).collect()
}

#[test]
fn an_interface_that_is_up_stops_production() {
    let room = production("");
    for (prepare, says) in [
        (format!("{VETH}; ip link set v0 up"), "v0 up"),
        (format!("{VETH}; ip link set v0 up; ip link set v1 up"), "v1 up"),
        (format!("{VETH}; ip link set v0 up; ip addr add 198.51.100.7/24 dev v0"), "198.51.100.7"),
        (format!("{VETH}; ip link set v0 up; ip route add 203.0.113.0/24 dev v0"), "route by v0"),
    ] {
        let Some(mut wrap) = isolated(&prepare, &room.wrap(&[])) else {
            return skipped("network namespaces");
        };
        let refused = run(&mut wrap);
        refused_for(&refused, "no-network");
        assert!(refused.err.contains(says), "{says}: {}", refused.err);
        untouched(&room);
    }
}

#[test]
fn what_production_requires_of_the_kernel_stops_where_it_is_lacking() {
    // On this machine, production is refused earlier, because of the network. So a rehearsal's plan requires the same checks by
    // name.
    let required = [PostureCheck::Sandbox, PostureCheck::SecretMemory];
    assert!(required.iter().all(|check| production("").plan.requires(*check)));
    let room = rehearsal("[posture]\nrequire = [\"sandbox\", \"secret-memory\"]\n");
    for (lacking, control) in [
        (Without::Seccomp, Control::SANDBOX_CALLS),
        (Without::Landlock, Control::SANDBOX_FOLDERS),
        (Without::Memory, Control::SECRET_MEMORY),
    ] {
        run(&mut lacking.wraps(&room.wrap(&[]))).refused(1, control);
        untouched(&room);
    }
}

#[test]
fn a_rehearsal_lowers_only_what_its_plan_lists_and_visibly() {
    let room = rehearsal("[posture]\nrequire = [\"no-network\"]\n");
    let up = format!("{VETH}; ip link set v0 up");
    let Some(mut listed) = isolated(&up, &room.wrap(&[])) else { return skipped("network namespaces") };
    refused_for(&run(&mut listed), "no-network");
    let other = run(&mut isolated(&up, &room.wrap(&["--lower", "no-swap"])).unwrap());
    other.refused(1, Control::POSTURE_WAIVER);
    untouched(&room);
    let lowered = run(&mut isolated(&up, &room.wrap(&["--lower", "no-network"])).unwrap());
    assert!(lowered.ok().err.contains("[LOWERED]"), "{}", lowered.err);
    assert!(lowered.err.contains("A PRODUCTION ceremony would be refused"), "{}", lowered.err);
    assert!(format!("{:?}", record(&room)).contains("demand: Lowered"));
    // Production accepts neither the flag nor a plan without the network check.
    let room = production("");
    run(&mut room.wrap(&["--lower", "no-network"])).refused(1, Control::POSTURE_WAIVER);
    run(&mut room.wrap(&["--lower", "no-cats"])).refused(2, Control::USAGE);
    untouched(&room);
}

#[test]
fn an_output_folder_that_others_can_reach() {
    let room = production("");
    let mode = |mode| fs::set_permissions(room.path("medium"), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o777);
    // A raw key is refused if others could replace it, and there is a warning if they can look into the folder.
    let generate = |name| run(offline(["generate", "--bits", "256", "--out"]).arg(room.path(name)));
    refused_for(&generate("medium/key"), "private-output");
    untouched(&room);
    mode(0o755);
    let warned = generate("medium/key");
    assert!(warned.ok().err.contains("FAIL  private-output"), "{}", warned.err);
    assert_eq!(fs::metadata(room.path("medium/key")).unwrap().permissions().mode() & 0o777, 0o600);
    // For ciphertext, there is only a note.
    let table = preflight(&["--out", room.path("medium").to_str().unwrap()]);
    assert_eq!(row(&table, "private-output")["verdict"], "note");
    mode(0o700);
    let table = preflight(&["--out", room.path("medium").to_str().unwrap()]);
    assert_eq!(row(&table, "private-output")["verdict"], "pass");
}

fn strace(options: &[&str], command: &Command) -> Command {
    let mut strace = Command::new("strace");
    strace.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let folder = command.get_current_dir().unwrap_or(Path::new(".")).to_owned();
    strace.args(options).arg("--").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        value.map(|value| strace.env(name, value));
    }
    strace.current_dir(folder);
    strace
}

#[test]
fn a_tracer_is_seen() {
    let traced = |room: &Room| {
        let refused =
            run(&mut strace(&["-f", "-qq", "-e", "trace=none", "-o", "/dev/null"], &room.wrap(&[])));
        refused.refused(1, Control::POSTURE_HOLDS);
        assert!(refused.err.contains("(strace)"), "{}", refused.err);
        untouched(room);
        refused
    };
    refused_for(&traced(&rehearsal("[posture]\nrequire = [\"no-tracer\"]\n")), "no-tracer");
    let refused = traced(&production(""));
    assert!(refused.err.contains("the requirements: no-network, no-tracer"), "{}", refused.err);
}

/// How many network system calls the command makes. The trace names at least the program's own start.
fn network_calls(command: &Command, codes: &[i32]) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let options = ["-f", "-qq", "-e", "trace=network,execve", "-o", log.to_str().unwrap()];
    let done = run(&mut strace(&options, command));
    assert!(codes.contains(&done.code.unwrap()), "{done:?}");
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("execve("), "{log}");
    log.lines().filter(|l| l.contains('(') && !l.contains("execve(")).count()
}

#[test]
fn no_command_makes_a_network_call() {
    let room = rehearsal("");
    fs::write(room.path("key.der"), SPKI).unwrap();
    let at = |args: &[&str]| {
        let mut command = offline(args);
        command.current_dir(room.dir.path());
        command
    };
    let inputs = ["--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium"];
    let preflight = at(&[&["preflight"], &inputs[..]].concat());
    let generate = at(&["generate", "--bits", "256", "--out", "key.bin"]);
    let encrypt =
        ["encrypt", "--public-key", "key.der", "--algorithm", ALG.as_str(), "--material", "key.bin"];
    let encrypt = at(&[&encrypt[..], &["--out", "wrapped.bin"]].concat());
    let commands = [preflight, room.inspect(), room.wrap(&[]), generate, encrypt];
    let calls: usize = commands.iter().map(|c| network_calls(c, &[0])).sum();
    assert_eq!(calls, 0);
    assert!(room.path("wrapped.bin").exists() && room.path("medium/ciphertext.json").exists());
    // The control: the same filter for the station that uses a network.
    let status = online(["status", "--plan", "plan.toml"], &dead_endpoint());
    let mut control = status;
    control.current_dir(room.dir.path());
    assert!(network_calls(&control, &[1, 4]) > 0);
}

/// Parameters from another time: fetched `from` seconds from now, and expired a day later.
fn shift(room: &Room, from: i64) {
    room.write_parameters(|p| {
        p.fetched_at = later(from);
        p.keys.iter_mut().for_each(|k| k.expires_at = Some(later(from + 86_400)));
    });
}

#[test]
fn a_clock_that_contradicts_the_parameters_is_put_right_by_a_person() {
    let day = 86_400;
    for (from, control) in [(10 * day, Control::PARAM_CLOCK), (-10 * day, Control::PARAM_EXPIRED)] {
        let room = rehearsal("");
        shift(&room, from);
        // An empty answer is refused; a script is not asked.
        let asked = run(&mut room.wrap(&[]));
        asked.refused(1, control);
        assert!(asked.err.contains("What time is it"), "{}", asked.err);
        let digest = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap()).to_string();
        let script = run(&mut room.wrap(&["--expect-digest", &digest]));
        script.refused(1, control);
        assert!(!script.err.contains("What time is it") && script.err.contains("--now"), "{}", script.err);
        // If the parameters have expired at the confirmed time, the station refuses them.
        let expired = run_with(&mut room.wrap(&[]), &format!("{}\nYes\n", later(from + day + 1)));
        expired.refused(1, Control::PARAM_EXPIRED);
        untouched(&room);
        let right = later(from + 3_600);
        run_with(&mut room.wrap(&[]), &format!("{right}\nYes\n")).ok();
        let events = record(&room);
        assert!(events.iter().any(|e| matches!(e, Event::TimeGiven { given, clock }
            if *given == right && clock.seconds_until(now()).abs() < 600)));
        let expiry = later(from + day).unix();
        assert!(events.iter().any(|e| matches!(e, Event::TimeConfirmed { time, expires_at, .. }
            if *time == right && (expires_at.unix() - expiry).abs() < 600)));
    }
}

#[test]
fn the_plan_can_confirm_the_clock() {
    let window = |from: i64, to: i64| {
        let (from, to) = (later(from), later(to));
        rehearsal(&format!(
            "[posture]\nrequire = [\"clock-confirmed\"]\n[clock]\nnot_before = \"{from}\"\nnot_after = \"{to}\"\n"
        ))
    };
    let script = |room: &Room, more: &[&str]| {
        let digest = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap()).to_string();
        run(&mut room.wrap(&[&["--expect-digest", &digest], more].concat()))
    };
    let room = window(-3_600, 3_600);
    script(&room, &[]).ok();
    assert!(format!("{:?}", record(&room)).contains("by: Plan"));
    let early = window(3_600, 7_200);
    script(&early, &[]).refused(1, Control::PARAM_CLOCK);
    script(&early, &["--now", &later(60).to_string()]).refused(1, Control::PARAM_CLOCK);
    run_with(&mut early.wrap(&[]), &format!("{}\nYes\n", later(60))).refused(1, Control::PARAM_CLOCK);
    run_with(&mut early.wrap(&[]), &format!("{}\nYes\n", later(4_000))).ok();
}

#[test]
fn the_program_is_the_one_that_the_plan_names() {
    let own = Fingerprint::of(&fs::read(bin_dir().join("keyferry-offline")).unwrap());
    let with = |digest: Fingerprint| {
        rehearsal(&format!("[posture]\nrequire = [\"known-program\"]\nprogram_sha256 = \"{digest}\"\n"))
    };
    run(&mut with(own).wrap(&[])).ok();
    let other = with(Fingerprint::of(b"another build"));
    refused_for(&run(&mut other.wrap(&[])), "known-program");
    untouched(&other);
}

#[test]
fn preflight_shows_every_row_whatever_comes_of_it() {
    let room = production("");
    let mut command = offline(["preflight", "--json", "--plan", "plan.toml", "--out", "medium"]);
    command.args(["--parameters", "medium/parameters.json"]).current_dir(room.dir.path());
    let up = format!("{VETH}; ip link set v0 up");
    let Some(mut up_there) = isolated(&up, &command) else { return skipped("network namespaces") };
    let refused = run(&mut up_there);
    refused_for(&refused, "no-network");
    let table = refused.json();
    assert_eq!(table["error"]["control"], "KF-POST-02");
    assert_eq!((table["checks"].as_array().unwrap().len(), &table["fit"]), (18, &false.into()));
    let network = row(&table, "no-network");
    assert_eq!((&network["verdict"], &network["demand"]), (&"fail".into(), &"required".into()));
    let hint = &network["mend"];
    assert!(
        hint["zh"].as_str().unwrap().contains("命名空间") && !hint.to_string().contains("unshare"),
        "{hint}"
    );
    let chinese = run(isolated(&up, &command).unwrap().args(["--lang", "zh"]));
    assert!(chinese.err.contains("不符  no-network"), "{}", chinese.err);
}
