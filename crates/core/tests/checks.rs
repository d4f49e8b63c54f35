//! Parameters and ciphertexts of another plan, key, time or session are refused, each by its own control.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

mod support;

use keyferry_core::artefact::{self, Artefact};
use keyferry_core::provider::Material;
use keyferry_core::provider::tencent::{FIPS, SM};
use keyferry_core::*;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use support::*;

const ALG: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;

/// Checks parameters that `edit` changed, `seconds` after they were fetched.
fn document(edit: impl Fn(&mut Parameters), seconds: i64) -> Result<CheckedParameters, ParametersError> {
    let plan = plan("rehearsal", ALG);
    let mut parameters = parameters(&plan);
    edit(&mut parameters);
    parameters.check(Fingerprint::ZERO, &plan, at(seconds))
}

fn document_control(edit: impl Fn(&mut Parameters)) -> Control {
    document(edit, 60).unwrap_err().control()
}

/// The control that refuses only entry 1; the other two pass.
fn entry_control(edit: impl Fn(&mut ParameterEntry)) -> Control {
    let checked = document(|p| edit(&mut p.keys[1]), 60).unwrap();
    assert_eq!(
        (checked.entries().len(), checked.refused().len()),
        (2, 1),
        "one failing key does not affect the others"
    );
    checked.refused()[0].1.control()
}

#[test]
fn parameters_of_another_document() {
    assert_eq!(document_control(|p| p.purpose = Purpose::Production), Control::PARAM_PURPOSE);
    assert_eq!(document_control(|p| p.ceremony = "t-2".parse().unwrap()), Control::PARAM_CEREMONY);
    assert_eq!(document_control(|p| p.plan_sha256 = Fingerprint::ZERO), Control::PARAM_PLAN);
    assert_eq!(document_control(|p| p.keys[2].alias = "foreign".parse().unwrap()), Control::PARAM_KEY);
    assert_eq!(document_control(|p| p.keys.swap(0, 1)), Control::PARAM_KEY);
    // The clocks may differ by five minutes: here, the check runs 60 seconds after the fetch.
    assert_eq!(document_control(|p| p.fetched_at = at(361)), Control::PARAM_CLOCK);
    assert!(document(|p| p.fetched_at = at(360), 60).is_ok());
}

#[test]
fn parameters_of_another_key() {
    let id = "99999999-1e38-11e9-b129-5cb9019b4b01";
    assert_eq!(entry_control(|k| k.key_id = id.parse().unwrap()), Control::PARAM_KEY);
    assert_eq!(entry_control(|k| k.region = "ap-tokyo".parse().unwrap()), Control::PARAM_REGION);
    assert_eq!(entry_control(|k| k.algorithm = WrappingAlgorithm::RsaesPkcs1V15), Control::PARAM_ALGORITHM);
    assert_eq!(entry_control(|k| k.kind = &FIPS), Control::PARAM_EDITION);
    assert_eq!(entry_control(|k| k.expires_at = Some(at(60))), Control::PARAM_EXPIRED);
    assert_eq!(entry_control(|k| k.expires_at = Some(at(3659))), Control::PARAM_TIME_LEFT);
    let e3 = include_str!("data/rsa2048-e3.pem").lines().filter(|l| !l.starts_with('-')).collect::<String>();
    assert_eq!(entry_control(|k| k.public_key = Base64Bytes::decode(&e3).unwrap()), Control::KEY_EXPONENT);
}

#[test]
fn time_decides_to_the_second() {
    assert_eq!(document(|_| (), 86_400 - 3600).unwrap().entries().len(), 3);
    assert!(document(|_| (), 86_400 - 3599).unwrap().entries().is_empty());
    let first = document(|p| p.keys[1].expires_at = Some(at(80_000)), 60).unwrap().first_expiry();
    assert_eq!(first, Some(at(80_000)));
    let expired = document(|_| (), 86_400 + 4320).unwrap();
    assert!(expired.refused()[0].1.what().en.contains("1 h 12 m ago"));
}

proptest! {
    /// Parameters cannot claim a longer lifetime than the provider allows: 24 h, plus ten minutes for clocks
    /// that differ.
    #[test]
    fn an_expiry_is_bounded_by_the_time_of_fetching(fetched in -400_000_i64..400_000, life in -90_000_i64..300_000) {
        let life = if life % 3 == 0 { 86_400 + life % 1000 } else { life };
        let now = fetched.max(fetched + life - 50_000);
        let checked = document(
            |p| {
                p.fetched_at = at(fetched);
                p.keys.iter_mut().for_each(|k| k.expires_at = Some(at(fetched + life)));
            },
            now,
        ).unwrap();
        let sound = (1..=87_000).contains(&life) && fetched + life - now >= 3600;
        prop_assert_eq!(checked.entries().len(), if sound { 3 } else { 0 });
        for (_, error) in checked.refused() {
            let expected = if life > 87_000 || life <= 0 { Control::PARAM_EXPIRED } else { Control::PARAM_TIME_LEFT };
            prop_assert_eq!(error.control(), expected);
        }
    }
}

#[test]
fn parameters_that_never_expire_or_ended_before_they_began() {
    let year_9999 = "9999-12-31T23:59:59Z".parse().unwrap();
    let refused = |expires_at| match document(|p| p.keys[1].expires_at = Some(expires_at), -200) {
        Ok(checked) => checked.refused()[0].1.clone(),
        Err(error) => panic!("{error:?}"),
    };
    for expires_at in [year_9999, at(87_001), at(0), at(-100)] {
        assert!(matches!(refused(expires_at), ParametersError::Life { .. }), "{expires_at}");
    }
    assert!(document(|p| p.keys[1].expires_at = Some(at(87_000)), 0).unwrap().refused().is_empty());
}

#[test]
fn keys_without_parameters_are_named() {
    let checked = document(|p| drop(p.keys.remove(1)), 60).unwrap();
    assert_eq!(checked.missing().iter().map(Alias::as_str).collect::<Vec<_>>(), ["key-1"]);
}

fn wrap_all(checked: &CheckedParameters, seed: u8) -> Ciphertext {
    let rng = &mut ChaCha20Rng::from_seed([seed; 32]);
    let keys = checked.entries().iter().map(|e| {
        let material = KeyMaterial::generate(e.material().length, rng).unwrap();
        checked.wrap(e, &material, rng).unwrap()
    });
    let keys = keys.collect();
    checked.ciphertext(keys, Origin::station(false, at(120))).unwrap()
}

fn fixture() -> (Session, CheckedParameters) {
    let plan = plan("rehearsal", ALG);
    let parameters = parameters(&plan);
    (session(parameters.clone()), checked(parameters, &plan))
}

fn refused(edit: impl Fn(&mut Ciphertext)) -> Vec<Control> {
    let (session, checked) = fixture();
    let mut ciphertext = wrap_all(&checked, 1);
    edit(&mut ciphertext);
    ciphertext.check(&session).unwrap_err().iter().map(Explain::control).collect()
}

#[test]
fn a_ciphertext_for_its_session_passes() {
    let (session, checked) = fixture();
    let ciphertext = wrap_all(&checked, 1);
    assert_eq!(ciphertext.check(&session).unwrap().len(), 3);
    ciphertext.check_against(&checked).unwrap();
}

#[test]
fn a_ciphertext_for_anything_else_is_refused_whole() {
    assert_eq!(refused(|c| c.purpose = Purpose::Production), [Control::CIPHER_PURPOSE]);
    assert_eq!(refused(|c| c.ceremony = "t-2".parse().unwrap()), [Control::CIPHER_CEREMONY]);
    // A replayed older file names older parameters.
    assert_eq!(refused(|c| c.parameters_sha256 = Fingerprint::ZERO), [Control::CIPHER_PARAMETERS]);
    // First swap two whole entries, then only the wrapped material of two entries.
    assert_eq!(refused(|c| c.keys.swap(0, 2)), [Control::CIPHER_KEY, Control::CIPHER_KEY]);
    let swap_material = |c: &mut Ciphertext| {
        let first = c.keys[0].wrapped_material.clone();
        c.keys[0].wrapped_material = std::mem::replace(&mut c.keys[2].wrapped_material, first);
    };
    assert_eq!(refused(swap_material), [Control::CIPHER_BINDING, Control::CIPHER_BINDING]);
    assert_eq!(
        refused(|c| c.keys[0].wrapping_key_sha256 = Fingerprint::ZERO),
        [Control::CIPHER_WRAPPING_KEY]
    );
    assert_eq!(refused(|c| c.keys[0].material = SM.material), [Control::CIPHER_BINDING]);
    assert_eq!(refused(|c| c.keys[0].commitment = c.keys[2].commitment), [Control::CIPHER_BINDING]);
}

#[test]
fn a_record_names_the_keys_of_its_ciphertext_in_their_order() {
    let (session, checked) = fixture();
    let mut ciphertext = wrap_all(&checked, 1);
    let recorded = |c: &Ciphertext| {
        c.check_recorded(&session.parameters, &session.parameters.wrapping_keys(), &checked.digest())
    };
    assert_eq!(recorded(&ciphertext), Ok(()));
    ciphertext.keys.swap(0, 2);
    assert_eq!(recorded(&ciphertext).unwrap_err().control(), Control::CIPHER_KEY);
}

/// Recomputes the binding after an edit, as a forger would.
fn bind(ciphertext: &mut Ciphertext) {
    let seeded = [u8::from(ciphertext.seeded)];
    let (made, kcv) = (ciphertext.wrapped_at.unix().to_be_bytes(), ciphertext.keys[0].kcv.unwrap());
    let entry = &mut ciphertext.keys[0];
    entry.binding = Fingerprint::of_fields(&[
        b"keyferry/ciphertext-binding/2",
        ciphertext.parameters_sha256.as_bytes(),
        ciphertext.purpose.to_string().as_bytes(),
        b"station",
        &seeded,
        &made,
        entry.alias.as_str().as_bytes(),
        b"tencent",
        entry.region.as_str().as_bytes(),
        entry.key_id.as_str().as_bytes(),
        entry.algorithm.as_str().as_bytes(),
        entry.wrapping_key_sha256.as_bytes(),
        entry.material.kind.as_str().as_bytes(),
        &(entry.material.length.bytes() as u64).to_be_bytes(),
        entry.wrapped_material.as_bytes(),
        kcv.method.as_str().as_bytes(),
        kcv.value.to_string().as_bytes(),
        entry.commitment.unwrap().to_string().as_bytes(),
    ]);
}

#[test]
fn an_entry_bound_anew_is_still_compared_with_its_parameters() {
    let forged = |edit: fn(&mut CiphertextEntry)| {
        refused(|c| {
            edit(&mut c.keys[0]);
            bind(c);
        })
    };
    let edits: [fn(&mut CiphertextEntry); 4] = [
        |e| e.alias = "foreign".parse().unwrap(),
        |e| e.region = "ap-tokyo".parse().unwrap(),
        |e| e.algorithm = WrappingAlgorithm::RsaesPkcs1V15,
        |e| e.material = SM.material,
    ];
    for edit in edits {
        assert_eq!(forged(edit), [Control::CIPHER_BINDING]);
    }
    assert_eq!(forged(|e| e.wrapped_material = Base64Bytes::from(&[7; 255][..])), [Control::WRAP_FAILED]);
    // `bind` uses the real formula: an altered field that is not compared with the parameters passes once the entry is bound
    // again.
    let (session, checked) = fixture();
    let mut ciphertext = wrap_all(&checked, 1);
    ciphertext.keys[0].commitment = ciphertext.keys[2].commitment;
    bind(&mut ciphertext);
    assert!(ciphertext.check(&session).is_ok());
}

#[test]
fn a_ciphertext_found_in_place_of_an_output_is_checked_against_the_parameters() {
    let (_, checked) = fixture();
    let refused = |edit: fn(&mut Ciphertext)| {
        let mut ciphertext = wrap_all(&checked, 1);
        edit(&mut ciphertext);
        ciphertext.check_against(&checked).unwrap_err().control()
    };
    assert_eq!(refused(|c| c.parameters_sha256 = Fingerprint::ZERO), Control::CIPHER_PARAMETERS);
    let foreign = |c: &mut Ciphertext| {
        c.keys[1].key_id = "99999999-1e38-11e9-b129-5cb9019b4b01".parse().unwrap();
    };
    assert_eq!(refused(foreign), Control::CIPHER_KEY);
    assert_eq!(refused(|c| c.keys[2].binding = Fingerprint::ZERO), Control::CIPHER_BINDING);
}

#[test]
fn a_ciphertext_that_holds_a_key_twice_is_no_ciphertext() {
    let (_, checked) = fixture();
    let mut ciphertext = wrap_all(&checked, 1);
    ciphertext.keys[1] = ciphertext.keys[0].clone();
    let bytes = artefact::to_bytes(&ciphertext).unwrap();
    assert_eq!(parse_control::<Ciphertext>(&bytes), Control::ART_ENTRIES);
}

#[test]
fn a_check_value_is_made_as_its_material_has_it() {
    let (_, checked) = fixture();
    let read = |edit: fn(&mut Ciphertext)| {
        let mut ciphertext = wrap_all(&checked, 1);
        edit(&mut ciphertext);
        artefact::parse::<Ciphertext>(&artefact::to_bytes(&ciphertext).unwrap()).map(|_| ())
    };
    assert_eq!(read(|_| ()), Ok(()));
    assert_eq!(read(|c| c.keys[0].kcv = None), Ok(()), "a plan can do without");
    for method in [KcvMethod::Sm4, KcvMethod::Hmac] {
        let mut ciphertext = wrap_all(&checked, 1);
        ciphertext.keys[0].kcv.as_mut().unwrap().method = method;
        assert_eq!(
            parse_control::<Ciphertext>(&artefact::to_bytes(&ciphertext).unwrap()),
            Control::ART_ENTRIES
        );
    }
    // A check value is also refused if no key of its kind has this length.
    assert!(
        read(|c| c.keys[0].material = Material { kind: MaterialKind::Sm4, ..c.keys[0].material }).is_err()
    );
}

#[test]
fn only_what_an_hsm_made_goes_without_commitment() {
    let (_, checked) = fixture();
    for (source, read) in [(Source::Station, false), (Source::Shares, false), (Source::Hsm, true)] {
        let mut ciphertext = wrap_all(&checked, 1);
        (ciphertext.source, ciphertext.keys[1].commitment) = (source, None);
        let parsed = artefact::parse::<Ciphertext>(&artefact::to_bytes(&ciphertext).unwrap());
        assert_eq!(parsed.is_ok(), read, "{source:?}: {parsed:?}");
    }
}

#[test]
fn seeded_material_is_refused_in_production() {
    let plan = plan("production", ALG);
    let parameters = parameters(&plan);
    let (session, checked) = (session(parameters.clone()), checked(parameters, &plan));
    let mut ciphertext = wrap_all(&checked, 1);
    assert!(ciphertext.check(&session).is_ok());
    ciphertext.seeded = true;
    assert_eq!(ciphertext.check(&session).unwrap_err(), [CiphertextError::Seeded]);
}

#[test]
fn material_of_the_wrong_length_is_not_wrapped() {
    let (_, checked) = fixture();
    let rng = &mut ChaCha20Rng::from_seed([3; 32]);
    let short = KeyMaterial::generate(MaterialLength::B128, rng).unwrap();
    assert_eq!(checked.wrap(&checked.entries()[0], &short, rng).unwrap_err().control(), Control::MAT_LENGTH);
}

fn parse_control<T: Artefact>(bytes: &[u8]) -> Control {
    artefact::parse::<T>(bytes).map(|_| ()).unwrap_err().control()
}

#[test]
fn a_foreign_format_is_quoted_if_it_is_the_name_of_one() {
    let named = |name: &str| {
        let refused = artefact::parse::<Parameters>(format!("{{\"format\": \"{name}\"}}").as_bytes());
        refused.unwrap_err().what().en.contains(name)
    };
    assert!(named("keyferry/parameters/3") && named("keyferry/123456789012345678/abc"));
    assert!(named("keyferry/12345678901234567890123"), "32 characters");
    for other in ["keyferry/123456789012345678901234", "keyferry/Parameters/3", "keyferry/a-b", "eyJhbGciOi"]
    {
        assert!(!named(other), "{other}");
    }
}

#[test]
fn artefacts_are_strict() {
    let plan = plan("rehearsal", ALG);
    let good = artefact::to_bytes(&parameters(&plan)).unwrap();
    let text = String::from_utf8(good.to_vec()).unwrap();
    assert!(artefact::parse::<Parameters>(&good).is_ok());
    let edits: &[(&str, &str, Control)] = &[
        ("keyferry/parameters/2", "keyferry/parameters/3", Control::ART_FORMAT),
        ("keyferry/parameters/2", "keyferry/ciphertext/2", Control::ART_FORMAT),
        ("\"format\"", "\"Format\"", Control::ART_FORMAT),
        ("\"ceremony\"", "\"ceremonie\"", Control::ART_FIELDS),
        ("  \"keys\"", "  \"more\": 1,\n  \"keys\"", Control::ART_FIELDS),
        ("\"rehearsal\"", "\"Rehearsal\"", Control::ART_FIELDS),
        ("IDAQAB\"", "IDAQAB=\"", Control::ART_FIELDS),
        ("key-1", "key-0", Control::ART_ENTRIES),
        ("  \"ceremony\"", " \"ceremony\"", Control::ART_CANONICAL),
        ("\"t-1\"", "\"\\u0074-1\"", Control::ART_CANONICAL),
        ("}\n", "}", Control::ART_CANONICAL),
        ("]\n}", "]\n", Control::ART_SYNTAX),
    ];
    for (from, to, control) in edits {
        let at = text.rfind(from).unwrap_or_else(|| panic!("{from} is not in the text"));
        let edited = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
        assert_eq!(parse_control::<Parameters>(edited.as_bytes()), *control, "{from} → {to}");
    }
    assert_eq!(parse_control::<Parameters>(&vec![b'['; 10_000_000]), Control::ART_SYNTAX);
    let deep =
        [b"{\"format\": \"keyferry/parameters/2\", \"keys\": ".to_vec(), vec![b'['; 10_000_000]].concat();
    assert!(matches!(parse_control::<Parameters>(&deep), Control::ART_SYNTAX | Control::ART_FIELDS));
    assert_eq!(parse_control::<Parameters>(b"{\"format\": \"keyferry/parameters/2\"}"), Control::ART_FIELDS);
    assert_eq!(parse_control::<Parameters>(b"\xff\xfe"), Control::ART_SYNTAX);
}

#[test]
fn a_session_never_quotes_its_tokens() {
    let (session, _) = fixture();
    let text = String::from_utf8(artefact::to_bytes(&session).unwrap().to_vec()).unwrap();
    assert!(text.contains("SECRET-TOKEN-1"), "the file itself holds the tokens");
    assert!(!format!("{session:?}").contains("SECRET"));
    let breaks = [
        ("\"SECRET-TOKEN-1\"", "[\"SECRET-TOKEN-1\"]"),
        ("\"SECRET-TOKEN-1\"", "{\"SECRET-TOKEN-1\": 1}"),
        ("\"SECRET-TOKEN-1\"", "\"SECRET-TOKEN-1\\u0000\""),
        ("\"never\"", "\"SECRET-TOKEN-1\""),
        ("\"rehearsal\"", "\"SECRET-TOKEN-1\""),
        // Damage that turns the token into a field's name.
        ("\"import_token\": \"SECRET-TOKEN-1\"", "\"import_token\": \"x\",\n \"SECRET-TOKEN-1\": 1"),
        ("\"endpoint\"", "\"SECRET-TOKEN-1\""),
        ("keyferry/session/2", "keyferry/SECRET-TOKEN-1"),
        // A missing field is still named.
        ("      \"import_token\": \"SECRET-TOKEN-1\"\n", "      \"valid_to\": \"never\"\n"),
    ];
    let mut refused = 0;
    for (from, to) in breaks {
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text, "{from}");
        let error = artefact::parse::<Session>(edited.as_bytes()).unwrap_err();
        assert!(!format!("{error:?}{}{}", error.what().en, error.hint().en).contains("SECRET"), "{error:?}");
        refused += 1;
    }
    assert_eq!(refused, breaks.len());
    let other = text.replacen("SECRET-TOKEN-1", "SECRET-TOKEN-9", 1);
    assert_eq!(parse_control::<Session>(other.as_bytes()), Control::ART_ENTRIES);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn serialize_and_parse_are_inverse(seed in any::<u8>()) {
        let (session, checked) = fixture();
        let ciphertext = wrap_all(&checked, seed);
        let bytes = artefact::to_bytes(&ciphertext).unwrap();
        let (back, digest) = artefact::parse::<Ciphertext>(&bytes).unwrap();
        prop_assert_eq!(digest, Fingerprint::of(&bytes));
        prop_assert_eq!(back, ciphertext);
        let bytes = artefact::to_bytes(&session).unwrap();
        prop_assert_eq!(artefact::parse::<Session>(&bytes).unwrap().0, session);
    }

    #[test]
    fn a_changed_byte_never_passes_unseen(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (session, checked) = fixture();
        let bytes = artefact::to_bytes(&wrap_all(&checked, 1)).unwrap().to_vec();
        let mut edited = bytes.clone();
        let at = at.index(bytes.len());
        prop_assume!(edited[at] != byte);
        edited[at] = byte;
        if let Ok((ciphertext, _)) = artefact::parse::<Ciphertext>(&edited) {
            // Only the digest that people compare protects the time of wrapping and the rehearsal's seeded mark.
            let passes = ciphertext.check(&session).is_ok();
            prop_assert!(!passes || text_near(&bytes, at).contains("wrapped_at"), "{}", text_near(&bytes, at));
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = artefact::parse::<Parameters>(&bytes);
        let _ = artefact::parse::<Session>(&bytes);
        let _ = artefact::parse::<Ciphertext>(&bytes);
    }
}

fn text_near(bytes: &[u8], at: usize) -> String {
    let start = bytes[..at].iter().rposition(|b| *b == b'\n').unwrap_or(0);
    String::from_utf8_lossy(&bytes[start..(at + 1).min(bytes.len())]).into_owned()
}
