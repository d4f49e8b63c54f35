//! The import actions: fetch parameters, import material, delete material.
//!
//! Their rules are in `ceremony/spec/tencent-kms.md` §5.2 to §5.7. The service's order of checks is not known; here it is fixed:
//! key → origin → state → base64 → token → expiry → unwrapping → length → sameness. A refused import changes nothing.

use std::sync::Arc;

use keyferry_core::{Timestamp, WrappingAlgorithm, bi};
use keyferry_tencent::wire::{
    DeleteImportedKeyMaterialReply, DeleteImportedKeyMaterialRequest, GetParametersForImportReply,
    GetParametersForImportRequest, ImportKeyMaterialReply, ImportKeyMaterialRequest, KeyState,
    WRAPPING_KEY_SPEC,
};
use keyferry_tencent::{ErrorCode, Sensitive};
use rsa::PrivateKey;
use rsa::pkcs8::EncodePublicKey;
use zeroize::Zeroizing;

use crate::explain::explain;
use crate::key::{Binding, ImportParameters, Key};
use crate::refusal::Refusal;
use crate::rules;
use crate::state::{Call, Kms};
use crate::unwrap::unwrap;

/// How long parameters are valid: `ceremony/spec/tencent-kms.md` §5.3.
const DAY: i64 = 86_400;

/// Bytes in a token, as in the vendor's examples: `ceremony/spec/tencent-kms.md` §4.5.
const TOKEN_BYTES: usize = 96;

/// Only the last fetch counts: once it succeeds, the token and the private key of the previous fetch no
/// longer work.
pub(crate) fn parameters(
    kms: &Kms,
    call: &Call<'_>,
    request: GetParametersForImportRequest,
) -> Result<GetParametersForImportReply, Refusal> {
    let last = kms.with_key(call, &request.key_id, |key| {
        key.must_be_external()?;
        Ok(key.parameters.as_ref().map(|parameters| parameters.private_key.clone()))
    })?;
    let algorithm: WrappingAlgorithm =
        request.wrapping_algorithm.parse().map_err(|_| Refusal::invalid("WrappingAlgorithm"))?;
    if request.wrapping_key_spec != WRAPPING_KEY_SPEC {
        return Err(Refusal::invalid("WrappingKeySpec"));
    }
    // This is outside the lock, because it may wait for the pool.
    let fresh = fetch(kms, algorithm, last.as_ref(), call.now)?;
    let public_key =
        fresh.private_key.to_public_key().to_public_key_der().map_err(|_| Refusal::internal())?;
    let reply = GetParametersForImportReply {
        key_id: request.key_id,
        import_token: fresh.token.clone(),
        public_key: rules::to_base64(public_key.as_bytes()),
        parameters_valid_to: u64::try_from(fresh.valid_to.unix()).map_err(|_| Refusal::internal())?,
    };
    kms.change_key(call, &reply.key_id, |key| {
        key.replace_parameters(fresh);
        key.fetches += 1;
        Ok(())
    })?;
    Ok(reply)
}

fn fetch(
    kms: &Kms,
    algorithm: WrappingAlgorithm,
    last: Option<&Arc<PrivateKey>>,
    now: Timestamp,
) -> Result<ImportParameters, Refusal> {
    let busy = || {
        Refusal::new(
            ErrorCode::ServiceTemporaryUnavailable,
            bi!("The service is temporarily unavailable.", "服务暂时不可用。"),
        )
    };
    let token = rules::to_base64(&kms.random.bytes(TOKEN_BYTES)?);
    Ok(ImportParameters {
        token: Sensitive::new(token),
        private_key: kms.pool.take(last).ok_or_else(busy)?,
        algorithm,
        valid_to: Timestamp::from_unix(now.unix().saturating_add(DAY)).map_err(|_| Refusal::internal())?,
    })
}

pub(crate) fn import(
    kms: &Kms,
    call: &Call<'_>,
    request: ImportKeyMaterialRequest,
) -> Result<ImportKeyMaterialReply, Refusal> {
    let done = kms.change_key(call, &request.key_id, |key| {
        let (material, valid_to) = check_import(key, &request, call.now)?;
        if key.binding.is_none() {
            key.binding = Some(Binding::of(&material));
        }
        key.material = Some(material);
        key.valid_to = valid_to;
        key.state = KeyState::Enabled;
        key.imports += 1;
        Ok(ImportKeyMaterialReply {})
    });
    done.inspect_err(|_| call.note_causes(explain(kms, call, &request)))
}

/// Makes every check that may refuse an import; changes nothing.
fn check_import(
    key: &Key,
    request: &ImportKeyMaterialRequest,
    now: Timestamp,
) -> Result<(Zeroizing<Vec<u8>>, Option<Timestamp>), Refusal> {
    key.must_be_external()?;
    if !key.state.takes_material() {
        return Err(Refusal::state(key.state));
    }
    let wrapped = rules::base64(request.encrypted_key_material.expose(), "EncryptedKeyMaterial")?;
    rules::base64(request.import_token.expose(), "ImportToken")?;
    let parameters = key
        .parameters
        .as_ref()
        .filter(|p| p.token.same_as(request.import_token.expose()) && now < p.valid_to)
        .ok_or_else(Refusal::token_expired)?;
    let valid_to = rules::valid_to(request.valid_to, now)?;
    let material = unwrap(parameters.algorithm, &parameters.private_key, &wrapped)
        .map_err(|_| Refusal::undecryptable())?;
    if material.len() != key.edition.material().bytes() {
        return Err(Refusal::undecryptable());
    }
    if key.binding.as_ref().is_some_and(|binding| *binding != Binding::of(&material)) {
        return Err(Refusal::new(
            ErrorCode::MaterialNotMatch,
            bi!(
                "The key material is not the one that was imported into this CMK before.",
                "密钥材料与该 CMK 先前导入的密钥材料不一致。"
            ),
        ));
    }
    Ok((material, valid_to))
}

/// Deletes the material of a key that is Enabled or Disabled. The service's own rule is not known: `ceremony/spec/tencent-kms.md`
/// §5.7.
pub(crate) fn delete(
    kms: &Kms,
    call: &Call<'_>,
    request: DeleteImportedKeyMaterialRequest,
) -> Result<DeleteImportedKeyMaterialReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| {
        key.must_be_external()?;
        match key.state {
            KeyState::Enabled | KeyState::Disabled => {
                key.material = None;
                key.valid_to = None;
                key.state = KeyState::PendingImport;
                Ok(DeleteImportedKeyMaterialReply {})
            }
            other => Err(Refusal::state(other)),
        }
    })
}
