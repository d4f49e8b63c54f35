//! Another implementation (`rsa`) unwraps the blocks to the same bytes, for all three paddings.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

mod support;

use keyferry_core::{KeyMaterial, WrappingAlgorithm, WrappingKey, wrap};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Oaep, Pkcs1v15Encrypt, PrivateKey};
use sha1::Sha1;
use sha2::Sha256;

fn unwrap(key: &PrivateKey, algorithm: WrappingAlgorithm, block: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => key.decrypt(Oaep::<Sha256>::new(), block).ok(),
        WrappingAlgorithm::RsaesOaepSha1 => key.decrypt(Oaep::<Sha1>::new(), block).ok(),
        WrappingAlgorithm::RsaesPkcs1V15 => key.decrypt(Pkcs1v15Encrypt, block).ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn round_trip_and_every_flip_refused(
        bytes in proptest::collection::vec(any::<u8>(), 32), short in any::<bool>(),
        seed in any::<[u8; 32]>(), bit in 0usize..2048,
    ) {
        let private = PrivateKey::from_pkcs8_pem(support::PRIVATE).unwrap();
        let public = WrappingKey::from_der(support::SPKI).unwrap();
        let bytes = if short { &bytes[..16] } else { &bytes[..] };
        let Ok(material) = KeyMaterial::from_bytes(bytes) else { return Ok(()) };
        let rng = &mut ChaCha20Rng::from_seed(seed);
        for algorithm in WrappingAlgorithm::ALL {
            let wrapped = wrap(&public, algorithm, &material, rng).unwrap().confirm().unwrap();
            prop_assert_eq!(unwrap(&private, algorithm, wrapped.as_bytes()).unwrap(), bytes);
            // Each wrap draws fresh randomness.
            let again = wrap(&public, algorithm, &material, rng).unwrap().confirm().unwrap();
            prop_assert_ne!(again.as_bytes(), wrapped.as_bytes());
            let mut flipped = wrapped.as_bytes().to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(unwrap(&private, algorithm, &flipped), Some(bytes.to_vec()));
            // OAEP with another hash does not open it, because MGF1 and the label both use the named hash.
            if algorithm == WrappingAlgorithm::RsaesOaepSha256 {
                prop_assert_eq!(unwrap(&private, WrappingAlgorithm::RsaesOaepSha1, wrapped.as_bytes()), None);
                let mixed = Oaep::<Sha256, Sha1>::new_with_mgf_hash();
                prop_assert!(private.decrypt(mixed, wrapped.as_bytes()).is_err());
            }
        }
    }
}
