//! Tests what a refusal says: its control, the next step, and never a secret.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

mod support;

use keyferry_core::artefact::{self, ArtefactError};
use keyferry_core::transcript::TranscriptError;
use keyferry_core::*;
use support::*;

fn bytes() -> (Vec<u8>, Vec<u8>) {
    let parameters = parameters(&plan("rehearsal", WrappingAlgorithm::default()));
    let session = session(parameters.clone());
    (artefact::to_bytes(&parameters).unwrap().to_vec(), artefact::to_bytes(&session).unwrap().to_vec())
}

/// The refusal of `file` after one replacement of `from` by `to`.
fn fields<T: artefact::Artefact>(file: &[u8], from: &str, to: &str) -> String {
    let text = std::str::from_utf8(file).unwrap();
    assert!(text.contains(from), "{from}");
    match artefact::parse::<T>(text.replacen(from, to, 1).as_bytes()).map(|_| ()) {
        Err(ArtefactError::Fields { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_field_is_quoted_unless_the_artefact_is_secret() {
    let (parameters, session) = bytes();
    let unknown = fields::<Parameters>(&parameters, "\"fetched_at\"", "\"fetched_on\"");
    assert!(unknown.starts_with("unknown field `fetched_on`, expected "), "{unknown}");
    assert!(!unknown.contains(" at line "), "{unknown}");
    // In a damaged session, the text of a token can be where a field's name should be.
    let unknown = fields::<Session>(&session, "\"import_token\"", "\"SECRET\"");
    assert_eq!(unknown, "an unknown field or a malformed value");
    let token = format!(",\n      \"import_token\": \"{}\"", token(0).expose());
    assert_eq!(fields::<Session>(&session, &token, ""), "missing field `import_token`");
}

#[test]
fn what_is_quoted_holds_no_control_characters() {
    let (parameters, _) = bytes();
    let said = fields::<Parameters>(&parameters, "\"fetched_at\"", "\"fe\\u001b[31mtched\"");
    assert!(said.starts_with("unknown field `fe[31mtched`"), "{said:?}");
    assert!(!said.chars().any(char::is_control), "{said:?}");
}

#[test]
fn a_session_names_its_keys_once_each_and_in_order() {
    let plan = plan("rehearsal", WrappingAlgorithm::default());
    let build = |edit: fn(&mut Vec<SessionEntry>)| {
        let Session { endpoint, parameters, mut secrets, .. } = session(parameters(&plan));
        edit(&mut secrets);
        Session::new(endpoint, parameters, secrets).map(|_| ())
    };
    let other = Err(ArtefactError::Entries("tokens and parameters name different keys"));
    assert_eq!(build(|_| ()), Ok(()));
    assert_eq!(build(|secrets| drop(secrets.pop())), other, "one fewer");
    assert_eq!(build(|secrets| secrets[0].key_id = secrets[1].key_id.clone()), other, "another key");
    let token = Err(ArtefactError::Entries("a token is not the one that its parameters name"));
    assert_eq!(build(|secrets| secrets[0].import_token = Some(support::token(1))), token);
}

#[test]
fn a_record_that_is_refused_is_evidence() {
    let line = 7;
    for (error, control, hint) in [
        (TranscriptError::Chain { line }, Control::TRANSCRIPT_CHAIN, "as evidence"),
        (TranscriptError::Ceremony { line }, Control::TRANSCRIPT_CHAIN, "a different --out"),
        (TranscriptError::Event { line }, Control::TRANSCRIPT_EVENT, "as evidence"),
        (TranscriptError::Unterminated, Control::TRANSCRIPT_EVENT, "repairs an incomplete last line"),
        (TranscriptError::TooLarge, Control::TRANSCRIPT_EVENT, "the other medium"),
    ] {
        assert_eq!(error.control(), control, "{error:?}");
        assert!(error.hint().en.contains(hint), "{error:?}: {}", error.hint().en);
    }
}

#[test]
fn a_refused_file_comes_with_the_step_that_mends_it() {
    let format = ArtefactError::Format { found: "keyferry/session/9".into(), expected: "keyferry/session/1" };
    assert!(format.hint().en.contains("for another version number"));
    assert!(ArtefactError::NotCanonical.hint().en.contains("copy the file again"));

    let key: Alias = "k".parse().unwrap();
    let (found, session) = (Purpose::Rehearsal, Purpose::Production);
    let zero = Fingerprint::ZERO;
    for (error, hint) in [
        (CiphertextError::Purpose { found, session }, "separate media"),
        (CiphertextError::Seeded, "separate media"),
        (
            CiphertextError::Ceremony { found: "a".parse().unwrap(), session: "b".parse().unwrap() },
            "older one can no longer be imported",
        ),
        (CiphertextError::Parameters { found: zero, session: zero }, "older one can no longer be imported"),
        (CiphertextError::UnknownKey(key.clone()), "not what left the offline station"),
        (CiphertextError::Digest { found: zero, expected: zero }, "not what left the offline station"),
    ] {
        assert!(error.hint().en.contains(hint), "{error:?}: {}", error.hint().en);
    }
    let inner = WrapError::Arithmetic;
    assert_eq!(CiphertextError::Block(key, inner).hint(), inner.hint());
}
