//! The chain holds, and every way to break it is seen.

use proptest::prelude::*;

use super::*;

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
