//! The rows that a page has no room for: each long table in its own CSV file, and all of them in one JSON file, next to the page.
//!
//! Rows are written as they arrive, so no table is ever in memory as a whole. The first failure is kept and reported at the end, so the
//! sections need not check for errors after each row.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keyferry_core::{Bilingual, Fingerprint, Lang, is_deceptive};
use keyferry_transport::{Access, FileError, Streamed, Unpublished};
use serde_json::{Value, json};

use super::cell::Cell;

/// The tables that can be long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Long {
    Reasons,
    Deviations,
    Keys,
    Commitments,
    Commands,
    Machine,
    Backup,
    Drills,
    Life,
    Requests,
}

impl Long {
    const ALL: [Self; 10] = [
        Self::Reasons,
        Self::Deviations,
        Self::Keys,
        Self::Commitments,
        Self::Commands,
        Self::Machine,
        Self::Backup,
        Self::Drills,
        Self::Life,
        Self::Requests,
    ];

    /// The word for it in the name of its file and in the JSON file.
    const fn word(self) -> &'static str {
        match self {
            Self::Reasons => "reasons",
            Self::Deviations => "deviations",
            Self::Keys => "keys",
            Self::Commitments => "commitments",
            Self::Commands => "commands",
            Self::Machine => "machine",
            Self::Backup => "backup",
            Self::Drills => "drills",
            Self::Life => "life",
            Self::Requests => "requests",
        }
    }
}

/// The paths of a page's attached files.
pub(super) struct Paths {
    csv: BTreeMap<Long, PathBuf>,
    json: PathBuf,
}

impl Paths {
    /// The paths next to the page: `report.html` has `report.keys.csv` and `report.rows.json`.
    pub(super) fn of(page: &Path) -> Self {
        let beside = |ending: &str| page.with_extension(ending);
        let csv = Long::ALL.map(|table| (table, beside(&format!("{}.csv", table.word())))).into();
        Self { csv, json: beside("rows.json") }
    }

    fn csv(&self, table: Long) -> &Path {
        self.csv.get(&table).unwrap_or(&self.json)
    }
}

/// A complete file that does not have its final name yet.
pub(super) struct Attached<'p> {
    pub(super) path: &'p Path,
    pub(super) sha256: Fingerprint,
    output: Unpublished<'p>,
}

impl Attached<'_> {
    /// Its name, as the page states it.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Renames it to its final name.
    pub(super) fn publish(self) -> Result<(), FileError> {
        self.output.publish()?.sync()
    }
}

/// The files while they are being written.
pub(super) struct Attachments<'p> {
    paths: &'p Paths,
    lang: Lang,
    whole: Vec<Attached<'p>>,
    json: Option<Streamed<'p>>,
    failed: Option<FileError>,
}

/// A table while it is being written.
pub(super) struct Rows<'p> {
    csv: Streamed<'p>,
    heads: Vec<String>,
    is_first: bool,
}

impl<'p> Attachments<'p> {
    pub(super) const fn new(paths: &'p Paths, lang: Lang) -> Self {
        Self { paths, lang, whole: Vec::new(), json: None, failed: None }
    }

    /// Begins the files of a table; `None` if this or an earlier step failed.
    pub(super) fn begin(&mut self, table: Long, heads: &[Bilingual]) -> Option<Rows<'p>> {
        if self.failed.is_some() {
            return None;
        }
        let begun = self.open(table, heads);
        begun.map_err(|error| self.failed = Some(error)).ok()
    }

    fn open(&mut self, table: Long, heads: &[Bilingual]) -> Result<Rows<'p>, FileError> {
        let mut csv = Streamed::create(self.paths.csv(table), Access::Everyone)?;
        let heads: Vec<String> = heads.iter().map(|head| head.en.clone()).collect();
        let line = heads.iter().map(|head| quoted(head)).collect::<Vec<_>>().join(",");
        csv.write(format!("{line}\r\n").as_bytes())?;
        let (start, json) = match self.json.take() {
            Some(json) => (",\n".to_owned(), json),
            None => (json_head(self.lang), Streamed::create(&self.paths.json, Access::Everyone)?),
        };
        let json = self.json.insert(json);
        json.write(format!("{start}    {}: [", Value::from(table.word())).as_bytes())?;
        Ok(Rows { csv, heads, is_first: true })
    }

    /// Adds a row to a table.
    pub(super) fn add(&mut self, rows: &mut Rows<'p>, row: &[Cell]) {
        if self.failed.is_none() {
            self.failed = self.write(rows, row).err();
        }
    }

    fn write(&mut self, rows: &mut Rows<'p>, row: &[Cell]) -> Result<(), FileError> {
        let line = row.iter().map(|cell| quoted(&cell.text)).collect::<Vec<_>>().join(",");
        rows.csv.write(format!("{line}\r\n").as_bytes())?;
        let members =
            rows.heads.iter().zip(row).map(|(head, cell)| (head.clone(), Value::from(cell.text.as_str())));
        let start = if rows.is_first { "\n      " } else { ",\n      " };
        rows.is_first = false;
        match &mut self.json {
            Some(json) => json.write(format!("{start}{}", Value::Object(members.collect())).as_bytes()),
            None => Ok(()),
        }
    }

    /// Ends a table; returns the name and digest of its CSV file, unless something failed.
    pub(super) fn end(&mut self, rows: Rows<'p>) -> Option<(String, Fingerprint)> {
        if self.failed.is_some() {
            return None;
        }
        let ended = self.close(rows);
        ended.map_err(|error| self.failed = Some(error)).ok()
    }

    fn close(&mut self, rows: Rows<'p>) -> Result<(String, Fingerprint), FileError> {
        if let Some(json) = &mut self.json {
            json.write(b"\n    ]")?;
        }
        self.keep(rows.csv)
    }

    fn keep(&mut self, streamed: Streamed<'p>) -> Result<(String, Fingerprint), FileError> {
        let path = streamed.path();
        let (output, sha256) = streamed.finish()?;
        let attached = Attached { path, sha256, output };
        let name = attached.name();
        self.whole.push(attached);
        Ok((name, sha256))
    }

    /// All files, completed; empty if no table was long.
    ///
    /// # Errors
    /// The first [`FileError`] that occurred.
    pub(super) fn finish(&mut self) -> Result<Vec<Attached<'p>>, FileError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if let Some(mut json) = self.json.take() {
            json.write(b"\n  }\n}\n")?;
            self.keep(json)?;
        }
        Ok(std::mem::take(&mut self.whole))
    }
}

fn json_head(lang: Lang) -> String {
    let lang = match lang {
        Lang::En => json!("en"),
        Lang::Zh => json!("zh"),
    };
    format!("{{\n  \"format\": \"keyferry/report-rows/1\",\n  \"lang\": {lang},\n  \"tables\": {{\n")
}

/// A field of a CSV file (RFC 4180). A spreadsheet would evaluate a cell that begins with one of `=+-@` or their full-width forms, so an
/// apostrophe is put before it.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let shown: String = text.chars().map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect();
    format!("\"{}{}\"", if formula { "'" } else { "" }, shown.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use keyferry_core::bi;

    use super::*;

    #[test]
    fn a_field_is_never_a_formula_nor_two_fields() {
        assert_eq!(quoted("a\"b,c"), "\"a\"\"b,c\"");
        assert_eq!(quoted("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        assert_eq!(quoted("a\r\n\u{202e}b"), "\"a\u{fffd}\u{fffd}\u{fffd}b\"");
    }

    #[test]
    fn all_rows_are_in_both_files() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::of(&dir.path().join("report.html"));
        let mut attachments = Attachments::new(&paths, Lang::En);
        let heads = [bi!("alias", "别名"), bi!("n", "数")];
        for (table, word) in [(Long::Keys, "keys"), (Long::Requests, "requests")] {
            let mut rows = attachments.begin(table, &heads).unwrap();
            for n in 0..3 {
                attachments.add(&mut rows, &[Cell::plain("a,b"), Cell::plain(n)]);
            }
            assert_eq!(attachments.end(rows).unwrap().0, format!("report.{word}.csv"));
        }
        for file in attachments.finish().unwrap() {
            file.publish().unwrap();
        }
        let csv = std::fs::read_to_string(dir.path().join("report.keys.csv")).unwrap();
        assert_eq!(csv, "\"alias\",\"n\"\r\n\"a,b\",\"0\"\r\n\"a,b\",\"1\"\r\n\"a,b\",\"2\"\r\n");
        let json = std::fs::read(dir.path().join("report.rows.json")).unwrap();
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["tables"]["requests"][2], json!({"alias": "a,b", "n": "2"}));
        assert_eq!(json["tables"]["keys"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn a_name_that_is_taken_is_the_error_and_nothing_appears() {
        let dir = tempfile::tempdir().unwrap();
        let taken = dir.path().join("report.keys.csv");
        std::fs::write(&taken, "old").unwrap();
        let paths = Paths::of(&dir.path().join("report.html"));
        let mut attachments = Attachments::new(&paths, Lang::En);
        assert!(attachments.begin(Long::Keys, &[]).is_none() && attachments.begin(Long::Life, &[]).is_none());
        assert!(matches!(attachments.finish(), Err(FileError::Exists(_))));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(std::fs::read(&taken).unwrap(), b"old");
    }
}
