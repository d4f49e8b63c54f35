//! Openings on a real file system are written next to the transcript, before its line, and survive a crash.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;

use keyferry_core::transcript::{Openings, OpeningsError};
use keyferry_core::{Control, Event, Explain, Station, Timestamp, Transcript};
use keyferry_transport::{OPENINGS_FILE, RecordError, Salts, TranscriptFile};
use proptest::prelude::*;

fn clock() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

fn note(by: &str) -> Event {
    let text: keyferry_core::NoteText = "a seal was torn".parse().unwrap();
    Event::Note { by: by.parse::<keyferry_core::PersonName>().unwrap().into(), text: text.into() }
}

fn salts(mut n: u8) -> Salts {
    Salts::new(move || {
        n += 1;
        Some([n; 32])
    })
}

/// A record that has commitments in place of names, with salts counted from `n`.
fn open(dir: &Path, n: u8) -> Result<TranscriptFile, RecordError> {
    let (path, id) = (dir.join("transcript.jsonl"), "t-1".parse().unwrap());
    let mut file = TranscriptFile::open(&path, &id, Station::Offline, &clock)?;
    file.commit_names(salts(n))?;
    Ok(file)
}

fn add(dir: &Path, n: u8, by: &str) {
    let mut file = open(dir, n).unwrap();
    file.add(&clock, note(by)).unwrap();
    file.flush().unwrap();
}

fn read(dir: &Path) -> (String, String) {
    let text = |name| fs::read_to_string(dir.join(name)).unwrap();
    (text("transcript.jsonl"), text(OPENINGS_FILE))
}

/// The authors of the notes, as far as the openings reveal them.
fn noted(dir: &Path) -> Vec<Option<String>> {
    let (transcript, openings) = read(dir);
    let mut chain = Transcript::verify(transcript.as_bytes()).unwrap().unwrap();
    chain.open_said(&Openings::parse(openings.as_bytes()).unwrap()).unwrap();
    let by = chain.lines().iter().filter_map(|line| match &line.event {
        Event::Note { by, .. } => Some(by.open().map(ToString::to_string)),
        _ => None,
    });
    by.collect()
}

#[test]
fn names_stand_in_the_openings_alone() {
    let dir = tempfile::tempdir().unwrap();
    add(dir.path(), 0, "Ada Byron");
    add(dir.path(), 10, "王小明");
    let (transcript, openings) = read(dir.path());
    for said in ["Ada", "王小明", "seal"] {
        assert!(!transcript.contains(said) && openings.contains(said), "{said}");
    }
    assert_eq!(openings.lines().count(), 4);
    assert_eq!(noted(dir.path()), [Some("Ada Byron".to_owned()), Some("王小明".to_owned())]);
}

#[test]
fn an_opening_is_written_before_its_line_and_no_empty_file_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = open(dir.path(), 0).unwrap();
    file.add(&clock, note("Ada")).unwrap();
    // A line that was added but not written is in neither file.
    let (transcript, openings) = read(dir.path());
    assert!(transcript.is_empty() && openings.is_empty());
    drop(file);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);

    // The opening was written, but then the line of the transcript could not be written: the opening stays.
    add(dir.path(), 0, "Ada");
    let (transcript, openings) = read(dir.path());
    fs::write(dir.path().join("transcript.jsonl"), "").unwrap();
    add(dir.path(), 20, "Bo");
    let (_, after) = read(dir.path());
    assert!(after.starts_with(&openings) && !transcript.is_empty());
    assert_eq!(noted(dir.path()), [Some("Bo".to_owned())]);
}

#[test]
fn a_damaged_or_foreign_file_is_refused_before_anything_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    add(dir.path(), 0, "Ada");
    let (transcript, good) = read(dir.path());
    let t2 = {
        let other = tempfile::tempdir().unwrap();
        let path = other.path().join("transcript.jsonl");
        let mut file = TranscriptFile::open(&path, &"t-2".parse().unwrap(), Station::Online, &clock).unwrap();
        file.commit_names(salts(0)).unwrap();
        file.add(&clock, note("Ada")).unwrap();
        file.flush().unwrap();
        read(other.path()).1
    };
    for (bad, why) in [
        (good.replacen("Ada", "Bob", 1), OpeningsError::Wrong { line: 1 }),
        (good.replacen("openings/1", "openings/9", 1), OpeningsError::Format),
        (t2, OpeningsError::Ceremony { line: 1 }),
    ] {
        fs::write(dir.path().join(OPENINGS_FILE), &bad).unwrap();
        let refused = open(dir.path(), 9).unwrap_err();
        assert_eq!((refused.control(), &refused), (Control::TRANSCRIPT_OPENING, &RecordError::Openings(why)));
        assert_eq!(read(dir.path()), (transcript.clone(), bad));
    }
}

#[test]
fn without_a_salt_nothing_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let (path, id) = (dir.path().join("transcript.jsonl"), "t-1".parse().unwrap());
    let mut file = TranscriptFile::open(&path, &id, Station::Offline, &clock).unwrap();
    file.commit_names(Salts::new(|| None)).unwrap();
    let refused = file.add(&clock, note("Ada")).unwrap_err();
    assert_eq!(refused.control(), Control::MAT_ENTROPY);
    assert!(file.tip().lines() == 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// After a crash that leaves any bytes after a whole line, the next command works, and complete lines stay. Without a complete line,
    /// nothing shows what the file is, so it is refused and left unchanged.
    #[test]
    fn a_line_torn_anywhere_is_cut_off(cut in 1usize..500) {
        let dir = tempfile::tempdir().unwrap();
        add(dir.path(), 0, "Ada");
        let (_, whole) = read(dir.path());
        let torn = &whole[..whole.len() - cut.min(whole.len())];
        fs::write(dir.path().join(OPENINGS_FILE), torn).unwrap();
        if !torn.is_empty() && !torn.contains('\n') {
            let refused = open(dir.path(), 10).unwrap_err();
            prop_assert_eq!(refused.control(), Control::FILE_KIND);
            prop_assert_eq!(read(dir.path()).1, torn);
            return Ok(());
        }
        add(dir.path(), 10, "Bo");
        let (_, openings) = read(dir.path());
        let kept = torn.rfind('\n').map_or("", |at| &torn[..=at]);
        prop_assert!(openings.starts_with(kept));
        prop_assert_eq!(openings.lines().count(), kept.lines().count() + 2);
        let ada = (!kept.is_empty()).then(|| "Ada".to_owned());
        prop_assert_eq!(noted(dir.path()), vec![ada, Some("Bo".to_owned())]);
    }
}
