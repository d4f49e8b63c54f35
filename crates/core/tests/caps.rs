//! Inputs of exactly the maximum length are read, and one byte more is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyferry_core::artefact::{self, ArtefactError, MAX_ARTEFACT};
use keyferry_core::plan::{MAX_KEYS, MAX_PLAN};
use keyferry_core::transcript::{MAX_LINE, MAX_TRANSCRIPT, TranscriptError};
use keyferry_core::wrapping_key::{Found, MAX_KEY_INPUT};
use keyferry_core::*;

const SPKI: &[u8] = include_bytes!("data/rsa2048.der");

#[test]
fn a_key_input_is_looked_at_up_to_its_cap() {
    let long = |n: usize| WrappingKey::from_der(&vec![0x30; n]).unwrap_err();
    assert_ne!(long(MAX_KEY_INPUT), WrappingKeyError::Encoding(Found::TooLong));
    assert_eq!(long(MAX_KEY_INPUT + 1), WrappingKeyError::Encoding(Found::TooLong));
    // Spaces after the base64 text do not belong to the key, but they count towards the file's size.
    let file = |n: usize| {
        let mut text = STANDARD.encode(SPKI).into_bytes();
        text.resize(n, b' ');
        WrappingKey::from_file_bytes(&text).map(|(key, _)| key.fingerprint())
    };
    assert_eq!(file(MAX_KEY_INPUT), Ok(Fingerprint::of(SPKI)));
    assert_eq!(file(MAX_KEY_INPUT + 1), Err(WrappingKeyError::Encoding(Found::TooLong)));
}

#[test]
fn a_field_in_base64_holds_4096_bytes() {
    let decoded = |n: usize| Base64Bytes::decode(&STANDARD.encode(vec![7; n])).map(|b| b.as_bytes().len());
    assert_eq!((decoded(4096), decoded(4097), decoded(4098), decoded(4099)), (Some(4096), None, None, None));
}

#[test]
fn a_token_has_8192_characters_at_most() {
    let token = |n: usize| ImportToken::new("t".repeat(n).into()).map(|token| token.expose().len());
    assert_eq!(
        [0, 1, 4097, 8192, 8193].map(|n| token(n).ok()),
        [None, Some(1), Some(4097), Some(8192), None]
    );
    // The length of 6,144 bytes in base64.
    let of_bytes = STANDARD.encode([0xa5; 6144]);
    assert_eq!(ImportToken::new(of_bytes.clone().into()).unwrap().expose(), of_bytes);
}

#[test]
fn an_artefact_is_looked_at_up_to_its_cap() {
    let refused = |n: usize| artefact::parse::<Parameters>(&vec![b' '; n]).unwrap_err();
    assert_ne!(refused(MAX_ARTEFACT), ArtefactError::TooLarge(MAX_ARTEFACT));
    assert_eq!(refused(MAX_ARTEFACT + 1), ArtefactError::TooLarge(MAX_ARTEFACT + 1));
}

#[test]
fn a_record_is_looked_at_up_to_its_caps() {
    assert_eq!(MAX_TRANSCRIPT, 671_088_640);
    let whole = |n: usize| Transcript::verify(&vec![0; n]).unwrap_err();
    assert_eq!(whole(MAX_TRANSCRIPT), TranscriptError::Unterminated);
    assert_eq!(whole(MAX_TRANSCRIPT + 1), TranscriptError::TooLarge);
    let line = |n: usize| Transcript::verify(&[&vec![b'x'; n][..], b"\n"].concat()).unwrap_err();
    assert_ne!(line(MAX_LINE), TranscriptError::TooLarge);
    assert_eq!(line(MAX_LINE + 1), TranscriptError::TooLarge);
}

#[test]
fn a_plan_is_taken_up_to_its_caps() {
    let head = "format = \"keyferry/plan/2\"\nceremony = \"c\"\npurpose = \"rehearsal\"\n\
                [backup]\nscheme = \"none\"\nreason = \"practice\"\n";
    let key = |n: usize| {
        format!(
            "[[key]]\nalias = \"k-{n}\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\n"
        )
    };
    let with_keys = |n: usize| -> String { [head.to_owned()].into_iter().chain((0..n).map(key)).collect() };
    let read = |text: &str| {
        CeremonyPlan::parse(text.as_bytes()).map(|plan| plan.keys().len()).map_err(|e| e.why().clone())
    };
    assert_eq!(read(&with_keys(MAX_KEYS)), Ok(MAX_KEYS));
    assert_eq!(read(&with_keys(MAX_KEYS + 1)), Err(PlanError::KeyCount(MAX_KEYS + 1)));
    let of_length = |n: usize| {
        let mut text = with_keys(1) + "#";
        text.extend(core::iter::repeat_n('x', n - text.len()));
        text
    };
    assert_eq!(read(&of_length(MAX_PLAN)), Ok(1));
    assert_eq!(read(&of_length(MAX_PLAN + 1)), Err(PlanError::TooLarge));
}
