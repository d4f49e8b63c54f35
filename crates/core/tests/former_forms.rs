//! What version 0.1 wrote is read, and neither version's reader takes the other's fields.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

#[path = "support/arbitrary.rs"]
mod arbitrary;
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use keyferry_core::artefact::{Artefact, Form, parse, parse_form, to_bytes};
use keyferry_core::*;
use proptest::prelude::*;

/// Every file of that name that version 0.1 left.
fn files(name: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/0.1");
    let (mut found, mut folders) = (Vec::new(), vec![root]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false if path.file_name().is_some_and(|n| n == name) => found.push(path),
                false => {}
            }
        }
    }
    found
}

/// With the name of the other version in its first member.
fn renamed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

fn is_read<T: Artefact>(name: &str, at_least: usize) {
    let files = files(name);
    assert!(files.len() >= at_least, "{name}: {}", files.len());
    for path in files {
        let bytes = fs::read(&path).unwrap();
        let (former, digest) = parse_form::<T::Former>(&bytes).unwrap();
        assert_eq!((&to_bytes(&former).unwrap()[..], digest), (&bytes[..], Fingerprint::of(&bytes)));
        let (now, digest) = parse::<T>(&bytes).unwrap();
        assert_eq!(digest, Fingerprint::of(&bytes), "{}", path.display());
        // As it is written now it is another file, which the former reader refuses, under either name.
        let written = to_bytes(&now).unwrap();
        assert_ne!(&written[..], &bytes[..]);
        assert!(parse_form::<T::Former>(&written).is_err());
        assert!(parse_form::<T::Former>(&renamed(&written, T::FORMAT, T::Former::FORMAT)).is_err());
        assert!(parse::<T>(&renamed(&bytes, T::Former::FORMAT, T::FORMAT)).is_err(), "{}", path.display());
    }
}

#[test]
fn files_of_version_1_are_read() {
    is_read::<Parameters>("parameters.json", 9);
    is_read::<Session>("session.json", 1);
    is_read::<Ciphertext>("ciphertext.json", 9);
    is_read::<Escrow>("escrow.json", 2);
}

#[test]
fn what_was_sealed_and_bound_in_version_1_still_is() {
    let mut checked = 0;
    for path in files("ciphertext.json") {
        let (ciphertext, _) = parse::<Ciphertext>(&fs::read(&path).unwrap()).unwrap();
        let Ok(bytes) = fs::read(path.with_file_name("parameters.json")) else { continue };
        let (parameters, digest) = parse::<Parameters>(&bytes).unwrap();
        ciphertext.check_recorded(&parameters, &digest).unwrap();
        let mut other = ciphertext.clone();
        other.keys[0].commitment = None;
        assert!(other.check_recorded(&parameters, &digest).is_err(), "the binding counts");
        checked += 1;
    }
    assert!(checked >= 9, "{checked}");
}

#[test]
fn a_ciphertext_of_version_1_answers_no_parameters_of_version_2() {
    let path = files("ciphertext.json").into_iter().find(|p| p.with_file_name("parameters.json").exists());
    let path = path.unwrap();
    let read = |name: &str| fs::read(path.with_file_name(name)).unwrap();
    let (parameters, former) = parse::<Parameters>(&read("parameters.json")).unwrap();
    let (mut ciphertext, _) = parse::<Ciphertext>(&read("ciphertext.json")).unwrap();
    let (now, digest) = parse::<Parameters>(&to_bytes(&parameters).unwrap()).unwrap();
    ciphertext.check_recorded(&parameters, &former).unwrap();
    ciphertext.parameters_sha256 = digest;
    assert_eq!(ciphertext.check_recorded(&now, &digest), Err(CiphertextError::Version));
    let plan = support::plan("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
    let (newer, session) = (support::parameters(&plan), support::session(support::parameters(&plan)));
    assert_eq!(ciphertext.check(&session).unwrap_err(), [CiphertextError::Version]);
    let checked = support::checked(newer, &plan);
    assert_eq!(ciphertext.check_against(&checked), Err(CiphertextError::Version));
}

#[test]
fn parameters_of_version_1_are_of_a_plan_of_version_1() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/0.1/fixed-input/oaep-sha256");
    let text = fs::read_to_string(folder.join("plan.toml")).unwrap();
    let (mut parameters, digest) =
        parse::<Parameters>(&fs::read(folder.join("parameters.json")).unwrap()).unwrap();
    let now = parameters.fetched_at;
    parameters.clone().check(digest, &CeremonyPlan::parse(text.as_bytes()).unwrap(), now).unwrap();
    let kept = text.lines().filter(|line| !line.starts_with("bits"));
    let text = kept.collect::<Vec<_>>().join("\n").replacen("plan/1", "plan/2", 1);
    let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
    parameters.plan_sha256 = plan.digest();
    assert_eq!(parameters.check(digest, &plan, now).unwrap_err(), ParametersError::Version);
}

fn refuses_the_other_name<T: Artefact>(value: &T) {
    let bytes = to_bytes(value).unwrap();
    let former = renamed(&bytes, T::FORMAT, T::Former::FORMAT);
    assert!(parse::<T>(&former).is_err(), "{}", String::from_utf8_lossy(&former));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_file_of_version_2_passes_for_one_of_version_1(
        parameters in arbitrary::parameters(), session in arbitrary::session(), ciphertext in arbitrary::ciphertext(),
    ) {
        refuses_the_other_name(&parameters);
        refuses_the_other_name(&session);
        refuses_the_other_name(&ciphertext);
    }
}

const FORMER_PLAN: &str = "format = \"keyferry/plan/1\"\nceremony = \"t-1\"\npurpose = \"rehearsal\"\n\
    [[participant]]\nname = \"A\"\nrole = \"custodian\"\n\
    [[key]]\nalias = \"k\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\nbits = 128\n\
    [backup]\nscheme = \"none\"\nreason = \"test\"\n";

#[test]
fn each_version_of_the_plan_refuses_the_other_s_fields() {
    let plan = CeremonyPlan::parse(FORMER_PLAN.as_bytes()).unwrap();
    assert_eq!((plan.keys()[0].kind().name, plan.check_version()), ("sm", Err(PlanError::Former)));
    let zero = Fingerprint::ZERO;
    let newer = [
        ("purpose", "endpoint = \"https://kms.tencentcloudapi.com\"".to_owned()),
        ("purpose", "languages = [\"en\", \"zh\"]".to_owned()),
        ("purpose", "place = \"room 4\"".to_owned()),
        ("purpose", "approved_by = [\"B\"]".to_owned()),
        ("purpose", "languages = []".to_owned()),
        ("purpose", "approved_by = []".to_owned()),
        ("purpose", "thing = []".to_owned()),
        ("purpose", format!("rehearsed_record = \"{zero}\"")),
        ("purpose", "kcv = \"none\"".to_owned()),
        ("purpose", format!("image_sha256 = \"{zero}\"")),
        ("[backup]", "[[thing]]\nname = \"laptop\"\nidentifier = \"SN 1\"".to_owned()),
        ("[backup]", format!("[hsm]\nmodule_sha256 = \"{zero}\"\ntoken = \"t\"\nnetwork = true")),
        ("valid_to", "kind = \"fips\"".to_owned()),
        ("[[key]]", "[[participant]]\nname = \"D\"\nrole = \"custodian\"\ndeputy_of = \"A\"".to_owned()),
    ];
    for (before, field) in newer {
        let text = FORMER_PLAN.replacen(before, &format!("{field}\n{before}"), 1);
        let refused = CeremonyPlan::parse(text.as_bytes()).unwrap_err();
        assert_eq!(refused.control(), Control::PLAN_FIELD, "{field}");
        assert!(refused.what().en.contains("is no field of keyferry/plan/1"), "{}", refused.what().en);
        let now = text.replacen("plan/1", "plan/2", 1).replacen("bits = 128\n", "", 1);
        let plan = CeremonyPlan::parse(now.as_bytes());
        assert!(plan.is_ok(), "{field}: {plan:?}");
    }
    let refused = CeremonyPlan::parse(FORMER_PLAN.replacen("plan/1", "plan/2", 1).as_bytes()).unwrap_err();
    assert!(
        refused.what().en.contains("line 12: bits is no field of keyferry/plan/2"),
        "{}",
        refused.what().en
    );
}

#[test]
fn the_room_of_a_plan_hangs_together() {
    let now = FORMER_PLAN.replacen("plan/1", "plan/2", 1).replacen("bits = 128\n", "", 1);
    let refused = |before: &str, field: &str| {
        let text = now.replacen(before, &format!("{field}\n{before}"), 1);
        CeremonyPlan::parse(text.as_bytes()).unwrap_err()
    };
    let deputy = "[[participant]]\nname = \"D\"\nrole = \"witness\"\ndeputy_of = \"A\"";
    assert!(matches!(refused("[[key]]", deputy), PlanError::Deputy(_)), "no custodian");
    let deputy = "[[participant]]\nname = \"D\"\nrole = \"custodian\"\ndeputy_of = \"B\"";
    assert!(matches!(refused("[[key]]", deputy), PlanError::Deputy(_)), "of nobody");
    let thing = "[[thing]]\nname = \"laptop\"\nidentifier = \"SN 1\"\n[[thing]]\nname = \"laptop\"\nidentifier = \"SN 1\"";
    assert!(matches!(refused("[backup]", thing), PlanError::Duplicate(_)));
    assert_eq!(refused("purpose", "kcv = \"some\"").control(), Control::PLAN_FIELD);
}
