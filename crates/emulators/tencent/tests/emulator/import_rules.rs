//! Every rule of the import flow and its refusal; a refusal changes nothing.

use keyferry_core::WrappingAlgorithm::{self, RsaesOaepSha1, RsaesOaepSha256, RsaesPkcs1V15};
use keyferry_tencent::wire::{DisableKeyRequest, EnableKeyRequest, KeyMetadata, KeyState, VALID_TO_MAX};
use keyferry_tencent::{ErrorCode, Sensitive};
use serde_json::json;

use crate::client::{FIPS, NOBODY, NOON, SHARED, SM, Server, random, wrap};

/// A key with fetched parameters.
struct Ready {
    server: &'static Server,
    key_id: String,
    algorithm: WrappingAlgorithm,
    token: Sensitive,
    public_key: String,
}

impl Ready {
    fn new(algorithm: WrappingAlgorithm) -> Self {
        Self::on(&SHARED, algorithm)
    }

    fn on(server: &'static Server, algorithm: WrappingAlgorithm) -> Self {
        let key_id = server.external(FIPS);
        let reply = server.fetch(FIPS, &key_id, algorithm).unwrap();
        Self { server, key_id, algorithm, token: reply.import_token, public_key: reply.public_key }
    }

    fn wrap(&self, material: &[u8]) -> Vec<u8> {
        wrap(self.algorithm, &self.public_key, material)
    }

    fn import(&self, wrapped: &[u8], valid_to: Option<u64>) -> Result<(), ErrorCode> {
        self.server.import(FIPS, &self.key_id, wrapped, self.token.expose(), valid_to)
    }

    fn describe(&self) -> KeyMetadata {
        self.server.describe(FIPS, &self.key_id)
    }

    /// Checks that the import is refused with this code and that the key is unchanged.
    #[track_caller]
    fn refuses(&self, wrapped: &[u8], valid_to: Option<u64>, code: ErrorCode) {
        let before = self.describe();
        assert_eq!(self.import(wrapped, valid_to), Err(code));
        assert_eq!(self.describe(), before);
    }
}

/// A separate server whose clock a test may move.
fn own_server() -> &'static Server {
    Box::leak(Box::new(Server::start(None)))
}

#[test]
fn the_last_fetch_wins() {
    let mut first = Ready::new(RsaesOaepSha256);
    let material = random(32);
    let second = first.server.fetch(FIPS, &first.key_id, RsaesOaepSha256).unwrap();
    assert_ne!(second.import_token.expose(), first.token.expose());
    assert_ne!(second.public_key, first.public_key);

    // The old token is refused even with its own public key, and the old public key even with the new token.
    first.refuses(&first.wrap(&material), None, ErrorCode::TokenExpired);
    let old_public_key = first.wrap(&material);
    first.token = second.import_token;
    first.refuses(&old_public_key, None, ErrorCode::DecryptMaterialError);

    first.public_key = second.public_key;
    first.import(&first.wrap(&material), None).unwrap();
}

#[test]
fn a_refused_fetch_kills_nothing() {
    let ready = Ready::new(RsaesOaepSha256);
    let body = json!({"KeyId": ready.key_id, "WrappingAlgorithm": "RSAES_OAEP_SHA_512", "WrappingKeySpec": "RSA_2048"});
    assert_eq!(ready.server.code(FIPS, "GetParametersForImport", &body.to_string()), "InvalidParameter");
    for spec in ["RSA_4096", "EC_SM2", "rsa_2048", ""] {
        let body =
            json!({"KeyId": ready.key_id, "WrappingAlgorithm": "RSAES_OAEP_SHA_1", "WrappingKeySpec": spec});
        assert_eq!(ready.server.code(FIPS, "GetParametersForImport", &body.to_string()), "InvalidParameter");
    }
    ready.import(&ready.wrap(&random(32)), None).unwrap();
}

#[test]
fn only_external_keys() {
    let server = &*SHARED;
    let key_id = server.create(FIPS, None);
    let code = server.fetch(FIPS, &key_id, RsaesOaepSha256).unwrap_err().code;
    assert_eq!(code, ErrorCode::NotExternalCmk);
    assert_eq!(server.import(FIPS, &key_id, &[1; 256], "AA==", None), Err(ErrorCode::NotExternalCmk));
    assert_eq!(server.delete(FIPS, &key_id), Err(ErrorCode::NotExternalCmk));
    assert_eq!(server.describe(FIPS, &key_id).key_state, KeyState::Enabled);
}

#[test]
fn only_keys_that_are_there() {
    let server = &*SHARED;
    let here = Ready::new(RsaesOaepSha256);
    for (region, key_id, code) in [
        (FIPS, NOBODY, ErrorCode::CmkNotFound),
        (SM, here.key_id.as_str(), ErrorCode::CmkNotFound),
        ("ap-nowhere", here.key_id.as_str(), ErrorCode::CmkNotFound),
        (FIPS, "kid", ErrorCode::InvalidKeyId),
        (FIPS, "", ErrorCode::InvalidKeyId),
    ] {
        assert_eq!(
            server.fetch(region, key_id, RsaesOaepSha256).unwrap_err().code,
            code,
            "{region} {key_id}"
        );
        let imported = server.import(region, key_id, &here.wrap(&random(32)), here.token.expose(), None);
        assert_eq!(imported.unwrap_err(), code, "{region} {key_id}");
        assert_eq!(server.delete(region, key_id).unwrap_err(), code, "{region} {key_id}");
    }
}

#[test]
fn a_token_belongs_to_one_key() {
    let (one, other) = (Ready::new(RsaesOaepSha256), Ready::new(RsaesOaepSha256));
    let before = one.describe();
    let wrapped = one.wrap(&random(32));
    let refused = one.server.import(FIPS, &one.key_id, &wrapped, other.token.expose(), None);
    assert_eq!(refused, Err(ErrorCode::TokenExpired));
    assert_eq!(one.describe(), before);
    // One bit of the token is changed; the result is still base64.
    let mut spoilt = one.token.expose().to_owned();
    let digit = if spoilt.starts_with('A') { "B" } else { "A" };
    spoilt.replace_range(0..1, digit);
    assert_eq!(one.server.import(FIPS, &one.key_id, &wrapped, &spoilt, None), Err(ErrorCode::TokenExpired));
}

#[test]
fn a_key_without_parameters_takes_nothing() {
    let key_id = SHARED.external(FIPS);
    let token = "A".repeat(128);
    assert_eq!(SHARED.import(FIPS, &key_id, &[1; 256], &token, None), Err(ErrorCode::TokenExpired));
}

#[test]
fn text_that_is_no_base64() {
    let ready = Ready::new(RsaesOaepSha256);
    for (material, token) in [
        ("", ready.token.expose()),
        ("%%%%", ready.token.expose()),
        ("AA==\n", ready.token.expose()),
        ("AA==", ""),
        ("AA==", "tok"),
    ] {
        let body = json!({"EncryptedKeyMaterial": material, "ImportToken": token, "KeyId": ready.key_id});
        assert_eq!(
            ready.server.code(FIPS, "ImportKeyMaterial", &body.to_string()),
            "InvalidParameter",
            "{material}"
        );
    }
}

#[test]
fn only_the_edition_s_length() {
    for algorithm in WrappingAlgorithm::ALL {
        let ready = Ready::new(algorithm);
        for len in [1, 16, 24, 31, 33, 44, 64] {
            ready.refuses(&ready.wrap(&random(len)), None, ErrorCode::DecryptMaterialError);
        }
        // None of those imports bound the key.
        ready.import(&ready.wrap(&random(32)), None).unwrap();
    }
}

#[test]
fn only_the_algorithm_of_the_fetch() {
    for (fetched, used) in [
        (RsaesOaepSha256, RsaesOaepSha1),
        (RsaesOaepSha1, RsaesOaepSha256),
        (RsaesOaepSha256, RsaesPkcs1V15),
        (RsaesPkcs1V15, RsaesOaepSha256),
    ] {
        let ready = Ready::new(fetched);
        ready.refuses(&wrap(used, &ready.public_key, &random(32)), None, ErrorCode::DecryptMaterialError);
    }
}

#[test]
fn blocks_of_another_length() {
    let ready = Ready::new(RsaesOaepSha256);
    let good = ready.wrap(&random(32));
    for bytes in [&good[..255], &[good.as_slice(), &[0]].concat(), &[0xff; 256], &[0; 256], &[1]] {
        ready.refuses(bytes, None, ErrorCode::DecryptMaterialError);
    }
}

/// Implicit rejection would sooner or later import made-up material: `ceremony/spec/tencent-kms.md` §9.3. Each blob differs in one bit.
#[test]
fn a_tampered_pkcs1_block_is_always_reported() {
    let ready = Ready::new(RsaesPkcs1V15);
    let material = random(32);
    let good = ready.wrap(&material);
    for n in 0..50 {
        let mut spoilt = good.clone();
        spoilt[255 - n * 5] ^= 1 << (n % 8);
        ready.refuses(&spoilt, None, ErrorCode::DecryptMaterialError);
    }
    ready.import(&good, None).unwrap();
}

#[test]
fn an_expiry_must_lie_ahead() {
    let ready = Ready::new(RsaesOaepSha256);
    let now = u64::try_from(NOON).unwrap();
    let first = ready.wrap(&random(32));
    for bad in [1, now - 1, now, VALID_TO_MAX + 1, u64::MAX] {
        ready.refuses(&first, Some(bad), ErrorCode::InvalidParameter);
    }
    // Those refusals did not bind the key to `first`.
    let second = ready.wrap(&random(32));
    ready.import(&second, Some(VALID_TO_MAX)).unwrap();
    assert_eq!(ready.describe().valid_to, Some(VALID_TO_MAX));
    ready.refuses(&first, None, ErrorCode::MaterialNotMatch);
    ready.import(&second, Some(now + 1)).unwrap();
    assert_eq!(ready.describe().valid_to, Some(now + 1));
    ready.import(&second, Some(0)).unwrap();
    assert_eq!(ready.describe().valid_to, Some(0));
}

#[test]
fn checks_come_in_their_order() {
    let ready = Ready::new(RsaesOaepSha256);
    let other = Ready::new(RsaesOaepSha256);
    let code = |material: &str, token: &str, valid_to: u64| {
        let body = json!({"EncryptedKeyMaterial": material, "ImportToken": token, "KeyId": ready.key_id, "ValidTo": valid_to});
        ready.server.code(FIPS, "ImportKeyMaterial", &body.to_string())
    };
    // Everything is wrong at first; then one thing after another is corrected.
    assert_eq!(code("%", other.token.expose(), 1), "InvalidParameter");
    assert_eq!(code("AA==", other.token.expose(), 1), "ResourceUnavailable.TokenExpired");
    assert_eq!(code("AA==", ready.token.expose(), 1), "InvalidParameter");
    assert_eq!(code("AA==", ready.token.expose(), 0), "InvalidParameter.DecryptMaterialError");
}

#[test]
fn a_disabled_key_takes_nothing() {
    let ready = Ready::new(RsaesOaepSha256);
    let wrapped = ready.wrap(&random(32));
    ready.import(&wrapped, None).unwrap();
    let key_id = ready.key_id.clone();
    ready.server.call(FIPS, &DisableKeyRequest { key_id: key_id.clone(), member_account: None }).unwrap();
    ready.refuses(&wrapped, None, ErrorCode::CmkStateNotSupport);
    ready.server.call(FIPS, &EnableKeyRequest { key_id, member_account: None }).unwrap();
    ready.import(&wrapped, None).unwrap();
}

#[test]
fn deleting_twice() {
    let ready = Ready::new(RsaesOaepSha256);
    assert_eq!(ready.server.delete(FIPS, &ready.key_id), Err(ErrorCode::CmkStateNotSupport));
    ready.import(&ready.wrap(&random(32)), Some(VALID_TO_MAX)).unwrap();
    ready.server.delete(FIPS, &ready.key_id).unwrap();
    assert_eq!((ready.describe().key_state, ready.describe().valid_to), (KeyState::PendingImport, Some(0)));
    assert_eq!(ready.server.delete(FIPS, &ready.key_id), Err(ErrorCode::CmkStateNotSupport));
}

#[test]
fn a_token_lives_for_24_hours() {
    let ready = Ready::on(own_server(), RsaesOaepSha256);
    let wrapped = ready.wrap(&random(32));
    ready.server.advance(86_399);
    ready.import(&wrapped, None).unwrap();
    ready.server.advance(1);
    ready.refuses(&wrapped, None, ErrorCode::TokenExpired);
}

#[test]
fn material_expires() {
    let ready = Ready::on(own_server(), RsaesOaepSha256);
    let server = ready.server;
    let wrapped = ready.wrap(&random(32));
    let end = u64::try_from(NOON).unwrap() + 3600;
    ready.import(&wrapped, Some(end)).unwrap();
    let blob = server.encrypt(FIPS, &ready.key_id, b"x").unwrap();

    server.advance(3599);
    assert_eq!(server.decrypt(FIPS, &blob).unwrap(), b"x");
    server.advance(1);
    assert_eq!((ready.describe().key_state, ready.describe().valid_to), (KeyState::PendingImport, Some(end)));
    assert_eq!(server.decrypt(FIPS, &blob), Err(ErrorCode::CmkStateNotSupport));
    assert_eq!(server.encrypt(FIPS, &ready.key_id, b"x"), Err(ErrorCode::CmkStateNotSupport));
    let listed = server.raw(FIPS, "ListKeyDetail", br#"{"KeyState": 4}"#);
    assert_eq!(listed["TotalCount"], 1);

    // The key is bound for life: other material is still refused, and the same material makes everything readable again.
    ready.refuses(&ready.wrap(&random(32)), None, ErrorCode::MaterialNotMatch);
    ready.import(&wrapped, None).unwrap();
    assert_eq!((ready.describe().key_state, ready.describe().valid_to), (KeyState::Enabled, Some(0)));
    assert_eq!(server.decrypt(FIPS, &blob).unwrap(), b"x");
}

#[test]
fn the_same_material_in_two_keys() {
    let (one, other) = (Ready::new(RsaesOaepSha256), Ready::new(RsaesOaepSha1));
    let material = random(32);
    one.import(&one.wrap(&material), None).unwrap();
    other.import(&other.wrap(&material), None).unwrap();
    let blob = one.server.encrypt(FIPS, &one.key_id, b"x").unwrap();
    one.server.delete(FIPS, &one.key_id).unwrap();
    // The blob names its key; the other key's equal material does not help.
    assert_eq!(one.server.decrypt(FIPS, &blob), Err(ErrorCode::CmkStateNotSupport));
}
