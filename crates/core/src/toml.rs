//! TOML 1.0 as far as a plan goes: text, whole numbers, booleans, arrays and tables, each with the line it stands on.
//!
//! Refuses what TOML refuses, and what no plan holds: fractions, dates outside quotes, nesting beyond [`MAX_DEPTH`]. Refuses too what
//! a reviewer could read as something else or miss: escapes in names, escapes for printable ASCII, numbers that are not in plain decimal
//! digits, more than [`MAX_BLANKS`] spaces or tabs in a row (what follows is outside the editor's window), and text in three quotes,
//! whose lines look like the plan's own. It calls itself only so deep, each byte is looked at a fixed number of times, and memory stays a small multiple of the text, whatever the text is.
//! (Of the maintained parsers, `toml` brings five crates into the offline program; `basic-toml` follows nesting without a limit,
//! takes quadratic time for dotted keys, and names the wrong line for an unknown word.)

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Deserialize;

mod de;
mod value;

use value::Scanner;

/// Deepest nesting, and most parts of a dotted key: a plan needs three.
pub(crate) const MAX_DEPTH: usize = 8;

/// Most spaces and tabs in a row, in quotes, comments and everywhere else.
const MAX_BLANKS: usize = 60;

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Line, from 1; `None` if it is the whole text's.
    pub(crate) line: Option<usize>,
    /// In English, as parsers do.
    pub(crate) message: String,
}

impl Fault {
    fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), message: message.into() }
    }
}

/// Reads a document into a type.
///
/// # Errors
/// [`Fault`] with the line and what is wrong there.
pub(crate) fn from_str<'de, T: Deserialize<'de>>(text: &str) -> Result<T, Fault> {
    T::deserialize(de::Node::document(parse(text)?))
}

/// A value and the line on which it begins.
#[derive(Debug)]
struct Value {
    line: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Array(Vec<Value>),
    /// `[[name]]`, which further headers add to.
    Tables(Vec<Table>),
    Table(Table),
}

/// Names and values, and who may add to them.
#[derive(Debug, Default)]
struct Table {
    line: usize,
    made: Made,
    entries: BTreeMap<String, (usize, Value)>,
}

/// How a table came to be, which decides what may be added where (TOML 1.0, "Table").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Made {
    /// As a part of a longer header: its own header may follow once.
    #[default]
    InPassing,
    /// By its header.
    Header,
    /// By dotted keys, within one table's section.
    Dotted,
    /// In braces: complete.
    Inline,
}

fn parse(text: &str) -> Result<Table, Fault> {
    check_blanks(text)?;
    let mut scanner = Scanner::new(text);
    let mut root = Table { line: 1, made: Made::Header, ..Table::default() };
    let mut section = Vec::new();
    while scanner.skip_to_content()? {
        if scanner.eat("[") {
            section = header(&mut scanner, &mut root)?;
        } else {
            let table = open(&mut root, &section)
                .ok_or_else(|| Fault::at(scanner.line(), "this table cannot be added to"))?;
            assign(&mut scanner, table, 0)?;
        }
        scanner.end_of_line()?;
    }
    Ok(root)
}

/// Refuses what could hide text at the right of the editor's window.
fn check_blanks(text: &str) -> Result<(), Fault> {
    let shown = |c: char| !matches!(c, ' ' | '\t' | '\u{3000}');
    let hides = |line: &str| line.split(shown).any(|blanks| blanks.chars().count() > MAX_BLANKS);
    text.split('\n').position(hides).map_or(Ok(()), |before| {
        let message = format!("more than {MAX_BLANKS} spaces or tabs in a row: they could hide what follows");
        Err(Fault::at(before + 1, message))
    })
}

/// A header after its first bracket; returns the parts of its name.
fn header(scanner: &mut Scanner<'_>, root: &mut Table) -> Result<Vec<String>, Fault> {
    let line = scanner.line();
    let array = scanner.eat("[");
    let name = scanner.key()?;
    scanner.expect(if array { "]]" } else { "]" })?;
    let twice = || Fault::at(line, format!("{} is defined twice", name.join(".")));
    let (last, path) = name.split_last().ok_or_else(|| Fault::at(line, "a header without a name"))?;
    let mut table = root;
    for part in path {
        table = step(table, part, Made::InPassing, line).ok_or_else(twice)?;
    }
    match (table.entries.entry(last.clone()), array) {
        (Entry::Vacant(free), false) => {
            let made = Table { line, made: Made::Header, ..Table::default() };
            free.insert((line, Value { line, kind: Kind::Table(made) }));
        }
        (Entry::Vacant(free), true) => {
            let made = vec![Table { line, made: Made::Header, ..Table::default() }];
            free.insert((line, Value { line, kind: Kind::Tables(made) }));
        }
        (Entry::Occupied(there), _) => match (&mut there.into_mut().1.kind, array) {
            (Kind::Table(table), false) if table.made == Made::InPassing => {
                (table.made, table.line) = (Made::Header, line);
            }
            (Kind::Tables(tables), true) => {
                tables.push(Table { line, made: Made::Header, ..Table::default() });
            }
            _ => return Err(twice()),
        },
    }
    Ok(name)
}

/// The table of this name inside `table`, made if it is not there; `None` if what is there takes no additions by a header
/// (`Made::InPassing`) or by a dotted key (`Made::Dotted`).
fn step<'a>(table: &'a mut Table, name: &str, how: Made, line: usize) -> Option<&'a mut Table> {
    let entry = table.entries.entry(name.to_owned()).or_insert_with(|| {
        let made = Table { line, made: how, ..Table::default() };
        (line, Value { line, kind: Kind::Table(made) })
    });
    match (&mut entry.1.kind, how) {
        (Kind::Table(table), Made::Dotted) => (table.made == Made::Dotted).then_some(table),
        (Kind::Table(table), _) => (table.made != Made::Inline).then_some(table),
        (Kind::Tables(tables), Made::InPassing) => tables.last_mut(),
        _ => None,
    }
}

/// The table that a header has named.
fn open<'a>(root: &'a mut Table, section: &[String]) -> Option<&'a mut Table> {
    section.iter().try_fold(root, |table, name| match &mut table.entries.get_mut(name)?.1.kind {
        Kind::Table(table) => Some(table),
        Kind::Tables(tables) => tables.last_mut(),
        _ => None,
    })
}

/// `key = value` into a table.
fn assign(scanner: &mut Scanner<'_>, table: &mut Table, depth: usize) -> Result<(), Fault> {
    let line = scanner.line();
    let name = scanner.key()?;
    scanner.expect("=")?;
    let twice = || Fault::at(line, format!("{} is given twice", name.join(".")));
    let (last, path) = name.split_last().ok_or_else(|| Fault::at(line, "a value without a name"))?;
    let mut table = table;
    for part in path {
        table = step(table, part, Made::Dotted, line).ok_or_else(twice)?;
    }
    let value = value(scanner, depth)?;
    match table.entries.entry(last.clone()) {
        Entry::Vacant(free) => free.insert((line, value)),
        Entry::Occupied(_) => return Err(twice()),
    };
    Ok(())
}

fn value(scanner: &mut Scanner<'_>, depth: usize) -> Result<Value, Fault> {
    let line = scanner.line();
    if depth > MAX_DEPTH {
        return Err(Fault::at(line, "nested deeper than any plan"));
    }
    let kind = if scanner.eat("[") {
        Kind::Array(array(scanner, depth)?)
    } else if scanner.eat("{") {
        Kind::Table(inline_table(scanner, depth)?)
    } else {
        scanner.scalar()?
    };
    Ok(Value { line, kind })
}

fn array(scanner: &mut Scanner<'_>, depth: usize) -> Result<Vec<Value>, Fault> {
    let mut values = Vec::new();
    loop {
        scanner.skip_to_content()?;
        if scanner.eat("]") {
            return Ok(values);
        }
        values.push(value(scanner, depth + 1)?);
        scanner.skip_to_content()?;
        if !scanner.eat(",") {
            scanner.expect("]")?;
            return Ok(values);
        }
    }
}

fn inline_table(scanner: &mut Scanner<'_>, depth: usize) -> Result<Table, Fault> {
    let mut table = Table { line: scanner.line(), made: Made::Inline, ..Table::default() };
    scanner.spaces();
    if scanner.eat("}") {
        return Ok(table);
    }
    loop {
        assign(scanner, &mut table, depth + 1)?;
        scanner.spaces();
        if !scanner.eat(",") {
            scanner.expect("}")?;
            return Ok(table);
        }
    }
}

#[cfg(test)]
mod tests;
