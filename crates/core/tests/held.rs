//! How much memory checked parameters take for each key that has its own wrapping key, as a provider makes them. There is
//! only one test, because the counter is shared by the whole process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, unreachable_pub)]

use std::alloc::System;

use cap::Cap;
use keyferry_core::{CeremonyPlan, Fingerprint, Parameters, WrappingKey, artefact};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

#[global_allocator]
static ALLOCATED: Cap<System> = Cap::new(System, usize::MAX);

const KEYS: usize = 200;

/// Bytes that a key's entry may take in memory: fewer than its text takes in the file.
const MOST: usize = 900;

/// An RSA-2048 SPKI whose modulus is some odd number without a small factor.
fn wrapping_key(template: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut der = template.to_vec();
    let at = der.len() - 5 - 256;
    loop {
        let n = &mut der[at..at + 256];
        rng.fill_bytes(n);
        n[0] |= 0x80;
        n[255] |= 1;
        if WrappingKey::from_der(&der).is_ok() {
            return der;
        }
    }
}

#[test]
fn a_wrapping_key_that_is_used_once_is_held_once() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/0.1/one-key/record/");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    let (plan, parameters) = (read("plan.toml"), read("parameters.json"));
    let (one, _) = artefact::parse::<Parameters>(parameters.as_bytes()).unwrap();
    let (id, alias) = (one.keys[0].key_id.as_str(), one.keys[0].alias.as_str());
    let (key, end) = (plan.find("[[key]]").unwrap(), plan.find("[backup]").unwrap());
    let (mut text, mut rng) = (plan[..key].to_owned(), ChaCha8Rng::seed_from_u64(11));
    let mut keys = Vec::with_capacity(KEYS);
    for n in 0..KEYS {
        let (alias_n, id_n) = (format!("key-{n}"), format!("{n:08x}{}", &id[8..]));
        text += &plan[key..end].replace(id, &id_n).replace(alias, &alias_n);
        let mut entry = one.keys[0].clone();
        (entry.alias, entry.key_id) = (alias_n.parse().unwrap(), id_n.parse().unwrap());
        entry.public_key = wrapping_key(one.keys[0].public_key.as_bytes(), &mut rng).as_slice().into();
        keys.push(entry);
    }
    text += &plan[end..];
    let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
    let parameters = Parameters::new(&plan, one.fetched_at, keys).unwrap();
    let text = artefact::to_bytes(&parameters).unwrap();
    drop(parameters);
    let before = ALLOCATED.allocated();
    let (parameters, digest) = artefact::parse::<Parameters>(&text).unwrap();
    let checked = parameters.check(digest, &plan, one.fetched_at).unwrap();
    let each = (ALLOCATED.allocated() - before) / KEYS;
    assert_eq!(checked.entries().len(), KEYS);
    assert_ne!(checked.entries()[0].wrapping_key().fingerprint(), Fingerprint::ZERO);
    assert!(each <= MOST, "{each} bytes for each key");
}
