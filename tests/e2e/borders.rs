//! Which command checks which property of which file: there is a cell for every combination of a file that a command reads and a property.
//!
//! Commands, files and properties are matched exhaustively, and the compiler checks every cell: a new command, file or property without an
//! answer does not compile. The programs' help lists exactly the commands of the rows. Every tested cell runs the real program twice: on a
//! good file, which must be accepted, and on a bad one, which must be refused with nothing written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod desk;
mod hsm;
mod offline;
mod online;
mod rows;
mod scene;
mod table;

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::process::Command;

use keyferry_core::{DeskCommand, HsmCommand, OfflineCommand, OnlineCommand};

use crate::support::bin_dir;
use rows::{Artefact, COMMANDS, Cmd, Property, reads};
use table::{Cell, cell};

/// A test for each property, and the list of all properties: a property without a test would be missing from the list, and does not
/// compile.
macro_rules! columns {
    ($($test:ident $property:ident $cells:literal,)+) => {
        const PROPERTIES: &[Property] = &[$(Property::$property),+];

        const fn test_of(property: Property) -> &'static str {
            match property {
                $(Property::$property => concat!("borders::", stringify!($test)),)+
            }
        }

        $(#[test]
        fn $test() {
            hold(Property::$property, $cells);
        })+
    };
}

columns! {
    rehearsal_and_production_never_mix Purpose 49,
    nobody_else_reads_or_changes_a_secret Mode 27,
    a_secret_belongs_to_its_reader Owner 26,
    the_provider_is_the_plan_s Provider 14,
    what_expired_is_not_used Expiry 6,
    secrets_are_never_on_the_medium Folder 4,
    production_uses_nothing_seeded Seeded 17,
    a_record_that_grows_is_a_plain_file Lines 15,
    nobody_reads_a_program_s_memory Dumps 27,
}

/// The commands that a program lists in its help.
fn listed(program: &str) -> BTreeSet<String> {
    let help = Command::new(bin_dir().join(program)).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    // A description that does not fit one line continues on the next line.
    let commands = commands.filter_map(|l| l.strip_prefix("  ")).filter(|l| !l.starts_with(' '));
    commands.filter_map(|l| l.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_command_has_a_row_and_every_row_a_command() {
    let mut counted = 0;
    let programs =
        [OfflineCommand::PROGRAM, OnlineCommand::PROGRAM, HsmCommand::PROGRAM, DeskCommand::PROGRAM];
    for program in programs {
        let rows = COMMANDS.iter().filter(|c| c.program() == program).map(|c| c.word().to_owned());
        let rows: BTreeSet<String> = rows.collect();
        assert_eq!(rows, listed(program), "{program}");
        counted += rows.len();
    }
    // The scanner is a single command; it holds no secret and decides nothing.
    assert!(listed("keyferry-scan").is_empty());
    assert_eq!(counted, COMMANDS.len());
    for artefact in Artefact::all() {
        assert!(COMMANDS.iter().any(|cmd| reads(*cmd).contains(&artefact)), "nothing reads {artefact:?}");
    }
}

fn name(cmd: Cmd, artefact: Artefact, property: Property) -> String {
    format!("{cmd} × {artefact} × {property:?}")
}

/// Each command with each file that it reads.
fn rows() -> impl Iterator<Item = (Cmd, Artefact)> {
    COMMANDS.into_iter().flat_map(|cmd| reads(cmd).iter().map(move |artefact| (cmd, *artefact)))
}

/// Runs every tested cell of a column, and checks their number.
fn hold(property: Property, cells: usize) {
    let (mut tested, mut excused, mut red) = (0, 0, Vec::new());
    for (cmd, artefact) in rows() {
        let name = name(cmd, artefact, property);
        match cell(cmd, artefact, property) {
            Cell::Tested(run) => {
                tested += 1;
                if let Err(panic) = catch_unwind(|| run(cmd)) {
                    red.push(format!("red: {name}: {}", said(&*panic)));
                }
            }
            Cell::Not(reason) => {
                assert!(reason.len() > 15, "{name}");
                excused += 1;
            }
            Cell::Missing => red.push(format!("red: {name}: has no cell")),
        }
    }
    eprintln!("{property:?}: {tested} cells tested, {excused} with a reason why not");
    assert!(red.is_empty(), "{} of {tested} cells are red:\n{}", red.len(), red.join("\n"));
    assert_eq!(tested, cells, "{property:?}");
}

/// One line.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
    text.chars().take(600).map(|c| if c == '\n' { ' ' } else { c }).collect()
}

/// `xtask/src/red.txt` says which check must be removed for which cells; `cargo xtask red` removes it and expects these to be red.
#[test]
fn every_tested_cell_was_seen_red() {
    let table = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("xtask/src/red.txt");
    let table = std::fs::read_to_string(table).unwrap();
    let mut seen = BTreeSet::new();
    for entry in table.split("\n\n") {
        let test = entry.lines().find_map(|l| l.strip_prefix("test ")).and_then(|l| l.split(' ').next_back());
        for line in entry.lines().filter_map(|l| l.strip_prefix("cells ")) {
            let [program, rest] = <[&str; 2]>::try_from(line.splitn(2, ' ').collect::<Vec<_>>()).unwrap();
            let (commands, column) = rest.split_once(" × ").unwrap();
            for command in commands.split(", ") {
                seen.insert((test.unwrap_or_default().to_owned(), format!("{program} {command} × {column}")));
            }
        }
    }
    let mut cells = BTreeSet::new();
    for property in PROPERTIES.iter().copied() {
        let tested = rows().filter(|(cmd, file)| matches!(cell(*cmd, *file, property), Cell::Tested(_)));
        let names = tested.map(|(cmd, file)| name(cmd, file, property));
        cells.extend(names.map(|name| (test_of(property).to_owned(), name)));
    }
    let never: Vec<_> = cells.difference(&seen).collect();
    let unknown: Vec<_> = seen.difference(&cells).collect();
    assert!(
        never.is_empty() && unknown.is_empty(),
        "never seen red: {never:#?}; unknown cells: {unknown:#?}"
    );
}

#[test]
fn every_secret_that_is_written_is_its_owner_s_alone() {
    let written = [offline::written(), online::written(), desk::written()].concat();
    assert!(written.len() >= 8, "{written:?}");
    for (what, mode) in written {
        assert_eq!(mode & 0o077, 0, "{what}: {mode:o}");
    }
}
