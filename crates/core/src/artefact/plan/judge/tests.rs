//! Wrong values in every field, wrong combinations, and the agreement between the judge and the parser.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::plan::sample_plan::keys_and_backup;
use crate::plan::schema::{FIELDS, Field, Form, Need, Shape, TABLES, fields_of};
use crate::plan::version::Version;
use crate::plan::{FORMER_PLAN_FORMAT, PLAN_FORMAT};
use crate::provider::sample_names::sample;
use crate::{Control, Explain};

fn now() -> Timestamp {
    "2026-11-30T08:00:00Z".parse().unwrap()
}

fn judged(text: &str) -> Judgement {
    Judgement::of(text.as_bytes(), now())
}

/// The fields that a plan of that version and scheme has, each once.
fn fields(version: Version, scheme: &'static str) -> impl Iterator<Item = &'static Field> {
    let of = move |field: &&Field| match (field.need, field.only) {
        (_, Some(only)) => only == version,
        (Need::Scheme(wanted), None) => wanted == scheme,
        _ => true,
    };
    let of_version = move |shape: &&Shape| shape.only.is_none_or(|only| only == version);
    let tables = [""].into_iter().chain(TABLES.iter().filter(of_version).map(|shape| shape.name));
    tables.flat_map(fields_of).filter(of)
}

/// A plan that has every field, and the line of each field. `value` returns the text of a field, or `None` to leave it
/// out.
fn plan_with(
    version: Version,
    scheme: &'static str,
    mut value: impl FnMut(&Field) -> Option<String>,
) -> (String, Vec<(&'static str, &'static str, usize)>) {
    let (mut lines, mut places, mut table) = (Vec::new(), Vec::new(), "");
    for field in fields(version, scheme) {
        if field.table != table {
            table = field.table;
            let list = TABLES.iter().any(|shape| shape.name == table && shape.list);
            lines.push(if list { format!("[[{table}]]") } else { format!("[{table}]") });
        }
        if let Some(value) = value(field) {
            lines.push(value);
            places.push((field.table, field.name, lines.len()));
        }
    }
    (lines.join("\n") + "\n", places)
}

fn good(version: Version, scheme: &'static str, field: &Field) -> String {
    let value = match (field.table, field.name) {
        ("", "format") => format!("{:?}", version.format()),
        ("backup", "scheme") => format!("{scheme:?}"),
        // In the sample plan, one person keeps the only share, so nobody can be their deputy.
        ("participant", "role") => "\"custodian\"".to_owned(),
        ("backup", "threshold" | "shares") => "1".to_owned(),
        ("clock", "not_before") => "\"2026-11-30T08:00:00Z\"".to_owned(),
        ("clock", "not_after") => "\"2026-11-30T20:00:00Z\"".to_owned(),
        _ => field.sample.to_owned(),
    };
    format!("{} = {value}", field.name)
}

/// Fields that the rules between fields would refuse in the plan of sample values. They have separate tests.
fn left_out(field: &Field) -> bool {
    field.table == "hsm" || field.name == "deputy_of"
}

fn samples(version: Version, scheme: &'static str) -> (String, Vec<(&'static str, &'static str, usize)>) {
    let (text, places) =
        plan_with(version, scheme, |field| (!left_out(field)).then(|| good(version, scheme, field)));
    (text.replace("[hsm]\n", ""), places)
}

const KINDS: [(Version, &str); 4] =
    [(Version::One, "none"), (Version::One, "slip39"), (Version::Two, "none"), (Version::Two, "slip39")];

#[test]
fn the_list_has_the_fields_that_the_plan_s_types_take() {
    // When Serde meets an unknown field, its message lists every field of the type.
    let taken = |table: &str, text: &str| {
        let (document, faults) = toml::parse(text);
        assert_eq!(faults, []);
        let said = document.read::<PlanText>().unwrap_err().message.en;
        let said =
            said.strip_prefix("unknown field `zz`, expected ").unwrap_or_else(|| panic!("{table}: {said}"));
        said.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let listed = |table: &str, needed: fn(&Field) -> bool| {
        let inner = TABLES.iter().filter_map(|shape| {
            let (parent, name) = shape.name.rsplit_once('.').unwrap_or(("", shape.name));
            (parent == table).then(|| name.to_owned())
        });
        let own = fields_of(table).filter(|field| needed(field)).map(|field| field.name.to_owned());
        own.chain(inner).collect::<BTreeSet<_>>()
    };
    assert_eq!(taken("", "zz = 1"), listed("", |_| true));
    for shape in TABLES.iter().filter(|shape| shape.name != "backup") {
        let header = if shape.list { format!("[[{}]]", shape.name) } else { format!("[{}]", shape.name) };
        assert_eq!(taken(shape.name, &format!("{header}\nzz = 1")), listed(shape.name, |_| true), "{header}");
    }
    let backup = |scheme: &str| taken("backup", &format!("[backup]\nscheme = \"{scheme}\"\nzz = 1"));
    assert_eq!(backup("none"), listed("backup", |field| field.need == Need::Scheme("none")));
    assert_eq!(backup("slip39"), listed("backup", |field| field.need == Need::Scheme("slip39")));
    // The types accept every word in the list: the samples are tested below, the other words here.
    let words = |form: Form| match form {
        Form::Word(words) => words(),
        Form::Words(words) => words(),
        _ => Vec::new(),
    };
    for field in FIELDS {
        for word in words(field.form).into_iter().filter(|_| !["format", "scheme"].contains(&field.name)) {
            let list = matches!(field.form, Form::Words(_));
            let wanted = if list {
                format!("{} = [{word:?}]", field.name)
            } else {
                format!("{} = {word:?}", field.name)
            };
            let (text, _) = plan_with(Version::Two, "none", |other| {
                let same = (other.table, other.name) == (field.table, field.name);
                let good = (!left_out(other)).then(|| good(Version::Two, "none", other));
                if same { Some(wanted.clone()) } else { good }
            });
            let judged = judged(&text.replace("[hsm]\n", ""));
            let why: Vec<_> =
                judged.errors().map(|error| &error.why).filter(|why| !between_fields(why)).collect();
            assert!(why.is_empty(), "{wanted}: {why:?}");
        }
    }
}

/// Whether the error comes from a rule between fields, not from a value by itself.
fn between_fields(why: &PlanError) -> bool {
    matches!(
        why,
        PlanError::NoWitness
            | PlanError::NoProgram
            | PlanError::NoWaiver(_)
            | PlanError::Duplicate(_)
            | PlanError::Purpose(_)
    )
}

#[test]
fn the_plan_of_samples_is_accepted() {
    for (version, scheme) in KINDS {
        let (text, places) = samples(version, scheme);
        let judged = judged(&text);
        assert_eq!(judged.errors().map(ToString::to_string).collect::<Vec<_>>(), [""; 0], "{text}");
        assert!(CeremonyPlan::parse(text.as_bytes()).is_ok() && places.len() > 15);
    }
}

/// Values that no field of this form accepts.
fn wrong(field: &Field) -> Vec<&'static str> {
    let others: &[&str] = match field.form {
        Form::Text(_) | Form::Word(_) => {
            &["0", "true", "[\"x\"]", "{x = 1}", "unquoted", "\"a", "2026-11-30"]
        }
        Form::Number(_) => &["\"2\"", "256", "-1", "1.5", "true", "[2]", "0x2"],
        Form::Bits => &["\"256\"", "192", "true"],
        Form::Switch => &["\"true\"", "1", "TRUE"],
        Form::Texts(_) => &["\"x\"", "[1]", "[\"x\", \"\"]", "3"],
        Form::Words(_) => &["\"x\"", "[1]", "[\"x\"]", "3"],
    };
    let text = match (field.name, field.form) {
        // Any text is well formed; the rules tested below judge it.
        ("reason" | "endpoint" | "ssh_key" | "kind", _) => None,
        (_, Form::Text(_) | Form::Word(_)) => Some("\"?\u{21}  \""),
        _ => None,
    };
    others.iter().copied().chain(text).collect()
}

#[test]
fn a_wrong_value_is_found_in_its_line_and_field() {
    let mut tried = 0;
    for (version, scheme) in KINDS {
        let (text, places) = samples(version, scheme);
        let lines: Vec<_> = text.lines().collect();
        for field in fields(version, scheme).filter(|field| !left_out(field) && field.name != "format") {
            let (.., line) =
                places.iter().find(|place| (place.0, place.1) == (field.table, field.name)).unwrap();
            let mut values: Vec<String> = wrong(field).into_iter().map(str::to_owned).collect();
            values.extend(by_rule(field).iter().map(|value| (*value).to_owned()));
            for value in values {
                let edited = format!("{} = {value}", field.name);
                let edited = [&lines[..line - 1], &[edited.as_str()], &lines[*line..]].concat().join("\n");
                let judged = judged(&edited);
                let found: Vec<_> = judged.errors().collect();
                assert_eq!(found.len(), 1, "{} {} = {value}: {found:#?}", field.table, field.name);
                assert_eq!(found[0].line, *line, "{} = {value}: {}", field.name, found[0]);
                let what = found[0].what();
                let syntax = matches!(found[0].why, PlanError::Syntax(_));
                assert!(syntax || what.en.contains(field.name) && what.zh.contains(field.name), "{what:?}");
                assert!(
                    what.zh != what.en && !what.zh.contains("expected") && !what.zh.contains("found"),
                    "{what:?}"
                );
                let parsed = CeremonyPlan::parse(edited.as_bytes());
                let later = ["minimum_time_left", "valid_to", "not_after", "shares", "endpoint"];
                assert!(parsed.is_err() || later.contains(&field.name), "{edited}");
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

/// Well-formed values that a rule refuses because of other fields.
fn by_rule(field: &Field) -> &'static [&'static str] {
    match (field.table, field.name) {
        ("", "minimum_time_left") => &["\"24h\"", "\"25h\"", "\"86400s\"", "\"721h\"", "\"4 hours\"", "\"\""],
        ("", "endpoint") => &[
            concat!("\"https://kms.", sample!(host), "\""),
            "\"http://10.0.0.1\"",
            "\"\"",
            "\"https://a b\"",
        ],
        ("participant", "ssh_key") => {
            &["\"people/alice.pub\"", "\"ssh-ed25519 AAAA\"", "\"\"", "\"SHA256:abc\""]
        }
        ("key", "alias") => &["\"kms-one\"", "\"a/b\"", "\"a.b\""],
        ("key", "region") => &["\"Singapore\"", "\"gz\"", "\"ap_singapore\""],
        ("key", "key_id") => &["\"x\"", "\"23E80852-1e38-11e9-b129-5cb9019b4b01\""],
        ("key", "kind") => &["\"fip\"", "\"\"", "\"aes\""],
        ("key", "valid_to") => &[
            "\"2020-12-31T16:00:00Z\"",
            "\"2026-11-30T08:00:00Z\"",
            "\"2038-01-18T16:00:01Z\"",
            "\"Never\"",
            "\"0\"",
            "\"2030-01-01\"",
            "\"2030-01-01T00:00:00+08:00\"",
        ],
        ("key", "previous_record") => &["\"00\"", "\"abandon abandon\""],
        ("backup", "reason") | ("posture.waive", "reason") => &["\"\"", "\" \"", "\"a\\nb\""],
        ("backup", "shares") => &["0", "17", "255"],
        ("backup", "threshold") => &["0", "2", "255"],
        ("posture.waive", "check") => &["\"no-network\"", "\"secure-boot\"", "\"clock-confirmed\""],
        ("clock", "not_after") => {
            &["\"2026-12-02T08:00:00Z\"", "\"2026-11-30T07:59:59Z\"", "\"2025-01-01T00:00:00Z\""]
        }
        _ => &[],
    }
}

#[test]
fn a_field_that_is_missing_or_misspelt_is_named() {
    for (version, scheme) in KINDS {
        for missing in fields(version, scheme).filter(|field| !left_out(field) && field.name != "format") {
            let same = |field: &Field| (field.table, field.name) == (missing.table, missing.name);
            let text = |renamed: Option<&str>| {
                let (text, places) = plan_with(version, scheme, |field| {
                    let written = (!left_out(field)).then(|| good(version, scheme, field));
                    let renamed =
                        renamed.zip(written.clone()).map(|(to, line)| line.replacen(field.name, to, 1));
                    if same(field) { renamed } else { written }
                });
                (text.replace("[hsm]\n", ""), places)
            };
            let (without, places) = text(None);
            let judged_without = judged(&without);
            let found: Vec<_> = judged_without.errors().collect();
            let needed = missing.need != Need::Optional;
            let gone: Vec<_> = found
                .iter()
                .filter(|f| matches!(&f.why, PlanError::Missing { field } if field == missing.name))
                .collect();
            assert_eq!(gone.len(), usize::from(needed), "{} {}: {found:#?}", missing.table, missing.name);
            assert!(found.len() == gone.len() || ["scheme", "key_id"].contains(&missing.name), "{found:#?}");
            if let Some(gone) = gone.first() {
                // It is reported at the header of its table, which is the line before the table's first
                // remaining field.
                let first = places.iter().filter(|place| place.0 == missing.table).map(|place| place.2).min();
                let header = if missing.table.is_empty() { 0 } else { first.unwrap() - 1 };
                assert_eq!(gone.line, header, "{}", gone);
            }
            let typo = format!("{}x", missing.name);
            let (misspelt, places) = text(Some(&typo));
            let (.., line) =
                places.iter().find(|place| (place.0, place.1) == (missing.table, missing.name)).unwrap();
            let judged_misspelt = judged(&misspelt);
            let found: Vec<_> = judged_misspelt.errors().filter(|f| f.line == *line).collect();
            let meant = PlanError::Unknown { field: typo, near: Some(missing.name.to_owned()) };
            assert_eq!(found.iter().map(|f| &f.why).collect::<Vec<_>>(), [&meant]);
            assert!(found[0].what().en.ends_with(&format!("did you mean {}?", missing.name)), "{}", found[0]);
        }
    }
}

const BASE: &str = concat!(
    r#"format = "keyferry/plan/2"
ceremony = "payments-2026-11"
purpose = "production"
[[participant]]
name = "Ada"
role = "operator"
[[participant]]
name = "Bo"
role = "witness"
"#,
    keys_and_backup!("one", "", "two"),
);

/// The backup of the plan above.
const SHARES: &str = "[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n";

/// Severity, control and line of each finding, for edits of the plan above.
fn found(edits: &[(&str, &str)]) -> Vec<(Severity, Control, usize)> {
    let mut text = BASE.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let judged = judged(&text);
    judged.findings().iter().map(|f| (f.severity, f.control(), f.line)).collect()
}

#[test]
fn wrong_combinations_are_found_with_their_line() {
    use Severity::{Error, Warning};
    let unsigned = (Warning, Control::PLAN_READY, 3);
    assert_eq!(found(&[]), [unsigned]);
    let custodian = "[[participant]]\nname = \"Cy\"\nrole = \"custodian\"\n[[key]]";
    let deputy = "[[participant]]\nname = \"Cy\"\nrole = \"custodian\"\ndeputy_of = \"Bo\"\n[[key]]";
    let waive = "[[posture.waive]]\ncheck = \"no-swap\"\nreason = \"x\"\n";
    let both = format!("[posture]\nrequire = [\"no-swap\"]\n{waive}[backup]");
    let twice = format!("{waive}{waive}[backup]");
    let known = "[posture]\nrequire = [\"known-program\"]\n[backup]";
    let window =
        |from: &str, to: &str| format!("[clock]\nnot_before = \"{from}\"\nnot_after = \"{to}\"\n[backup]");
    let past = window("2026-11-29T08:00:00Z", "2026-11-29T20:00:00Z");
    let late = window("2029-12-31T20:00:00Z", "2030-01-01T08:00:00Z");
    let later = window("2030-01-01T00:00:00Z", "2030-01-01T08:00:00Z");
    let hsm = format!("[hsm]\nmodule_sha256 = \"{}\"\ntoken = \"t\"\n[backup]", Fingerprint::ZERO);
    let hsm_alone = format!("{hsm}\nscheme = \"none\"\nreason = \"the card set of the HSM\"\n");
    let thing = "[[thing]]\nname = \"seal\"\nidentifier = \"1\"\n";
    let things = format!("{thing}{thing}[backup]");
    let key =
        "ssh_key = \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS\"";
    let ada = format!("role = \"operator\"\n{key}");
    let bo = format!("role = \"witness\"\n{key}");
    let id = "key_id = \"23e80852-1e38-11e9-b129-5cb9019b4b01\"\nvalid_to";
    type Case<'e> = (&'e [(&'e str, &'e str)], &'e [(Severity, Control, usize)]);
    let cases: &[Case<'_>] = &[
        (&[("[[key]]", custodian)], &[unsigned, (Error, Control::BACKUP_CUSTODIANS, 26)]),
        (&[("[[key]]", deputy)], &[unsigned, (Error, Control::PLAN_FIELD, 13)]),
        (&[("threshold = 2", "threshold = 1")], &[unsigned, (Error, Control::BACKUP_SCHEME, 22)]),
        (&[("threshold = 2", "threshold = 4")], &[unsigned, (Error, Control::BACKUP_SCHEME, 22)]),
        (&[("alias = \"two\"", "alias = \"one\"")], &[unsigned, (Error, Control::PLAN_DUPLICATE, 16)]),
        (
            &[("valid_to", id), ("valid_to = \"2030", &format!("{id} = \"2030"))],
            &[unsigned, (Error, Control::PLAN_DUPLICATE, 20)],
        ),
        (&[("\"Bo\"", "\"ada\"")], &[unsigned, (Error, Control::PLAN_DUPLICATE, 8)]),
        (&[("\"Bo\"", "\"Ada\"")], &[unsigned, (Error, Control::PLAN_FIELD, 8)]),
        (&[("role = \"witness\"", "role = \"operator\"")], &[(Error, Control::PLAN_FIELD, 3), unsigned]),
        (
            &[("role = \"operator\"", &ada), ("role = \"witness\"", &bo)],
            &[(Error, Control::PLAN_DUPLICATE, 11)],
        ),
        (&[("role = \"operator\"", &ada)], &[]),
        (&[("[backup]", &both)], &[unsigned, (Error, Control::PLAN_DUPLICATE, 23)]),
        (&[("[backup]", &twice)], &[unsigned, (Error, Control::PLAN_DUPLICATE, 24)]),
        (&[("[backup]", known)], &[unsigned, (Error, Control::PLAN_FIELD, 21)]),
        (&[("[backup]", &past)], &[unsigned, (Error, Control::PLAN_READY, 22)]),
        (&[("[backup]", &late)], &[unsigned, (Warning, Control::PLAN_READY, 19)]),
        (&[("[backup]", &later)], &[unsigned, (Error, Control::PLAN_VALID_TO, 19)]),
        // The plan asks for shares of material that nobody holds, and the second key uses SM4.
        (
            &[("[backup]", &hsm)],
            &[unsigned, (Error, Control::PLAN_FIELD, 18), (Error, Control::PLAN_FIELD, 20)],
        ),
        (&[(SHARES, &hsm_alone)], &[unsigned, (Error, Control::PLAN_FIELD, 18)]),
        (
            &[(SHARES, &hsm_alone), ("purpose = \"production\"", "purpose = \"production\"\nkcv = \"none\"")],
            &[unsigned],
        ),
        (&[("[backup]", &things)], &[unsigned, (Error, Control::PLAN_DUPLICATE, 24)]),
        (
            &[("purpose = \"production\"", "purpose = \"production\"\nendpoint = \"http://127.0.0.1:1\"")],
            &[unsigned, (Error, Control::PLAN_READY, 4)],
        ),
        (
            &[("purpose = \"production\"", "purpose = \"rehearsal\"\nendpoint = \"https://kms.example\"")],
            &[(Error, Control::PLAN_READY, 4)],
        ),
        (
            &[("2030-01-01T00:00:00Z", "2026-12-01T08:00:00Z")],
            &[unsigned, (Warning, Control::PLAN_READY, 19)],
        ),
        (&[("2030-01-01T00:00:00Z", "2026-12-01T08:00:01Z")], &[unsigned]),
        (
            &[("2030-01-01T00:00:00Z", "2026-11-30T08:00:01Z")],
            &[unsigned, (Warning, Control::PLAN_READY, 19)],
        ),
        (
            &[("2030-01-01T00:00:00Z", "2026-11-30T08:00:00Z")],
            &[unsigned, (Error, Control::PLAN_VALID_TO, 19)],
        ),
        (&[("ap-singapore", "ap-sinqapore")], &[unsigned, (Warning, Control::PLAN_READY, 13)]),
        (
            &[("ap-singapore\"", "ap-singapore\"\nkind = \"sm\"")],
            &[unsigned, (Warning, Control::PLAN_READY, 14)],
        ),
        (&[("ap-singapore\"", "ap-singapore\"\nkind = \"fips\"")], &[unsigned]),
        (&[("purpose", "minimum_time_left = \"23h\"\npurpose")], &[(Warning, Control::PLAN_READY, 4)]),
        (&[("purpose", "minimum_time_left = \"23h\"\npurpose"), ("production", "rehearsal")], &[]),
        (
            &[("purpose", "minimum_time_left = \"1381m\"\npurpose"), ("production", "rehearsal")],
            &[(Warning, Control::PLAN_READY, 3)],
        ),
        (
            &[("purpose", "minimum_time_left = \"1440m\"\npurpose"), ("production", "rehearsal")],
            &[(Error, Control::PLAN_READY, 3)],
        ),
        (
            &[("purpose", "approved_by = [\"A\", \"B\", \"A\"]\npurpose")],
            &[(Warning, Control::PLAN_READY, 3), (Warning, Control::PLAN_READY, 4)],
        ),
        (&[("plan/2", "plan/1")], &[unsigned, (Error, Control::PLAN_FORMAT, 1)]),
        (
            &[("threshold = 2", "reason = \"x\"")],
            &[unsigned, (Error, Control::PLAN_FIELD, 20), (Error, Control::PLAN_FIELD, 22)],
        ),
        (&[("[backup]", "[[backup]]")], &[unsigned, (Error, Control::PLAN_FIELD, 20)]),
        (
            &[("[[key]]", "[key]"), ("[[key]]", "[other]")],
            &[unsigned, (Error, Control::PLAN_FIELD, 10), (Error, Control::PLAN_FIELD, 15)],
        ),
    ];
    for (edits, expected) in cases {
        assert_eq!(&found(edits), expected, "{edits:?}");
    }
}

/// The plan on the page about formats has everything that the sample plan leaves out.
#[test]
fn the_plan_of_the_page_is_accepted() {
    let page = include_str!("../../../../../../ceremony/audit/formats.md");
    let text = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let (plan, warnings) = judged(text).accepted().unwrap();
    assert_eq!((plan.custodians().count(), warnings), (3, vec![]));
    let sample = include_str!("../../../../../../ceremony/operate/plan.sample.toml");
    assert_eq!(judged(sample).findings(), []);
}

#[test]
fn a_witness_who_keeps_a_share_is_said() {
    let people =
        ["Bo", "Cy", "Di"].map(|name| format!("[[participant]]\nname = \"{name}\"\nrole = \"custodian\"\n"));
    let edit = format!("{}[[key]]", people.concat());
    let warned: Vec<_> = found(&[("[[key]]", &edit)]).into_iter().filter(|f| f.2 != 3).collect();
    assert_eq!(warned, [(Severity::Warning, Control::PLAN_READY, 9)]);
}

#[test]
fn everything_is_found_at_once() {
    let edits = [
        ("payments-2026-11", "Payments 2026"),
        ("role = \"witness\"", "role = \"witnes\""),
        ("name = \"Bo\"", "nmae = \"Bo\""),
        ("ap-singapore", "Singapore"),
        ("2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("threshold = 2", "threshhold = two"),
        ("shares = 3", "shares = \"3\""),
    ];
    let lines: Vec<_> = found(&edits).into_iter().filter(|f| f.0 == Severity::Error).map(|f| f.2).collect();
    // The table at line 7 has no name, and the one at line 20 has no threshold.
    assert_eq!(lines, [2, 7, 8, 9, 13, 19, 20, 22, 23]);
    let text = edits.iter().fold(BASE.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
    let error = CeremonyPlan::parse(text.as_bytes()).unwrap_err();
    // Unreadable lines come first, because they may be the reason why others seem wrong.
    assert!(error.what().en.starts_with("line 22 of the plan: neither text in quotes"), "{error}");
    assert!(error.what().en.ends_with("; 7 more findings: `keyferry plan check`"), "{error}");
    assert!(error.what().zh.ends_with("；另有 7 项：`keyferry plan check`"), "{}", error.what().zh);
}

#[test]
fn what_windows_saves_is_named_with_how_to_save_it() {
    let text = BASE.replace("Ada", "王小明");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut gbk = BASE.as_bytes().to_vec();
    let ada = BASE.find("Ada").unwrap();
    gbk.splice(ada..ada + 3, *b"\xcd\xf5\xd0\xa1");
    for (bytes, name, line) in [
        ([&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(), "byte order mark", 0),
        ([&b"\xff\xfe"[..], &wide[..]].concat(), "UTF-16", 0),
        (gbk, "GBK or another encoding", 5),
    ] {
        let judged = Judgement::of(&bytes, now());
        let [finding] = judged.findings() else { panic!("{judged:?}") };
        assert_eq!((finding.control(), finding.line), (Control::PLAN_SYNTAX, line), "{name}");
        assert!(
            finding.what().en.contains(name) && finding.hint().en.contains("UTF-8 (without BOM)"),
            "{finding}"
        );
        let error = CeremonyPlan::parse(&bytes).unwrap_err();
        assert!(error.what().en.contains(name) && error.control() == Control::PLAN_SYNTAX, "{error}");
    }
    assert!(CeremonyPlan::parse(text.replace('\n', "\r\n").as_bytes()).is_ok());
    for (text, line) in
        [(BASE.replace('\n', "\r"), 1), (format!("{BASE}\r"), 24), (BASE.replacen("\n[[", "\r[[", 1), 3)]
    {
        let error = CeremonyPlan::parse(text.as_bytes()).unwrap_err();
        let (what, named) = (error.what(), format!("line {line} of the plan"));
        // Without a line feed, the first line cannot consist of the format alone.
        let formless = error.control() == Control::PLAN_FORMAT && line == 1;
        let named = what.en.contains(&named) && what.en.contains("a carriage return without a line feed");
        assert!(formless || named, "{what:?}");
    }
}

/// Plans of sample values with some values wrong, missing, doubled or out of place.
fn broken() -> impl Strategy<Value = String> {
    let values = prop::sample::select(vec![
        "0",
        "\"\"",
        "\"x\"",
        "[]",
        "[1]",
        "{}",
        "{x = 1}",
        "true",
        "=",
        "\"\u{202e}\"",
        "\"never\"",
        "2",
        "\"none\"",
        "\"slip39\"",
        "\"ap-x\"",
        "\"custodian\"",
        "[\"en\"]",
        "\"keyferry/plan/1\"",
    ]);
    let edit = (any::<prop::sample::Index>(), 0..5, values, any::<prop::sample::Index>());
    (0..KINDS.len(), prop::collection::vec(edit, 0..6)).prop_map(|(kind, edits)| {
        let (version, scheme) = KINDS[kind];
        let (text, _) = samples(version, scheme);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, how, value, other) in edits {
            let (at, other) = (1 + at.index(lines.len() - 1), other.index(lines.len()));
            let name = lines[at].split(" = ").next().unwrap_or_default().to_owned();
            match how {
                0 => drop(lines.remove(at)),
                1 => lines[at] = format!("{name} = {value}"),
                2 => lines.insert(at, lines[other].clone()),
                3 => lines.swap(at, other.max(1)),
                _ => lines[at] = lines[at].replacen(['[', '"', '_'], "", 1),
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The judge and the parser agree on every plan, and the judge can always read the text that it repaired.
    #[test]
    fn the_judge_finds_what_the_types_refuse(text in broken()) {
        let judgement = judged(&text);
        let parsed = CeremonyPlan::parse(text.as_bytes());
        if judgement.errors().next().is_none() {
            prop_assert!(parsed.is_ok(), "{text}\n{parsed:?}");
        }
        if let Err(error) = &parsed {
            prop_assert!(judgement.errors().next().is_some(), "{text}\n{error}");
        }
        for finding in judgement.findings() {
            let (what, lines) = (finding.what(), text.lines().count());
            prop_assert!(finding.line <= lines && what.zh != what.en, "{text}\n{what:?}");
            for word in ["expected", "unknown", "invalid type", "missing field"] {
                prop_assert!(!what.zh.contains(word), "{text}\n{what:?}");
            }
            prop_assert!(!what.en.chars().any(crate::is_deceptive), "{what:?}");
        }
        if text.starts_with("format = \"keyferry/plan/") && judgement.plan.is_none() {
            let formats = [PLAN_FORMAT, FORMER_PLAN_FORMAT].map(|format| format!("format = {format:?}\n"));
            prop_assert!(!formats.iter().any(|first| text.starts_with(first)), "{text}\n{judgement:#?}");
        }
    }
}
