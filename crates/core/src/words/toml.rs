//! The part of TOML 1.0 that a plan needs: text, whole numbers, booleans, arrays and tables, each with its
//! line.
//!
//! It refuses what TOML refuses, and what no plan contains: fractions, dates outside quotes, nesting beyond [`MAX_DEPTH`]. It also refuses
//! what a reviewer could misread or miss: escapes in names, escapes for printable ASCII, numbers that are not in plain decimal digits, more
//! than [`MAX_BLANKS`] spaces or tabs in a row (the rest of the line could be outside the editor's window), and text in three quotes, whose
//! lines look like the plan's own. For any text, recursion is limited, each byte is examined a fixed number of times, and memory stays a
//! small multiple of the text. (Of the maintained parsers, `toml` brings five crates into the offline program; `basic-toml` follows nesting
//! without a limit, takes quadratic time for dotted keys, and names the wrong line for an unknown word.)

//! A fault ends only its statement: reading continues at the next line that begins a statement, so all faults are
//! reported.

use std::collections::btree_map::Entry;

use crate::bi;

mod toml_serde;
mod tree;
mod value;

use tree::Made;
pub(crate) use tree::{Fault, Kind, MAX_DEPTH, Table, Value};
use value::Scanner;

/// Maximum number of spaces and tabs in a row, in quotes, comments and everywhere else.
const MAX_BLANKS: usize = 60;

/// Maximum number of faults that are reported.
const MAX_FAULTS: usize = 50;

/// Reads a document. Returns what could be read, and the faults, at most [`MAX_FAULTS`].
pub(crate) fn parse(text: &str) -> (Table, Vec<Fault>) {
    let mut faults: Vec<_> = check_blanks(text).err().into_iter().collect();
    let mut scanner = Scanner::new(text);
    let mut root = Table { line: 1, made: Made::Header, ..Table::default() };
    // Values under a header that cannot be used are dropped.
    let mut nowhere = Table::default();
    let mut section = Some(Vec::new());
    while faults.len() < MAX_FAULTS {
        let start = scanner.clone();
        match statement(&mut scanner, &mut root, &mut nowhere, &mut section) {
            Ok(true) => {}
            Ok(false) => break,
            Err(fault) => {
                faults.push(fault);
                scanner = start.after_statement();
            }
        }
    }
    (root, faults)
}

/// Reads one header or assignment; returns whether there was one.
fn statement(
    scanner: &mut Scanner<'_>,
    root: &mut Table,
    nowhere: &mut Table,
    section: &mut Option<Vec<String>>,
) -> Result<bool, Fault> {
    if !scanner.skip_to_content()? {
        return Ok(false);
    }
    if scanner.eat("[") {
        // Until the header has proved valid, what follows belongs to no table.
        *section = None;
        *section = Some(header(scanner, root)?);
    } else {
        let table = match section {
            None => nowhere,
            Some(section) => open(root, section).ok_or_else(|| {
                Fault::at(scanner.line(), bi!("nothing can be added to this table", "不能再向该表添加内容"))
            })?,
        };
        assign(scanner, table, 0)?;
    }
    scanner.end_of_line()?;
    Ok(true)
}

/// Refuses blanks that could push text out of the editor's window.
fn check_blanks(text: &str) -> Result<(), Fault> {
    let shown = |c: char| !matches!(c, ' ' | '\t' | '\u{3000}');
    let hides = |line: &str| line.split(shown).any(|blanks| blanks.chars().count() > MAX_BLANKS);
    text.split('\n').position(hides).map_or(Ok(()), |before| {
        let message = bi!(
            "more than {MAX_BLANKS} spaces or tabs in a row: they could hide what follows",
            "连续超过 {MAX_BLANKS} 个空格或制表符：其后的内容可能被隐藏"
        );
        Err(Fault::at(before + 1, message))
    })
}

/// Reads a header after its first bracket; returns the parts of its name.
fn header(scanner: &mut Scanner<'_>, root: &mut Table) -> Result<Vec<String>, Fault> {
    let line = scanner.line();
    let array = scanner.eat("[");
    let name = scanner.key()?;
    scanner.expect(if array { "]]" } else { "]" })?;
    let twice = || {
        let name = name.join(".");
        Fault::at(line, bi!("{name} is defined twice", "{name} 被定义了两次"))
    };
    let nameless = || Fault::at(line, bi!("a header without a name", "表头没有名称"));
    let (last, path) = name.split_last().ok_or_else(nameless)?;
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

/// The table with this name inside `table`, which is created if it is missing; `None` if the existing one must not be
/// extended by a header (`Made::InPassing`) or by a dotted key (`Made::Dotted`).
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

/// The table that the last header named.
fn open<'a>(root: &'a mut Table, section: &[String]) -> Option<&'a mut Table> {
    section.iter().try_fold(root, |table, name| match &mut table.entries.get_mut(name)?.1.kind {
        Kind::Table(table) => Some(table),
        Kind::Tables(tables) => tables.last_mut(),
        _ => None,
    })
}

/// Reads `key = value` into a table.
fn assign(scanner: &mut Scanner<'_>, table: &mut Table, depth: usize) -> Result<(), Fault> {
    let line = scanner.line();
    let name = scanner.key()?;
    scanner.expect("=")?;
    let twice = || {
        let name = name.join(".");
        Fault::at(line, bi!("{name} is given twice", "{name} 写了两次"))
    };
    let nameless = || Fault::at(line, bi!("a value without a name", "值没有名称"));
    let (last, path) = name.split_last().ok_or_else(nameless)?;
    let mut table = table;
    for part in path {
        table = step(table, part, Made::Dotted, line).ok_or_else(twice)?;
    }
    let value = value(scanner, depth);
    let Entry::Vacant(free) = table.entries.entry(last.clone()) else {
        return Err(value.err().unwrap_or_else(twice));
    };
    let (value, fault) = match value {
        Ok(value) => (value, Ok(())),
        Err(fault) => (Value { line, kind: Kind::Unread }, Err(fault)),
    };
    free.insert((line, value));
    fault
}

fn value(scanner: &mut Scanner<'_>, depth: usize) -> Result<Value, Fault> {
    let line = scanner.line();
    if depth > MAX_DEPTH {
        return Err(Fault::at(line, bi!("nested deeper than any plan needs", "嵌套层数超过任何计划")));
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
