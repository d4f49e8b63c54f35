//! `kill -9` while material is recovered: whenever it happens, there is no ciphertext, or the run was complete. The old shares still work.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)] // figures are the point

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::backup_killed::{
    Keys, MANY, ONE, Stage, confirmed, ends_with, feed_after, is_over, record_in, room,
};
use crate::support::kill_at::{KillAt, changes_a_file};
use crate::support::shares::*;
use crate::support::*;
use keyferry_core::*;

/// One room's `rewrap`, each time into a new folder.
struct Rewraps {
    room: Room,
    keys: usize,
    fresh: bool,
    /// What is typed before the new shares.
    first: String,
}

impl Rewraps {
    fn new(keys: Keys<'_>, fresh: bool) -> Self {
        let room = room(keys);
        run_typing(&mut room.wrap(&["--shares", "files=shares"]), &room.path("shares"), "Yes\n", lines).ok();
        let first = format!("Yes\n{}", lines(&shares_in(&room.path("shares"))[1..]));
        Self { room, keys: keys.len(), fresh, first }
    }

    fn command(&self, out: &str, more: &[&str]) -> Command {
        fs::create_dir_all(self.room.path(out)).unwrap();
        if !self.room.path("new").exists() {
            private_folder(&self.room.path("new"));
        }
        let mut rewrap = offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
        rewrap.args(["--transcript", "medium/transcript.jsonl", "--out", out]).args(more);
        if self.keys > 1 {
            rewrap.args(["--escrow", "medium/escrow.json"]);
        }
        if self.fresh {
            rewrap.args(["--new-shares", "--shares", "files=new"]);
        }
        rewrap.current_dir(self.room.dir.path());
        rewrap
    }

    /// Kills it before call `n` that changes a file; returns whether it was killed before its end.
    fn kill_at(&self, out: &str, n: usize) -> bool {
        self.forget_new();
        let mut run = KillAt::start(&self.command(out, &[]), changes_a_file, n);
        let (stdin, over) = (run.stdin.take().unwrap(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| feed_after(&self.first, &self.room.path("new"), stdin, &over));
            let ended = run.end();
            over.store(true, Ordering::Relaxed);
            ended.killed()
        })
    }

    /// The files of new shares, whose names the next run needs again.
    fn forget_new(&self) {
        let new = self.room.path("new");
        if new.exists() {
            fs::remove_dir_all(&new).unwrap();
        }
    }

    /// Checks what a killed run left: no ciphertext, or everything.
    fn check(&self, out: &str, what: &str) -> Stage {
        let (events, folder) = (record_in(&self.room, out), self.room.path(out));
        let confirmed = confirmed(&events);
        let Ok(bytes) = fs::read(folder.join("ciphertext.json")) else {
            return match (events.is_empty(), confirmed) {
                (true, _) => Stage::Nothing,
                _ if is_over(&events) => Stage::Recorded,
                (_, 3) => Stage::Confirmed,
                _ if events.iter().any(|e| matches!(e, Event::SharesMade { .. })) => Stage::Shared,
                _ => Stage::Begun,
            };
        };
        let digest = artefact::parse::<Ciphertext>(&bytes).unwrap().1;
        assert!(ends_with(&events, digest), "{what}: a ciphertext before the end of its run");
        assert_eq!(confirmed, if self.fresh { 3 } else { 0 }, "{what}");
        assert_eq!(folder.join("escrow.json").exists(), self.fresh && self.keys > 1, "{what}");
        Stage::Finished
    }

    /// The same command again: refused if the ciphertext exists or new shares of the killed run are confirmed; with consent, it succeeds.
    fn again(&self, out: &str, stage: Stage, what: &str) {
        let stranded = confirmed(&record_in(&self.room, out)) > 0;
        if stage != Stage::Finished && share_file(&self.room.path("new"), 1).exists() {
            // The same command finds the names of its shares taken, and says what that means.
            let said = if stranded { Control::BACKUP_STRANDED } else { Control::FILE_EXISTS };
            run_with(&mut self.command(out, &[]), &self.first).refused(1, said);
        }
        self.forget_new();
        if stage == Stage::Finished {
            run_with(&mut self.command(out, &[]), &self.first).refused(1, Control::FILE_EXISTS);
            return;
        }
        if stranded {
            run_with(&mut self.command(out, &[]), &self.first).refused(1, Control::BACKUP_STRANDED);
        }
        let more: &[&str] = if stranded { &["--void-shares"] } else { &[] };
        let escrow = self.room.path(out).join("escrow.json");
        if escrow.exists() {
            run_with(&mut self.command(out, more), &self.first).refused(1, Control::FILE_EXISTS);
            fs::remove_file(escrow).unwrap();
        }
        let run = run_typing(&mut self.command(out, more), &self.room.path("new"), &self.first, lines);
        assert_eq!(run.code, Some(0), "{what}: {run:?}");
        let made = artefact::parse(&fs::read(self.room.path(out).join("ciphertext.json")).unwrap());
        let (made, digest): (Ciphertext, _) = made.unwrap();
        let events = record_in(&self.room, out);
        assert!(ends_with(&events, digest), "{what}: {events:?}");
        let void = events.iter().filter(|e| matches!(e, Event::SharesVoid { .. })).count();
        assert_eq!(void, usize::from(stranded), "{what}");
        let before = self.room.ciphertext().0;
        let commitments = |c: &Ciphertext| c.keys.iter().map(|k| k.commitment).collect::<Vec<_>>();
        assert_eq!(commitments(&made), commitments(&before), "{what}: other material");
    }

    fn at_every_call(keys: Keys<'_>, fresh: bool) {
        let this = Self::new(keys, fresh);
        let mut stages = BTreeMap::<Stage, usize>::new();
        for n in 1.. {
            let (out, what) = (format!("again-{n}"), format!("{} keys, fresh {fresh}, call {n}", keys.len()));
            let killed = this.kill_at(&out, n);
            let stage = this.check(&out, &what);
            if !killed {
                assert_eq!(stage, Stage::Finished, "{what}: not killed, and not over");
                break;
            }
            *stages.entry(stage).or_default() += 1;
            this.again(&out, stage, &what);
        }
        println!("rewrap of {} keys, fresh {fresh}: {stages:?}", keys.len());
        let all =
            [Stage::Nothing, Stage::Begun, Stage::Shared, Stage::Confirmed, Stage::Recorded, Stage::Finished];
        let some = [Stage::Nothing, Stage::Begun, Stage::Recorded, Stage::Finished];
        let expected = if fresh { all.as_slice() } else { some.as_slice() };
        assert!(expected.iter().all(|stage| stages.contains_key(stage)), "{stages:?}");
    }
}

#[test]
fn rewrap_killed_at_every_call_that_changes_a_file() {
    for (keys, fresh) in [(ONE, false), (MANY, false), (ONE, true), (MANY, true)] {
        Rewraps::at_every_call(keys, fresh);
    }
}

/// Nothing is killed, but people stop before they read the new shares back. The record has the end of the run, with nothing made.
#[test]
fn a_rewrap_that_gave_up_ends_in_its_record() {
    for keys in [ONE, MANY] {
        let this = Rewraps::new(keys, true);
        let mut command = this.command("again", &[]);
        let run = run_typing(&mut command, &this.room.path("new"), &this.first, |_| String::new());
        run.refused(1, Control::SECRET_TYPED);
        let events = record_in(&this.room, "again");
        assert!(events.iter().any(|e| matches!(e, Event::SharesMade { .. })), "{events:?}");
        let Some(Event::Finished { command, succeeded: 0, failed }) = events.last() else {
            panic!("the run has no end: {events:?}");
        };
        assert_eq!((command.as_str(), *failed), ("rewrap", keys.len() as u64));
        assert!(!this.room.path("again/ciphertext.json").exists());
        this.again("again", Stage::Shared, "after it gave up");
    }
}
