//! Shares on their way to custodians and back.
//!
//! A share leaves the process in three ways, and only as asked: on a screen of its own that is cleared after, as a text file, or as a sheet
//! to print. It counts once it was read back. The record gets numbers, custodians and a digest of each share, never its words: a share has
//! at least 128 random bits beside what all its sheets say, so its digest tells nothing and still recognises it.

mod digits;
mod earlier;
mod error;
mod give;
mod recover;
mod sheet;
mod typed;

use keyferry_core::id::PersonName;
use keyferry_core::plan::Role;
use keyferry_core::transcript::Shared;
use keyferry_core::{BackupSet, CeremonyPlan, Commitment, Fingerprint, Kcv, scrub};
use keyferry_slip39::Share;
use zeroize::Zeroizing;

pub(crate) use earlier::{Earlier, EarlierKey};
pub(crate) use error::BackupError;
pub(crate) use give::{Giving, give_out};
pub(crate) use recover::{Recovered, check_confirmed, check_escrow, collect};
pub(crate) use typed::read_share;

/// What stands on every share of a set beside its words. Nothing of it is secret.
pub(crate) struct Label<'p> {
    pub(crate) plan: &'p CeremonyPlan,
    pub(crate) set: BackupSet,
    pub(crate) threshold: u8,
    pub(crate) shares: u8,
    pub(crate) gives: Shared,
    /// Of what the shares give.
    pub(crate) kcv: Option<Kcv>,
    pub(crate) commitment: Commitment,
}

impl Label<'_> {
    /// Who keeps share `number`, from 1.
    fn custodian(&self, number: u8) -> Option<&PersonName> {
        custodians(self.plan).nth(usize::from(number).saturating_sub(1))
    }
}

/// The plan's custodians, in its order.
pub(crate) fn custodians(plan: &CeremonyPlan) -> impl Iterator<Item = &PersonName> {
    plan.participants().iter().filter(|p| p.role == Role::Custodian).map(|p| &p.name)
}

/// The digest by which the record knows a share.
pub(crate) fn digest(share: &Share) -> Fingerprint {
    let words: Zeroizing<String> = share.words();
    let digest = Fingerprint::of_fields(&[b"keyferry/share/1", words.as_bytes()]);
    scrub::end(words);
    scrub::scrub_stack();
    digest
}

/// Its number, from 1.
pub(crate) fn number(share: &Share) -> u8 {
    share.place().member_index.saturating_add(1)
}

/// The name of its set. Its two words are of the list, so they always are one.
pub(crate) fn set_of(share: &Share) -> Result<BackupSet, BackupError> {
    share.name().to_string().parse().map_err(|_| BackupError::NoShares)
}
