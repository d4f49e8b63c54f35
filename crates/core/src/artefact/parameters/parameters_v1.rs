//! `keyferry/parameters/1`: always read, never written. All its keys belonged to one provider, and the edition implied their
//! kind.

use serde::{Deserialize, Serialize};

use super::{ParameterEntry, unique};
use crate::artefact::{Artefact, ArtefactError, Form, Format, Version};
use crate::{
    Alias, Base64Bytes, CeremonyId, Fingerprint, ImportTokenDigest, KeyId, Provider, Purpose, Region,
    Timestamp, WrappingAlgorithm,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    alias: Alias,
    provider: Provider,
    region: Region,
    key_id: KeyId,
    edition: String,
    algorithm: WrappingAlgorithm,
    wrapping_key_spec: String,
    public_key: Base64Bytes,
    import_token_sha256: ImportTokenDigest,
    expires_at: Timestamp,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Text")]
#[serde(into = "Text")]
pub(crate) struct Entry {
    text: Text,
    pub(crate) entry: ParameterEntry,
}

impl From<Entry> for Text {
    fn from(entry: Entry) -> Self {
        entry.text
    }
}

impl TryFrom<Text> for Entry {
    type Error = String;

    fn try_from(text: Text) -> Result<Self, String> {
        if text.provider != Provider::OF_VERSION_1 {
            return Err(format!("this version knew only the provider {}", Provider::OF_VERSION_1));
        }
        let facts = text.provider.facts();
        let entry = ParameterEntry {
            alias: text.alias.clone(),
            provider: text.provider,
            region: text.region.clone(),
            key_id: text.key_id.clone(),
            kind: facts
                .kind(&text.edition)
                .ok_or_else(|| format!("expected the edition {}", facts.kind_names()))?,
            algorithm: text.algorithm,
            wrapping_key_spec: facts
                .wrapping_key(&text.wrapping_key_spec)
                .ok_or_else(|| format!("expected {}", facts.wrapping_key_names()))?,
            public_key: text.public_key.clone(),
            import_token_sha256: Some(text.import_token_sha256),
            expires_at: Some(text.expires_at),
        };
        entry.check(facts)?;
        Ok(Self { text, entry })
    }
}

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    format: Format<Self>,
    purpose: Purpose,
    ceremony: CeremonyId,
    plan_sha256: Fingerprint,
    fetched_at: Timestamp,
    keys: Vec<Entry>,
}

impl Form for Parameters {
    const FORMAT: &'static str = "keyferry/parameters/1";

    fn validate(&self) -> Result<(), ArtefactError> {
        unique(self.keys.iter().map(|k| (&k.entry.alias, &k.entry.key_id)))
    }
}

impl Artefact for super::Parameters {
    type Former = Parameters;
}

impl From<Parameters> for super::Parameters {
    fn from(former: Parameters) -> Self {
        Self {
            format: Format::new(),
            purpose: former.purpose,
            ceremony: former.ceremony,
            plan_sha256: former.plan_sha256,
            fetched_at: former.fetched_at,
            keys: former.keys.into_iter().map(|k| k.entry).collect(),
            version: Version::One,
        }
    }
}

impl Parameters {
    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = &ParameterEntry> {
        self.keys.iter().map(|k| &k.entry)
    }
}
