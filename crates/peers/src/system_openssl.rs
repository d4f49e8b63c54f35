//! The system's OpenSSL through `openssl`; also keys for tests, and RSAEP without padding.

use keyferry_core::WrappingAlgorithm;
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::{PKey, PKeyRef, Private, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::{Padding, Rsa};

use crate::{Opener, Peer, PeerError, Wrapper};

const NAME: &str = "openssl";

/// The crate `openssl` on the system's library.
#[derive(Clone, Copy, Debug)]
pub struct SystemOpenssl;

struct Wrapping(PkeyCtx<Public>);

struct Opening(PkeyCtx<Private>);

impl Peer for SystemOpenssl {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        openssl::version::version().to_owned()
    }

    fn prepare(&self, spki_der: &[u8], algorithm: WrappingAlgorithm) -> Result<Box<dyn Wrapper>, PeerError> {
        let prepared = PKey::public_key_from_der(spki_der)
            .and_then(|key| context(&key, algorithm, |context| context.encrypt_init()));
        Ok(Box::new(Wrapping(prepared.map_err(|_| PeerError::Key(NAME))?)))
    }

    fn opener(&self, pkcs8_der: &[u8], algorithm: WrappingAlgorithm) -> Result<Box<dyn Opener>, PeerError> {
        let prepared = PKey::private_key_from_der(pkcs8_der)
            .and_then(|key| context(&key, algorithm, |context| context.decrypt_init()));
        Ok(Box::new(Opening(prepared.map_err(|_| PeerError::Key(NAME))?)))
    }
}

fn context<T>(
    key: &PKeyRef<T>,
    algorithm: WrappingAlgorithm,
    init: fn(&mut PkeyCtx<T>) -> Result<(), ErrorStack>,
) -> Result<PkeyCtx<T>, ErrorStack> {
    let mut context = PkeyCtx::new(key)?;
    init(&mut context)?;
    let hash = match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => Md::sha256(),
        WrappingAlgorithm::RsaesOaepSha1 => Md::sha1(),
        WrappingAlgorithm::RsaesPkcs1V15 => {
            context.set_rsa_padding(Padding::PKCS1)?;
            return Ok(context);
        }
    };
    context.set_rsa_padding(Padding::PKCS1_OAEP)?;
    context.set_rsa_oaep_md(hash)?;
    context.set_rsa_mgf1_md(hash)?;
    Ok(context)
}

impl Wrapper for Wrapping {
    fn wrap(&mut self, m: &[u8]) -> Result<Vec<u8>, PeerError> {
        let mut block = vec![0; 256];
        let len = self.0.encrypt(m, Some(&mut block)).map_err(|_| PeerError::Wrap(NAME))?;
        block.truncate(len);
        Ok(block)
    }
}

impl Opener for Opening {
    fn open(&mut self, block: &[u8]) -> Result<Vec<u8>, PeerError> {
        let mut m = vec![0; 256];
        let len = self.0.decrypt(block, Some(&mut m)).map_err(|_| PeerError::Open(NAME))?;
        m.truncate(len);
        Ok(m)
    }
}

/// RSAEP (RFC 8017 §5.1.1) without any padding.
pub struct RawPublicKey(Rsa<Public>);

impl RawPublicKey {
    /// Reads a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// [`PeerError::Key`] if OpenSSL refuses it.
    pub fn from_der(spki_der: &[u8]) -> Result<Self, PeerError> {
        Rsa::public_key_from_der(spki_der).map(Self).map_err(|_| PeerError::Key(NAME))
    }

    /// The modulus n, big-endian.
    #[must_use]
    pub fn modulus(&self) -> Vec<u8> {
        self.0.n().to_vec()
    }

    /// c = m^e mod n for the 256 bytes of m.
    ///
    /// # Errors
    /// [`PeerError::Wrap`] unless m has that length and m < n.
    pub fn rsaep(&self, em: &[u8]) -> Result<Vec<u8>, PeerError> {
        let mut block = vec![0; 256];
        self.0.public_encrypt(em, &mut block, Padding::NONE).map_err(|_| PeerError::Wrap(NAME))?;
        Ok(block)
    }
}

/// A key pair for tests.
#[derive(Clone)]
pub struct KeyPair {
    /// The public key as SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// The private key as PKCS#8, DER.
    pub pkcs8: Vec<u8>,
}

impl KeyPair {
    /// A new RSA-2048 key with e = 65537.
    ///
    /// # Errors
    /// [`PeerError::Key`] if OpenSSL makes none.
    pub fn generate() -> Result<Self, PeerError> {
        let pair = || {
            let key = PKey::from_rsa(Rsa::generate(2048)?)?;
            Ok(Self { spki: key.public_key_to_der()?, pkcs8: key.private_key_to_pkcs8()? })
        };
        pair().map_err(|_: ErrorStack| PeerError::Key(NAME))
    }
}
