//! The refusals of encrypt, decrypt and random bytes.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use keyferry_tencent::ErrorCode;
use serde_json::json;

use crate::client::{FIPS, SHARED, SM, code_of, random};

#[test]
fn plaintexts() {
    let key_id = SHARED.create(FIPS, None);
    let blob = SHARED.encrypt(FIPS, &key_id, &[7; 4096]).unwrap();
    assert_eq!(SHARED.decrypt(FIPS, &blob).unwrap(), [7; 4096]);
    assert_eq!(SHARED.encrypt(FIPS, &key_id, &[7; 4097]), Err(ErrorCode::InvalidPlaintext));
    for text in ["", "x", "AA=", "AA==\n"] {
        let body = json!({"KeyId": key_id, "Plaintext": text}).to_string();
        assert_eq!(SHARED.code(FIPS, "Encrypt", &body), "InvalidParameterValue.InvalidPlaintext", "{text:?}");
    }
}

#[test]
fn blobs_have_the_vendor_s_shape_and_never_repeat() {
    let key_id = SHARED.create(FIPS, None);
    let (one, two) =
        (SHARED.encrypt(FIPS, &key_id, b"x").unwrap(), SHARED.encrypt(FIPS, &key_id, b"x").unwrap());
    assert_ne!(one, two);
    assert_eq!(one.split("-k-").count(), 3);
}

#[test]
fn contexts() {
    let key_id = SHARED.create(FIPS, None);
    let body = json!({"KeyId": key_id, "Plaintext": "eA==", "EncryptionContext": r#"{"a":"1","b":"2"}"#})
        .to_string();
    let blob = SHARED.raw(FIPS, "Encrypt", body.as_bytes())["CiphertextBlob"].clone();
    let decrypt = |context: Option<&str>| {
        let mut body = json!({"CiphertextBlob": blob});
        if let Some(context) = context {
            body["EncryptionContext"] = context.into();
        }
        code_of(&SHARED.raw(FIPS, "Decrypt", body.to_string().as_bytes()))
    };
    assert_eq!(decrypt(Some(r#"{"b": "2", "a": "1"}"#)), "ok");
    for wrong in [None, Some(""), Some("{}"), Some(r#"{"a":"1"}"#), Some(r#"{"a":"1","b":"3"}"#)] {
        assert_eq!(decrypt(wrong), "InvalidParameterValue.InvalidCiphertext", "{wrong:?}");
    }
    assert_eq!(decrypt(Some("[]")), "InvalidParameter");
}

#[test]
fn damaged_and_foreign_blobs() {
    let key_id = SHARED.create(FIPS, None);
    let blob = SHARED.encrypt(FIPS, &key_id, b"x").unwrap();
    assert_eq!(SHARED.decrypt(SM, &blob), Err(ErrorCode::CmkNotFound));
    for bad in ["", "AA==", "-k--k-", &blob[1..], &blob[..blob.len() - 4], &format!("{blob}-k-")] {
        assert_eq!(SHARED.decrypt(FIPS, bad), Err(ErrorCode::InvalidCiphertext), "{bad}");
    }
    let header = [b"23e80852-1e38-11e9-b129-5cb9019b4b01".as_slice(), &[0; 28]].concat();
    let forged = [header, vec![0; 16], vec![0; 4]].map(|part| BASE64_STANDARD.encode(part)).join("-k-");
    assert_eq!(SHARED.decrypt(FIPS, &forged), Err(ErrorCode::CmkNotFound));
}

#[test]
fn disabled_keys_and_answers_to_a_public_key() {
    let key_id = SHARED.create(FIPS, None);
    let blob = SHARED.encrypt(FIPS, &key_id, b"x").unwrap();
    let to_key = json!({"CiphertextBlob": blob, "EncryptionPublicKey": "PEM"}).to_string();
    assert_eq!(SHARED.code(FIPS, "Decrypt", &to_key), "UnsupportedOperation", "SM2 is the default");
    let named = json!({"CiphertextBlob": blob, "EncryptionPublicKey": "PEM", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"});
    assert_eq!(SHARED.code(FIPS, "Decrypt", &named.to_string()), "InvalidParameter");
    assert_eq!(SHARED.code(FIPS, "DisableKey", &json!({"KeyId": key_id}).to_string()), "ok");
    assert_eq!(SHARED.encrypt(FIPS, &key_id, b"x"), Err(ErrorCode::CmkDisabled));
    assert_eq!(SHARED.decrypt(FIPS, &blob), Err(ErrorCode::CmkDisabled));
}

#[test]
fn random_bytes() {
    for n in [1, 16, 1024] {
        let reply = SHARED.raw(FIPS, "GenerateRandom", json!({"NumberOfBytes": n}).to_string().as_bytes());
        assert_eq!(BASE64_STANDARD.decode(reply["Plaintext"].as_str().unwrap()).unwrap().len(), n);
    }
    for n in [0, 1025, u64::MAX] {
        let body = json!({"NumberOfBytes": n}).to_string();
        assert_eq!(SHARED.code(FIPS, "GenerateRandom", &body), "InvalidParameter");
    }
    assert_ne!(random(32), random(32));
}
