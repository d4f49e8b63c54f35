//! AWS-LC through `aws-lc-rs`.

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use keyferry_core::WrappingAlgorithm;

use crate::{Opener, Peer, PeerError, Wrapper};

const NAME: &str = "aws-lc-rs";

/// The crate `aws-lc-rs`.
#[derive(Clone, Copy, Debug)]
pub struct AwsLc;

enum Public {
    Oaep(OaepPublicEncryptingKey, &'static OaepAlgorithm),
    Pkcs1(Pkcs1PublicEncryptingKey),
}

enum Private {
    Oaep(OaepPrivateDecryptingKey, &'static OaepAlgorithm),
    Pkcs1(Pkcs1PrivateDecryptingKey),
}

/// The OAEP variant of that name; `None` for PKCS#1 v1.5.
const fn oaep(algorithm: WrappingAlgorithm) -> Option<&'static OaepAlgorithm> {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => Some(&OAEP_SHA256_MGF1SHA256),
        WrappingAlgorithm::RsaesOaepSha1 => Some(&OAEP_SHA1_MGF1SHA1),
        WrappingAlgorithm::RsaesPkcs1V15 => None,
    }
}

impl Peer for AwsLc {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        format!("{} (aws-lc-sys {})", crate::lock::version(NAME), crate::lock::version("aws-lc-sys"))
    }

    fn prepare(&self, spki_der: &[u8], algorithm: WrappingAlgorithm) -> Result<Box<dyn Wrapper>, PeerError> {
        let refused = |_| PeerError::Key(NAME);
        let key = PublicEncryptingKey::from_der(spki_der).map_err(|_| PeerError::Key(NAME))?;
        Ok(Box::new(match oaep(algorithm) {
            Some(oaep) => Public::Oaep(OaepPublicEncryptingKey::new(key).map_err(refused)?, oaep),
            None => Public::Pkcs1(Pkcs1PublicEncryptingKey::new(key).map_err(refused)?),
        }))
    }

    fn opener(&self, pkcs8_der: &[u8], algorithm: WrappingAlgorithm) -> Result<Box<dyn Opener>, PeerError> {
        let refused = |_| PeerError::Key(NAME);
        let key = PrivateDecryptingKey::from_pkcs8(pkcs8_der).map_err(|_| PeerError::Key(NAME))?;
        Ok(Box::new(match oaep(algorithm) {
            Some(oaep) => Private::Oaep(OaepPrivateDecryptingKey::new(key).map_err(refused)?, oaep),
            None => Private::Pkcs1(Pkcs1PrivateDecryptingKey::new(key).map_err(refused)?),
        }))
    }
}

impl Wrapper for Public {
    fn wrap(&mut self, m: &[u8]) -> Result<Vec<u8>, PeerError> {
        let mut block = vec![0; 256];
        let len = match self {
            Self::Oaep(key, oaep) => key.encrypt(oaep, m, &mut block, None),
            Self::Pkcs1(key) => key.encrypt(m, &mut block),
        }
        .map(|written| written.len())
        .map_err(|_| PeerError::Wrap(NAME))?;
        block.truncate(len);
        Ok(block)
    }
}

impl Opener for Private {
    fn open(&mut self, block: &[u8]) -> Result<Vec<u8>, PeerError> {
        let mut m = vec![0; 256];
        let len = match self {
            Self::Oaep(key, oaep) => key.decrypt(oaep, block, &mut m, None),
            Self::Pkcs1(key) => key.decrypt(block, &mut m),
        }
        .map(|written| written.len())
        .map_err(|_| PeerError::Open(NAME))?;
        m.truncate(len);
        Ok(m)
    }
}
