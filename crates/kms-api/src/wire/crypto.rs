//! Encrypt, decrypt and random bytes (sheet §5 and §6).

use serde::{Deserialize, Serialize};

use super::request;
use crate::Sensitive;

request! {
    /// Encrypts a little data under a key.
    EncryptRequest asks Encrypt gives EncryptReply {
        required {
            /// The key.
            "KeyId" key_id: String,
            /// Base64 of at most 4096 bytes.
            "Plaintext" plaintext: Sensitive,
        }
        optional {
            /// A JSON object as text, at most 1024 characters; needed again to decrypt.
            "EncryptionContext" encryption_context: String,
        }
    }
}

/// What `Encrypt` made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncryptReply {
    /// Opaque; names its key.
    pub ciphertext_blob: String,
    /// The key.
    pub key_id: String,
}

request! {
    /// Decrypts what `Encrypt` made; the blob names its key.
    DecryptRequest asks Decrypt gives DecryptReply {
        required {
            /// What `Encrypt` returned.
            "CiphertextBlob" ciphertext_blob: String,
        }
        optional {
            /// The context that was given to `Encrypt`.
            "EncryptionContext" encryption_context: String,
            /// PEM of a key to encrypt the answer to.
            "EncryptionPublicKey" encryption_public_key: String,
            /// How to encrypt the answer; SM2 when absent.
            "EncryptionAlgorithm" encryption_algorithm: String,
        }
    }
}

/// What `Decrypt` found.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DecryptReply {
    /// The key that the blob named.
    pub key_id: String,
    /// Base64 of the plaintext.
    pub plaintext: Sensitive,
}

request! {
    /// Asks for random bytes.
    GenerateRandomRequest asks GenerateRandom gives GenerateRandomReply {
        required {
            /// 1 to 1024.
            "NumberOfBytes" number_of_bytes: u64,
        }
        optional {}
    }
}

/// Random bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateRandomReply {
    /// Base64 of the bytes.
    pub plaintext: Sensitive,
}
