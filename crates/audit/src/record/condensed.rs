//! The checks that need a record's long values, done while they are in memory: their digests, and the check that reads them. Wrapping keys
//! and wrapped materials are two thirds of their files, and lines name them by their digests.

use keyferry_core::{Base64Bytes, Ciphertext, CiphertextError, Fingerprint, Parameters};

/// An artefact, and the digest of its file.
type File<'f, T> = Option<&'f mut (T, Fingerprint)>;

/// What is kept of values that are not.
#[derive(Clone, Debug, Default)]
pub(super) struct Condensed {
    /// Of each wrapping key, in the order of the parameters.
    pub(super) wrapping_keys: Vec<Fingerprint>,
    /// Of each wrapped material, in the order of the ciphertext.
    pub(super) wrapped: Vec<Fingerprint>,
    /// Whether the ciphertext belongs to these parameters; `None` unless both are there.
    pub(super) recorded: Option<Result<(), CiphertextError>>,
}

impl Condensed {
    /// Takes the long values out of both.
    pub(super) fn of(mut parameters: File<'_, Parameters>, mut ciphertext: File<'_, Ciphertext>) -> Self {
        let both = parameters.as_deref().zip(ciphertext.as_deref());
        let recorded = both.map(|((p, digest), (c, _))| c.check_recorded(p, digest));
        let nothing = Base64Bytes::from(&[][..]);
        let parameters = parameters.iter_mut().flat_map(|file| &mut file.0.keys);
        let ciphertext = ciphertext.iter_mut().flat_map(|file| &mut file.0.keys);
        Self {
            wrapping_keys: parameters.map(|entry| condense(&mut entry.public_key, &nothing)).collect(),
            wrapped: ciphertext.map(|entry| condense(&mut entry.wrapped_material, &nothing)).collect(),
            recorded,
        }
    }
}

/// The digest of a value, whose place an empty one takes.
fn condense(value: &mut Base64Bytes, nothing: &Base64Bytes) -> Fingerprint {
    let digest = Fingerprint::of(value.as_bytes());
    *value = nothing.clone();
    digest
}
