//! `session.json`: the online station's secret half of an export. It holds the import tokens and never crosses.
//!
//! It embeds the whole `parameters.json`, so that an interrupted export can be finished without fetching again (a second
//! fetch would invalidate the first), and an import needs only this file and the ciphertext.

use serde::{Deserialize, Serialize, Serializer};

use crate::artefact::{self, ArtefactError, Form, Format};
use crate::serde_helpers::stated;
use crate::{Fingerprint, ImportToken, ImportTokenDigest, KeyId, ParameterEntry, Parameters, ValidTo};

mod session_v1;

/// The secret part of one key's export.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionEntry {
    /// Id of the key.
    pub key_id: KeyId,
    /// When the material expires, according to the plan.
    pub valid_to: ValidTo,
    /// The token that an import needs; `None` if the provider issues none.
    #[serde(serialize_with = "expose", deserialize_with = "stated")]
    pub import_token: Option<ImportToken>,
}

// This is the only place that writes a token: into the 0600 file that exists to hold it.
fn expose<S: Serializer>(token: &Option<ImportToken>, s: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(ImportToken::expose).serialize(s)
}

impl SessionEntry {
    /// SHA-256 of the token, if there is one.
    #[must_use]
    pub fn token_digest(&self) -> Option<ImportTokenDigest> {
        self.import_token.as_ref().map(ImportToken::digest)
    }
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
    /// The content of `parameters.json`.
    pub parameters: Parameters,
    /// The tokens, in the order of the parameters' entries.
    #[serde(deserialize_with = "crate::serde_helpers::entries")]
    pub secrets: Vec<SessionEntry>,
}

impl Form for Session {
    const FORMAT: &'static str = "keyferry/session/2";
    const SECRET: bool = true;

    fn validate(&self) -> Result<(), ArtefactError> {
        self.parameters.validate()?;
        check_pairs(&self.secrets, self.parameters.keys.iter())?;
        if artefact::digest(&self.parameters)? != self.parameters_sha256 {
            return Err(ArtefactError::Entries("the parameters are not those of the digest"));
        }
        Ok(())
    }
}

/// Each key's secrets belong to its parameters, and each token is the one that the parameters name.
fn check_pairs<'p>(
    secrets: &[SessionEntry],
    keys: impl ExactSizeIterator<Item = &'p ParameterEntry>,
) -> Result<(), ArtefactError> {
    let different = ArtefactError::Entries("tokens and parameters name different keys");
    if secrets.len() != keys.len() {
        return Err(different);
    }
    for (secret, key) in secrets.iter().zip(keys) {
        if secret.key_id != key.key_id {
            return Err(different);
        }
        if secret.token_digest() != key.import_token_sha256 {
            return Err(ArtefactError::Entries("a token is not the one that its parameters name"));
        }
    }
    Ok(())
}

impl Session {
    /// Combines parameters with their tokens.
    ///
    /// # Errors
    /// [`ArtefactError::Entries`] if the two do not name the same keys and tokens.
    pub fn new(
        endpoint: String,
        parameters: Parameters,
        secrets: Vec<SessionEntry>,
    ) -> Result<Self, ArtefactError> {
        parameters.validate()?;
        check_pairs(&secrets, parameters.keys.iter())?;
        let parameters_sha256 = artefact::digest(&parameters)?;
        Ok(Self { format: Format::new(), endpoint, parameters_sha256, parameters, secrets })
    }
}
