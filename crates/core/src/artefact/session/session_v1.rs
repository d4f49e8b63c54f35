//! `keyferry/session/1`: always read, never written.

use serde::{Deserialize, Serialize};

use super::{SessionEntry, check_pairs};
use crate::artefact::{self, Artefact, ArtefactError, Form, Format};
use crate::{Fingerprint, parameters::parameters_v1::Parameters};

/// The file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    format: Format<Self>,
    endpoint: String,
    parameters_sha256: Fingerprint,
    parameters: Parameters,
    secrets: Vec<SessionEntry>,
}

impl Form for Session {
    const FORMAT: &'static str = "keyferry/session/1";
    const SECRET: bool = true;

    fn validate(&self) -> Result<(), ArtefactError> {
        self.parameters.validate()?;
        check_pairs(&self.secrets, self.parameters.keys())?;
        let bytes = artefact::to_bytes(&self.parameters)?;
        if Fingerprint::of(&bytes) != self.parameters_sha256 {
            return Err(ArtefactError::Entries("the parameters are not those of the digest"));
        }
        Ok(())
    }
}

impl Artefact for super::Session {
    type Former = Session;
}

impl From<Session> for super::Session {
    fn from(former: Session) -> Self {
        Self {
            format: Format::new(),
            endpoint: former.endpoint,
            parameters_sha256: former.parameters_sha256,
            parameters: former.parameters.into(),
            secrets: former.secrets,
        }
    }
}
