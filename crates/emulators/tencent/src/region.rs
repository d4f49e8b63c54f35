//! One region's keys, found by id, by alias and in order of creation, without a scan of all keys.
//!
//! A key's timed changes are applied only when a call reads the key: a separate list has the pending changes and their
//! times.

use std::collections::{BTreeMap, BTreeSet};

use keyferry_core::{Timestamp, bi};
use keyferry_tencent::ErrorCode;

use crate::key::Key;
use crate::refusal::Refusal;

/// The most keys in a region: the real quota can be raised for money; this one bounds memory.
const MAX_KEYS: usize = 100_000;

/// The keys of one region.
#[derive(Default)]
pub(crate) struct Region {
    keys: BTreeMap<String, Key>,
    /// Alias → id.
    aliases: BTreeMap<String, String>,
    /// Ids in order of creation. An id breaks ties, and it grows with time because it contains a tick count.
    order: BTreeSet<(Timestamp, String)>,
    /// When material expires or a key is deleted; an entry that no longer applies is ignored when its time comes.
    due: BTreeSet<(Timestamp, String)>,
}

/// A part of a list.
pub(crate) struct Page {
    pub(crate) oldest_first: bool,
    pub(crate) offset: u64,
    pub(crate) limit: u64,
}

impl Region {
    /// Applies every change that is due by `now`.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while self.due.first().is_some_and(|(time, _)| *time <= now) {
            let Some((_, id)) = self.due.pop_first() else { return };
            let Some(key) = self.keys.get_mut(&id) else { continue };
            if key.is_gone(now) {
                self.remove(&id);
            } else {
                key.settle(now);
            }
        }
    }

    fn remove(&mut self, id: &str) {
        let Some(key) = self.keys.remove(id) else { return };
        self.order.remove(&(key.created, key.id));
        if self.aliases.get(&key.alias).is_some_and(|owner| owner == id) {
            self.aliases.remove(&key.alias);
        }
    }

    /// Stores a new key or a changed one.
    pub(crate) fn put(&mut self, key: Key) {
        self.remove(&key.id);
        let id = &key.id;
        self.aliases.insert(key.alias.clone(), id.clone());
        self.order.insert((key.created, id.clone()));
        self.due.extend([key.valid_to, key.deletion].into_iter().flatten().map(|time| (time, id.clone())));
        self.keys.insert(key.id.clone(), key);
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    /// How many keys `takes` accepts, and what `show` returns for those on the page.
    pub(crate) fn page<T>(
        &self,
        page: &Page,
        takes: impl Fn(&Key) -> bool,
        show: impl Fn(&Key) -> T,
    ) -> (u64, Vec<T>) {
        let wanted = page.offset..page.offset.saturating_add(page.limit);
        let (mut total, mut shown) = (0, Vec::new());
        let mut look = |(_, id): &(Timestamp, String)| {
            let Some(key) = self.keys.get(id).filter(|key| takes(key)) else { return };
            if wanted.contains(&total) {
                shown.push(show(key));
            }
            total += 1;
        };
        if page.oldest_first {
            self.order.iter().for_each(&mut look);
        } else {
            self.order.iter().rev().for_each(&mut look);
        }
        (total, shown)
    }

    /// One key, with all timed changes up to `now`.
    pub(crate) fn find(&mut self, id: &str, now: Timestamp) -> Result<&Key, Refusal> {
        let key = self.keys.get_mut(id).filter(|key| !key.is_gone(now)).ok_or_else(Refusal::not_found)?;
        key.settle(now);
        Ok(key)
    }

    /// Checks that no key other than `id` has the alias.
    pub(crate) fn alias_is_free(&mut self, alias: &str, id: &str, now: Timestamp) -> Result<(), Refusal> {
        self.settle(now);
        if self.aliases.get(alias).is_none_or(|owner| owner == id) {
            return Ok(());
        }
        Err(Refusal::new(ErrorCode::AliasAlreadyExists, bi!("The alias already exists.", "别名已存在。")))
    }

    /// Checks that a new key's alias is free and that there is room.
    pub(crate) fn has_room(&mut self, key: &Key, now: Timestamp) -> Result<(), Refusal> {
        self.settle(now);
        if self.keys.len() >= MAX_KEYS {
            return Err(Refusal::new(
                ErrorCode::CmkLimitExceeded,
                bi!("Too many CMKs.", "CMK 数量超过上限。"),
            ));
        }
        self.alias_is_free(&key.alias, &key.id, now)
    }
}

#[cfg(test)]
mod tests {
    use keyferry_tencent::Edition;
    use keyferry_tencent::wire::{KeyState, Origin};
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;
    use crate::key::USAGE;

    fn at(seconds: u8) -> Timestamp {
        Timestamp::from_unix(seconds.into()).unwrap()
    }

    fn key((id, alias, created, material, valid_to, deletion): Spec) -> Key {
        Key {
            id: format!("id-{id}"),
            alias: format!("alias-{alias}"),
            description: String::new(),
            created: at(created),
            origin: Origin::External,
            edition: Edition::Fips,
            usage: USAGE.to_owned(),
            state: KeyState::Enabled,
            tags: Vec::new(),
            rotation: false,
            deletion: deletion.map(at),
            material: material.then(|| Zeroizing::new(vec![id])),
            valid_to: valid_to.map(at),
            binding: None,
            parameters: None,
            imports: 0,
            earlier: Vec::new(),
            fetches: 0,
        }
    }

    /// Id, alias, time of creation, material, its expiry, the key's deletion.
    type Spec = (u8, u8, u8, bool, Option<u8>, Option<u8>);

    fn specs() -> impl Strategy<Value = Vec<Spec>> {
        let time = prop::option::of(0..9u8);
        prop::collection::vec((0..6u8, 0..6u8, 0..4u8, any::<bool>(), time.clone(), time), 0..20)
    }

    proptest! {
        /// The result is the same as if all keys were checked each time.
        #[test]
        fn a_region_is_what_a_walk_over_its_keys_would_find(specs in specs(), times in [0..9u8, 0..9u8]) {
            let (mut region, mut plain) = (Region::default(), BTreeMap::new());
            for spec in specs {
                let key = key(spec);
                if region.alias_is_free(&key.alias, &key.id, at(0)).is_ok() {
                    plain.insert(key.id.clone(), key.clone());
                    region.put(key);
                }
                plain.retain(|_, key: &mut Key| !key.is_gone(at(0)));
                plain.values_mut().for_each(|key| key.settle(at(0)));
                region.settle(at(0));
            }
            for time in times.map(at) {
                plain.retain(|_, key| !key.is_gone(time));
                plain.values_mut().for_each(|key| key.settle(time));
                region.settle(time);
                let seen = |key: &Key| (key.id.clone(), key.alias.clone(), key.state, key.material.is_some());
                prop_assert!(region.keys().map(seen).eq(plain.values().map(seen)));
                for alias in (0..6).map(|n| format!("alias-{n}")) {
                    let free = plain.values().all(|key| key.alias != alias);
                    prop_assert_eq!(region.alias_is_free(&alias, "another", time).is_ok(), free);
                }
                let mut listed: Vec<_> = plain.values().filter(|key| key.material.is_some()).collect();
                listed.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
                let ids: Vec<_> = listed.iter().map(|key| key.id.clone()).collect();
                let page = Page { oldest_first: true, offset: 1, limit: 2 };
                let found = region.page(&page, |key| key.material.is_some(), |key| key.id.clone());
                let expected: Vec<_> = ids.iter().skip(1).take(2).cloned().collect();
                prop_assert_eq!(found, (ids.len() as u64, expected));
                let page = Page { oldest_first: false, offset: 0, limit: 9 };
                let found = region.page(&page, |key| key.material.is_some(), |key| key.id.clone()).1;
                prop_assert!(found.iter().eq(ids.iter().rev()));
            }
        }
    }
}
