//! How a key is written into the state file: everything but its wrapping key pair, which keys share.

use std::sync::Arc;

use keyferry_core::{Fingerprint, Timestamp, WrappingAlgorithm};
use keyferry_emulator_kit::Stored;
use keyferry_tencent::Edition;
use keyferry_tencent::Sensitive;
use keyferry_tencent::wire::{KeyState, Origin, Tag};
use rsa::PrivateKey;
use serde::{Deserialize, Serialize};

use crate::key::{Binding, ImportParameters, Key};
use crate::rules;

/// A key as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    id: String,
    alias: String,
    description: String,
    created: Timestamp,
    origin: Origin,
    edition: Edition,
    usage: String,
    state: KeyState,
    tags: Vec<Tag>,
    rotation: bool,
    deletion: Option<Timestamp>,
    material: Option<Sensitive>,
    valid_to: Option<Timestamp>,
    bound_sha256: Option<Fingerprint>,
    parameters: Option<ParametersRecord>,
    imports: u64,
    fetches: u64,
}

/// The parameters of the last fetch, as they are stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParametersRecord {
    token: Sensitive,
    pair_sha256: Fingerprint,
    algorithm: WrappingAlgorithm,
    valid_to: Timestamp,
}

impl Stored for Key {
    const FORMAT: &'static str = "keyferry/emulator-state/1";

    type Record = Record;

    fn id(&self) -> &str {
        &self.id
    }

    fn is_gone(&self, now: Timestamp) -> bool {
        Self::is_gone(self, now)
    }

    fn pair(&self) -> Option<&PrivateKey> {
        self.parameters.as_ref().map(|parameters| parameters.private_key.as_ref())
    }

    fn to_record(&self, pair: Option<Fingerprint>) -> Record {
        let parameters =
            self.parameters.as_ref().zip(pair).map(|(handed_out, pair_sha256)| ParametersRecord {
                token: handed_out.token.clone(),
                pair_sha256,
                algorithm: handed_out.algorithm,
                valid_to: handed_out.valid_to,
            });
        Record {
            id: self.id.clone(),
            alias: self.alias.clone(),
            description: self.description.clone(),
            created: self.created,
            origin: self.origin,
            edition: self.edition,
            usage: self.usage.clone(),
            state: self.state,
            tags: self.tags.clone(),
            rotation: self.rotation,
            deletion: self.deletion,
            material: self.material.as_ref().map(|material| Sensitive::new(rules::to_base64(material))),
            valid_to: self.valid_to,
            bound_sha256: self.binding.map(|binding| binding.0),
            parameters,
            imports: self.imports,
            fetches: self.fetches,
        }
    }

    fn pair_of(record: &Record) -> Option<Fingerprint> {
        record.parameters.as_ref().map(|parameters| parameters.pair_sha256)
    }

    fn from_record(record: Record, pair: Option<Arc<PrivateKey>>) -> Option<Self> {
        rules::key_id(&record.id).ok()?;
        let material = match record.material {
            None => None,
            // Material of another length means that this code did not write the file.
            Some(text) => {
                let material = rules::base64(text.expose(), "material").ok()?;
                Some(material)
                    .filter(|material| material.len() == record.edition.material().bytes())
                    .map(Some)?
            }
        };
        let parameters = record.parameters.zip(pair).map(|(written, private_key)| {
            let ParametersRecord { token, algorithm, valid_to, .. } = written;
            ImportParameters { token, private_key, algorithm, valid_to }
        });
        Some(Self {
            id: record.id,
            alias: record.alias,
            description: record.description,
            created: record.created,
            origin: record.origin,
            edition: record.edition,
            usage: record.usage,
            state: record.state,
            tags: record.tags,
            rotation: record.rotation,
            deletion: record.deletion,
            material,
            valid_to: record.valid_to,
            binding: record.bound_sha256.map(Binding),
            parameters,
            imports: record.imports,
            earlier: Vec::new(),
            fetches: record.fetches,
        })
    }
}
