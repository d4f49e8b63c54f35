//! Reads a record's files one after the other, and keeps the content and the digest of each, but not its text. The transcript, by far the
//! longest file, is read line by line.

use keyferry_core::artefact::names;
use std::path::Path;

use keyferry_core::artefact::{self, Artefact, ArtefactError, MAX_ARTEFACT};
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::steps::LIFE_FILE;
use keyferry_core::transcript::{
    KnownKeys, MAX_LINE, MAX_OPENINGS, MAX_TRANSCRIPT, Openings, TranscriptError,
};
use keyferry_core::{CeremonyPlan, Fingerprint, Transcript};
use keyferry_transport::{CappedLines, FileError, OPENINGS_FILE, read_capped};

use super::contents::{Contents, Read};
use super::folder::{MAX_SUMS, SUMS, Signature, read, signatures_and_others};
use super::message::{Message, Pieces};
use super::{Folder, SIGNATURES};

/// The facts that an audit needs from a record's files.
#[derive(Debug)]
pub struct Files {
    pub(super) contents: Contents,
    /// SHA-256 of each existing file of the record, including signatures, by its name in the folder.
    pub(super) digests: Vec<(String, Fingerprint)>,
    message: Message,
    pub(super) sums: Option<Vec<u8>>,
    pub(super) signatures: Vec<Signature>,
    pub(super) others: Vec<String>,
}

impl Files {
    /// Reads a folder; missing files are left out. The audit decides whether the files are well formed.
    ///
    /// # Errors
    /// [`FileError`] if a folder or file cannot be read, or is longer than its cap.
    pub fn read(dir: &Path) -> Result<Self, FileError> {
        let mut contents = Contents::default();
        let mut digests = Vec::new();
        // Files whose whole text is in memory while it is parsed come first, before anything long is kept.
        let plan = text(dir, names::PLAN, MAX_PLAN, &mut digests)?.map(|bytes| CeremonyPlan::parse(&bytes));
        let known =
            plan.as_ref().and_then(|plan| plan.as_ref().ok()).map(KnownKeys::of_plan).unwrap_or_default();
        contents.parameters = artefact(dir, names::PARAMETERS, &mut digests)?;
        contents.parameters.iter_mut().flatten().for_each(|(file, _)| known.share_parameters(file));
        contents.condense_parameters();
        contents.ciphertext = artefact(dir, names::CIPHERTEXT, &mut digests)?;
        contents.ciphertext.iter_mut().flatten().for_each(|(file, _)| known.share_ciphertext(file));
        contents.condense_ciphertext();
        contents.escrow = artefact(dir, names::ESCROW, &mut digests)?;
        contents.openings =
            text(dir, OPENINGS_FILE, MAX_OPENINGS, &mut digests)?.map(|bytes| Openings::parse(&bytes));
        let mut message = Pieces::default();
        contents.transcript = transcript(&dir.join(names::TRANSCRIPT), &known, &mut message)?;
        contents.drills = transcript(&dir.join(names::DRILLS), &known, &mut Pieces::default())?;
        contents.life = transcript(&dir.join(LIFE_FILE), &known, &mut Pieces::default())?;
        contents.plan = plan;
        let message = message.message();
        if contents.transcript.is_some() {
            digests.push((names::TRANSCRIPT.to_owned(), message.sha256()));
        }
        let sums = read(dir, SUMS, MAX_SUMS)?;
        let (signatures, others) = signatures_and_others(dir)?;
        digests.extend(signatures.iter().map(digest_of));
        Ok(Self { contents, digests, message, sums, signatures, others })
    }

    /// Takes the files of a folder that is in memory.
    #[must_use]
    pub fn of(folder: &Folder) -> Self {
        Self {
            contents: Contents::of(folder),
            digests: folder.parts().map(|(name, bytes)| (name, Fingerprint::of(bytes))).collect(),
            message: Message::of(folder.transcript.as_deref().unwrap_or_default()),
            sums: folder.sums.clone(),
            signatures: folder.signatures.clone(),
            others: folder.others.clone(),
        }
    }

    /// The digests that signatures cover.
    #[must_use]
    pub const fn message(&self) -> &Message {
        &self.message
    }
}

fn digest_of((name, bytes): &Signature) -> (String, Fingerprint) {
    (format!("{SIGNATURES}/{name}"), Fingerprint::of(bytes))
}

type Digests = Vec<(String, Fingerprint)>;

fn text(dir: &Path, name: &str, cap: usize, digests: &mut Digests) -> Result<Option<Vec<u8>>, FileError> {
    let bytes = read(dir, name, cap)?;
    digests.extend(bytes.as_deref().map(|bytes| (name.to_owned(), Fingerprint::of(bytes))));
    Ok(bytes)
}

fn artefact<T: Artefact>(
    dir: &Path,
    name: &str,
    digests: &mut Digests,
) -> Result<Read<(T, Fingerprint), ArtefactError>, FileError> {
    Ok(text(dir, name, MAX_ARTEFACT, digests)?.map(|bytes| artefact::parse(&bytes)))
}

/// Reads a transcript by itself, without keeping its text; `None` for an empty file.
///
/// # Errors
/// [`FileError`] if it cannot be read; the inner error says why it was refused.
pub fn read_transcript(path: &Path) -> Result<Result<Option<Transcript>, TranscriptError>, FileError> {
    let read = transcript(path, &KnownKeys::default(), &mut Pieces::default())?;
    read.ok_or_else(|| FileError::NotFound(path.into()))
}

/// A lower bound for the length of a transcript's line in bytes: the names of its members, a digest and a
/// time alone are longer.
const SHORTEST: usize = 150;

/// Why a transcript was not read to its end.
enum Stop {
    File(FileError),
    Line,
}

impl From<TranscriptError> for Stop {
    fn from(_: TranscriptError) -> Self {
        Self::Line
    }
}

/// Reads a transcript line by line. A refused transcript is read again as a whole, because only the whole file shows that an editor
/// saved it again.
fn transcript(
    path: &Path,
    names: &KnownKeys<'_>,
    message: &mut Pieces,
) -> Result<Read<Option<Transcript>, TranscriptError>, FileError> {
    let open = || CappedLines::open(path, MAX_TRANSCRIPT, MAX_LINE + 1);
    let mut lines = match open() {
        Ok(lines) => lines,
        Err(FileError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let expected = open()?.count()?.min(lines.left() / SHORTEST);
    let next = |line: &mut Vec<u8>| {
        lines.next_into(line).map_err(Stop::File)?;
        message.add(line);
        Ok(())
    };
    let verified = Transcript::verify_lines(expected, next, names);
    match verified {
        Ok(chain) => Ok(Some(Ok(chain))),
        Err(Stop::File(error)) => Err(error),
        Err(Stop::Line) => {
            let bytes = read_capped(path, MAX_TRANSCRIPT)?;
            *message = Pieces::default();
            message.add(&bytes);
            Ok(Some(Transcript::verify(&bytes)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{Audit, Expect};
    use super::*;

    /// For any change to a file, reading it piece by piece has the same result as reading it as a whole.
    #[test]
    fn an_audit_of_files_is_the_audit_of_the_folder() {
        let record = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/0.1/one-key/record"));
        let dir = tempfile::tempdir().unwrap();
        let saved_again = |text: &[u8]| String::from_utf8_lossy(text).replace('\n', "\r\n").into_bytes();
        let marked = |text: &[u8]| [b"\xef\xbb\xbf", text].concat();
        let torn = |text: &[u8]| text[..text.len() - 7].to_vec();
        let one_line = |text: &[u8]| String::from_utf8_lossy(text).replace('\n', " ").into_bytes();
        type Edit<'e> = &'e dyn Fn(&[u8]) -> Vec<u8>;
        let edits: [Edit<'_>; 6] =
            [&|text| text.to_vec(), &saved_again, &marked, &torn, &one_line, &|_| Vec::new()];
        for name in ["transcript.jsonl", "plan.toml", "parameters.json", "ciphertext.json"] {
            for edit in edits {
                for entry in fs::read_dir(record).unwrap().map(Result::unwrap).filter(|e| e.path().is_file())
                {
                    let bytes = fs::read(entry.path()).unwrap();
                    let bytes = if entry.file_name() == name { edit(&bytes) } else { bytes };
                    fs::write(dir.path().join(entry.file_name()), bytes).unwrap();
                }
                let whole = Audit::of(&Folder::read(dir.path()).unwrap(), &Expect::default());
                let pieces = Audit::of_files(Files::read(dir.path()).unwrap(), &Expect::default());
                let head = |audit: &Audit| audit.record.as_ref().map(|record| record.chain.head());
                assert_eq!(head(&whole), head(&pieces), "{name}");
                assert_eq!(
                    (whole.refusals, whole.deviations),
                    (pieces.refusals, pieces.deviations),
                    "{name}"
                );
            }
        }
    }
}
