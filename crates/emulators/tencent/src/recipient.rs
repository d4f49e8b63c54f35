//! Encrypts replies to the caller's `EncryptionPublicKey`: RSA 2048 with the three RSAES algorithms. SM2, the default, is refused.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use getrandom::SysRng;
use keyferry_core::{WrappingAlgorithm, bi};
use keyferry_emulator_kit::Random;
use keyferry_tencent::{ErrorCode, Sensitive};
use rsa::hazmat::rsa_encrypt;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, Oaep, PublicKey};
use zeroize::Zeroizing;

use crate::refusal::Refusal;
use crate::rules;

/// Longest PEM that is read: an RSA 2048 key has about 450 characters.
const MAX_PEM: usize = 4096;

/// Bytes of an RSA 2048 block.
const BLOCK: usize = 256;

/// The recipient of a plaintext.
pub(crate) enum Recipient {
    /// The caller, who gets it in base64.
    Caller,
    /// The holder of a key.
    Key(Box<PublicKey>, WrappingAlgorithm),
}

impl Recipient {
    /// Reads the two parameters; an empty key means the caller.
    pub(crate) fn parse(key: Option<&str>, algorithm: Option<&str>) -> Result<Self, Refusal> {
        let pem = key.unwrap_or_default();
        let algorithm = algorithm.filter(|name| !name.is_empty()).unwrap_or("SM2");
        if pem.is_empty() {
            return Ok(Self::Caller);
        }
        if matches!(algorithm, "SM2" | "SM2_C1C3C2_ASN1") {
            return Err(Refusal::new(
                ErrorCode::UnsupportedOperation,
                bi!(
                    "The emulator does not encrypt answers with SM2; name one of the RSAES algorithms.",
                    "本模拟器不支持以 SM2 加密返回数据；请指定 RSAES 算法。"
                ),
            ));
        }
        let algorithm = algorithm.parse().map_err(|_| Refusal::invalid("EncryptionAlgorithm"))?;
        let key = public_key(pem).ok_or_else(|| Refusal::invalid("EncryptionPublicKey"))?;
        Ok(Self::Key(Box::new(key), algorithm))
    }

    /// Base64 of the plaintext, or of the encrypted plaintext.
    pub(crate) fn address(&self, random: &Random, plaintext: &[u8]) -> Result<Sensitive, Refusal> {
        let failed = || {
            Refusal::new(
                ErrorCode::EncryptionError,
                bi!(
                    "The plaintext does not fit the EncryptionPublicKey.",
                    "无法以 EncryptionPublicKey 加密明文。"
                ),
            )
        };
        let sealed = match self {
            Self::Caller => return Ok(rules::to_base64(plaintext).into()),
            Self::Key(key, WrappingAlgorithm::RsaesOaepSha256) => {
                key.encrypt(&mut SysRng, Oaep::<sha2::Sha256>::new(), plaintext).map_err(|_| failed())?
            }
            Self::Key(key, WrappingAlgorithm::RsaesOaepSha1) => {
                key.encrypt(&mut SysRng, Oaep::<sha1::Sha1>::new(), plaintext).map_err(|_| failed())?
            }
            Self::Key(key, WrappingAlgorithm::RsaesPkcs1V15) => {
                pkcs1(key, random, plaintext)?.ok_or_else(failed)?
            }
        };
        Ok(rules::to_base64(&sealed).into())
    }
}

/// SubjectPublicKeyInfo in PEM, RSA 2048.
fn public_key(pem: &str) -> Option<PublicKey> {
    if pem.len() > MAX_PEM {
        return None;
    }
    let body =
        pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let text: String = body.split_ascii_whitespace().collect();
    let key = PublicKey::from_public_key_der(&BASE64_STANDARD.decode(text).ok()?).ok()?;
    (key.n().bit_width() == 2048).then_some(key)
}

/// RSAES-PKCS1-v1_5, RFC 8017 §7.2.1; `None` when the message is too long.
fn pkcs1(key: &PublicKey, random: &Random, message: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(padding) = BLOCK.checked_sub(message.len() + 3).filter(|n| *n >= 8) else { return Ok(None) };
    let mut encoded = Zeroizing::new(Vec::with_capacity(BLOCK));
    encoded.extend_from_slice(&[0, 2]);
    while encoded.len() < padding + 2 {
        let [byte] = random.array()?;
        if byte != 0 {
            encoded.push(byte);
        }
    }
    encoded.push(0);
    encoded.extend_from_slice(message);
    let sealed = BoxedUint::from_be_slice(&encoded, 2048).ok().and_then(|m| rsa_encrypt(key, &m).ok());
    Ok(sealed.map(|c| c.to_be_bytes().into_vec()))
}
