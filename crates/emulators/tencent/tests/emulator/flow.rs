//! The whole import as in the vendor's guide, for every algorithm in both editions: `ceremony/spec/tencent-kms.md` §5.1 to §5.7.

use keyferry_core::WrappingAlgorithm;
use keyferry_tencent::Edition;
use keyferry_tencent::ErrorCode;
use keyferry_tencent::wire::{KeyState, Origin};

use crate::client::{FIPS, NOON, SHARED, SM, random, wrap};

fn whole_life(region: &str, edition: Edition, algorithm: WrappingAlgorithm) {
    let server = &*SHARED;
    let material = random(edition.material().bytes());
    let key_id = server.external(region);

    let before = server.describe(region, &key_id);
    assert_eq!((before.key_state, before.origin), (KeyState::PendingImport, Some(Origin::External)));
    assert_eq!((before.edition(), before.valid_to), (Some(edition), Some(0)));
    assert_eq!(server.encrypt(region, &key_id, b"x"), Err(ErrorCode::CmkStateNotSupport));

    let parameters = server.fetch(region, &key_id, algorithm).unwrap();
    assert_eq!(parameters.key_id, key_id);
    assert_eq!(parameters.parameters_valid_to, u64::try_from(NOON).unwrap() + 86_400);
    assert_eq!((parameters.import_token.expose().len(), parameters.public_key.len()), (128, 392));

    let wrapped = wrap(algorithm, &parameters.public_key, &material);
    server.import(region, &key_id, &wrapped, parameters.import_token.expose(), None).unwrap();
    assert_eq!(server.describe(region, &key_id).key_state, KeyState::Enabled);

    let blob = server.encrypt(region, &key_id, b"round trip").unwrap();
    assert_eq!(server.decrypt(region, &blob).unwrap(), b"round trip");

    server.delete(region, &key_id).unwrap();
    assert_eq!(server.describe(region, &key_id).key_state, KeyState::PendingImport);
    assert_eq!(server.decrypt(region, &blob), Err(ErrorCode::CmkStateNotSupport));

    // The token may be used again, but not with other material; the same material makes the old ciphertext readable again.
    let other = wrap(algorithm, &parameters.public_key, &random(material.len()));
    let refused = server.import(region, &key_id, &other, parameters.import_token.expose(), None);
    assert_eq!(refused, Err(ErrorCode::MaterialNotMatch));
    assert_eq!(server.describe(region, &key_id).key_state, KeyState::PendingImport);
    server.import(region, &key_id, &wrapped, parameters.import_token.expose(), None).unwrap();
    assert_eq!(server.decrypt(region, &blob).unwrap(), b"round trip");
}

#[test]
fn fips_oaep_sha_256() {
    whole_life(FIPS, Edition::Fips, WrappingAlgorithm::RsaesOaepSha256);
}

#[test]
fn fips_oaep_sha_1() {
    whole_life(FIPS, Edition::Fips, WrappingAlgorithm::RsaesOaepSha1);
}

#[test]
fn fips_pkcs1_v1_5() {
    whole_life(FIPS, Edition::Fips, WrappingAlgorithm::RsaesPkcs1V15);
}

#[test]
fn sm_oaep_sha_256() {
    whole_life(SM, Edition::Sm, WrappingAlgorithm::RsaesOaepSha256);
}

#[test]
fn sm_oaep_sha_1() {
    whole_life(SM, Edition::Sm, WrappingAlgorithm::RsaesOaepSha1);
}

#[test]
fn sm_pkcs1_v1_5() {
    whole_life(SM, Edition::Sm, WrappingAlgorithm::RsaesPkcs1V15);
}

#[test]
fn a_configured_edition_wins() {
    let region = "eu-frankfurt";
    assert_eq!(Edition::expected_in(region), Edition::Fips);
    whole_life(region, Edition::Sm, WrappingAlgorithm::RsaesOaepSha256);
}
