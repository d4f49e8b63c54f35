//! Tests the rules for files on a real file system.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use keyferry_core::{Class, Control, Event, Explain, Fingerprint, Station, Timestamp, Transcript};
use keyferry_transport::{
    Access, FileError, TranscriptFile, check_free, prepare_new, prepare_new_by, read_capped, read_secret,
    write_new,
};
use proptest::prelude::*;

fn clock() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

fn event(n: u64) -> Event {
    Event::Finished { command: "test".into(), succeeded: n, failed: 0 }
}

#[test]
fn an_output_appears_whole_with_its_mode_and_nothing_else_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("session.json");
    write_new(&path, b"abc", Access::Owner).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"abc");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn an_existing_output_is_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    fs::write(&path, "old").unwrap();
    let error = write_new(&path, b"new", Access::Everyone).unwrap_err();
    assert_eq!((error.control(), error.class()), (Control::FILE_EXISTS, Class::Refused));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    // A name with a dangling symbolic link is taken, too.
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(dir.path().join("nowhere"), &link).unwrap();
    assert!(matches!(write_new(&link, b"x", Access::Owner), Err(FileError::Exists(_))));
    assert!(!dir.path().join("nowhere").exists());
}

#[test]
fn a_prepared_output_has_no_name_before_it_is_published() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let names = || fs::read_dir(dir.path()).unwrap().count();
    drop(prepare_new(&path, b"dropped", Access::Everyone).unwrap());
    assert_eq!(names(), 0);
    let unpublished = prepare_new(&path, b"whole", Access::Everyone).unwrap();
    assert!(!path.exists());
    unpublished.publish().unwrap().sync().unwrap();
    assert_eq!((names(), fs::read(&path).unwrap()), (1, b"whole".to_vec()));
    // The name is already taken, or another program takes it in the meantime.
    assert!(matches!(prepare_new(&path, b"other", Access::Everyone), Err(FileError::Exists(_))));
    fs::remove_file(&path).unwrap();
    let unpublished = prepare_new(&path, b"other", Access::Everyone).unwrap();
    fs::write(&path, "taken").unwrap();
    assert!(matches!(unpublished.publish(), Err(FileError::Exists(_))));
    assert_eq!((names(), fs::read(&path).unwrap()), (1, b"taken".to_vec()));
}

#[test]
fn an_output_that_is_written_in_pieces_has_the_digest_that_was_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let whole: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let digest = Fingerprint::of(&whole);
    let pieces = |to: &mut dyn Write| whole.chunks(7).try_for_each(|piece| to.write_all(piece));
    let unpublished = prepare_new_by(&path, Access::Everyone, digest, pieces).unwrap();
    assert!(!path.exists());
    unpublished.publish().unwrap().sync().unwrap();
    assert_eq!(fs::read(&path).unwrap(), whole);
    let other = dir.path().join("other");
    let short = |to: &mut dyn Write| to.write_all(&whole[1..]);
    let refused = prepare_new_by(&other, Access::Everyone, digest, short).unwrap_err();
    assert_eq!(refused, FileError::ReadBack(other));
    let full = |_: &mut dyn Write| Err(std::io::Error::from(std::io::ErrorKind::StorageFull));
    assert!(prepare_new_by(&dir.path().join("full"), Access::Everyone, digest, full).is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_leftover_of_a_crash_is_no_obstacle() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(".out.part"), "half").unwrap();
    write_new(&dir.path().join("out"), b"whole", Access::Everyone).unwrap();
    assert_eq!(fs::read(dir.path().join("out")).unwrap(), b"whole");
}

#[test]
fn a_full_device_leaves_nothing() {
    let error = write_new(std::path::Path::new("/dev/full/out"), b"x", Access::Everyone).unwrap_err();
    assert_eq!(error.class(), Class::Io);
    let missing = write_new(std::path::Path::new("/nowhere/at/all/out"), b"x", Access::Everyone).unwrap_err();
    assert_eq!(missing.control(), Control::FILE_PERMISSION);
}

#[test]
fn any_other_failure_is_named() {
    // The name is longer than any file system allows.
    let refused = read_capped(std::path::Path::new(&"x".repeat(300)), 99).unwrap_err();
    assert_eq!((refused.control(), refused.class()), (Control::FILE_OTHER, Class::Io));
    assert!(refused.what().en.contains("(36)"), "ENAMETOOLONG: {refused}");
}

#[test]
fn inputs_are_capped_and_regular() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("in");
    fs::write(&path, [7; 100]).unwrap();
    assert_eq!(read_capped(&path, 100).unwrap().len(), 100);
    assert!(matches!(read_capped(&path, 99), Err(FileError::TooLarge { cap: 99, .. })));
    assert!(matches!(read_capped(dir.path(), 99), Err(FileError::Kind(_))));
    assert!(matches!(read_capped(&dir.path().join("no"), 99), Err(FileError::NotFound(_))));
    assert!(matches!(check_free(&path), Err(FileError::Exists(_))));
    let secret = read_secret(&path, 100).unwrap();
    assert_eq!(secret.capacity(), 101, "a secret's buffer never moves");
}

#[test]
fn a_transcript_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("transcript.jsonl");
    let id = "t-1".parse().unwrap();
    for n in 0..3 {
        let mut file = TranscriptFile::open(&path, &id, Station::Offline, &clock).unwrap();
        file.add(&clock, event(n)).unwrap();
        file.flush().unwrap();
    }
    let chain = Transcript::verify(&fs::read(&path).unwrap()).unwrap().unwrap();
    assert_eq!(chain.lines().len(), 3);
    let foreign = TranscriptFile::open(&path, &"t-2".parse().unwrap(), Station::Offline, &clock);
    assert_eq!(foreign.unwrap_err().control(), Control::TRANSCRIPT_CHAIN);
}

/// A kill between two writes would leave a run that ends in the middle of its keys, which no audit accepts.
#[test]
fn lines_that_belong_together_reach_the_file_in_one_piece() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("transcript.jsonl");
    let mut file = TranscriptFile::open(&path, &"t-1".parse().unwrap(), Station::Offline, &clock).unwrap();
    let (mut pending, mut lines) = (0, 0);
    while pending < 3 * 1024 * 1024 {
        let before = file.tip().lines();
        file.add(&clock, event(lines)).unwrap();
        lines += 1;
        pending += 150 * (file.tip().lines() - before);
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }
    file.write().unwrap();
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 2 * 1024 * 1024, "{}", whole.len());
    assert_eq!(Transcript::verify(&whole).unwrap().unwrap().lines().len() as u64, lines);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_line_torn_anywhere_is_repaired_and_recorded(cut in 1usize..200) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("transcript.jsonl");
        let id = "t-1".parse().unwrap();
        let mut file = TranscriptFile::open(&path, &id, Station::Online, &clock).unwrap();
        file.add(&clock, event(0)).unwrap();
        file.add(&clock, event(1)).unwrap();
        file.flush().unwrap();
        drop(file);
        let whole = fs::read(&path).unwrap();
        let cut = cut.min(whole.len());
        let torn = &whole[..whole.len() - cut];
        fs::write(&path, torn).unwrap();
        let mut file = TranscriptFile::open(&path, &id, Station::Online, &clock).unwrap();
        file.add(&clock, event(2)).unwrap();
        file.flush().unwrap();
        let chain = Transcript::verify(&fs::read(&path).unwrap()).unwrap().unwrap();
        let tail: Vec<u8> = torn.iter().rev().take_while(|b| **b != b'\n').copied().collect();
        let repaired = chain.lines().iter().any(|l| matches!(
            l.event, Event::TailRepaired { bytes, .. } if bytes == tail.len() as u64));
        prop_assert_eq!(repaired, !tail.is_empty());
    }
}
