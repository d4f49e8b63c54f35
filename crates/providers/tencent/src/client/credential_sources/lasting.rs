//! How long credentials last: if they come with an expiry, it is enforced, whatever their source.
//!
//! The vendor's SDK and tccli renew credentials that expire within five minutes (`ceremony/spec/tencent-kms.md` §3.2, §3.3). This program
//! renews nothing: it refuses, before it sends a request.

use keyferry_core::{Span, Timestamp};

use super::{CredentialsError, Source};

/// Credentials must last longer than this, whatever the work.
const MARGIN: u64 = 300;

/// Where credentials come from, and until when they are valid.
#[derive(Clone, Debug)]
pub struct Lasting {
    /// Where they come from.
    pub source: Source,
    /// Whether a session token is among them.
    pub has_token: bool,
    /// Their expiry, if it came with them.
    pub end: Option<Timestamp>,
}

impl Lasting {
    /// Refuses credentials that expire during this much work or within five minutes after it.
    ///
    /// # Errors
    /// [`CredentialsError::Stale`].
    pub fn check(&self, now: Timestamp, work: Span) -> Result<(), CredentialsError> {
        let needed = Span::from_seconds(work.seconds().saturating_add(MARGIN));
        match self.end {
            Some(end) if now.span_until(end).seconds() <= needed.seconds() => {
                Err(CredentialsError::Stale { source: self.source.clone(), end, now, needed })
            }
            _ => Ok(()),
        }
    }
}
