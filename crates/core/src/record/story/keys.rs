//! Keys: how each was created, fetched, generated or recovered, wrapped, imported, and proved or refused.

use std::collections::BTreeMap;

use crate::provider;
use crate::tally::hand_out;
use crate::transcript::{Line, MaterialSource};
use crate::{
    Alias, Commitment, Event, Fingerprint, ImportTokenDigest, Kcv, KeyId, Region, Station, Timestamp,
    ValidTo, WrappingAlgorithm,
};

/// The lines about one key that decide its outcome, in order.
#[derive(Clone, Debug)]
pub struct KeyStory<'t> {
    alias: &'t Alias,
    lines: Vec<&'t Line>,
    /// The lines among them that are about its material.
    materials: Vec<&'t Line>,
}

/// A key that was created in the service.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct Created<'t> {
    pub seq: u64,
    pub alias: &'t Alias,
    pub region: &'t Region,
    pub key_id: &'t KeyId,
}

/// Import parameters that were fetched.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct Fetched<'t> {
    pub seq: u64,
    pub station: Station,
    pub region: &'t Region,
    pub key_id: &'t KeyId,
    pub algorithm: WrappingAlgorithm,
    pub wrapping_key_sha256: Fingerprint,
    pub import_token_sha256: Option<ImportTokenDigest>,
    pub expires_at: Option<Timestamp>,
}

/// Where a key's material came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was generated.
    Generated(MaterialSource),
    /// Shares recovered it.
    Recovered,
    /// A token still had it, or had it again: the record with this head contains the commitment to it.
    Held(Fingerprint),
}

/// Material that existed in memory.
#[derive(Clone, Copy, Debug)]
pub struct Material<'t> {
    /// Number of the line, from 0.
    pub seq: u64,
    /// Alias of its key.
    pub alias: &'t Alias,
    /// Where it came from.
    pub origin: Origin,
    /// Its kind and its length.
    pub material: provider::Material,
    /// Its check value, if the plan asks for one.
    pub kcv: Option<Kcv>,
    /// Commitment to it; `None` if no keyferry program ever held it.
    pub commitment: Option<Commitment>,
}

/// Material that was wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct Wrapped<'t> {
    pub key_id: &'t KeyId,
    pub wrapping_key_sha256: Fingerprint,
    pub wrapped_sha256: Fingerprint,
}

/// Material that the service accepted.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct Imported<'t> {
    pub seq: u64,
    pub key_id: &'t KeyId,
}

/// The service's proof that a key works.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct Proof<'t> {
    pub seq: u64,
    pub key_id: &'t KeyId,
    pub state: &'t str,
    pub valid_to: ValidTo,
    pub round_trip: bool,
}

/// The final outcome for a key.
#[derive(Clone, Copy, Debug)]
pub enum KeyEnd<'t> {
    /// The service proved it.
    Proved(Proof<'t>),
    /// It was refused; the ceremony continued with the other keys.
    Failed {
        /// The control that refused it.
        control: &'t str,
        /// The reason, in the station's words.
        reason: &'t str,
    },
}

/// Everything that the lines with one key id say, under any alias.
#[derive(Clone, Debug, Default)]
pub struct InService<'t> {
    /// Commitments to material that shares or a token recovered for it.
    pub recovered: Vec<Commitment>,
    /// Ids of the requests with which the service accepted material for it.
    pub imported: Vec<&'t str>,
    /// Whether it was proved and nothing was imported into it afterwards.
    pub proved: bool,
    /// Commitments to recovered material that the key holds, according to the service.
    pub backup_proved: Vec<Commitment>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Keys<'t> {
    pub(super) keys: Vec<KeyStory<'t>>,
    pub(super) by_alias: BTreeMap<&'t Alias, usize>,
    /// The lines that say what the service, shares or a token did for a key id, in order.
    pub(super) by_id: BTreeMap<&'t KeyId, Vec<&'t Line>>,
    pub(super) created: Vec<Created<'t>>,
    pub(super) seeded: Option<u64>,
}

impl<'t> Keys<'t> {
    pub(super) fn tell(&mut self, line: &'t Line) {
        match &line.event {
            Event::KeyCreated { alias, region, key_id, .. } => {
                self.created.push(Created { seq: line.seq, alias, region, key_id });
            }
            Event::MaterialRecovered { alias, key_id, .. }
            | Event::MaterialHeld { alias, key_id, .. }
            | Event::Imported { alias, key_id, .. }
            | Event::Proved { alias, key_id, .. } => {
                self.in_service(key_id, line);
                self.about(alias, line);
            }
            Event::BackupProved { key_id, .. } => self.in_service(key_id, line),
            Event::MaterialGenerated { alias, source, .. } => {
                if *source == MaterialSource::Seeded {
                    self.seeded.get_or_insert(line.seq);
                }
                self.about(alias, line);
            }
            Event::ParametersFetched { alias, .. }
            | Event::KeyFailed { alias, .. }
            | Event::Wrapped { alias, .. } => self.about(alias, line),
            _ => {}
        }
    }

    fn in_service(&mut self, key: &'t KeyId, line: &'t Line) {
        // Nearly every key is imported and proved, once each.
        self.by_id.entry(key).or_insert_with(|| Vec::with_capacity(2)).push(line);
    }

    fn about(&mut self, alias: &'t Alias, line: &'t Line) {
        let at = *self.by_alias.entry(alias).or_insert_with(|| {
            self.keys.push(KeyStory { alias, lines: Vec::new(), materials: Vec::with_capacity(1) });
            self.keys.len() - 1
        });
        if let Some(key) = self.keys.get_mut(at) {
            if key.lines.len() == key.lines.capacity() {
                // Most keys have five such lines.
                key.lines.reserve_exact(key.lines.len().max(5));
            }
            key.lines.push(line);
            key.materials.extend(Material::of(line).map(|_| line));
        }
    }
}

impl<'t> InService<'t> {
    pub(super) fn of(lines: &[&'t Line]) -> Self {
        let mut this = Self::default();
        for line in hand_out(lines) {
            match &line.event {
                Event::MaterialRecovered { commitment, .. } | Event::MaterialHeld { commitment, .. } => {
                    this.recovered.extend(*commitment);
                }
                Event::Imported { request_id, .. } => {
                    this.imported.push(request_id);
                    // A proof that precedes an import says nothing about that import.
                    this.proved = false;
                }
                Event::Proved { .. } => this.proved = true,
                Event::BackupProved { commitment, .. } => this.backup_proved.push(*commitment),
                _ => {}
            }
        }
        this
    }
}

impl<'t> KeyStory<'t> {
    /// Alias of the key.
    #[must_use]
    pub const fn alias(&self) -> &'t Alias {
        self.alias
    }

    /// The last line before number `end` that `pick` selects.
    fn last<T>(&self, end: u64, pick: impl Fn(&'t Line) -> Option<T>) -> Option<T> {
        hand_out(&self.lines).iter().rev().filter(|line| line.seq < end).find_map(|line| pick(line))
    }

    /// Parameters that were fetched for it, in order.
    pub fn fetches(&self) -> impl Iterator<Item = Fetched<'t>> {
        hand_out(&self.lines).iter().filter_map(|line| fetched(line))
    }

    /// The last material that existed for it.
    #[must_use]
    pub fn material(&self) -> Option<Material<'t>> {
        Material::of(self.materials.last()?)
    }

    /// The last material before line number `end`.
    #[must_use]
    pub fn material_before(&self, end: u64) -> Option<Material<'t>> {
        let before = self.materials.partition_point(|line| line.seq < end);
        Material::of(self.materials.get(before.checked_sub(1)?)?)
    }

    /// The last material before line number `end` that was generated, as opposed to recovered or found in a
    /// token.
    #[must_use]
    pub fn generated_before(&self, end: u64) -> Option<Material<'t>> {
        let before = self.materials.partition_point(|line| line.seq < end);
        let before = hand_out(self.materials.get(..before).unwrap_or_default());
        let mut before = before.iter().rev().filter_map(|line| Material::of(line));
        before.find(|material| matches!(material.origin, Origin::Generated(_)))
    }

    /// The last wrapping of material for it.
    #[must_use]
    pub fn wrapped(&self) -> Option<Wrapped<'t>> {
        self.last(u64::MAX, |line| match &line.event {
            Event::Wrapped { key_id, wrapping_key_sha256, wrapped_sha256, .. } => Some(Wrapped {
                key_id,
                wrapping_key_sha256: *wrapping_key_sha256,
                wrapped_sha256: *wrapped_sha256,
            }),
            _ => None,
        })
    }

    /// Every time that the service accepted material for it, in order.
    pub fn imports(&self) -> impl Iterator<Item = Imported<'t>> {
        hand_out(&self.lines).iter().filter_map(|line| match &line.event {
            Event::Imported { key_id, .. } => Some(Imported { seq: line.seq, key_id }),
            _ => None,
        })
    }

    /// Every proof, in order.
    pub fn proofs(&self) -> impl Iterator<Item = Proof<'t>> {
        hand_out(&self.lines).iter().filter_map(|line| proof(line))
    }

    /// Whether a command ever refused it, even if it succeeded later.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        hand_out(&self.lines).iter().any(|line| matches!(line.event, Event::KeyFailed { .. }))
    }

    /// The final outcome: proved or refused.
    #[must_use]
    pub fn end(&self) -> Option<KeyEnd<'t>> {
        self.last(u64::MAX, |line| match &line.event {
            Event::KeyFailed { control, reason, .. } => Some(KeyEnd::Failed { control, reason }),
            _ => proof(line).map(KeyEnd::Proved),
        })
    }
}

fn fetched(line: &Line) -> Option<Fetched<'_>> {
    let Event::ParametersFetched {
        region,
        key_id,
        algorithm,
        wrapping_key_sha256,
        import_token_sha256,
        expires_at,
        ..
    } = &line.event
    else {
        return None;
    };
    Some(Fetched {
        seq: line.seq,
        station: line.station,
        region,
        key_id,
        algorithm: *algorithm,
        wrapping_key_sha256: **wrapping_key_sha256,
        import_token_sha256: import_token_sha256.as_deref().copied(),
        expires_at: *expires_at,
    })
}

fn proof(line: &Line) -> Option<Proof<'_>> {
    let Event::Proved { key_id, state, valid_to, round_trip, .. } = &line.event else { return None };
    Some(Proof { seq: line.seq, key_id, state, valid_to: *valid_to, round_trip: *round_trip })
}

impl<'t> Material<'t> {
    /// The material that a line reports. No other code reads these three kinds of lines.
    pub(super) fn of(line: &'t Line) -> Option<Self> {
        let (alias, origin, material, kcv, commitment) = match &line.event {
            Event::MaterialGenerated { alias, material, source, kcv, commitment } => {
                (alias, Origin::Generated(*source), material, kcv, commitment)
            }
            Event::MaterialRecovered { alias, material, kcv, commitment, .. } => {
                (alias, Origin::Recovered, material, kcv, commitment)
            }
            Event::MaterialHeld { alias, material, kcv, commitment, record_head, .. } => {
                (alias, Origin::Held(*record_head), material, kcv, commitment)
            }
            _ => return None,
        };
        let (material, kcv, commitment) = (*material, *kcv, *commitment);
        Some(Self { seq: line.seq, alias, origin, material, kcv, commitment })
    }
}
