//! Credentials of a cloud instance's role, from its metadata service: `ceremony/spec/tencent-kms.md` §3.3.
//!
//! It is asked only if the command line names the role: the service speaks plain HTTP under a name that any resolver could
//! answer, so it must not be asked silently. The answer is capped and parsed strictly, and contains its expiry.

use std::io::Read;
use std::time::Duration;

use keyferry_core::Timestamp;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{CredentialsError, FindError, Found, Parts, RoleFault, Source};
use crate::Sensitive;

/// The metadata service of an instance.
pub const METADATA: &str = "http://metadata.tencentyun.com";
const PATH: &str = "latest/meta-data/cam/security-credentials";
/// Longest answer in bytes.
const MAX_ANSWER: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: String,
    tmp_secret_id: Option<Sensitive>,
    tmp_secret_key: Option<Sensitive>,
    token: Option<Sensitive>,
    #[serde(default)]
    expired_time: i64,
}

/// Fetches the credentials of `role`; `metadata` is [`METADATA`] outside of tests.
///
/// # Errors
/// [`CredentialsError::Role`], or [`CredentialsError::Malformed`] for a part of the answer.
pub fn fetch(metadata: &str, role: &str, now: Timestamp) -> Result<Found, FindError> {
    let fault = |fault| FindError::from(CredentialsError::Role(fault));
    if !super::is_name(role) {
        return Err(fault(RoleFault::Name));
    }
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(5)));
    let agent: ureq::Agent = config.build().into();
    let response = agent.get(format!("{metadata}/{PATH}/{role}")).call();
    let response = response.map_err(|_| fault(RoleFault::Silent))?;
    if response.status().as_u16() != 200 {
        return Err(fault(RoleFault::None));
    }
    // Sized up front, so that growing leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_ANSWER + 1));
    let reader = response.into_body().into_reader();
    reader.take(MAX_ANSWER as u64 + 1).read_to_end(&mut bytes).map_err(|_| fault(RoleFault::Silent))?;
    if bytes.len() > MAX_ANSWER {
        return Err(fault(RoleFault::Form));
    }
    let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| fault(RoleFault::Form))?;
    if answer.code != "Success" || answer.token.as_ref().is_none_or(|t| t.expose().is_empty()) {
        return Err(fault(RoleFault::None));
    }
    // A role's credentials are temporary, so they must have an expiry.
    if answer.expired_time <= 0 {
        return Err(fault(RoleFault::Form));
    }
    let Answer { tmp_secret_id: secret_id, tmp_secret_key: secret_key, token, expired_time, .. } = answer;
    Parts { secret_id, secret_key, token, expires_at: Some(expired_time.into()), ..Parts::default() }.check(
        Source::Role(role.to_owned()),
        ["TmpSecretId", "TmpSecretKey", "Token"],
        now,
    )
}
