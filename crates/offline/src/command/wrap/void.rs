//! Shares from a run that left no ciphertext, which become void only with consent.

use keyferry_core::story::Sharing;
use keyferry_core::transcript::{KnownKeys, Shared};
use keyferry_core::{Bilingual, Control, Event, Explain as _, bi};

use super::job::Job;
use super::outputs::Outputs;
use crate::backup::{self, BackupError};
use crate::compared::Found;
use crate::error::OfflineError;

/// How people consent that shares from a run without a ciphertext become void.
pub(super) struct Void<'r> {
    /// Whether people agreed on the command line.
    pub(super) agreed: bool,
    /// Whether people can be asked.
    pub(super) ask: bool,
    /// Older shares that recover the same material, which never become void.
    pub(super) old: Option<&'r Sharing>,
}

impl Void<'_> {
    /// Returns the error about confirmed shares if an interrupted run left both those shares and a file under an output's name,
    /// because the hint of `taken` would tell people to clear the folder. If people have already agreed that the shares are
    /// void, only the file is in the way.
    pub(super) fn rather_than(&self, taken: OfflineError, out: &Outputs) -> OfflineError {
        if self.agreed || taken.control() != Control::FILE_EXISTS {
            return taken;
        }
        let record = backup::load_record(&out.transcript, &KnownKeys::default()).ok();
        let shares =
            record.and_then(|record| backup::recoverable(&record).ok()).map(|earlier| earlier.sharing);
        self.left(shares.as_ref()).map_or(taken, |left| self.stranded(left, out).into())
    }

    /// The confirmed shares of an interrupted run, except the old ones.
    fn left<'s>(&self, shares: Option<&'s Sharing>) -> Option<&'s Sharing> {
        let left = shares.filter(|shares| shares.is_stranded());
        left.filter(|left| self.old.is_none_or(|old| old.set != left.set))
    }

    fn stranded(&self, left: &Sharing, out: &Outputs) -> BackupError {
        let (set, confirmed, threshold) = (left.set.clone(), left.confirmed.len(), left.threshold);
        // The run may have been killed after it recorded the escrow and before the file got its name.
        let no_escrow = left.gives == Shared::EscrowKey && !out.escrow.exists();
        match () {
            () if self.old.is_some() => BackupError::NewStranded { set, confirmed },
            () if no_escrow => BackupError::OpenNothing { set, confirmed },
            () if confirmed < usize::from(threshold) => BackupError::TooFew { set, confirmed, threshold },
            () => BackupError::Stranded { set, confirmed, threshold },
        }
    }

    fn question(&self) -> Bilingual {
        if self.old.is_some() {
            bi!(
                "Make other new shares and void those?  type Yes:",
                "是否另行生成新的分片并作废这些分片？请输入 Yes："
            )
        } else {
            bi!(
                "Make other material and void those shares?  type Yes:",
                "是否生成新的材料并作废这些分片？请输入 Yes："
            )
        }
    }
}

/// Checks that people consent before confirmed shares of a run without a ciphertext become void. Returns the set
/// that becomes void.
pub(super) fn check_stranded(
    void: &Void<'_>,
    job: &Job<'_>,
    found: &Found,
) -> Result<Option<Event>, OfflineError> {
    let Some(left) = void.left(found.shares()) else { return Ok(None) };
    if !void.agreed {
        let stranded = void.stranded(left, &job.out);
        if !void.ask {
            return Err(stranded.into());
        }
        job.context.console.refuse_text(&stranded);
        job.context.console.confirm(&void.question()).map_err(|_| stranded)?;
    }
    let confirmed = u8::try_from(left.confirmed.len()).unwrap_or(u8::MAX);
    Ok(Some(Event::SharesVoid { set: left.set.clone(), confirmed }))
}
