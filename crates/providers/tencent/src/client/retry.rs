//! Which request may be sent again.
//!
//! After a temporary refusal that changed nothing, any action is retried. If it is not known whether the work was done, only reads are
//! retried here; a change is repeated by the command, which reads the key's state first.

use super::{BadReply, RemoteError, RemoteFailure};
use crate::{Action, ErrorCode};

/// Whether asking again changes nothing. An action that is not listed here counts as a change.
#[must_use]
pub(super) const fn is_question(action: Action) -> bool {
    matches!(
        action,
        Action::DescribeKey
            | Action::DescribeKeys
            | Action::ListKeyDetail
            | Action::Encrypt
            | Action::Decrypt
            | Action::GenerateRandom
            | Action::GetServiceStatus
            | Action::GetRegions
    )
}

impl RemoteError {
    /// Whether the same request may succeed later without anybody's action.
    #[must_use]
    pub fn passes(&self) -> bool {
        match &self.failure {
            RemoteFailure::Unsent(way) => way.passes(),
            RemoteFailure::Silence(_) => true,
            RemoteFailure::BadReply(BadReply::Status(n)) => *n >= 500 || *n == 429,
            RemoteFailure::BadReply(BadReply::Envelope(_) | BadReply::NotHttp) => true,
            RemoteFailure::BadReply(_) => false,
            RemoteFailure::Refused(e) | RemoteFailure::Token(e, _) => e.code.is_transient(),
        }
    }

    /// Whether the service asks for fewer requests.
    #[must_use]
    pub fn is_throttling(&self) -> bool {
        matches!(&self.failure, RemoteFailure::Refused(e) if ErrorCode::is_throttling(&e.code))
    }

    /// Whether the client itself may send the same request again.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        self.passes() && (is_question(self.action) || !self.may_be_done())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Silence, Unsent};
    use super::*;
    use crate::ServiceError;

    fn refused(action: Action, code: ErrorCode) -> RemoteError {
        let error = ServiceError { code, message: String::new(), request_id: String::new() };
        RemoteError { action, failure: RemoteFailure::Refused(error) }
    }

    #[test]
    fn what_did_nothing_is_repeated_and_what_may_have_is_asked_about_first() {
        for action in Action::ALL {
            assert!(refused(*action, ErrorCode::RequestLimitExceeded).may_repeat(), "{action}");
            assert!(!refused(*action, ErrorCode::TokenExpired).may_repeat(), "{action}");
            let lost = RemoteError { action: *action, failure: Silence::Closed.into() };
            let changes =
                ["Create", "GetParameters", "Import", "Delete", "Enable", "Disable", "Schedule", "Cancel"];
            let question = is_question(*action);
            assert!(!question || !changes.iter().any(|c| action.as_str().starts_with(c)), "{action}");
            assert_eq!(lost.may_repeat(), question, "{action}");
            assert_eq!(refused(*action, ErrorCode::InternalError).may_repeat(), question, "{action}");
            let nobody = RemoteError { action: *action, failure: Unsent::Unreachable.into() };
            assert!(nobody.may_repeat(), "{action}");
        }
    }

    #[test]
    fn a_portal_s_page_is_no_reason_to_ask_again_and_a_gateway_s_is() {
        let status = |n| RemoteError { action: Action::DescribeKey, failure: BadReply::Status(n).into() };
        assert!(status(502).passes() && status(429).passes());
        assert!(!status(302).passes() && !status(404).passes());
    }
}
