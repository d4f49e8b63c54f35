//! What happens if the kernel lacks a protection: a ceremony that requires it stops, another one continues and reports it, and the record
//! says so.
//!
//! A filter around the station simulates such a kernel: it answers the protection's system call with ENOSYS, as an older kernel does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use crate::support::{Room, Without, run};
use keyferry_core::transcript::MemoryKind;
use keyferry_core::{Control, Event, Transcript, WrappingAlgorithm};

/// The record's line about the protections that took effect.
fn confined(room: &Room) -> Event {
    let bytes = std::fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let chain = Transcript::verify(&bytes).unwrap().unwrap();
    let mut lines = chain.lines().iter().map(|l| l.event.clone());
    lines.find(|e| matches!(e, Event::Confined { .. })).unwrap()
}

#[test]
fn a_whole_kernel_confines_and_the_record_says_how() {
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    let done = run(&mut room.wrap(&[]));
    assert!(!done.ok().err.contains("NOT CONFINED"), "{done:?}");
    match confined(&room) {
        Event::Confined {
            no_new_privs: true,
            limits: true,
            seccomp: true,
            landlock_abi: 1..,
            memory,
            ..
        } => {
            assert!(matches!(memory, MemoryKind::SecretPages | MemoryKind::LockedPages));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plan_that_requires_a_protection_stops_where_the_kernel_lacks_it() {
    // Every production plan requires these; nothing else on this machine stops a rehearsal.
    let required = "[posture]\nrequire = [\"sandbox\", \"secret-memory\"]\n";
    let key = [("master", "ap-singapore", Some(crate::support::KEY_ID))];
    let text = crate::support::plan_text("rehearsal", WrappingAlgorithm::default(), &key) + required;
    run(&mut Room::with_plan(&text).wrap(&[])).ok();
    for (without, control) in LACKS {
        let room = Room::with_plan(&text);
        let done = run(&mut without.wraps(&room.wrap(&[])));
        assert_eq!(room.medium(), ["parameters.json"], "{without:?}");
        done.refused(1, control);
    }
}

#[test]
fn a_rehearsal_goes_on_and_says_what_is_lacking() {
    for (without, control) in LACKS {
        let room = Room::new("rehearsal", WrappingAlgorithm::default());
        let done = run(&mut without.wraps(&room.wrap(&[])));
        assert!(done.ok().err.contains(&format!("NOT CONFINED [{control}]")), "{without:?}: {done:?}");
        let lacking = match (without, confined(&room)) {
            (Without::Seccomp, Event::Confined { seccomp, .. }) => !seccomp,
            (Without::Landlock, Event::Confined { landlock_abi, .. }) => landlock_abi == 0,
            (Without::Memory, Event::Confined { memory, .. }) => memory == MemoryKind::Unlocked,
            (Without::NewPrivileges, Event::Confined { no_new_privs, .. }) => !no_new_privs,
            (Without::SecretPages, _) => false,
            (_, other) => panic!("{other:?}"),
        };
        assert!(lacking, "{without:?}");
    }
}

#[test]
fn locked_pages_serve_where_there_are_no_secret_ones() {
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    let done = run(&mut Without::SecretPages.wraps(&room.wrap(&[])));
    assert!(!done.ok().err.contains("NOT CONFINED"), "{done:?}");
    assert!(matches!(confined(&room), Event::Confined { memory: MemoryKind::LockedPages, .. }));
}

#[test]
fn by_hand_what_is_lacking_is_shown() {
    for (without, control) in LACKS {
        let dir = tempfile::tempdir().unwrap();
        let mut generate = crate::support::offline(["generate", "--bits", "256", "--out", "material.bin"]);
        let done = run(&mut without.wraps(generate.current_dir(dir.path())));
        assert!(done.ok().err.contains(&format!("NOT CONFINED [{control}]")), "{without:?}: {done:?}");
    }
}

const LACKS: [(Without, Control); 4] = [
    (Without::Seccomp, Control::SANDBOX_CALLS),
    (Without::Landlock, Control::SANDBOX_FOLDERS),
    (Without::NewPrivileges, Control::SANDBOX_PRIVILEGES),
    (Without::Memory, Control::SECRET_MEMORY),
];
