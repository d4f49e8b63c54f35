//! Prints the findings of a command as a table on standard output.

use super::Console;
use super::text::Stream;
use crate::columns::{padded, paragraph, width};
use crate::printable;

impl Console {
    /// Prints a table. The first row names the columns. If the table is wider than the window, each row becomes a paragraph: the
    /// first cell, and below it the other cells with their column names.
    pub fn table<const N: usize>(&self, rows: &[[String; N]]) {
        let rows: Vec<[String; N]> =
            rows.iter().map(|row| row.each_ref().map(|cell| printable::line(cell))).collect();
        let wide = wide(&rows);
        let lines = match Stream::Output.columns() {
            Some(columns) if wide.iter().any(|line| width(line) > columns) => narrow(&rows, columns),
            _ => wide,
        };
        self.put(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    }
}

/// Makes each column as wide as its widest cell.
fn wide<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widest =
        |n: usize| rows.iter().filter_map(|row| row.get(n)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(widest).collect();
    let line = |row: &[String; N]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, w)| padded(cell, *w)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn narrow<const N: usize>(rows: &[[String; N]], columns: usize) -> Vec<String> {
    let Some((names, rows)) = rows.split_first() else { return Vec::new() };
    let label = names.iter().skip(1).map(|name| width(name)).max().unwrap_or(0);
    let room = columns.saturating_sub(label + 4).max(1);
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(row.first().cloned());
        for (name, cell) in names.iter().zip(row).skip(1) {
            for (n, line) in paragraph(cell, room, room).iter().enumerate() {
                let name = if n == 0 { name } else { "" };
                lines.push(format!("  {}  {line}", padded(name, label)));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> [[String; 3]; 3] {
        [["别名", "REGION", "STATE"], ["one", "ap-singapore", "Enabled"], ["密钥二", "ap-guangzhou", "-"]]
            .map(|row| row.map(str::to_owned))
    }

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        let expected =
            ["别名    REGION        STATE", "one     ap-singapore  Enabled", "密钥二  ap-guangzhou  -"];
        assert_eq!(wide(&rows()), expected);
    }

    #[test]
    fn in_a_narrow_window_each_row_is_a_paragraph() {
        let expected = [
            "one",
            "  REGION  ap-singapore",
            "  STATE   Enabled",
            "密钥二",
            "  REGION  ap-guangzhou",
            "  STATE   -",
        ];
        assert_eq!(narrow(&rows(), 24), expected);
    }
}
