//! The fold itself: one pass over the lines, which hands each line to every part that needs it.

use super::commands::Commands;
use super::crossings::Crossings;
use super::keys::Keys;
use super::people::People;
use super::share_sets::{Shares, SharesBefore};
use crate::transcript::Line;
use crate::{CeremonyId, Fingerprint, Station, Transcript};

/// Everything that a transcript says.
///
/// # Examples
/// ```
/// use keyferry_core::{Story, Transcript};
///
/// let chain = Transcript::new("2026-11-kek".parse()?);
/// let story = Story::of(&chain);
/// assert!(story.runs().is_empty() && story.recoverable().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Story<'t> {
    pub(super) chain: &'t Transcript,
    pub(super) lines: &'t [Line],
    pub(super) commands: Commands<'t>,
    pub(super) keys: Keys<'t>,
    pub(super) shares: Shares<'t>,
    pub(super) crossings: Crossings<'t>,
    pub(super) people: People<'t>,
}

impl<'t> Story<'t> {
    /// Reads a whole chain.
    #[must_use]
    pub fn of(chain: &'t Transcript) -> Self {
        Self::before(chain, u64::MAX)
    }

    /// Reads the lines before number `end`, counted from 0.
    #[must_use]
    pub fn before(chain: &'t Transcript, end: u64) -> Self {
        let lines = until(chain.lines(), end);
        let mut this = Self {
            chain,
            lines,
            commands: Commands::default(),
            keys: Keys::default(),
            shares: Shares::default(),
            crossings: Crossings::default(),
            people: People::default(),
        };
        lines.iter().for_each(|line| this.tell(line));
        this.shares.find_own(lines);
        this
    }

    /// The shares, as recorded by its lines before number `end`, counted from 0.
    #[must_use]
    pub fn shares_before(&self, end: u64) -> SharesBefore<'t> {
        SharesBefore(Shares::of(until(self.lines, end)))
    }

    fn tell(&mut self, line: &'t Line) {
        self.commands.tell(line);
        self.keys.tell(line);
        self.shares.tell(line);
        self.crossings.tell(line);
        self.people.tell(line);
    }

    /// Id of the ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> &'t CeremonyId {
        self.chain.ceremony()
    }

    /// The lines that were read.
    #[must_use]
    pub fn lines(&self) -> &'t [Line] {
        crate::tally::hand_out(self.lines)
    }

    /// The lines after number `seq`.
    #[must_use]
    pub fn lines_after(&self, seq: u64) -> &'t [Line] {
        let from = usize::try_from(seq).ok().and_then(|seq| seq.checked_add(1));
        from.and_then(|from| self.lines.get(from..)).unwrap_or_default()
    }

    /// SHA-256 of the last line that was read; zeros if there is none.
    #[must_use]
    pub fn head(&self) -> Fingerprint {
        self.chain.lines().get(self.lines.len()).map_or_else(|| self.chain.head(), |next| next.prev)
    }

    /// The head after this station's last line, and how many lines were added since; `None` if it wrote no line.
    #[must_use]
    pub fn left_by(&self, station: Station) -> Option<(Fingerprint, usize)> {
        let last = self.lines().iter().rposition(|line| line.station == station)?;
        let since = self.lines.len() - last - 1;
        let head = self.lines.get(last + 1).map_or_else(|| self.head(), |next| next.prev);
        Some((head, since))
    }

    /// Every head that the transcript has had, including the one after the last line.
    pub fn heads(&self) -> impl Iterator<Item = Fingerprint> + use<'t> {
        self.lines().iter().skip(1).map(|line| line.prev).chain([self.head()])
    }
}

/// The lines before number `end`, counted from 0; all of them if there are fewer.
fn until(lines: &[Line], end: u64) -> &[Line] {
    usize::try_from(end).ok().and_then(|end| lines.get(..end)).unwrap_or(lines)
}
