//! A station with one hidden network call is killed because of it, before anything is wrapped. `cargo xtask boundary` builds
//! both programs.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::{Room, Without, run};
use keyferry_core::WrappingAlgorithm;

/// How the control differs from a real station, in its version and in every record.
const CALLS_THE_NETWORK: &str = "CALLS THE NETWORK";

fn station(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable);
    path.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask boundary`")).into()
}

fn wrap(program: PathBuf, room: &Room) -> Command {
    let mut command = Command::new(program);
    command.args(room.wrap(&[]).get_args()).current_dir(room.dir.path());
    command
}

fn version(program: &PathBuf) -> String {
    String::from_utf8(Command::new(program).arg("--version").output().unwrap().stdout).unwrap()
}

#[test]
#[ignore = "needs the shipped station and one that calls the network: cargo xtask boundary"]
fn a_hidden_network_call_ends_the_station() {
    let control = station("KEYFERRY_BOUNDARY_CONTROL");
    assert!(version(&control).contains(CALLS_THE_NETWORK), "it could be mistaken for a real one");
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    let mut child = wrap(control, &room);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"Yes\n").unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGSYS));
    assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
}

#[test]
#[ignore = "needs the shipped station and one that calls the network: cargo xtask boundary"]
fn it_is_the_filter_that_ends_it() {
    // On a kernel without seccomp, the same call is possible, and the rehearsal continues.
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    let done = run(&mut Without::Seccomp.wraps(&wrap(station("KEYFERRY_BOUNDARY_CONTROL"), &room)));
    assert!(done.ok().err.contains("NOT CONFINED [KF-SAND-01]"), "{done:?}");
    // The shipped station does not make the call.
    let shipped = station("KEYFERRY_BOUNDARY_SHIPPED");
    assert!(!version(&shipped).contains(CALLS_THE_NETWORK));
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    assert!(!run(&mut wrap(shipped, &room)).ok().err.contains("NOT CONFINED"));
}
