//! Translates an error from this client into a refusal in the ceremony's terms, which do not depend on the
//! vendor.

use keyferry_core::{Bilingual, Explain, bi};
use keyferry_service::{Certainty, Meaning, Refusal, Told};

use super::{RemoteError, RemoteFailure};
use crate::{ErrorCode, Translation, translate};

impl From<RemoteError> for Refusal {
    fn from(error: RemoteError) -> Self {
        let (who, next) = match &error.failure {
            RemoteFailure::Refused(refused) => {
                let Translation { who, next, section, .. } = translate(&refused.code);
                let Bilingual { en, zh } = next;
                (Some(who), bi!("{en} (runbook {section})", "{zh}（操作手册 {section}）"))
            }
            _ => (None, error.hint()),
        };
        let certainty = if error.may_be_done() { Certainty::Unknown } else { Certainty::NotDone };
        let told = Told {
            code: error.failure.refusal().map(|refused| refused.code.to_string()),
            short: error.short(),
            meaning: error.failure.meaning(),
            certainty,
            passes: error.passes(),
            cause: error.what(),
            who,
            next,
        };
        told.into()
    }
}

/// What a code means to a ceremony.
fn meaning(code: &ErrorCode) -> Meaning {
    let content = [
        "InvalidParameter",
        "InvalidParameterValue",
        "MissingParameter",
        "ResourceNotFound",
        "ResourceUnavailable",
        "UnsupportedOperation",
    ];
    match code {
        ErrorCode::AuthUnauthorizedOperation => Meaning::Denied,
        ErrorCode::CmkNotFound => Meaning::NoSuchKey,
        ErrorCode::AliasAlreadyExists => Meaning::AliasTaken,
        ErrorCode::MaterialNotMatch => Meaning::OtherMaterial,
        ErrorCode::UnsupportedRegion => Meaning::NoSuchRegion,
        code if code.is_or_under("UnauthorizedOperation") => Meaning::Denied,
        code if code.is_or_under("AuthFailure") => Meaning::Credentials,
        code if code.is_transient() => Meaning::Busy,
        code if content.iter().any(|group| code.is_or_under(group)) => Meaning::Content,
        _ => Meaning::Other,
    }
}

impl RemoteFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Unsent(_) => Meaning::Unsent,
            Self::Silence(_) => Meaning::Silence,
            Self::BadReply(_) => Meaning::BadReply,
            Self::Refused(e) | Self::Token(e, _) => meaning(&e.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use keyferry_service::Right;

    use super::*;
    use crate::{Action, ServiceError};

    fn refusal(code: &str) -> Refusal {
        let error =
            ServiceError { code: ErrorCode::parse(code), message: "m".into(), request_id: "r".into() };
        RemoteError { action: Action::DescribeKey, failure: RemoteFailure::Refused(error) }.into()
    }

    #[test]
    fn what_each_kind_of_answer_tells() {
        let judged = |code: &str| Right::of::<()>(&Err(refusal(code))).as_str();
        for missing in
            ["UnauthorizedOperation", "UnauthorizedOperation.CamNoAuth", "AuthFailure.UnauthorizedOperation"]
        {
            assert_eq!(judged(missing), "missing", "{missing}");
        }
        for likely in [
            "ResourceUnavailable.CmkNotFound",
            "InvalidParameterValue.InvalidAlias",
            "InvalidParameter",
            "UnsupportedOperation.NotExternalCmk",
        ] {
            assert_eq!(judged(likely), "likely", "{likely}");
        }
        for unknown in [
            "InternalError",
            "AuthFailure.SignatureExpire",
            "RequestLimitExceeded",
            "UnsupportedOperation.ServiceTemporaryUnavailable",
            "UnsupportedRegion",
            "AuthFailure.MFAFailure",
            "New.Code",
        ] {
            assert_eq!(judged(unknown), "not-known", "{unknown}");
        }
    }

    #[test]
    fn a_refusal_has_the_words_of_the_error_that_it_was() {
        for code in ErrorCode::LISTED {
            let refused = ServiceError { code: code.clone(), message: "m".into(), request_id: "r".into() };
            for action in Action::ALL {
                let error = RemoteError { action: *action, failure: RemoteFailure::Refused(refused.clone()) };
                let told = Refusal::from(error.clone());
                assert_eq!((told.what(), told.hint()), (error.what(), error.hint()), "{code}");
                assert_eq!((told.control(), told.class()), (error.control(), error.class()), "{code}");
                assert_eq!(
                    (told.may_be_done(), told.passes()),
                    (error.may_be_done(), error.passes()),
                    "{code}"
                );
            }
        }
    }
}
