//! The three import actions: fetch parameters, import wrapped material, delete material. `ceremony/spec/tencent-kms.md` §6.1.

use serde::{Deserialize, Serialize};

use super::{empty_reply, request};
use crate::Sensitive;

/// The only `WrappingKeySpec` that the service documents: `ceremony/spec/tencent-kms.md` §4.4.
pub const WRAPPING_KEY_SPEC: &str = "RSA_2048";

/// `ValidTo` of material that never expires; leaving `ValidTo` out means the same.
pub const NEVER: u64 = 0;

/// The latest `ValidTo` that the service takes, 2038-01-18T16:00:00Z: `ceremony/spec/tencent-kms.md` §5.6.
pub const VALID_TO_MAX: u64 = 2_147_443_200;

request! {
    /// Asks for a wrapping key and an import token. **This makes the ones fetched earlier for this key invalid.**
    GetParametersForImportRequest asks GetParametersForImport gives GetParametersForImportReply {
        required {
            /// The key, which must have the origin EXTERNAL.
            "KeyId" key_id: String,
            /// How the material will be wrapped, in the vendor's spelling (`WrappingAlgorithm::as_str`).
            "WrappingAlgorithm" wrapping_algorithm: String,
            /// Always [`WRAPPING_KEY_SPEC`].
            "WrappingKeySpec" wrapping_key_spec: String,
        }
        optional {}
    }
}

/// The parameters of one import.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetParametersForImportReply {
    /// The key.
    pub key_id: String,
    /// Opaque base64; stays on the online side.
    pub import_token: Sensitive,
    /// Base64 of a DER SubjectPublicKeyInfo, RSA 2048.
    pub public_key: String,
    /// Unix seconds when token and public key expire.
    pub parameters_valid_to: u64,
}

request! {
    /// Imports wrapped material into its key.
    ImportKeyMaterialRequest asks ImportKeyMaterial gives ImportKeyMaterialReply {
        required {
            /// Base64 of the wrapped material.
            "EncryptedKeyMaterial" encrypted_key_material: Sensitive,
            /// The token that was fetched with the public key.
            "ImportToken" import_token: Sensitive,
            /// The key, the same as when the parameters were fetched.
            "KeyId" key_id: String,
        }
        optional {
            /// Unix seconds when the service deletes the material; absent or [`NEVER`] for no expiry, at most
            /// [`VALID_TO_MAX`].
            "ValidTo" valid_to: u64,
        }
    }
}

request! {
    /// Deletes the imported material; the key waits for the same material again.
    DeleteImportedKeyMaterialRequest asks DeleteImportedKeyMaterial gives DeleteImportedKeyMaterialReply {
        required {
            /// The key.
            "KeyId" key_id: String,
        }
        optional {}
    }
}

empty_reply! {
    /// Empty: the import must be proved by other means.
    ImportKeyMaterialReply;
    /// Nothing.
    DeleteImportedKeyMaterialReply;
}
