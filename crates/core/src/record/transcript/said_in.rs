//! The names and free texts that an event holds.

use super::event::Event;
use super::said::{Member, Said, SaidIn};

impl Event {
    /// Calls `visit` for every name and free text in the event.
    pub(super) fn each_said<E>(
        &mut self,
        mut visit: impl FnMut(SaidIn, &mut dyn Member) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::PostureWaived { reason, .. } => visit(SaidIn::PostureReason, reason),
            Self::BackupWaived { reason } => visit(SaidIn::BackupReason, reason),
            Self::ShareConfirmed { custodian: Some(name), .. } => visit(SaidIn::Custodian, name),
            Self::Note { by, text } => {
                visit(SaidIn::NoteBy, by)?;
                visit(SaidIn::NoteText, text)
            }
            _ => Ok(()),
        }
    }

    /// How many names and free texts in the event are readable, and how many are withheld.
    #[must_use]
    pub const fn said(&self) -> (usize, usize) {
        const fn one<T>(said: &Said<T>) -> (usize, usize) {
            match said {
                Said::Open(_) => (1, 0),
                Said::Withheld(_) => (0, 1),
            }
        }
        match self {
            Self::PostureWaived { reason, .. } | Self::BackupWaived { reason } => one(reason),
            Self::ShareConfirmed { custodian: Some(name), .. } => one(name),
            Self::Note { by, text } => {
                let (by, text) = (one(by), one(text));
                (by.0 + text.0, by.1 + text.1)
            }
            _ => (0, 0),
        }
    }
}
