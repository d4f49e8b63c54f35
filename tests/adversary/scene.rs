//! One case: which file the attacker replaced, which command then reads it, and the result.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::forge::key::KeyPair;
use crate::forge::{digest, record};
use crate::programs::{Run, online, program, run};
use crate::room::{Backup, Contents, Room};
use crate::trap::Trap;

/// The page of a report.
const PAGE: &str = "page.html";

/// A command line, without the options that a case adds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) program: &'static str,
    pub(crate) line: &'static str,
    /// The options that are added if the plan has shares, and if it has an escrow.
    pub(crate) shares: &'static str,
    pub(crate) escrow: &'static str,
}

/// The digest or head that a person has on paper and passes as an option: that of a file before the attacker replaced the file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Paper {
    WrongDigest,
    WrongHead,
    Digest(&'static str),
    Head(&'static str),
    /// The digest of the first file, and the head of the second.
    Both(&'static str, &'static str),
    WrongPlan,
    Plan(&'static str),
    /// The digest of the plan, and the head of the record.
    PlanAndHead(&'static str, &'static str),
}

/// What the attacker made.
#[derive(Debug)]
pub(crate) struct Forged {
    /// The digest or head that a person must compare, so it must be on the screen when the question is asked.
    pub(crate) compared: String,
    /// A digest whose words must not be shown by a command that only reads.
    pub(crate) never_aloud: String,
}

/// The expected result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Not exit 0. Nothing is made or sent, and no share is requested. If the question for consent is reached, the digest is on the
    /// screen.
    Refused,
    /// Like `Refused`, but the digest is always on the screen.
    RefusedInSight,
    /// A command that only reads: nothing is made or sent, and only the file's digest is shown, in hex.
    Reads,
    /// The same at the desk, where the words of the head are shown for comparison with the paper.
    ReadsDesk,
    /// A report whose page says that the record is refused.
    ReportsRefusal,
    /// A command that asks the service about the keys in the file and changes nothing: the digest is shown before that.
    Asks,
}

/// A row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) command: Line,
    /// The file that was replaced, and how.
    pub(crate) forgery: &'static str,
    pub(crate) make: fn(&Scene<'_>) -> Forged,
    pub(crate) papers: &'static [Paper],
    pub(crate) expect: Expect,
    /// The ceremonies that have such a file.
    pub(crate) backups: &'static [Backup],
}

/// A line of a table of cases.
pub(crate) const fn row(
    command: Line,
    forgery: &'static str,
    make: fn(&Scene<'_>) -> Forged,
    papers: &'static [Paper],
    expect: Expect,
    backups: &'static [Backup],
) -> Case {
    Case { command, forgery, make, papers, expect, backups }
}

/// People compare this digest, and no command that only reads may show its words.
pub(crate) fn forged(digest: String) -> Forged {
    Forged { never_aloud: digest.clone(), compared: digest }
}

/// The folder of one case, and the files that the attacker made.
pub(crate) struct Scene<'s> {
    pub(crate) room: &'s Room,
    pub(crate) attacker: &'s KeyPair,
    pub(crate) endpoint: &'s str,
}

impl Scene<'_> {
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.room.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Writes a file as its owner would, and returns its digest.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.room.path().join(name);
        fs::write(&path, text).unwrap();
        let mode = if name.starts_with("session") { 0o600 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        digest::of(text)
    }

    /// Removes files and folders that exist.
    pub(crate) fn remove(&self, names: &[&str]) {
        for path in names.iter().map(|name| self.room.path().join(name)) {
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }

    pub(crate) fn copy(&self, from: &str, to: &str) -> String {
        self.write(to, &self.read(from))
    }
}

/// The command in a room.
pub(crate) fn command(line: Line, room: &Room, more: &[String], endpoint: &str) -> Command {
    let mut args: Vec<&str> = line.line.split(' ').collect();
    if room.backup != Backup::None {
        args.extend(line.shares.split(' ').filter(|word| !word.is_empty()));
    }
    if room.backup == Backup::Escrow {
        args.extend(line.escrow.split(' ').filter(|word| !word.is_empty()));
    }
    args.extend(more.iter().map(String::as_str));
    match line.program {
        "keyferry-online" => online(room.path(), &args, endpoint),
        name => program(name, room.path(), &args),
    }
}

impl Paper {
    pub(crate) fn options(self, room: &Room) -> Vec<String> {
        let file = |name: &str| fs::read_to_string(room.path().join(name)).unwrap();
        let digest = |value: String| vec!["--expect-digest".to_owned(), value];
        let head = |value: String| vec!["--expect-head".to_owned(), value];
        let plan = |value: String| vec!["--expect-plan".to_owned(), value];
        match self {
            Self::WrongDigest => digest("1".repeat(64)),
            Self::WrongHead => head("1".repeat(64)),
            Self::Digest(name) => digest(digest::of(file(name))),
            Self::Head(name) => head(record::head(&file(name))),
            Self::Both(one, other) => {
                [Self::Digest(one).options(room), Self::Head(other).options(room)].concat()
            }
            Self::WrongPlan => plan("1".repeat(64)),
            Self::Plan(name) => plan(digest::of(file(name))),
            Self::PlanAndHead(one, other) => {
                [Self::Plan(one).options(room), Self::Head(other).options(room)].concat()
            }
        }
    }
}

/// Runs a case in a ceremony: once without options, and once with each digest from the paper. Returns the number of runs, and what
/// went wrong.
pub(crate) fn play(case: &Case, held: &Room, attacker: &KeyPair, trap: &Trap) -> (usize, Vec<String>) {
    let papers = case.papers.iter().map(|paper| paper.options(held));
    let given: Vec<Vec<String>> = std::iter::once(Vec::new()).chain(papers).collect();
    let mut wrong = Vec::new();
    for options in &given {
        let room = held.copy();
        let forged = (case.make)(&Scene { room: &room, attacker, endpoint: &trap.endpoint() });
        let before = room.contents();
        trap.count();
        let run = run(&mut command(case.command, &room, options, &trap.endpoint()), "");
        let left = Left { sent: trap.count(), made: changed(&room, &before, case.expect), page: page(&room) };
        let asked = options.is_empty() && run.said.contains("[KF-CONSENT-01]");
        let found = judge((case.expect, asked), &run, &left, &forged, held.backup);
        let what = format!(
            "{:?} {:?}, {} {}, {}, {options:?}",
            held.purpose, held.backup, case.command.program, case.command.line, case.forgery
        );
        if !found.is_empty() {
            let (why, code) = (found.join("; "), run.code);
            wrong.push(format!("{what}: {why} (exit {code:?})\n{}", last(&run.said)));
        }
    }
    (given.len(), wrong)
}

/// What a run left behind.
struct Left {
    sent: usize,
    made: bool,
    /// The page of a report.
    page: String,
}

fn page(room: &Room) -> String {
    fs::read_to_string(room.path().join(PAGE)).unwrap_or_default()
}

/// Whether any file is new, gone or changed, except the page of a report.
fn changed(room: &Room, before: &Contents, expect: Expect) -> bool {
    let mut after = room.contents();
    if expect == Expect::ReportsRefusal {
        after.remove(&room.path().join(PAGE));
    }
    after != *before
}

fn judge(
    (expect, asked): (Expect, bool),
    run: &Run,
    left: &Left,
    forged: &Forged,
    backup: Backup,
) -> Vec<&'static str> {
    let shown = run.shows(&forged.compared);
    let refused = matches!(expect, Expect::Refused | Expect::RefusedInSight);
    let reads = matches!(expect, Expect::Reads | Expect::ReadsDesk);
    // Usage errors would prove nothing; the positive controls show that `--expect-head` does not cause one.
    let rows = [
        (refused && run.code == Some(0), "it succeeded"),
        (refused && run.code.is_none(), "it was killed"),
        (expect != Expect::Asks && left.made, "something was made"),
        (expect != Expect::Asks && left.sent > 0, "something was sent"),
        (backup != Backup::None && asks_for_shares(run), "a share was asked for"),
        (refused && asked && !shown, "the question does not show the file's digest"),
        (expect == Expect::RefusedInSight && !shown, "the file's digest is not shown"),
        (reads && run.code == Some(0) && !shown, "the file's digest is not shown"),
        (expect == Expect::Reads && run.reads_aloud(&forged.never_aloud), "its words are shown"),
        (
            expect == Expect::ReadsDesk && run.code == Some(0) && !run.reads_aloud(&forged.compared),
            "the words of its head are not shown",
        ),
        (expect == Expect::ReportsRefusal && run.code == Some(0), "it succeeded"),
        (expect == Expect::ReportsRefusal && !left.page.contains("REFUSED"), "the page does not say REFUSED"),
        (
            expect == Expect::Asks && (left.made || left.sent > 0) && !shown,
            "the file that it asks by is not shown",
        ),
    ];
    rows.into_iter().filter(|(is_so, _)| *is_so).map(|(_, why)| why).collect()
}

/// The words with which the offline station asks for shares.
pub(crate) fn asks_for_shares(run: &Run) -> bool {
    ["Share 1 of", "Your share"].iter().any(|prompt| run.said.contains(prompt))
}

fn last(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].iter().map(|line| format!("        {line}\n")).collect()
}
