//! What a transcript tells of shares: which sets were made, which shares of each were read back, which became void.

use keyferry_core::transcript::{ShareMedium, Shared};
use keyferry_core::{BackupSet, Commitment, Event, Fingerprint, Kcv, PersonName, Timestamp, Transcript};

/// One share that was given out and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedShare {
    /// Its number, from 1.
    pub number: u8,
    /// Of how many.
    pub of: u8,
    /// Who keeps it, where the plan names custodians.
    pub custodian: Option<PersonName>,
    /// How it was given out.
    pub medium: ShareMedium,
    /// The digest by which the record recognises it.
    pub share_sha256: Fingerprint,
    /// When it was read back.
    pub time: Timestamp,
}

/// One set of shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharesRecord {
    /// Number of the line that says that they were made, from 0.
    pub seq: u64,
    /// The two words that all its shares begin with.
    pub set: BackupSet,
    /// How many recover.
    pub threshold: u8,
    /// How many there are.
    pub shares: u8,
    /// What they give.
    pub gives: Shared,
    /// Check value of it.
    pub kcv: Option<Kcv>,
    /// Commitment to it.
    pub commitment: Commitment,
    /// Those that were read back, in this order.
    pub confirmed: Vec<ConfirmedShare>,
    /// Digest and number of keys of the escrow that they open.
    pub escrow: Option<(Fingerprint, u64)>,
    /// People agreed that they are void.
    pub void: bool,
}

impl SharesRecord {
    /// Every set that the lines before number `end` tell of, in order.
    #[must_use]
    pub fn before(chain: &Transcript, end: u64) -> Vec<Self> {
        let mut sets: Vec<Self> = Vec::new();
        for line in chain.lines().iter().take_while(|l| l.seq < end) {
            match &line.event {
                Event::SharesMade { set, threshold, shares, gives, kcv, commitment } => sets.push(Self {
                    seq: line.seq,
                    set: set.clone(),
                    threshold: *threshold,
                    shares: *shares,
                    gives: *gives,
                    kcv: *kcv,
                    commitment: *commitment,
                    confirmed: Vec::new(),
                    escrow: None,
                    void: false,
                }),
                event => {
                    if let Some(last) = sets.last_mut() {
                        last.note(event, line.time);
                    }
                }
            }
        }
        sets
    }

    /// Every set of a record.
    #[must_use]
    pub fn all(chain: &Transcript) -> Vec<Self> {
        Self::before(chain, u64::MAX)
    }

    fn note(&mut self, event: &Event, time: Timestamp) {
        match event {
            Event::ShareConfirmed { set, number, of, custodian, medium, share_sha256 }
                if *set == self.set =>
            {
                self.confirmed.push(ConfirmedShare {
                    number: *number,
                    of: *of,
                    custodian: custodian.as_ref().and_then(|said| said.open().cloned()),
                    medium: *medium,
                    share_sha256: *share_sha256,
                    time,
                });
            }
            Event::EscrowWritten { escrow_sha256, keys } => self.escrow = Some((*escrow_sha256, *keys)),
            Event::SharesVoid { set, .. } if *set == self.set => self.void = true,
            _ => {}
        }
    }

    /// The share of this number, if it was read back.
    #[must_use]
    pub fn share(&self, number: u8) -> Option<&ConfirmedShare> {
        self.confirmed.iter().find(|s| s.number == number)
    }
}
