//! The last imports and how they ended, for `GET /imports`: the first thing to look at after a refused import.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::log::LogLine;

/// How many imports are kept.
const KEPT: usize = 1000;

/// The last 1000 imports, the newest last.
#[derive(Default)]
pub struct Imports(Mutex<VecDeque<Value>>);

impl Imports {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the contents of a log line, and the causes in both languages.
    pub fn add(&self, line: &LogLine) {
        let causes: Vec<Value> = line
            .causes
            .iter()
            .map(|cause| json!({ "code": cause.code, "en": cause.text.en, "zh": cause.text.zh }))
            .collect();
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(json!({
            "time": line.time.to_string(),
            "request_id": line.request_id,
            "region": line.region,
            "key_id": line.key_id,
            "outcome": line.outcome,
            "causes": causes,
        }));
    }

    pub(crate) fn read(&self) -> Vec<Value> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }
}
