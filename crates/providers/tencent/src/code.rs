//! The vendor's error codes as one enum; any other code becomes [`ErrorCode::Unlisted`], without control characters.
//!
//! `ceremony/spec/tencent-kms.md` §6 and §7 list them, by action and by prefix.

use core::fmt;

use crate::one_line::one_line;

/// Longest unlisted code kept.
const MAX_UNLISTED: usize = 128;

macro_rules! codes {
    ($($name:ident = $text:literal,)+) => {
        /// Why the service refused.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $text, "`")] $name,)+
            /// A code that is not listed here: one line, at most 128 characters.
            Unlisted(Box<str>),
        }

        impl ErrorCode {
            /// Every listed code.
            pub const LISTED: &'static [Self] = &[$(Self::$name),+];

            /// The vendor's spelling.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Unlisted(text) => text,
                }
            }

            /// Reads the vendor's spelling; never fails.
            #[must_use]
            pub fn parse(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)+
                    other => Self::Unlisted(one_line(other, MAX_UNLISTED).into()),
                }
            }
        }
    };
}

codes! {
    // The import flow: `ceremony/spec/tencent-kms.md` §6.1.
    TokenExpired = "ResourceUnavailable.TokenExpired",
    DecryptMaterialError = "InvalidParameter.DecryptMaterialError",
    MaterialNotMatch = "InvalidParameterValue.MaterialNotMatch",
    NotExternalCmk = "UnsupportedOperation.NotExternalCmk",
    CmkNotFound = "ResourceUnavailable.CmkNotFound",
    CmkStateNotSupport = "ResourceUnavailable.CmkStateNotSupport",
    InvalidKeyId = "InvalidParameterValue.InvalidKeyId",
    ServiceTemporaryUnavailable = "UnsupportedOperation.ServiceTemporaryUnavailable",
    // Keys and their use: `ceremony/spec/tencent-kms.md` §6.2, §6.4 and §5.10.
    AliasAlreadyExists = "InvalidParameterValue.AliasAlreadyExists",
    InvalidAlias = "InvalidParameterValue.InvalidAlias",
    InvalidType = "InvalidParameterValue.InvalidType",
    InvalidKeyUsage = "InvalidParameterValue.InvalidKeyUsage",
    InvalidHsmClusterId = "InvalidParameterValue.InvalidHsmClusterId",
    InvalidPlaintext = "InvalidParameterValue.InvalidPlaintext",
    InvalidCiphertext = "InvalidParameterValue.InvalidCiphertext",
    DuplicatedKeyId = "InvalidParameterValue.DuplicatedKeyId",
    TagKeysDuplicated = "InvalidParameterValue.TagKeysDuplicated",
    TagsNotExisted = "InvalidParameterValue.TagsNotExisted",
    InvalidPendingWindowInDays = "InvalidParameter.InvalidPendingWindowInDays",
    CmkLimitExceeded = "LimitExceeded.CmkLimitExceeded",
    CmkArchived = "ResourceUnavailable.CmkArchived",
    CmkDisabled = "ResourceUnavailable.CmkDisabled",
    CmkNotPendingDelete = "ResourceUnavailable.CmkNotPendingDelete",
    CmkShouldBeDisabled = "ResourceUnavailable.CmkShouldBeDisabled",
    CmkUsedByCloudProduct = "FailedOperation.CmkUsedByCloudProduct",
    EncryptionError = "FailedOperation.EncryptionError",
    TaggingError = "FailedOperation.TaggingError",
    ExternalCmkCanNotRotate = "UnsupportedOperation.ExternalCmkCanNotRotate",
    UnsupportedKeyUsageInCurrentRegion = "UnsupportedOperation.UnsupportedKeyUsageInCurrentRegion",
    UserVersionNotSupport = "UnsupportedOperation.UserVersionNotSupport",
    // The rest of the SDK's list, for parts of the service that a ceremony does not use. `ceremony/spec/tencent-kms.md`
    // §7.2.
    DecryptError = "FailedOperation.DecryptError",
    RotateTaskRunning = "FailedOperation.RotateTaskRunning",
    SignError = "FailedOperation.SignError",
    VerifyError = "FailedOperation.VerifyError",
    DataKeyNameAlreadyExists = "InvalidParameterValue.DataKeyNameAlreadyExists",
    DuplicatedDataKeyId = "InvalidParameterValue.DuplicatedDataKeyId",
    InvalidDataKeyId = "InvalidParameterValue.InvalidDataKeyId",
    InvalidDataKeyName = "InvalidParameterValue.InvalidDataKeyName",
    InvalidImportKeyMaterial = "InvalidParameterValue.InvalidImportKeyMaterial",
    DataKeyLimitExceeded = "LimitExceeded.DataKeyLimitExceeded",
    FingerprintsLimitExceeded = "LimitExceeded.FingerprintsLimitExceeded",
    KeyLimitExceeded = "LimitExceeded.KeyLimitExceeded",
    RotateRateLimited = "RequestLimitExceeded.RotateRateLimited",
    CloudResourceBindingNotFound = "ResourceUnavailable.CloudResourceBindingNotFound",
    DataKeyDisabled = "ResourceUnavailable.DataKeyDisabled",
    DataKeyNotFound = "ResourceUnavailable.DataKeyNotFound",
    DataKeyNotPendingDelete = "ResourceUnavailable.DataKeyNotPendingDelete",
    DataKeyPendingDelete = "ResourceUnavailable.DataKeyPendingDelete",
    DataKeyStateNotSupport = "ResourceUnavailable.DataKeyStateNotSupport",
    KeyDisabled = "ResourceUnavailable.KeyDisabled",
    KeyPendingDelete = "ResourceUnavailable.KeyPendingDelete",
    NotPurchased = "ResourceUnavailable.NotPurchased",
    NotRoleOperation = "UnsupportedOperation.NotRoleOperation",
    NotUserCreatedCmk = "UnsupportedOperation.NotUserCreatedCmk",
    RotateNotSupported = "UnsupportedOperation.RotateNotSupported",
    // Common to all services: `ceremony/spec/tencent-kms.md` §7.1.
    ActionOffline = "ActionOffline",
    AuthInvalidAuthorization = "AuthFailure.InvalidAuthorization",
    AuthInvalidSecretId = "AuthFailure.InvalidSecretId",
    AuthMfaFailure = "AuthFailure.MFAFailure",
    AuthSecretIdNotFound = "AuthFailure.SecretIdNotFound",
    AuthSignatureExpire = "AuthFailure.SignatureExpire",
    AuthSignatureFailure = "AuthFailure.SignatureFailure",
    AuthTokenFailure = "AuthFailure.TokenFailure",
    AuthUnauthorizedOperation = "AuthFailure.UnauthorizedOperation",
    AuthFailure = "AuthFailure",
    DryRunOperation = "DryRunOperation",
    FailedOperation = "FailedOperation",
    InternalError = "InternalError",
    InvalidAction = "InvalidAction",
    InvalidParameter = "InvalidParameter",
    InvalidParameterValue = "InvalidParameterValue",
    InvalidRequest = "InvalidRequest",
    IpInBlacklist = "IpInBlacklist",
    IpNotInWhitelist = "IpNotInWhitelist",
    LimitExceeded = "LimitExceeded",
    MissingParameter = "MissingParameter",
    NoSuchProduct = "NoSuchProduct",
    NoSuchVersion = "NoSuchVersion",
    RequestLimitExceeded = "RequestLimitExceeded",
    RequestLimitExceededGlobalRegionUin = "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
    RequestLimitExceededIp = "RequestLimitExceeded.IPLimitExceeded",
    RequestLimitExceededUin = "RequestLimitExceeded.UinLimitExceeded",
    RequestSizeLimitExceeded = "RequestSizeLimitExceeded",
    ResourceInUse = "ResourceInUse",
    ResourceInsufficient = "ResourceInsufficient",
    ResourceNotFound = "ResourceNotFound",
    ResourceUnavailable = "ResourceUnavailable",
    ResponseSizeLimitExceeded = "ResponseSizeLimitExceeded",
    ServiceUnavailable = "ServiceUnavailable",
    UnauthorizedOperation = "UnauthorizedOperation",
    UnknownParameter = "UnknownParameter",
    UnsupportedOperation = "UnsupportedOperation",
    UnsupportedProtocol = "UnsupportedProtocol",
    UnsupportedRegion = "UnsupportedRegion",
}

impl ErrorCode {
    /// Whether the service asks for fewer calls: the right reaction is to wait and send the same request again.
    #[must_use]
    pub fn is_throttling(&self) -> bool {
        self.is_or_under("RequestLimitExceeded")
    }

    /// Whether the same call may succeed later without anybody's action, including after throttling.
    ///
    /// Whether it may be *sent* again depends on the action: `CreateKey` and `GetParametersForImport` are not idempotent.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.is_throttling()
            || matches!(
                self,
                Self::InternalError | Self::ServiceTemporaryUnavailable | Self::ServiceUnavailable
            )
    }

    /// Whether this is the code `top`, or a code under it, `top.…`.
    #[must_use]
    pub fn is_or_under(&self, top: &str) -> bool {
        self.as_str().strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn listed_codes_parse_back_and_stand_once() {
        let mut seen = BTreeSet::new();
        for code in ErrorCode::LISTED {
            assert_eq!(&ErrorCode::parse(code.as_str()), code);
            assert!(seen.insert(code.as_str()), "{code} appears twice");
        }
    }

    #[test]
    fn unlisted_codes_are_tamed() {
        let code = ErrorCode::parse("Made.Up\u{1b}[31m\n");
        assert_eq!(code.as_str(), "Made.Up [31m ");
        assert_eq!(ErrorCode::parse(&"x".repeat(4000)).as_str().len(), 128);
    }

    #[test]
    fn throttling_and_transience() {
        assert!(ErrorCode::parse("RequestLimitExceeded.IPLimitExceeded").is_throttling());
        assert!(ErrorCode::parse("RequestLimitExceeded.NewKind").is_throttling());
        assert!(!ErrorCode::parse("RequestLimitExceededX").is_throttling());
        assert!(ErrorCode::InternalError.is_transient() && !ErrorCode::TokenExpired.is_transient());
    }
}
