//! A plan as a list of its values, which is used to compare two plans and to write a new one.

use super::ceremony_plan::CeremonyPlan;
use super::plan_error::PlanError;
use super::schema::{FIELDS, Field, Form, TABLES, fields_of, is_list};
use crate::toml::{self, Kind, Table};

/// One value of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of its table; empty for values before the first table.
    pub table: &'static str,
    /// The index among several tables of that name, from 0.
    pub number: usize,
    /// Its name.
    pub field: &'static str,
    /// The value in TOML syntax.
    pub value: String,
    /// Line of the value, from 1; 0 if it does not come from a file.
    pub line: usize,
}

impl Entry {
    /// The name of the value's table as a header writes it; empty for values before the first table.
    #[must_use]
    pub fn header(&self) -> String {
        match self.table {
            "" => String::new(),
            table if is_list(table) => format!("[[{table}]]"),
            table => format!("[{table}]"),
        }
    }

    /// A new value for a field, quoted if the field holds text; `None` if the format does not have the field.
    #[must_use]
    pub fn new(table: &str, number: usize, field: &str, value: &str) -> Option<Self> {
        let known: &'static Field =
            FIELDS.iter().filter(|known| known.table == table).find(|known| known.name == field)?;
        let quoted = matches!(known.form, Form::Text(_) | Form::Word(_));
        let value = if quoted { literal(value) } else { value.to_owned() };
        Some(Self { table: known.table, number, field: known.name, value, line: 0 })
    }
}

/// Every value of a plan, table by table, in the order in which people write them.
///
/// # Errors
/// [`PlanError`] if the bytes are not a plan.
pub fn outline(bytes: &[u8]) -> Result<Vec<Entry>, PlanError> {
    CeremonyPlan::parse(bytes)?;
    let text = core::str::from_utf8(bytes).unwrap_or_default();
    let (document, _) = toml::parse(text);
    let mut entries = Vec::new();
    list(&document, "", 0, &mut entries);
    for shape in TABLES {
        for (number, table) in tables(&document, shape.name).into_iter().enumerate() {
            list(table, shape.name, number, &mut entries);
        }
    }
    Ok(entries)
}

/// The tables with a given name, in their order.
fn tables<'t>(document: &'t Table, name: &str) -> Vec<&'t Table> {
    let mut within = vec![document];
    for part in name.split('.') {
        let values = within.iter().filter_map(|table| table.entries.get(part)).map(|(_, value)| &value.kind);
        within = values.flat_map(of_kind).collect();
    }
    within
}

fn of_kind(kind: &Kind) -> Vec<&Table> {
    match kind {
        Kind::Table(table) => vec![table],
        Kind::Tables(tables) => tables.iter().collect(),
        Kind::Array(values) => values.iter().flat_map(|value| of_kind(&value.kind)).collect(),
        _ => Vec::new(),
    }
}

fn list(table: &Table, name: &'static str, number: usize, entries: &mut Vec<Entry>) {
    for field in fields_of(name) {
        if let Some((_, value)) = table.entries.get(field.name) {
            let (field, line) = (field.name, value.line);
            entries.push(Entry { table: name, number, field, value: written(&value.kind), line });
        }
    }
}

/// A value in TOML syntax, on one line.
fn written(kind: &Kind) -> String {
    match kind {
        Kind::Text(text) => literal(text),
        Kind::Integer(n) => n.to_string(),
        Kind::Boolean(value) => value.to_string(),
        Kind::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| written(&value.kind)).collect();
            format!("[{}]", values.join(", "))
        }
        Kind::Table(_) | Kind::Tables(_) | Kind::Unread => String::new(),
    }
}

/// A text from a plan, in quotes. Only quotes and backslashes need escaping, because a plan has only visible
/// characters.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::sample_names::sample;

    #[test]
    fn a_plan_is_listed_value_by_value() {
        let text = concat!(
            "format = \"keyferry/plan/2\"\npurpose = \"rehearsal\"\nceremony = \"c\"\napproved_by = [\n 'A \"a\"', \"B\\\\b\"]\n\
            key = [{alias = \"one\", provider = \"",
            sample!(provider),
            "\", region = \"",
            sample!(region),
            "\", valid_to = \"never\"}]\n\
            backup.scheme = \"slip39\"\nbackup.shares = 1\nbackup.threshold = 1\n\
            [[posture.waive]]\ncheck = \"no-swap\"\nreason = \"x\"\n[[posture.waive]]\ncheck = \"no-radio\"\nreason = \"y\"\n"
        );
        let listed: Vec<_> = outline(text.as_bytes())
            .unwrap()
            .into_iter()
            .map(|e| format!("{}{} {} {}:{}", e.header(), e.number, e.field, e.value, e.line))
            .collect();
        assert_eq!(
            listed,
            [
                "0 format \"keyferry/plan/2\":1",
                "0 ceremony \"c\":3",
                "0 purpose \"rehearsal\":2",
                "0 approved_by [\"A \\\"a\\\"\", \"B\\\\b\"]:4",
                "[[key]]0 alias \"one\":6",
                concat!("[[key]]0 provider \"", sample!(provider), "\":6"),
                concat!("[[key]]0 region \"", sample!(region), "\":6"),
                "[[key]]0 valid_to \"never\":6",
                "[backup]0 scheme \"slip39\":7",
                "[backup]0 threshold 1:9",
                "[backup]0 shares 1:8",
                "[[posture.waive]]0 check \"no-swap\":11",
                "[[posture.waive]]0 reason \"x\":12",
                "[[posture.waive]]1 check \"no-radio\":14",
                "[[posture.waive]]1 reason \"y\":15",
            ]
        );
        assert!(outline(b"format = \"keyferry/plan/2\"\n").is_err());
        assert_eq!(Entry::new("backup", 0, "shares", "3").unwrap().value, "3");
        assert_eq!(Entry::new("", 0, "place", "a \"b\"").unwrap().value, "\"a \\\"b\\\"\"");
        assert_eq!(Entry::new("key", 0, "shares", "3"), None);
    }
}
