//! Every field that a plan can have: one list for the judge, for the comparison of two plans, and for the tests.
//!
//! A test compares the list with the fields that the plan's own types take, so that none is left out.

use core::fmt::Display;
use core::ops::RangeInclusive;
use core::str::FromStr;

use super::version::Version;
use crate::provider::sample_names::sample;
use crate::{
    Alias, Bilingual, CeremonyId, Fingerprint, KeyId, NoteText, PersonName, PostureCheck, Provider, Region,
    Span, Timestamp, ValidTo, WrappingAlgorithm, bi, is_deceptive,
};

/// A field, its form, and when it is required.
pub(super) struct Field {
    /// Name of its table; empty for values before the first table.
    pub(super) table: &'static str,
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) form: Form,
    /// The version that has it, if only one does.
    pub(super) only: Option<Version>,
    /// A valid value in TOML syntax. It is an example, and it replaces a wrong value so that the judge can read on.
    pub(super) sample: &'static str,
}

/// When a field is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Always,
    Optional,
    /// Required with that backup scheme, and not allowed with another.
    Scheme(&'static str),
}

/// The kind of value that a field holds.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Text in quotes that passes the check; if it fails, the check returns what was expected.
    Text(fn(&str) -> Result<(), Bilingual>),
    /// One of these words.
    Word(fn() -> Vec<&'static str>),
    /// A whole number, and a description of the numbers that make sense.
    Number(RangeIn),
    /// 128 or 256.
    Bits,
    Switch,
    /// A list of texts that pass the check.
    Texts(fn(&str) -> Result<(), Bilingual>),
    /// A list of these words.
    Words(fn() -> Vec<&'static str>),
}

/// The range that can be read, and the range that makes sense.
#[derive(Clone, Copy)]
pub(super) struct RangeIn {
    pub(super) most: u8,
    pub(super) sense: (u8, u8),
}

impl RangeIn {
    pub(super) const fn read(self) -> RangeInclusive<i64> {
        0..=self.most as i64
    }
}

/// A table: its name, whether it is written `[[name]]`, whether it is required, and the version that has it if only
/// one does.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) list: bool,
    pub(super) needed: bool,
    pub(super) only: Option<Version>,
}

const fn shape(name: &'static str, list: bool, needed: bool, only: Option<Version>) -> Shape {
    Shape { name, list, needed, only }
}

/// Every table; a table within another one comes after it.
pub(super) const TABLES: &[Shape] = &[
    shape("participant", true, false, None),
    shape("key", true, true, None),
    shape("backup", false, true, None),
    shape("posture", false, false, None),
    shape("posture.waive", true, false, None),
    shape("clock", false, false, None),
    shape("thing", true, false, Some(Version::Two)),
    shape("hsm", false, false, Some(Version::Two)),
];

/// Whether tables of that name are written `[[name]]`.
pub(super) fn is_list(table: &str) -> bool {
    TABLES.iter().any(|shape| shape.name == table && shape.list)
}

/// The fields of a table, in the order in which people write them.
pub(super) fn fields_of(table: &str) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| field.table == table)
}

const fn field(
    table: &'static str,
    name: &'static str,
    need: Need,
    form: Form,
    sample: &'static str,
) -> Field {
    Field { table, name, need, form, only: None, sample }
}

const fn since_two(table: &'static str, name: &'static str, form: Form, sample: &'static str) -> Field {
    Field { table, name, need: Need::Optional, form, only: Some(Version::Two), sample }
}

const ZERO: &str = "\"0000000000000000000000000000000000000000000000000000000000000000\"";
const LATER: &str = "\"2037-12-31T16:00:00Z\"";

use Form::{Bits, Number, Switch, Text, Texts, Word, Words};
use Need::{Always, Optional, Scheme};

/// The list.
pub(super) const FIELDS: &[Field] = &[
    field("", "format", Always, Word(formats), "\"keyferry/plan/2\""),
    field("", "ceremony", Always, Text(ceremony), "\"practice-2026-11\""),
    field("", "purpose", Always, Word(purposes), "\"rehearsal\""),
    field("", "algorithm", Optional, Word(algorithms), "\"RSAES_OAEP_SHA_256\""),
    field("", "minimum_time_left", Optional, Text(span), "\"4h\""),
    since_two("", "endpoint", Text(any), "\"http://127.0.0.1:8080\""),
    since_two("", "languages", Words(languages), "[\"en\", \"zh\"]"),
    since_two("", "place", Text(note), "\"Room 4711\""),
    since_two("", "approved_by", Texts(person), "[\"Reviewer One\"]"),
    since_two("", "rehearsed_record", Text(digest), ZERO),
    since_two("", "kcv", Word(none), "\"none\""),
    since_two("", "names", Word(committed), "\"committed\""),
    since_two("", "image_sha256", Text(digest), ZERO),
    field("participant", "name", Always, Text(person), "\"Nobody Yet\""),
    field("participant", "role", Always, Word(roles), "\"witness\""),
    field(
        "participant",
        "ssh_key",
        Optional,
        Text(any),
        "\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzXEOT/ItrJwV8MxPK/UL+xKg7ntIc185qaMFG/NFWS\"",
    ),
    since_two("participant", "deputy_of", Text(person), "\"Nobody Yet\""),
    field("key", "alias", Always, Text(alias), concat!("\"practice-", sample!(kind), "\"")),
    field("key", "provider", Always, Text(provider), concat!("\"", sample!(provider), "\"")),
    field("key", "region", Always, Text(region), concat!("\"", sample!(region), "\"")),
    field("key", "key_id", Optional, Text(key_id), "\"00000000-0000-0000-0000-000000000000\""),
    since_two("key", "kind", Text(any), concat!("\"", sample!(kind), "\"")),
    Field { table: "key", name: "bits", need: Optional, form: Bits, only: Some(Version::One), sample: "256" },
    field("key", "valid_to", Always, Text(valid_to), "\"never\""),
    field("key", "previous_record", Optional, Text(digest), ZERO),
    field("backup", "scheme", Always, Word(schemes), "\"none\""),
    field("backup", "reason", Scheme("none"), Text(visible), "\"practice material\""),
    field("backup", "threshold", Scheme("slip39"), Number(RangeIn { most: u8::MAX, sense: (1, 16) }), "2"),
    field("backup", "shares", Scheme("slip39"), Number(RangeIn { most: u8::MAX, sense: (1, 16) }), "3"),
    field("posture", "require", Optional, Words(checks), "[\"clock-confirmed\"]"),
    field("posture", "program_sha256", Optional, Text(digest), ZERO),
    field("posture.waive", "check", Always, Word(checks), "\"no-swap\""),
    field("posture.waive", "reason", Always, Text(visible), "\"encrypted swap\""),
    field("clock", "not_before", Always, Text(time), "\"2037-12-31T08:00:00Z\""),
    field("clock", "not_after", Always, Text(time), LATER),
    field("thing", "name", Always, Text(note), "\"medium\""),
    field("thing", "identifier", Always, Text(note), "\"seal 4711\""),
    field("hsm", "module_sha256", Always, Text(digest), ZERO),
    field("hsm", "token", Always, Text(note), "\"token 1\""),
    field("hsm", "network", Optional, Switch, "false"),
];

/// Checks that a string parses as that type; if not, returns what was expected, in the type's words and in
/// Chinese.
fn parsed<T: FromStr<Err: Display>>(text: &str, zh: &str) -> Result<(), Bilingual> {
    text.parse::<T>().map(|_| ()).map_err(|error| {
        let hidden = text.chars().find(|c| is_deceptive(*c));
        let hidden = hidden.map_or_else(String::new, |c| format!("；含有 U+{:04X}", u32::from(c)));
        Bilingual { en: error.to_string(), zh: format!("{zh}{hidden}") }
    })
}

fn ceremony(text: &str) -> Result<(), Bilingual> {
    parsed::<CeremonyId>(text, "应为仪式 ID：1 到 64 个 a-z、0-9、“-”、“_”、“.”，以字母或数字开头")
}

fn alias(text: &str) -> Result<(), Bilingual> {
    parsed::<Alias>(text, "应为别名：1 到 250 个字母、数字、“-”、“_”、“.”、“/”，以字母或数字开头")
}

fn provider(text: &str) -> Result<(), Bilingual> {
    let known: Vec<_> = Provider::all().map(|provider| provider.to_string()).collect();
    parsed::<Provider>(text, &format!("应为已知的云服务商：{}", known.join("、")))
}

fn region(text: &str) -> Result<(), Bilingual> {
    parsed::<Region>(text, concat!("应为地域，例如 ", sample!(region), "：2 到 64 个 a-z、0-9、“-”"))
}

fn key_id(text: &str) -> Result<(), Bilingual> {
    parsed::<KeyId>(text, "应为密钥 ID：1 到 250 个字母、数字与“-_.:/@+=”，以字母或数字开头")
}

fn person(text: &str) -> Result<(), Bilingual> {
    parsed::<PersonName>(text, "应为姓名：1 到 100 个可见字符，每个字符用通常的合成形式，首尾没有空格")
}

fn note(text: &str) -> Result<(), Bilingual> {
    parsed::<NoteText>(text, "应为一行文字：1 到 1000 个可见字符，首尾没有空格")
}

fn digest(text: &str) -> Result<(), Bilingual> {
    parsed::<Fingerprint>(text, "应为 SHA-256：64 个小写的十六进制数字")
}

fn span(text: &str) -> Result<(), Bilingual> {
    parsed::<Span>(text, "应为时长，例如 4h、90m 或 30s，至多 30 天")
}

fn time(text: &str) -> Result<(), Bilingual> {
    parsed::<Timestamp>(text, "应为 UTC 时间，例如 2026-11-23T08:00:00Z")
}

fn valid_to(text: &str) -> Result<(), Bilingual> {
    parsed::<ValidTo>(text, "应为 \"never\"，或 UTC 时间，例如 2030-01-01T00:00:00Z")
}

/// A reason. This check refuses invisible characters; the rules between fields refuse an empty reason.
fn visible(text: &str) -> Result<(), Bilingual> {
    text.chars().find(|c| is_deceptive(*c)).map_or(Ok(()), |c| {
        let code = format!("{:04X}", u32::from(c));
        Err(bi!("expected one line of visible characters; found U+{code}", "应为一行可见字符；含有 U+{code}"))
    })
}

/// Accepts any text: the rules between fields judge it.
const fn any(_: &str) -> Result<(), Bilingual> {
    Ok(())
}

fn formats() -> Vec<&'static str> {
    vec![super::PLAN_FORMAT, super::FORMER_PLAN_FORMAT]
}

fn purposes() -> Vec<&'static str> {
    vec!["production", "rehearsal"]
}

fn algorithms() -> Vec<&'static str> {
    WrappingAlgorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect()
}

fn languages() -> Vec<&'static str> {
    vec!["en", "zh"]
}

fn none() -> Vec<&'static str> {
    vec!["none"]
}

fn committed() -> Vec<&'static str> {
    vec!["committed"]
}

fn roles() -> Vec<&'static str> {
    vec!["operator", "witness", "custodian"]
}

fn schemes() -> Vec<&'static str> {
    vec!["none", "slip39"]
}

fn checks() -> Vec<&'static str> {
    PostureCheck::ALL.iter().map(|check| check.name()).collect()
}
