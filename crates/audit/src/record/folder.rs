//! The folder: which files it holds, their size limits, and how they are read.

use keyferry_core::artefact::names;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::steps::LIFE_FILE;
use keyferry_core::transcript::{MAX_OPENINGS, MAX_TRANSCRIPT};
use keyferry_transport::{FileError, OPENINGS_FILE, read_capped};

/// The files that a record can have.
pub(super) const FILES: [&str; 9] = [
    names::PLAN,
    names::PARAMETERS,
    names::CIPHERTEXT,
    names::TRANSCRIPT,
    names::ESCROW,
    names::DRILLS,
    LIFE_FILE,
    OPENINGS_FILE,
    SUMS,
];
/// Subfolder for the signatures, with one file for each signer.
pub const SIGNATURES: &str = "signatures";
/// Longest signature file in bytes; RSA with 16,384 bits fits.
const MAX_SIGNATURE: usize = 16 * 1024;
/// Name of the file.
pub const SUMS: &str = "SHA256SUMS";
/// Longest `SHA256SUMS` in bytes.
pub(super) const MAX_SUMS: usize = 1024 * 1024;
/// The largest number of names that are examined; no plan has that many people.
const MAX_FILES: usize = 10_000;

/// Name and bytes of a signature file.
pub(super) type Signature = (String, Vec<u8>);

/// The bytes of a record's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// `plan.toml`.
    pub plan: Option<Vec<u8>>,
    /// `parameters.json`.
    pub parameters: Option<Vec<u8>>,
    /// `ciphertext.json`.
    pub ciphertext: Option<Vec<u8>>,
    /// `transcript.jsonl`.
    pub transcript: Option<Vec<u8>>,
    /// `escrow.json`.
    pub escrow: Option<Vec<u8>>,
    /// `drills.jsonl`.
    pub drills: Option<Vec<u8>>,
    /// `life.jsonl`.
    pub life: Option<Vec<u8>>,
    /// `openings.jsonl`.
    pub openings: Option<Vec<u8>>,
    /// `SHA256SUMS`.
    pub sums: Option<Vec<u8>>,
    /// Name and bytes of each `.sig` file in `signatures`, sorted by name.
    pub signatures: Vec<(String, Vec<u8>)>,
    /// Names of files that are not part of a record, sorted; those in `signatures` include the folder's name.
    pub others: Vec<String>,
}

impl Folder {
    /// Reads every file of a record in `dir`; missing files are left out.
    ///
    /// # Errors
    /// [`FileError`] if a folder or file cannot be read, or is longer than its cap.
    pub fn read(dir: &Path) -> Result<Self, FileError> {
        let mut this = Self {
            plan: read(dir, names::PLAN, MAX_PLAN)?,
            parameters: read(dir, names::PARAMETERS, MAX_ARTEFACT)?,
            ciphertext: read(dir, names::CIPHERTEXT, MAX_ARTEFACT)?,
            transcript: read(dir, names::TRANSCRIPT, MAX_TRANSCRIPT)?,
            escrow: read(dir, names::ESCROW, MAX_ARTEFACT)?,
            drills: read(dir, names::DRILLS, MAX_TRANSCRIPT)?,
            life: read(dir, LIFE_FILE, MAX_TRANSCRIPT)?,
            openings: read(dir, OPENINGS_FILE, MAX_OPENINGS)?,
            sums: read(dir, SUMS, MAX_SUMS)?,
            ..Self::default()
        };
        (this.signatures, this.others) = signatures_and_others(dir)?;
        Ok(this)
    }

    /// Every existing file as an archive holds it: its name in the folder, and its bytes.
    pub fn parts(&self) -> impl Iterator<Item = (String, &[u8])> {
        let own = self.files().into_iter();
        let own = own.filter_map(|(name, bytes)| Some((name.to_owned(), bytes.as_deref()?)));
        let signatures = self.signatures.iter();
        own.chain(signatures.map(|(name, bytes)| (format!("{SIGNATURES}/{name}"), bytes.as_slice())))
    }

    /// The record's own files except the signatures: name and bytes.
    pub(super) fn files(&self) -> [(&'static str, &Option<Vec<u8>>); 8] {
        [
            (names::PLAN, &self.plan),
            (names::PARAMETERS, &self.parameters),
            (names::CIPHERTEXT, &self.ciphertext),
            (names::TRANSCRIPT, &self.transcript),
            (names::ESCROW, &self.escrow),
            (names::DRILLS, &self.drills),
            (LIFE_FILE, &self.life),
            (OPENINGS_FILE, &self.openings),
        ]
    }
}

/// The signature files, and the names of files that are not part of a record.
pub(super) fn signatures_and_others(dir: &Path) -> Result<(Vec<Signature>, Vec<String>), FileError> {
    let own = FILES.into_iter().chain([SIGNATURES]).collect::<Vec<_>>();
    let mut others: Vec<_> = names(dir)?.into_iter().filter(|name| !own.contains(&name.as_str())).collect();
    let (folder, mut signatures) = (dir.join(SIGNATURES), Vec::new());
    if folder.is_dir() {
        for name in names(&folder)? {
            match read_signature(&folder.join(&name))? {
                Some(bytes) => signatures.push((name, bytes)),
                None => others.push(format!("{SIGNATURES}/{name}")),
            }
        }
    }
    Ok((signatures, others))
}

/// Reads a file of a record; `None` if it does not exist.
pub(super) fn read(dir: &Path, name: &str, cap: usize) -> Result<Option<Vec<u8>>, FileError> {
    match read_capped(&dir.join(name), cap) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FileError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file may be a signature. Desktops leave other files in every folder that they show; those are not signatures,
/// whatever they contain.
fn read_signature(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sig")) {
        return Ok(None);
    }
    match read_capped(path, MAX_SIGNATURE) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FileError::Kind(_) | FileError::TooLarge { .. } | FileError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The names in a folder, sorted; a name that is not valid text is shown with its valid part.
fn names(dir: &Path) -> Result<Vec<String>, FileError> {
    let reading = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => FileError::NotFound(dir.into()),
        ErrorKind::PermissionDenied => FileError::Permission(dir.into()),
        kind => FileError::Other { path: dir.into(), kind, code: e.raw_os_error() },
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(reading)?.take(MAX_FILES) {
        names.push(entry.map_err(reading)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
