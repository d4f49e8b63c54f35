//! Crossings: what each station wrote for the other, and what the other checked and people confirmed.

use std::collections::BTreeMap;

use crate::tally::hand_out;
use crate::transcript::{Line, Means};
use crate::{Event, EventKind, Fingerprint, Station, Step, Story};

/// A station read a file and checked it, or people agreed on its digest.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'t> {
    /// Number of the line, from 0.
    pub seq: u64,
    /// Which station.
    pub station: Station,
    /// Name of the file.
    pub file: &'t str,
    /// Its digest.
    pub sha256: Fingerprint,
    /// People agreed; else the station alone checked it.
    pub confirmed: bool,
    /// How they told the program.
    pub means: Option<Means>,
}

/// `parameters.json` was written.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The members are those of the line.
pub struct Exported<'t> {
    pub seq: u64,
    pub station: Station,
    pub parameters_sha256: Fingerprint,
    pub endpoint: &'t str,
    pub keys: u64,
}

/// `ciphertext.json` was written.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The members are those of the line.
pub struct Written {
    pub seq: u64,
    pub station: Station,
    pub ciphertext_sha256: Fingerprint,
    pub parameters_sha256: Fingerprint,
    pub keys: u64,
    pub seeded: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Crossings<'t> {
    seen: Vec<Seen<'t>>,
    exported: Vec<Exported<'t>>,
    written: Vec<Written>,
    /// What people agreed on, by station and file: number of the line and digest, in order.
    agreed: BTreeMap<(bool, &'t str), Vec<(u64, Fingerprint)>>,
    /// The numbers of the lines that say that a ciphertext was written, by its digest.
    lines_of: BTreeMap<Fingerprint, Vec<u64>>,
}

impl<'t> Crossings<'t> {
    pub(super) fn tell(&mut self, line: &'t Line) {
        let (seq, station) = (line.seq, line.station);
        match &line.event {
            Event::Checked { file, sha256 } => {
                self.seen.push(Seen { seq, station, file, sha256: *sha256, confirmed: false, means: None });
            }
            Event::Confirmed { file, sha256 } => {
                let (sha256, means) = (*sha256, line.act.means);
                let online = station == Station::Online;
                self.agreed.entry((online, file.as_str())).or_default().push((seq, sha256));
                self.seen.push(Seen { seq, station, file, sha256, confirmed: true, means });
            }
            Event::Exported { parameters_sha256, endpoint, keys } => self.exported.push(Exported {
                seq,
                station,
                parameters_sha256: *parameters_sha256,
                endpoint,
                keys: *keys,
            }),
            Event::CiphertextWritten { ciphertext_sha256, parameters_sha256, keys, seeded } => {
                self.lines_of.entry(*ciphertext_sha256).or_default().push(seq);
                self.written.push(Written {
                    seq,
                    station,
                    ciphertext_sha256: *ciphertext_sha256,
                    parameters_sha256: *parameters_sha256,
                    keys: *keys,
                    seeded: *seeded,
                });
            }
            _ => {}
        }
    }
}

impl Seen<'_> {
    /// `checked` or `confirmed`.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        if self.confirmed { EventKind::Confirmed } else { EventKind::Checked }
    }
}

impl<'t> Story<'t> {
    /// Every file that a station checked or people confirmed, in order.
    #[must_use]
    pub fn seen(&self) -> &[Seen<'t>] {
        hand_out(&self.crossings.seen)
    }

    /// Every `parameters.json` that was written, in order.
    #[must_use]
    pub fn exports(&self) -> &[Exported<'t>] {
        hand_out(&self.crossings.exported)
    }

    /// Every `ciphertext.json` that was written, in order.
    #[must_use]
    pub fn ciphertexts(&self) -> &[Written] {
        hand_out(&self.crossings.written)
    }

    /// After line number `after`, every kind of line that a step demands is there about its file with this digest.
    ///
    /// # Errors
    /// The first kind that is not there.
    pub fn check_seen(&self, step: &Step, sha256: Fingerprint, after: u64) -> Result<(), EventKind> {
        let from = self.seen().partition_point(|seen| seen.seq <= after);
        let rest = self.seen().get(from..).unwrap_or_default();
        let expected = (step.place.station(), step.lines.file, sha256);
        let own = rest.iter().filter(|s| (Some(s.station), Some(s.file), s.sha256) == expected);
        step.lines.must.iter().try_for_each(|kind| {
            if own.clone().any(|seen| seen.kind() == *kind) { Ok(()) } else { Err(*kind) }
        })
    }

    /// The digest of a step's file that people agreed on last before line number `end`, at its station.
    #[must_use]
    pub fn agreed_before(&self, step: &Step, end: u64) -> Option<Fingerprint> {
        let online = step.place.station()? == Station::Online;
        let agreed = self.crossings.agreed.get(&(online, step.lines.file?))?;
        let before = agreed.partition_point(|(seq, _)| *seq < end);
        agreed.get(before.checked_sub(1)?).map(|(_, sha256)| *sha256)
    }

    /// Number of the last line before number `end` that says that this ciphertext was written.
    #[must_use]
    pub fn written_before(&self, ciphertext: Fingerprint, end: u64) -> Option<u64> {
        let lines = self.crossings.lines_of.get(&ciphertext)?;
        let before = lines.partition_point(|seq| *seq < end);
        lines.get(before.checked_sub(1)?).copied()
    }

    /// The record knows this export.
    #[must_use]
    pub fn is_exported(&self, parameters: Fingerprint) -> bool {
        self.export(parameters).is_some()
    }

    /// The record knows this export, and that the command came to its end after it.
    #[must_use]
    pub fn is_export_finished(&self, parameters: Fingerprint) -> bool {
        let export = self.export(parameters);
        export.is_some_and(|at| self.finishes().iter().any(|f| f.seq > at.seq && f.command == "export"))
    }

    fn export(&self, parameters: Fingerprint) -> Option<&Exported<'t>> {
        self.exports().iter().find(|export| export.parameters_sha256 == parameters)
    }
}
