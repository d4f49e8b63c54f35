//! The service's name, version and actions: those implemented here, and the others by name only.

use core::fmt;
use core::str::FromStr;

/// The service, as written in the credential scope.
pub const SERVICE: &str = "kms";

/// The one version of the API, as `X-TC-Version` carries it.
pub const VERSION: &str = "2019-01-18";

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// An action that keyferry's client or emulator implements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($(#[$doc])* $name,)+ }

        impl Action {
            /// Every implemented action.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The vendor's name, as `X-TC-Action` carries it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }
        }
    };
}

actions! {
    /// Makes a key; `Type` 2 makes one without material.
    CreateKey,
    /// Fetches a public key and an import token; those fetched earlier become invalid.
    GetParametersForImport,
    /// Imports wrapped material.
    ImportKeyMaterial,
    /// Deletes imported material; the key stays bound to it.
    DeleteImportedKeyMaterial,
    /// Reads one key's metadata.
    DescribeKey,
    /// Pages through keys with their metadata.
    ListKeyDetail,
    /// Enables a disabled key.
    EnableKey,
    /// Disables a key.
    DisableKey,
    /// Encrypts up to 4096 bytes.
    Encrypt,
    /// Decrypts a ciphertext that `Encrypt` returned.
    Decrypt,
    /// Random bytes from the service.
    GenerateRandom,
    /// Whether the service is purchased and running.
    GetServiceStatus,
    /// The regions that the service runs in.
    GetRegions,
    /// Reads several keys' metadata.
    DescribeKeys,
    /// Pages through key ids.
    ListKeys,
    /// Enables several disabled keys.
    EnableKeys,
    /// Disables several keys.
    DisableKeys,
    /// Schedules a key's deletion, 7 to 30 days ahead.
    ScheduleKeyDeletion,
    /// Cancels a scheduled deletion.
    CancelKeyDeletion,
    /// Changes a key's alias.
    UpdateAlias,
    /// Changes a key's description.
    UpdateKeyDescription,
    /// Random bytes, plain and encrypted.
    GenerateDataKey,
    /// Encrypts again a ciphertext that `Encrypt` returned.
    ReEncrypt,
    /// The algorithms that the region supports.
    ListAlgorithms,
    /// Whether a key is rotated.
    GetKeyRotationStatus,
    /// Turns rotation on for a key; never for an external one.
    EnableKeyRotation,
    /// Stops rotating a key.
    DisableKeyRotation,
    /// Archives a key: it can only decrypt.
    ArchiveKey,
    /// Brings an archived key back into use.
    CancelKeyArchive,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no [`Action`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAction;

impl fmt::Display for UnknownAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an action that keyferry knows")
    }
}

impl std::error::Error for UnknownAction {}

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|a| a.as_str() == s).ok_or(UnknownAction)
    }
}

/// Actions of the same service and version that exist but are not implemented here: `ceremony/spec/tencent-kms.md`
/// §6.6.
///
/// They get their own answer, so that nobody mistakes a limit of the emulator for a misspelt name.
pub const OTHER_ACTIONS: &[&str] = &[
    "AsymmetricRsaDecrypt",
    "AsymmetricSm2Decrypt",
    "BindCloudResource",
    "CancelDataKeyDeletion",
    "CreateWhiteBoxKey",
    "DeleteWhiteBoxKey",
    "DescribeDataKey",
    "DescribeDataKeys",
    "DescribeWhiteBoxDecryptKey",
    "DescribeWhiteBoxDeviceFingerprints",
    "DescribeWhiteBoxKey",
    "DescribeWhiteBoxKeyDetails",
    "DescribeWhiteBoxServiceStatus",
    "DisableDataKey",
    "DisableDataKeys",
    "DisableWhiteBoxKey",
    "DisableWhiteBoxKeys",
    "EnableDataKey",
    "EnableDataKeys",
    "EnableWhiteBoxKey",
    "EnableWhiteBoxKeys",
    "EncryptByWhiteBox",
    "GetDataKeyCiphertextBlob",
    "GetDataKeyPlaintext",
    "GetPublicKey",
    "ImportDataKey",
    "ListDataKeyDetail",
    "ListDataKeys",
    "OverwriteWhiteBoxDeviceFingerprints",
    "PostQuantumCryptoDecrypt",
    "PostQuantumCryptoEncrypt",
    "PostQuantumCryptoSign",
    "PostQuantumCryptoVerify",
    "RotateKey",
    "ScheduleDataKeyDeletion",
    "SignByAsymmetricKey",
    "UnbindCloudResource",
    "UpdateDataKeyDescription",
    "UpdateDataKeyName",
    "VerifyByAsymmetricKey",
];

/// Whether the name is one of [`OTHER_ACTIONS`].
#[must_use]
pub fn is_known_but_not_served(name: &str) -> bool {
    OTHER_ACTIONS.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_has_69_actions() {
        assert_eq!(Action::ALL.len() + OTHER_ACTIONS.len(), 69);
    }

    #[test]
    fn names_parse_back_and_stand_once() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
            assert!(!is_known_but_not_served(action.as_str()), "{action}");
        }
        assert!(OTHER_ACTIONS.is_sorted(), "binary search needs a sorted list");
        for name in OTHER_ACTIONS {
            assert!(is_known_but_not_served(name) && name.parse::<Action>().is_err());
        }
        assert!(!is_known_but_not_served("createKey") && "createKey".parse::<Action>().is_err());
    }
}
