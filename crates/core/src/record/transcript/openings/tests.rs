//! Tests that names are withheld and opened again, and that every way to open a different name is refused.

use core::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::transcript::{Act, Said, ShareMedium, Station};
use crate::{NoteText, PersonName, Timestamp};

fn ceremony() -> CeremonyId {
    "t-1".parse().unwrap()
}

/// Different salts, counted from `n`.
fn salts(mut n: u8) -> impl FnMut() -> Result<[u8; 32], Infallible> {
    move || {
        n = n.wrapping_add(1);
        Ok([n; 32])
    }
}

fn note(by: &PersonName, text: &NoteText) -> Event {
    Event::Note { by: by.clone().into(), text: text.clone().into() }
}

fn share(name: &PersonName) -> Event {
    Event::ShareConfirmed {
        set: "academic acid".parse().unwrap(),
        number: 1,
        of: 2,
        custodian: Some(name.clone().into()),
        medium: ShareMedium::Screen,
        share_sha256: Fingerprint::ZERO,
    }
}

/// The bytes of a transcript and of its openings.
fn withheld(events: Vec<Event>) -> (Vec<u8>, Vec<u8>) {
    let (mut chain, mut salts) = (Transcript::new(ceremony()), salts(0));
    let (mut lines, mut openings) = (String::new(), String::new());
    for mut event in events {
        let Ok(opened) = event.withhold(&ceremony(), &mut salts);
        for opening in opened {
            openings += &opening.to_line().unwrap();
        }
        let time = Timestamp::from_unix(0).unwrap();
        lines += &chain.append(Station::Offline, time, Act::NOBODYS, event).unwrap();
    }
    (lines.into_bytes(), openings.into_bytes())
}

fn opened(transcript: &[u8], openings: &[u8]) -> Result<Vec<Event>, OpeningsError> {
    let mut chain = Transcript::verify(transcript).unwrap().unwrap();
    let head = chain.head();
    chain.open_said(&Openings::parse(openings)?)?;
    assert_eq!(chain.head(), head);
    Ok(chain.lines().iter().map(|line| line.event.clone()).collect())
}

fn ada() -> PersonName {
    "Ada Byron".parse().unwrap()
}

fn one() -> (Vec<u8>, Vec<u8>) {
    withheld(vec![share(&ada())])
}

proptest! {
    #[test]
    fn what_was_withheld_is_opened_again(
        by in "[ -~\u{4e00}-\u{9fa5}]{0,20}[a-z]", text in "[ -~\u{4e00}-\u{9fa5}]{0,200}[a-z]",
        reason in "[^\\p{Cc}]{0,100}[\"\\\\]?", named: bool,
    ) {
        let by: PersonName = by.trim().parse().unwrap();
        let text: NoteText = text.trim().parse().unwrap();
        let waived = Event::BackupWaived { reason: reason.into() };
        let mut events = vec![waived, note(&by, &text)];
        if named {
            events.push(share(&by));
        }
        let (lines, openings) = withheld(events.clone());
        prop_assert_eq!(opened(&lines, &openings).unwrap(), events.clone());
        // Without openings, all names are withheld, and nothing else changes.
        let closed = opened(&lines, b"").unwrap();
        prop_assert!(closed.iter().all(|event| event.said().0 == 0));
        prop_assert_eq!(closed.iter().map(Event::kind).collect::<Vec<_>>(), events.iter().map(Event::kind).collect::<Vec<_>>());
    }

    /// A changed byte never produces another name: the line is refused.
    #[test]
    fn a_changed_byte_is_refused(at: prop::sample::Index, to: u8) {
        let (_, good) = one();
        let mut bad = good.clone();
        bad[at.index(good.len())] = to;
        prop_assume!(bad != good);
        prop_assert!(Openings::parse(&bad).is_err());
    }

    /// Every cut is refused as well, except between lines; such a cut leaves the remaining names withheld.
    #[test]
    fn a_cut_leaves_whole_lines_or_is_refused(at: prop::sample::Index) {
        let (lines, openings) = withheld(vec![share(&ada()), note(&ada(), &"a seal was torn".parse().unwrap())]);
        let cut = &openings[..at.index(openings.len())];
        if cut.is_empty() || cut.ends_with(b"\n") {
            let opened = opened(&lines, cut).unwrap();
            let said = opened.iter().map(|event| event.said().0).sum::<usize>();
            prop_assert_eq!(said, cut.iter().filter(|b| **b == b'\n').count());
        } else {
            prop_assert_eq!(Openings::parse(cut), Err(OpeningsError::Unterminated));
        }
    }

    /// Any line may be removed, and files of one ceremony may be joined in any order.
    #[test]
    fn each_line_stands_by_itself(order in Just(vec![0usize, 1, 2]).prop_shuffle(), kept in 0usize..4) {
        let (lines, openings) = withheld(vec![share(&ada()), note(&ada(), &"a seal was torn".parse().unwrap())]);
        let all: Vec<&[u8]> = openings.split_inclusive(|b| *b == b'\n').collect();
        let some: Vec<u8> = order.iter().take(kept).flat_map(|n| all[*n].iter().copied()).collect();
        let events = opened(&lines, &some).unwrap();
        prop_assert_eq!(events.iter().map(|event| event.said().0).sum::<usize>(), kept);
    }

    #[test]
    fn anything_is_refused_without_panic(bytes: Vec<u8>) {
        let _ = Openings::parse(&bytes);
    }
}

#[test]
fn a_withheld_reason_is_one_line_of_a_thousand_characters() {
    for reason in ["two\nlines".to_owned(), "\u{7f}".into(), "a".repeat(MAX_REASON + 1)] {
        let (lines, openings) = withheld(vec![Event::BackupWaived { reason: reason.into() }]);
        assert_eq!(opened(&lines, &openings), Err(OpeningsError::Misplaced { line: 1 }));
    }
    let (lines, openings) = withheld(vec![Event::BackupWaived { reason: "理".repeat(MAX_REASON).into() }]);
    assert!(opened(&lines, &openings).is_ok());
}

#[test]
fn another_salt_or_text_does_not_open() {
    let (_, good) = one();
    let good = String::from_utf8(good).unwrap();
    for (from, to) in [("Ada", "Bob"), ("0101", "0102"), ("\"custodian\"", "\"note-by\""), ("t-1", "t-2")] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        assert_eq!(Openings::parse(bad.as_bytes()), Err(OpeningsError::Wrong { line: 1 }), "{from}");
    }
}

#[test]
fn an_opening_fits_one_member_and_one_ceremony() {
    // A note whose `by` holds the commitment of a custodian.
    let commitment = Withheld::of(&ceremony(), SaidIn::Custodian, &[1; 32], "Ada Byron");
    let moved = Event::Note { by: Said::Withheld(commitment), text: Said::Withheld(commitment) };
    let mut chain = Transcript::new(ceremony());
    let line = chain.append(Station::Online, Timestamp::from_unix(0).unwrap(), Act::NOBODYS, moved).unwrap();
    let (_, openings) = one();
    assert_eq!(opened(line.as_bytes(), &openings), Err(OpeningsError::Misplaced { line: 1 }));

    let mut elsewhere = Transcript::new("t-2".parse().unwrap());
    let openings = Openings::parse(&openings).unwrap();
    assert_eq!(elsewhere.open_said(&openings), Err(OpeningsError::Ceremony { line: 1 }));

    // A string that is not a valid name, with a correct commitment.
    let opening = Opening::new(&ceremony(), SaidIn::Custodian, [7; 32], "two\nlines".into());
    let mut event = share(&ada());
    if let Event::ShareConfirmed { custodian, .. } = &mut event {
        *custodian =
            Some(Said::Withheld(Withheld::of(&ceremony(), SaidIn::Custodian, &[7; 32], "two\nlines")));
    }
    let mut chain = Transcript::new(ceremony());
    let line = chain.append(Station::Offline, Timestamp::from_unix(0).unwrap(), Act::NOBODYS, event).unwrap();
    let file = opening.to_line().unwrap();
    assert_eq!(opened(line.as_bytes(), file.as_bytes()), Err(OpeningsError::Misplaced { line: 1 }));
}

#[test]
fn equal_names_have_different_commitments() {
    let (lines, _) = withheld(vec![share(&ada()), share(&ada())]);
    let text = String::from_utf8(lines).unwrap();
    assert!(!text.contains("Ada"));
    let digests: Vec<&str> = text.split("\"commitment\":\"").skip(1).map(|rest| &rest[..64]).collect();
    assert!(digests.len() == 2 && digests[0] != digests[1]);
}

#[test]
fn lines_have_one_written_form() {
    let (_, good) = withheld(vec![share(&ada()), share(&ada())]);
    let good = String::from_utf8(good).unwrap();
    let malformed = |line| Err(OpeningsError::Line { line });
    let (first, second) = good.trim_end().split_once('\n').unwrap();
    assert!(
        first.starts_with(
            "{\"format\":\"keyferry/openings/1\",\"ceremony\":\"t-1\",\"member\":\"custodian\","
        )
    );
    for (bad, why) in [
        (good.replacen("\"ceremony\"", " \"ceremony\"", 1), malformed(1)),
        (good.replacen("Ada", "\\u0041da", 1), malformed(1)),
        (good.replacen("\"text\"", "\"more\":1,\"text\"", 1), malformed(1)),
        (good.replacen("\"format\":\"keyferry/openings/1\",", "", 1), malformed(1)),
        (format!("{first}\n{first} \n"), malformed(2)),
        (format!("{first}\n{}\n", second.replace("openings/1", "openings/2")), Err(OpeningsError::Format)),
        (format!("{first}\n\n"), malformed(2)),
        (good.replacen("openings/1", "openings/2", 1), Err(OpeningsError::Format)),
        (good.trim_end().to_owned(), Err(OpeningsError::Unterminated)),
    ] {
        assert_eq!(Openings::parse(bad.as_bytes()), why, "{bad}");
    }
    // A repeated opening adds nothing; a line without a `format` was written by an earlier version.
    for former in [second.to_owned(), second.replace("\"format\":\"keyferry/openings/1\",", "")] {
        assert_eq!(Openings::parse(format!("{good}{former}\n").as_bytes()), Openings::parse(good.as_bytes()));
    }
}

#[test]
fn openings_have_caps() {
    let long = [vec![b'['; MAX_LINE + 1], b"\n".to_vec()].concat();
    assert_eq!(Openings::parse(&long), Err(OpeningsError::TooLarge));
    assert_eq!(Openings::parse(&vec![b'\n'; MAX_OPENINGS + 1]), Err(OpeningsError::TooLarge));
    let opening = Opening::new(&ceremony(), SaidIn::BackupReason, [1; 32], "a".repeat(MAX_LINE));
    assert_eq!(opening.to_line(), Err(OpeningsError::Unwritable));
    let other = Opening::new(&"t-2".parse().unwrap(), SaidIn::NoteBy, [1; 32], "Ada".into());
    let file = [one().1, other.to_line().unwrap().into_bytes()].concat();
    assert_eq!(Openings::parse(&file), Err(OpeningsError::Ceremony { line: 2 }));
}

#[test]
fn the_words_of_members_are_those_of_the_lines() {
    for member in SaidIn::ALL {
        assert_eq!(serde_json::to_string(&member).unwrap(), format!("\"{}\"", member.as_str()));
    }
}

/// The commitment, computed independently: SHA-256 over five fields, each preceded by its length in 8 bytes.
#[test]
fn a_commitment_is_sha_256_over_its_fields() {
    let mut message = Vec::new();
    for field in [&b"keyferry/said/1"[..], b"t-1", b"custodian", &[9; 32], "李雷".as_bytes()] {
        message.extend_from_slice(&(field.len() as u64).to_be_bytes());
        message.extend_from_slice(field);
    }
    let given = Withheld::of(&ceremony(), SaidIn::Custodian, &[9; 32], "李雷");
    assert_eq!(given.commitment(), Fingerprint::of(&message));
}
