//! Wrapping keys made by OpenSSL: one kind passes, and the refusal names every other kind.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyferry_core::wrapping_key::{Encoding, Found};
use keyferry_core::{Control, Explain, RsaBits, WrappingKey, WrappingKeyError};
use proptest::prelude::*;

const DER: &[u8] = include_bytes!("data/rsa2048.der");
const PEM: &[u8] = include_bytes!("data/rsa2048.pem");

fn refused(bytes: &[u8]) -> WrappingKeyError {
    WrappingKey::from_file_bytes(bytes).map(|(k, e)| format!("{k:?} {e:?}")).unwrap_err()
}

fn der_of(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|l| !l.starts_with('-')).collect::<String>()).unwrap()
}

#[test]
fn the_same_key_in_every_encoding() {
    let base64 = STANDARD.encode(DER);
    let wrapped: String =
        base64.as_bytes().chunks(64).flat_map(|c| [std::str::from_utf8(c).unwrap(), "\n"]).collect();
    let cases: [(&[u8], Encoding); 5] = [
        (DER, Encoding::Der),
        (PEM, Encoding::Pem),
        (base64.as_bytes(), Encoding::Base64),
        (&format!("{base64}\n").into_bytes(), Encoding::Base64),
        (wrapped.as_bytes(), Encoding::Base64Wrapped),
    ];
    for (bytes, encoding) in cases {
        let (key, found) = WrappingKey::from_file_bytes(bytes).unwrap();
        assert_eq!((key.spki_der(), found), (DER, encoding));
    }
    // `openssl dgst -sha256 rsa2048.der` prints the same digest.
    assert_eq!(WrappingKey::from_der(DER).unwrap().fingerprint(), keyferry_core::Fingerprint::of(DER));
}

#[test]
fn every_other_file_is_named_for_what_it_is() {
    let hex: String = DER.iter().map(|b| format!("{b:02x}")).collect();
    let double = STANDARD.encode(STANDARD.encode(DER));
    let of_pem = STANDARD.encode(PEM);
    let [base64_of_bytes, base64_of_64, base64_of_65] =
        [&[0xff; 80][..], &[b'A'; 64], &[b'A'; 65]].map(|b| STANDARD.encode(b));
    let found: &[(&[u8], Found)] = &[
        (include_bytes!("data/rsa2048.pkcs1.pem"), Found::PemPkcs1PublicKey),
        (include_bytes!("data/rsa2048.pkcs1.der"), Found::DerPkcs1PublicKey),
        (include_bytes!("data/rsa2048.private.pem"), Found::PemPrivateKey),
        (include_bytes!("data/rsa2048.private.der"), Found::DerPrivateKey),
        (include_bytes!("data/rsa2048.cert.pem"), Found::PemCertificate),
        (include_bytes!("data/rsa2048.cert.der"), Found::DerCertificate),
        (hex.as_bytes(), Found::Hex),
        (double.as_bytes(), Found::DoubleBase64),
        (of_pem.as_bytes(), Found::Base64OfPem),
        (b"", Found::Nothing),
        (b"hello, world!", Found::Unknown),
        (b"{\"PublicKey\": \"\"}", Found::Json),
        (b"ssh-rsa AAAA", Found::OpenSsh),
        (&DER[..200], Found::Truncated),
        (&[0x30; 100_000], Found::TooLong),
        (&PEM[..300], Found::BadPem),
        (b"-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----", Found::PemOther),
        // Every hex digit is also a base64 digit, so only hex that begins like DER is called hex.
        (b"abcdef01", Found::Unknown),
        (b"308zzzzz", Found::Unknown),
        (b"30820", Found::Hex),
        (b"zz", Found::BadBase64),
        (base64_of_bytes.as_bytes(), Found::Unknown),
        (base64_of_64.as_bytes(), Found::Unknown),
        (base64_of_65.as_bytes(), Found::DoubleBase64),
    ];
    for (bytes, expected) in found {
        let error = refused(bytes);
        assert_eq!(error, WrappingKeyError::Encoding(expected.clone()));
        assert_eq!(error.control(), Control::KEY_ENCODING);
        assert!(
            error.what().en.contains(&expected.name().en) && error.what().zh.contains(&expected.name().zh)
        );
    }
}

#[test]
fn der_that_ends_too_early_is_told_from_other_bytes() {
    let cases: [(&[u8], Found); 6] = [
        (&[0x30, 5, 1], Found::Truncated),
        (&[0x30, 0x81, 0x90, 1], Found::Truncated),
        (&[0x30, 0x82, 1, 0, 1], Found::Truncated),
        (&[0x30, 0x82, 0, 0x90, 1], Found::Truncated),
        (&[0x30, 0], Found::Unknown),
        (&[0x31, 0x82, 1, 0], Found::Unknown),
    ];
    for (der, found) in cases {
        assert_eq!(WrappingKey::from_der(der).unwrap_err(), WrappingKeyError::Encoding(found), "{der:02x?}");
    }
}

#[test]
fn the_hint_fits_what_was_found() {
    let hints = [
        (&[Found::DoubleBase64, Found::Base64OfPem, Found::Hex][..], "undo one encoding"),
        (&[Found::PemPkcs1PublicKey, Found::DerPkcs1PublicKey], "openssl rsa"),
        (&[Found::PemPrivateKey, Found::DerPrivateKey], "does not belong here"),
        (&[Found::Json], "PublicKey member"),
        (&[Found::Nothing, Found::BadPem, Found::DerCertificate], "the import parameters again"),
    ];
    for (found, hint) in hints.into_iter().flat_map(|(all, hint)| all.iter().map(move |f| (f, hint))) {
        assert!(WrappingKeyError::Encoding(found.clone()).hint().en.contains(hint), "{found:?}");
    }
}

#[test]
fn other_kinds_sizes_and_exponents_are_refused() {
    let size = |found| WrappingKeyError::Size { found, takes: &[RsaBits::R2048] };
    let cases: [(&str, WrappingKeyError); 7] = [
        (include_str!("data/rsa1024.pem"), size(1024)),
        (include_str!("data/rsa3072.pem"), size(3072)),
        (include_str!("data/rsa2048-e3.pem"), WrappingKeyError::Exponent),
        (include_str!("data/p256.pem"), WrappingKeyError::Kind("EC")),
        (include_str!("data/sm2.pem"), WrappingKeyError::Kind("SM2")),
        (include_str!("data/ed25519.pem"), WrappingKeyError::Kind("Ed25519")),
        (include_str!("data/rsa-pss.pem"), WrappingKeyError::Kind("RSASSA-PSS")),
    ];
    for (pem, expected) in cases {
        assert_eq!(refused(pem.as_bytes()), expected);
        let der = der_of(pem);
        assert_eq!(WrappingKey::from_der(&der).unwrap_err(), expected);
    }
}

#[test]
fn trailing_bytes_and_other_der_are_refused() {
    for tail in [&b"\0"[..], b"\n", DER] {
        assert_eq!(refused(&[DER, tail].concat()), WrappingKeyError::Trailing);
    }
    // The same key without the AlgorithmIdentifier's NULL.
    let mut no_null = DER.to_vec();
    let at = no_null.windows(2).position(|w| w == [5, 0]).unwrap();
    no_null.drain(at..at + 2);
    no_null[3] -= 2;
    no_null[5] -= 2;
    assert_eq!(refused(&no_null), WrappingKeyError::Trailing);
    // Trailing data inside the bit string.
    let mut inside = DER.to_vec();
    inside.push(0);
    inside[3] += 1;
    inside[22] += 1;
    assert_eq!(refused(&inside), WrappingKeyError::Trailing);
}

#[test]
fn a_modulus_with_a_small_factor_is_refused() {
    let mut even = DER.to_vec();
    let n_end = even.len() - 5 - 1;
    even[n_end] &= 0xfe;
    assert_eq!(refused(&even), WrappingKeyError::Modulus);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = WrappingKey::from_file_bytes(&bytes);
        let _ = WrappingKey::from_der(&bytes);
    }

    #[test]
    fn a_changed_byte_is_refused_or_another_key(at in 0..DER.len(), byte in any::<u8>()) {
        let mut der = DER.to_vec();
        prop_assume!(der[at] != byte);
        der[at] = byte;
        if let Ok(key) = WrappingKey::from_der(&der) {
            prop_assert_eq!(key.spki_der(), &der[..]);
            prop_assert_ne!(key.fingerprint(), keyferry_core::Fingerprint::of(DER));
        }
    }
}
