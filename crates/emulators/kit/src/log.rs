//! One line per request: who requested what and how it ended. It never contains a token, material, a secret key, a signature or a body.

use std::fmt;

use keyferry_core::{Bilingual, Timestamp};

/// One fault of an import, as the log and `/imports` report it. The reply on the wire does not contain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Such as `oaep-mgf`.
    pub code: &'static str,
    /// The explanation, which never contains a byte of material. The English is plain ASCII.
    pub text: Bilingual,
}

/// Receives one line for each request; called from many threads.
pub type LogSink = Box<dyn Fn(&LogLine) + Send + Sync>;

/// The facts about one request that may be shown. Every part is short and plain ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it arrived, by the emulator's clock.
    pub time: Timestamp,
    /// The id in the reply.
    pub request_id: String,
    /// `X-TC-Region`, or empty.
    pub region: String,
    /// `X-TC-Action`, or empty.
    pub action: String,
    /// The id of the requested key, once it is known to be well formed.
    pub key_id: Option<String>,
    /// `ok`, or the error code.
    pub outcome: String,
    /// Why an import was refused, in more detail than the client learns.
    pub causes: Vec<Cause>,
    /// How long it took.
    pub millis: u64,
}

impl LogLine {
    /// The line for a program that reads logs: one JSON object; the members have the names of the fields.
    #[must_use]
    pub fn to_json(&self) -> String {
        let causes: Vec<_> = self
            .causes
            .iter()
            .map(|cause| serde_json::json!({ "code": cause.code, "text": cause.text.en }))
            .collect();
        serde_json::json!({
            "time": self.time.to_string(),
            "request_id": self.request_id,
            "region": self.region,
            "action": self.action,
            "key_id": self.key_id,
            "outcome": self.outcome,
            "causes": causes,
            "millis": self.millis,
        })
        .to_string()
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        write!(
            f,
            "{} {} {} {} {} {} {} ms",
            self.time,
            self.request_id,
            or_dash(&self.region),
            or_dash(&self.action),
            self.key_id.as_deref().unwrap_or("-"),
            self.outcome,
            self.millis
        )?;
        self.causes.iter().try_for_each(|cause| write!(f, "; {}: {}", cause.code, cause.text.en))
    }
}

/// Text from the wire, made safe for a log line: ASCII names of at most 64 characters, anything else becomes `?`.
pub fn name_from_wire(text: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.chars().take(64).map(|c| if is_name(c) { c } else { '?' }).collect()
}
