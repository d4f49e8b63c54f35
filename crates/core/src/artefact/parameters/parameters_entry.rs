//! The written form of an entry of `parameters.json`, and the provider's rules that it must follow.

use serde::{Deserialize, Serialize};

use super::ParameterEntry;
use crate::provider::{Facts, Material, Token};
use crate::serde_helpers::stated;
use crate::{Alias, Base64Bytes, ImportTokenDigest, KeyId, Provider, Region, Timestamp, WrappingAlgorithm};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    alias: Alias,
    provider: Provider,
    region: Region,
    key_id: KeyId,
    kind: String,
    material: Material,
    algorithm: WrappingAlgorithm,
    wrapping_key_spec: String,
    public_key: Base64Bytes,
    #[serde(deserialize_with = "stated")]
    import_token_sha256: Option<ImportTokenDigest>,
    #[serde(deserialize_with = "stated")]
    expires_at: Option<Timestamp>,
}

impl From<ParameterEntry> for Entry {
    fn from(entry: ParameterEntry) -> Self {
        Self {
            alias: entry.alias,
            provider: entry.provider,
            region: entry.region,
            key_id: entry.key_id,
            kind: entry.kind.name.to_owned(),
            material: entry.kind.material,
            algorithm: entry.algorithm,
            wrapping_key_spec: entry.wrapping_key_spec.name.to_owned(),
            public_key: entry.public_key,
            import_token_sha256: entry.import_token_sha256,
            expires_at: entry.expires_at,
        }
    }
}

impl TryFrom<Entry> for ParameterEntry {
    type Error = String;

    fn try_from(entry: Entry) -> Result<Self, String> {
        let facts = entry.provider.facts();
        let kind = facts.kind(&entry.kind).ok_or("a kind of key that the provider does not have")?;
        if kind.material != entry.material {
            return Err("material that does not suit its kind of key".to_owned());
        }
        let spec = facts.wrapping_key(&entry.wrapping_key_spec);
        let this = Self {
            alias: entry.alias,
            provider: entry.provider,
            region: entry.region,
            key_id: entry.key_id,
            kind,
            algorithm: entry.algorithm,
            wrapping_key_spec: spec.ok_or("a wrapping key that the provider does not have")?,
            public_key: entry.public_key,
            import_token_sha256: entry.import_token_sha256,
            expires_at: entry.expires_at,
        };
        this.check(facts)?;
        Ok(this)
    }
}

impl ParameterEntry {
    /// Checks that names, algorithm, token and expiry have the form that the provider uses.
    pub(super) fn check(&self, facts: &Facts) -> Result<(), String> {
        facts
            .check_names(&self.alias, Some(&self.key_id), &self.region)
            .map_err(|bad| format!("{:?}: {}", bad.name, bad.expected.en))?;
        facts.spelling(self.algorithm).ok_or("an algorithm that the provider does not take")?;
        match (facts.token, &self.import_token_sha256) {
            (Token::Required { .. }, Some(_)) | (Token::None, None) => {}
            (Token::Required { .. }, None) => return Err("the provider's token is missing".to_owned()),
            (Token::None, Some(_)) => {
                return Err("a token is present, although the provider issues none".to_owned());
            }
        }
        Ok(facts.check_lifetime(self.expires_at)?)
    }
}
