//! The draft plan as text: key ids are added, and every other byte stays as its authors wrote it.
//!
//! An added line has the same line end as the line before it. A last line without a line end stays the last line: new lines are inserted
//! before it. So the plan without the added lines is the draft, byte for byte, and people can compare the two with `diff`.

use core::ops::Range;

use keyferry_core::provider::KeyKind;
use keyferry_core::{Alias, CeremonyPlan, KeyId, Provider, Region};
use toml_edit::{Document, InlineTable, Item, Table, TableLike, Value};

use crate::Error;
use crate::error::UsageError;

/// A draft that is being completed.
pub(super) struct Draft {
    text: String,
    /// Where each key's id goes; `None` for a key that is written in a form to which nothing can be added.
    spots: Vec<Option<Spot>>,
    /// The replacements: a range of bytes, and the text that replaces it.
    edits: Vec<(Range<usize>, String)>,
}

/// Where members are added to one key.
struct Spot {
    at: usize,
    /// The position of its `kind`, if it has one.
    kind: Option<Range<usize>>,
    form: Form,
}

/// How members are added.
enum Form {
    /// Members are added to an inline table, after its last member.
    Inline,
    /// Members are added as lines with this line end, and with the equals sign in this column.
    Lines { end: &'static str, column: usize },
}

impl Draft {
    /// Takes the bytes of a draft that was parsed as a plan. The parsed tables are not kept, because they would take twenty times the
    /// memory of the text.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let text = core::str::from_utf8(bytes).map_err(|_| UsageError::draft_shape())?;
        let document = Document::parse(text).map_err(|_| UsageError::draft_shape())?;
        let spots = match document.get("key") {
            Some(Item::ArrayOfTables(tables)) => tables.iter().map(|table| Spot::of(text, table)).collect(),
            Some(Item::Value(Value::Array(list))) => {
                list.iter().map(|value| Spot::inline(value.as_inline_table()?)).collect()
            }
            _ => Vec::new(),
        };
        Ok(Self { text: text.to_owned(), spots, edits: Vec::new() })
    }

    /// Fills in the id, and the length if given, of key number `n`.
    pub(super) fn fill(
        &mut self,
        n: usize,
        key_id: &KeyId,
        kind: Option<&KeyKind>,
    ) -> Result<(), UsageError> {
        let spot = self.spots.get(n).and_then(Option::as_ref).ok_or_else(UsageError::draft_shape)?;
        let mut added = vec![("key_id", key_id.as_str())];
        if let Some(kind) = kind {
            match &spot.kind {
                Some(place) => self.edits.push((place.clone(), format!("\"{}\"", kind.name))),
                None => added.push(("kind", kind.name)),
            }
        }
        let text = added.iter().map(|(name, value)| match spot.form {
            Form::Inline => format!(", {name} = \"{value}\""),
            Form::Lines { end, column } => format!("{name:column$}= \"{value}\"{end}"),
        });
        self.edits.push((spot.at..spot.at, text.collect()));
        Ok(())
    }

    /// The finished text, read back as a plan: the same keys in the same order.
    pub(super) fn finish(&self, before: &CeremonyPlan) -> Result<String, Error> {
        let raw = &self.text;
        let mut edits: Vec<_> = self.edits.iter().rev().collect();
        edits.sort_by_key(|(at, _)| at.start);
        // Each byte is moved once, however many edits there are.
        let (mut text, mut from) = (String::with_capacity(raw.len() * 2), 0);
        for (at, new) in edits {
            text.push_str(raw.get(from..at.start).unwrap_or_default());
            text.push_str(new);
            from = at.end;
        }
        text.push_str(raw.get(from..).unwrap_or_default());
        let after = CeremonyPlan::parse(text.as_bytes())?;
        let names = |plan: &CeremonyPlan| {
            plan.keys().iter().map(|k| (k.alias.clone(), k.region.clone())).collect::<Vec<_>>()
        };
        if names(&after) == names(before) { Ok(text) } else { Err(UsageError::draft_shape().into()) }
    }
}

impl Spot {
    /// The slot in a table with a header.
    fn of(text: &str, table: &Table) -> Option<Self> {
        let (key, value) = last_member(table)?;
        let (at, end) = next_line(text, &key, &value)?;
        let form = Form::Lines { end, column: column(text, table)? };
        Some(Self { at, kind: place_of_kind(table)?, form })
    }

    fn inline(table: &InlineTable) -> Option<Self> {
        let (_, value) = last_member(table)?;
        Some(Self { at: value.end, kind: place_of_kind(table)?, form: Form::Inline })
    }
}

/// The name and value of the member that comes last in the text.
fn last_member(table: &dyn TableLike) -> Option<(Range<usize>, Range<usize>)> {
    let spans = table.iter().map(|(name, _)| {
        let (key, value) = table.get_key_value(name)?;
        Some((key.span()?, value.span()?))
    });
    spans.collect::<Option<Vec<_>>>()?.into_iter().max_by_key(|(_, value)| value.end)
}

/// Where the value of `kind` is; the inner `None` if there is none.
#[allow(clippy::option_option)] // A value whose position is unknown is not the same as no value.
fn place_of_kind(table: &dyn TableLike) -> Option<Option<Range<usize>>> {
    match table.get("kind") {
        Some(value) => Some(Some(value.span()?)),
        None => Some(None),
    }
}

/// The position of a line after that member, and its line end, which is the same as that of the line before it.
fn next_line(text: &str, key: &Range<usize>, value: &Range<usize>) -> Option<(usize, &'static str)> {
    let at = match text.get(value.end..)?.find('\n') {
        Some(to_end) => value.end + to_end + 1,
        // The file's last line has no line end.
        None => text.get(..key.start)?.rfind('\n')? + 1,
    };
    Some((at, if text.get(..at)?.ends_with("\r\n") { "\r\n" } else { "\n" }))
}

/// The column of the equals sign of `alias`, with which the equals sign of an added member is aligned.
fn column(text: &str, table: &dyn TableLike) -> Option<usize> {
    let name = table.get_key_value("alias")?.0.span()?;
    let gap = text.get(name.end..)?.find('=')?;
    Some((name.len() + gap).max("key_id ".len()))
}

/// A `[[key]]` table to paste into a plan.
pub(super) fn block(
    provider: Provider,
    region: &Region,
    alias: &Alias,
    key_id: &KeyId,
    kind: Option<&KeyKind>,
) -> String {
    let expected = provider.facts().expected_kind(region.as_str());
    let kind = kind.filter(|kind| Some(*kind) != expected);
    let kind = kind.map_or_else(String::new, |kind| format!("kind     = \"{}\"\n", kind.name));
    format!(
        "[[key]]\nalias    = \"{alias}\"\nprovider = \"{provider}\"\nregion   = \"{region}\"\nkey_id   = \"{key_id}\"\n{kind}\
         valid_to = \"never\"   # or a UTC time such as 2030-01-01T00:00:00Z: choose\n"
    )
}

#[cfg(test)]
mod tests {
    use keyferry_core::provider::tencent::FIPS;
    use proptest::prelude::*;

    use super::*;

    const DRAFT: &str = r#"# the draft
format   = "keyferry/plan/2"
ceremony = "t-1"
purpose  = "rehearsal"

# first key
[[key]]
alias    = "one"          # said aloud
provider = "tencent"
region   = "ap-singapore"
valid_to = "never"

# second key
[[key]]
alias    = "two"
provider = "tencent"
region   = "ap-guangzhou"
valid_to = "never" # last

[backup] # none
scheme = "none"
reason = "test"
"#;

    #[test]
    fn ids_are_filled_in_and_comments_stay() {
        let before = CeremonyPlan::parse(DRAFT.as_bytes()).unwrap();
        let mut draft = Draft::parse(DRAFT.as_bytes()).unwrap();
        let id: KeyId = "23e80852-1e38-11e9-b129-5cb9019b4b01".parse().unwrap();
        draft.fill(1, &id, Some(&FIPS)).unwrap();
        let text = draft.finish(&before).unwrap();
        let added = format!("key_id   = \"{id}\"\nkind     = \"fips\"\n");
        assert_eq!(text, DRAFT.replacen(" # last\n", &format!(" # last\n{added}"), 1));
        let after = CeremonyPlan::parse(text.as_bytes()).unwrap();
        assert_eq!(after.keys()[1].kind(), &FIPS);
        assert!(draft.fill(2, &id, None).is_err());
    }

    #[test]
    fn inline_tables_are_filled_too() {
        let text = "format = \"keyferry/plan/2\"\nceremony = \"t-1\"\npurpose = \"rehearsal\"\n\
            key = [{ alias = \"one\", provider = \"tencent\", region = \"ap-singapore\", valid_to = \"never\" }]\n\
            backup = { scheme = \"none\", reason = \"test\" }\n";
        let before = CeremonyPlan::parse(text.as_bytes()).unwrap();
        let mut draft = Draft::parse(text.as_bytes()).unwrap();
        draft.fill(0, &"23e80852-1e38-11e9-b129-5cb9019b4b01".parse().unwrap(), None).unwrap();
        assert!(draft.finish(&before).unwrap().contains("key_id"));
    }

    #[test]
    fn a_printed_block_is_a_plan_s_key() {
        let id: KeyId = "23e80852-1e38-11e9-b129-5cb9019b4b01".parse().unwrap();
        let key = block(
            Provider::TENCENT,
            &"ap-guangzhou".parse().unwrap(),
            &"one".parse().unwrap(),
            &id,
            Some(&FIPS),
        );
        let text = format!(
            "format = \"keyferry/plan/2\"\nceremony = \"t-1\"\npurpose = \"rehearsal\"\n{key}\
             [backup]\nscheme = \"none\"\nreason = \"test\"\n"
        );
        let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
        assert_eq!((plan.keys()[0].key_id.as_ref(), plan.keys()[0].kind()), (Some(&id), &FIPS));
    }

    /// The draft with the given line ends, one for each line; with `None`, the last line has no line end.
    fn with_ends(text: &str, ends: &[bool], last: bool) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let mut out = String::new();
        for (n, line) in lines.iter().enumerate() {
            out.push_str(line);
            if n + 1 < lines.len() || last {
                out.push_str(if ends[n % ends.len()] { "\r\n" } else { "\n" });
            }
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        /// Plans whose last table is a key or another table, with every mixture of line ends, and without one at the end.
        #[test]
        fn without_the_added_lines_it_is_the_draft(
            ends in proptest::collection::vec(any::<bool>(), 1..24),
            last in any::<bool>(),
            backup_first in any::<bool>(),
            blank in 0_usize..3,
            kinds in proptest::collection::vec(any::<bool>(), 2),
        ) {
            let (head, rest) = DRAFT.split_at(DRAFT.find("# first key").unwrap());
            let (keys, backup) = rest.split_at(rest.find("[backup]").unwrap());
            let text = if backup_first { format!("{head}{backup}{keys}") } else { DRAFT.to_owned() };
            let text = format!("{}{}", text.trim_end(), "\n".repeat(blank + 1));
            let text = with_ends(&text, &ends, last || blank > 0);
            let before = CeremonyPlan::parse(text.as_bytes()).unwrap();
            let mut draft = Draft::parse(text.as_bytes()).unwrap();
            let id: KeyId = "23e80852-1e38-11e9-b129-5cb9019b4b01".parse().unwrap();
            let other: KeyId = "23e80852-1e38-11e9-b129-5cb9019b4b02".parse().unwrap();
            for (n, id) in [(1, &other), (0, &id)] {
                draft.fill(n, id, kinds[n].then_some(&FIPS)).unwrap();
            }
            let plan = draft.finish(&before).unwrap();
            let added = |line: &&str| line.starts_with("key_id ") || line.starts_with("kind ");
            let kept: String = plan.split_inclusive('\n').filter(|line| !added(line)).collect();
            prop_assert_eq!(kept, text.clone());
            let lines: Vec<&str> = plan.split_inclusive('\n').collect();
            for (n, line) in lines.iter().enumerate().filter(|(_, line)| added(line)) {
                prop_assert_eq!(line.ends_with("\r\n"), lines[n - 1].ends_with("\r\n"), "{:?}", plan);
            }
            let after = CeremonyPlan::parse(plan.as_bytes()).unwrap();
            for (n, id) in [(0, &id), (1, &other)] {
                prop_assert_eq!(after.keys()[n].key_id.as_ref(), Some(id));
                prop_assert_eq!(after.keys()[n].kind(), if kinds[n] { &FIPS } else { before.keys()[n].kind() });
            }
        }
    }

    #[test]
    fn another_kind_takes_the_place_of_the_draft_s_alone() {
        let text =
            DRAFT.replace("valid_to = \"never\" # last", "kind=\"sm\"# as reviewed\r\nvalid_to = \"never\"");
        let before = CeremonyPlan::parse(text.as_bytes()).unwrap();
        let mut draft = Draft::parse(text.as_bytes()).unwrap();
        let id: KeyId = "23e80852-1e38-11e9-b129-5cb9019b4b01".parse().unwrap();
        draft.fill(1, &id, Some(&FIPS)).unwrap();
        let plan = draft.finish(&before).unwrap();
        let added = format!("key_id   = \"{id}\"\n");
        assert_eq!(plan.replacen(&added, "", 1), text.replace("kind=\"sm\"#", "kind=\"fips\"#"));
    }
}
