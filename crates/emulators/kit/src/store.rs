//! The state file: keys that outlive the process, in a crash-safe database, one record per key.
//!
//! A change is one transaction, which is on the disk before the reply is sent. A change that a killed process had not
//! finished has no effect. Clock, faults, limit and counts are not kept. Material is stored in the clear, because an
//! emulator has no HSM: this is not a vault, and only the file's owner may read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::{fmt, panic};

use keyferry_core::{Fingerprint, Timestamp};
use redb::{Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use rsa::PrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// A vendor's key, as the state file keeps it.
pub trait Stored: Sized {
    /// The name and version of the format of a file with these keys.
    const FORMAT: &'static str;

    /// The JSON that is written for a key: everything but its wrapping key pair.
    type Record: Serialize + DeserializeOwned;

    /// The key's id, unique in its region.
    fn id(&self) -> &str;

    /// Whether the key is gone, so that nobody can request it any more.
    fn is_gone(&self, now: Timestamp) -> bool;

    /// The wrapping key pair of its last fetch.
    fn pair(&self) -> Option<&PrivateKey>;

    /// The record to write; `pair` is the digest under which the pair is stored.
    fn to_record(&self, pair: Option<Fingerprint>) -> Self::Record;

    /// The digest of the pair that a record names.
    fn pair_of(record: &Self::Record) -> Option<Fingerprint>;

    /// Restores the key; `None` for a record that this code did not write.
    fn from_record(record: Self::Record, pair: Option<Arc<PrivateKey>>) -> Option<Self>;
}

/// The file's format: [`Stored::FORMAT`] under the name `format`.
const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("about");

/// Region and key id → a [`Stored::Record`] as JSON.
const KEYS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("keys");

/// SHA-256 → the wrapping key pair, as PKCS#8. Stored once, because keys share pairs and a pair is longer than the rest of a record.
const PAIRS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("pairs");

/// Size of the cache in memory, in bytes.
const CACHE: usize = 16 * 1024 * 1024;

/// Why a state file cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum StateFileError {
    /// The file cannot be opened.
    Open(io::Error),
    /// Other people may read or write it; contains its permission bits.
    Exposed(u32),
    /// Another emulator has it open.
    InUse,
    /// Not a state file of this version.
    Format,
    /// A record or the database itself is damaged.
    Damaged,
    /// Reading or writing failed.
    Database(Box<redb::Error>),
    /// A seed was given, which would generate the ids of an earlier run again.
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
            Self::Seeded => f.write_str("a seeded emulator would generate the ids of an earlier run again"),
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
pub struct Store(Database);

/// A key's region and the key.
pub type Kept<K> = (String, K);

impl Store {
    /// Opens or creates the file, and reads every key whose deletion date has not come yet.
    ///
    /// # Errors
    /// [`StateFileError`]: others may read the file, it is in use, it has another version, or it is damaged.
    pub fn open<K: Stored>(path: &Path, now: Timestamp) -> Result<(Self, Vec<Kept<K>>), StateFileError> {
        let file = open_private(path)?;
        // The database library panics on damaged pages; a damaged file must be refused with an error message.
        let opened = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            let database = Builder::new().set_cache_size(CACHE).create_file(file)?;
            check_format(&database, K::FORMAT)?;
            let kept = read(&database, now)?;
            Ok((Self(database), kept))
        }));
        opened.unwrap_or(Err(StateFileError::Damaged))
    }

    /// Writes keys of one region, all of them or none.
    ///
    /// # Errors
    /// [`StateFileError::Database`] when it cannot be written.
    pub fn put<K: Stored>(&self, region: &str, keys: &[K]) -> Result<(), StateFileError> {
        if keys.is_empty() {
            return Ok(());
        }
        let transaction = self.0.begin_write()?;
        {
            let (mut records, mut pairs) = (transaction.open_table(KEYS)?, transaction.open_table(PAIRS)?);
            for key in keys {
                let pair = key.pair().map(encode).transpose()?;
                if let Some((digest, der)) = &pair
                    && pairs.get(digest.as_bytes())?.is_none()
                {
                    pairs.insert(digest.as_bytes(), der.as_slice())?;
                }
                let record = key.to_record(pair.map(|(digest, _)| digest));
                let json = Zeroizing::new(serde_json::to_vec(&record).map_err(|_| StateFileError::Damaged)?);
                records.insert((region, key.id()), json.as_slice())?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Forgets every key.
    ///
    /// # Errors
    /// [`StateFileError::Database`] when it cannot be written.
    pub fn clear(&self) -> Result<(), StateFileError> {
        let transaction = self.0.begin_write()?;
        transaction.open_table(KEYS)?.retain(|_, _| false)?;
        transaction.open_table(PAIRS)?.retain(|_, _| false)?;
        Ok(transaction.commit()?)
    }
}

/// A pair as PKCS#8, and its digest.
fn encode(pair: &PrivateKey) -> Result<(Fingerprint, Zeroizing<Vec<u8>>), StateFileError> {
    let der = pair.to_pkcs8_der().map_err(|_| StateFileError::Damaged)?.to_bytes();
    Ok((Fingerprint::of(&der), der))
}

/// A file that only its owner may read and write.
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

/// Writes the format name into a new file, and refuses a file with a different one.
fn check_format(database: &Database, format: &str) -> Result<(), StateFileError> {
    let transaction = database.begin_write()?;
    let is_new = transaction.list_tables()?.next().is_none();
    {
        let mut about = transaction.open_table(ABOUT)?;
        if is_new {
            about.insert("format", format)?;
            transaction.open_table(KEYS)?;
            transaction.open_table(PAIRS)?;
        } else if about.get("format")?.is_none_or(|found| found.value() != format) {
            return Err(StateFileError::Format);
        }
    }
    Ok(transaction.commit()?)
}

/// All keys; keys that are gone are deleted from the file.
fn read<K: Stored>(database: &Database, now: Timestamp) -> Result<Vec<Kept<K>>, StateFileError> {
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
        let record: K::Record = serde_json::from_slice(json.value()).map_err(|_| StateFileError::Damaged)?;
        let digest = K::pair_of(&record).map(|digest| *digest.as_bytes());
        let pair =
            digest.map(|digest| pairs.get(&digest).cloned().ok_or(StateFileError::Damaged)).transpose()?;
        let key = K::from_record(record, pair).ok_or(StateFileError::Damaged)?;
        if key.id() != id {
            return Err(StateFileError::Damaged);
        }
        if key.is_gone(now) {
            gone.push((region.to_owned(), key.id().to_owned()));
        } else {
            used.extend(digest);
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
