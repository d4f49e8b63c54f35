//! Makes the checks that need a record's long values while these are in memory, and keeps only digests. Wrapping keys and wrapped
//! materials are two thirds of their files, and lines name them by digest.

use keyferry_core::{Base64Bytes, Ciphertext, CiphertextError, Fingerprint, Parameters};

/// An artefact, and the digest of its file.
type File<'f, T> = Option<&'f mut (T, Fingerprint)>;

/// What is kept of the long values, which are dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Condensed {
    /// The digest of each wrapping key, in the order of the parameters.
    pub(super) wrapping_keys: Vec<Fingerprint>,
    /// The digest of each wrapped material, in the order of the ciphertext.
    pub(super) wrapped: Vec<Fingerprint>,
    /// Whether the ciphertext belongs to these parameters; `None` unless both exist.
    pub(super) recorded: Option<Result<(), CiphertextError>>,
}

impl Condensed {
    /// Removes the long values from both.
    pub(super) fn of(mut parameters: File<'_, Parameters>, mut ciphertext: File<'_, Ciphertext>) -> Self {
        let both = parameters.as_deref().zip(ciphertext.as_deref());
        let recorded = both.map(|((p, digest), (c, _))| c.check_recorded(p, digest));
        let parameters = parameters.iter_mut().flat_map(|file| &mut file.0.keys);
        let ciphertext = ciphertext.iter_mut().flat_map(|file| &mut file.0.keys);
        Self {
            wrapping_keys: parameters.map(|entry| condense(&mut entry.public_key)).collect(),
            wrapped: ciphertext.map(|entry| condense(&mut entry.wrapped_material)).collect(),
            recorded,
        }
    }
}

/// Returns the digest of a value and empties the value.
fn condense(value: &mut Base64Bytes) -> Fingerprint {
    let digest = Fingerprint::of(value.as_bytes());
    *value = Base64Bytes::from(&[][..]);
    digest
}
