//! Faulty modules: our own token in C does one thing wrong at a time, under `inspect`, `probe` and `wrap` of the real program.
//!
//! Each fault ends in a refusal with its control and what the module did, and leaves no ciphertext. `crates/hsm/traps.md` says which trap
//! of real modules each of the token's words reproduces.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use keyferry_core::*;

use super::Maker;
use crate::residue::needles::Secrets;
use crate::support::*;

/// The PIN of the token, if it requires one.
pub(crate) const PIN: &str = "a-pin-9f1c07e5b3";
/// The material that it always makes if it has no generator: 32 bytes, not all of them ASCII, because text is refused as a key.
pub(crate) const KNOWN: &str = "known-material-7f3a9c51-b2d4e6é";

/// The module, compiled once. Without a compiler or OpenSSL's headers, the test says so, and CI fails.
pub(crate) fn module() -> Option<&'static Path> {
    static MODULE: OnceLock<Option<PathBuf>> = OnceLock::new();
    MODULE.get_or_init(compiled).as_deref()
}

fn compiled() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("token-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let module = folder.join("token.so");
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O0", "-o"]).arg(&module);
    cc.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/hsm/token.c")).arg("-lcrypto");
    let run = match cc.output() {
        Ok(run) if run.status.success() => return Some(module),
        Ok(run) => String::from_utf8_lossy(&run.stderr).into_owned(),
        Err(e) => e.to_string(),
    };
    assert!(std::env::var_os("CI").is_none(), "{run}");
    super::missing(&format!("a C compiler with OpenSSL's headers ({run})"))
}

fn maker() -> Option<Maker> {
    Some(Maker { module: module()?.to_owned(), token: "ceremony", init: None, pin: None, conf: None })
}

/// A ceremony with one key, and the HSM station for it.
pub(crate) struct Ceremony {
    pub(crate) room: Room,
    maker: Maker,
}

impl Ceremony {
    pub(crate) fn new(algorithm: WrappingAlgorithm) -> Option<Self> {
        Self::of(algorithm, &[("master", "ap-singapore", Some(KEY_ID))])
    }

    fn of(algorithm: WrappingAlgorithm, keys: &[(&str, &str, Option<&str>)]) -> Option<Self> {
        let maker = maker()?;
        // The check value is required, so the table's first line is left out.
        let table = maker.hsm_table().replacen("kcv = \"none\"\n", "", 1);
        Some(Self { room: Room::with_plan(&(plan_text("rehearsal", algorithm, keys) + &table)), maker })
    }

    /// `wrap` with a token that does this, and the answers that people give.
    pub(crate) fn wrap(&self, does: &str, typed: &str, more: &[&str]) -> Run {
        run_with(self.station(more).env("KEYFERRY_TEST_TOKEN", does), typed)
    }

    /// The command of `wrap`.
    fn station(&self, more: &[&str]) -> Command {
        let mut station = self.maker.with_token("wrap");
        station.args(["--lang", "en", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
        station.args(["--out", "medium"]).args(more).current_dir(self.room.dir.path());
        station
    }

    /// Checks that there is only a record that says that the run failed, by which control, and in which call of the module.
    #[track_caller]
    fn left_why(&self, does: &str, control: Control) -> (Option<String>, Option<String>) {
        let (by, call, code) = self.gave_up(does);
        assert_eq!(by, control.id(), "{does}");
        (call, code)
    }

    /// Control, call and code of a run that was given up.
    #[track_caller]
    fn gave_up(&self, does: &str) -> (String, Option<String>, Option<String>) {
        let mut names = self.room.medium();
        names.retain(|name| name != "parameters.json" && name != "transcript.jsonl");
        assert!(names.is_empty(), "{does}: {names:?}");
        let record = fs::read(self.room.path("medium/transcript.jsonl")).unwrap();
        let chain = Transcript::verify(&record).unwrap().unwrap();
        let [.., why, end] = chain.lines() else { panic!("{does}") };
        assert!(matches!(end.event, Event::Finished { succeeded: 0, failed: 1, .. }), "{does}: {end:?}");
        let Event::GaveUp { control, call, code, .. } = &why.event else { panic!("{does}: {why:?}") };
        (control.to_string(), call.clone(), code.clone())
    }
}

/// One fault, the control that refuses it, and what the refusal says.
type Case = (&'static str, Control, &'static [&'static str]);

/// Nothing from a token with one of these faults is used.
#[track_caller]
fn refused_by_wrap(algorithm: WrappingAlgorithm, cases: &[Case], more: &[&str]) {
    for (does, control, says) in cases {
        let Some(ceremony) = Ceremony::new(algorithm) else { return };
        let run = ceremony.wrap(does, "Yes\n", more);
        assert_eq!(run.code, Some(1), "{does}: {run:?}");
        run.refused(1, *control);
        for said in *says {
            assert!(run.err.contains(said), "{does}: {said} is not in {}", run.err);
        }
        // The record has the call and the code that the refusal on the screen has.
        match ceremony.left_why(does, *control) {
            (call, Some(code)) if code == "CKR_OK" => {
                assert_eq!(call.as_deref(), Some("C_WrapKey"), "{does}")
            }
            (call, code) => {
                for told in [call, code].into_iter().flatten() {
                    assert!(run.err.contains(&told), "{does}: {told}: {}", run.err);
                }
            }
        }
    }
}

pub(crate) const OAEP: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;

/// Otherwise the other tests would prove nothing.
#[test]
fn a_token_that_does_everything_right_is_used_with_every_padding() {
    for algorithm in WrappingAlgorithm::ALL {
        let others = ["prints", "signals", "nul-padded", "interface-old"];
        for does in ["", "v3", "no-check-value", "grows"].into_iter().chain(others) {
            used(does, algorithm);
        }
    }
}

/// The token makes and wraps the key, and the block opens with the padding that was asked for.
#[track_caller]
fn used(does: &str, algorithm: WrappingAlgorithm) {
    let Some(ceremony) = Ceremony::new(algorithm) else { return };
    let run = ceremony.wrap(does, "Yes\n", &[]);
    assert_eq!(run.code, Some(0), "{does}: {run:?}");
    let (ciphertext, _) = ceremony.room.ciphertext();
    // It is opened here, and panics if it is not what it should be.
    Secrets::of(algorithm, ciphertext.keys[0].wrapped_material.as_bytes());
}

/// Modules that are unusual and not wrong.
#[test]
fn a_token_with_another_way_is_used() {
    for does in [
        // It cannot lock, and says so.
        "cannot-lock",
        // A list of mechanisms without a single flag, and a function list of an older version.
        "no-flags",
        "v201",
        "one-session",
        "huge-slot",
        // It lists a slot without a token.
        "empty-slot",
        // It strips leading zeros, so that the block is a byte shorter than announced: the next block is used.
        "later,strips",
        // It announces the right length and then states another one, which the library does not pass on.
        "says-more",
    ] {
        used(does, OAEP);
    }
}

#[test]
fn another_padding_key_or_block_than_was_asked_for_is_refused() {
    use Control as C;
    let cases: &[Case] = &[
        ("always-pkcs1", C::HSM_PADDING, &["RSAES_OAEP_SHA_256", "RSAES_PKCS1_V1_5"]),
        ("mask-sha1", C::HSM_PADDING, &["OAEP with SHA-256 and MGF1-SHA-1"]),
        ("other-key", C::HSM_PADDING, &["is not the one that it made"]),
        ("long", C::HSM_BLOCK, &["not an RSA block", "257 bytes"]),
        ("short", C::HSM_BLOCK, &["not an RSA block", "255 bytes"]),
        ("above", C::HSM_BLOCK, &["not an RSA block", "not below"]),
        // A token that behaves correctly for the probe, but not for the service's key.
        ("later,long", C::HSM_BLOCK, &["257 bytes"]),
        ("later,short", C::HSM_BLOCK, &["255 bytes"]),
        ("later,above", C::HSM_BLOCK, &["not below"]),
        ("other-modulus", C::HSM_BLOCK, &["a different public key"]),
        ("later,other-modulus", C::HSM_BLOCK, &["a different public key"]),
        // It reports success, but wrote nothing.
        ("writes-nothing", C::HSM_BLOCK, &["not an RSA block", "no padding was encrypted"]),
        ("later,writes-nothing", C::HSM_BLOCK, &["no padding was encrypted"]),
        // It announces the right length, and then writes a byte less: the library does not say so.
        ("cut", C::HSM_BLOCK, &["not an RSA block", "ends with a zero byte"]),
        ("later,cut", C::HSM_BLOCK, &["each of 4 blocks", "ends with a zero byte"]),
        // Its digest of a key is not the digest of that key.
        ("digests-handle", C::HSM_COMMITMENT, &["not the SHA-256 of that key"]),
        ("digests-nothing", C::HSM_COMMITMENT, &["not the SHA-256 of that key"]),
    ];
    refused_by_wrap(OAEP, cases, &[]);
}

#[test]
fn a_module_that_refuses_or_lacks_a_call_is_named_with_it() {
    use Control as C;
    let cases: &[Case] = &[
        ("null-all", C::HSM_CALL, &["C_Initialize", "lacks this function"]),
        ("null-info", C::HSM_CALL, &["C_GetInfo", "lacks this function"]),
        ("null-generate", C::HSM_CALL, &["C_GenerateKey", "lacks this function"]),
        ("null-wrap", C::HSM_CALL, &["C_WrapKey", "lacks this function"]),
        ("no-interface", C::HSM_CALL, &["C_GetInterface", "CKR_GENERAL_ERROR"]),
        ("session-count", C::HSM_CALL, &["C_OpenSession", "CKR_SESSION_COUNT"]),
        ("no-aes", C::HSM_CALL, &["C_GenerateKey", "CKR_MECHANISM_INVALID"]),
        ("no-value-len", C::HSM_CALL, &["C_GenerateKey", "CKR_TEMPLATE_INCONSISTENT"]),
        ("no-query", C::HSM_CALL, &["C_WrapKey", "CKR_ARGUMENTS_BAD", "It works with: -"]),
        ("too-small", C::HSM_CALL, &["C_WrapKey", "CKR_BUFFER_TOO_SMALL"]),
        ("fail-wrap", C::HSM_CALL, &["C_WrapKey", "CKR_VENDOR_DEFINED(0x80000123)"]),
        ("fail-create", C::HSM_CALL, &["C_CreateObject"]),
        ("fail-generate", C::HSM_CALL, &["C_GenerateKey"]),
        ("later,fail-generate", C::HSM_CALL, &["C_GenerateKey"]),
        ("later,fail-wrap", C::HSM_CALL, &["C_WrapKey"]),
        ("keeps", C::HSM_CALL, &["C_DestroyObject", "CKR_ACTION_PROHIBITED"]),
        ("later,keeps", C::HSM_CALL, &["C_DestroyObject", "CKR_ACTION_PROHIBITED"]),
        ("fail-finalize", C::HSM_CALL, &["C_Finalize"]),
        // It is unplugged, or somebody else ends the session.
        ("later,removed-wrap", C::HSM_CALL, &["C_WrapKey", "CKR_DEVICE_REMOVED"]),
        ("later,removed-create", C::HSM_CALL, &["C_CreateObject", "CKR_DEVICE_REMOVED"]),
        ("later,dropped-generate", C::HSM_CALL, &["C_GenerateKey", "CKR_SESSION_HANDLE_INVALID"]),
        ("later,dropped-attribute", C::HSM_CALL, &["C_GetAttributeValue", "CKR_SESSION_HANDLE_INVALID"]),
        ("swapped", C::HSM_CALL, &["C_OpenSession", "no token is in slot 1 any more"]),
        ("no-ecb", C::HSM_KCV, &["C_EncryptInit", "CKR_MECHANISM_INVALID"]),
        ("indigestible", C::HSM_PLAN, &["C_DigestKey", "CKR_KEY_INDIGESTIBLE"]),
        ("null-digest-key", C::HSM_PLAN, &["C_DigestKey", "lacks this function"]),
        ("undigested", C::HSM_PLAN, &["C_DigestKey", "CKR_FUNCTION_NOT_SUPPORTED"]),
        ("later,indigestible", C::HSM_PLAN, &["C_DigestKey", "CKR_KEY_INDIGESTIBLE"]),
        ("needs-reserved", C::HSM_CALL, &["C_Initialize", "CKR_ARGUMENTS_BAD", "a file or a variable"]),
        ("unknown-wrap", C::HSM_CALL, &["C_WrapKey", "CKR_UNKNOWN_ERROR_CODE(0x000001ff)"]),
        ("strict", C::HSM_CALL, &["C_GenerateKey", "CKR_ATTRIBUTE_TYPE_INVALID", "attributes"]),
        ("no-256", C::HSM_CALL, &["C_GenerateKey", "CKR_KEY_SIZE_RANGE", "length"]),
        ("wants-login", C::HSM_CALL, &["C_GenerateKey", "CKR_USER_NOT_LOGGED_IN", "login"]),
        ("pad,logs-out,wants-login", C::HSM_CALL, &["C_GenerateKey", "CKR_USER_NOT_LOGGED_IN", "login"]),
        ("ids-of-mechanisms", C::HSM_CALL, &["C_WrapKey", "CKR_MECHANISM_PARAM_INVALID"]),
        ("wants-label", C::HSM_CALL, &["C_WrapKey", "CKR_ARGUMENTS_BAD", "RSAES_PKCS1_V1_5"]),
        // The attribute's length grows after it was asked for.
        ("attribute-grows", C::HSM_MODULE, &["signal 6", "C_GenerateKey"]),
    ];
    refused_by_wrap(OAEP, cases, &[]);
}

/// Whatever call fails, and however: either it is a list that decides nothing, or the record says why, and there is no ciphertext.
#[test]
fn each_call_may_fail() {
    let before_the_probe = ["initialize", "info", "slots", "open", "login"];
    let lists = ["mechanisms", "mechanism"];
    let rest = [
        "token",
        "create",
        "destroy",
        "generate",
        "attribute",
        "encrypt",
        "digest",
        "wrap",
        "close",
        "finalize",
    ];
    for call in before_the_probe.into_iter().chain(lists).chain(rest) {
        for (fault, when) in [("fail", ""), ("fail", "later,"), ("crash", ""), ("crash", "later,")] {
            let does = format!("pad,{when}{fault}-{call}");
            let Some(ceremony) = Ceremony::new(OAEP) else { return };
            let run = ceremony.wrap(&does, "Yes\n", &[]);
            let over = !when.is_empty() && (before_the_probe.contains(&call) || lists.contains(&call));
            if over || fault == "fail" && lists.contains(&call) {
                assert_eq!(run.code, Some(0), "{does}: {run:?}");
                ceremony.room.ciphertext();
            } else {
                assert_eq!(run.code, Some(1), "{does}: {run:?}");
                ceremony.gave_up(&does);
            }
        }
    }
}

/// Otherwise its session would stay open, and a token that has only one would refuse the next run.
#[test]
fn a_module_that_answers_is_closed_however_the_run_ends() {
    for (does, typed, closed) in [
        ("", "Yes\n", true),
        ("fail-wrap", "Yes\n", true),
        ("pin", "Yes\nanother\n", true),
        ("later,fail-generate", "Yes\n", true),
        // The control: it does not answer any more.
        ("crash-wrap", "Yes\n", false),
    ] {
        let Some(ceremony) = Ceremony::new(OAEP) else { return };
        let file = ceremony.room.path("noted");
        let mut station = ceremony.station(&[]);
        run_with(station.env("KEYFERRY_TEST_TOKEN", does).env("KEYFERRY_TEST_TOKEN_FILE", &file), typed);
        let noted = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(noted, if closed { "closed\nfinalized\n" } else { "" }, "{does}");
    }
}

/// Another card is in the slot, after the login or while the keys are made.
#[test]
fn another_card_in_the_slot_is_found() {
    use Control as C;
    let cases: &[Case] = &[
        (
            "another-card",
            C::HSM_TOKEN,
            &["(serial 0000000000000000", "now it is with", "(serial 0000000000000001"],
        ),
        ("later,another-card", C::HSM_TOKEN, &["now it is with", "(serial 0000000000000001"]),
        ("pad,login-elsewhere", C::HSM_TOKEN, &["now it is with", "\"another\""]),
    ];
    refused_by_wrap(OAEP, cases, &[]);
}

/// A token whose keys could have no commitment is refused before its first key.
#[test]
fn a_token_without_a_digest_makes_no_key() {
    let Some(ceremony) = Ceremony::new(OAEP) else { return };
    ceremony.wrap("indigestible", "Yes\n", &[]).refused(1, Control::HSM_PLAN);
    let record = fs::read_to_string(ceremony.room.path("medium/transcript.jsonl")).unwrap();
    assert!(record.contains("hsm-loaded") && !record.contains("hsm-probed"), "{record}");
}

/// `probe` shows everything that a ceremony needs of a module, not only the paddings.
#[test]
fn a_probe_tells_which_length_and_which_commitment_there_is() {
    for (does, bits, commitment) in [("", 6, "right"), ("no-256", 3, "right"), ("indigestible", 6, "refused")]
    {
        let Some(maker) = maker() else { return };
        let mut probe = maker.with_token("probe");
        let told = run_with(probe.arg("--json").env("KEYFERRY_TEST_TOKEN", does), "").ok().json();
        let rows = told["paddings"].as_array().unwrap().clone();
        let works: Vec<_> = rows.iter().filter(|row| row["outcome"] == "works").collect();
        assert_eq!((rows.len(), works.len()), (6, bits), "{does}: {told}");
        assert!(works.iter().all(|row| row["commitment"].to_string().contains(commitment)), "{does}: {told}");
    }
}

#[test]
fn nonsense_ends_the_module_and_nothing_else() {
    use Control as C;
    let cases: &[Case] = &[
        ("crash-wrap", C::HSM_MODULE, &["signal 11", "C_WrapKey"]),
        ("later,crash-wrap", C::HSM_MODULE, &["signal 11", "C_WrapKey"]),
        ("crash-finalize", C::HSM_MODULE, &["signal 11", "C_Finalize"]),
        ("crash-generate", C::HSM_MODULE, &["signal 11", "C_GenerateKey"]),
        ("later,crash-destroy", C::HSM_MODULE, &["signal 11", "C_DestroyObject"]),
        ("no-list", C::HSM_MODULE, &["ended by signal", "C_Initialize"]),
        ("closes", C::HSM_MODULE, &["ended", "C_Initialize"]),
        ("wrap-zero", C::HSM_MODULE, &["signal 11", "C_WrapKey"]),
        ("interface-null", C::HSM_MODULE, &["ended by signal", "C_Initialize"]),
        ("exit-wrap", C::HSM_MODULE, &["exit code 0", "C_WrapKey"]),
        ("later,exit-generate", C::HSM_MODULE, &["exit code 0", "C_GenerateKey"]),
        ("exit-finalize", C::HSM_MODULE, &["exit code 0", "C_Finalize"]),
        ("scribble-wrap", C::HSM_MODULE, &["invalid answer", "C_WrapKey"]),
        // It tries to leave a process behind, which would hold the pipe open.
        ("orphan-wrap", C::HSM_MODULE, &["signal 6", "C_WrapKey"]),
        // Impossible lengths of a block, slot list or attribute.
        ("wrap-huge", C::HSM_MODULE, &["signal 6", "C_WrapKey"]),
        ("slots-huge", C::HSM_MODULE, &["signal 6", "C_GetTokenInfo"]),
        ("modulus-huge", C::HSM_CALL, &["C_GetAttributeValue", "1099511627776 bytes"]),
        ("encrypts-short", C::HSM_MODULE, &["C_Encrypt"]),
    ];
    refused_by_wrap(OAEP, cases, &[]);
}

#[test]
fn a_key_that_the_token_says_is_not_protected_is_refused() {
    use Control as C;
    let cases: &[Case] = &[
        ("insensitive", C::HSM_KEY, &["CKA_SENSITIVE = false"]),
        ("later,insensitive", C::HSM_KEY, &["CKA_SENSITIVE = false"]),
        ("later,readable", C::HSM_KEY, &["32 bytes of the key's value"]),
        ("other-length", C::HSM_KEY, &["CKA_VALUE_LEN = 24"]),
        ("length-of-four", C::HSM_KEY, &["CKA_VALUE_LEN = a value of another length than its type has"]),
        ("other-type", C::HSM_KEY, &["CKA_KEY_TYPE = CKK_DES3"]),
        ("later,handle-zero", C::HSM_KEY, &["CKR_OBJECT_HANDLE_INVALID"]),
        ("later,handle-of-public", C::HSM_KEY, &["CKA_CLASS"]),
        ("flag-of-eight", C::HSM_KEY, &["CKA_WRAP = a value of another length than its type has"]),
        ("other-check-value", C::HSM_KCV, &["010203"]),
        ("later,other-check-value", C::HSM_KCV, &["010203"]),
    ];
    refused_by_wrap(OAEP, cases, &[]);
}

/// A check value with an impossible length counts as an unreadable attribute, not as a match.
#[test]
fn an_attribute_of_any_length_is_told_and_takes_no_memory() {
    let Some(ceremony) = Ceremony::new(OAEP) else { return };
    ceremony.wrap("attribute-huge", "Yes\n", &[]).ok();
    let record = fs::read_to_string(ceremony.room.path("medium/transcript.jsonl")).unwrap();
    assert!(record.contains(r#""CKA_CHECK_VALUE":"1099511627776 bytes, too long""#), "{record}");
}

#[test]
fn a_key_that_should_stay_locked_and_does_not_is_refused() {
    use Control as C;
    let cases: &[Case] = &[
        ("unlocked", C::HSM_KEY, &["CKA_EXTRACTABLE = true"]),
        ("wraps-locked", C::HSM_KEY, &["still wraps"]),
        ("fail-set", C::HSM_CALL, &["C_SetAttributeValue"]),
        ("read-only", C::HSM_CALL, &["C_SetAttributeValue", "CKR_ATTRIBUTE_READ_ONLY", "--trusted"]),
    ];
    refused_by_wrap(OAEP, cases, &["--keep", "2026"]);
}

/// Otherwise a key that no record has would stay in the token, and anybody with the PIN could have it wrapped.
#[test]
fn a_key_of_a_run_that_was_given_up_is_destroyed() {
    for (does, destroyed) in [("read-only", true), ("later,insensitive", true), ("", false)] {
        let Some(ceremony) = Ceremony::new(OAEP) else { return };
        let file = ceremony.room.path("noted");
        let mut station = ceremony.station(&["--keep", "2026"]);
        let run = run_with(
            station.env("KEYFERRY_TEST_TOKEN", does).env("KEYFERRY_TEST_TOKEN_FILE", &file),
            "Yes\n",
        );
        let noted = fs::read_to_string(&file).unwrap();
        let found = noted.contains("destroyed a key of the token");
        assert_eq!((run.code == Some(0), found), (!destroyed, destroyed), "{does}: {run:?}");
    }
}

#[test]
fn the_same_key_twice_is_refused() {
    let keys = [("one", "ap-singapore", Some(KEY_ID)), ("two", "ap-singapore", Some(OTHER_KEY_ID))];
    let Some(ceremony) = Ceremony::of(OAEP, &keys) else { return };
    let run = ceremony.wrap("repeats", "Yes\n", &[]);
    run.refused(1, Control::HSM_KEY);
    assert!(run.err.contains("the same key twice") && !ceremony.room.path("medium/ciphertext.json").exists());
    // The control: with a generator that works, the same ceremony succeeds.
    ceremony.wrap("", "Yes\n", &[]).ok();
}

/// With two keys, the second block is what the buffer still held from the first.
#[test]
fn the_same_block_twice_is_refused() {
    let keys = [("one", "ap-singapore", Some(KEY_ID)), ("two", "ap-singapore", Some(OTHER_KEY_ID))];
    let Some(ceremony) = Ceremony::of(OAEP, &keys) else { return };
    let run = ceremony.wrap("stale", "Yes\n", &[]);
    run.refused(1, Control::HSM_BLOCK);
    assert!(run.err.contains("the same block twice"), "{}", run.err);
    assert!(!ceremony.room.path("medium/ciphertext.json").exists());
}

/// The HSM has its own PIN pad: the computer does not ask for a PIN, and sends none.
#[test]
fn a_pin_that_is_entered_at_the_hsm_is_never_asked_for() {
    let Some(ceremony) = Ceremony::new(OAEP) else { return };
    let run = ceremony.wrap("pad", "Yes\n", &[]);
    run.ok();
    assert!(
        run.err.contains("Enter the PIN at the HSM itself") && !run.err.contains("User PIN"),
        "{}",
        run.err
    );
    ceremony.room.ciphertext();
    // Nobody enters it, or somebody cancels.
    let Some(ceremony) = Ceremony::new(OAEP) else { return };
    let run = ceremony.wrap("pad,pad-cancelled", "Yes\n", &[]);
    run.refused(1, Control::HSM_LOGIN);
    assert!(run.err.contains("CKR_FUNCTION_CANCELED"), "{}", run.err);
    let told = ceremony.left_why("pad-cancelled", Control::HSM_LOGIN);
    assert_eq!(told, (Some("C_Login".into()), Some("CKR_FUNCTION_CANCELED".into())));
    // `probe` behaves like `wrap`.
    let mut probe = ceremony.maker.with_token("probe");
    run_with(probe.env("KEYFERRY_TEST_TOKEN", "pad"), "").ok();
}

#[test]
fn logins_that_cannot_be_are_told_apart() {
    use Control as C;
    let good = format!("Yes\n{PIN}\n");
    let cases: &[(&str, &str, Option<&[&str]>)] = &[
        ("pin", &good, None),
        ("pin", "Yes\nanother\n", Some(&["CKR_PIN_INCORRECT"])),
        ("pin,last", "Yes\nanother\n", Some(&["CKR_PIN_LOCKED"])),
        ("final-try", "Yes\nanother\n", Some(&["one more wrong PIN locks this token", "CKR_PIN_INCORRECT"])),
        ("locked", &good, Some(&["the user PIN of the token is locked"])),
        ("already", &good, Some(&["another program is logged in", "CKR_USER_ALREADY_LOGGED_IN"])),
        ("pin", "Yes\n", Some(&[])),
    ];
    for (does, typed, says) in cases {
        let Some(ceremony) = Ceremony::new(OAEP) else { return };
        let run = ceremony.wrap(does, typed, &[]);
        assert!(!run.err.contains(PIN) && !run.out.contains(PIN), "{does}");
        let Some(says) = says else {
            run.ok();
            continue;
        };
        let control = if says.is_empty() { C::SECRET_TYPED } else { C::HSM_LOGIN };
        run.refused(1, control);
        says.iter().for_each(|said| assert!(run.err.contains(said), "{does}: {said}: {}", run.err));
        ceremony.left_why(does, control);
    }
}

/// What `inspect` says about a module that does this.
fn inspect(does: &str) -> Option<Run> {
    let mut station = maker()?.station("inspect");
    Some(run_with(station.args(["--lang", "en"]).env("KEYFERRY_TEST_TOKEN", does), ""))
}

#[test]
fn slots_and_tokens_of_any_kind_are_told() {
    for (does, says) in [
        ("v3", &["PKCS#11 3.0", "\"ceremony\""][..]),
        ("grows", &["slot 1", "slot 2"]),
        ("none", &["keyferry, a token for tests"]),
        ("no-token", &["unreadable (slot 1)", "CKR_TOKEN_NOT_RECOGNIZED"]),
        ("uninitialized", &["\"ceremony\""]),
        ("fail-mechanisms", &["\"ceremony\""]),
        ("fail-mechanism", &["\"ceremony\""]),
        ("fork", &["\"ceremony\"", "a token for tests"]),
        ("escapes", &["\"[2Jceremony"]),
        // A label that was cut in the middle of a character.
        ("utf8", &["\"仪式-ceremony-令牌-仪式"]),
        ("huge-slot", &["slot 18446744073709551614"]),
        ("empty-slot", &["\"ceremony\"", "unreadable (slot 2)", "CKR_TOKEN_NOT_PRESENT"]),
    ] {
        let Some(run) = inspect(does) else { return };
        run.ok();
        says.iter().for_each(|said| assert!(run.out.contains(said), "{does}: {said}: {run:?}"));
        // A module's text can neither move the cursor nor reverse the direction of writing.
        assert!(!run.out.contains(['\u{1b}', '\u{202e}']), "{does}: {run:?}");
    }
    for (does, control, says) in [
        ("null-info", Control::HSM_CALL, "C_GetInfo"),
        ("fail-slots", Control::HSM_CALL, "C_GetSlotList"),
        ("crash-token", Control::HSM_MODULE, "signal 11"),
        ("many", Control::HSM_TOKEN, "more than 64"),
    ] {
        let Some(run) = inspect(does) else { return };
        run.refused(1, control);
        assert!(run.err.contains(says), "{does}: {run:?}");
    }
}

/// Two identical tokens, a token that nobody set up, or none at all: no PIN is requested.
#[test]
fn a_token_that_cannot_be_told_is_not_used() {
    for (does, says) in [
        ("two", "several tokens"),
        ("none", "no token is"),
        ("no-token", "unreadable (slot 1)"),
        ("many", "more than 64"),
    ] {
        let Some(ceremony) = Ceremony::new(OAEP) else { return };
        let run = ceremony.wrap(&format!("{does},pin"), "Yes\n", &[]);
        run.refused(1, Control::HSM_TOKEN);
        assert!(run.err.contains(says) && !run.err.contains("User PIN"), "{does}: {}", run.err);
        assert_eq!(ceremony.left_why(does, Control::HSM_TOKEN), (None, None), "{does}");
    }
}

/// Checks that the module's process has ended: if it stayed, the key would stay in its memory.
fn nothing_runs_with(variable: &str) {
    let has = |process: &Path| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|b| *b == 0).any(|one| one == variable.as_bytes())
    };
    let runs = || fs::read_dir("/proc").unwrap().any(|process| has(&process.unwrap().path()));
    for _ in 0..600 {
        if !runs() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("a process with {variable} outlived the run");
}

/// The module may hang anywhere. All cases run at once, because each takes as long as the limit.
#[test]
fn a_module_that_does_not_answer_is_ended() {
    let calls = [
        ("login", "C_Login"),
        ("slots", "C_GetTokenInfo"),
        ("finalize", "C_Finalize"),
        ("wrap", "C_WrapKey"),
    ];
    // With a word that only this run has: other runs of the tests may have such processes too.
    let hangs = |call: &str| format!("pad,hang-{call},{}", std::process::id());
    std::thread::scope(|scope| {
        for (call, during) in calls {
            scope.spawn(move || {
                let Some(ceremony) = Ceremony::new(OAEP) else { return };
                let does = hangs(call);
                let run = ceremony.wrap(&does, "Yes\n", &["--time-limit", "10"]);
                run.refused(1, Control::HSM_MODULE);
                let says = format!("did not answer for 10 seconds during {during}");
                assert!(run.err.contains(&says), "{}", run.err);
                let told = ceremony.left_why(&does, Control::HSM_MODULE);
                assert_eq!(told, (Some(during.into()), None), "{does}");
            });
        }
    });
    for (call, _) in calls {
        nothing_runs_with(&format!("KEYFERRY_TEST_TOKEN={}", hangs(call)));
    }
    // The module reports more slots with every call, endlessly.
    let Some(maker) = maker() else { return };
    let mut station = maker.station("inspect");
    let endless = run_with(
        station.args(["--lang", "en", "--time-limit", "2"]).env("KEYFERRY_TEST_TOKEN", "endless"),
        "",
    );
    endless.refused(1, Control::HSM_MODULE);
    assert!(endless.err.contains("did not answer for 2 seconds"), "{}", endless.err);
}
