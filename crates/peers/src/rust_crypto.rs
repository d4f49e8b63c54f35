//! RustCrypto's `rsa`: pure Rust. Random bytes come from ChaCha20, seeded from the operating system once for each key,
//! because the peers in C have their own generators.

use chacha20::ChaCha20Rng;
use getrandom::SysRng;
use keyferry_core::WrappingAlgorithm;
use rand_core::SeedableRng;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::{BoxedUint, Oaep, Pkcs1v15Encrypt, PrivateKey, PublicKey};
use sha1::Sha1;
use sha2::Sha256;

use crate::{Opener, Peer, PeerError, Wrapper};

const NAME: &str = "rsa";

/// The crate `rsa`.
#[derive(Clone, Copy, Debug)]
pub struct RustCrypto;

struct Public {
    key: PublicKey,
    algorithm: WrappingAlgorithm,
    rng: ChaCha20Rng,
}

struct Private {
    key: PrivateKey,
    algorithm: WrappingAlgorithm,
}

impl Peer for RustCrypto {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        crate::lock::version(NAME).to_owned()
    }

    fn prepare(&self, spki_der: &[u8], algorithm: WrappingAlgorithm) -> Result<Box<dyn Wrapper>, PeerError> {
        let key = PublicKey::from_public_key_der(spki_der).map_err(|_| PeerError::Key(NAME))?;
        let rng = ChaCha20Rng::try_from_rng(&mut SysRng).map_err(|_| PeerError::Key(NAME))?;
        Ok(Box::new(Public { key, algorithm, rng }))
    }

    fn opener(&self, pkcs8_der: &[u8], algorithm: WrappingAlgorithm) -> Result<Box<dyn Opener>, PeerError> {
        let key = PrivateKey::from_pkcs8_der(pkcs8_der).map_err(|_| PeerError::Key(NAME))?;
        Ok(Box::new(Private { key, algorithm }))
    }
}

impl Wrapper for Public {
    fn wrap(&mut self, m: &[u8]) -> Result<Vec<u8>, PeerError> {
        let Self { key, algorithm, rng } = self;
        match algorithm {
            WrappingAlgorithm::RsaesOaepSha256 => key.encrypt(rng, Oaep::<Sha256>::new(), m),
            WrappingAlgorithm::RsaesOaepSha1 => key.encrypt(rng, Oaep::<Sha1>::new(), m),
            WrappingAlgorithm::RsaesPkcs1V15 => key.encrypt(rng, Pkcs1v15Encrypt, m),
        }
        .map_err(|_| PeerError::Wrap(NAME))
    }
}

impl Opener for Private {
    fn open(&mut self, block: &[u8]) -> Result<Vec<u8>, PeerError> {
        match self.algorithm {
            WrappingAlgorithm::RsaesOaepSha256 => self.key.decrypt(Oaep::<Sha256>::new(), block),
            WrappingAlgorithm::RsaesOaepSha1 => self.key.decrypt(Oaep::<Sha1>::new(), block),
            WrappingAlgorithm::RsaesPkcs1V15 => self.key.decrypt(Pkcs1v15Encrypt, block),
        }
        .map_err(|_| PeerError::Open(NAME))
    }
}

/// RSADP (RFC 8017 §5.1.2) without any padding.
pub struct RawPrivateKey(PrivateKey);

impl RawPrivateKey {
    /// Reads a PKCS#8 private key.
    ///
    /// # Errors
    /// [`PeerError::Key`] if `rsa` refuses it.
    pub fn from_der(pkcs8_der: &[u8]) -> Result<Self, PeerError> {
        PrivateKey::from_pkcs8_der(pkcs8_der).map(Self).map_err(|_| PeerError::Key(NAME))
    }

    /// m = c^d mod n.
    ///
    /// # Errors
    /// [`PeerError::Open`] unless c < n.
    pub fn rsadp(&self, block: &[u8]) -> Result<[u8; 256], PeerError> {
        let refused = || PeerError::Open(NAME);
        let c = BoxedUint::from_be_slice(block, 2048).map_err(|_| refused())?;
        let m =
            rsa::hazmat::rsa_decrypt_and_check::<ChaCha20Rng>(&self.0, None, &c).map_err(|_| refused())?;
        m.to_be_bytes().as_ref().try_into().map_err(|_| refused())
    }
}
