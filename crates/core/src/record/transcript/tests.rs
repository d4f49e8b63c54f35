//! Tests that a valid chain passes, and that every way to break it is detected.

use proptest::prelude::*;

use super::*;
use crate::{Fingerprint, Timestamp};

fn chain(n: usize) -> (Transcript, Vec<String>) {
    let mut transcript = Transcript::new("t-1".parse().unwrap());
    let lines = (0..n)
        .map(|i| {
            let event = Event::Checked { file: format!("f{i}"), sha256: Fingerprint::of(&i.to_be_bytes()) };
            let time = Timestamp::from_unix(i as i64).unwrap();
            transcript.append(Station::Offline, time, Act::NOBODYS, event).unwrap()
        })
        .collect();
    (transcript, lines)
}

fn verify(lines: &[String]) -> Result<Option<Transcript>, TranscriptError> {
    Transcript::verify(lines.concat().as_bytes())
}

#[test]
fn empty_and_unterminated() {
    assert_eq!(Transcript::verify(b""), Ok(None));
    assert_eq!(Transcript::verify(b"{"), Err(TranscriptError::Unterminated));
    assert_eq!(Transcript::verify(b"\n"), Err(TranscriptError::Event { line: 1 }));
    let long = [vec![b'['; MAX_LINE + 1], b"\n".to_vec()].concat();
    assert_eq!(Transcript::verify(&long), Err(TranscriptError::TooLarge));
}

#[test]
fn another_form_of_the_same_line_is_refused() {
    let (_, mut lines) = chain(1);
    lines[0] = lines[0].replacen("\"seq\":0", " \"seq\":0", 1);
    assert_eq!(verify(&lines), Err(TranscriptError::Event { line: 1 }));
    let (_, mut lines) = chain(1);
    lines[0] = lines[0].replacen("\"file\":", "\"extra\":1,\"file\":", 1);
    assert_eq!(verify(&lines), Err(TranscriptError::Event { line: 1 }));
}

/// A record from version 0.1.
const FORMER: &str = include_str!("../../../../../tests/data/0.1/one-key/record/transcript.jsonl");

#[test]
fn a_chain_of_version_1_is_read_and_continued_in_version_2() {
    let former = Transcript::verify(FORMER.as_bytes()).unwrap().unwrap();
    assert!(former.began_former());
    let (mut longer, mut text) = (former.clone(), FORMER.to_owned());
    for n in 0..2 {
        let event = Event::Checked { file: format!("f{n}"), sha256: Fingerprint::ZERO };
        let line =
            longer.append(Station::Offline, Timestamp::from_unix(n).unwrap(), Act::NOBODYS, event).unwrap();
        assert_eq!(line.starts_with("{\"format\":\"keyferry/transcript/2\",\"seq\":"), n == 0);
        text += &line;
    }
    assert_eq!(Transcript::verify(text.as_bytes()).unwrap().unwrap(), longer);
    // The first line of version 2 names the version, and no later line does.
    let unnamed = text.replacen("\"format\":\"keyferry/transcript/2\",", "", 1);
    assert!(Transcript::verify(unnamed.as_bytes()).is_err());
}

#[test]
fn each_version_refuses_the_other_s_members() {
    let lines: Vec<&str> = FORMER.split_inclusive('\n').collect();
    let event = |line: &str| Transcript::verify(line.as_bytes());
    assert!(event(lines[0]).is_ok());
    for (from, to) in [
        ("\"event\":", "\"step\":\"preflight\",\"event\":"),
        ("\"event\":", "\"by\":\"witness/1\",\"event\":"),
        ("\"event\":", "\"means\":\"option\",\"event\":"),
    ] {
        let edited = lines[0].replacen(from, to, 1);
        assert_ne!(edited, lines[0]);
        assert_eq!(event(&edited), Err(TranscriptError::Event { line: 1 }), "{to}");
    }
    // For events that changed, a line that one version wrote is not a valid event in the other version.
    let mut chain = Transcript::new("t-1".parse().unwrap());
    let begun = chain.append(
        Station::Offline,
        Timestamp::from_unix(0).unwrap(),
        Act::NOBODYS,
        Event::TimeGiven { given: Timestamp::from_unix(0).unwrap(), clock: Timestamp::from_unix(0).unwrap() },
    );
    let begun = begun.unwrap();
    let mut changed = 0;
    for line in lines.iter().filter(|l| {
        ["material-generated", "confirmed"].iter().any(|k| l.contains(&format!("\"kind\":\"{k}\"")))
    }) {
        let event = line.split_once("\"event\":").unwrap().1;
        let own = format!("{}\"event\":{event}", begun.split_once("\"event\":").unwrap().0);
        assert_eq!(Transcript::verify(own.as_bytes()), Err(TranscriptError::Event { line: 1 }), "{event}");
        changed += 1;
    }
    assert_eq!(changed, 3);
    let newer = "{\"kind\":\"confirmed\",\"file\":\"f\",\"sha256\":\"".to_owned()
        + &Fingerprint::ZERO.to_string()
        + "\"}}\n";
    let former = format!("{}\"event\":{newer}", lines[0].split_once("\"event\":").unwrap().0);
    assert_eq!(Transcript::verify(former.as_bytes()), Err(TranscriptError::Event { line: 1 }));
    let withheld = newer
        .replacen(
            "{\"kind\":\"confirmed\",\"file\":\"f\",\"sha256\":",
            "{\"kind\":\"backup-waived\",\"reason\":{\"commitment\":",
            1,
        )
        .replacen("\"}}", "\"}}}", 1);
    let former = format!("{}\"event\":{withheld}", lines[0].split_once("\"event\":").unwrap().0);
    assert_eq!(Transcript::verify(former.as_bytes()), Err(TranscriptError::Event { line: 1 }));
    let own = format!("{}\"event\":{withheld}", begun.split_once("\"event\":").unwrap().0);
    assert!(Transcript::verify(own.as_bytes()).is_ok(), "{own}");
}

proptest! {
    #[test]
    fn whole_chains_verify(n in 1usize..20) {
        let (transcript, lines) = chain(n);
        prop_assert_eq!(verify(&lines).unwrap().unwrap(), transcript);
    }

    #[test]
    fn a_changed_byte_is_seen(n in 2usize..12, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (transcript, lines) = chain(n);
        let mut bytes = lines.concat().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let seen = match Transcript::verify(&bytes) {
            Err(_) => true,
            // A change within the last line keeps the chain but moves the head.
            Ok(found) => found.unwrap().head() != transcript.head(),
        };
        prop_assert!(seen);
    }

    #[test]
    fn a_dropped_line_is_seen(n in 2usize..12, at in any::<prop::sample::Index>()) {
        let (_, mut lines) = chain(n);
        let at = at.index(n - 1);
        lines.remove(at);
        prop_assert!(verify(&lines).is_err());
    }

    #[test]
    fn swapped_lines_are_seen(n in 2usize..12, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let (_, mut lines) = chain(n);
        let (a, b) = (a.index(n), b.index(n));
        prop_assume!(a != b);
        lines.swap(a, b);
        prop_assert!(verify(&lines).is_err());
    }

    #[test]
    fn an_inserted_line_is_seen(n in 1usize..12, at in any::<prop::sample::Index>()) {
        let (_, mut lines) = chain(n);
        let at = at.index(n);
        lines.insert(at, lines[at].clone());
        prop_assert!(verify(&lines).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Transcript::verify(&bytes);
    }
}

/// A record has about six lines for each of up to 100,000 keys, and an audit keeps all of them in memory.
#[test]
fn a_line_is_small() {
    assert!(size_of::<super::Line>() <= 200, "{}", size_of::<super::Line>());
}
