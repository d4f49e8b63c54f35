//! The list of all control ids. The same id appears in the refusal, the list of controls, the tests and the
//! assurance case.

use core::fmt;

/// A named control, such as `KF-PARAM-07`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Control(&'static str);

impl Control {
    /// The text of the id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

// The columns for the documentation pages are only in the list; they are not compiled into any program.
macro_rules! controls {
    ($room:ident: $(
        section($section_en:literal, $section_zh:literal) $( note($note_en:literal, $note_zh:literal) )? {
            $(
                $name:ident = $id:literal, $title:literal, $title_zh:literal,
                by($by_en:literal $(, $by_zh:literal)?),
                act($($act:tt)+);
            )+
        }
    )+) => {
        impl Control {
            $($(#[doc = $title] pub const $name: Self = Self($id);)+)+
        }

        const $room: &[(Control, &str)] = &[$($((Control::$name, $title)),+),+];
    };
}

macro_rules! list {
    ($($room:ident)+) => {
        impl Control {
            /// Every control with its one-line requirement, in the order of `ceremony/operate/controls.md`.
            pub const ALL: &'static [(Self, &'static str)] =
                &joined::<{ 0 $(+ $room.len())+ }>(&[$($room),+]);
        }
    };
}

/// The controls of all lists, one after the other. `N` is their number.
const fn joined<const N: usize>(mut rooms: &[&[(Control, &'static str)]]) -> [(Control, &'static str); N] {
    let mut all = [(Control(""), ""); N];
    let mut free: &mut [_] = &mut all;
    while let [room, others @ ..] = rooms {
        let mut room = *room;
        while let [control, rest @ ..] = room {
            free = match free {
                [place, left @ ..] => {
                    *place = *control;
                    left
                }
                full => full,
            };
            room = rest;
        }
        rooms = others;
    }
    all
}

include!("control/list.rs");

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids of checks that no program makes any more. Older pages and records may name them, so they are never used
    /// for a new check.
    const RETIRED: [&str; 1] = [
        "KF-RECV-04", // It required a station to start only the scanner in its own folder. Stations no longer start a scanner.
    ];

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for (control, title) in Control::ALL {
            assert!(seen.insert(control.id()), "{control} appears twice");
            assert!(control.id().starts_with("KF-") && title.ends_with('.'));
            assert!(!RETIRED.contains(&control.id()), "{control} had another meaning once");
        }
        assert!(!seen.is_empty());
    }
}
