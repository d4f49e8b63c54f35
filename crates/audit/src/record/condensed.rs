//! Makes the checks that need a record's long values while these are in memory, and keeps only digests. Wrapping keys and wrapped
//! materials are two thirds of their files, and lines name them by digest.

use keyferry_core::{Base64Bytes, Ciphertext, CiphertextError, Fingerprint, Parameters};

/// An artefact, and the digest of its file.
type File<'f, T> = Option<&'f mut (T, Fingerprint)>;

/// The digests that replace the long values.
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
    /// Takes the wrapping keys out of the parameters.
    pub(super) fn of_parameters(parameters: File<'_, Parameters>) -> Self {
        let nothing = Base64Bytes::from(&[][..]);
        let parameters = parameters.into_iter().flat_map(|file| &mut file.0.keys);
        let wrapping_keys = parameters.map(|entry| condense(&mut entry.public_key, &nothing)).collect();
        Self { wrapping_keys, ..Self::default() }
    }

    /// Takes the wrapped materials out of the ciphertext that is in the same folder.
    pub(super) fn add_ciphertext(
        &mut self,
        parameters: Option<&(Parameters, Fingerprint)>,
        ciphertext: File<'_, Ciphertext>,
    ) {
        let both = parameters.zip(ciphertext.as_deref());
        self.recorded = both.map(|((p, digest), (c, _))| c.check_recorded(p, &self.wrapping_keys, digest));
        let nothing = Base64Bytes::from(&[][..]);
        let ciphertext = ciphertext.into_iter().flat_map(|file| &mut file.0.keys);
        self.wrapped = ciphertext.map(|entry| condense(&mut entry.wrapped_material, &nothing)).collect();
    }
}

/// Replaces a value with an empty one, and returns its digest.
fn condense(value: &mut Base64Bytes, nothing: &Base64Bytes) -> Fingerprint {
    let digest = Fingerprint::of(value.as_bytes());
    *value = nothing.clone();
    digest
}
