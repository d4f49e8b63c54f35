//! The rules as a table: every action on a key in every state, then every action with every bad parameter.

use keyferry_core::WrappingAlgorithm::RsaesOaepSha256;
use serde_json::{Value, json};

use crate::client::{FIPS, NOBODY, Server, fresh_alias, random, wrap};

/// In the order of the table's columns; all but the last are external keys.
const STATES: [&str; 7] = ["waiting", "enabled", "disabled", "deleted", "archived", "internal", "absent"];

/// Codes abbreviated to their first letters, to keep the table narrow.
fn spelt(short: &str) -> &str {
    match short {
        "state" => "ResourceUnavailable.CmkStateNotSupport",
        "off" => "ResourceUnavailable.CmkDisabled",
        "arch" => "ResourceUnavailable.CmkArchived",
        "none" => "ResourceUnavailable.CmkNotFound",
        "first" => "ResourceUnavailable.CmkShouldBeDisabled",
        "notdel" => "ResourceUnavailable.CmkNotPendingDelete",
        "own" => "UnsupportedOperation.NotExternalCmk",
        "norot" => "UnsupportedOperation.ExternalCmkCanNotRotate",
        "token" => "ResourceUnavailable.TokenExpired",
        other => other,
    }
}

/// A fresh key in a state.
fn key_in(server: &Server, state: &str) -> String {
    if state == "absent" {
        return NOBODY.to_owned();
    }
    if state == "internal" {
        return server.create(FIPS, None);
    }
    let key_id = server.external(FIPS);
    if state == "waiting" {
        return key_id;
    }
    let parameters = server.fetch(FIPS, &key_id, RsaesOaepSha256).unwrap();
    let wrapped = wrap(RsaesOaepSha256, &parameters.public_key, &random(32));
    server.import(FIPS, &key_id, &wrapped, parameters.import_token.expose(), None).unwrap();
    let act = |action: &str, body: Value| {
        assert_eq!(server.code(FIPS, action, &body.to_string()), "ok", "{action}");
    };
    match state {
        "disabled" => act("DisableKey", json!({"KeyId": key_id})),
        "archived" => act("ArchiveKey", json!({"KeyId": key_id})),
        "deleted" => {
            act("DisableKey", json!({"KeyId": key_id}));
            act("ScheduleKeyDeletion", json!({"KeyId": key_id, "PendingWindowInDays": 7}));
        }
        _ => {}
    }
    key_id
}

#[test]
fn every_action_in_every_state() {
    let server = Server::start(None);
    let fetch = json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    let import = json!({"EncryptedKeyMaterial": "AA==", "ImportToken": "AA=="});
    let table: [(&str, Value, [&str; 7]); 19] = [
        ("DescribeKey", json!({}), ["ok", "ok", "ok", "ok", "ok", "ok", "none"]),
        ("GetParametersForImport", fetch, ["ok", "ok", "ok", "ok", "ok", "own", "none"]),
        ("ImportKeyMaterial", import, ["token", "token", "state", "state", "state", "own", "none"]),
        ("DeleteImportedKeyMaterial", json!({}), ["state", "ok", "ok", "state", "state", "own", "none"]),
        ("EnableKey", json!({}), ["state", "ok", "ok", "state", "state", "ok", "none"]),
        ("DisableKey", json!({}), ["state", "ok", "ok", "state", "state", "ok", "none"]),
        (
            "ScheduleKeyDeletion",
            json!({"PendingWindowInDays": 30}),
            ["ok", "first", "ok", "state", "state", "first", "none"],
        ),
        ("CancelKeyDeletion", json!({}), ["notdel", "notdel", "notdel", "ok", "notdel", "notdel", "none"]),
        ("UpdateAlias", json!({"Alias": "?"}), ["ok", "ok", "ok", "state", "ok", "ok", "none"]),
        (
            "UpdateKeyDescription",
            json!({"Description": "d"}),
            ["ok", "ok", "ok", "state", "ok", "ok", "none"],
        ),
        ("Encrypt", json!({"Plaintext": "AA=="}), ["state", "ok", "off", "state", "arch", "ok", "none"]),
        (
            "GenerateDataKey",
            json!({"KeySpec": "AES_256"}),
            ["state", "ok", "off", "state", "arch", "ok", "none"],
        ),
        ("ArchiveKey", json!({}), ["state", "ok", "state", "state", "state", "ok", "none"]),
        ("CancelKeyArchive", json!({}), ["state", "state", "state", "state", "ok", "state", "none"]),
        ("GetKeyRotationStatus", json!({}), ["ok", "ok", "ok", "ok", "ok", "ok", "none"]),
        ("EnableKeyRotation", json!({}), ["norot", "norot", "norot", "norot", "norot", "ok", "none"]),
        ("DisableKeyRotation", json!({}), ["norot", "norot", "norot", "norot", "norot", "ok", "none"]),
        ("DescribeKeys", json!({"KeyIds": 0}), ["ok", "ok", "ok", "ok", "ok", "ok", "none"]),
        ("DisableKeys", json!({"KeyIds": 0}), ["state", "ok", "ok", "state", "state", "ok", "none"]),
    ];
    for (action, parameters, codes) in table {
        for (state, code) in STATES.into_iter().zip(codes) {
            let key_id = key_in(&server, state);
            let mut body = parameters.clone();
            if body.get("KeyIds").is_some() {
                body["KeyIds"] = json!([key_id]);
            } else {
                body["KeyId"] = json!(key_id);
            }
            if body.get("Alias").is_some() {
                body["Alias"] = json!(fresh_alias());
            }
            assert_eq!(server.code(FIPS, action, &body.to_string()), spelt(code), "{action} on {state}");
        }
    }
}

#[test]
fn every_bad_parameter() {
    let server = Server::start(None);
    let key = server.create(FIPS, None);
    let (missing, unknown, invalid) = ("MissingParameter", "UnknownParameter", "InvalidParameter");
    let bad_id = "InvalidParameterValue.InvalidKeyId";
    for action in [
        "DescribeKey",
        "DeleteImportedKeyMaterial",
        "EnableKey",
        "DisableKey",
        "CancelKeyDeletion",
        "ArchiveKey",
        "CancelKeyArchive",
        "GetKeyRotationStatus",
        "EnableKeyRotation",
        "DisableKeyRotation",
    ] {
        for (body, code) in [
            (json!({}), missing),
            (json!({"KeyId": "x"}), bad_id),
            (json!({"KeyId": 1}), invalid),
            (json!({"KeyId": key, "Stray": 1}), unknown),
        ] {
            assert_eq!(server.code(FIPS, action, &body.to_string()), code, "{action} {body}");
        }
    }
    for (action, body, code) in [
        ("ScheduleKeyDeletion", json!({"KeyId": key}), missing),
        (
            "ScheduleKeyDeletion",
            json!({"KeyId": key, "PendingWindowInDays": 6}),
            "InvalidParameter.InvalidPendingWindowInDays",
        ),
        (
            "ScheduleKeyDeletion",
            json!({"KeyId": key, "PendingWindowInDays": 31}),
            "InvalidParameter.InvalidPendingWindowInDays",
        ),
        ("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": -7}), invalid),
        ("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": "7"}), invalid),
        ("UpdateAlias", json!({"KeyId": key}), missing),
        ("UpdateAlias", json!({"KeyId": key, "Alias": "kms-x"}), "InvalidParameterValue.InvalidAlias"),
        ("UpdateKeyDescription", json!({"KeyId": key, "Description": "x".repeat(1025)}), invalid),
        ("DescribeKeys", json!({"KeyIds": []}), invalid),
        ("DescribeKeys", json!({"KeyIds": vec![key.clone(); 101]}), invalid),
        ("DescribeKeys", json!({"KeyIds": [key, key]}), "InvalidParameterValue.DuplicatedKeyId"),
        ("DescribeKeys", json!({"KeyIds": ["x"]}), bad_id),
        ("EnableKeys", json!({"KeyIds": [key, NOBODY]}), "ResourceUnavailable.CmkNotFound"),
        ("EnableKeyRotation", json!({"KeyId": key, "RotateDays": 6}), invalid),
        ("EnableKeyRotation", json!({"KeyId": key, "RotateDays": 366}), invalid),
        ("GenerateDataKey", json!({"KeyId": key}), invalid),
        ("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_512"}), invalid),
        ("GenerateDataKey", json!({"KeyId": key, "NumberOfBytes": 0}), invalid),
        ("GenerateDataKey", json!({"KeyId": key, "NumberOfBytes": 1025}), invalid),
        ("ReEncrypt", json!({"CiphertextBlob": "x"}), "InvalidParameterValue.InvalidCiphertext"),
        ("ListKeys", json!({"Limit": 201}), invalid),
        ("ListKeys", json!({"Role": 2}), invalid),
    ] {
        assert_eq!(server.code(FIPS, action, &body.to_string()), code, "{action} {body}");
    }
}

/// On the day before its deletion date, a key can still be rescued; after the date, it is as if it had
/// never existed.
#[test]
fn a_deleted_key_vanishes_at_its_date() {
    let server = Server::start(None);
    let (key, rescued) = (key_in(&server, "deleted"), key_in(&server, "deleted"));
    let code = |action: &str, key: &str| server.code(FIPS, action, &json!({"KeyId": key}).to_string());
    assert_eq!(
        server.describe(FIPS, &key).deletion_date,
        Some(u64::try_from(server.now()).unwrap() + 7 * 86_400)
    );
    server.advance(7 * 86_400 - 1);
    assert_eq!(code("CancelKeyDeletion", &rescued), "ok");
    assert_eq!(server.describe(FIPS, &rescued).key_state.as_str(), "Disabled");
    server.advance(1);
    assert_eq!(code("DescribeKey", &key), "ResourceUnavailable.CmkNotFound");
    assert_eq!(code("CancelKeyDeletion", &key), "ResourceUnavailable.CmkNotFound");
    let all = server.raw(FIPS, "ListKeyDetail", b"{}");
    assert_eq!(all["TotalCount"], 1);
}
