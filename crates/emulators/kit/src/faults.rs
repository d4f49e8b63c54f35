//! Faults that tests inject through the admin interface: which requests they hit, how often, and what goes wrong.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// The most rules at a time.
const MAX_RULES: usize = 1000;

/// Longest delay.
const MAX_DELAY_MILLIS: u64 = 600_000;

/// Longest text of a member.
const MAX_TEXT: usize = 1024;

/// The ways in which a request can go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// Refused with this code before any effect.
    Error {
        /// The vendor's code.
        code: String,
        /// Its message; `None` for the emulator's own text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// Waits, then continues as usual.
    Delay {
        /// How long.
        milliseconds: u64,
    },
    /// The effect happens; the connection closes without a reply.
    LostReply {},
    /// The connection closes before any effect.
    Cut {},
    /// The effect happens; half the reply arrives.
    CutMidway {},
    /// The effect happens; the body is not JSON.
    Garbled {},
    /// No effect; the reply is an HTML page, as from a proxy.
    Status {
        /// Its status code.
        status: u16,
    },
}

/// The properties of a request that a rule can use.
pub struct Target<'a> {
    /// The action's name.
    pub action: &'a str,
    /// The region.
    pub region: &'a str,
    /// The key that the parameters name; determined only if a rule needs it.
    pub key_id: &'a dyn Fn() -> Option<String>,
}

/// Which requests a fault hits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// An action's name, or `*`.
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// Number of matching requests that pass first.
    #[serde(default)]
    skip: u64,
    /// Number of matching requests that are hit afterwards.
    #[serde(default = "once")]
    calls: u64,
    fault: Fault,
}

const fn once() -> u64 {
    1
}

/// An active rule.
#[derive(Clone, Serialize)]
pub(crate) struct Armed {
    id: u64,
    left: u64,
    #[serde(flatten)]
    rule: Rule,
    #[serde(skip)]
    passed: u64,
}

/// All rules, in the order in which they were posted.
#[derive(Default)]
pub struct Faults(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    last_id: u64,
    armed: Vec<Armed>,
}

impl Rule {
    /// Checks that the rule can ever have an effect.
    fn check(&self, is_action: impl FnOnce(&str) -> bool) -> Result<(), &'static str> {
        if self.action != "*" && !is_action(&self.action) {
            return Err("unknown action");
        }
        if self.calls == 0 {
            return Err("`calls` must be 1 or more");
        }
        match &self.fault {
            Fault::Delay { milliseconds } if *milliseconds > MAX_DELAY_MILLIS => {
                Err("`milliseconds` is too long")
            }
            Fault::Status { status } if !(300..600).contains(status) => Err("`status` must be 300 to 599"),
            Fault::Error { code, message } => {
                let fits = |text: &str| text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
                let fine = !code.is_empty() && fits(code) && message.as_deref().is_none_or(fits);
                if fine {
                    Ok(())
                } else {
                    Err("`code` or `message` is empty, too long or has control characters")
                }
            }
            _ => Ok(()),
        }
    }

    fn fits(&self, target: &Target<'_>) -> bool {
        (self.action == "*" || self.action == target.action)
            && self.region.as_deref().is_none_or(|wanted| wanted == target.region)
            && self.key_id.as_ref().is_none_or(|wanted| (target.key_id)().as_ref() == Some(wanted))
    }
}

impl Faults {
    /// Adds a rule; returns its id. `is_action` says whether the vendor has an action with that name.
    pub(crate) fn add(&self, rule: Rule, is_action: impl FnOnce(&str) -> bool) -> Result<u64, &'static str> {
        rule.check(is_action)?;
        let mut inner = self.lock();
        if inner.armed.len() >= MAX_RULES {
            return Err("too many faults");
        }
        inner.last_id += 1;
        let id = inner.last_id;
        inner.armed.push(Armed { id, left: rule.calls, rule, passed: 0 });
        Ok(id)
    }

    pub(crate) fn list(&self) -> Vec<Armed> {
        self.lock().armed.clone()
    }

    pub(crate) fn clear(&self) {
        self.lock().armed.clear();
    }

    /// Removes a rule, and returns whether it existed.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut inner = self.lock();
        let before = inner.armed.len();
        inner.armed.retain(|armed| armed.id != id);
        inner.armed.len() < before
    }

    /// The fault for this request, if any: that of the first rule that matches and has nothing left to skip.
    pub fn take(&self, target: &Target<'_>) -> Option<Fault> {
        let mut inner = self.lock();
        for armed in &mut inner.armed {
            if !armed.rule.fits(target) {
                continue;
            }
            if armed.passed < armed.rule.skip {
                armed.passed += 1;
                continue;
            }
            armed.left -= 1;
            let fault = armed.rule.fault.clone();
            inner.armed.retain(|armed| armed.left > 0);
            return Some(fault);
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_action(name: &str) -> bool {
        ["Encrypt", "Decrypt", "RotateKey"].contains(&name)
    }

    fn rule(text: &str) -> Result<Rule, String> {
        let rule: Rule = serde_json::from_str(text).map_err(|e| e.to_string())?;
        rule.check(is_action)?;
        Ok(rule)
    }

    #[test]
    fn skip_then_hit_then_gone() {
        let faults = Faults::default();
        let text = r#"{"action":"Encrypt","key_id":"k","skip":1,"calls":2,"fault":{"kind":"lost-reply"}}"#;
        assert_eq!(faults.add(rule(text).unwrap(), is_action), Ok(1));
        let take = |action: &str, key: &str| {
            let key_id = || Some(key.to_owned());
            faults.take(&Target { action, region: "r-x", key_id: &key_id }).is_some()
        };
        assert!(!take("Decrypt", "k") && !take("Encrypt", "other"), "not this one");
        assert_eq!([take("Encrypt", "k"), take("Encrypt", "k"), take("Encrypt", "k")], [false, true, true]);
        assert!(!take("Encrypt", "k") && faults.list().is_empty());
    }

    #[test]
    fn rules_that_make_no_sense() {
        for bad in [
            r#"{"action":"Nope","fault":{"kind":"cut"}}"#,
            r#"{"action":"*","fault":{"kind":"cut","more":1}}"#,
            r#"{"action":"*","fault":{"kind":"melt"}}"#,
            r#"{"action":"*","calls":0,"fault":{"kind":"cut"}}"#,
            r#"{"action":"*","color":0,"fault":{"kind":"cut"}}"#,
            r#"{"action":"*","fault":{"kind":"status","status":200}}"#,
            r#"{"action":"*","fault":{"kind":"delay","milliseconds":600001}}"#,
            r#"{"action":"*","fault":{"kind":"error","code":""}}"#,
            r#"{"action":"*"}"#,
        ] {
            assert!(rule(bad).is_err(), "{bad}");
        }
        assert!(rule(r#"{"action":"RotateKey","fault":{"kind":"status","status":502}}"#).is_ok());
    }
}
