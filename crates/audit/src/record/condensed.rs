//! What a record's long values are needed for, done while they are in memory: their digests, and the check that reads them. Wrapping keys and
//! wrapped materials are two thirds of their files, and lines name them by their digests.

use keyferry_core::{Base64Bytes, Ciphertext, CiphertextError, Fingerprint, Parameters};

/// An artefact, and the digest of its file.
type File<T> = Option<(T, Fingerprint)>;

/// What is kept of values that are not.
#[derive(Clone, Debug, Default)]
pub(super) struct Condensed {
    /// Of each wrapping key, in the order of the parameters.
    pub(super) wrapping_keys: Vec<Fingerprint>,
    /// Of each wrapped material, in the order of the ciphertext.
    pub(super) wrapped: Vec<Fingerprint>,
    /// Whether the ciphertext is of these parameters; `None` unless both are there.
    pub(super) recorded: Option<Result<(), CiphertextError>>,
}

impl Condensed {
    /// Takes the long values out of both.
    pub(super) fn of(parameters: &mut File<Parameters>, ciphertext: &mut File<Ciphertext>) -> Self {
        let both = parameters.as_ref().zip(ciphertext.as_ref());
        let recorded = both.map(|((p, digest), (c, _))| c.check_recorded(p, digest));
        let parameters = parameters.iter_mut().flat_map(|(file, _)| &mut file.keys);
        let ciphertext = ciphertext.iter_mut().flat_map(|(file, _)| &mut file.keys);
        Self {
            wrapping_keys: parameters.map(|entry| condense(&mut entry.public_key)).collect(),
            wrapped: ciphertext.map(|entry| condense(&mut entry.wrapped_material)).collect(),
            recorded,
        }
    }
}

/// The digest of a value, which is then empty.
fn condense(value: &mut Base64Bytes) -> Fingerprint {
    let digest = Fingerprint::of(value.as_bytes());
    *value = Base64Bytes::from(&[][..]);
    digest
}
