//! The state file: keys that outlive the process, in a crash-safe database, one record per key.
//!
//! A change is one transaction, on the disk before the reply leaves; what a killed process had not finished never happened. Clock,
//! faults, limit and counts are not kept. Material stands there in the clear, as it must somewhere: this is no vault, and only
//! the file's owner may read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::{fmt, panic};

use keyferry_core::{Fingerprint, Timestamp, WrappingAlgorithm};
use keyferry_tencent::Edition;
use keyferry_tencent::Sensitive;
use keyferry_tencent::wire::{KeyState, Origin, Tag};
use redb::{Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use rsa::PrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::key::{Binding, ImportParameters, Key};
use crate::rules;

const FORMAT: &str = "keyferry/emulator-state/1";

/// What the file is: [`FORMAT`] under the name `format`.
const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("about");

/// Region and key id → a [`Record`] as JSON.
const KEYS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("keys");

/// SHA-256 → the wrapping key pair, as PKCS#8. Keys share pairs, and a pair is longer than all the rest of a record.
const PAIRS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("pairs");

/// Bytes of the file that are kept in memory.
const CACHE: usize = 16 * 1024 * 1024;

/// Why a state file cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum StateFileError {
    /// The file cannot be opened.
    Open(io::Error),
    /// Other people may read or write it; its permission bits.
    Exposed(u32),
    /// Another emulator has it open.
    InUse,
    /// Not a state file of this version.
    Format,
    /// A record or the database itself is damaged.
    Damaged,
    /// Reading or writing failed.
    Database(Box<redb::Error>),
    /// A seed would make the ids of an earlier run again.
    Seeded,
}

impl fmt::Display for StateFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(e) => write!(f, "{e}"),
            Self::Exposed(mode) => write!(f, "others may read it (mode {mode:03o}): chmod 600"),
            Self::InUse => f.write_str("another emulator has it open"),
            Self::Format => f.write_str("it is not a state file of this version"),
            Self::Damaged => f.write_str("it is damaged"),
            Self::Database(e) => write!(f, "{e}"),
            Self::Seeded => f.write_str("a seeded emulator would make the ids of an earlier run again"),
        }
    }
}

impl std::error::Error for StateFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(e) => Some(e),
            Self::Database(e) => Some(e),
            Self::Exposed(_) | Self::InUse | Self::Format | Self::Damaged | Self::Seeded => None,
        }
    }
}

impl<E: Into<redb::Error>> From<E> for StateFileError {
    fn from(e: E) -> Self {
        match e.into() {
            redb::Error::DatabaseAlreadyOpen => Self::InUse,
            redb::Error::Corrupted(_) => Self::Damaged,
            redb::Error::UpgradeRequired(_) | redb::Error::TableTypeMismatch { .. } => Self::Format,
            redb::Error::Io(e) if e.kind() == io::ErrorKind::InvalidData => Self::Format,
            other => Self::Database(Box::new(other)),
        }
    }
}

/// An open state file.
pub(crate) struct Store(Database);

/// A key's region and the key.
pub(crate) type Kept = (String, Key);

impl Store {
    /// Opens the file, or makes it, and reads every key whose deletion date has not come.
    pub(crate) fn open(path: &Path, now: Timestamp) -> Result<(Self, Vec<Kept>), StateFileError> {
        let file = open_private(path)?;
        // The database asserts what it believes of its own pages; a damaged file must be refused in words.
        let opened = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            let database = Builder::new().set_cache_size(CACHE).create_file(file)?;
            check_format(&database)?;
            let kept = read(&database, now)?;
            Ok((Self(database), kept))
        }));
        opened.unwrap_or(Err(StateFileError::Damaged))
    }

    /// Writes keys of one region, all of them or none.
    pub(crate) fn put(&self, region: &str, keys: &[Key]) -> Result<(), StateFileError> {
        if keys.is_empty() {
            return Ok(());
        }
        let transaction = self.0.begin_write()?;
        {
            let (mut records, mut pairs) = (transaction.open_table(KEYS)?, transaction.open_table(PAIRS)?);
            for key in keys {
                let (record, pair) = Record::of(key)?;
                if let Some((digest, der)) = pair
                    && pairs.get(digest.as_bytes())?.is_none()
                {
                    pairs.insert(digest.as_bytes(), der.as_slice())?;
                }
                let json = Zeroizing::new(serde_json::to_vec(&record).map_err(|_| StateFileError::Damaged)?);
                records.insert((region, key.id.as_str()), json.as_slice())?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Forgets every key.
    pub(crate) fn clear(&self) -> Result<(), StateFileError> {
        let transaction = self.0.begin_write()?;
        transaction.open_table(KEYS)?.retain(|_, _| false)?;
        transaction.open_table(PAIRS)?.retain(|_, _| false)?;
        Ok(transaction.commit()?)
    }
}

/// A file that its owner alone may read and write.
fn open_private(path: &Path) -> Result<File, StateFileError> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(StateFileError::Open)?;
    let about = file.metadata().map_err(StateFileError::Open)?;
    if !about.is_file() {
        return Err(StateFileError::Format);
    }
    if about.mode() & 0o077 != 0 {
        return Err(StateFileError::Exposed(about.mode() & 0o777));
    }
    Ok(file)
}

/// Marks a new file, and refuses one that is marked otherwise.
fn check_format(database: &Database) -> Result<(), StateFileError> {
    let transaction = database.begin_write()?;
    let is_new = transaction.list_tables()?.next().is_none();
    {
        let mut about = transaction.open_table(ABOUT)?;
        if is_new {
            about.insert("format", FORMAT)?;
            transaction.open_table(KEYS)?;
            transaction.open_table(PAIRS)?;
        } else if about.get("format")?.is_none_or(|found| found.value() != FORMAT) {
            return Err(StateFileError::Format);
        }
    }
    Ok(transaction.commit()?)
}

/// All keys; what nobody can ask for any more leaves the file.
fn read(database: &Database, now: Timestamp) -> Result<Vec<Kept>, StateFileError> {
    let transaction = database.begin_read()?;
    let mut pairs = BTreeMap::new();
    for entry in transaction.open_table(PAIRS)?.iter()? {
        let (digest, der) = entry?;
        let pair = PrivateKey::from_pkcs8_der(der.value()).map_err(|_| StateFileError::Damaged)?;
        if Fingerprint::of(der.value()).as_bytes() != digest.value() {
            return Err(StateFileError::Damaged);
        }
        pairs.insert(*digest.value(), Arc::new(pair));
    }
    let (mut kept, mut gone, mut used) = (Vec::new(), Vec::new(), BTreeSet::new());
    for entry in transaction.open_table(KEYS)?.iter()? {
        let (place, json) = entry?;
        let (region, id) = place.value();
        let record: Record = serde_json::from_slice(json.value()).map_err(|_| StateFileError::Damaged)?;
        let pair = record.parameters.as_ref().map(|parameters| *parameters.pair_sha256.as_bytes());
        let key = record.into_key(&pairs)?;
        if key.id != id {
            return Err(StateFileError::Damaged);
        }
        if key.is_gone(now) {
            gone.push((region.to_owned(), key.id));
        } else {
            used.extend(pair);
            kept.push((region.to_owned(), key));
        }
    }
    drop(transaction);
    let transaction = database.begin_write()?;
    {
        let mut records = transaction.open_table(KEYS)?;
        for (region, id) in &gone {
            records.remove((region.as_str(), id.as_str()))?;
        }
        transaction.open_table(PAIRS)?.retain(|digest, _| used.contains(digest))?;
    }
    transaction.commit()?;
    Ok(kept)
}

/// A key as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
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

/// What the last fetch handed out, as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParametersRecord {
    token: Sensitive,
    pair_sha256: Fingerprint,
    algorithm: WrappingAlgorithm,
    valid_to: Timestamp,
}

/// A wrapping key pair as PKCS#8, and its name.
type Pair = (Fingerprint, Zeroizing<Vec<u8>>);

impl Record {
    fn of(key: &Key) -> Result<(Self, Option<Pair>), StateFileError> {
        let mut pair = None;
        let mut parameters = None;
        if let Some(handed_out) = &key.parameters {
            let der = handed_out.private_key.to_pkcs8_der().map_err(|_| StateFileError::Damaged)?.to_bytes();
            let digest = Fingerprint::of(&der);
            pair = Some((digest, der));
            parameters = Some(ParametersRecord {
                token: handed_out.token.clone(),
                pair_sha256: digest,
                algorithm: handed_out.algorithm,
                valid_to: handed_out.valid_to,
            });
        }
        let record = Self {
            id: key.id.clone(),
            alias: key.alias.clone(),
            description: key.description.clone(),
            created: key.created,
            origin: key.origin,
            edition: key.edition,
            usage: key.usage.clone(),
            state: key.state,
            tags: key.tags.clone(),
            rotation: key.rotation,
            deletion: key.deletion,
            material: key.material.as_ref().map(|material| Sensitive::new(rules::to_base64(material))),
            valid_to: key.valid_to,
            bound_sha256: key.binding.map(|binding| binding.0),
            parameters,
            imports: key.imports,
            fetches: key.fetches,
        };
        Ok((record, pair))
    }

    fn into_key(self, pairs: &BTreeMap<[u8; 32], Arc<PrivateKey>>) -> Result<Key, StateFileError> {
        rules::key_id(&self.id).map_err(|_| StateFileError::Damaged)?;
        let material = self.material.map(|text| {
            rules::base64(text.expose(), "material")
                .ok()
                .filter(|m| m.len() == self.edition.material().bytes())
        });
        let parameters = self.parameters.map(|record| {
            let private_key = pairs.get(record.pair_sha256.as_bytes())?.clone();
            let ParametersRecord { token, algorithm, valid_to, .. } = record;
            Some(ImportParameters { token, private_key, algorithm, valid_to })
        });
        // Named but not there: then the file does not hold what was written.
        if matches!(material, Some(None)) || matches!(parameters, Some(None)) {
            return Err(StateFileError::Damaged);
        }
        Ok(Key {
            id: self.id,
            alias: self.alias,
            description: self.description,
            created: self.created,
            origin: self.origin,
            edition: self.edition,
            usage: self.usage,
            state: self.state,
            tags: self.tags,
            rotation: self.rotation,
            deletion: self.deletion,
            material: material.flatten(),
            valid_to: self.valid_to,
            binding: self.bound_sha256.map(Binding),
            parameters: parameters.flatten(),
            imports: self.imports,
            earlier: Vec::new(),
            fetches: self.fetches,
        })
    }
}
