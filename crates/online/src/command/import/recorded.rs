//! What an interrupted run of this import recorded already, so that the next one does not record it twice.

use std::collections::BTreeSet;

use keyferry_core::{Event, KeyId, Transcript};

/// Imports and proofs in a record.
pub(super) struct Recorded {
    imported: BTreeSet<(KeyId, String)>,
    proved: BTreeSet<KeyId>,
}

impl Recorded {
    pub(super) fn of(chain: &Transcript) -> Self {
        let mut this = Self { imported: BTreeSet::new(), proved: BTreeSet::new() };
        for line in chain.lines() {
            match &line.event {
                Event::Imported { key_id, request_id, .. } => {
                    this.imported.insert((key_id.clone(), request_id.clone()));
                    // A proof from before an import is none of it.
                    this.proved.remove(key_id);
                }
                Event::Proved { key_id, .. } => {
                    this.proved.insert(key_id.clone());
                }
                _ => {}
            }
        }
        this
    }

    pub(super) fn imported(&self, key: &KeyId, request_id: &str) -> bool {
        self.imported.contains(&(key.clone(), request_id.to_owned()))
    }

    pub(super) fn proved(&self, key: &KeyId) -> bool {
        self.proved.contains(key)
    }
}
