//! Key pairs from the seed.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use rsa::PrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};

/// One RSA-2048 key, in the encodings that every implementation reads.
pub(crate) struct KeyPair {
    pub(crate) spki: Vec<u8>,
    pub(crate) pkcs8: Vec<u8>,
}

/// Makes `count` keys from generator streams above those of all cases.
pub(crate) fn pool(seed: &[u8; 32], count: u64) -> Option<Vec<KeyPair>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    std::thread::scope(|scope| {
        let make = |first: u64| {
            (first..count).step_by(usize::try_from(threads).ok()?).map(|n| key(seed, n)).collect()
        };
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(move || make(first))).collect();
        let lists: Option<Vec<Vec<KeyPair>>> = workers.into_iter().map(|w| w.join().ok().flatten()).collect();
        Some(lists?.into_iter().flatten().collect())
    })
}

fn key(seed: &[u8; 32], number: u64) -> Option<KeyPair> {
    let mut rng = ChaCha20Rng::from_seed(*seed);
    rng.set_stream(u64::MAX - number);
    let key = PrivateKey::new(&mut rng, 2048).ok()?;
    let spki = key.to_public_key().to_public_key_der().ok()?.into_vec();
    Some(KeyPair { spki, pkcs8: key.to_pkcs8_der().ok()?.as_bytes().to_vec() })
}
