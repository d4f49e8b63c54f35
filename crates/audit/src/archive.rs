//! `keyferry archive`: collects a ceremony's record from one or several folders into a new one, with `SHA256SUMS`.
//!
//! It takes only the files that belong to a record: a session, credentials, shares and files that desktops leave are named and stay
//! where they are. Two different copies of a file are refused. Before anything is written, the collected files are checked as
//! `verify` checks them, except for missing signatures. The archive appears as a whole, under a name that did not exist
//! before.

use std::path::{Path, PathBuf};

use crate::record::{Audit, Expect, Folder, Record, SIGNATURES, SUMS, merge, sums};
use keyferry_core::{Fingerprint, bi};
use keyferry_transport::{Access, Console, FileError, NewFolder, check_free, write_new};
use serde_json::json;

use crate::error::Error;
use crate::sign;

/// Collect a ceremony's record from one or several folders into a new one, with SHA256SUMS
#[derive(Debug, clap::Args)]
pub struct Archive {
    /// Folders with the ceremony's files: the medium, and any others that hold some of them
    #[arg(value_name = "MEDIUM", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// New folder for the archive
    #[arg(value_name = "ARCHIVE", required = true)]
    pub(crate) archive: PathBuf,
}

/// Collects, checks, and writes the archive.
///
/// # Errors
/// [`Error`]: two copies differ, the record is refused, or the archive cannot be written.
pub fn run(args: &Archive, console: &Console) -> Result<(), Error> {
    check_free(&args.archive)?;
    let read = |dir: &PathBuf| Ok((dir.clone(), Folder::read(dir)?));
    let folders = args.folders.iter().map(read).collect::<Result<Vec<_>, FileError>>()?;
    let folder = merge(&folders)?;
    let audit = Audit::of(&folder, &Expect::default());
    audit.verdict_before_signing()?;
    let Some(record) = &audit.record else { return Ok(audit.verdict()?) };
    let files = write(&folder, &args.archive)?;
    show(record, &files, &folders, console);
    sign::standing(&audit, None, console);
    if !console.json() {
        console.row(&bi!("wrote", "已写出"), &args.archive.display().to_string());
        console.result_line(&args.archive.display().to_string());
        return Ok(());
    }
    let listed = files.iter().map(|(name, sha256)| json!({"file": name, "sha256": sha256}));
    let left_out = left_out(&folders).map(|path| json!(path));
    console.result(&json!({
        "command": "archive", "archive": args.archive, "ceremony": record.plan.ceremony(), "head": record.chain.head(),
        "files": listed.collect::<Vec<_>>(), "left_out": left_out.collect::<Vec<_>>(),
        "signatures": sign::standing_json(&audit, None),
    }));
    Ok(())
}

/// Writes each file, `SHA256SUMS` last; returns their names and digests.
fn write(folder: &Folder, archive: &Path) -> Result<Vec<(String, Fingerprint)>, FileError> {
    let new = NewFolder::create(archive)?;
    if !folder.signatures.is_empty() {
        new.make(SIGNATURES)?;
    }
    let sums = sums(folder);
    let mut written = Vec::new();
    for (name, bytes) in folder.parts().chain([(SUMS.to_owned(), sums.as_bytes())]) {
        write_new(&new.hidden().join(&name), bytes, Access::Everyone)?;
        written.push((name, Fingerprint::of(bytes)));
    }
    new.publish()?;
    Ok(written)
}

fn show(record: &Record, files: &[(String, Fingerprint)], folders: &[(PathBuf, Folder)], console: &Console) {
    console.row(&bi!("ceremony", "仪式"), record.plan.ceremony().as_str());
    for (name, sha256) in files {
        console.row(&bi!("archived", "已存档"), name);
        console.hex(&bi!("", ""), sha256);
    }
    for path in left_out(folders) {
        console.row(&bi!("left out", "未存档"), &path.display().to_string());
    }
    console.digest(&bi!("head", "链尾摘要"), &record.chain.head(), &record.plan.word_languages());
}

/// Shows the files that are not part of a record.
fn left_out(folders: &[(PathBuf, Folder)]) -> impl Iterator<Item = PathBuf> {
    folders.iter().flat_map(|(dir, folder)| folder.others.iter().map(|name| dir.join(name)))
}
