//! The attacker's own RSA keys, and blocks under any public key, made with OpenSSL as on the formats page.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A key pair whose private key the attacker has.
#[derive(Debug)]
pub(crate) struct KeyPair {
    private: PathBuf,
    /// SubjectPublicKeyInfo in DER, base64.
    pub(crate) public: String,
}

impl KeyPair {
    /// Makes a key pair; the private key is a new file in this folder.
    pub(crate) fn make(folder: &Path) -> Self {
        let private = folder.join("attacker.pem");
        let path = private.to_str().unwrap();
        openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path], b"");
        let public = STANDARD.encode(openssl(&["pkey", "-in", path, "-pubout", "-outform", "DER"], b""));
        Self { private, public }
    }

    /// The contents of a block that was encrypted under this key.
    pub(crate) fn open(&self, block: &str) -> Vec<u8> {
        let decrypt =
            [&["pkeyutl", "-decrypt", "-inkey", self.private.to_str().unwrap()][..], &OAEP].concat();
        openssl(&decrypt, &STANDARD.decode(block).unwrap())
    }
}

const OAEP: [&str; 6] =
    ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"];

/// A block that contains material, encrypted under a public key from `parameters.json`.
pub(crate) fn wrap(public: &str, material: &[u8], folder: &Path) -> String {
    let file = folder.join("wrapping-key.der");
    fs::write(&file, STANDARD.decode(public).unwrap()).unwrap();
    let key = ["-pubin", "-keyform", "DER", "-inkey", file.to_str().unwrap()];
    let block = openssl(&[&["pkeyutl", "-encrypt"][..], &key, &OAEP].concat(), material);
    fs::remove_file(file).unwrap();
    STANDARD.encode(block)
}

/// SHA-256 of a public key in base64.
pub(crate) fn fingerprint(public: &str) -> String {
    super::digest::of(STANDARD.decode(public).unwrap())
}

/// The check value of an AES key.
pub(crate) fn kcv(material: &[u8]) -> String {
    let key = super::digest::hex(material);
    let block = openssl(&["enc", "-aes-256-ecb", "-nopad", "-K", &key], &[0; 16]);
    super::digest::hex(&block[..3])
}

fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
