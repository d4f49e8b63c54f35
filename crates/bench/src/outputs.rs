//! The files of a measurement: the report, the page, and an older report that is read back. Nothing is ever overwritten.

use std::path::{Path, PathBuf};

use keyferry_core::{artefact, bi};
use keyferry_transport::{Access, Console, FileError, check_free, read_capped, write_new};

use super::BenchError;
use super::compare::Comparison;
use super::figures::{MAX_REPORT, Report};
use super::page;

/// The paths of the output files, neither of which exists yet.
pub(super) struct Outputs {
    json: PathBuf,
    html: PathBuf,
}

impl Outputs {
    /// Makes the folder if it does not exist, and refuses early if a name is taken.
    pub(super) fn reserve(folder: &Path) -> Result<Self, FileError> {
        // If this fails, the next check says why.
        let _ = std::fs::create_dir(folder);
        let this = Self { json: folder.join("bench.json"), html: folder.join("bench.html") };
        check_free(&this.json)?;
        check_free(&this.html)?;
        Ok(this)
    }

    pub(super) fn write(
        self,
        report: &Report,
        comparison: Option<&Comparison>,
        console: &Console,
    ) -> Result<(), BenchError> {
        write_new(&self.json, &artefact::to_bytes(report)?, Access::Everyone)?;
        let page = page::render(report, comparison, console.lang());
        write_new(&self.html, page.as_bytes(), Access::Everyone)?;
        console.row(&bi!("report", "报告"), &self.json.display().to_string());
        console.row(&bi!("page", "网页"), &self.html.display().to_string());
        Ok(())
    }
}

/// Reads an older report, as strictly as any artefact.
pub(super) fn read_report(path: &Path) -> Result<Report, BenchError> {
    Ok(artefact::parse::<Report>(&read_capped(path, MAX_REPORT)?)?.0)
}
