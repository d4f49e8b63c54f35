//! Checks, before a share is shown or typed, that no other program draws the terminal's contents.

use keyferry_core::{Purpose, bi};
use keyferry_transport::console::Place;

use super::BackupError;
use crate::context::Context;

/// If shares come through a pipe, no terminal shows them and there is nothing to check. A rehearsal continues on any
/// terminal, with a note.
///
/// # Errors
/// [`BackupError::Pseudo`] and [`BackupError::Uncleared`], only in production.
pub(crate) fn check(purpose: Purpose, context: &Context) -> Result<(), BackupError> {
    let console = &context.console;
    if !console.is_terminal() {
        return Ok(());
    }
    let note = match allow(purpose, console.place())? {
        Some(Place::VirtualConsole) | None => return Ok(()),
        Some(Place::Line) => bi!(
            "a serial or other line: words of shares pass through everything that is connected to it",
            "串口或其他线路：分片的词会经过与之相连的所有设备"
        ),
        Some(Place::Pseudo) => bi!(
            "a pseudo-terminal: another program can read the words of the shares; production refuses it",
            "伪终端：另一个程序会持有分片的词；正式仪式将拒绝"
        ),
    };
    console.row(&bi!("terminal", "终端"), note.get(console.lang()));
    Ok(())
}

/// Production accepts only a terminal that the kernel draws; `None` means that the terminal could not be
/// cleared.
fn allow(purpose: Purpose, place: Option<Place>) -> Result<Option<Place>, BackupError> {
    match (purpose, place) {
        (Purpose::Production, None) => Err(BackupError::Uncleared),
        (Purpose::Production, Some(Place::Pseudo)) => Err(BackupError::Pseudo),
        _ => Ok(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyferry_core::{Control, Explain};

    #[test]
    fn production_shows_shares_on_the_machines_own_terminals_alone() {
        use Purpose::{Production, Rehearsal};
        for place in [Place::VirtualConsole, Place::Line].map(Some) {
            assert_eq!(allow(Production, place), Ok(place));
        }
        assert_eq!(allow(Production, Some(Place::Pseudo)), Err(BackupError::Pseudo));
        assert_eq!(allow(Production, None), Err(BackupError::Uncleared));
        for error in [BackupError::Pseudo, BackupError::Uncleared] {
            assert_eq!(error.control(), Control::BACKUP_SCREEN);
        }
        for place in [None, Some(Place::VirtualConsole), Some(Place::Line), Some(Place::Pseudo)] {
            assert_eq!(allow(Rehearsal, place), Ok(place));
        }
    }
}
