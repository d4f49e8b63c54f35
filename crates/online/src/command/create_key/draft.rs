//! The draft plan as text: key ids are filled in, every comment and space of its authors stays.

use keyferry_core::provider::KeyKind;
use keyferry_core::{Alias, CeremonyPlan, KeyId, Region};
use keyferry_kms_api::Edition;
use toml_edit::{DocumentMut, Item, TableLike, Value};

use crate::Error;
use crate::error::UsageError;

/// A draft that is being completed.
pub(super) struct Draft(DocumentMut);

impl Draft {
    /// Takes the bytes of a draft that has parsed as a plan.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let text = core::str::from_utf8(bytes).map_err(|_| UsageError::draft_shape())?;
        Ok(Self(text.parse().map_err(|_| UsageError::draft_shape())?))
    }

    /// Fills in the id, and the length if given, of key number `n`.
    pub(super) fn fill(
        &mut self,
        n: usize,
        key_id: &KeyId,
        kind: Option<&KeyKind>,
    ) -> Result<(), UsageError> {
        let table = self.table(n).ok_or_else(UsageError::draft_shape)?;
        put(table, "key_id", key_id.as_str().into());
        if let Some(kind) = kind {
            put(table, "kind", kind.name.into());
        }
        Ok(())
    }

    fn table(&mut self, n: usize) -> Option<&mut dyn TableLike> {
        match self.0.get_mut("key")? {
            Item::ArrayOfTables(tables) => tables.get_mut(n).map(|t| t as &mut dyn TableLike),
            Item::Value(Value::Array(list)) => {
                list.get_mut(n)?.as_inline_table_mut().map(|t| t as &mut dyn TableLike)
            }
            _ => None,
        }
    }

    /// The finished text, read back as a plan: the same keys in the same order.
    pub(super) fn finish(&self, before: &CeremonyPlan) -> Result<String, Error> {
        let text = self.0.to_string();
        let after = CeremonyPlan::parse(text.as_bytes())?;
        let names = |plan: &CeremonyPlan| {
            plan.keys().iter().map(|k| (k.alias.clone(), k.region.clone())).collect::<Vec<_>>()
        };
        if names(&after) == names(before) { Ok(text) } else { Err(UsageError::draft_shape().into()) }
    }
}

/// Adds a member, its equals sign under that of `alias`.
fn put(table: &mut dyn TableLike, name: &str, value: Value) {
    let gap = table.key("alias").and_then(|k| k.leaf_decor().suffix()?.as_str()).map_or(1, str::len);
    let column = "alias".len() + gap;
    table.insert(name, Item::Value(value));
    if let Some(mut key) = table.key_mut(name) {
        key.leaf_decor_mut().set_suffix(" ".repeat(column.saturating_sub(name.len()).max(1)));
    }
}

/// A `[[key]]` table to paste into a plan.
pub(super) fn block(region: &Region, alias: &Alias, key_id: &KeyId, edition: Option<Edition>) -> String {
    let expected = Edition::expected_in(region.as_str());
    let kind = edition.filter(|e| *e != expected).map(Edition::kind);
    let kind = kind.map_or_else(String::new, |kind| format!("kind     = \"{}\"\n", kind.name));
    format!(
        "[[key]]\nalias    = \"{alias}\"\nprovider = \"tencent\"\nregion   = \"{region}\"\nkey_id   = \"{key_id}\"\n{kind}\
         valid_to = \"never\"   # or a UTC time such as 2030-01-01T00:00:00Z: choose\n"
    )
}

#[cfg(test)]
mod tests {
    use keyferry_core::provider::tencent::FIPS;

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
        let key = block(&"ap-guangzhou".parse().unwrap(), &"one".parse().unwrap(), &id, Some(Edition::Fips));
        let text = format!(
            "format = \"keyferry/plan/2\"\nceremony = \"t-1\"\npurpose = \"rehearsal\"\n{key}\
             [backup]\nscheme = \"none\"\nreason = \"test\"\n"
        );
        let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
        assert_eq!((plan.keys()[0].key_id.as_ref(), plan.keys()[0].kind()), (Some(&id), &FIPS));
    }
}
