//! Encrypt, decrypt and random bytes: `ceremony/spec/tencent-kms.md` §5.9, §6.4 and §6.6.

use serde::{Deserialize, Serialize};

use super::{Tag, request};
use crate::Sensitive;

request! {
    /// Encrypts a small amount of data under a key.
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

/// The result of `Encrypt`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EncryptReply {
    /// Opaque; names its key.
    pub ciphertext_blob: String,
    /// The key.
    pub key_id: String,
}

request! {
    /// Decrypts a ciphertext that `Encrypt` returned; the blob names its key.
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

/// The result of `Decrypt`.
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

request! {
    /// Asks for a data key: random bytes, plain and encrypted under a key.
    GenerateDataKeyRequest asks GenerateDataKey gives GenerateDataKeyReply {
        required {
            /// The key.
            "KeyId" key_id: String,
        }
        optional {
            /// `AES_128` or `AES_256`; either this or `NumberOfBytes` must be given.
            "KeySpec" key_spec: String,
            /// 1 to 1024; takes precedence over `KeySpec`.
            "NumberOfBytes" number_of_bytes: u64,
            /// As in `Encrypt`.
            "EncryptionContext" encryption_context: String,
            /// PEM of a key to encrypt the plain data key to.
            "EncryptionPublicKey" encryption_public_key: String,
            /// How to encrypt it; SM2 when absent.
            "EncryptionAlgorithm" encryption_algorithm: String,
            /// 1 for a data key that the service keeps.
            "IsHostedByKms" is_hosted_by_kms: u64,
            /// Name of a data key that the service keeps.
            "DataKeyName" data_key_name: String,
            /// Description of it.
            "Description" description: String,
            /// For exclusive HSM clusters.
            "HsmClusterId" hsm_cluster_id: String,
            /// Tags of it.
            "Tags" tags: Vec<Tag>,
        }
    }
}

/// A data key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GenerateDataKeyReply {
    /// The key that it is encrypted under.
    pub key_id: String,
    /// Base64 of the data key: plain, or encrypted to the public key.
    pub plaintext: Sensitive,
    /// The blob that `Decrypt` takes.
    pub ciphertext_blob: String,
    /// Empty unless the service keeps it.
    #[serde(default)]
    pub data_key_id: String,
    /// 0: success.
    #[serde(default)]
    pub tag_code: u64,
    /// The message about the tags.
    #[serde(default)]
    pub tag_msg: String,
}

request! {
    /// Encrypts again a ciphertext that `Encrypt` returned, under another key or context.
    ReEncryptRequest asks ReEncrypt gives ReEncryptReply {
        required {
            /// What `Encrypt` returned.
            "CiphertextBlob" ciphertext_blob: String,
        }
        optional {
            /// The key for the new blob; if absent, that of the old one.
            "DestinationKeyId" destination_key_id: String,
            /// The context that was given to `Encrypt`.
            "SourceEncryptionContext" source_encryption_context: String,
            /// The context of the new blob.
            "DestinationEncryptionContext" destination_encryption_context: String,
        }
    }
}

/// The result of encrypting again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReEncryptReply {
    /// The new blob.
    pub ciphertext_blob: String,
    /// The key that decrypts the new blob.
    pub key_id: String,
    /// The key that decrypts the old blob.
    pub source_key_id: String,
    /// Whether the service encrypted again, so that the blob is new.
    pub re_encrypted: bool,
}
