//! Plans that pass, and plans that are refused.

use proptest::prelude::*;

use super::sample_plan::keys_and_backup;
use super::*;
use crate::Fingerprint;
use crate::provider::sample_names::{ENDPOINT, sample};
use crate::{Control, Explain};

const GOOD: &str = concat!(
    r#"# a comment may come first
format = "keyferry/plan/2"
ceremony = "payments-2026-11"
purpose = "production"
algorithm = "RSAES_OAEP_SHA_256"
minimum_time_left = "4h"
[[participant]]
name = "Ada"
role = "operator"
[[participant]]
name = "王小明"
role = "witness"
ssh_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILrOK92YlHsxiiJliJ+gEb/rVw/45n8VvQFXAJmK+8J/"
"#,
    keys_and_backup!("payments-master", "key_id = \"23e80852-1e38-11e9-b129-5cb9019b4b01\"\n", "cn-master"),
    r#"[posture]
require = ["no-network", "clock-confirmed"]
"#
);

/// Why the text of a plan was refused, without the place.
fn parsed(text: &str) -> Result<CeremonyPlan, PlanError> {
    CeremonyPlan::parse(text.as_bytes()).map_err(|error| error.why().clone())
}

fn refused(text: &str) -> Control {
    CeremonyPlan::parse(text.as_bytes()).unwrap_err().control()
}

#[test]
fn a_full_plan() {
    let plan = CeremonyPlan::parse(GOOD.as_bytes()).unwrap();
    assert_eq!(plan.digest(), Fingerprint::of(GOOD.as_bytes()));
    assert_eq!((plan.keys()[0].kind().name, plan.keys()[1].kind().name), ("fips", "sm"));
    assert_eq!(plan.minimum_time_left().seconds(), 14_400);
    let people: Vec<_> = plan.participants().iter().map(|p| (p.name.to_string(), p.role)).collect();
    assert_eq!(people, [("Ada".to_owned(), Role::Operator), ("王小明".to_owned(), Role::Witness)]);
    assert_eq!(plan.keys()[1].valid_to.api_seconds(), 1_893_456_000);
    assert!(matches!(plan.keys()[1].key_id(), Err(PlanError::NoKeyId(_))));
    assert_eq!(plan.backup(), &Backup::Slip39 { threshold: 2, shares: 3 });
}

#[test]
fn each_fault_has_its_control() {
    let edits: &[(&str, &str, Control)] = &[
        ("keyferry/plan/2", "keyferry/plan/3", Control::PLAN_FORMAT),
        ("format = \"keyferry/plan/2\"\n", "", Control::PLAN_FORMAT),
        ("purpose = \"production\"\n", "", Control::PLAN_FIELD),
        ("purpose = \"production\"", "purpose = \"test\"", Control::PLAN_FIELD),
        ("purpose = ", "purposes = ", Control::PLAN_FIELD),
        ("role = \"witness\"", "role = \"custodian\"", Control::PLAN_FIELD),
        ("valid_to = \"never\"\n", "", Control::PLAN_FIELD),
        ("valid_to = \"never\"", "valid_to = \"2039-01-01T00:00:00Z\"", Control::PLAN_VALID_TO),
        ("valid_to = \"never\"", "valid_to = 0", Control::PLAN_FIELD),
        ("alias = \"cn-master\"", "alias = \"payments-master\"", Control::PLAN_DUPLICATE),
        (concat!("region = \"", sample!(other_region), "\""), "region = \"guangzhou\"", Control::PLAN_FIELD),
        ("RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA256", Control::PLAN_FIELD),
        ("threshold = 2", "threshold = 4", Control::BACKUP_SCHEME),
        ("threshold = 2", "threshold = 1", Control::BACKUP_SCHEME),
        (
            "scheme = \"slip39\"\nthreshold = 2\nshares = 3",
            "scheme = \"none\"\nreason = \" \"",
            Control::BACKUP_SCHEME,
        ),
        ("[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3", "", Control::PLAN_FIELD),
        ("\"no-network\"", "\"no-cats\"", Control::PLAN_FIELD),
        ("\"4h\"", "\"4 hours\"", Control::PLAN_FIELD),
        ("\"no-network\"", "\"known-program\"", Control::PLAN_FIELD),
    ];
    for (from, to, control) in edits {
        let edited = GOOD.replacen(from, to, 1);
        assert_ne!(edited, GOOD, "{from}");
        assert_eq!(refused(&edited), *control, "{from} → {to}");
    }
    assert_eq!(refused(""), Control::PLAN_FORMAT);
    assert_eq!(CeremonyPlan::parse(&[0xff, 0xfe]).unwrap_err().control(), Control::PLAN_SYNTAX);
    assert_eq!(refused(&"[".repeat(10_000_000)), Control::PLAN_FORMAT);
    let deep = format!("format = \"keyferry/plan/2\"\na = {}", "[".repeat(1_000_000));
    assert_eq!(refused(&deep), Control::PLAN_FIELD);
}

#[test]
fn an_endpoint_is_https_or_on_this_computer() {
    let with = |endpoint: &str| {
        let text = GOOD.replacen("purpose", &format!("endpoint = \"{endpoint}\"\npurpose"), 1);
        parsed(&text).map(|plan| plan.endpoint().map(str::to_owned))
    };
    // The labels of a host name have at most 63 characters, hence the dots; a port fills up the remaining
    // length.
    let long = |host: usize| {
        let name: String = (1..=host).map(|n| if n % 50 == 0 { '.' } else { 'a' }).collect();
        format!("https://{name}")
    };
    assert_eq!(long(248).len(), 256);
    let good = [
        ENDPOINT,
        "https://kms.example:8443",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:1",
        &long(248),
        "http://127.9.9.9",
    ];
    for endpoint in good {
        assert_eq!(with(endpoint), Ok(Some(endpoint.to_owned())));
    }
    let bad = [
        "",
        "https://",
        concat!("kms.", sample!(host)),
        concat!("HTTPS://kms.", sample!(host)),
        "ftp://127.0.0.1",
        concat!("http://kms.", sample!(host)),
        "http://10.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://localhost:",
        "http://127.0.0.1:80/path",
        "http://127.0.0.1@evil.example",
        "https://user:word@kms.example",
        "https://kms.example evil",
        "https://kms.example\\u001b[2J",
        "https://kms.example\\n",
        "https://kms.ехample",
        "https://kms.example/path",
        "https://kms.example?x",
        "https://KMS.example",
        "https://127.1",
        "https://kms.example:0",
        &long(249),
    ];
    for endpoint in bad {
        assert_eq!(with(endpoint), Err(PlanError::Endpoint), "{endpoint}");
    }
}

fn waiver(check: &str, reason: &str) -> String {
    format!("{GOOD}[[posture.waive]]\ncheck = \"{check}\"\nreason = \"{reason}\"\n")
}

#[test]
fn production_requires_the_baseline_unless_the_plan_waives_it() {
    let plan = CeremonyPlan::parse(waiver("no-swap", "encrypted swap, key in the TPM").as_bytes()).unwrap();
    let required: Vec<_> = PostureCheck::ALL.into_iter().filter(|c| plan.requires(*c)).collect();
    let expected = [
        "no-network",
        "no-radio",
        "no-core-dumps",
        "no-tracer",
        "private-output",
        "clock-confirmed",
        "sandbox",
        "secret-memory",
    ];
    assert_eq!(required.iter().map(|c| c.name()).collect::<Vec<_>>(), expected);
    assert!(plan.posture().waived(PostureCheck::NoSwap).unwrap().reason.contains("TPM"));
    // A rehearsal requires only what its plan lists.
    let rehearsal = GOOD.replacen("\"production\"", "\"rehearsal\"", 1);
    let rehearsal = CeremonyPlan::parse(rehearsal.as_bytes()).unwrap();
    let required: Vec<_> = PostureCheck::ALL.into_iter().filter(|c| rehearsal.requires(*c)).collect();
    assert_eq!(required, [PostureCheck::NoNetwork, PostureCheck::ClockConfirmed]);
}

#[test]
fn a_waiver_has_a_reason_and_a_limit() {
    assert_eq!(refused(&waiver("no-network", "one cable")), Control::POSTURE_WAIVER);
    assert_eq!(refused(&waiver("no-swap", " ")), Control::POSTURE_WAIVER);
    // A check that nothing requires cannot be waived, because the waiver would suggest otherwise.
    assert_eq!(refused(&waiver("secure-boot", "old board")), Control::POSTURE_WAIVER);
    let twice = waiver("no-swap", "a") + "[[posture.waive]]\ncheck = \"no-swap\"\nreason = \"b\"\n";
    assert_eq!(refused(&twice), Control::PLAN_DUPLICATE);
    let both = waiver("no-swap", "a").replacen("\"no-network\"", "\"no-swap\"", 1);
    assert_eq!(refused(&both), Control::PLAN_DUPLICATE);
    assert_eq!(refused(&waiver("no-swaps", "a")), Control::PLAN_FIELD);
}

#[test]
fn the_clock_s_window_is_at_most_a_day() {
    let plan = |from: &str, to: &str| {
        let text = format!("{GOOD}[clock]\nnot_before = \"{from}\"\nnot_after = \"{to}\"\n");
        CeremonyPlan::parse(text.as_bytes()).map_err(|e| e.control())
    };
    let day = plan("2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z").unwrap();
    let window = day.clock().unwrap();
    let at = |t: &str| window.holds(t.parse().unwrap());
    assert!(at("2026-11-23T08:00:00Z") && at("2026-11-24T08:00:00Z"));
    assert!(!at("2026-11-23T07:59:59Z") && !at("2026-11-24T08:00:01Z"));
    for (from, to) in [
        ("2026-11-23T08:00:00Z", "2026-11-24T08:00:01Z"),
        ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-24T08:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23", "2026-11-24"),
    ] {
        assert_eq!(plan(from, to).unwrap_err(), Control::PLAN_FIELD, "{from} {to}");
    }
}

#[test]
fn names_are_withheld_only_where_the_plan_says_so() {
    let with = |line: &str| GOOD.replace("purpose = ", &format!("{line}\npurpose = "));
    let plan = |text: &str| CeremonyPlan::parse(text.as_bytes());
    assert!(!plan(GOOD).unwrap().commits_names());
    assert!(plan(&with("names = \"committed\"")).unwrap().commits_names());
    assert_eq!(refused(&with("names = \"open\"")), Control::PLAN_FIELD);
    let former = with("names = \"committed\"").replace("plan/2", "plan/1");
    let refused = plan(&former).unwrap_err();
    assert_eq!(*refused.why(), PlanError::Foreign { field: "names", format: "keyferry/plan/1" });
    assert!(refused.what().en.starts_with("line 4 of the plan, names: "), "{refused}");
}

#[test]
fn the_line_of_the_fault_is_named() {
    let edited = GOOD.replacen("role = \"witness\"", "role = \"king\"", 1);
    let error = CeremonyPlan::parse(edited.as_bytes()).unwrap_err();
    assert!(error.what().en.contains("line 12"), "{}", error.what().en);
}

const ADA: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS";

fn participant(name: &str, role: &str, key: Option<&str>) -> String {
    let key = key.map(|key| format!("ssh_key = \"{key}\"\n")).unwrap_or_default();
    format!(
        "[[participant]]\nname = \"{name}\"\nrole = \"{role}\"\n{key}[[key]]\nalias = \"payments-master\""
    )
}

/// A plan with one more participant, in production or in rehearsal.
fn with_person(purpose: &str, name: &str, role: &str, key: Option<&str>) -> Result<CeremonyPlan, PlanError> {
    let more = participant(name, role, key);
    let text = GOOD.replacen("[[key]]\nalias = \"payments-master\"", &more, 1);
    parsed(&text.replacen("\"production\"", &format!("\"{purpose}\""), 1))
}

#[test]
fn two_spellings_of_a_name_are_one_person() {
    for purpose in ["production", "rehearsal"] {
        for name in ["ADA", "ada", "Ａda", "A da"] {
            let twice = Err(PlanError::Duplicate(name.to_owned()));
            for role in ["operator", "witness", "custodian"] {
                assert_eq!(with_person(purpose, name, role, None), twice, "{name} {role}");
            }
        }
        for (name, twin) in [("Voß", "VOSS"), ("Voß", "voss"), ("Voss", "VOẞ")] {
            assert_eq!(crate::text::folded(name), crate::text::folded(twin), "{twin}");
        }
        assert!(with_person(purpose, "Adam", "witness", Some(ADA)).is_ok());
        assert_eq!(
            with_person(purpose, "Ada", "operator", None),
            Err(PlanError::Duplicate("Ada".to_owned()))
        );
        assert!(with_person(purpose, "Ada", "custodian", Some(ADA)).is_ok());
    }
}

#[test]
fn operator_and_witness_of_a_production_plan_are_two_people() {
    let ada = || "Ada".parse().unwrap();
    assert_eq!(with_person("production", "Ada", "witness", None), Err(PlanError::SamePerson(ada())));
    assert_eq!(PlanError::SamePerson(ada()).control(), Control::PLAN_FIELD);
    let ming = "王小明".parse().unwrap();
    assert_eq!(with_person("production", "王小明", "operator", None), Err(PlanError::SamePerson(ming)));
    assert!(with_person("rehearsal", "Ada", "witness", None).is_ok());
}

#[test]
fn a_key_belongs_to_one_person() {
    let key = GOOD.lines().find_map(|line| line.strip_prefix("ssh_key = ")).unwrap().trim_matches('"');
    for purpose in ["production", "rehearsal"] {
        for key in [key.to_owned(), format!("{key} another comment")] {
            let shared = with_person(purpose, "Eve", "custodian", Some(&key)).unwrap_err();
            let (first, second) = ("王小明".parse().unwrap(), "Eve".parse().unwrap());
            assert_eq!(shared, PlanError::SharedKey { first, second });
            assert_eq!(shared.control(), Control::PLAN_DUPLICATE);
            // One person with two roles may sign with one key.
            assert!(with_person(purpose, "王小明", "custodian", Some(&key)).is_ok());
        }
    }
}

#[test]
fn a_key_that_cannot_sign_is_named_with_its_line() {
    let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7";
    let forms = [
        ("ssh-ed25519 AAAA", "not an OpenSSH public key"),
        (rsa, "not an OpenSSH public key"),
        ("ssh-dss AAAA", "ssh-dss are not accepted"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", "a certificate"),
        ("-----BEGIN OPENSSH PRIVATE KEY----- c2VjcmV0", "a private key"),
    ];
    let forms = forms.map(|(key, why)| (key.to_owned(), why));
    for (key, why) in forms.into_iter().chain(crate::signer::tests::unusable()) {
        let more = participant("Eve", "custodian", Some(&key));
        let text = GOOD.replacen("[[key]]\nalias = \"payments-master\"", &more, 1);
        let error = CeremonyPlan::parse(text.as_bytes()).unwrap_err();
        let said = error.what().en;
        assert!(
            said.starts_with("line 17 of the plan, [[participant]] 3 ssh_key: the ssh_key of Eve: ")
                && said.contains(why),
            "{said}"
        );
        assert!(!said.contains("c2VjcmV0"), "{said}");
        assert_eq!(error.control(), Control::PLAN_FIELD);
    }
}

/// The largest plan that fits. Comparing each key and name with all others must be efficient.
#[test]
fn ten_thousand_people_have_ten_thousand_keys() {
    let points: Vec<[u8; 32]> = (0_u32..)
        .map(|n| core::array::from_fn(|at| n.to_le_bytes().get(at).copied().unwrap_or(9)))
        .filter(|y| curve25519_dalek::edwards::CompressedEdwardsY(*y).decompress().is_some())
        .take(10_001)
        .collect();
    let people = |last: u32| {
        let of = |n: u32| {
            let point = points[n as usize];
            let blob = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32], &point].concat();
            let key = crate::base64_text::encode(&blob);
            format!(
                "[[participant]]\nname = \"P{n}\"\nrole = \"custodian\"\nssh_key = \"ssh-ed25519 {key}\"\n"
            )
        };
        let more: String = (0..10_000).map(of).collect();
        parsed(&format!("{GOOD}{more}{}", of(last).replacen('P', "Q", 1)))
    };
    assert_eq!(people(10_000).unwrap().participants().len(), 10_003);
    let shared = people(0).unwrap_err();
    assert_eq!(shared, PlanError::SharedKey { first: "P0".parse().unwrap(), second: "Q0".parse().unwrap() });
}

proptest! {
    #[test]
    fn no_bytes_panic(tail in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = CeremonyPlan::parse(&tail);
        let mut text = b"format = \"keyferry/plan/2\"\n".to_vec();
        text.extend(&tail);
        let _ = CeremonyPlan::parse(&text);
    }

    #[test]
    fn no_edit_panics(at in 0..GOOD.len(), byte in any::<u8>()) {
        let mut text = GOOD.as_bytes().to_vec();
        text[at] = byte;
        let _ = CeremonyPlan::parse(&text);
    }
}
