//! Fits a help page into 80 columns. clap does not wrap descriptions, so this module does, and aligns each line with the first.

use crate::columns::{paragraph, width};

/// Width in columns of the narrowest screen for which a page is made.
pub const COLUMNS: usize = 80;
/// The last column at which a wrapped description may begin. If it would begin later, it is put below its
/// option.
const LATEST: usize = 40;
/// Additional indentation of the following lines of a wrapped usage or example.
const STEP: usize = 4;

/// The page with its long lines wrapped.
pub(super) fn fitted(page: &str) -> String {
    let mut example = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        example |= matches!(line, "Example:" | "示例：");
        if width(line) <= COLUMNS {
            lines.push(line.to_owned());
        } else if example {
            lines.extend(continued(line, " \\"));
        } else {
            lines.extend(broken(line));
        }
    }
    lines.join("\n")
}

/// Wraps a line of text so that all of a description is below its first line, to the right of the option or
/// the label.
fn broken(line: &str) -> Vec<String> {
    let indent = line.len() - line.trim_start().len();
    if ["Usage:", "用法：", "keyferry"].iter().any(|label| line.trim_start().starts_with(label)) {
        return continued(line, "");
    }
    let hang = described(line).unwrap_or(indent);
    let (lead, text) = line.split_at(byte(line, hang));
    let rest = COLUMNS.saturating_sub(hang);
    let pieces = paragraph(text, rest, rest);
    let under = " ".repeat(hang);
    let line = |(n, piece): (usize, &String)| {
        if n == 0 { format!("{lead}{piece}") } else { format!("{under}{piece}") }
    };
    pieces.iter().enumerate().map(line).collect()
}

/// The column in which a description begins, which is after the option and at least two spaces.
fn described(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let gap = line.get(indent..)?.find("  ")? + indent;
    let text = line.get(gap..)?;
    let column = width(line.get(..gap)?) + text.len() - text.trim_start().len();
    (column <= LATEST).then_some(column)
}

/// The byte of a line at which a column begins.
fn byte(line: &str, column: usize) -> usize {
    let mut columns = 0;
    for (at, c) in line.char_indices() {
        if columns >= column {
            return at;
        }
        columns += width(c.encode_utf8(&mut [0; 4]));
    }
    line.len()
}

/// Splits a command line into several lines, each of which except the last ends with the mark. An option
/// stays with its value.
fn continued(line: &str, mark: &str) -> Vec<String> {
    let indent = line.len() - line.trim_start().len();
    let mut lines: Vec<String> = Vec::new();
    let mut now = " ".repeat(indent);
    for unit in units(line) {
        let is_empty = now.trim().is_empty();
        if !is_empty && width(&now) + 1 + width(&unit) + width(mark) > COLUMNS {
            lines.push(format!("{now}{mark}"));
            now = " ".repeat(indent + STEP);
        } else if !is_empty {
            now.push(' ');
        }
        now.push_str(&unit);
    }
    lines.push(now);
    lines
}

/// The words of a command line, each option together with its value.
fn units(line: &str) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let is_value = !word.starts_with(['-', '[']);
        match units.last_mut().filter(|unit| is_value && unit.starts_with('-') && !unit.contains(' ')) {
            Some(option) => *option += &format!(" {word}"),
            None => units.push(word.to_owned()),
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_under_their_beginning() {
        let words = "word ".repeat(20);
        let page = format!(
            "Short\n\nUsage: one {words}\n\nOptions:\n      --a <FILE>\n          {words}\n  -b, --bb  {words}\n\nExample:\n  one {words}"
        );
        let fitted = fitted(&page);
        assert!(fitted.lines().all(|line| width(line) <= COLUMNS), "{fitted}");
        let begins = |text: &str| fitted.lines().filter(|line| line.starts_with(text)).count();
        assert_eq!(begins("    word"), 1, "usage\n{fitted}");
        assert_eq!(begins("      word"), 1, "an example\n{fitted}");
        assert_eq!(begins("          word"), 2, "below an option\n{fitted}");
        assert_eq!(begins("            word"), 1, "next to an option\n{fitted}");
        assert_eq!(fitted.lines().filter(|line| line.ends_with(" \\")).count(), 1);
        assert_eq!(super::fitted("one\n  two"), "one\n  two");
        assert_eq!(units("one two --a b --c -d e f"), ["one", "two", "--a b", "--c", "-d e", "f"]);
    }

    #[test]
    fn chinese_lines_are_as_wide_as_they_are_drawn() {
        let fitted = fitted(&format!("选项：\n      --a <FILE>\n          {}", "介质".repeat(40)));
        assert_eq!(fitted.lines().count(), 2 + 3, "{fitted}");
        assert!(fitted.lines().all(|line| width(line) <= COLUMNS), "{fitted}");
    }
}
