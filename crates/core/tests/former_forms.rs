//! Files of version 0.1 are read, and neither version's reader accepts the other's fields.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

#[path = "support/arbitrary.rs"]
mod arbitrary;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use keyferry_core::artefact::{Artefact, Form, parse, parse_form, to_bytes};
use keyferry_core::*;
use proptest::prelude::*;

/// Every file with that name from version 0.1.
fn files(name: &str) -> Vec<PathBuf> {
    files_in("tests/data/0.1", name)
}

/// Every file below that folder whose name has this ending.
fn files_in(folder: &str, ending: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let (mut found, mut folders) = (Vec::new(), vec![root]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_string_lossy().ends_with(ending) => found.push(path),
                false => {}
            }
        }
    }
    found
}

/// The file with the other version's name in its first member.
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
        // The current form differs, and the reader of the previous version refuses it under either name.
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
        ciphertext.check_recorded(&parameters, &parameters.wrapping_keys(), &digest).unwrap();
        let mut other = ciphertext.clone();
        other.keys[0].commitment = None;
        assert!(
            other.check_recorded(&parameters, &parameters.wrapping_keys(), &digest).is_err(),
            "the binding counts"
        );
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
    ciphertext.check_recorded(&parameters, &parameters.wrapping_keys(), &former).unwrap();
    ciphertext.parameters_sha256 = digest;
    assert_eq!(ciphertext.check_recorded(&now, &now.wrapping_keys(), &digest), Err(CiphertextError::Version));
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

/// Values of every type, including those that the members really have.
const VALUES: [&str; 8] = [
    "null",
    "256",
    "[]",
    "\"fips\"",
    "\"station\"",
    "\"tencent\"",
    "\"typed-yes\"",
    "{\n\"kind\": \"aes\",\n\"bytes\": 32\n}",
];

/// Inserts each of these members before each member of a file, in all its objects. Returns the number of files that were refused.
fn refuses_members<T: Artefact>(paths: &[PathBuf], members: &[&str]) -> usize {
    let mut refused = 0;
    for path in paths {
        let text = fs::read_to_string(path).unwrap();
        assert!(parse::<T>(text.as_bytes()).is_ok(), "{}", path.display());
        let lines: Vec<&str> = text.lines().collect();
        let begins_member = |at: &usize| lines[*at].trim_start().starts_with('"');
        for at in (0..lines.len()).filter(begins_member) {
            let indent = &lines[at][..lines[at].len() - lines[at].trim_start().len()];
            let (before, after) = (lines[..at].join("\n"), lines[at..].join("\n"));
            for (member, value) in members.iter().flat_map(|m| VALUES.map(|v| (m, v))) {
                let value = value.replace('\n', &format!("\n{indent}")).replace("\"kind\":", "  \"kind\":");
                let value = value.replace("\"bytes\":", "  \"bytes\":");
                let edited = format!("{before}\n{indent}\"{member}\": {value},\n{after}\n");
                let error = parse::<T>(edited.as_bytes()).map(drop).unwrap_err();
                // A member before the format is refused with its own message; after the format, the message
                // says only that the member is unknown.
                let expected = if at == 1 { Control::ART_FORMAT } else { Control::ART_FIELDS };
                assert_eq!(
                    error.control(),
                    expected,
                    "{}, line {}: {member}: {value}",
                    path.display(),
                    at + 1
                );
                refused += 1;
            }
        }
    }
    refused
}

#[test]
fn files_of_version_1_have_no_member_of_version_2() {
    let counts = [
        refuses_members::<Parameters>(&files("/parameters.json"), &["kind", "material", "source"]),
        refuses_members::<Session>(&files("/session.json"), &["kind", "material", "source"]),
        refuses_members::<Ciphertext>(
            &files("/ciphertext.json"),
            &["kind", "material", "source", "provider"],
        ),
        refuses_members::<Escrow>(&files("/escrow.json"), &["kind", "material", "source", "provider"]),
    ];
    assert!(counts.iter().all(|n| *n >= 500), "{counts:?}");
}

#[test]
fn files_of_version_2_have_no_member_of_version_1() {
    const MEMBERS: [&str; 3] = ["edition", "bits", "consent"];
    let seeds = |folder: &str| files_in(&format!("fuzz/seeds/{folder}"), "-2.json");
    let counts = [
        refuses_members::<Parameters>(&seeds("parameters"), &MEMBERS),
        refuses_members::<Session>(&seeds("session"), &MEMBERS),
        refuses_members::<Ciphertext>(&seeds("ciphertext"), &MEMBERS),
        refuses_members::<Escrow>(&seeds("escrow"), &MEMBERS),
    ];
    assert!(counts.iter().all(|n| *n >= 300), "{counts:?}");
}

/// Inserts each of these members before each member of each line, which is read as the first of a chain. Returns how many were
/// refused.
fn lines_refuse_members(paths: &[PathBuf], begin: &str, members: &[&str]) -> usize {
    let mut refused = 0;
    for path in paths {
        for line in fs::read_to_string(path).unwrap().lines() {
            let (_, rest) = line.split_once("\"time\":").unwrap();
            let line = format!("{{{begin}\"seq\":0,\"prev\":\"{}\",\"time\":{rest}", Fingerprint::ZERO);
            assert!(Transcript::verify(format!("{line}\n").as_bytes()).is_ok(), "{}: {line}", path.display());
            let begins_member = |at: &usize| matches!(line.as_bytes()[at - 1], b'{' | b',');
            for at in line.match_indices('"').map(|(at, _)| at).filter(begins_member) {
                for member in members {
                    let edited = format!("{}{member},{}\n", &line[..at], &line[at..]);
                    assert!(Transcript::verify(edited.as_bytes()).is_err(), "{}: {edited}", path.display());
                    refused += 1;
                }
            }
        }
    }
    refused
}

#[test]
fn lines_of_each_version_have_no_member_of_the_other() {
    let former = [files("transcript.jsonl"), files("drills.jsonl")].concat();
    let newer = [
        "\"step\":\"preflight\"",
        "\"by\":\"witness/1\"",
        "\"means\":\"typed-yes\"",
        "\"material\":{\"kind\":\"aes\",\"bytes\":32}",
    ];
    let refused = lines_refuse_members(&former, "", &newer);
    assert!(refused >= 10_000, "{refused}");
    let now = [files_in("tests/data/0.2", "transcript.jsonl"), files_in("fuzz/seeds/transcript", "-2.jsonl")]
        .concat();
    let format = "\"format\":\"keyferry/transcript/2\",";
    let refused = lines_refuse_members(&now, format, &["\"consent\":\"typed-yes\"", "\"bits\":256"]);
    assert!(refused >= 2_000, "{refused}");
}

#[test]
fn files_of_version_1_have_the_names_of_their_one_provider() {
    fn refused<T: Artefact>(name: &str) -> usize {
        let (long, mut refused) = ("a".repeat(61), 0);
        for path in files(name) {
            let text = fs::read_to_string(&path).unwrap();
            for (member, bad) in [
                ("alias", "a/b"),
                ("alias", "kms-x"),
                ("alias", &long),
                ("key_id", "arn:x:y"),
                ("region", "moon"),
            ] {
                let whole = |line: &&str| line.trim_start().starts_with(&format!("\"{member}\": "));
                let good = text.lines().find(whole).unwrap();
                let (begin, _) = good.split_once(": ").unwrap();
                let edited = text.replacen(good, &format!("{begin}: \"{bad}\","), 1);
                let error = parse::<T>(edited.as_bytes()).map(drop).unwrap_err();
                assert!(
                    [Control::ART_ENTRIES, Control::ART_FIELDS].contains(&error.control()),
                    "{}: {bad}: {error:?}",
                    path.display()
                );
                refused += 1;
            }
        }
        refused
    }
    let counts = [
        refused::<Parameters>("/parameters.json"),
        refused::<Session>("/session.json"),
        refused::<Ciphertext>("/ciphertext.json"),
        refused::<Escrow>("/escrow.json"),
    ];
    assert!(counts.iter().all(|n| *n >= 10), "{counts:?}");
}

const FORMER_PLAN: &str = "format = \"keyferry/plan/1\"\nceremony = \"t-1\"\npurpose = \"rehearsal\"\n\
    [[participant]]\nname = \"A\"\nrole = \"custodian\"\n\
    [[key]]\nalias = \"k\"\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\nbits = 128\n\
    [backup]\nscheme = \"none\"\nreason = \"test\"\n";

/// The fields that the code refuses in version 1.
fn newer_fields() -> BTreeSet<&'static str> {
    let code = include_str!("../src/artefact/plan/plan_format.rs").split_once("fn newer").unwrap().1;
    let code = code.split_once("\n}\n").unwrap().0;
    let fields: BTreeSet<&str> = code.split('"').skip(1).step_by(2).collect();
    assert!(fields.len() >= 12, "{fields:?}");
    fields
}

#[test]
fn each_version_of_the_plan_refuses_the_other_s_fields() {
    let plan = CeremonyPlan::parse(FORMER_PLAN.as_bytes()).unwrap();
    assert_eq!((plan.keys()[0].kind().name, plan.check_version()), ("sm", Err(PlanError::Former)));
    let zero = Fingerprint::ZERO;
    let newer = [
        ("endpoint", "purpose", "endpoint = \"https://kms.tencentcloudapi.com\"".to_owned()),
        ("languages", "purpose", "languages = [\"en\", \"zh\"]".to_owned()),
        ("place", "purpose", "place = \"room 4\"".to_owned()),
        ("approved_by", "purpose", "approved_by = [\"B\"]".to_owned()),
        ("rehearsed_record", "purpose", format!("rehearsed_record = \"{zero}\"")),
        ("kcv", "purpose", "kcv = \"none\"".to_owned()),
        ("names", "purpose", "names = \"committed\"".to_owned()),
        ("image_sha256", "purpose", format!("image_sha256 = \"{zero}\"")),
        ("thing", "[backup]", "[[thing]]\nname = \"laptop\"\nidentifier = \"SN 1\"".to_owned()),
        ("hsm", "[backup]", format!("[hsm]\nmodule_sha256 = \"{zero}\"\ntoken = \"t\"\nnetwork = true")),
        ("kind", "valid_to", "kind = \"fips\"".to_owned()),
        (
            "deputy_of",
            "[[key]]",
            "[[participant]]\nname = \"D\"\nrole = \"custodian\"\ndeputy_of = \"A\"".to_owned(),
        ),
        ("languages", "purpose", "languages = []".to_owned()),
        ("approved_by", "purpose", "approved_by = []".to_owned()),
        ("thing", "purpose", "thing = []".to_owned()),
    ];
    let listed: BTreeSet<&str> = newer.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(listed, newer_fields(), "a field that the code knows and this list does not, or vice versa");
    let formats = include_str!("../../../ceremony/audit/formats.md");
    let row = formats.lines().find(|l| l.starts_with("| refused as unknown | `endpoint`")).unwrap();
    for name in &listed {
        assert!(row.contains(&format!("`{name}`")) || row.contains(&format!("[{name}]")), "{name}: {row}");
    }
    for (name, before, field) in newer {
        let text = FORMER_PLAN.replacen(before, &format!("{field}\n{before}"), 1);
        let refused = CeremonyPlan::parse(text.as_bytes()).unwrap_err();
        assert_eq!(refused.control(), Control::PLAN_FIELD, "{field}");
        let expected = format!("keyferry/plan/1 has no field {name}");
        assert!(refused.what().en.contains(&expected), "{}", refused.what().en);
        let now = text.replacen("plan/1", "plan/2", 1).replacen("bits = 128\n", "", 1);
        let plan = CeremonyPlan::parse(now.as_bytes());
        assert!(plan.is_ok(), "{field}: {plan:?}");
    }
    let refused = CeremonyPlan::parse(FORMER_PLAN.replacen("plan/1", "plan/2", 1).as_bytes()).unwrap_err();
    assert!(
        refused.what().en.contains("line 12 of the plan, [[key]] 1 bits: keyferry/plan/2 has no field bits"),
        "{}",
        refused.what().en
    );
}

#[test]
fn the_room_of_a_plan_hangs_together() {
    let now = FORMER_PLAN.replacen("plan/1", "plan/2", 1).replacen("bits = 128\n", "", 1);
    let refused = |before: &str, field: &str| {
        let text = now.replacen(before, &format!("{field}\n{before}"), 1);
        CeremonyPlan::parse(text.as_bytes()).unwrap_err().why().clone()
    };
    let deputy = "[[participant]]\nname = \"D\"\nrole = \"witness\"\ndeputy_of = \"A\"";
    assert!(matches!(refused("[[key]]", deputy), PlanError::Deputy(_)), "no custodian");
    let deputy = "[[participant]]\nname = \"D\"\nrole = \"custodian\"\ndeputy_of = \"B\"";
    assert!(matches!(refused("[[key]]", deputy), PlanError::Deputy(_)), "of nobody");
    let thing = "[[thing]]\nname = \"laptop\"\nidentifier = \"SN 1\"\n[[thing]]\nname = \"laptop\"\nidentifier = \"SN 1\"";
    assert!(matches!(refused("[backup]", thing), PlanError::Duplicate(_)));
    assert_eq!(refused("purpose", "kcv = \"some\"").control(), Control::PLAN_FIELD);
}
