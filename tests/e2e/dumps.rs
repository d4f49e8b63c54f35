//! No shipped program can be dumped, traced or read by another process of its user, whatever it holds; a program without this
//! protection can.
//!
//! Each program waits at a prompt with a secret in its memory. Root may read everything, so as root the programs and the
//! attacker run as another user. The control is `cat`, with the same secret in its environment.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

mod attacker;
mod subject;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::sync::OnceLock;

pub(crate) use attacker::attacker;
use attacker::{Attempts, attack};
use subject::{PLANTED, Stage, Subject, contains};

const SIGABRT: i32 = 6;

/// The limit of the process, as the kernel prints it.
fn core_limit(subject: &Subject) -> String {
    let limits = fs::read_to_string(format!("/proc/{}/limits", subject.pid())).unwrap();
    let line = limits.lines().find(|l| l.starts_with("Max core file size")).unwrap();
    line["Max core file size".len()..].split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// The result of the attack on each program: its limit on core files, and the attempts.
fn attacked() -> &'static [(&'static str, String, Attempts)] {
    static ALL: OnceLock<Vec<(&'static str, String, Attempts)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut subjects = Stage::new().programs();
        let seen = subjects.iter().map(|s| (s.name, core_limit(s), attack(s))).collect();
        subjects.iter_mut().for_each(Subject::end);
        seen
    })
}

/// Checks that program at each of its prompts. One command is enough, because a program hardens itself before it knows which
/// command it runs.
pub(crate) fn nobody_reads(program: &str) {
    let of_it = attacked().iter().filter(|(name, ..)| name.split(' ').next() == Some(program));
    let tried = of_it
        .inspect(|(name, limit, attempts)| {
            assert_eq!(limit, "0 0", "{name}");
            assert_eq!(*attempts, Attempts::REFUSED, "{name}");
        })
        .count();
    assert!(tried > 0, "{program}");
}

#[test]
fn no_program_can_be_read_or_traced_by_another_of_its_user() {
    for (program, _) in Stage::COMMANDS {
        nobody_reads(program);
    }
    assert_eq!(attacked().len(), Stage::PROGRAMS);
    let stage = Stage::new();
    let mut control = stage.control();
    let found = attack(&control);
    assert_eq!(found.maps, "read", "{found:?}");
    if yama() {
        eprintln!("Yama lets only a parent attach: the control shows only the memory map");
    } else {
        assert_eq!(found, Attempts::SUCCEEDED);
    }
    control.end();
}

/// Whether the kernel protects even unprotected processes from all but their parents.
fn yama() -> bool {
    fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").is_ok_and(|scope| scope.trim() != "0")
}

#[test]
fn a_program_aborted_at_its_prompt_leaves_no_secret() {
    if let Err(why) = cores_stay_here() {
        eprintln!("SKIPPED, NOT PASSED: {} programs, because {why}", Stage::PROGRAMS);
        return;
    }
    let stage = Stage::new();
    let mut control = stage.control();
    assert_eq!(control.abort().signal(), Some(SIGABRT));
    let left = stage.cores();
    assert!(
        left.iter().any(|core| contains(core, PLANTED.as_bytes())),
        "{} core files of the control",
        left.len()
    );
    let mut tried = 0;
    for mut subject in stage.programs() {
        assert!(subject.remembers(), "{}: the secret is not in its memory", subject.name);
        assert_eq!(subject.abort().signal(), Some(SIGABRT), "{}", subject.name);
        if let Some(core) = stage.cores().first() {
            let found = subject.secrets.iter().filter(|s| contains(core, s)).count();
            panic!("{}: a core file of {} bytes with {found} secrets", subject.name, core.len());
        }
        tried += 1;
    }
    assert_eq!(tried, Stage::PROGRAMS);
}

/// Checks that an unprotected process leaves its core file in its own folder; otherwise returns why not.
fn cores_stay_here() -> Result<(), String> {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let hard = limits
        .lines()
        .find(|l| l.starts_with("Max core file size"))
        .and_then(|l| l.split_whitespace().nth(5));
    if pattern.contains(['|', '/']) {
        return Err(format!("core files go elsewhere: {}", pattern.trim()));
    }
    if hard == Some("0") { Err("the hard limit on core files is 0".to_owned()) } else { Ok(()) }
}

/// Help and version need nothing from the kernel, but a command does.
#[test]
fn under_a_limit_on_files_a_program_refuses_before_it_begins() {
    let stage = Stage::new();
    for (name, args) in Stage::COMMANDS {
        let run = |args: &[&str]| {
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", "ulimit -f 8; exec \"$@\"", "sh"]).arg(stage.path(name)).args(args);
            crate::support::run(shell.env("LANG", "C.UTF-8"))
        };
        run(&["--version"]).ok();
        run(args).refused(3, keyferry_core::Control::FILE_SPACE);
    }
}
