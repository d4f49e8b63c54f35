//! One request for each action, which either only reads or must be refused. None names an existing key.

use keyferry_core::Region;
use keyferry_service::Use;

use super::{KmsClient, RemoteError};
use crate::wire::*;
use crate::{Action, Request};

/// A key id that no service creates: the time in it is before computers existed. It also marks these requests in the provider's audit
/// log.
pub(super) const NOBODY: &str = "00000000-0000-1000-8000-000000000000";

/// An alias whose first character no alias may begin with: `ceremony/spec/tencent-kms.md` §4.5.
const NO_ALIAS: &str = "-keyferry-check-access";

/// A value that is not a valid plaintext, ciphertext or usage.
const NO_VALUE: &str = "keyferry-check-access";

/// How a ceremony uses an action; `creates` says whether keys still have to be created.
pub(super) const fn use_of(action: Action, creates: bool) -> Use {
    match action {
        Action::CreateKey if creates => Use::Ceremony,
        Action::DescribeKey
        | Action::GetParametersForImport
        | Action::ImportKeyMaterial
        | Action::Encrypt
        | Action::Decrypt => Use::Ceremony,
        Action::CreateKey
        | Action::DeleteImportedKeyMaterial
        | Action::EnableKey
        | Action::DisableKey
        | Action::EnableKeys
        | Action::DisableKeys
        | Action::ScheduleKeyDeletion
        | Action::CancelKeyDeletion
        | Action::UpdateAlias
        | Action::UpdateKeyDescription
        | Action::GenerateDataKey
        | Action::ReEncrypt
        | Action::EnableKeyRotation
        | Action::DisableKeyRotation
        | Action::ArchiveKey
        | Action::CancelKeyArchive => Use::Beyond,
        Action::ListKeyDetail
        | Action::ListKeys
        | Action::DescribeKeys
        | Action::GenerateRandom
        | Action::GetServiceStatus
        | Action::GetRegions
        | Action::ListAlgorithms
        | Action::GetKeyRotationStatus => Use::Reads,
    }
}

/// Sends the request for an action. Returns the id of a key if the service created one by mistake.
pub(super) fn send(
    client: &KmsClient<'_>,
    region: &Region,
    action: Action,
) -> Result<Option<String>, RemoteError> {
    if action == Action::CreateKey {
        return client.call(region, "-", &create()).map(|answer| Some(answer.value.key_id));
    }
    let to = To { client, region };
    match action {
        // Above.
        Action::CreateKey => Ok(()),
        Action::GetParametersForImport => to.ask(&parameters()),
        Action::ImportKeyMaterial => to.ask(&import()),
        Action::DeleteImportedKeyMaterial => to.ask(&DeleteImportedKeyMaterialRequest { key_id: nobody() }),
        Action::DescribeKey => to.ask(&DescribeKeyRequest { key_id: nobody(), member_account: None }),
        Action::EnableKey => to.ask(&EnableKeyRequest { key_id: nobody(), member_account: None }),
        Action::DisableKey => to.ask(&DisableKeyRequest { key_id: nobody(), member_account: None }),
        Action::CancelKeyDeletion => {
            to.ask(&CancelKeyDeletionRequest { key_id: nobody(), member_account: None })
        }
        Action::GetKeyRotationStatus => {
            to.ask(&GetKeyRotationStatusRequest { key_id: nobody(), member_account: None })
        }
        Action::DisableKeyRotation => {
            to.ask(&DisableKeyRotationRequest { key_id: nobody(), member_account: None })
        }
        Action::ArchiveKey => to.ask(&ArchiveKeyRequest { key_id: nobody(), member_account: None }),
        Action::CancelKeyArchive => {
            to.ask(&CancelKeyArchiveRequest { key_id: nobody(), member_account: None })
        }
        Action::EnableKeyRotation => {
            to.ask(&EnableKeyRotationRequest { key_id: nobody(), rotate_days: None, member_account: None })
        }
        Action::ScheduleKeyDeletion => to.ask(&schedule()),
        Action::UpdateAlias => to.ask(&rename()),
        Action::UpdateKeyDescription => to.ask(&describe_anew()),
        Action::DescribeKeys => {
            to.ask(&DescribeKeysRequest { key_ids: vec![nobody()], member_account: None })
        }
        Action::EnableKeys => to.ask(&EnableKeysRequest { key_ids: vec![nobody()], member_account: None }),
        Action::DisableKeys => to.ask(&DisableKeysRequest { key_ids: vec![nobody()], member_account: None }),
        Action::Encrypt => to.ask(&encrypt()),
        Action::Decrypt => to.ask(&decrypt()),
        Action::ReEncrypt => to.ask(&reencrypt()),
        Action::GenerateDataKey => to.ask(&data_key()),
        Action::GenerateRandom => to.ask(&GenerateRandomRequest { number_of_bytes: 1 }),
        Action::ListKeys => to.ask(&ListKeysRequest { limit: Some(1), ..ListKeysRequest::default() }),
        Action::ListKeyDetail => {
            to.ask(&ListKeyDetailRequest { limit: Some(1), ..ListKeyDetailRequest::default() })
        }
        Action::GetServiceStatus => to.ask(&GetServiceStatusRequest {}),
        Action::GetRegions => to.ask(&GetRegionsRequest {}),
        Action::ListAlgorithms => to.ask(&ListAlgorithmsRequest {}),
    }
    .map(|()| None)
}

/// Where requests go.
struct To<'a, 'c> {
    client: &'a KmsClient<'c>,
    region: &'a Region,
}

impl To<'_, '_> {
    fn ask<R: Request>(&self, request: &R) -> Result<(), RemoteError> {
        self.client.call(self.region, "-", request).map(|_| ())
    }
}

fn nobody() -> String {
    NOBODY.to_owned()
}

fn no_value() -> String {
    NO_VALUE.to_owned()
}

/// Alias and usage are both invalid: the service would have to break two of its rules to create a key.
fn create() -> CreateKeyRequest {
    CreateKeyRequest {
        alias: NO_ALIAS.to_owned(),
        description: None,
        key_usage: Some(no_value()),
        key_type: Some(KEY_TYPE_EXTERNAL),
        tags: None,
        hsm_cluster_id: None,
    }
}

/// Never an existing key: a fetch for one would invalidate the parameters of a pending ceremony.
fn parameters() -> GetParametersForImportRequest {
    GetParametersForImportRequest {
        key_id: nobody(),
        wrapping_algorithm: "RSAES_OAEP_SHA_256".to_owned(),
        wrapping_key_spec: WRAPPING_KEY_SPEC.to_owned(),
    }
}

fn import() -> ImportKeyMaterialRequest {
    ImportKeyMaterialRequest {
        encrypted_key_material: "AAAA".into(),
        import_token: "AAAA".into(),
        key_id: nobody(),
        valid_to: None,
    }
}

fn schedule() -> ScheduleKeyDeletionRequest {
    ScheduleKeyDeletionRequest { key_id: nobody(), pending_window_in_days: 30, member_account: None }
}

fn rename() -> UpdateAliasRequest {
    UpdateAliasRequest { alias: NO_ALIAS.to_owned(), key_id: nobody(), member_account: None }
}

fn describe_anew() -> UpdateKeyDescriptionRequest {
    UpdateKeyDescriptionRequest { description: String::new(), key_id: nobody(), member_account: None }
}

fn encrypt() -> EncryptRequest {
    EncryptRequest { key_id: nobody(), plaintext: "AAAA".into(), encryption_context: None }
}

fn decrypt() -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: no_value(),
        encryption_context: None,
        encryption_public_key: None,
        encryption_algorithm: None,
    }
}

fn reencrypt() -> ReEncryptRequest {
    ReEncryptRequest {
        ciphertext_blob: no_value(),
        destination_key_id: Some(nobody()),
        source_encryption_context: None,
        destination_encryption_context: None,
    }
}

fn data_key() -> GenerateDataKeyRequest {
    GenerateDataKeyRequest {
        key_id: nobody(),
        key_spec: Some("AES_128".to_owned()),
        number_of_bytes: None,
        encryption_context: None,
        encryption_public_key: None,
        encryption_algorithm: None,
        is_hosted_by_kms: None,
        data_key_name: None,
        description: None,
        hsm_cluster_id: None,
        tags: None,
    }
}
