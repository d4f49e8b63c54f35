//! What `status` found, for a Prometheus textfile collector: text exposition format 0.0.4, every value a whole number.
//!
//! The file is written whatever the exit code, with what is known: a key about which the service said nothing has no line, and
//! `keyferry_status_exit_code` and `keyferry_status_failures` say that something is wrong. From `keyferry_status_checked_at_seconds`, a
//! monitor can tell that the checks have stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write};

use keyferry_core::{Explain, Region, Timestamp};
use keyferry_service::{Clocks, KeyState, KeyView};

use super::{alias, days_left, expires};
use crate::Error;
use crate::command::Failures;

/// The file's first line, by which the next run recognizes it.
pub(super) const FIRST_LINE: &str = "# keyferry-online status --prometheus: each run replaces this file";

/// What the file reports.
pub(super) struct Found<'s> {
    pub(super) keys: &'s [(Region, KeyView)],
    pub(super) regions: usize,
    pub(super) clocks: Option<Clocks>,
    pub(super) failures: &'s Failures,
    /// Why nothing was asked.
    pub(super) stopped: Option<&'s Error>,
    pub(super) now: Timestamp,
}

impl Found<'_> {
    /// The lines after the first one.
    pub(super) fn text(&self) -> String {
        let mut page = Page::default();
        self.run(&mut page);
        self.each_key(&mut page);
        page.0
    }

    fn run(&self, page: &mut Page) {
        let errors: Vec<&Error> = self.failures.iter().map(|(_, e)| e).chain(self.stopped).collect();
        let class = self.stopped.map(Explain::class).or_else(|| self.failures.class());
        let exit_code = class.map_or(0, keyferry_core::Class::exit_code);
        let mut by_control: BTreeMap<&str, usize> = BTreeMap::new();
        errors.iter().for_each(|e| *by_control.entry(e.control().id()).or_default() += 1);
        page.one(
            "status_checked_at_seconds",
            "Unix time of this check, by the station's clock.",
            self.now.unix(),
        );
        page.one(
            "status_exit_code",
            "0 healthy, 1 something is wrong, 3 a file failed, 4 the service did not answer.",
            exit_code,
        );
        page.one("status_failures", "Keys, regions and expectations that failed.", errors.len());
        page.head("status_failures_by_control", "The same by the control that refused.");
        by_control
            .iter()
            .for_each(|(id, n)| page.line("status_failures_by_control", &[("control", (*id).to_owned())], n));
        page.one("status_keys", "Keys that were found.", self.keys.len());
        page.one("status_regions", "Regions that were asked.", self.regions);
        if let Some(clocks) = self.clocks {
            let help = "Seconds that the service's clock is ahead of the station's.";
            page.one("status_clock_ahead_seconds", help, clocks.service_ahead());
        }
    }

    fn each_key(&self, page: &mut Page) {
        // A list may name a key twice, but a series must appear only once.
        let mut seen = BTreeSet::new();
        let keys: Vec<_> =
            self.keys.iter().filter(|(region, key)| seen.insert((region, &key.key_id))).collect();
        page.head("key_state", "1 for the state of the key, 0 for the others.");
        for (region, key) in &keys {
            for state in KeyState::ALL {
                let mut labels = labels(region, key);
                labels.push(("state", state.to_string()));
                page.line("key_state", &labels, u8::from(key.state == state));
            }
        }
        let mut each = |name, help, value: &dyn Fn(&KeyView) -> Option<i64>| {
            page.head(name, help);
            for (region, key) in &keys {
                value(key).into_iter().for_each(|v| page.line(name, &labels(region, key), v));
            }
        };
        let expiry = "Unix time at which the material is deleted; no line for never.";
        each("key_expiry_timestamp_seconds", expiry, &|key| seconds(expires(key)));
        each("key_days_left", "Whole days until then.", &|key| days_left(key, self.now));
        let deletion = "Unix time at which a key in PendingDelete is gone.";
        each("key_deletion_timestamp_seconds", deletion, &|key| {
            seconds(key.deletion_date).filter(|_| key.state == KeyState::PendingDelete)
        });
    }
}

type Label = (&'static str, String);

fn labels(region: &Region, key: &KeyView) -> Vec<Label> {
    vec![("alias", alias(key)), ("region", region.to_string()), ("key_id", key.key_id.to_string())]
}

/// Zero means that no time is set.
fn seconds(time: Option<u64>) -> Option<i64> {
    time.filter(|s| *s > 0).and_then(|s| i64::try_from(s).ok())
}

/// Lines of the format.
#[derive(Default)]
struct Page(String);

impl Page {
    fn one(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, help);
        self.line(name, &[], value);
    }

    fn head(&mut self, name: &str, help: &str) {
        self.put(format_args!("# HELP keyferry_{name} {help}\n# TYPE keyferry_{name} gauge\n"));
    }

    fn line(&mut self, name: &str, labels: &[Label], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.put(format_args!("keyferry_{name}{labels} {value}\n"));
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(text);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
