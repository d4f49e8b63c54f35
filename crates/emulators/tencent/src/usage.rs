//! Using keys: encrypt, decrypt, random bytes. `ceremony/spec/tencent-kms.md` §5.9, §6.4 and §6.6.

use keyferry_core::bi;
use keyferry_tencent::ErrorCode;
use keyferry_tencent::wire::{
    DecryptReply, DecryptRequest, EncryptReply, EncryptRequest, GenerateDataKeyReply, GenerateDataKeyRequest,
    GenerateRandomReply, GenerateRandomRequest, KeyState, ReEncryptReply, ReEncryptRequest,
};

use zeroize::Zeroizing;

use crate::cipher::{self, Blob};
use crate::key::Key;
use crate::recipient::Recipient;
use crate::refusal::Refusal;
use crate::rules;
use crate::state::{Call, Kms};

/// Longest plaintext in bytes: `ceremony/spec/tencent-kms.md` §4.5.
const MAX_PLAINTEXT: usize = 4096;

/// The most random bytes in one call: `ceremony/spec/tencent-kms.md` §4.5.
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
    let ciphertext_blob = seal(kms, call, &request.key_id, &context, &plaintext)?;
    Ok(EncryptReply { ciphertext_blob, key_id: request.key_id })
}

pub(crate) fn decrypt(kms: &Kms, call: &Call<'_>, request: DecryptRequest) -> Result<DecryptReply, Refusal> {
    let recipient =
        Recipient::parse(request.encryption_public_key.as_deref(), request.encryption_algorithm.as_deref())?;
    let context = rules::context(request.encryption_context.as_deref())?;
    let (key_id, plaintext) = open(kms, call, &request.ciphertext_blob, &context)?;
    Ok(DecryptReply { key_id, plaintext: recipient.address(&kms.random, &plaintext)? })
}

/// The key that a blob names, and the blob's plaintext.
fn open(
    kms: &Kms,
    call: &Call<'_>,
    blob: &str,
    context: &str,
) -> Result<(String, Zeroizing<Vec<u8>>), Refusal> {
    let refusal = || {
        Refusal::new(
            ErrorCode::InvalidCiphertext,
            bi!(
                "The CiphertextBlob is damaged, or belongs to another region or another EncryptionContext.",
                "CiphertextBlob 已损坏、属于其他地域，或 EncryptionContext 不一致。"
            ),
        )
    };
    let blob = Blob::parse(blob).map_err(|_| refusal())?;
    let key_id = blob.key_id().map_err(|_| refusal())?;
    rules::key_id(key_id).map_err(|_| refusal())?;
    kms.with_key(call, key_id, |key| {
        let plaintext =
            blob.open(usable(key, Purpose::Open)?, call.region, context).map_err(|_| refusal())?;
        Ok((key.id.clone(), plaintext))
    })
}

fn seal(
    kms: &Kms,
    call: &Call<'_>,
    key_id: &str,
    context: &str,
    plaintext: &[u8],
) -> Result<String, Refusal> {
    let nonce = kms.random.array()?;
    kms.with_key(call, key_id, |key| {
        let at = (call.region, key.id.as_str());
        cipher::seal(usable(key, Purpose::Seal)?, at, context, &nonce, plaintext)
            .map_err(|_| Refusal::internal())
    })
}

/// `NumberOfBytes` takes precedence over `KeySpec`; one of them must be given. The service's own store of data keys is
/// not emulated.
pub(crate) fn data_key(
    kms: &Kms,
    call: &Call<'_>,
    request: GenerateDataKeyRequest,
) -> Result<GenerateDataKeyReply, Refusal> {
    if request.is_hosted_by_kms.unwrap_or(0) != 0 || request.hsm_cluster_id.is_some_and(|id| !id.is_empty()) {
        return Err(Refusal::new(
            ErrorCode::UnsupportedOperation,
            bi!(
                "The emulator does not keep data keys and has no HSM clusters.",
                "本模拟器不托管数据密钥，也没有 HSM 集群。"
            ),
        ));
    }
    let len = match (request.number_of_bytes, request.key_spec.as_deref()) {
        (Some(n), _) => usize::try_from(n).ok().filter(|n| (1..=MAX_RANDOM).contains(n)),
        (None, Some("AES_128")) => Some(16),
        (None, Some("AES_256")) => Some(32),
        (None, _) => return Err(Refusal::invalid("KeySpec")),
    };
    let len = len.ok_or_else(|| Refusal::invalid("NumberOfBytes"))?;
    let context = rules::context(request.encryption_context.as_deref())?;
    let recipient =
        Recipient::parse(request.encryption_public_key.as_deref(), request.encryption_algorithm.as_deref())?;
    let bytes = kms.random.bytes(len)?;
    let ciphertext_blob = seal(kms, call, &request.key_id, &context, &bytes)?;
    Ok(GenerateDataKeyReply {
        key_id: request.key_id,
        plaintext: recipient.address(&kms.random, &bytes)?,
        ciphertext_blob,
        data_key_id: String::new(),
        tag_code: 0,
        tag_msg: String::new(),
    })
}

/// A new blob is always made: the vendor's shortcut for an unrotated key would save nothing here.
pub(crate) fn reencrypt(
    kms: &Kms,
    call: &Call<'_>,
    request: ReEncryptRequest,
) -> Result<ReEncryptReply, Refusal> {
    let from = rules::context(request.source_encryption_context.as_deref())?;
    let to = rules::context(request.destination_encryption_context.as_deref())?;
    let (source_key_id, plaintext) = open(kms, call, &request.ciphertext_blob, &from)?;
    let key_id =
        request.destination_key_id.filter(|id| !id.is_empty()).unwrap_or_else(|| source_key_id.clone());
    let ciphertext_blob = seal(kms, call, &key_id, &to, &plaintext)?;
    Ok(ReEncryptReply { ciphertext_blob, key_id, source_key_id, re_encrypted: true })
}

/// The operation that a key is needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Seal,
    Open,
}

/// The material of a key that may be used now.
fn usable(key: &Key, purpose: Purpose) -> Result<&[u8], Refusal> {
    key.must_be_symmetric()?;
    match (key.state, &key.material) {
        (KeyState::Enabled, Some(material)) => Ok(material),
        (KeyState::Archived, Some(material)) if purpose == Purpose::Open => Ok(material),
        (KeyState::Archived, _) => {
            Err(Refusal::new(ErrorCode::CmkArchived, bi!("The CMK is archived.", "CMK 已归档。")))
        }
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
