//! What the artefact targets share: whatever parses is written back byte for byte.

use keyferry_core::artefact::{Artefact, parse, to_bytes};
use keyferry_core::{Explain, Fingerprint};

/// Parses, and on success checks that the canonical form is the input. Returns the artefact.
///
/// # Panics
/// When a property does not hold: that is a finding.
pub fn artefact<T: Artefact>(data: &[u8]) -> Option<T> {
    match parse::<T>(data) {
        Ok((artefact, digest)) => {
            assert_eq!(digest, Fingerprint::of(data));
            let written = to_bytes(&artefact).expect("what was parsed can be written");
            assert_eq!(written.as_slice(), data);
            Some(artefact)
        }
        Err(refusal) => {
            explained(&refusal);
            None
        }
    }
}

/// Every refusal can be read aloud in both languages.
///
/// # Panics
/// When a text is empty or could move a cursor: that is a finding.
pub fn explained(refusal: &dyn Explain) {
    for text in [refusal.what(), refusal.hint()] {
        for text in [text.en, text.zh] {
            assert!(!text.is_empty());
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        }
    }
}
