//! The service's state: regions, which are independent of each other, and their keys.
//!
//! Time has an effect on a key only when it is accessed: every access first removes expired material and deleted keys.
//! A change is made to copies. Once every check has passed and the copies are in the state file, they replace all the
//! changed keys at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use keyferry_core::Timestamp;
use keyferry_emulator_kit::{Cause, KeyPool, Random, StateFileError, Store};
use keyferry_tencent::Edition;
use uuid::Builder;

use crate::key::{Handed, Key};
use crate::refusal::Refusal;
use crate::region::Region;
use crate::rules;

/// The most other keys that a refused import is compared with.
const MAX_OTHERS: usize = 4096;

/// Seconds from the start of the Gregorian calendar, from which a version 1 UUID counts, to the Unix epoch.
const GREGORIAN_TO_UNIX: u64 = 12_219_292_800;

/// Everything that is kept between requests.
pub(crate) struct Kms {
    pub(crate) random: Random,
    pub(crate) pool: KeyPool,
    pub(crate) editions: BTreeMap<String, Edition>,
    regions: Mutex<BTreeMap<String, Region>>,
    /// The state file; `None` for memory only.
    store: Option<Store>,
    /// The source of this emulator's key ids: a random node, and ticks that never repeat.
    node: [u8; 6],
    ticks: AtomicU64,
}

/// The context that every action receives besides its request.
pub(crate) struct Call<'a> {
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
    /// The facts about the call, for the log.
    pub(crate) about: &'a Mutex<About>,
}

/// The facts about a call that the log shows besides its outcome.
#[derive(Default)]
pub(crate) struct About {
    pub(crate) key_id: Option<String>,
    /// Why an import was refused.
    pub(crate) causes: Vec<Cause>,
}

impl Call<'_> {
    fn about(&self) -> MutexGuard<'_, About> {
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note_key(&self, id: &str) {
        self.about().key_id = Some(id.to_owned());
    }

    pub(crate) fn note_causes(&self, causes: Vec<Cause>) {
        self.about().causes = causes;
    }
}

impl Kms {
    pub(crate) fn new(
        random: Random,
        pool: KeyPool,
        mut editions: BTreeMap<String, Edition>,
        store: Option<Store>,
        kept: Vec<(String, Key)>,
    ) -> Result<Self, Refusal> {
        let mut node: [u8; 6] = random.array()?;
        // RFC 9562 §6.10: a random node carries the multicast bit, so that it cannot be a real network card's address.
        if let Some(first) = node.first_mut() {
            *first |= 1;
        }
        let mut regions = BTreeMap::<String, Region>::new();
        for (region, key) in kept {
            // A state file may have keys in a region that this configuration does not name: they are still found.
            editions.entry(region.clone()).or_insert_with(|| Edition::expected_in(&region));
            regions.entry(region).or_default().put(key);
        }
        Ok(Self {
            random,
            pool,
            editions,
            regions: Mutex::new(regions),
            store,
            node,
            ticks: AtomicU64::new(0),
        })
    }

    pub(crate) fn edition(&self, region: &str) -> Edition {
        self.editions.get(region).copied().unwrap_or_else(|| Edition::expected_in(region))
    }

    /// A version 1 UUID whose time is `now`; no two are the same.
    pub(crate) fn new_key_id(&self, now: Timestamp) -> String {
        let seconds = u64::try_from(now.unix()).unwrap_or(0).saturating_add(GREGORIAN_TO_UNIX);
        let tick = self.ticks.fetch_add(1, Ordering::Relaxed);
        // A second has 10^7 ticks; the counter grows each time that they are used up.
        let counter = u16::try_from(tick / 10_000_000 % 0x4000).unwrap_or(0);
        let ticks = seconds.saturating_mul(10_000_000).saturating_add(tick % 10_000_000);
        Builder::from_gregorian_timestamp(ticks, counter, &self.node).into_uuid().to_string()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Region>> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets every key.
    pub(crate) fn forget(&self) -> Result<(), StateFileError> {
        let mut regions = self.lock();
        self.store.as_ref().map_or(Ok(()), Store::clear)?;
        regions.clear();
        Ok(())
    }

    /// Whether a change is written to a disk, which takes time.
    pub(crate) const fn is_durable(&self) -> bool {
        self.store.is_some()
    }

    /// Every region with its keys, with all timed changes up to `now`.
    pub(crate) fn visit<T>(&self, now: Timestamp, mut see: impl FnMut(&str, &Region) -> T) -> Vec<T> {
        let mut regions = self.lock();
        regions.values_mut().for_each(|region| region.settle(now));
        regions.iter().map(|(name, region)| see(name, region)).collect()
    }

    /// The latest parameters of other keys.
    pub(crate) fn handed(&self, except: &str) -> Vec<(String, Handed)> {
        let regions = self.lock();
        let others = regions.values().flat_map(Region::keys).filter(|key| key.id != except);
        let handed = others.filter_map(|key| Some((key.id.clone(), key.parameters.as_ref()?.handed())));
        handed.take(MAX_OTHERS).collect()
    }

    /// Runs `look` on the keys of the call's region.
    pub(crate) fn with_region<T>(
        &self,
        call: &Call<'_>,
        look: impl FnOnce(&mut Region) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut regions = self.lock();
        let Some(region) = regions.get_mut(call.region) else { return look(&mut Region::default()) };
        region.settle(call.now);
        look(region)
    }

    /// Changes keys of the call's region under a lock: `plan` returns changed copies, and either all of them are stored or
    /// none.
    pub(crate) fn change<T>(
        &self,
        call: &Call<'_>,
        plan: impl FnOnce(&mut Region) -> Result<(Vec<Key>, T), Refusal>,
    ) -> Result<T, Refusal> {
        let mut regions = self.lock();
        let mut none = Region::default();
        let (changed, done) = plan(regions.get_mut(call.region).unwrap_or(&mut none))?;
        if let Some(store) = &self.store {
            store.put(call.region, &changed).map_err(|_| Refusal::internal())?;
        }
        // A region is stored when it gets its first key, not before.
        if !changed.is_empty() {
            let region = regions.entry(call.region.to_owned()).or_default();
            changed.into_iter().for_each(|key| region.put(key));
        }
        Ok(done)
    }

    /// Runs `look` on one key of the call's region.
    pub(crate) fn with_key<T>(
        &self,
        call: &Call<'_>,
        id: &str,
        look: impl FnOnce(&Key) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        rules::key_id(id)?;
        call.note_key(id);
        let mut regions = self.lock();
        let region = regions.get_mut(call.region).ok_or_else(Refusal::not_found)?;
        look(region.find(id, call.now)?)
    }

    /// Changes one key of the call's region under a lock; a refusal changes nothing.
    pub(crate) fn change_key<T>(
        &self,
        call: &Call<'_>,
        id: &str,
        act: impl FnOnce(&mut Key) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        rules::key_id(id)?;
        call.note_key(id);
        self.change(call, |region| {
            let mut changed = region.find(id, call.now)?.clone();
            let done = act(&mut changed)?;
            Ok((vec![changed], done))
        })
    }
}
