//! The section of the runbook that says more about a refusal: its letters are the same in both
//! languages.

use core::fmt;

use crate::ErrorCode;

/// A section of the runbook's chapter on refusals by the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Parameters or ciphertext are no longer valid.
    Parameters,
    /// The key is bound to other material.
    Material,
    /// The key is the wrong one, or in the wrong state.
    Key,
    /// Credentials, permissions, clock, network address.
    Access,
    /// The request's form.
    Form,
    /// The service is busy or failing.
    Busy,
    /// A quota, a purchase, or a part of the service that a ceremony does not use.
    Account,
    /// A code that nobody has seen.
    Unknown,
}

impl Section {
    /// Every section.
    pub const ALL: [Self; 8] = [
        Self::Parameters,
        Self::Material,
        Self::Key,
        Self::Access,
        Self::Form,
        Self::Busy,
        Self::Account,
        Self::Unknown,
    ];

    /// The beginning of the runbook's heading.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Parameters => "S1",
            Self::Material => "S2",
            Self::Key => "S3",
            Self::Access => "S4",
            Self::Form => "S5",
            Self::Busy => "S6",
            Self::Account => "S7",
            Self::Unknown => "S8",
        }
    }

    pub(super) fn of(code: &ErrorCode) -> Self {
        let under = |top: &str| code.is_or_under(top);
        match code {
            ErrorCode::TokenExpired | ErrorCode::DecryptMaterialError => Self::Parameters,
            ErrorCode::MaterialNotMatch => Self::Material,
            ErrorCode::InternalError
            | ErrorCode::ServiceTemporaryUnavailable
            | ErrorCode::ServiceUnavailable => Self::Busy,
            ErrorCode::IpInBlacklist | ErrorCode::IpNotInWhitelist => Self::Access,
            ErrorCode::NotExternalCmk | ErrorCode::InvalidKeyId | ErrorCode::AliasAlreadyExists => Self::Key,
            _ if code.is_throttling() => Self::Busy,
            _ if under("AuthFailure") || under("UnauthorizedOperation") => Self::Access,
            _ if super::elsewhere::elsewhere(code).is_some() || under("LimitExceeded") => Self::Account,
            ErrorCode::UserVersionNotSupport | ErrorCode::UnsupportedKeyUsageInCurrentRegion => Self::Account,
            _ if under("ResourceUnavailable") || under("FailedOperation") => Self::Key,
            _ => Self::Form,
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
