//! Using keys: encrypt, decrypt, random bytes (fact sheet §5 and §6).

use keyferry_core::bi;
use keyferry_kms_api::ErrorCode;
use keyferry_kms_api::wire::{
    DecryptReply, DecryptRequest, EncryptReply, EncryptRequest, GenerateRandomReply, GenerateRandomRequest,
    KeyState,
};

use crate::cipher::{self, Blob};
use crate::key::Key;
use crate::refusal::Refusal;
use crate::rules;
use crate::state::{Call, Kms};

/// Longest plaintext in bytes.
const MAX_PLAINTEXT: usize = 4096;

/// Most random bytes in one call.
const MAX_RANDOM: usize = 1024;

pub(crate) fn encrypt(kms: &Kms, call: &Call<'_>, request: EncryptRequest) -> Result<EncryptReply, Refusal> {
    let context = rules::context(request.encryption_context.as_deref())?;
    let refusal = || {
        Refusal::new(
            ErrorCode::InvalidPlaintext,
            bi!(
                "The Plaintext must be base64 of 1 to 4096 bytes.",
                "Plaintext 必须为 1 至 4096 字节的 base64 编码。"
            ),
        )
    };
    let plaintext = rules::base64(request.plaintext.expose(), "Plaintext").map_err(|_| refusal())?;
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(refusal());
    }
    let nonce = kms.random.array()?;
    kms.with_key(call, &request.key_id, |key| {
        let at = (call.region, key.id.as_str());
        let ciphertext_blob =
            cipher::seal(usable(key)?, at, &context, &nonce, &plaintext).map_err(|_| Refusal::internal())?;
        Ok(EncryptReply { ciphertext_blob, key_id: key.id.clone() })
    })
}

pub(crate) fn decrypt(kms: &Kms, call: &Call<'_>, request: DecryptRequest) -> Result<DecryptReply, Refusal> {
    let refusal = || {
        Refusal::new(
            ErrorCode::InvalidCiphertext,
            bi!(
                "The CiphertextBlob is damaged, of another region, or of another EncryptionContext.",
                "CiphertextBlob 已损坏、属于其他地域，或 EncryptionContext 不一致。"
            ),
        )
    };
    if request.encryption_public_key.as_deref().is_some_and(|key| !key.is_empty()) {
        return Err(Refusal::new(
            ErrorCode::UnsupportedOperation,
            bi!(
                "The emulator does not encrypt to an EncryptionPublicKey.",
                "本模拟器不支持 EncryptionPublicKey。"
            ),
        ));
    }
    let context = rules::context(request.encryption_context.as_deref())?;
    let blob = Blob::parse(&request.ciphertext_blob).map_err(|_| refusal())?;
    let key_id = blob.key_id().map_err(|_| refusal())?;
    rules::key_id(key_id).map_err(|_| refusal())?;
    kms.with_key(call, key_id, |key| {
        let plaintext = blob.open(usable(key)?, call.region, &context).map_err(|_| refusal())?;
        Ok(DecryptReply { key_id: key.id.clone(), plaintext: rules::to_base64(&plaintext).into() })
    })
}

/// The material of a key that may be used now.
fn usable(key: &Key) -> Result<&[u8], Refusal> {
    match (key.state, &key.material) {
        (KeyState::Enabled, Some(material)) => Ok(material),
        (KeyState::Disabled, _) => {
            Err(Refusal::new(ErrorCode::CmkDisabled, bi!("The CMK is disabled.", "CMK 已被禁用。")))
        }
        (other, _) => Err(Refusal::state(other)),
    }
}

pub(crate) fn random(
    kms: &Kms,
    _: &Call<'_>,
    request: GenerateRandomRequest,
) -> Result<GenerateRandomReply, Refusal> {
    let len = usize::try_from(request.number_of_bytes).ok().filter(|n| (1..=MAX_RANDOM).contains(n));
    let bytes = kms.random.bytes(len.ok_or_else(|| Refusal::invalid("NumberOfBytes"))?)?;
    Ok(GenerateRandomReply { plaintext: rules::to_base64(&bytes).into() })
}
