//! OpenSSL's command line and our programs read each other's output: 200 random cases for each padding and direction.
//!
//! Ours → theirs: `encrypt`, then `openssl pkeyutl -decrypt`. Theirs → ours: `openssl pkeyutl -encrypt` with the options from
//! the vendor's page and a public key from `keyferry emulate`. The ciphertext is then sent in the request that
//! `keyferry-online import` sends; the emulator unwraps it and compares the material with what the key took before.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::Path;

use crate::support::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyferry_core::WrappingAlgorithm;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

const CASES: usize = 200;

/// The `-pkeyopt` words of the vendor's step 3: `ceremony/spec/tencent-kms.md` §5.4.
fn pkeyopts(algorithm: WrappingAlgorithm) -> &'static [&'static str] {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => {
            &["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"]
        }
        WrappingAlgorithm::RsaesOaepSha1 => {
            &["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1"]
        }
        WrappingAlgorithm::RsaesPkcs1V15 => &["-pkeyopt", "rsa_padding_mode:pkcs1"],
    }
}

fn encrypt(dir: &Path, algorithm: WrappingAlgorithm, more: &[&str]) {
    let args = [
        "encrypt",
        "--public-key",
        "key",
        "--algorithm",
        algorithm.as_str(),
        "--material",
        "m",
        "--out",
        "c",
    ];
    run(offline(args).args(more).current_dir(dir)).ok();
}

fn decrypt(dir: &Path, algorithm: WrappingAlgorithm) -> Vec<u8> {
    let args = ["pkeyutl", "-decrypt", "-in", "c", "-out", "back", "-inkey", "private.pem"];
    openssl(&[&args[..], pkeyopts(algorithm)].concat(), dir);
    fs::read(dir.join("back")).unwrap()
}

fn ours_to_theirs(algorithm: WrappingAlgorithm) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    let mut rng = ChaCha20Rng::from_seed([algorithm as u8; 32]);
    let mut ran = 0;
    for case in 0..CASES {
        // A fresh OpenSSL key pair from time to time, with its public key in each encoding in turn.
        if case % 20 == 0 {
            openssl(&["genrsa", "-out", "private.pem", "2048"], path);
            openssl(&["rsa", "-in", "private.pem", "-pubout", "-outform", "DER", "-out", "key.der"], path);
            openssl(&["rsa", "-in", "private.pem", "-pubout", "-out", "key.pem"], path);
            openssl(&["enc", "-base64", "-A", "-in", "key.der", "-out", "key.b64"], path);
        }
        fs::copy(path.join(["key.der", "key.pem", "key.b64"][case % 3]), path.join("key")).unwrap();
        let mut material = vec![0; if case % 2 == 0 { 16 } else { 32 }];
        rng.fill_bytes(&mut material);
        write_private(&path.join("m"), &material);
        if case % 5 == 0 {
            encrypt(path, algorithm, &["--encoding", "base64"]);
            fs::rename(path.join("c"), path.join("c64")).unwrap();
            openssl(&["enc", "-d", "-base64", "-A", "-in", "c64", "-out", "c"], path);
        } else {
            encrypt(path, algorithm, &[]);
        }
        assert_eq!(decrypt(path, algorithm), material, "case {case}");
        fs::remove_file(path.join("c")).unwrap();
        ran += 1;
    }
    assert_eq!(ran, CASES);
}

#[test]
fn oaep_sha_256_opens_in_openssl() {
    ours_to_theirs(WrappingAlgorithm::RsaesOaepSha256);
}

#[test]
fn oaep_sha_1_opens_in_openssl() {
    ours_to_theirs(WrappingAlgorithm::RsaesOaepSha1);
}

#[test]
fn pkcs1_v1_5_opens_in_openssl() {
    ours_to_theirs(WrappingAlgorithm::RsaesPkcs1V15);
}

#[test]
fn material_of_openssl_rand_and_of_generate_are_interchangeable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    fs::write(path.join("private.pem"), PRIVATE_PEM).unwrap();
    fs::write(path.join("key"), SPKI).unwrap();
    for (bits, bytes) in [("128", 16), ("256", 32)] {
        let generate = ["generate", "--bits", bits, "--out", "m"];
        run(offline(generate).current_dir(path)).ok();
        assert_eq!(fs::read(path.join("m")).unwrap().len(), bytes);
        // OpenSSL encrypts our material with the vendor's command, and decrypts it again.
        let args =
            ["pkeyutl", "-in", "m", "-out", "c", "-inkey", "key", "-keyform", "DER", "-pubin", "-encrypt"];
        for algorithm in WrappingAlgorithm::ALL {
            openssl(&[&args[..], pkeyopts(algorithm)].concat(), path);
            assert_eq!(decrypt(path, algorithm), fs::read(path.join("m")).unwrap());
        }
        for file in ["m", "c"] {
            fs::remove_file(path.join(file)).unwrap();
        }
        openssl(&["rand", "-out", "m", &bytes.to_string()], path);
        // OpenSSL makes the file readable by everyone, which `encrypt` refuses.
        write_private(&path.join("m"), &fs::read(path.join("m")).unwrap());
        encrypt(path, WrappingAlgorithm::default(), &["--bits", bits]);
        assert_eq!(decrypt(path, WrappingAlgorithm::default()), fs::read(path.join("m")).unwrap());
        for file in ["m", "c"] {
            fs::remove_file(path.join(file)).unwrap();
        }
    }
}

/// OpenSSL wraps; our service unwraps. Each import after the first must send exactly the same bytes, so the service's
/// acceptance proves that they are the same.
fn theirs_to_ours(algorithm: WrappingAlgorithm) {
    let emulator = EmulatorProcess::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    let mut ran = 0;
    for region in ["ap-singapore", "ap-guangzhou"] {
        let kms = crate::support::kms::Kms::new(&emulator.endpoint, region);
        for key in 0..2 {
            let key_id = kms.create_external(&format!("{}-{key}", algorithm.as_str().to_lowercase()));
            let (public_key, token) = kms.parameters(&key_id, algorithm);
            fs::write(path.join("public_key.base64"), public_key).unwrap();
            openssl(
                &["enc", "-d", "-base64", "-A", "-in", "public_key.base64", "-out", "public_key.bin"],
                path,
            );
            let bytes = if region == "ap-singapore" { "32" } else { "16" };
            openssl(&["rand", "-out", "raw_material.bin", bytes], path);
            let args = ["pkeyutl", "-in", "raw_material.bin", "-out", "encrypted_key_material.bin"];
            let key = ["-inkey", "public_key.bin", "-keyform", "DER", "-pubin", "-encrypt"];
            for _ in 0..CASES / 4 {
                openssl(&[&args[..], &key[..], pkeyopts(algorithm)].concat(), path);
                let block = fs::read(path.join("encrypted_key_material.bin")).unwrap();
                kms.import(&key_id, &STANDARD.encode(block), &token).unwrap();
                ran += 1;
            }
            // The proof means something: different bytes of the same length are refused.
            openssl(&["rand", "-out", "raw_material.bin", bytes], path);
            openssl(&[&args[..], &key[..], pkeyopts(algorithm)].concat(), path);
            let block = fs::read(path.join("encrypted_key_material.bin")).unwrap();
            let code = kms.import(&key_id, &STANDARD.encode(block), &token).unwrap_err();
            assert_eq!(code, "InvalidParameterValue.MaterialNotMatch");
        }
    }
    assert_eq!(ran, CASES);
}

#[test]
fn oaep_sha_256_of_openssl_is_imported() {
    theirs_to_ours(WrappingAlgorithm::RsaesOaepSha256);
}

#[test]
fn oaep_sha_1_of_openssl_is_imported() {
    theirs_to_ours(WrappingAlgorithm::RsaesOaepSha1);
}

#[test]
fn pkcs1_v1_5_of_openssl_is_imported() {
    theirs_to_ours(WrappingAlgorithm::RsaesPkcs1V15);
}
