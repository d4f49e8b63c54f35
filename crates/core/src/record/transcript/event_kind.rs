//! The kinds of events, without the contents of the events.

use core::fmt;

use super::event::Event;
use crate::Alias;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal),+ $(,)?) => {
        /// Kind of an event: the word that is the `kind` of its line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs)] // One for each variant of `Event`, where they are documented.
        pub enum EventKind {
            $($(#[$doc])* $kind),+
        }

        impl EventKind {
            /// Every kind, in the order of [`Event`].
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The word in the line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }
        }

        impl Event {
            /// The kind of the event.
            #[must_use]
            pub const fn kind(&self) -> EventKind {
                match self { $(Self::$kind { .. } => EventKind::$kind),+ }
            }
        }
    };
}

impl Event {
    /// The alias of the key that the event is about, if any.
    #[must_use]
    pub const fn alias(&self) -> Option<&Alias> {
        match self {
            Self::KeyCreated { alias, .. }
            | Self::ParametersFetched { alias, .. }
            | Self::KeyFailed { alias, .. }
            | Self::MaterialGenerated { alias, .. }
            | Self::HsmKey { alias, .. }
            | Self::Wrapped { alias, .. }
            | Self::MaterialRecovered { alias, .. }
            | Self::MaterialHeld { alias, .. }
            | Self::Imported { alias, .. }
            | Self::Proved { alias, .. }
            | Self::BackupProved { alias, .. }
            | Self::KeyChanged { alias, .. } => Some(alias),
            _ => None,
        }
    }
}

kinds! {
    Begun = "begun",
    TailRepaired = "tail-repaired",
    KeyCreated = "key-created",
    ParametersFetched = "parameters-fetched",
    Exported = "exported",
    KeyFailed = "key-failed",
    TimeGiven = "time-given",
    TimeConfirmed = "time-confirmed",
    PostureChecked = "posture-checked",
    PostureWaived = "posture-waived",
    Checked = "checked",
    Confirmed = "confirmed",
    Confined = "confined",
    BackupWaived = "backup-waived",
    EntropyCommitted = "entropy-committed",
    EntropyMixed = "entropy-mixed",
    HsmLoaded = "hsm-loaded",
    HsmProbed = "hsm-probed",
    HsmKey = "hsm-key",
    MaterialGenerated = "material-generated",
    Wrapped = "wrapped",
    SharesMade = "shares-made",
    ShareConfirmed = "share-confirmed",
    SharesVoid = "shares-void",
    EscrowWritten = "escrow-written",
    SharesCombined = "shares-combined",
    ShareProved = "share-proved",
    MaterialRecovered = "material-recovered",
    MaterialHeld = "material-held",
    CiphertextWritten = "ciphertext-written",
    Imported = "imported",
    Proved = "proved",
    BackupProved = "backup-proved",
    Agreed = "agreed",
    KeyChanged = "key-changed",
    Note = "note",
    GaveUp = "gave-up",
    Finished = "finished",
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u64);

impl Kinds {
    const fn bit(kind: EventKind) -> u64 {
        1 << kind as u64
    }

    /// Adds a kind.
    pub const fn insert(&mut self, kind: EventKind) {
        self.0 |= Self::bit(kind);
    }

    /// Whether the set contains this kind.
    #[must_use]
    pub const fn contains(self, kind: EventKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    /// The kinds in the set, in the order of [`EventKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = EventKind> {
        EventKind::ALL.iter().copied().filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<EventKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = EventKind>>(kinds: I) -> Self {
        let mut this = Self::default();
        kinds.into_iter().for_each(|kind| this.insert(kind));
        this
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_added_and_nothing_else() {
        let set: Kinds = [EventKind::Begun, EventKind::Finished, EventKind::Begun].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [EventKind::Begun, EventKind::Finished]);
        assert!(!set.contains(EventKind::Note) && Kinds::default().iter().next().is_none());
        assert!(EventKind::ALL.len() <= 64);
    }
}
