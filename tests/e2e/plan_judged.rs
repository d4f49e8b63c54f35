//! A plan is checked before a key exists: by `keyferry plan check`, and by each command that begins a step, with the same
//! words.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::kms::Kms;
use crate::support::*;
use keyferry_core::provider::tencent::RSA_2048;
use keyferry_core::*;
use keyferry_tencent::Action;
use proptest::prelude::*;
use serde_json::json;

fn plan(task: &str, dir: &Path) -> Command {
    let mut command = program("keyferry");
    command.arg("plan").args(task.split(' ')).current_dir(dir);
    command
}

/// A draft with two keys and three custodians, and typical mistakes: edit, control, line.
const DRAFT: &str = r#"format = "keyferry/plan/2"
ceremony = "judged-1"
purpose = "rehearsal"
minimum_time_left = "4h"

[[participant]]
name = "Ada Moss"
role = "operator"
ssh_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS"

[[participant]]
name = "Bo Reed"
role = "witness"

[[key]]
alias = "judged-one"
provider = "tencent"
region = "ap-singapore"
valid_to = "never"

[[key]]
alias = "judged-two"
provider = "tencent"
region = "ap-guangzhou"
valid_to = "2037-12-31T16:00:00Z"

[backup]
scheme = "slip39"
threshold = 2
shares = 3
"#;

const CUT_OFF: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS";

const FAULTS: [(&str, &str, Control, usize); 12] = [
    (CUT_OFF, "AAAA... ada@example", Control::PLAN_FIELD, 9),
    ("role = \"witness\"", "role = \"custodain\"", Control::PLAN_FIELD, 13),
    ("\"Bo Reed\"", "\"ada moss\"", Control::PLAN_DUPLICATE, 12),
    ("\"4h\"", "\"4 hours\"", Control::PLAN_FIELD, 4),
    ("\"4h\"", "\"24h\"", Control::PLAN_READY, 4),
    ("ap-guangzhou", "Guangzhou", Control::PLAN_FIELD, 24),
    ("2037-12-31T16:00:00Z", "2020-12-31T16:00:00Z", Control::PLAN_VALID_TO, 25),
    ("\"2037-12-31T16:00:00Z\"", "0", Control::PLAN_FIELD, 25),
    ("threshold =", "threshhold =", Control::PLAN_FIELD, 29),
    ("shares = 3", "shares = \"3\"", Control::PLAN_FIELD, 30),
    (
        "role = \"witness\"",
        "role = \"witness\"\n\n[[participant]]\nname = \"Cy\"\nrole = \"custodian\"",
        Control::BACKUP_CUSTODIANS,
        34,
    ),
    (
        "purpose = \"rehearsal\"",
        "purpose = \"rehearsal\"\nendpoint = \"https://kms.example\"",
        Control::PLAN_READY,
        4,
    ),
];

#[test]
fn a_fault_is_found_by_plan_check_and_by_create_key_before_a_key_exists() {
    let (dir, emulator) = (tempfile::tempdir().unwrap(), EmulatorProcess::start(&[]));
    let path = dir.path().join("draft.toml");
    for (from, to, control, line) in FAULTS {
        let text = DRAFT.replacen(from, to, 1);
        assert_ne!(text, DRAFT);
        fs::write(&path, &text).unwrap();
        let checked = run(&mut plan("check draft.toml", dir.path()));
        let named = format!("error [{control}]: line {line} of the plan, ");
        checked.refused(1, Control::PLAN_READY);
        assert!(checked.err.contains(&named) && checked.out.is_empty(), "{to}: {}", checked.err);
        let json = run(&mut plan("check draft.toml --json", dir.path()));
        let first =
            &json.json()["findings"].as_array().unwrap().iter().find(|f| f["line"] == line).unwrap().clone();
        assert_eq!((&first["control"], &first["severity"]), (&json!(control.id()), &json!("error")), "{to}");
        assert_eq!((json.code, &json.json()["accepted"]), (Some(1), &json!(false)));
        let chinese = run(&mut plan("check draft.toml --lang zh", dir.path()));
        assert!(chinese.err.contains(&format!("错误 [{control}]: 计划文件第 {line} 行")), "{}", chinese.err);
        let create = ["create-key", "--plan", "draft.toml", "--out", "plan.toml"];
        let created = run(online(create, &emulator.endpoint).current_dir(dir.path()));
        created.refused(1, if text.contains("threshhold") { Control::PLAN_FIELD } else { control });
        let what = checked.err.lines().find(|l| l.contains(&named)).unwrap();
        // `create-key` reports the finding in the same words, or only counts it if it is not the first finding.
        assert!(created.err.contains(what) || created.err.contains("more finding"), "{}", created.err);
        assert!(!dir.path().join("plan.toml").exists());
    }
    let listed = Kms::new(&emulator.endpoint, "ap-singapore").call(Action::ListKeys, &json!({})).unwrap();
    assert_eq!(listed["TotalCount"], 0, "{listed}");
    // The draft itself: a note says that it is a draft, and keys are created for it.
    fs::write(&path, DRAFT).unwrap();
    let checked = run(&mut plan("check draft.toml", dir.path()));
    assert_eq!(checked.ok().out.trim(), Fingerprint::of(DRAFT.as_bytes()).to_string());
    assert!(
        checked.err.contains("a draft: 2 without a key_id") && checked.err.contains("warnings: 0"),
        "{}",
        checked.err
    );
    let create = ["create-key", "--plan", "draft.toml", "--out", "plan.toml"];
    run(online(create, &emulator.endpoint).current_dir(dir.path())).ok();
    run(&mut plan("check plan.toml", dir.path())).ok();
}

#[test]
fn a_region_that_nobody_knows_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("draft.toml"), DRAFT.replacen("ap-singapore", "ap-sinqapore", 1)).unwrap();
    let checked = run(&mut plan("check draft.toml", dir.path()));
    checked.ok();
    assert!(
        checked.err.contains("warning [KF-PLAN-07]: line 18 of the plan, [[key]] 1 region: ap-sinqapore"),
        "{}",
        checked.err
    );
    assert!(
        checked.err.contains("did you mean ap-singapore?") && checked.err.contains("hint: "),
        "{}",
        checked.err
    );
}

#[test]
fn the_time_that_a_plan_is_judged_for_can_be_given() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("draft.toml"), DRAFT).unwrap();
    run(&mut plan("check draft.toml --now 2037-12-31T15:59:59Z", dir.path())).ok();
    let late = run(&mut plan("check draft.toml --now 2037-12-31T16:00:00Z", dir.path()));
    late.refused(1, Control::PLAN_VALID_TO);
}

#[test]
fn encodings_of_windows_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let wide: Vec<u8> = DRAFT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gbk = DRAFT.as_bytes().to_vec();
    let at = DRAFT.find("Ada").unwrap();
    let gbk = [&gbk[..at], b"\xcd\xf5", &gbk[at..]].concat();
    for (bytes, name) in [
        ([b"\xef\xbb\xbf", DRAFT.as_bytes()].concat(), "byte order mark"),
        ([b"\xff\xfe", &wide[..]].concat(), "UTF-16"),
        (gbk, "GBK or another encoding, not UTF-8, from line 7 on"),
    ] {
        fs::write(dir.path().join("draft.toml"), bytes).unwrap();
        let checked = run(&mut plan("check draft.toml", dir.path()));
        checked.refused(1, Control::PLAN_SYNTAX);
        assert!(checked.err.contains(name) && checked.err.contains("UTF-8 (without BOM)"), "{}", checked.err);
        let created = run(online(["create-key", "--plan", "draft.toml", "--out", "p"], &dead_endpoint())
            .current_dir(dir.path()));
        created.refused(1, Control::PLAN_SYNTAX);
    }
}

/// The plan is checked again at each later step, with the time of that step.
#[test]
fn a_time_that_passes_on_the_way_stops_every_later_command() {
    let end = later(3600).to_string();
    let text =
        plan_text("rehearsal", WrappingAlgorithm::default(), &[("master", "ap-singapore", Some(KEY_ID))]);
    let room = Room::with_plan(&text.replacen("\"never\"", &format!("\"{end}\""), 1));
    let after = later(3600 + 60).to_string();
    let inputs = ["--plan", "plan.toml", "--parameters", "medium/parameters.json"];
    for (command, now, control) in [
        ("preflight", &end, Some(Control::PLAN_VALID_TO)),
        ("inspect", &after, Some(Control::PLAN_VALID_TO)),
        ("wrap", &after, Some(Control::PLAN_VALID_TO)),
        ("inspect", &later(60).to_string(), None),
    ] {
        let mut run_it = offline([command]);
        run_it.args(inputs).args(["--now", now]).current_dir(room.dir.path());
        if command == "wrap" {
            run_it.args(["--out", "medium"]);
        }
        let ended = run(&mut run_it);
        match control {
            Some(control) => drop(ended.refused(1, control)),
            None => drop(ended.ok()),
        }
        assert!(ended.err.contains("master"), "{}", ended.err);
    }
    assert_eq!(room.medium(), ["parameters.json"]);
    // No option sets the time at the online station, so this uses a plan whose window has ended already.
    let ended = text.replacen("\"never\"", "\"2026-01-01T00:00:00Z\"", 1);
    fs::write(room.path("ended.toml"), ended).unwrap();
    let export = ["export", "--plan", "ended.toml", "--out", "medium", "--session", "session.json"];
    run(online(export, &dead_endpoint()).current_dir(room.dir.path())).refused(1, Control::PLAN_VALID_TO);
}

const ANSWERS: &str = "written-1\nproduction\nAda \"A\" Moss\noperator\n\
    ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS ada@desk\n\
    王小明\nwitness\n\nCy\ncustodian\n\nDi\ncustodian\n\n\n\
    one\nap-singapore\nnever\ntwo\nap-guangzhou\n2037-01-01T00:00:00Z\n\nslip39\n2\n";

#[test]
fn a_plan_is_written_from_answers_and_passes() {
    for lang in ["en", "zh"] {
        let dir = tempfile::tempdir().unwrap();
        let new = format!("new --out plan.toml --lang {lang}");
        let made = run_with(&mut plan(&new, dir.path()), ANSWERS);
        assert_eq!(made.ok().out, "plan.toml\n", "{}", made.err);
        run(&mut plan("check plan.toml", dir.path())).ok();
        let bytes = fs::read(dir.path().join("plan.toml")).unwrap();
        let written = CeremonyPlan::parse(&bytes).unwrap();
        let people: Vec<_> = written.participants().iter().map(|p| p.name.as_str()).collect();
        assert_eq!(people, ["Ada \"A\" Moss", "王小明", "Cy", "Di"]);
        assert_eq!(written.backup(), &plan::Backup::Slip39 { threshold: 2, shares: 2 });
        assert_eq!(
            (written.keys().len(), written.keys()[1].valid_to.to_string().as_str()),
            (2, "2037-01-01T00:00:00Z")
        );
        assert!(String::from_utf8(bytes).unwrap().contains(if lang == "en" {
            "# when the service"
        } else {
            "# 服务端删除"
        }));
        // Nothing is overwritten.
        run_with(&mut plan("new --out plan.toml", dir.path()), ANSWERS).refused(1, Control::FILE_EXISTS);
    }
}

#[test]
fn a_wrong_answer_is_refused_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    for (from, to, reason) in [
        ("written-1", "Written 1", "expected a ceremony id"),
        ("production", "prodution", "did you mean \"production\"?"),
        ("witness\n", "watcher\n", "expected one of \"operator\""),
        ("ssh-ed25519 AAAA", "ssh-ed25519 AA", "not an OpenSSH public key"),
        ("王小明", "ada \"a\" moss", "appears twice"),
        ("王小明", "Ada \"A\" Moss", "is both operator and witness"),
        ("ap-singapore", "Singapore", "did you mean \"ap-singapore\"?"),
        ("\ntwo\n", "\none\n", "one appears twice"),
        ("2037-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "has passed"),
        ("slip39\n2", "slip39\n3", "do not form a valid SLIP-39 set"),
    ] {
        let answers = ANSWERS.replacen(from, to, 1);
        assert_ne!(answers, ANSWERS, "{from}");
        let made = run_with(&mut plan("new --out plan.toml", dir.path()), &answers);
        assert_eq!(made.code, Some(1), "{to}: {made:?}");
        assert!(made.err.contains(reason), "{to}: {}", made.err);
        assert!(!dir.path().join("plan.toml").exists());
    }
    let cut = run_with(&mut plan("new --out plan.toml", dir.path()), "written-1\n");
    cut.refused(1, Control::CONSENT);
}

#[test]
fn reviewers_see_what_differs_field_by_field() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("a.toml", DRAFT);
    let id = "key_id = \"23e80852-1e38-11e9-b129-5cb9019b4b01\"\n";
    let (first, rest) = DRAFT.split_once("[[key]]\n").unwrap();
    let (one, rest) = rest.split_once("[[key]]\n").unwrap();
    let (two, backup) = rest.split_once("[backup]\n").unwrap();
    let turned = format!("{first}[[key]]\n{two}[[key]]\n{one}[backup]\n{backup}");
    for (other, expected) in [
        (DRAFT.to_owned(), &[][..]),
        (format!("# a comment\n{DRAFT}"), &[]),
        (
            DRAFT.replacen("valid_to = \"never\"\n", &format!("valid_to = \"never\"\n{id}"), 1),
            &["[[key]] \"judged-one\" key_id: new, \"23e80852-1e38-11e9-b129-5cb9019b4b01\" (line 20)"],
        ),
        (
            DRAFT.replacen("\"never\"", "\"2030-01-01T00:00:00Z\"", 1),
            &[
                "[[key]] \"judged-one\" valid_to: was \"never\" (line 19), is \"2030-01-01T00:00:00Z\" (line 19)",
            ],
        ),
        (
            DRAFT.replacen("minimum_time_left = \"4h\"\n", "", 1),
            &["minimum_time_left: removed, was \"4h\" (line 4)"],
        ),
        (
            DRAFT.replacen("threshold = 2", "threshold = 3", 1),
            &["[backup] threshold: was 2 (line 29), is 3 (line 29)"],
        ),
        (
            turned,
            &[
                "[[key]] \"judged-two\": at a different place in the order",
                "[[key]] \"judged-one\": at a different place in the order",
            ],
        ),
    ] {
        write("b.toml", &other);
        let compared = run(&mut plan("diff a.toml b.toml", dir.path()));
        assert_eq!(compared.ok().out.lines().collect::<Vec<_>>(), expected, "{other}");
        let json = run(&mut plan("diff a.toml b.toml --json", dir.path())).json();
        assert_eq!(json["same"], other == DRAFT);
        let said = if other == DRAFT {
            "byte for byte"
        } else if expected.is_empty() {
            "every value is the same"
        } else {
            "verdict"
        };
        assert!(compared.err.contains(said), "{}", compared.err);
    }
    let chinese = run(&mut plan("diff a.toml b.toml --lang zh", dir.path()));
    assert!(chinese.ok().out.contains("次序不同"));
}

/// Archives of both versions: the draft names the earlier record, and passes the checks.
#[test]
fn a_recovery_s_plan_is_drafted_from_an_archive() {
    for record in ["0.1/shares", "0.1/shares-several-keys", "0.1/new-shares"] {
        let dir = tempfile::tempdir().unwrap();
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(record).join("record");
        let recover = |id: &str| {
            run(plan("recover", dir.path()).arg(&archive).args(["--ceremony", id, "--out", "recovery.toml"]))
        };
        let before = CeremonyPlan::parse(&fs::read(archive.join("plan.toml")).unwrap()).unwrap();
        recover(before.ceremony().as_str()).refused(1, Control::PLAN_DUPLICATE);
        let drafted = recover("recovery-2026");
        assert_eq!(drafted.ok().out, "recovery.toml\n", "{}", drafted.err);
        run(&mut plan("check recovery.toml", dir.path())).ok();
        let bytes = fs::read(dir.path().join("recovery.toml")).unwrap();
        let plan = CeremonyPlan::parse(&bytes).unwrap();
        let chain =
            Transcript::verify(&fs::read(archive.join("transcript.jsonl")).unwrap()).unwrap().unwrap();
        assert!(plan.keys().iter().all(|key| key.previous_record == Some(chain.head())));
        let same = |plan: &CeremonyPlan| {
            let keys: Vec<_> =
                plan.keys().iter().map(|k| (k.alias.clone(), k.key_id.clone(), k.kind().name)).collect();
            (keys, plan.backup().clone(), plan.participants().to_vec(), plan.purpose(), plan.algorithm())
        };
        assert_eq!(same(&plan), same(&before));
        assert_eq!((plan.ceremony().as_str(), plan.check_version()), ("recovery-2026", Ok(())));
    }
    let dir = tempfile::tempdir().unwrap();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/0.1/one-key/record");
    run(plan("recover", dir.path()).arg(archive).args(["--ceremony", "r", "--out", "r.toml"]))
        .refused(1, Control::BACKUP_RECORD);
    assert!(!dir.path().join("r.toml").exists());
}

/// Plans of many shapes, with values that are right, nearly right and wrong.
fn plans() -> impl Strategy<Value = String> {
    let pick = |values: &'static [&'static str]| prop::sample::select(values.to_vec());
    let key = (
        pick(&["ap-singapore", "ap-guangzhou", "ap-x", "eu-frankfurt"]),
        pick(&[
            "never",
            "2026-12-01T00:00:00Z",
            "2030-01-01T00:00:00Z",
            "2038-01-18T16:00:00Z",
            "2026-11-30T08:00:00Z",
        ]),
        pick(&["", "kind = \"fips\"\n", "kind = \"sm\"\n"]),
        any::<bool>(),
    );
    let person = (pick(&["operator", "witness", "custodian"]), any::<[u8; 32]>(), any::<bool>());
    let rest = (
        pick(&["production", "rehearsal"]),
        pick(&["", "endpoint = \"http://127.0.0.1:1\"\n", "endpoint = \"https://kms.example\"\n"]),
        pick(&["1h", "4h", "23h", "86399s", "24h", "0s"]),
        pick(&["", "[clock]\nnot_before = \"2026-11-30T09:00:00Z\"\nnot_after = \"2026-12-01T09:00:00Z\"\n"]),
    );
    let backup = (any::<bool>(), 0..5_u8, 0..5_u8);
    let lists = (prop::collection::vec(key, 1..4), prop::collection::vec(person, 0..6));
    (rest, backup, lists).prop_map(|((purpose, endpoint, left, clock), (shared, threshold, shares), (keys, people))| {
        let mut text = format!(
            "format = \"keyferry/plan/2\"\nceremony = \"p\"\npurpose = \"{purpose}\"\n{endpoint}minimum_time_left = \"{left}\"\n"
        );
        for (n, (role, key, signs)) in people.into_iter().enumerate() {
            text += &format!("[[participant]]\nname = \"P{n}\"\nrole = \"{role}\"\n");
            let blob = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32], &key].concat();
            if signs {
                text += &format!("ssh_key = \"ssh-ed25519 {}\"\n", base64_text::encode(&blob));
            }
        }
        for (n, (region, valid_to, kind, made)) in keys.into_iter().enumerate() {
            text += &format!("[[key]]\nalias = \"k{n}\"\nprovider = \"tencent\"\nregion = \"{region}\"\nvalid_to = \"{valid_to}\"\n{kind}");
            if made {
                text += &format!("key_id = \"23e80852-1e38-11e9-b129-{n:012}\"\n");
            }
        }
        text += clock;
        text + &match shared {
            true => format!("[backup]\nscheme = \"slip39\"\nthreshold = {threshold}\nshares = {shares}\n"),
            false => "[backup]\nscheme = \"none\"\nreason = \"x\"\n".to_owned(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// If `plan check` accepts a plan, no later step refuses it with its own checks.
    #[test]
    fn no_later_step_refuses_what_the_judge_passes(text in plans()) {
        let now: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let Ok((plan, _)) = plan::Judgement::of(text.as_bytes(), now).accepted() else { return Ok(()) };
        // The online station: its address, the version, each key's expiry.
        let endpoint = match (plan.endpoint(), plan.purpose()) {
            (Some(endpoint), _) => endpoint,
            (None, Purpose::Production) => "https://kms.tencentcloudapi.com",
            (None, Purpose::Rehearsal) => "http://127.0.0.1:1",
        };
        prop_assert_eq!(endpoint.parse::<Endpoint>().unwrap().check_plan(&plan), Ok(()));
        prop_assert!(plan.check_version().is_ok() && plan.keys().iter().all(|key| key.check_valid_to(now).is_ok()));
        // The offline station: parameters as an export would have fetched them a moment ago, and shares.
        let made: Vec<_> = plan.keys().iter().filter(|key| key.key_id.is_some()).collect();
        if let plan::Backup::Slip39 { threshold, shares } = *plan.backup() {
            prop_assert!(keyferry_slip39::Scheme::single(threshold, shares).is_ok() && plan.check_custodians().is_ok());
        }
        if !made.is_empty() {
            let entry = |key: &&PlanKey| ParameterEntry {
                alias: key.alias.clone(), provider: key.provider, region: key.region.clone(), key_id: key.key_id().unwrap().clone(),
                kind: key.kind(), algorithm: plan.algorithm(), wrapping_key_spec: &RSA_2048, public_key: Base64Bytes::from(SPKI),
                import_token_sha256: Some(token().digest()), expires_at: Some(Timestamp::from_unix(now.unix() + 86_400).unwrap()),
            };
            let parameters = Parameters::new(&plan, now, made.iter().map(entry).collect()).unwrap();
            let digest = Fingerprint::of(&artefact::to_bytes(&parameters).unwrap());
            let checked = parameters.check(digest, &plan, now).unwrap();
            prop_assert!(checked.refused().is_empty(), "{text}\n{:?}", checked.refused());
        }
        // The desk: everybody with a key in the plan can sign, and the signature can be checked.
        prop_assert!(keyferry_audit::record::people(&plan).is_ok(), "{text}");
        prop_assert!(keyferry_audit::record::allowed_signers(&plan).is_ok());
    }
}
