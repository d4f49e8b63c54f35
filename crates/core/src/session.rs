//! `session.json`: the online station's secret half of an export. It holds the import tokens and never crosses.
//!
//! It embeds the whole `parameters.json`, so that an interrupted export can be finished without fetching again (a second
//! fetch would kill the first), and an import needs no other file than this and the ciphertext.

use serde::{Deserialize, Serialize, Serializer};

use crate::artefact::{self, Artefact, ArtefactError, Format};
use crate::{Fingerprint, ImportToken, KeyId, Parameters, ValidTo};

/// The secret part of one key's export.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionEntry {
    /// Id of the key.
    pub key_id: KeyId,
    /// The plan's expiry of the material.
    pub valid_to: ValidTo,
    /// The token that `ImportKeyMaterial` wants.
    #[serde(serialize_with = "expose")]
    pub import_token: ImportToken,
}

// The one place where a token is written: into the 0600 file that exists to hold it.
fn expose<S: Serializer>(token: &ImportToken, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(token.expose())
}

/// A well-formed `session.json`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    format: Format<Self>,
    /// The endpoint that the parameters were fetched from.
    pub endpoint: String,
    /// SHA-256 of the exact bytes of `parameters.json`.
    pub parameters_sha256: Fingerprint,
    /// What `parameters.json` holds.
    pub parameters: Parameters,
    /// The tokens, in the order of the parameters' entries.
    pub secrets: Vec<SessionEntry>,
}

impl Artefact for Session {
    const FORMAT: &'static str = "keyferry/session/1";
    const SECRET: bool = true;

    fn validate(&self) -> Result<(), ArtefactError> {
        self.parameters.validate()?;
        let same_keys = self.secrets.len() == self.parameters.keys.len()
            && self.secrets.iter().zip(&self.parameters.keys).all(|(s, p)| s.key_id == p.key_id);
        if !same_keys {
            return Err(ArtefactError::Entries("tokens and parameters name different keys"));
        }
        let bound = self
            .secrets
            .iter()
            .zip(&self.parameters.keys)
            .all(|(s, p)| s.import_token.digest() == p.import_token_sha256);
        if !bound {
            return Err(ArtefactError::Entries("a token is not the one that its parameters name"));
        }
        let bytes = artefact::to_bytes(&self.parameters)?;
        if Fingerprint::of(&bytes) != self.parameters_sha256 {
            return Err(ArtefactError::Entries("the parameters are not those of the digest"));
        }
        Ok(())
    }
}

impl Session {
    /// Joins parameters with their tokens.
    ///
    /// # Errors
    /// [`ArtefactError::Entries`] if the two do not name the same keys and tokens.
    pub fn new(
        endpoint: String,
        parameters: Parameters,
        secrets: Vec<SessionEntry>,
    ) -> Result<Self, ArtefactError> {
        let parameters_sha256 = Fingerprint::of(&artefact::to_bytes(&parameters)?);
        let this = Self { format: Format::new(), endpoint, parameters_sha256, parameters, secrets };
        this.validate()?;
        Ok(this)
    }
}
