//! Lines of `transcript/1`: always read, never written. Its first line did not name a format, and all its keys belonged to one
//! provider.

use serde::{Deserialize, Serialize};

use super::act::{Act, Means};
use super::event::{Event, MaterialSource, Station};
use super::line::Line;
use super::share_words::Shared;
use crate::ciphertext::ciphertext_v1::material;
use crate::escrow::BackupSet;
use crate::{
    Alias, CeremonyId, Commitment, Fingerprint, ImportTokenDigest, Kcv, KcvMethod, KeyId, MaterialLength,
    Region, Timestamp, WrappingAlgorithm,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    seq: u64,
    prev: Fingerprint,
    time: Timestamp,
    station: Station,
    ceremony: CeremonyId,
    event: Either,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Changed(Changed),
    Same(Event),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Consent {
    TypedYes,
    ExpectedDigest,
}

/// Events whose members have changed since.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Changed {
    ParametersFetched {
        alias: Alias,
        region: Region,
        key_id: KeyId,
        algorithm: WrappingAlgorithm,
        wrapping_key_sha256: Fingerprint,
        import_token_sha256: ImportTokenDigest,
        expires_at: Timestamp,
        request_id: String,
    },
    Confirmed {
        file: String,
        sha256: Fingerprint,
        consent: Consent,
    },
    MaterialGenerated {
        alias: Alias,
        bits: MaterialLength,
        source: MaterialSource,
        kcv: Kcv,
        commitment: Commitment,
    },
    SharesMade {
        set: BackupSet,
        threshold: u8,
        shares: u8,
        gives: Shared,
        kcv: Kcv,
        commitment: Commitment,
    },
    MaterialRecovered {
        alias: Alias,
        key_id: KeyId,
        bits: MaterialLength,
        kcv: Kcv,
        commitment: Commitment,
    },
}

/// A line in its canonical form; `None` for anything else.
pub(super) fn parse(text: &[u8]) -> Option<Line> {
    let read: Text = serde_json::from_slice(text).ok()?;
    if serde_json::to_vec(&read).ok()? != text {
        return None;
    }
    let Text { seq, prev, time, station, ceremony, event } = read;
    let (event, act) = match event {
        Either::Changed(changed) if changed.is_newer() => return None,
        Either::Changed(changed) => changed.now(),
        Either::Same(event) => (unchanged(event)?, Act::NOBODYS),
    };
    Some(Line { names_format: false, seq, prev, time, station, ceremony, act, event })
}

/// Events that had the same members in that version. Nothing was withheld then.
fn unchanged(event: Event) -> Option<Event> {
    let as_then = match &event {
        Event::ParametersFetched { .. }
        | Event::Confirmed { .. }
        | Event::MaterialGenerated { .. }
        | Event::SharesMade { .. }
        | Event::MaterialRecovered { .. }
        | Event::HsmLoaded { .. }
        | Event::HsmProbed { .. }
        | Event::HsmKey { .. }
        | Event::MaterialHeld { .. }
        | Event::Agreed { .. }
        | Event::KeyChanged { .. }
        | Event::GaveUp { .. } => false,
        Event::PostureWaived { reason, .. } | Event::BackupWaived { reason } => reason.open().is_some(),
        Event::ShareConfirmed { custodian, .. } => custodian.as_ref().is_none_or(|c| c.open().is_some()),
        Event::Note { by, text } => by.open().is_some() && text.open().is_some(),
        _ => true,
    };
    as_then.then_some(event)
}

impl Changed {
    /// This version had only check values made with a cipher, and no HSM.
    fn is_newer(&self) -> bool {
        if matches!(self, Self::MaterialGenerated { source: MaterialSource::Hsm, .. }) {
            return true;
        }
        let kcv = match self {
            Self::MaterialGenerated { kcv, .. }
            | Self::MaterialRecovered { kcv, .. }
            | Self::SharesMade { kcv, .. } => kcv,
            Self::ParametersFetched { .. } | Self::Confirmed { .. } => return false,
        };
        kcv.method == KcvMethod::Hmac
    }

    fn now(self) -> (Event, Act) {
        let event = match self {
            Self::Confirmed { file, sha256, consent } => {
                let means = match consent {
                    Consent::TypedYes => Means::TypedYes,
                    Consent::ExpectedDigest => Means::Option,
                };
                return (Event::Confirmed { file, sha256 }, Act::through(means));
            }
            Self::ParametersFetched {
                alias,
                region,
                key_id,
                algorithm,
                wrapping_key_sha256,
                import_token_sha256,
                expires_at,
                request_id,
            } => Event::ParametersFetched {
                alias,
                region,
                key_id,
                algorithm,
                wrapping_key_sha256: Box::new(wrapping_key_sha256),
                import_token_sha256: Some(Box::new(import_token_sha256)),
                expires_at: Some(expires_at),
                request_id,
            },
            Self::MaterialGenerated { alias, bits, source, kcv, commitment } => Event::MaterialGenerated {
                alias,
                material: material(kcv.method, bits),
                source,
                kcv: Some(kcv),
                commitment: Some(commitment),
            },
            Self::SharesMade { set, threshold, shares, gives, kcv, commitment } => {
                Event::SharesMade { set, threshold, shares, gives, kcv: Some(kcv), commitment }
            }
            Self::MaterialRecovered { alias, key_id, bits, kcv, commitment } => Event::MaterialRecovered {
                alias,
                key_id,
                material: material(kcv.method, bits),
                kcv: Some(kcv),
                commitment: Some(commitment),
            },
        };
        (event, Act::NOBODYS)
    }
}
