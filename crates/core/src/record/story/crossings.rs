//! Crossings: what each station wrote for the other, what the other checked, and what people confirmed.

use std::collections::BTreeMap;

use crate::transcript::{Line, Means};
use crate::{Event, EventKind, Fingerprint, Station};

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
    /// Whether people agreed; if not, only the station checked it.
    pub confirmed: bool,
    /// How people told the program.
    pub means: Option<Means>,
}

/// `parameters.json` was written.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
pub struct Exported<'t> {
    pub seq: u64,
    pub station: Station,
    pub parameters_sha256: Fingerprint,
    pub endpoint: &'t str,
    pub keys: u64,
}

/// `ciphertext.json` was written.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The fields are those of the line.
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
    pub(super) seen: Vec<Seen<'t>>,
    pub(super) exported: Vec<Exported<'t>>,
    pub(super) written: Vec<Written>,
    /// The digests that people agreed on, by station (`true` for online) and file: line numbers and digests,
    /// in order.
    pub(super) agreed: BTreeMap<(bool, &'t str), Vec<(u64, Fingerprint)>>,
    /// The numbers of the lines that record the writing of a ciphertext, by its digest.
    pub(super) lines_of: BTreeMap<Fingerprint, Vec<u64>>,
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
