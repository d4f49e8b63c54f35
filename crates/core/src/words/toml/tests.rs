//! Compares the reader with the `toml` crate, and tests that it refuses what that crate accepts but a plan
//! must not contain.

use proptest::prelude::*;

use super::*;

fn ours(text: &str) -> Result<::toml::Table, Fault> {
    let (table, faults) = parse(text);
    faults.into_iter().next().map_or_else(|| table.read(), Err)
}

fn theirs(text: &str) -> Option<::toml::Table> {
    ::toml::from_str(text).ok()
}

fn line(text: &str) -> Option<usize> {
    ours(text).unwrap_err().line
}

/// Documents that both accept, with the same values.
const GOOD: &[&str] = &[
    "",
    "# only a comment",
    "a = 1\r\nb = 'x'\r\n",
    "a = \"\"\nb = ''",
    "a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u5bc6\\U0001F511\"",
    "a = '\\n'",
    "a = [1, 2, -3, 0, 1000]",
    "a = -9223372036854775808\nb = 9223372036854775807",
    "a = [\n  'x', # why\n  'y',\n]\n",
    "a = [[], [[1]], {b = 1, c.d = 2}, true, false]",
    "a = { }\nb = {}\nc = { x = [ ] }",
    "a.b.c = 1\na.b.d = 2\na.e = 3",
    "\"a b\".'c' = 1\n1-2_3 = 4",
    "[a]\nx = 1\n[a.b]\ny = 2\n[c]",
    "[a.b]\nx = 1\n[a]\ny = 2",
    "[[a]]\n[[a]]\nx = 1\n[a.b]\ny = 2\n[[a.c]]\n[[a]]\n",
    "[a]\nb.c = 1\n[a.d]\nx = 1",
    "  [ a . b ] # why\n  c  =  1  # why\n",
];

/// Documents that both refuse, and the line that our reader reports.
const BAD: &[(&str, usize)] = &[
    ("a", 1),
    ("a =", 1),
    ("a = \n1", 1),
    ("= 1", 1),
    ("a = 1 b = 2", 1),
    ("\na = 1\na = 2", 3),
    ("a = 1\na.b = 2", 2),
    ("a = {b = 1}\na.c = 2", 2),
    ("a = {b = 1}\n[a.c]", 2),
    ("a = {b = 1, b = 2}", 1),
    ("a = {b = 1,\n}\nx", 1),
    ("a = {,}", 1),
    ("a = [,]", 1),
    ("a = [1 2]", 1),
    ("a = [1\nb = 2", 2),
    ("a = [{b = 1}]\n[[a]]", 2),
    ("[a]\n[b]\n[a]", 3),
    ("[[a]]\n[a]", 2),
    ("[a]\n[[a]]", 2),
    ("[a.b]\n[[a]]", 2),
    ("a.b = 1\n[a]", 2),
    ("[a]\nb.c = 1\n[a.b]", 3),
    ("[a.b]\nx = 1\n[a]\nb.y = 2", 4),
    ("[a", 1),
    ("[a]]", 1),
    ("[[a]", 1),
    ("[]", 1),
    ("[a] x", 1),
    ("a = 'x", 1),
    ("a = \"x\ny\"", 1),
    ("a = '''x\n", 1),
    ("a = \"\\x\"", 1),
    ("a = \"\\u12\"", 1),
    ("a = \"\\ud800\"", 1),
    ("a = \"\\u+123\"", 1),
    ("a = \"\"\"x\\ y\"\"\"", 1),
    ("a = \"\u{1}\"", 1),
    ("a = \"\u{7f}\"", 1),
    ("a = 1 # \u{1}", 1),
    ("a = 1\rb = 2", 1),
    ("'''a''' = 1", 1),
    ("a = 01", 1),
    ("a = +0x1", 1),
    ("a = 1__0", 1),
    ("a = _1", 1),
    ("a = 9223372036854775808", 1),
    ("a = TRUE", 1),
    ("a. = 1", 1),
    ("a..b = 1", 1),
];

#[test]
fn documents_are_read_as_the_toml_crate_reads_them() {
    for text in GOOD {
        let by_toml = theirs(text);
        assert!(by_toml.is_some(), "{text}");
        assert_eq!(ours(text).ok(), by_toml, "{text}");
    }
    for (text, line) in BAD {
        assert_eq!(ours(text).map_err(|fault| fault.line), Err(Some(*line)), "{text}");
    }
    let taken: Vec<&str> = BAD.iter().map(|(text, _)| *text).filter(|text| theirs(text).is_some()).collect();
    assert_eq!(taken, [""; 0]);
}

#[test]
fn what_no_plan_holds_is_refused() {
    for text in [
        "a = 1.5",
        "a = 1e3",
        "a = inf",
        "a = 2030-01-01T00:00:00Z",
        "a = 2030-01-01",
        "\"\" = 1",
        "a = {\n}",
        "a = \"\\e\"",
        // Text in three quotes, whose lines could be mistaken for the plan's own.
        "a = \"\"\"\"\"\"",
        "a = ''''''",
        "a = \"\"\"\nx\n  y\\\n   \n  z\"\"\"",
        "a = \"\"\"x\r\ny\"\"\"",
        "a = \"\"\"two\"\" and one\" \"\"\"",
        "a = \"\"\"\"quoted\"\"\"\"\"",
        "a = '''\n[[key]]\n'''",
        "a = '''it''s'''''",
        // Numbers that are not in plain decimal digits.
        "a = 0x1F",
        "a = 0o17",
        "a = 0b101",
        "a = 1_000",
        "a = +2",
        "a = +0",
        "a = -0",
        // Escapes for printable ASCII.
        "a = \"\\u0061\"",
        "a = \"\\U00000061\"",
        "a = \"\\u0020\"",
        "a = \"\\u007e\"",
        "a = \"\\u0022\"",
        // An escape in a name, which could spell another name.
        "\"purp\\u006fse\" = 1",
        "[\"a\\u0062\"]",
        "a.\"b\\\\\" = 1",
        "a = {\"b\\t\" = 1}",
    ] {
        assert!(theirs(text).is_some(), "{text}");
        assert_eq!(line(text), Some(1), "{text}");
    }
}

#[test]
fn long_runs_of_blanks_are_refused_with_their_line() {
    let places = [
        "b = 1BLANK# x",
        "b = 1 #BLANKx",
        "b = 'xBLANKy'",
        "b = [1,BLANK2]",
        "BLANKb = 1",
        "bBLANK= 1",
        "b = 1BLANK",
    ];
    for place in places {
        for blank in [" ", "\t", " \t"] {
            let with = |count: usize| {
                let blanks: String = blank.chars().cycle().take(count).collect();
                format!("a = 1\n{}\n", place.replace("BLANK", &blanks))
            };
            assert!(ours(&with(MAX_BLANKS)).is_ok(), "{place}");
            let text = with(MAX_BLANKS + 1);
            assert!(theirs(&text).is_some(), "{place}");
            let fault = ours(&text).unwrap_err();
            assert_eq!(fault.line, Some(2), "{place}");
            assert!(
                fault.message.en.starts_with("more than 60 spaces or tabs in a row"),
                "{}",
                fault.message.en
            );
        }
    }
    // The wide space of Chinese texts, in a value.
    let wide = |count: usize| format!("a = '{}'", "\u{3000}".repeat(count));
    assert!(ours(&wide(MAX_BLANKS)).is_ok());
    assert_eq!(line(&wide(MAX_BLANKS + 1)), Some(1));
}

#[test]
fn a_carriage_return_alone_is_named() {
    for text in ["a = 1\r", "a = 1\r\r\n", "a =\r", "[a]\rb = 1"] {
        let message = ours(text).unwrap_err().message.en;
        assert!(message.ends_with("found a carriage return without a line feed"), "{message}");
    }
    assert!(ours("a\r\n").unwrap_err().message.en.ends_with("found the end of the line"));
}

#[test]
fn every_fault_is_named_and_what_is_good_is_read() {
    let text = "a = 'x\nb = 1\nb = 2\n[t]\nc = [1,\n 2\nd = 3\n[t]\ne = wrong\n[u]\nf = 4\ng";
    let (table, faults) = parse(text);
    let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [1, 3, 7, 8, 9, 12].map(Some));
    let unread = |table: &Table, name: &str| matches!(table.entries[name].1.kind, Kind::Unread);
    let Kind::Table(t) = &table.entries["t"].1.kind else { panic!("{table:?}") };
    let Kind::Table(u) = &table.entries["u"].1.kind else { panic!("{table:?}") };
    assert!(unread(&table, "a") && unread(t, "c"));
    assert!(matches!(t.entries["d"].1.kind, Kind::Integer(3)) && !t.entries.contains_key("e"));
    assert!(matches!(u.entries["f"].1.kind, Kind::Integer(4)));
    assert_eq!(parse(&"a = 1\n".repeat(1000)).1.len(), MAX_FAULTS);
}

#[test]
fn nesting_ends_at_its_limit_whatever_follows() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let nested = |n: usize| format!("a = {}1{}", open.repeat(n), close.repeat(n));
        assert!(ours(&nested(MAX_DEPTH)).is_ok(), "{open}");
        assert_eq!(line(&nested(MAX_DEPTH + 1)), Some(1));
        assert_eq!(line(&format!("a = {}", open.repeat(5_000_000))), Some(1));
    }
    let dotted = |n: usize| format!("{}a = 1", "a.".repeat(n - 1));
    assert!(ours(&dotted(MAX_DEPTH)).is_ok());
    assert_eq!(line(&dotted(MAX_DEPTH + 1)), Some(1));
    assert_eq!(line(&format!("[{}", "a.".repeat(5_000_000))), Some(1));
}

/// Tables that TOML can express and a plan can contain.
fn tables() -> impl Strategy<Value = ::toml::Table> {
    let leaf = prop_oneof![
        any::<String>().prop_map(::toml::Value::String),
        "[\"'\\\\\n\r\t #=\\[\\]{}.,a]{0,12}".prop_map(::toml::Value::String),
        any::<i64>().prop_map(::toml::Value::Integer),
        any::<bool>().prop_map(::toml::Value::Boolean),
    ];
    let name = prop_oneof!["[a-z0-9_-]{1,6}", "[a-z \"'.\\\\#密]{1,6}"];
    let value = leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(::toml::Value::Array),
            prop::collection::btree_map("[a-z.]{1,4}", inner, 0..4)
                .prop_map(|t| ::toml::Value::Table(t.into_iter().collect())),
        ]
    });
    prop::collection::btree_map(name, value, 0..5).prop_map(|t| t.into_iter().collect())
}

proptest! {
    #[test]
    fn what_toml_writes_is_read(table in tables()) {
        for text in [::toml::to_string(&table).unwrap(), ::toml::to_string_pretty(&table).unwrap()] {
            match ours(&text) {
                // The `toml` crate wrote a string in three quotes, or a name with an escape.
                Err(fault) if fault.message.en.starts_with("text in three quotes") => {
                    prop_assert!(text.contains("\"\"\"") || text.contains("'''"), "{}", text);
                }
                Err(fault) if fault.message.en.starts_with("an escape in a name") => prop_assert!(text.contains('\\'), "{}", text),
                read => prop_assert_eq!(read, Ok(table.clone()), "{}", text),
            }
        }
    }

    #[test]
    fn whatever_is_taken_is_taken_by_toml_as_well(pieces in prop::collection::vec(prop::sample::select(vec![
        "[", "]", "{", "}", "\"", "'", "\"\"\"", "'''", "\\", "#", "\n", "\r\n", ".", ",", " = ", "a", "b", "1", "-", "_", " ", "true",
        "a = ", "[[a]]\n", "[a]\n", "[a.b]\n", "b.c = 1\n", "a = 1\n", "{a = 1}", "[1, 'x']", "\\n", "\\u00e9", "\t", "0x",
    ]), 0..24)) {
        let text = pieces.concat();
        if let Ok(table) = ours(&text) {
            prop_assert_eq!(Some(table), theirs(&text), "{}", text);
        }
    }

    #[test]
    fn an_edited_document_is_never_taken_otherwise(which in 0..GOOD.len(), at: prop::sample::Index, byte in any::<u8>(), insert: bool) {
        let mut text = GOOD[which].as_bytes().to_vec();
        let at = at.index(text.len() + 1);
        if insert || at == text.len() { text.insert(at, byte) } else { text[at] = byte }
        if let Ok(text) = core::str::from_utf8(&text) && let Ok(table) = ours(text) {
            prop_assert_eq!(Some(table), theirs(text), "{}", text);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = ours(&text);
    }
}
