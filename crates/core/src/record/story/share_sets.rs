//! Shares: which sets were made, which shares of each were read back, what they recover, and what people did with them later.

use core::ops::Range;
use std::collections::{BTreeMap, BTreeSet};

use super::keys::{Material, Origin};
use crate::provider;
use crate::transcript::{Line, MaterialSource, Said, ShareMedium, Shared};
use crate::{
    Alias, BackupSet, CeremonyId, Commitment, Event, Fingerprint, Kcv, KeyId, PersonName, Purpose, Station,
    Timestamp,
};

/// One share that was handed out and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedShare {
    /// Its number, from 1.
    pub number: u8,
    /// How many shares the set has.
    pub of: u8,
    /// Who keeps it, if the plan names custodians.
    pub custodian: Option<Said<PersonName>>,
    /// How it was handed out.
    pub medium: ShareMedium,
    /// The digest by which the record recognises it.
    pub share_sha256: Fingerprint,
    /// When it was read back.
    pub time: Timestamp,
}

/// The escrow of a set, as recorded in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscrowDigest {
    /// Digest of `escrow.json`.
    pub sha256: Fingerprint,
    /// How many keys are in it.
    pub keys: u64,
}

/// One set of shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Number, from 0, of the line that records that they were made.
    pub seq: u64,
    /// Digest of the plan of the run that made them.
    pub plan_sha256: Option<Fingerprint>,
    /// Purpose of the run that made them.
    pub purpose: Purpose,
    /// The two words that all its shares begin with.
    pub set: BackupSet,
    /// How many of them are needed to recover the secret.
    pub threshold: u8,
    /// How many there are.
    pub shares: u8,
    /// The secret that they recover.
    pub gives: Shared,
    /// Its check value, if the plan asks for one.
    pub kcv: Option<Kcv>,
    /// Commitment to it.
    pub commitment: Commitment,
    /// The shares that were read back, in this order.
    pub confirmed: Vec<ConfirmedShare>,
    /// The escrow that they open.
    pub escrow: Option<EscrowDigest>,
    /// Whether people agreed that they are void.
    pub void: bool,
    /// Whether the online station checked a ciphertext of this material, which proves that the file existed.
    pub used: bool,
    /// Ciphertexts of this material that the record names. Each is named before its file is written, so a name does not prove that
    /// the file existed.
    written: BTreeSet<Fingerprint>,
    /// Whether a ciphertext of this material says that it is seeded.
    pub(super) seeded: bool,
    /// Indices of the keys that it covers.
    pub(super) keys: Range<usize>,
}

/// One key whose material a set of shares covers.
#[derive(Clone, Debug)]
pub struct BackupKey {
    /// Alias in the service.
    pub alias: Alias,
    /// Id of the key.
    pub key_id: KeyId,
    /// The kind and the length of the material.
    pub material: provider::Material,
    /// Check value of the material, if the plan asks for one.
    pub kcv: Option<Kcv>,
    /// Commitment to the material.
    pub commitment: Commitment,
    /// Whether the material comes from a published seed.
    pub seeded: bool,
}

/// A set of shares that is not void, with everything that a recovery compares its result with. It owns its data, so it
/// can outlive the record's lines.
#[derive(Clone, Debug)]
pub struct Recoverable {
    /// Id of the ceremony.
    pub ceremony: CeremonyId,
    /// SHA-256 of the record's last line.
    pub head: Fingerprint,
    /// The set.
    pub sharing: Sharing,
    /// The keys that it covers.
    pub keys: Vec<BackupKey>,
}

/// Shares that were combined.
#[derive(Clone, Copy, Debug)]
pub struct Combined<'t> {
    /// Number of the line, from 0.
    pub seq: u64,
    /// Their set.
    pub set: &'t BackupSet,
    /// Their numbers.
    pub numbers: &'t [u8],
    /// Commitment to the secret that they recovered.
    pub commitment: Commitment,
    /// Head of the record that the secret was compared with.
    pub record_head: Fingerprint,
    /// Whether that record is an earlier state of this one.
    pub own: bool,
}

/// A holder showed that their share is the one that was confirmed.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct ShareProof<'t> {
    pub seq: u64,
    pub set: &'t BackupSet,
    pub number: u8,
    pub share_sha256: Fingerprint,
}

/// A set that people declared void.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct Voided<'t> {
    pub seq: u64,
    pub set: &'t BackupSet,
    pub confirmed: u8,
}

/// The plan's choice to have no backup.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct Waived<'t> {
    pub seq: u64,
    pub reason: &'t Said<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Shares<'t> {
    pub(super) sets: Vec<Sharing>,
    pub(super) voided: Vec<Voided<'t>>,
    pub(super) combined: Vec<Combined<'t>>,
    pub(super) proofs: Vec<ShareProof<'t>>,
    pub(super) waived: Vec<Waived<'t>>,
    /// Keys that were wrapped: those of the sets so far, then those of the open run.
    pub(super) keys: Vec<Backed<'t>>,
    /// Index of the open run's first key.
    pub(super) first: usize,
    /// Line about the material of the open run, which has no key id yet.
    pub(super) generated: Option<&'t Line>,
    pub(super) begun: Option<(Option<Fingerprint>, Purpose)>,
}

/// Material that shares can cover, and the key that it was wrapped for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backed<'t> {
    material: &'t Line,
    key_id: &'t KeyId,
}

/// The shares, as recorded before a certain line.
#[derive(Clone, Debug)]
pub struct SharesBefore<'t>(pub(super) Shares<'t>);

impl<'t> Shares<'t> {
    pub(super) fn of(lines: &'t [Line]) -> Self {
        let mut this = Self::default();
        lines.iter().for_each(|line| this.tell(line));
        this.find_own(lines);
        this
    }

    pub(super) fn tell(&mut self, line: &'t Line) {
        let seq = line.seq;
        match &line.event {
            Event::Begun { plan_sha256, purpose, .. } => self.begin(*plan_sha256, *purpose),
            Event::MaterialGenerated { .. } => self.generated = Some(line),
            Event::Wrapped { key_id, .. } => {
                let made = self.generated.take();
                self.keys.extend(made.map(|material| Backed { material, key_id }).filter(Backed::is_known));
            }
            Event::MaterialRecovered { key_id, .. } => {
                self.keys.extend(Some(Backed { material: line, key_id }).filter(Backed::is_known));
            }
            Event::SharesMade { .. } => {
                let (begun, keys) = (self.begun, self.first..self.keys.len());
                self.sets.extend(made(line, begun, keys));
            }
            Event::SharesCombined { set, numbers, commitment, record_head } => {
                let (commitment, record_head) = (*commitment, **record_head);
                self.combined.push(Combined { seq, set, numbers, commitment, record_head, own: false });
            }
            Event::ShareProved { set, number, share_sha256 } => {
                let (number, share_sha256) = (*number, *share_sha256);
                self.proofs.push(ShareProof { seq, set, number, share_sha256 });
            }
            Event::BackupWaived { reason } => self.waived.push(Waived { seq, reason }),
            event => {
                if let Event::SharesVoid { set, confirmed } = event {
                    self.voided.push(Voided { seq, set, confirmed: *confirmed });
                }
                if let Some(last) = self.sets.last_mut() {
                    last.tell(line);
                }
            }
        }
    }

    fn begin(&mut self, plan_sha256: Option<Fingerprint>, purpose: Purpose) {
        self.begun = Some((plan_sha256, purpose));
        self.generated = None;
        // A run that made no shares leaves nothing to recover, so its keys are dropped.
        self.first = self.sets.last().map_or(0, |set| set.keys.end);
        if self.first == 0 {
            // This also frees their memory.
            self.keys = Vec::new();
        }
        self.keys.truncate(self.first);
    }

    /// Finds out which shares were compared with this record itself.
    pub(super) fn find_own(&mut self, lines: &[Line]) {
        if self.combined.is_empty() {
            return;
        }
        let mut first: BTreeMap<Fingerprint, u64> =
            self.combined.iter().map(|combined| (combined.record_head, u64::MAX)).collect();
        for line in lines.iter().skip(1) {
            if let Some(at) = first.get_mut(&line.prev) {
                *at = line.seq.min(*at);
            }
        }
        for combined in &mut self.combined {
            combined.own = first.get(&combined.record_head).is_some_and(|at| *at <= combined.seq);
        }
    }
}

fn made(line: &Line, begun: Option<(Option<Fingerprint>, Purpose)>, keys: Range<usize>) -> Option<Sharing> {
    let Event::SharesMade { set, threshold, shares, gives, kcv, commitment } = &line.event else {
        return None;
    };
    let (plan_sha256, purpose) = begun.unwrap_or((None, Purpose::Rehearsal));
    Some(Sharing {
        seq: line.seq,
        plan_sha256,
        purpose,
        set: set.clone(),
        threshold: *threshold,
        shares: *shares,
        gives: *gives,
        kcv: *kcv,
        commitment: *commitment,
        confirmed: Vec::new(),
        escrow: None,
        void: false,
        used: false,
        written: BTreeSet::new(),
        seeded: false,
        keys,
    })
}

impl Sharing {
    fn tell(&mut self, line: &Line) {
        match &line.event {
            Event::ShareConfirmed { set, number, of, custodian, medium, share_sha256 }
                if *set == self.set =>
            {
                self.confirmed.push(ConfirmedShare {
                    number: *number,
                    of: *of,
                    custodian: custodian.clone(),
                    medium: *medium,
                    share_sha256: *share_sha256,
                    time: line.time,
                });
            }
            Event::EscrowWritten { escrow_sha256, keys } => {
                self.escrow = Some(EscrowDigest { sha256: *escrow_sha256, keys: *keys });
            }
            Event::SharesVoid { set, .. } if *set == self.set => self.void = true,
            Event::CiphertextWritten { ciphertext_sha256, seeded, .. } => {
                self.written.insert(*ciphertext_sha256);
                // Recovered material does not say where it came from; its ciphertext does.
                self.seeded |= *seeded;
            }
            Event::Checked { sha256, .. } if line.station == Station::Online => {
                self.used |= self.written.contains(sha256);
            }
            _ => {}
        }
    }

    /// The share of this number, if it was read back.
    #[must_use]
    pub fn share(&self, number: u8) -> Option<&ConfirmedShare> {
        self.confirmed.iter().find(|s| s.number == number)
    }

    /// Who keeps share `number`, if the record says so.
    #[must_use]
    pub fn custodian(&self, number: u8) -> Option<&PersonName> {
        self.confirmed.iter().filter(|s| s.number == number).find_map(|s| s.custodian.as_ref()?.open())
    }

    /// Whether shares were confirmed although no ciphertext of their secret is known to have existed. The caller has checked
    /// that the output folder contains none.
    #[must_use]
    pub const fn is_stranded(&self) -> bool {
        !self.used && !self.confirmed.is_empty()
    }
}

impl Backed<'_> {
    /// Whether a keyferry program held the material: there can be no shares of other material.
    fn is_known(&self) -> bool {
        Material::of(self.material).is_some_and(|material| material.commitment.is_some())
    }

    pub(super) fn key(&self) -> Option<BackupKey> {
        let material = Material::of(self.material)?;
        Some(BackupKey {
            alias: material.alias.clone(),
            key_id: self.key_id.clone(),
            material: material.material,
            kcv: material.kcv,
            commitment: material.commitment?,
            seeded: material.origin == Origin::Generated(MaterialSource::Seeded),
        })
    }
}
