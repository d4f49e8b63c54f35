//! The transcript, exhaustively: every changed byte, every dropped, swapped and inserted line, at every position. Cutting
//! lines off the end is the only change that the chain itself does not reveal; the head, which people read aloud, does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

#[path = "support/arbitrary.rs"]
mod arbitrary;
mod support;

use keyferry_core::transcript::{Act, Line, MAX_LINE, TranscriptError};
use keyferry_core::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn verify(lines: &[String]) -> Result<Option<Transcript>, TranscriptError> {
    Transcript::verify(lines.concat().as_bytes())
}

/// Writes events as one chain.
fn write(events: impl IntoIterator<Item = (Station, Timestamp, Act, Event)>) -> (Transcript, Vec<String>) {
    let mut chain = Transcript::new("t-1".parse().unwrap());
    let lines = events.into_iter().map(|(s, t, a, e)| chain.append(s, t, a, e).unwrap()).collect();
    (chain, lines)
}

/// Writes `n` events as one chain, the same events in every run.
fn sample(n: usize) -> (Transcript, Vec<String>) {
    let mut runner = TestRunner::deterministic();
    let strategy = (arbitrary::station(), arbitrary::time(), arbitrary::act(), arbitrary::event());
    write((0..n).map(|_| strategy.new_tree(&mut runner).unwrap().current()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn events_are_read_as_they_were_written(
        events in prop::collection::vec((arbitrary::station(), arbitrary::time(), arbitrary::act(), arbitrary::event()), 1..8),
    ) {
        let (chain, lines) = write(events);
        let read = verify(&lines).unwrap().unwrap();
        prop_assert_eq!(&read, &chain);
        let again = read.lines().iter().map(|l| (l.station, l.time, l.act, l.event.clone()));
        prop_assert_eq!(write(again), (chain, lines));
    }
}

/// Every answer of a story that later lines could change.
fn told(story: &Story<'_>) -> String {
    let shares = (story.sharings(), story.combinations(), story.share_proofs(), story.recoverable());
    let files = (story.seen(), story.exports(), story.ciphertexts(), story.seeded_material());
    let ends = (story.finishes(), story.unfinished(), story.clock_back(), story.heads().collect::<Vec<_>>());
    format!("{:?}{:?}{shares:?}{files:?}{ends:?}", story.runs(), story.keys())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_story_of_the_first_lines_is_the_story_of_a_shorter_chain(
        events in prop::collection::vec((arbitrary::station(), arbitrary::time(), arbitrary::act(), arbitrary::event()), 1..40),
        at in any::<prop::sample::Index>(),
    ) {
        let at = at.index(events.len());
        let (chain, (shorter, _)) = (write(events.clone()).0, write(events.into_iter().take(at)));
        prop_assert_eq!(told(&Story::before(&chain, at as u64)), told(&Story::of(&shorter)));
    }

    #[test]
    fn a_story_leaves_no_line_out(
        events in prop::collection::vec((arbitrary::station(), arbitrary::time(), arbitrary::act(), arbitrary::event()), 0..40),
    ) {
        let (chain, _) = write(events);
        let story = Story::of(&chain);
        let count = |kind: EventKind| chain.lines().iter().filter(|l| l.event.kind() == kind).count();
        use EventKind::*;
        prop_assert_eq!(story.runs().len(), count(Begun));
        prop_assert_eq!(story.finishes().len(), count(Finished));
        prop_assert_eq!(story.created().len(), count(KeyCreated));
        prop_assert_eq!(story.import_tokens().count(), count(ParametersFetched));
        prop_assert_eq!(story.seen().len(), count(Checked) + count(Confirmed));
        prop_assert_eq!(story.consents().count(), count(Confirmed));
        prop_assert_eq!(story.exports().len(), count(Exported));
        prop_assert_eq!(story.ciphertexts().len(), count(CiphertextWritten));
        prop_assert_eq!(story.sharings().len(), count(SharesMade));
        prop_assert_eq!(story.voided().len(), count(SharesVoid));
        prop_assert_eq!(story.combinations().len(), count(SharesCombined));
        prop_assert_eq!(story.share_proofs().len(), count(ShareProved));
        prop_assert_eq!(story.backup_waived().len(), count(BackupWaived));
        prop_assert_eq!(story.keys().iter().map(|key| key.imports().count()).sum::<usize>(), count(Imported));
        prop_assert_eq!(story.keys().iter().map(|key| key.proofs().count()).sum::<usize>(), count(Proved));
        prop_assert_eq!(story.notes().len(), count(Note));
        prop_assert_eq!(story.times().len(), count(TimeGiven) + count(TimeConfirmed));
    }
}

#[test]
fn every_changed_byte_is_seen() {
    let (chain, lines) = sample(5);
    let bytes = lines.concat().into_bytes();
    let last = bytes.len() - lines[4].len();
    for at in 0..bytes.len() {
        for new in [bytes[at] ^ 1, bytes[at] ^ 0x20, b'0', b'a', b'"', b'\n', 0xff] {
            let mut edited = bytes.clone();
            edited[at] = new;
            match Transcript::verify(&edited) {
                _ if new == bytes[at] => {}
                Err(_) => {}
                Ok(found) => {
                    assert!(at >= last, "byte {at} is not in the last line");
                    assert_ne!(found.unwrap().head(), chain.head(), "byte {at}");
                }
            }
        }
    }
}

#[test]
fn every_dropped_swapped_and_repeated_line_is_seen() {
    let (_, lines) = sample(7);
    let refused = |edit: &dyn Fn(&mut Vec<String>)| {
        let mut edited = lines.clone();
        edit(&mut edited);
        assert!(matches!(verify(&edited), Err(TranscriptError::Chain { .. })));
    };
    for (a, line) in lines.iter().enumerate() {
        if a < 6 {
            refused(&|l| drop(l.remove(a)));
        }
        for b in 0..7 {
            if a != b {
                refused(&|l| l.swap(a, b));
            }
            refused(&|l| l.insert(b, line.clone()));
        }
        refused(&|l| l.push(line.clone()));
    }
}

/// A forged line that continues the chain correctly.
fn forged(ceremony: &str, seq: usize, before: Option<&String>) -> String {
    let line = Line {
        names_format: seq == 0,
        seq: seq as u64,
        prev: before.map_or(Fingerprint::ZERO, |l| Fingerprint::of(l.trim_end().as_bytes())),
        time: support::at(0),
        station: Station::Offline,
        ceremony: ceremony.parse().unwrap(),
        act: Act::NOBODYS,
        event: Event::BackupWaived { reason: "forged".to_owned().into() },
    };
    serde_json::to_string(&line).unwrap() + "\n"
}

#[test]
fn every_forged_line_is_seen() {
    let (chain, lines) = sample(6);
    for at in 0..6 {
        let mut edited = lines.clone();
        edited.insert(at, forged("t-1", at, at.checked_sub(1).map(|n| &lines[n])));
        assert_eq!(verify(&edited), Err(TranscriptError::Chain { line: at as u64 + 2 }), "inserted at {at}");
        edited = lines.clone();
        edited[at] = forged("t-1", at, at.checked_sub(1).map(|n| &lines[n]));
        match verify(&edited) {
            Err(error) => assert_eq!(error, TranscriptError::Chain { line: at as u64 + 2 }),
            // It is accepted only at the end, where no line follows that would contradict it.
            Ok(found) => assert!(at == 5 && found.unwrap().head() != chain.head()),
        }
    }
    let foreign = [lines.clone(), vec![forged("t-2", 6, lines.last())]].concat();
    assert_eq!(verify(&foreign), Err(TranscriptError::Ceremony { line: 7 }));
    // The right digest of the previous line, but the wrong number.
    for seq in [5, 7] {
        let miscounted = [lines.clone(), vec![forged("t-1", seq, lines.last())]].concat();
        assert_eq!(verify(&miscounted), Err(TranscriptError::Chain { line: 7 }));
    }
    assert_eq!(verify(&[forged("t-1", 1, None)]), Err(TranscriptError::Chain { line: 1 }));
    let added = [lines.clone(), vec![forged("t-1", 6, lines.last())]].concat();
    assert_ne!(verify(&added).unwrap().unwrap().head(), chain.head(), "an added line moves the head");
}

#[test]
fn a_cut_shows_in_the_head_or_at_once() {
    let (chain, lines) = sample(5);
    let bytes = lines.concat().into_bytes();
    for length in 0..bytes.len() {
        let whole_lines = bytes[..length].iter().filter(|b| **b == b'\n').count();
        match Transcript::verify(&bytes[..length]) {
            Ok(None) => assert_eq!(length, 0),
            Ok(Some(found)) => {
                assert_eq!(bytes[length - 1], b'\n');
                assert_eq!(found.lines(), &chain.lines()[..whole_lines]);
                assert_ne!(found.head(), chain.head());
            }
            Err(error) => assert_eq!(error, TranscriptError::Unterminated, "{length} bytes"),
        }
    }
}

#[test]
fn the_longest_line_is_written_and_read() {
    let line = |length: usize| {
        let event = Event::BackupWaived { reason: "x".repeat(length).into() };
        let mut chain = Transcript::new("t-1".parse().unwrap());
        chain.append(Station::Offline, support::at(0), Act::NOBODYS, event).map(|line| (chain, line))
    };
    let rest = line(0).unwrap().1.len() - 1;
    let (chain, longest) = line(MAX_LINE - rest).unwrap();
    assert_eq!(longest.len(), MAX_LINE + 1, "with its line break");
    assert_eq!(Transcript::verify(longest.as_bytes()), Ok(Some(chain)));
    assert_eq!(line(MAX_LINE - rest + 1).map(|_| ()), Err(TranscriptError::Unwritable));
    let longer = longest.replacen('x', "xx", 1);
    assert_eq!(Transcript::verify(longer.as_bytes()), Err(TranscriptError::TooLarge));
}
