//! The chain: verified as a whole, and added to line by line.

use super::act::Act;
use super::error::{MAX_LINE, MAX_TRANSCRIPT, TranscriptError};
use super::event::{Event, Station};
use super::known::KnownKey;
use super::line::Line;
use super::reading::Version;
use crate::{Alias, CeremonyId, Fingerprint, Timestamp};

/// A chain that is whole, and to which lines can be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    version: Option<Version>,
    pub(super) ceremony: CeremonyId,
    pub(super) lines: Vec<Line>,
    head: Fingerprint,
}

impl Transcript {
    /// An empty chain.
    #[must_use]
    pub const fn new(ceremony: CeremonyId) -> Self {
        Self { version: None, ceremony, lines: Vec::new(), head: Fingerprint::ZERO }
    }

    /// Verifies a whole transcript; `None` for an empty file.
    ///
    /// # Errors
    /// [`TranscriptError`] names the first bad line.
    pub fn verify(bytes: &[u8]) -> Result<Option<Self>, TranscriptError> {
        if bytes.len() > MAX_TRANSCRIPT {
            return Err(TranscriptError::TooLarge);
        }
        Self::chain(bytes).map_err(|e| e.of_bytes(bytes))
    }

    fn chain(bytes: &[u8]) -> Result<Option<Self>, TranscriptError> {
        let Some(body) = bytes.strip_suffix(b"\n") else {
            return if bytes.is_empty() { Ok(None) } else { Err(TranscriptError::Unterminated) };
        };
        let mut this: Option<Self> = None;
        for (n, text) in (1u64..).zip(body.split(|b| *b == b'\n')) {
            Self::take(&mut this, text, n)?;
        }
        Ok(this)
    }

    /// Verifies a transcript that comes line by line, so that its text need not be in memory as a whole; `None` if there is no line. `next`
    /// puts the next line into the buffer, line break included, and nothing at the end. Room for `expected` lines is made at once, because
    /// a list that grows is in memory twice while it does. Lines share the memory of the names that `known` has.
    ///
    /// # Errors
    /// What `next` refuses with, or a [`TranscriptError`]. Only [`verify`](Self::verify), which has the whole text, finds that an editor
    /// saved it in another encoding or with other line ends.
    pub fn verify_lines<'k, E: From<TranscriptError>>(
        expected: usize,
        mut next: impl FnMut(&mut Vec<u8>) -> Result<(), E>,
        known: impl Fn(&Alias) -> Option<KnownKey<'k>>,
    ) -> Result<Option<Self>, E> {
        let (mut this, mut line, mut length) = (None, Vec::new(), 0_usize);
        for n in 1.. {
            line.clear();
            next(&mut line)?;
            if line.is_empty() {
                break;
            }
            length = length.saturating_add(line.len());
            if length > MAX_TRANSCRIPT {
                return Err(TranscriptError::TooLarge.into());
            }
            let text = line.strip_suffix(b"\n").ok_or(TranscriptError::Unterminated)?;
            Self::take(&mut this, text, n)?;
            if let (1, Some(chain)) = (n, &mut this) {
                chain.lines.reserve_exact(expected.saturating_sub(1));
            }
            let last = this.as_mut().and_then(|chain: &mut Self| chain.lines.last_mut());
            last.into_iter().for_each(|line| line.event.share_names(&known));
        }
        Ok(this)
    }

    /// Takes line `n`, from 1, into the chain so far.
    fn take(this: &mut Option<Self>, text: &[u8], n: u64) -> Result<(), TranscriptError> {
        let (version, line) = Version::parse(this.as_ref().and_then(|c| c.version), text, n)?;
        let chain = this.get_or_insert_with(|| Self::new(line.ceremony.clone()));
        chain.version = Some(version);
        chain.accept(line, text)
    }

    fn accept(&mut self, mut line: Line, text: &[u8]) -> Result<(), TranscriptError> {
        let n = self.lines.len() as u64;
        if line.seq != n || line.prev != self.head {
            return Err(TranscriptError::Chain { line: n + 1 });
        }
        if line.ceremony != self.ceremony {
            return Err(TranscriptError::Ceremony { line: n + 1 });
        }
        line.ceremony = self.ceremony.clone();
        self.head = Fingerprint::of(text);
        self.lines.push(line);
        Ok(())
    }

    /// Adds an event and returns its line, line break included.
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the line would exceed [`MAX_LINE`].
    pub fn append(
        &mut self,
        station: Station,
        time: Timestamp,
        act: Act,
        event: Event,
    ) -> Result<String, TranscriptError> {
        let (seq, names_format) = (self.lines.len() as u64, self.version != Some(Version::Two));
        let line = Line {
            names_format,
            seq,
            prev: self.head,
            time,
            station,
            ceremony: self.ceremony.clone(),
            act,
            event,
        };
        let mut text = serde_json::to_string(&line).map_err(|_| TranscriptError::Unwritable)?;
        if text.len() > MAX_LINE {
            return Err(TranscriptError::Unwritable);
        }
        self.head = Fingerprint::of(text.as_bytes());
        self.version = Some(Version::Two);
        self.lines.push(line);
        text.push('\n');
        Ok(text)
    }

    /// Makes room for so many further lines at once.
    pub fn reserve(&mut self, lines: usize) {
        self.lines.reserve_exact(lines);
    }

    /// Whether it began in the version before.
    #[must_use]
    pub fn began_former(&self) -> bool {
        self.lines.first().is_some_and(|line| !line.names_format)
    }

    /// Id of the ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> &CeremonyId {
        &self.ceremony
    }

    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        crate::tally::hand_out(&self.lines)
    }

    /// SHA-256 of the last line: what people read aloud and sign.
    #[must_use]
    pub const fn head(&self) -> Fingerprint {
        self.head
    }
}
