//! Which command checks which property of which file: a cell for every file that a command reads, times every property.
//!
//! The rows are compared with the commands that the programs list in their help, in both directions. Files and properties are
//! matched exhaustively: a new kind of file without an answer does not compile, a new command without a row fails. Every tested
//! cell runs the real program twice, on a good file, which is accepted, and on a bad one, which is refused with nothing written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod desk;
mod offline;
mod online;
mod rows;
mod scene;
mod table;

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::process::Command;

use crate::support::bin_dir;
use rows::{Artefact, COMMANDS, PROPERTIES, readers};
use table::{Cell, cell};

/// The commands that a program lists in its help.
fn listed(program: &str) -> BTreeSet<String> {
    let help = Command::new(bin_dir().join(program)).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    commands.filter_map(|l| l.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_command_has_a_row_and_every_row_a_command() {
    let mut counted = 0;
    for program in ["keyferry-offline", "keyferry-online", "keyferry"] {
        let rows: BTreeSet<String> =
            COMMANDS.iter().filter(|c| c.0 == program).map(|c| c.1.to_owned()).collect();
        assert_eq!(rows, listed(program), "{program}");
        counted += rows.len();
    }
    // The scanner is one command; it holds nothing secret and decides nothing.
    assert!(listed("keyferry-scan").is_empty());
    assert_eq!(counted, COMMANDS.len());
    for artefact in Artefact::all() {
        for cmd in readers(artefact) {
            assert!(COMMANDS.contains(cmd), "{cmd:?} reads {artefact:?} and has no row");
        }
    }
}

#[test]
fn every_file_that_a_command_reads_is_held_to_every_property() {
    let (mut tested, mut excused, mut red) = (0, 0, Vec::new());
    for artefact in Artefact::all() {
        for (cmd, property) in readers(artefact).iter().flat_map(|c| PROPERTIES.map(|p| (*c, p))) {
            match cell(cmd, artefact, property) {
                Cell::Tested(run) => {
                    tested += 1;
                    if let Err(panic) = catch_unwind(|| run(cmd)) {
                        red.push(format!("{cmd:?} × {artefact:?} × {property:?}: {}", said(&*panic)));
                    }
                }
                Cell::Not(reason) => {
                    assert!(reason.len() > 15, "{cmd:?} × {artefact:?} × {property:?}");
                    excused += 1;
                }
                Cell::Missing => red.push(format!("{cmd:?} × {artefact:?} × {property:?} has no cell")),
            }
        }
    }
    eprintln!("{tested} cells tested, {excused} with a reason why not");
    assert!(tested > 60, "{tested}");
    assert!(red.is_empty(), "{} of {tested} cells are red:\n{}", red.len(), red.join("\n"));
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
    text.chars().take(600).collect()
}

#[test]
fn every_secret_that_is_written_is_its_owner_s_alone() {
    let written = [offline::written(), online::written(), desk::written()].concat();
    assert!(written.len() >= 8, "{written:?}");
    for (what, mode) in written {
        assert_eq!(mode & 0o077, 0, "{what}: {mode:o}");
    }
}
