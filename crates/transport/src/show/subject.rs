//! Decides what may be shown: the six files that cross, if complete and well formed. Secrets are refused by name.

use std::path::{Path, PathBuf};

use keyferry_core::artefact::{self, Form, names};
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::transcript::{Openings, TRANSCRIPT_FORMAT};
use keyferry_core::{
    Bilingual, CeremonyId, CeremonyPlan, Ciphertext, Error, Escrow, Fingerprint, Parameters, Purpose,
    Session, Transcript, bi,
};
use zeroize::Zeroizing;

use super::show_error::{ShowError, ShowRefusal};
use crate::{FileError, printable, read_secret};

/// Maximum length of a file that is shown, in bytes: 512 symbols of version 40. At eight per second, that takes a minute;
/// on paper, the practical limit is lower.
pub const MAX_SHOWN: usize = 1_500_000;
/// The format of an unfinished export at the online station, which contains import tokens too.
const FETCHED: &str = "keyferry/fetched/";
/// The format of openings, in every version. An unsupported version is refused by name.
const OPENINGS: &str = "keyferry/openings/";
/// The format of a session, which is secret in every version.
const SESSION: &str = "keyferry/session/";

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `plan.toml`.
    Plan,
    /// `parameters.json`.
    Parameters,
    /// `ciphertext.json`.
    Ciphertext,
    /// `transcript.jsonl`.
    Transcript,
    /// `openings.jsonl`.
    Openings,
    /// `escrow.json`.
    Escrow,
}

impl Kind {
    /// Every file that crosses.
    pub const ALL: [Self; 6] =
        [Self::Plan, Self::Parameters, Self::Ciphertext, Self::Escrow, Self::Transcript, Self::Openings];

    /// The usual name of the file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Plan => names::PLAN,
            Self::Parameters => names::PARAMETERS,
            Self::Ciphertext => names::CIPHERTEXT,
            Self::Transcript => names::TRANSCRIPT,
            Self::Openings => names::OPENINGS,
            Self::Escrow => names::ESCROW,
        }
    }

    /// The title of the file, for people.
    #[must_use]
    pub fn title(self) -> Bilingual {
        match self {
            Self::Plan => bi!("ceremony plan", "仪式计划"),
            Self::Parameters => bi!("import parameters", "导入参数"),
            Self::Ciphertext => bi!("wrapped key material", "已加密的密钥材料"),
            Self::Transcript => bi!("record of the ceremony", "仪式记录"),
            Self::Openings => bi!("names in the record", "仪式记录中的姓名"),
            Self::Escrow => bi!("key material, sealed under the key of the shares", "由分片打开的托管文件"),
        }
    }
}

/// A file that crosses: its exact bytes, and the digest that people compare.
#[derive(Debug)]
pub struct Subject {
    kind: Kind,
    path: PathBuf,
    bytes: Zeroizing<Vec<u8>>,
    digest: Fingerprint,
    ceremony: Option<CeremonyId>,
    purpose: Option<Purpose>,
}

impl Subject {
    /// Reads a file and checks that it may be shown.
    ///
    /// # Errors
    /// [`ShowError`] if it cannot be read, is secret, is not a file that crosses, or is damaged.
    pub fn read(path: &Path) -> Result<Self, ShowError> {
        // Only the content says what the file is, so it is treated as a secret until it has been read.
        let bytes =
            read_secret(path, MAX_SHOWN).map_err(|error| match (&error, std::fs::metadata(path)) {
                (FileError::TooLarge { .. }, Ok(found)) => {
                    let bytes = usize::try_from(found.len()).unwrap_or(usize::MAX);
                    ShowRefusal::TooLarge { bytes }.into()
                }
                _ => ShowError::from(error),
            })?;
        Self::of(path, bytes)
    }

    /// Checks that these are the bytes of a file that crosses; `path` is its name.
    ///
    /// # Errors
    /// [`ShowError`] if it is secret, is not a file that crosses, or is damaged.
    pub fn of(path: &Path, bytes: Zeroizing<Vec<u8>>) -> Result<Self, ShowError> {
        let (kind, ceremony, purpose) = Self::recognise(path, &bytes)?;
        let digest = Fingerprint::of(&bytes);
        Ok(Self { kind, path: path.into(), bytes, digest, ceremony, purpose })
    }

    fn recognise(
        path: &Path,
        bytes: &[u8],
    ) -> Result<(Kind, Option<CeremonyId>, Option<Purpose>), ShowError> {
        let refused = |e: Error| ShowError::Content(e);
        match Format::of(bytes) {
            Format::Json(f) if artefact::reads::<Parameters>(f) => {
                let (it, _) = artefact::parse::<Parameters>(bytes).map_err(|e| refused(e.into()))?;
                Ok((Kind::Parameters, Some(it.ceremony), Some(it.purpose)))
            }
            Format::Json(f) if artefact::reads::<Ciphertext>(f) => {
                let (it, _) = artefact::parse::<Ciphertext>(bytes).map_err(|e| refused(e.into()))?;
                Ok((Kind::Ciphertext, Some(it.ceremony), Some(it.purpose)))
            }
            Format::Json(f) if artefact::reads::<Escrow>(f) => {
                let (it, _) = artefact::parse::<Escrow>(bytes).map_err(|e| refused(e.into()))?;
                Ok((Kind::Escrow, Some(it.ceremony), Some(it.purpose)))
            }
            Format::Json(f) if f.starts_with(SESSION) => {
                Err(ShowRefusal::Secret { path: path.into(), format: Session::FORMAT }.into())
            }
            Format::Json(f) if f.starts_with(FETCHED) => {
                Err(ShowRefusal::Secret { path: path.into(), format: "keyferry/fetched" }.into())
            }
            Format::Plan if bytes.len() <= MAX_PLAN => {
                let plan = CeremonyPlan::parse(bytes).map_err(|e| refused(e.into()))?;
                Ok((Kind::Plan, Some(plan.ceremony().clone()), Some(plan.purpose())))
            }
            Format::Transcript => {
                let chain = Transcript::verify(bytes).map_err(|e| refused(e.into()))?;
                Ok((Kind::Transcript, chain.map(|c| c.ceremony().clone()), None))
            }
            Format::Json(f) if f.starts_with(OPENINGS) => {
                let openings = Openings::parse(bytes).map_err(|e| refused(e.into()))?;
                Ok((Kind::Openings, openings.ceremony().cloned(), None))
            }
            _ => Err(ShowRefusal::Unknown(path.into()).into()),
        }
    }

    /// The kind of file.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The exact bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes.
    #[must_use]
    pub const fn digest(&self) -> Fingerprint {
        self.digest
    }

    /// The file's name without folders, safe to show.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        printable::line(&name).chars().take(120).collect()
    }

    /// The ceremony that the file belongs to.
    #[must_use]
    pub const fn ceremony(&self) -> Option<&CeremonyId> {
        self.ceremony.as_ref()
    }

    /// Whether the file states that it belongs to a rehearsal.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.purpose == Some(Purpose::Rehearsal)
    }
}

/// The format that the beginning of a file claims. The claim is not trusted until the parser of that format
/// has accepted the file.
enum Format<'b> {
    Json(&'b str),
    Plan,
    Transcript,
    Unknown,
}

impl<'b> Format<'b> {
    fn of(bytes: &'b [u8]) -> Self {
        let start = bytes.trim_ascii_start();
        match Self::json_member(start) {
            Some(TRANSCRIPT_FORMAT) => return Self::Transcript,
            Some(format) => return Self::Json(format),
            None => {}
        }
        // Version 1 of the record did not name a format.
        if start.starts_with(b"{\"seq\":0,") {
            return Self::Transcript;
        }
        let mut lines = bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
        let first = lines.find(|l| !l.is_empty() && !l.starts_with(b"#")).unwrap_or_default();
        let value = first.strip_prefix(b"format").map(<[u8]>::trim_ascii_start);
        if value.is_some_and(|v| v.starts_with(b"=")) { Self::Plan } else { Self::Unknown }
    }

    fn json_member(start: &'b [u8]) -> Option<&'b str> {
        let mut rest = start;
        for part in [&b"{"[..], b"\"format\"", b":", b"\""] {
            rest = rest.trim_ascii_start().strip_prefix(part)?;
        }
        let end = rest.iter().take(64).position(|b| *b == b'"')?;
        core::str::from_utf8(rest.get(..end)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::{Control, Explain};

    use super::*;

    #[test]
    fn a_file_that_no_symbols_hold_is_too_large_and_not_the_wrong_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(names::TRANSCRIPT);
        std::fs::write(&path, vec![b'x'; MAX_SHOWN + 1]).unwrap();
        let refused = Subject::read(&path).unwrap_err();
        assert_eq!(refused.control(), Control::FRAME_CAPACITY);
        assert!(refused.what().en.contains("too large for QR"), "{}", refused.what().en);
        assert!(refused.hint().en.starts_with("use a medium"), "{}", refused.hint().en);
        assert!(refused.hint().zh.contains("介质"), "{}", refused.hint().zh);
    }
}
