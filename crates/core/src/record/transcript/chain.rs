//! The chain, which is verified as a whole and extended line by line.

use super::act::Act;
use super::event::{Event, Station};
use super::line::Line;
use super::reading::Version;
use super::shared_names::KnownKeys;
use super::transcript_error::{MAX_LINE, MAX_TRANSCRIPT, TranscriptError};
use crate::{CeremonyId, Fingerprint, Timestamp};

/// The end of a chain: everything that the next line depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    version: Option<Version>,
    ceremony: CeremonyId,
    lines: u64,
    head: Fingerprint,
}

impl Tip {
    /// The tip of an empty chain.
    #[must_use]
    pub const fn new(ceremony: CeremonyId) -> Self {
        Self { version: None, ceremony, lines: 0, head: Fingerprint::ZERO }
    }

    /// Id of the ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> &CeremonyId {
        &self.ceremony
    }

    /// How many lines the chain has.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// SHA-256 of the last line; zeros if there is none.
    #[must_use]
    pub const fn head(&self) -> Fingerprint {
        self.head
    }

    /// Reads a line as the next one of the chain so far.
    fn read(this: &mut Option<Self>, text: &[u8]) -> Result<Line, TranscriptError> {
        let (before, n) = this.as_ref().map_or((None, 1), |tip| (tip.version, tip.lines + 1));
        let (version, line) = Version::parse(before, text, n)?;
        let tip = this.get_or_insert_with(|| Self::new(line.ceremony.clone()));
        tip.version = Some(version);
        tip.accept(line, text)
    }

    fn accept(&mut self, mut line: Line, text: &[u8]) -> Result<Line, TranscriptError> {
        let n = self.lines;
        if line.seq != n || line.prev != self.head {
            return Err(TranscriptError::Chain { line: n + 1 });
        }
        if line.ceremony != self.ceremony {
            return Err(TranscriptError::Ceremony { line: n + 1 });
        }
        line.ceremony = self.ceremony.clone();
        self.advance(text);
        Ok(line)
    }

    fn advance(&mut self, text: &[u8]) {
        self.head = Fingerprint::of(text);
        self.lines += 1;
    }

    /// Makes the next line of the chain; returns it and its text, line break included.
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the line would exceed [`MAX_LINE`].
    pub fn append(
        &mut self,
        station: Station,
        time: Timestamp,
        act: Act,
        event: Event,
    ) -> Result<(Line, String), TranscriptError> {
        let line = Line {
            names_format: self.version != Some(Version::Two),
            seq: self.lines,
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
        self.advance(text.as_bytes());
        self.version = Some(Version::Two);
        text.push('\n');
        Ok((line, text))
    }
}

/// Verifies lines one after the other; the whole text never has to be in memory. The caller decides which lines to keep.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    tip: Option<Tip>,
    bytes: usize,
}

impl Verifier {
    /// Takes the next line, line break included.
    ///
    /// # Errors
    /// [`TranscriptError`] names the line. Only [`Transcript::verify`], which has the whole text, can detect that an editor saved it in
    /// another encoding or with other line ends.
    pub fn take(&mut self, line: &[u8]) -> Result<Line, TranscriptError> {
        self.bytes = self.bytes.saturating_add(line.len());
        if self.bytes > MAX_TRANSCRIPT {
            return Err(TranscriptError::TooLarge);
        }
        let text = line.strip_suffix(b"\n").ok_or(TranscriptError::Unterminated)?;
        Tip::read(&mut self.tip, text)
    }

    /// The tip of the chain; `None` if there was no line.
    #[must_use]
    pub fn tip(self) -> Option<Tip> {
        self.tip
    }
}

/// A verified chain, with its lines in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    tip: Tip,
    pub(super) lines: Vec<Line>,
}

impl Transcript {
    /// An empty chain.
    #[must_use]
    pub const fn new(ceremony: CeremonyId) -> Self {
        Self { tip: Tip::new(ceremony), lines: Vec::new() }
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
        let (mut tip, mut lines) = (None, Vec::new());
        for text in body.split(|b| *b == b'\n') {
            lines.push(Tip::read(&mut tip, text)?);
        }
        Ok(tip.map(|tip| Self { tip, lines }))
    }

    /// Verifies a transcript that arrives line by line; `None` if there is no line. `next` puts the next line into the buffer,
    /// line break included, or nothing at the end. Memory for `expected` lines is allocated at once, because a growing list is in
    /// memory twice for a moment. Lines share the memory of the names in `known`.
    ///
    /// # Errors
    /// The errors of `next` and of [`Verifier::take`].
    pub fn verify_lines<E: From<TranscriptError>>(
        expected: usize,
        mut next: impl FnMut(&mut Vec<u8>) -> Result<(), E>,
        known: &KnownKeys<'_>,
    ) -> Result<Option<Self>, E> {
        let (mut verifier, mut lines, mut line) = (Verifier::default(), Vec::new(), Vec::new());
        loop {
            line.clear();
            next(&mut line)?;
            if line.is_empty() {
                break;
            }
            let mut taken = verifier.take(&line)?;
            taken.event.share_names(known);
            if lines.is_empty() {
                lines.reserve_exact(expected);
            }
            lines.push(taken);
        }
        Ok(verifier.tip().map(|tip| Self { tip, lines }))
    }

    /// Adds an event and returns its line, line break included.
    ///
    /// # Errors
    /// As [`Tip::append`].
    pub fn append(
        &mut self,
        station: Station,
        time: Timestamp,
        act: Act,
        event: Event,
    ) -> Result<String, TranscriptError> {
        let (line, text) = self.tip.append(station, time, act, event)?;
        self.lines.push(line);
        Ok(text)
    }

    /// Whether the chain began in the previous version.
    #[must_use]
    pub fn began_former(&self) -> bool {
        self.lines.first().is_some_and(|line| !line.names_format)
    }

    /// Id of the ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> &CeremonyId {
        self.tip.ceremony()
    }

    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        crate::tally::hand_out(&self.lines)
    }

    /// SHA-256 of the last line, which people read aloud and sign.
    #[must_use]
    pub const fn head(&self) -> Fingerprint {
        self.tip.head()
    }
}
