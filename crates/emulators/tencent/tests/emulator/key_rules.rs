//! Keys: creating, naming, describing, listing, enabling and disabling.

use keyferry_tencent::wire::{KeyState, Origin};
use serde_json::{Value, json};

use crate::client::{FIPS, NOON, SHARED, SM, Server, fresh_alias};

/// Asymmetric keys can be created, listed separately, switched and deleted; using them is not
/// emulated, and the refusal says so.
#[test]
fn asymmetric_keys() {
    let made = |region: &str, usage: &str, kind: u64| {
        let body = json!({"Alias": fresh_alias(), "KeyUsage": usage, "Type": kind}).to_string();
        SHARED.raw(region, "CreateKey", body.as_bytes())
    };
    let region = "ap-asymmetric";
    let key = made(region, "ASYMMETRIC_DECRYPT_RSA_2048", 1)["KeyId"].as_str().unwrap().to_owned();
    let listed = |filter: Value| {
        let reply = SHARED.raw(region, "ListKeyDetail", filter.to_string().as_bytes());
        reply["TotalCount"].as_u64().unwrap()
    };
    assert_eq!(listed(json!({})), 0);
    assert_eq!(listed(json!({"KeyUsage": "ALL"})), 1);
    assert_eq!(listed(json!({"KeyUsage": "ASYMMETRIC_DECRYPT_RSA_2048"})), 1);
    assert_eq!(listed(json!({"KeyUsage": "ASYMMETRIC_SIGN_VERIFY_ECC"})), 0);
    let code = |action: &str, body: Value| SHARED.code(region, action, &body.to_string());
    assert_eq!(code("Encrypt", json!({"KeyId": key, "Plaintext": "AA=="})), "InvalidParameter");
    assert_eq!(code("EnableKeyRotation", json!({"KeyId": key})), "InvalidParameter");
    assert_eq!(code("GetPublicKey", json!({"KeyId": key})), "UnsupportedOperation");
    assert_eq!(code("DisableKey", json!({"KeyId": key})), "ok");
    assert_eq!(code("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})), "ok");
    assert_eq!(code("CancelKeyDeletion", json!({"KeyId": key})), "ok");
    assert_eq!(code("EnableKey", json!({"KeyId": key})), "ok");
    // SM2 exists only in the regions of the SM edition; an external key is never asymmetric.
    for (region, usage, kind, code) in [
        (SM, "ASYMMETRIC_DECRYPT_SM2", 1, None),
        (FIPS, "ASYMMETRIC_DECRYPT_SM2", 1, Some("UnsupportedOperation.UnsupportedKeyUsageInCurrentRegion")),
        (FIPS, "ASYMMETRIC_DECRYPT_RSA_2048", 2, Some("InvalidParameterValue.InvalidKeyUsage")),
    ] {
        let reply = made(region, usage, kind);
        assert_eq!(reply.pointer("/Error/Code").and_then(Value::as_str), code, "{usage} in {region}");
    }
}

#[test]
fn ids_are_uuids_of_their_time() {
    let (one, two) = (SHARED.external(FIPS), SHARED.external(FIPS));
    assert_ne!(one, two);
    for id in [one, two] {
        let uuid = uuid::Uuid::parse_str(&id).unwrap();
        assert_eq!((uuid.get_version_num(), uuid.to_string()), (1, id));
        assert_eq!(i64::try_from(uuid.get_timestamp().unwrap().to_unix().0).unwrap(), NOON);
    }
}

#[test]
fn aliases() {
    let alias = fresh_alias();
    let create =
        |region: &str, alias: &str| SHARED.code(region, "CreateKey", &json!({"Alias": alias}).to_string());
    assert_eq!(create(FIPS, &alias), "ok");
    assert_eq!(create(FIPS, &alias), "InvalidParameterValue.AliasAlreadyExists");
    assert_eq!(create(SM, &alias), "ok", "regions are separate");
    for bad in ["", "-a", "kms-x", "a b", "密钥", &"x".repeat(61)] {
        assert_eq!(create(FIPS, bad), "InvalidParameterValue.InvalidAlias", "{bad}");
    }
}

#[test]
fn what_cannot_be_made() {
    let with = |more: Value| {
        let mut body = json!({"Alias": fresh_alias()});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        SHARED.code(FIPS, "CreateKey", &body.to_string())
    };
    assert_eq!(with(json!({"Type": 3})), "InvalidParameterValue.InvalidType");
    assert_eq!(with(json!({"Type": 0})), "InvalidParameterValue.InvalidType");
    assert_eq!(with(json!({"KeyUsage": "SIGN"})), "InvalidParameterValue.InvalidKeyUsage");
    assert_eq!(
        with(json!({"KeyUsage": "ASYMMETRIC_DECRYPT_SM2"})),
        "UnsupportedOperation.UnsupportedKeyUsageInCurrentRegion"
    );
    assert_eq!(with(json!({"HsmClusterId": "c"})), "InvalidParameterValue.InvalidHsmClusterId");
    let tag = json!({"TagKey": "k", "TagValue": "v"});
    assert_eq!(with(json!({"Tags": [tag, tag]})), "InvalidParameterValue.TagKeysDuplicated");
    assert_eq!(with(json!({"Description": "x".repeat(1025)})), "InvalidParameter");
    assert_eq!(
        with(json!({"Description": "x".repeat(1024), "Tags": [tag], "Type": 1, "HsmClusterId": ""})),
        "ok"
    );
}

#[test]
fn metadata() {
    let body = r#"{"Alias": "described", "Type": 2, "Description": "\u5bc6\u94a5"}"#;
    let made = SHARED.raw(FIPS, "CreateKey", body.as_bytes());
    assert_eq!((&made["KeyState"], &made["Description"]), (&json!("PendingImport"), &json!("密钥")));
    assert!(made.get("Origin").is_none() && made.get("Type").is_none());
    let key_id = made["KeyId"].as_str().unwrap();
    let metadata = SHARED.describe(FIPS, key_id);
    assert_eq!((metadata.alias.as_str(), metadata.description.as_str()), ("described", "密钥"));
    assert_eq!(metadata.create_time, u64::try_from(NOON).unwrap());
    assert_eq!(metadata.next_rotate_time, metadata.create_time + 31_536_000);
    assert_eq!(metadata.resource_id, format!("creatorUin/{}/{key_id}", metadata.creator_uin));
    assert_eq!((metadata.owner.as_str(), metadata.key_type, metadata.deletion_date), ("user", 2, Some(0)));
    assert_eq!((metadata.origin, metadata.key_rotation_enabled), (Some(Origin::External), false));
}

#[test]
fn a_key_made_by_the_service_works_at_once() {
    let key_id = SHARED.create(SM, Some(1));
    let metadata = SHARED.describe(SM, &key_id);
    assert_eq!((metadata.key_state, metadata.origin), (KeyState::Enabled, Some(Origin::TencentKms)));
    let blob = SHARED.encrypt(SM, &key_id, b"sm4").unwrap();
    assert_eq!(SHARED.decrypt(SM, &blob).unwrap(), b"sm4");
}

#[test]
fn switching() {
    let key_id = SHARED.create(FIPS, None);
    let body = json!({"KeyId": key_id}).to_string();
    for (action, state) in [
        ("DisableKey", KeyState::Disabled),
        ("DisableKey", KeyState::Disabled),
        ("EnableKey", KeyState::Enabled),
        ("EnableKey", KeyState::Enabled),
    ] {
        assert_eq!(SHARED.code(FIPS, action, &body), "ok");
        assert_eq!(SHARED.describe(FIPS, &key_id).key_state, state);
    }
    let waiting = json!({"KeyId": SHARED.external(FIPS)}).to_string();
    assert_eq!(SHARED.code(FIPS, "EnableKey", &waiting), "ResourceUnavailable.CmkStateNotSupport");
    assert_eq!(SHARED.code(FIPS, "DisableKey", &waiting), "ResourceUnavailable.CmkStateNotSupport");
}

#[test]
fn listing() {
    let server = Server::start(None);
    let ids: Vec<String> = (0..12)
        .map(|n| {
            server.advance(1);
            server.create(FIPS, Some(1 + n % 2))
        })
        .collect();
    let list = |body: Value| {
        let reply = server.raw(FIPS, "ListKeyDetail", body.to_string().as_bytes());
        let ids = reply["KeyMetadatas"].as_array().map(Vec::as_slice).unwrap_or_default();
        let ids: Vec<String> = ids.iter().map(|key| key["KeyId"].as_str().unwrap().to_owned()).collect();
        (reply["TotalCount"].as_u64(), ids)
    };
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(list(json!({})), (Some(12), newest_first[..10].to_vec()));
    assert_eq!(list(json!({"OrderType": 1, "Offset": 10, "Limit": 200})), (Some(12), ids[10..].to_vec()));
    assert_eq!(list(json!({"Origin": "EXTERNAL", "Limit": 200})).0, Some(6));
    assert_eq!(list(json!({"KeyState": 4, "KeyUsage": "ALL"})).0, Some(6));
    assert_eq!(list(json!({"SearchKeyAlias": ids[3]})), (Some(1), vec![ids[3].clone()]));
    for empty in
        [json!({"Role": 1}), json!({"KeyUsage": "ASYMMETRIC_DECRYPT_SM2"}), json!({"Offset": u64::MAX})]
    {
        assert_eq!(list(empty).1, Vec::<String>::new());
    }
    for bad in [
        json!({"Limit": 201}),
        json!({"KeyState": 6}),
        json!({"Origin": "external"}),
        json!({"OrderType": 2}),
    ] {
        assert_eq!(server.code(FIPS, "ListKeyDetail", &bad.to_string()), "InvalidParameter", "{bad}");
    }
}

#[test]
fn the_service_itself() {
    let status = SHARED.raw(FIPS, "GetServiceStatus", b"{}");
    assert_eq!((&status["ServiceEnabled"], &status["InvalidType"]), (&json!(true), &json!(1)));
    let regions = SHARED.raw("", "GetRegions", b"{}");
    assert!(regions["Regions"].as_array().unwrap().contains(&json!("ap-guangzhou")));
}
