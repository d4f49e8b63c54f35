//! Distinguishes the machine's own console from a terminal that another program draws.
//!
//! The text on a pseudo-terminal is also in the memory, and often in the log, of the program that created the terminal: ssh, tmux,
//! screen, script, sudo (`use_pty`). The numbers come from Linux's `Documentation/admin-guide/devices.txt`.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{fstat, major, minor};

use super::Console;

/// The kind of terminal at which a person sits. More programs and people can see the later kinds than the
/// earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A virtual console: the machine's own screen and keyboard.
    VirtualConsole,
    /// A serial line, or another device that the kernel drives.
    Line,
    /// A pseudo-terminal, or `/dev/tty`, which may be one.
    Pseudo,
}

impl Place {
    /// The kind of a terminal by its device number.
    #[must_use]
    pub fn of(major: u32, minor: u32) -> Self {
        match (major, minor) {
            (4, 0..=63) => Self::VirtualConsole,
            // In this order: the masters and slaves of BSD's pseudo-terminals; `/dev/tty` and `/dev/ptmx`; the masters and
            // slaves of Unix 98.
            (2 | 3, _) | (5, 0 | 2) | (128..=143, _) => Self::Pseudo,
            _ => Self::Line,
        }
    }

    /// The kind of this terminal; one that cannot be checked counts as the worst kind.
    fn at(terminal: impl AsFd) -> Self {
        fstat(terminal).map_or(Self::Pseudo, |stat| Self::of(major(stat.st_rdev), minor(stat.st_rdev)))
    }
}

impl Console {
    /// The kind of terminal of standard input and standard error, of which the worse one counts; `None` unless both are
    /// terminals.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.can_show_secrets().then(|| Place::at(io::stdin()).max(Place::at(io::stderr())))
    }
}

#[cfg(test)]
mod tests {
    use super::Place::{self, *};

    #[test]
    fn a_device_number_tells_the_kind() {
        let table = [
            ("tty0, the console in front", 4, 0, VirtualConsole),
            ("tty1", 4, 1, VirtualConsole),
            ("tty63", 4, 63, VirtualConsole),
            ("ttyS0", 4, 64, Line),
            ("ttyS191", 4, 255, Line),
            ("/dev/console", 5, 1, Line),
            ("ttyUSB0", 188, 0, Line),
            ("ttyAMA0", 204, 64, Line),
            ("hvc0", 229, 0, Line),
            ("/dev/tty", 5, 0, Pseudo),
            ("ptmx", 5, 2, Pseudo),
            ("ptyp0", 2, 0, Pseudo),
            ("ttyp0", 3, 0, Pseudo),
            ("the first Unix 98 master", 128, 0, Pseudo),
            ("the last Unix 98 master", 135, 1, Pseudo),
            ("pts/0", 136, 0, Pseudo),
            ("pts/1023", 139, 255, Pseudo),
            ("the last Unix 98 slave", 143, 0x000f_ffff, Pseudo),
            ("beyond them", 144, 0, Line),
            ("before them", 127, 0, Line),
        ];
        for (name, major, minor, place) in table {
            assert_eq!(Place::of(major, minor), place, "{name}");
        }
    }

    #[test]
    fn the_worse_of_two_terminals_counts() {
        assert_eq!(VirtualConsole.max(Pseudo), Pseudo);
        assert_eq!(Line.max(VirtualConsole), Line);
    }
}
