//! Hands shares out to custodians and reads them back.
//!
//! A share leaves the process only in the requested way: on a separate screen that is cleared afterwards, as a text file, or as a sheet to
//! print. It counts only once it has been read back. The record has the number, the custodian and a digest of each share, but never its
//! words. A share has at least 128 random bits in addition to the fields that all sheets show, so the digest identifies it and reveals
//! nothing.

pub(crate) mod backup_error;
mod curtain;
mod digits;
mod folder;
mod give;
mod place;
mod programs;
mod recover;
mod screen;
mod sheet;
mod spelled;
mod typed;

use std::path::Path;

use keyferry_core::id::PersonName;
use keyferry_core::story::Recoverable;
use keyferry_core::transcript::{KnownKeys, Shared};
use keyferry_core::{
    BackupSet, Bilingual, CeremonyPlan, Commitment, Fingerprint, Kcv, MaterialLength, Story, Timestamp,
    Transcript, bi, scrub,
};
use keyferry_slip39::Share;
use keyferry_transport::read_transcript;
use zeroize::Zeroizing;

use crate::error::OfflineError;

pub(crate) use backup_error::BackupError;
pub(crate) use curtain::Curtain;
pub(crate) use give::{Giving, give_out};
pub(crate) use place::check as check_place;
pub(crate) use recover::{Recovered, check_confirmed, check_escrow, collect};
pub(crate) use typed::read_share;

/// The text on every share of a set, apart from the secret words.
pub(crate) struct Label<'p> {
    pub(crate) plan: &'p CeremonyPlan,
    pub(crate) set: BackupSet,
    pub(crate) threshold: u8,
    pub(crate) shares: u8,
    pub(crate) gives: Shared,
    pub(crate) made: Timestamp,
    /// The commitment to the secret that the shares recover.
    pub(crate) kcv: Option<Kcv>,
    pub(crate) commitment: Commitment,
}

impl Label<'_> {
    /// The custodian of share `number`, counted from 1.
    fn custodian(&self, number: u8) -> Option<&PersonName> {
        self.plan.custodians().nth(usize::from(number).saturating_sub(1))
    }
}

/// The digest by which the record identifies a share.
pub(crate) fn digest(share: &Share) -> Fingerprint {
    let words: Zeroizing<String> = share.words();
    let digest = Fingerprint::of_fields(&[b"keyferry/share/1", words.as_bytes()]);
    scrub::end(words);
    scrub::scrub_stack();
    digest
}

/// The number of a share, from 1.
pub(crate) fn number(share: &Share) -> u8 {
    share.place().member_index.saturating_add(1)
}

/// The name of the share's set. Its two words come from the word list, so they always form a valid name.
pub(crate) fn set_of(share: &Share) -> Result<BackupSet, BackupError> {
    share.name().to_string().parse().map_err(|_| BackupError::NoShares)
}

/// Reads a record whose shares will be combined. Ignores an incomplete last line, which a killed run can leave. The lines share
/// memory with the names in `known`.
pub(crate) fn load_record(path: &Path, known: &KnownKeys<'_>) -> Result<Transcript, OfflineError> {
    Ok(read_transcript(path, known)?.ok_or(BackupError::NoShares)?)
}

/// The set of shares that is in force according to the record.
pub(crate) fn recoverable(record: &Transcript) -> Result<Recoverable, BackupError> {
    Story::of(record).recoverable().ok_or(BackupError::NoShares)
}

/// Share `number` as people refer to it, with the person who keeps it if the record says so.
pub(crate) fn share_name(number: u8, earlier: &Recoverable) -> Bilingual {
    let of = earlier.sharing.shares;
    match earlier.sharing.custodian(number) {
        Some(name) => bi!("share {number} of {of}, {name}", "第 {number} 个分片（共 {of} 个，{name}）"),
        None => bi!("share {number} of {of}", "第 {number} 个分片（共 {of} 个）"),
    }
}

/// How many words each share of a record has.
pub(crate) fn words(earlier: &Recoverable) -> usize {
    words_for(earlier.sharing.gives, earlier.keys.first().map(|key| key.material.length))
}

/// How many words a share has: one for every ten bits of the secret, and seven more (SLIP-0039).
pub(crate) fn words_for(gives: Shared, material: Option<MaterialLength>) -> usize {
    let length = match (gives, material) {
        (Shared::Material, Some(length)) => length,
        _ => MaterialLength::B256,
    };
    usize::from(length.bits()).div_ceil(10) + 7
}
