//! Reads and writes the vendor's own examples, and checks the field tables.

use serde_json::{Value, json};

use super::*;

/// The required fields alone must be enough, and the struct must know every listed field.
fn table_matches_struct<R: Request + core::fmt::Debug>(example: Value) {
    let object = example.as_object().unwrap();
    for field in R::FIELDS {
        let mut without = object.clone();
        without.remove(field.name);
        let parsed = serde_json::from_value::<R>(without.into());
        assert_eq!(parsed.is_err(), field.required, "{} {}", R::ACTION, field.name);
    }
    let full: R = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(serde_json::to_value(&full).unwrap(), example, "{}", R::ACTION);
    let mut more = object.clone();
    more.insert("Stray".into(), 1.into());
    assert!(serde_json::from_value::<R>(more.into()).is_err(), "{}", R::ACTION);
}

#[test]
fn every_request_s_table_matches_its_struct() {
    let member = json!({"MemberAppId": 1, "MemberUin": 2});
    table_matches_struct::<CreateKeyRequest>(json!({
        "Alias": "a", "Description": "d", "KeyUsage": "ENCRYPT_DECRYPT", "Type": 2,
        "Tags": [{"TagKey": "k", "TagValue": "v"}], "HsmClusterId": "h"
    }));
    table_matches_struct::<GetParametersForImportRequest>(json!({
        "KeyId": "k", "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"
    }));
    table_matches_struct::<ImportKeyMaterialRequest>(json!({
        "EncryptedKeyMaterial": "AA==", "ImportToken": "t", "KeyId": "k", "ValidTo": 0
    }));
    table_matches_struct::<DeleteImportedKeyMaterialRequest>(json!({"KeyId": "k"}));
    table_matches_struct::<DescribeKeyRequest>(json!({"KeyId": "k", "MemberAccount": member}));
    table_matches_struct::<EnableKeyRequest>(json!({"KeyId": "k", "MemberAccount": member}));
    table_matches_struct::<DisableKeyRequest>(json!({"KeyId": "k", "MemberAccount": member}));
    table_matches_struct::<ListKeyDetailRequest>(json!({
        "Offset": 0, "Limit": 1, "Role": 0, "OrderType": 0, "KeyState": 0, "SearchKeyAlias": "", "Origin": "ALL",
        "KeyUsage": "ALL", "TagFilters": [{"TagKey": "k", "TagValue": ["v"]}], "HsmClusterId": "",
        "MemberAccounts": [member]
    }));
    table_matches_struct::<EncryptRequest>(json!({"KeyId": "k", "Plaintext": "", "EncryptionContext": "{}"}));
    table_matches_struct::<DecryptRequest>(json!({
        "CiphertextBlob": "c", "EncryptionContext": "{}", "EncryptionPublicKey": "p", "EncryptionAlgorithm": "SM2"
    }));
    table_matches_struct::<GenerateRandomRequest>(json!({"NumberOfBytes": 16}));
    table_matches_struct::<GetServiceStatusRequest>(json!({}));
    table_matches_struct::<GetRegionsRequest>(json!({}));
    table_matches_struct::<ListAlgorithmsRequest>(json!({}));
}

#[test]
fn every_later_request_s_table_matches_its_struct() {
    let member = json!({"MemberAppId": 1, "MemberUin": 2});
    let one = json!({"KeyId": "k", "MemberAccount": member});
    table_matches_struct::<CancelKeyDeletionRequest>(one.clone());
    table_matches_struct::<GetKeyRotationStatusRequest>(one.clone());
    table_matches_struct::<DisableKeyRotationRequest>(one.clone());
    table_matches_struct::<ArchiveKeyRequest>(one.clone());
    table_matches_struct::<CancelKeyArchiveRequest>(one);
    let several = json!({"KeyIds": ["k", "l"], "MemberAccount": member});
    table_matches_struct::<DescribeKeysRequest>(several.clone());
    table_matches_struct::<EnableKeysRequest>(several.clone());
    table_matches_struct::<DisableKeysRequest>(several);
    table_matches_struct::<ScheduleKeyDeletionRequest>(json!({
        "KeyId": "k", "PendingWindowInDays": 7, "MemberAccount": member
    }));
    table_matches_struct::<UpdateAliasRequest>(json!({"Alias": "a", "KeyId": "k", "MemberAccount": member}));
    table_matches_struct::<UpdateKeyDescriptionRequest>(json!({
        "Description": "d", "KeyId": "k", "MemberAccount": member
    }));
    table_matches_struct::<EnableKeyRotationRequest>(
        json!({"KeyId": "k", "RotateDays": 7, "MemberAccount": member}),
    );
    table_matches_struct::<ListKeysRequest>(json!({"Offset": 0, "Limit": 1, "Role": 0, "HsmClusterId": "h"}));
    table_matches_struct::<ReEncryptRequest>(json!({
        "CiphertextBlob": "c", "DestinationKeyId": "k", "SourceEncryptionContext": "{}",
        "DestinationEncryptionContext": "{}"
    }));
    table_matches_struct::<GenerateDataKeyRequest>(json!({
        "KeyId": "k", "KeySpec": "AES_256", "NumberOfBytes": 1, "EncryptionContext": "{}", "EncryptionPublicKey": "p",
        "EncryptionAlgorithm": "SM2", "IsHostedByKms": 0, "DataKeyName": "n", "Description": "d", "HsmClusterId": "h",
        "Tags": [{"TagKey": "k", "TagValue": "v"}]
    }));
}

#[test]
fn no_debug_output_shows_a_token_or_a_plaintext() {
    let import = ImportKeyMaterialRequest {
        encrypted_key_material: "WRAPPED".into(),
        import_token: "TOKEN".into(),
        key_id: "kid".into(),
        valid_to: None,
    };
    let encrypt =
        EncryptRequest { key_id: "kid".into(), plaintext: "PLAIN".into(), encryption_context: None };
    let decrypt = DecryptReply { key_id: "kid".into(), plaintext: "PLAIN".into() };
    let parameters = GetParametersForImportReply {
        key_id: "kid".into(),
        import_token: "TOKEN".into(),
        public_key: "MII".into(),
        parameters_valid_to: 1,
    };
    let shown = format!("{import:?}{encrypt:?}{decrypt:?}{parameters:?}");
    for secret in ["WRAPPED", "TOKEN", "PLAIN"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("kid"));
}

#[test]
fn metadata_reads_old_new_and_unknown_members() {
    let short = json!({"KeyId": "k", "KeyState": "Thawing", "Origin": "MARS", "Type": 9, "New": {}});
    let read: KeyMetadata = serde_json::from_value(short).unwrap();
    assert_eq!(
        (read.key_state, read.origin, read.edition()),
        (KeyState::Unlisted, Some(Origin::Unlisted), None)
    );

    let usual = json!({
        "KeyId": "6f44fdb5", "Alias": "test", "CreateTime": 1_568_279_424, "Description": "", "KeyState": "PendingImport",
        "KeyUsage": "ENCRYPT_DECRYPT", "Type": 4, "CreatorUin": 100_000_000_001_u64, "KeyRotationEnabled": false,
        "Owner": "user", "NextRotateTime": 1_599_815_424, "DeletionDate": 0, "Origin": "EXTERNAL", "ValidTo": 0,
        "ResourceId": "creatorUin/100000000001/6f44fdb5", "HsmClusterId": ""
    });
    let read: KeyMetadata = serde_json::from_value(usual.clone()).unwrap();
    assert!(read.key_state.takes_material());
    assert_eq!(read.edition(), Some(crate::Edition::Sm));
    assert_eq!(serde_json::to_value(&read).unwrap(), usual);

    let nulls = json!({"KeyId": "k", "KeyState": "Enabled", "Origin": null, "ValidTo": null});
    assert!(serde_json::from_value::<KeyMetadata>(nulls).is_ok());
}
