//! The service's memory: regions, which never see each other, and their keys.
//!
//! Time acts on a key only when someone looks: every access first lets expired material go ([`Key::settle`]).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use keyferry_core::{Edition, Timestamp, WrappingAlgorithm, bi};
use keyferry_kms_api::wire::{KeyMetadata, KeyState, Origin};
use keyferry_kms_api::{ErrorCode, Sensitive};
use rsa::PrivateKey;
use uuid::Builder;
use zeroize::Zeroizing;

use crate::pool::KeyPool;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::rules;

/// The account that all keys belong to.
pub(crate) const CREATOR_UIN: u64 = 100_000_000_001;

/// The only usage that is served.
pub(crate) const USAGE: &str = "ENCRYPT_DECRYPT";

/// Most keys in a region.
const MAX_KEYS: usize = 1000;

/// `NextRotateTime` stands a year after the creation, also where rotation is off.
const YEAR: u64 = 31_536_000;

/// 100 ns ticks from the Gregorian calendar's start to the Unix epoch, in seconds.
const GREGORIAN_TO_UNIX: u64 = 12_219_292_800;

/// Everything that lives between two requests.
pub(crate) struct Kms {
    pub(crate) random: Random,
    pub(crate) pool: KeyPool,
    pub(crate) editions: BTreeMap<String, Edition>,
    regions: Mutex<BTreeMap<String, Region>>,
    /// Where this emulator's key ids come from: a random node, and ticks that never repeat.
    node: [u8; 6],
    ticks: AtomicU64,
}

/// The keys of one region.
#[derive(Default)]
pub(crate) struct Region(BTreeMap<String, Key>);

/// What every action is told besides its request.
pub(crate) struct Call<'a> {
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
    /// The key that the call turned out to be about, for the log.
    pub(crate) about: &'a Mutex<Option<String>>,
}

impl Call<'_> {
    pub(crate) fn note_key(&self, id: &str) {
        *self.about.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
    }
}

/// One key.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) alias: String,
    pub(crate) description: String,
    pub(crate) created: Timestamp,
    pub(crate) origin: Origin,
    pub(crate) edition: Edition,
    pub(crate) state: KeyState,
    pub(crate) material: Option<Zeroizing<Vec<u8>>>,
    /// When the material goes, or went; `None` for never.
    pub(crate) valid_to: Option<Timestamp>,
    /// What the key is bound to for life, once material was imported.
    pub(crate) binding: Option<Binding>,
    /// The parameters of the last fetch; earlier ones are gone.
    pub(crate) parameters: Option<ImportParameters>,
}

/// Recognises the first imported material without keeping it.
pub(crate) struct Binding {
    pub(crate) salt: [u8; 32],
    pub(crate) digest: [u8; 32],
}

/// What one `GetParametersForImport` handed out.
pub(crate) struct ImportParameters {
    pub(crate) token: Sensitive,
    pub(crate) private_key: PrivateKey,
    pub(crate) algorithm: WrappingAlgorithm,
    pub(crate) valid_to: Timestamp,
}

impl Kms {
    pub(crate) fn new(
        random: Random,
        pool: KeyPool,
        editions: BTreeMap<String, Edition>,
    ) -> Result<Self, Refusal> {
        let mut node: [u8; 6] = random.array()?;
        // RFC 9562 §6.10: a random node carries the multicast bit, so that it is nobody's network card.
        if let Some(first) = node.first_mut() {
            *first |= 1;
        }
        Ok(Self { random, pool, editions, regions: Mutex::default(), node, ticks: AtomicU64::new(0) })
    }

    pub(crate) fn edition(&self, region: &str) -> Edition {
        self.editions.get(region).copied().unwrap_or_else(|| Edition::expected_in(region))
    }

    /// A version 1 UUID whose time is `now`; no two are the same.
    pub(crate) fn new_key_id(&self, now: Timestamp) -> String {
        let seconds = u64::try_from(now.unix()).unwrap_or(0).saturating_add(GREGORIAN_TO_UNIX);
        let tick = self.ticks.fetch_add(1, Ordering::Relaxed);
        // Ticks stay within the second (10^7 of them); the counter takes what is beyond.
        let counter = u16::try_from(tick / 10_000_000 % 0x4000).unwrap_or(0);
        let ticks = seconds.saturating_mul(10_000_000).saturating_add(tick % 10_000_000);
        Builder::from_gregorian_timestamp(ticks, counter, &self.node).into_uuid().to_string()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Region>> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `act` on the keys of the call's region, alone.
    pub(crate) fn with_region<T>(
        &self,
        call: &Call<'_>,
        act: impl FnOnce(&mut Region) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut regions = self.lock();
        match regions.get_mut(call.region) {
            Some(region) => {
                region.0.values_mut().for_each(|key| key.settle(call.now));
                act(region)
            }
            None => {
                // Only a key makes a region worth remembering.
                let mut region = Region::default();
                let done = act(&mut region)?;
                if !region.0.is_empty() {
                    regions.insert(call.region.to_owned(), region);
                }
                Ok(done)
            }
        }
    }

    /// Runs `act` on one key of the call's region, alone.
    pub(crate) fn with_key<T>(
        &self,
        call: &Call<'_>,
        id: &str,
        act: impl FnOnce(&mut Key) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        rules::key_id(id)?;
        call.note_key(id);
        let not_found = || {
            Refusal::new(
                ErrorCode::CmkNotFound,
                bi!("The CMK does not exist in this region.", "该地域不存在此 CMK。"),
            )
        };
        let mut regions = self.lock();
        let key =
            regions.get_mut(call.region).and_then(|region| region.0.get_mut(id)).ok_or_else(not_found)?;
        key.settle(call.now);
        act(key)
    }
}

impl Region {
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.values()
    }

    /// Takes in a new key, if its alias is free and there is room.
    pub(crate) fn add(&mut self, key: Key) -> Result<&Key, Refusal> {
        if self.0.len() >= MAX_KEYS {
            return Err(Refusal::new(
                ErrorCode::CmkLimitExceeded,
                bi!("Too many CMKs.", "CMK 数量超过上限。"),
            ));
        }
        if self.keys().any(|other| other.alias == key.alias) {
            return Err(Refusal::new(
                ErrorCode::AliasAlreadyExists,
                bi!("The alias exists already.", "别名已存在。"),
            ));
        }
        Ok(self.0.entry(key.id.clone()).or_insert(key))
    }
}

impl Key {
    /// At `ValidTo` the service deletes the material: the same effect as deletion, except that `ValidTo` stays to see.
    fn settle(&mut self, now: Timestamp) {
        if self.material.is_some() && self.valid_to.is_some_and(|time| time <= now) {
            self.material = None;
            self.state = KeyState::PendingImport;
        }
    }

    pub(crate) fn must_be_external(&self) -> Result<(), Refusal> {
        if self.origin == Origin::External { Ok(()) } else { Err(Refusal::not_external()) }
    }

    pub(crate) fn metadata(&self) -> KeyMetadata {
        let created = u64::try_from(self.created.unix()).unwrap_or(0);
        let valid_to = self.valid_to.and_then(|time| u64::try_from(time.unix()).ok()).unwrap_or(0);
        KeyMetadata {
            key_id: self.id.clone(),
            alias: self.alias.clone(),
            create_time: created,
            description: self.description.clone(),
            key_state: self.state,
            key_usage: USAGE.to_owned(),
            key_type: self.edition.key_type(),
            creator_uin: CREATOR_UIN,
            key_rotation_enabled: false,
            owner: "user".to_owned(),
            next_rotate_time: created.saturating_add(YEAR),
            deletion_date: Some(0),
            origin: Some(self.origin),
            valid_to: Some(valid_to),
            resource_id: format!("creatorUin/{CREATOR_UIN}/{}", self.id),
            hsm_cluster_id: Some(String::new()),
        }
    }
}
