//! Prints a JSON result member by member. A long list has one line for each item, and the whole list is never in memory.

use serde_json::Value;

use super::Console;
use crate::printable;

/// The number of bytes that are collected before they are printed.
const COLLECTED: usize = 64 * 1024;

/// One JSON object on its way to standard output.
#[derive(Debug)]
pub struct Members<'c> {
    console: &'c Console,
    collected: String,
    is_first: bool,
}

impl Console {
    /// Begins the result. Members are printed in the order of the calls, until [`Members::end`].
    #[must_use]
    pub fn members(&self) -> Members<'_> {
        Members { console: self, collected: "{\n".to_owned(), is_first: true }
    }
}

impl Members<'_> {
    /// Adds a member whose value is written at once, over several lines if it is an object or a list.
    pub fn put(&mut self, name: &str, value: &Value) {
        self.name(name);
        self.collected += &format!("{value:#}").replace('\n', "\n  ");
        self.flush(COLLECTED);
    }

    /// Adds a member that is a list, with each item on one line.
    pub fn list(&mut self, name: &str, items: impl IntoIterator<Item = Value>) {
        self.name(name);
        self.collected.push('[');
        let mut is_first = true;
        for item in items {
            self.collected += if is_first { "\n    " } else { ",\n    " };
            self.collected += &item.to_string();
            is_first = false;
            self.flush(COLLECTED);
        }
        self.collected += if is_first { "]" } else { "\n  ]" };
    }

    /// Ends the object.
    pub fn end(mut self) {
        self.collected += if self.is_first { "}\n" } else { "\n}\n" };
        self.flush(0);
    }

    fn name(&mut self, name: &str) {
        self.collected += if self.is_first { "  " } else { ",\n  " };
        self.is_first = false;
        self.collected += &format!("{}: ", Value::from(name));
    }

    /// Prints the collected text if it is longer than `least`.
    fn flush(&mut self, least: usize) {
        if self.collected.len() > least {
            self.console.put(&printable::escaped(&self.collected));
            self.collected.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::Lang;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_members_are_one_object_with_a_line_for_each_item() {
        let console = Console::new(Lang::En, true, 0);
        let mut members = console.members();
        members.put("a", &json!({"b": [1, "x\ny"]}));
        members.list("none", []);
        members.list("some", [json!({"n": 1, "m": 2}), json!("two")]);
        members.collected += "\n}\n";
        let text = std::mem::take(&mut members.collected);
        let expected = json!({"a": {"b": [1, "x\ny"]}, "none": [], "some": [{"n": 1, "m": 2}, "two"]});
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
        assert!(
            text.contains("  \"none\": [],\n  \"some\": [\n    {\"m\":2,\"n\":1},\n    \"two\"\n  ]\n}"),
            "{text}"
        );
    }
}
