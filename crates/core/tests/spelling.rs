//! How values are written and read back, as people, records and scripts see them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used)]

use keyferry_core::padding::EncodedMessage;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const SPKI: &[u8] = include_bytes!("data/rsa2048.der");

#[test]
fn names_are_read_as_they_are_written() {
    for (algorithm, text) in WrappingAlgorithm::ALL.into_iter().map(|a| (a, a.to_string())) {
        assert_eq!(text.parse(), Ok(algorithm));
    }
    let refused = "RSAES_OAEP_SHA_512".parse::<WrappingAlgorithm>().unwrap_err();
    assert!(refused.to_string().contains("RSAES_OAEP_SHA_256"));
    for provider in Provider::all() {
        assert_eq!(provider.to_string().parse(), Ok(provider));
    }
    assert_eq!(Provider::TENCENT.to_string(), "tencent");
    assert!("Tencent".parse::<Provider>().unwrap_err().to_string().contains("tencent"));
    assert_eq!(Purpose::Rehearsal.to_string(), "rehearsal");
    assert!("".parse::<Alias>().unwrap_err().to_string().len() > 10);
    assert!("x".parse::<Timestamp>().unwrap_err().to_string().len() > 10);
}

#[test]
fn check_values_name_their_method() {
    let material = KeyMaterial::from_bytes(&[0x90; 16]).unwrap();
    for (method, name, short) in [
        (KcvMethod::Aes, "AES-ECB-ZERO", "AES"),
        (KcvMethod::Sm4, "SM4-ECB-ZERO", "SM4"),
        (KcvMethod::Hmac, "HMAC-SHA-256", "HMAC"),
    ] {
        let kcv = Kcv::of(&material, method).unwrap();
        assert_eq!((method.as_str(), method.to_string().as_str()), (name, short));
        assert_eq!(kcv.to_string(), format!("{} ({short})", kcv.value));
    }
    assert!("12345".parse::<kcv::KcvValue>().unwrap_err().to_string().contains("six hex digits"));
}

#[test]
fn debug_shows_public_values_and_redacts_secret_ones() {
    let key = WrappingKey::from_der(SPKI).unwrap();
    let digest = Fingerprint::of(SPKI);
    assert_eq!(format!("{digest:?}"), format!("SHA256:{digest}"));
    assert_eq!(format!("{key:?}"), format!("WrappingKey({digest:?})"));
    assert_eq!(format!("{:?}", EncodedMessage::from_bytes(&[7; 256])), "EncodedMessage([redacted])");
    assert_eq!(format!("{:?}", Base64Bytes::from(SPKI)), "Base64Bytes(294 bytes)");
    let material = KeyMaterial::from_bytes(&[0x90; 32]).unwrap();
    let commitment = Commitment::of(&material);
    assert_eq!(format!("{commitment:?}"), format!("Commitment({commitment})"));
    let rng = &mut ChaCha20Rng::from_seed([3; 32]);
    let unconfirmed = wrap(&key, WrappingAlgorithm::default(), &material, rng).unwrap();
    assert_eq!(format!("{unconfirmed:?}"), "Unconfirmed([redacted])");
    let block = unconfirmed.confirm().unwrap();
    assert_eq!(format!("{block:?}"), format!("WrappedKeyMaterial({:?})", block.fingerprint()));
    assert_eq!(format!("{:?} {}", Control::WRAP_AGREE, Control::WRAP_AGREE), "KF-WRAP-02 KF-WRAP-02");
}

#[test]
fn a_token_is_shown_by_its_digest_alone() {
    let token = |text: &str| ImportToken::new(text.to_owned().into());
    let good = token("SECRET-TOKEN").unwrap();
    assert_eq!(format!("{good:?}"), "ImportToken([redacted])");
    assert_eq!(good.digest().to_string(), Fingerprint::of(b"SECRET-TOKEN").to_string());
    let refused = token("SECRET TOKEN").unwrap_err().to_string();
    assert_eq!(refused, "expected an import token of 1 to 8192 printable characters");
}

#[test]
fn digests_are_grouped_for_the_eye_and_read_in_any_grouping() {
    let digest = Fingerprint::of(b"abc");
    let grouped = digest.grouped();
    assert!(grouped.starts_with("ba78 16bf ") && grouped.ends_with(" 15ad"), "{grouped}");
    assert_eq!((grouped.len(), grouped.replace(' ', "")), (79, digest.to_string()));
    // Up to 1,024 characters are examined.
    let padded = |n: usize| format!("{digest}{}", " ".repeat(n - 64));
    assert_eq!(Fingerprint::parse_typed(&padded(1024)), Ok(digest));
    let refused = Fingerprint::parse_typed(&padded(1025)).unwrap_err();
    assert!(!refused.to_string().is_empty());
}

#[test]
fn spans_of_time() {
    for (text, seconds, shown) in [
        ("30s", 30, "30 s"),
        ("90s", 90, "1 m 30 s"),
        ("90m", 5400, "1 h 30 m"),
        ("24h", 86_400, "24 h 0 m"),
        ("720h", 2_592_000, "720 h 0 m"),
        ("2592000s", 2_592_000, "720 h 0 m"),
    ] {
        let span: Span = text.parse().unwrap();
        assert_eq!((span.seconds(), span.to_string().as_str()), (seconds, shown), "{text}");
    }
    for bad in ["", "h", "4", "4d", "-4h", "4.5h", "721h", "2592001s", "00000004h", "é4h", "99999999s"] {
        let refused = bad.parse::<Span>().expect_err(bad);
        assert!(refused.to_string().contains("time span"));
    }
}

#[test]
fn exit_codes() {
    let codes = [Class::Refused, Class::Usage, Class::Io, Class::Remote].map(Class::exit_code);
    assert_eq!(codes, [1, 2, 3, 4]);
}

#[test]
fn errors_say_what_they_are_and_what_to_do() {
    let length = WrapError::Length { found: 255, size: RsaBits::R2048 };
    assert!(
        length.to_string().contains("255 bytes; RSA-2048 produces exactly 256")
            && length.hint().en.contains("ciphertext.json")
    );
    assert!(WrapError::Disagreement.hint().en.contains("cannot be trusted"));
    assert_eq!(WrapError::Entropy.control(), Control::MAT_ENTROPY);
    assert_eq!(WrapError::Arithmetic.control(), Control::WRAP_FAILED);
    let kind = WrappingKeyError::Kind("SM2");
    let size = WrappingKeyError::Size { found: 1024, takes: &[RsaBits::R2048] };
    assert!(
        [&kind, &size]
            .iter()
            .all(|e| e.hint().en.contains("a type of wrapping key that the provider offers"))
    );
    assert_eq!(size.what().en, "the wrapping key is RSA-1024; it must be RSA-2048");
    assert_eq!(size.what().zh, "包装密钥是 RSA-1024；必须是 RSA-2048");
    assert!(WrappingKeyError::Exponent.hint().en.contains("SHA-256"));
}

#[test]
fn the_self_test_runs_whole() {
    assert_eq!(self_test::run(&mut ChaCha20Rng::from_seed([9; 32])), Ok(()));
    struct Dead;
    impl rand_core::TryRng for Dead {
        type Error = core::fmt::Error;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Err(core::fmt::Error)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Err(core::fmt::Error)
        }
        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
            Err(core::fmt::Error)
        }
    }
    impl rand_core::TryCryptoRng for Dead {}
    let refused = self_test::run(&mut Dead).unwrap_err();
    assert_eq!(refused, SelfTestError::Rng(self_test::RngFault::Failed));
    assert_eq!(refused.control(), Control::SELF_RNG);
}
