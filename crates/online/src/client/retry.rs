//! Which request may be sent again, and how long to wait before: exponential backoff with full jitter.
//!
//! A refusal that did nothing, and that passes by itself, is asked again whatever the action. Where nobody knows whether the work
//! was done, only a question is repeated here; a change is repeated by the command that knows how to ask for the state first.

use std::time::{Duration, Instant};

use keyferry_tencent::{Action, ErrorCode};

use super::{BadReply, RemoteError, RemoteFailure};

/// Time and chance for waits: the computer's, or a test's.
pub trait Waits: Sync {
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    /// Lets time pass.
    fn sleep(&self, time: Duration);
    /// A random number.
    fn chance(&self) -> u32;
}

/// The computer's clock and random generator.
#[derive(Clone, Copy, Debug)]
pub struct SystemWaits(Instant);

impl Default for SystemWaits {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Waits for SystemWaits {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn chance(&self) -> u32 {
        // Spreading requests needs no secrecy: a failing generator costs jitter and nothing else.
        getrandom::u32().unwrap_or(u32::MAX / 2)
    }
}

/// How often, and how far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Requests in all, the first one included.
    pub attempts: u32,
    /// The longest wait before the first repetition; doubled for each further one.
    pub base: Duration,
    /// The longest wait at all.
    pub cap: Duration,
}

impl Policy {
    /// Six requests: about eight seconds of waits at most.
    pub const DEFAULT: Self =
        Self { attempts: 6, base: Duration::from_millis(250), cap: Duration::from_secs(15) };

    /// The wait after `failed` requests: anything from nothing to the doubled base, evenly.
    #[must_use]
    pub fn wait(&self, failed: u32, chance: u32) -> Duration {
        let doubled =
            self.base.saturating_mul(1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(self.cap).mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// Whether asking again changes nothing. An action that is not named here is taken for a change.
#[must_use]
pub const fn is_question(action: Action) -> bool {
    matches!(
        action,
        Action::DescribeKey
            | Action::ListKeyDetail
            | Action::Encrypt
            | Action::Decrypt
            | Action::GenerateRandom
            | Action::GetServiceStatus
            | Action::GetRegions
    )
}

impl RemoteError {
    /// Whether the same request may succeed later without anybody doing anything.
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

    /// Whether this is the service's wish for fewer requests.
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
    use keyferry_tencent::ServiceError;

    use super::*;
    use crate::{Silence, Unsent};

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

    #[test]
    fn waits_double_and_stay_under_the_cap() {
        let policy = Policy { attempts: 9, base: Duration::from_millis(100), cap: Duration::from_secs(1) };
        let longest: Vec<u128> = (1..=6).map(|n| policy.wait(n, u32::MAX).as_millis()).collect();
        assert_eq!(longest, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(policy.wait(4, 0), Duration::ZERO);
        assert!((99..=100).contains(&policy.wait(2, u32::MAX / 2).as_millis()));
        assert_eq!(policy.wait(u32::MAX, u32::MAX).as_millis(), 1000);
    }
}
