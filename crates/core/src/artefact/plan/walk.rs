//! Checks every value of a plan against the list of fields. Each fault is reported with the value's own line, and the value is
//! replaced in memory so that the judge can continue and find the others.

use super::finding::Found;
use super::near::near;
use super::place::Place;
use super::plan_error::{PlanError, quoted};
use super::schema::{Field, Form, Need, Shape, TABLES, fields_of};
use super::version::Version;
use crate::toml::{self, Kind, Table, Value};
use crate::{Bilingual, Control, MaterialLength, Provider, bi};

/// Reports every fault in a value, and replaces faulty values so that the document has none left.
pub(super) fn check(document: &mut Table, version: Version, found: &mut Found) {
    check_table(document, ("", 0), version, found);
    for shape in TABLES {
        check_tables(document, shape, version, found);
    }
}

/// Checks all tables with one name: that they have the right form, and that each is valid.
fn check_tables(document: &mut Table, shape: &'static Shape, version: Version, found: &mut Found) {
    let (parent, name) = shape.name.rsplit_once('.').unwrap_or(("", shape.name));
    let within = if parent.is_empty() { Some(document) } else { inner(document, parent) };
    let Some(within) = within else { return };
    let place = Place::root(shape.name);
    let Some((line, value)) = within.entries.get_mut(name) else {
        if shape.needed {
            let brackets = PlanError::Brackets { table: shape.name, list: shape.list };
            found.add(0, place, PlanError::Missing { field: brackets.header() });
            found.repaired(place);
            within.entries.insert(name.to_owned(), (0, stand_in(shape, version)));
        }
        return;
    };
    fit(*line, value, shape, version, found);
    match &mut value.kind {
        Kind::Table(table) => check_table(table, (shape.name, 0), version, found),
        Kind::Tables(tables) => {
            for (number, table) in tables.iter_mut().enumerate() {
                if found.is_full() {
                    return;
                }
                check_table(table, (shape.name, number), version, found);
            }
        }
        Kind::Array(values) => check_inline(values, shape, version, found),
        _ => {}
    }
}

/// Turns the value with a table's name into the table or tables that the format expects.
fn fit(line: usize, value: &mut Value, shape: &'static Shape, version: Version, found: &mut Found) {
    let place = Place::root(shape.name);
    let brackets = PlanError::Brackets { table: shape.name, list: shape.list };
    match (&mut value.kind, shape.list) {
        (Kind::Tables(_) | Kind::Array(_), true) | (Kind::Table(_), false) => {}
        (Kind::Table(table), true) => {
            let table = core::mem::take(table);
            found.add(line, place, brackets);
            value.kind = Kind::Tables(vec![table]);
        }
        (Kind::Tables(tables), false) => {
            let table = tables.drain(..).next().unwrap_or_default();
            found.add(line, place, brackets);
            value.kind = Kind::Table(table);
        }
        (kind, _) => {
            if !matches!(kind, Kind::Unread) {
                let header = brackets.header();
                let expected = bi!("expected a table under {header}", "应为 {header} 之下的表");
                found.add(line, place, PlanError::value(Control::PLAN_FIELD, expected, seen(kind), None));
            }
            found.repaired(place);
            *value = stand_in(shape, version);
        }
    }
}

/// Tables written inline, in braces, within a list in brackets.
fn check_inline(values: &mut [Value], shape: &'static Shape, version: Version, found: &mut Found) {
    for (number, value) in values.iter_mut().enumerate() {
        if found.is_full() {
            return;
        }
        if let Kind::Table(table) = &mut value.kind {
            check_table(table, (shape.name, number), version, found);
            continue;
        }
        let (place, expected) = (Place::of(shape.name, number, ""), bi!("expected a table", "应为表"));
        let why = PlanError::value(Control::PLAN_FIELD, expected, seen(&value.kind), None);
        found.add(value.line, place, why);
        found.repaired(place);
        value.kind = Kind::Table(example(shape.name, number, version));
    }
}

fn inner<'t>(document: &'t mut Table, name: &str) -> Option<&'t mut Table> {
    match &mut document.entries.get_mut(name)?.1.kind {
        Kind::Table(table) => Some(table),
        _ => None,
    }
}

/// Checks the fields of one table: none is unknown, none is missing, and each has the right form.
fn check_table(
    table: &mut Table,
    (name, number): (&'static str, usize),
    version: Version,
    found: &mut Found,
) {
    let whole = if name.is_empty() { 0 } else { table.line };
    check_names(table, (name, number), version, found);
    for field in fields_of(name) {
        let place = Place::of(name, number, field.name);
        let Some((_, value)) = table.entries.get_mut(field.name) else { continue };
        let line = value.line;
        let good = match &value.kind {
            Kind::Unread => false,
            _ => check_value(field, value, |line, why| found.add(line, place, why)),
        };
        if !good {
            found.repaired(place);
            match field.need {
                Need::Optional => drop(table.entries.remove(field.name)),
                _ => value.kind = sample(field, number, line).kind,
            }
        }
    }
    if name == "backup" {
        choose_scheme(table, found);
    }
    for field in fields_of(name).filter(|field| field.only.is_none_or(|only| only == version)) {
        let place = Place::of(name, number, field.name);
        let (needed, foreign) = match (field.need, text_of(table, "scheme")) {
            (Need::Always, _) => (true, false),
            (Need::Scheme(wanted), Some(scheme)) => (wanted == scheme, wanted != scheme),
            _ => (false, false),
        };
        match table.entries.get(field.name) {
            None if needed => {
                found.add(whole, place, PlanError::Missing { field: field.name.to_owned() });
                found.repaired(place);
                let stand_in = sample(field, number, whole);
                table.entries.insert(field.name.to_owned(), (whole, stand_in));
            }
            Some((line, _)) if foreign => {
                let scheme = text_of(table, "scheme").unwrap_or_default().to_owned();
                found.add(*line, place, PlanError::OtherScheme { field: field.name, scheme });
                table.entries.remove(field.name);
            }
            _ => {}
        }
    }
}

/// Reports names that this table does not have in this version.
fn check_names(
    table: &mut Table,
    (name, number): (&'static str, usize),
    version: Version,
    found: &mut Found,
) {
    let prefix = if name.is_empty() { String::new() } else { format!("{name}.") };
    let tables = || TABLES.iter().filter_map(|s| s.name.strip_prefix(&prefix).map(|rest| (rest, s.only)));
    let tables = || tables().filter(|(rest, _)| !rest.contains('.'));
    let known = || fields_of(name).map(|field| (field.name, field.only)).chain(tables());
    let place = Place::of(name, number, "");
    table.entries.retain(|entry, (line, _)| {
        let only = match known().find(|(known, _)| known == entry) {
            Some((_, None)) => return true,
            Some((_, Some(only))) if only == version => return true,
            Some((field, Some(_))) => Some(field),
            None => None,
        };
        let why = match only {
            Some(field) => PlanError::Foreign { field, format: version.format() },
            None => {
                let near = near(entry, known().map(|(known, _)| known)).map(str::to_owned);
                PlanError::Unknown { field: quoted(entry), near }
            }
        };
        let place = only.map_or(place, |field| Place::of(name, number, field));
        found.add(*line, place, why);
        false
    });
}

/// If the scheme is unknown, the fields next to it show which one was meant.
fn choose_scheme(table: &mut Table, found: &Found) {
    if !found.is_repaired(Place::of("backup", 0, "scheme")) {
        return;
    }
    let shared = ["threshold", "shares"].iter().any(|name| table.entries.contains_key(*name));
    let scheme = if shared { "slip39" } else { "none" };
    table.entries.retain(|name, _| match fields_of("backup").find(|field| field.name == name) {
        Some(Field { need: Need::Scheme(wanted), .. }) => *wanted == scheme,
        _ => true,
    });
    if let Some((_, value)) = table.entries.get_mut("scheme") {
        value.kind = Kind::Text(scheme.to_owned());
    }
}

/// Whether the value has the form that its field requires. Each fault is passed to `say` with its line.
fn check_value(field: &Field, value: &Value, mut say: impl FnMut(usize, PlanError)) -> bool {
    let control = if field.name == "valid_to" && matches!(value.kind, Kind::Text(_)) {
        Control::PLAN_VALID_TO
    } else {
        Control::PLAN_FIELD
    };
    let mut wrong = |line, expected, kind: &Kind, near: Option<&str>| {
        say(line, PlanError::value(control, expected, seen(kind), near.map(|near| format!("\"{near}\""))));
        false
    };
    match (field.form, &value.kind) {
        (Form::Text(check), Kind::Text(text)) => match check(text) {
            Ok(()) => true,
            Err(expected) => wrong(value.line, expected, &value.kind, near(text, known(field))),
        },
        (Form::Word(words), Kind::Text(text)) => {
            let words = words();
            let near = near(text, words.iter().copied());
            words.contains(&text.as_str()) || wrong(value.line, one_of(&words), &value.kind, near)
        }
        (Form::Number(range), Kind::Integer(n)) if range.read().contains(n) => true,
        (Form::Bits, Kind::Integer(n))
            if u16::try_from(*n).is_ok_and(|n| MaterialLength::from_bits(n).is_some()) =>
        {
            true
        }
        (Form::Switch, Kind::Boolean(_)) => true,
        (Form::Texts(check), Kind::Array(list)) => every(list, |value| match &value.kind {
            Kind::Text(text) => check(text).err().is_none_or(|e| wrong(value.line, e, &value.kind, None)),
            kind => wrong(value.line, in_quotes(check), kind, None),
        }),
        (Form::Words(words), Kind::Array(list)) => every(list, |value| match &value.kind {
            Kind::Text(text) if words().contains(&text.as_str()) => true,
            Kind::Text(text) => wrong(value.line, one_of(&words()), &value.kind, near(text, words())),
            kind => wrong(value.line, one_of(&words()), kind, None),
        }),
        (form, kind) => wrong(value.line, expected(form), kind, None),
    }
}

/// The names that the providers define for this field; empty for most fields.
fn known(field: &Field) -> Vec<&'static str> {
    let facts = Provider::all().map(Provider::facts);
    match (field.table, field.name) {
        ("key", "region") => facts.flat_map(|facts| facts.regions.known.iter().copied()).collect(),
        ("key", "provider") => facts.map(|facts| facts.id).collect(),
        _ => Vec::new(),
    }
}

/// Whether all elements pass. Checks all of them, without stopping at the first failure.
fn every(list: &[Value], check: impl FnMut(&Value) -> bool) -> bool {
    list.iter().map(check).filter(|good| !good).count() == 0
}

/// A description of the expected type, for a value of another type.
fn expected(form: Form) -> Bilingual {
    match form {
        Form::Text(check) => in_quotes(check),
        Form::Word(words) => one_of(&words()),
        Form::Number(range) => {
            let (least, most) = range.sense;
            bi!("expected a whole number from {least} to {most}", "应为 {least} 到 {most} 的整数")
        }
        Form::Bits => bi!("expected 128 or 256", "应为 128 或 256"),
        Form::Switch => bi!("expected true or false", "应为 true 或 false"),
        Form::Texts(_) => bi!("expected a list of texts: [\"…\", \"…\"]", "应为文字列表：[\"…\", \"…\"]"),
        Form::Words(words) => {
            let words = one_of(&words());
            Bilingual {
                en: format!("{}, as a list", words.en), zh: format!("{}（写成列表）", words.zh)
            }
        }
    }
}

fn in_quotes(check: fn(&str) -> Result<(), Bilingual>) -> Bilingual {
    let plain = || bi!("expected text", "应为文字");
    let expected = check("").err().unwrap_or_else(plain);
    Bilingual { en: format!("{}, in quotes", expected.en), zh: format!("{}，写在引号中", expected.zh) }
}

fn one_of(words: &[&str]) -> Bilingual {
    let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let Bilingual { en, zh } = Bilingual::list(&quoted);
    if quoted.len() == 1 {
        return bi!("expected {en}", "应为 {zh}");
    }
    bi!("expected one of {en}", "应为以下之一：{zh}")
}

/// Describes a value, in words that fit into a sentence.
fn seen(kind: &Kind) -> Bilingual {
    match kind {
        Kind::Text(text) => {
            let text = quoted(text);
            bi!("\"{text}\"", "\"{text}\"")
        }
        Kind::Integer(n) => bi!("the number {n}", "数字 {n}"),
        Kind::Boolean(value) => bi!("{value}", "{value}"),
        Kind::Array(_) => bi!("a list", "列表"),
        Kind::Table(_) | Kind::Tables(_) => bi!("a table", "表"),
        Kind::Unread => bi!("a value that cannot be read", "无法读取的值"),
    }
}

fn text_of<'t>(table: &'t Table, name: &str) -> Option<&'t str> {
    match &table.entries.get(name)?.1.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

/// The value that replaces a wrong one: the example, with a number added where the tables' values must
/// differ.
fn sample(field: &Field, number: usize, line: usize) -> Value {
    let (mut read, _) = toml::parse(&format!("sample = {}", field.sample));
    let kind = match read.entries.remove("sample").map(|(_, value)| value.kind) {
        Some(Kind::Text(text)) if ["alias", "name"].contains(&field.name) => {
            Kind::Text(format!("{text}-{number}"))
        }
        Some(kind) => kind,
        None => Kind::Unread,
    };
    Value { line, kind }
}

/// A table with all required fields.
fn example(name: &str, number: usize, version: Version) -> Table {
    let mut table = Table::default();
    let needed = fields_of(name).filter(|field| field.only.is_none_or(|only| only == version));
    for field in needed.filter(|field| matches!(field.need, Need::Always | Need::Scheme("none"))) {
        table.entries.insert(field.name.to_owned(), (0, sample(field, number, 0)));
    }
    table
}

fn stand_in(shape: &Shape, version: Version) -> Value {
    let table = example(shape.name, 0, version);
    Value { line: 0, kind: if shape.list { Kind::Tables(vec![table]) } else { Kind::Table(table) } }
}
