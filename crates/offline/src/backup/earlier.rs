//! What a record says of a backup: the last sharing that is not void, and the keys that it covers.

use std::path::Path;

use keyferry_core::transcript::{MAX_TRANSCRIPT, MaterialSource, Shared};
use keyferry_core::{
    Alias, BackupSet, Bilingual, CeremonyId, Commitment, Event, Fingerprint, Kcv, KeyId, MaterialBits,
    PersonName, Purpose, Station, Transcript, bi,
};
use keyferry_transport::{RecordError, read_capped};

use super::BackupError;
use crate::error::OfflineError;

/// One key whose material a set of shares covers.
#[derive(Clone, Debug)]
pub(crate) struct EarlierKey {
    pub(crate) alias: Alias,
    pub(crate) key_id: KeyId,
    pub(crate) bits: MaterialBits,
    pub(crate) kcv: Kcv,
    pub(crate) commitment: Commitment,
    pub(crate) seeded: bool,
}

/// One set of shares.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    pub(crate) ceremony: CeremonyId,
    pub(crate) plan_sha256: Option<Fingerprint>,
    pub(crate) purpose: Purpose,
    pub(crate) set: BackupSet,
    pub(crate) threshold: u8,
    pub(crate) shares: u8,
    pub(crate) gives: Shared,
    pub(crate) kcv: Kcv,
    pub(crate) commitment: Commitment,
    /// Digests of the shares that were read back, by number.
    pub(crate) confirmed: Vec<(u8, Fingerprint)>,
    /// Who keeps which of them, where the plan named custodians.
    custodians: Vec<(u8, PersonName)>,
    pub(crate) keys: Vec<EarlierKey>,
    pub(crate) escrow: Option<Fingerprint>,
    /// Ciphertexts of this material that the record names. Each is named before the file appears, so a name is no evidence of a file.
    written: Vec<Fingerprint>,
    /// The online station checked one of them: that file did appear.
    used: bool,
    /// The record's last line.
    pub(crate) head: Fingerprint,
}

impl Earlier {
    /// Of a record's file. An incomplete last line, which a kill leaves, is left out.
    pub(crate) fn load(path: &Path) -> Result<Self, OfflineError> {
        let bytes = read_capped(path, MAX_TRANSCRIPT)?;
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let lines = bytes.get(..whole).unwrap_or_default();
        let chain = Transcript::verify(lines).map_err(RecordError::from)?.ok_or(BackupError::NoShares)?;
        Ok(Self::of(&chain).ok_or(BackupError::NoShares)?)
    }

    /// The last sharing of a record that is not void.
    pub(crate) fn of(chain: &Transcript) -> Option<Self> {
        let (mut this, mut keys) = (None::<Self>, Keys::default());
        let mut begun = (None, Purpose::Rehearsal);
        for line in chain.lines() {
            match &line.event {
                Event::Begun { plan_sha256, purpose, .. } => {
                    begun = (*plan_sha256, *purpose);
                    keys = Keys::default();
                }
                event @ Event::MaterialGenerated { .. } => keys.generated = Some(event),
                Event::Wrapped { key_id, .. } => keys.wrapped(key_id),
                event @ Event::MaterialRecovered { .. } => {
                    keys.recovered(event);
                }
                Event::SharesMade { .. } => this = Self::made(&line.event, begun, &keys.done, chain),
                Event::SharesVoid { set, .. } => this = this.filter(|e| e.set != *set),
                event => {
                    if let Some(this) = &mut this {
                        this.note(line.station, event);
                    }
                }
            }
        }
        this
    }

    fn made(
        event: &Event,
        (plan_sha256, purpose): (Option<Fingerprint>, Purpose),
        keys: &[EarlierKey],
        chain: &Transcript,
    ) -> Option<Self> {
        let Event::SharesMade { set, threshold, shares, gives, kcv, commitment } = event else { return None };
        Some(Self {
            ceremony: chain.ceremony().clone(),
            plan_sha256,
            purpose,
            set: set.clone(),
            threshold: *threshold,
            shares: *shares,
            gives: *gives,
            kcv: *kcv,
            commitment: *commitment,
            confirmed: Vec::new(),
            custodians: Vec::new(),
            keys: keys.to_vec(),
            escrow: None,
            written: Vec::new(),
            used: false,
            head: chain.head(),
        })
    }

    fn note(&mut self, station: Station, event: &Event) {
        match event {
            Event::ShareConfirmed { set, number, share_sha256, custodian, .. } if *set == self.set => {
                self.confirmed.push((*number, *share_sha256));
                self.custodians.extend(custodian.iter().map(|name| (*number, name.clone())));
            }
            Event::EscrowWritten { escrow_sha256, .. } => self.escrow = Some(*escrow_sha256),
            Event::Checked { sha256, .. } if station == Station::Online => {
                self.used |= self.written.contains(sha256);
            }
            Event::CiphertextWritten { ciphertext_sha256, seeded, .. } => {
                self.written.push(*ciphertext_sha256);
                // What was recovered does not say where it came from; its ciphertext does.
                self.keys.iter_mut().for_each(|k| k.seeded |= *seeded);
            }
            _ => {}
        }
    }

    /// Shares were confirmed, and no ciphertext of them is known to have appeared. Who asks has seen that none is in the output folder.
    pub(crate) fn stranded(&self) -> bool {
        !self.used && !self.confirmed.is_empty()
    }

    /// Share `number` as people name it: with whom keeps it, if the record says so.
    pub(crate) fn share(&self, number: u8) -> Bilingual {
        let of = self.shares;
        match self.custodian(number) {
            Some(name) => bi!("share {number} of {of}, {name}", "第 {number} 个分片（共 {of} 个，{name}）"),
            None => bi!("share {number} of {of}", "第 {number} 个分片（共 {of} 个）"),
        }
    }

    /// Who keeps share `number`.
    pub(crate) fn custodian(&self, number: u8) -> Option<&PersonName> {
        self.custodians.iter().find(|(n, _)| *n == number).map(|(_, name)| name)
    }

    /// Words of each share: SLIP-0039's for 128 and for 256 bits.
    pub(crate) fn words(&self) -> usize {
        let short = self.gives == Shared::Material && self.keys.iter().all(|k| k.bits == MaterialBits::B128);
        if short { 20 } else { 33 }
    }
}

/// Of one run. Two events make a key: its material, then its id; one that failed in between is none.
#[derive(Default)]
struct Keys<'t> {
    generated: Option<&'t Event>,
    done: Vec<EarlierKey>,
}

impl<'t> Keys<'t> {
    /// Material that came back, for which new shares may follow.
    fn recovered(&mut self, event: &Event) {
        let Event::MaterialRecovered { alias, key_id, bits, kcv, commitment } = event else { return };
        self.done.push(EarlierKey {
            alias: alias.clone(),
            key_id: key_id.clone(),
            bits: *bits,
            kcv: *kcv,
            commitment: *commitment,
            seeded: false,
        });
    }

    fn wrapped(&mut self, id: &KeyId) {
        let Some(Event::MaterialGenerated { alias, bits, source, kcv, commitment }) = self.generated.take()
        else {
            return;
        };
        self.done.push(EarlierKey {
            alias: alias.clone(),
            key_id: id.clone(),
            bits: *bits,
            kcv: *kcv,
            commitment: *commitment,
            seeded: *source == MaterialSource::Seeded,
        });
    }
}
