//! The binding of an entry, which ties it to the parameters and to its file, in each version.

use super::entry::{CiphertextEntry, Origin};
use crate::artefact::Version;
use crate::{Fingerprint, Purpose};

/// The values that every entry of one file is bound to.
pub(super) struct Bound<'b> {
    pub(super) version: Version,
    pub(super) parameters: &'b Fingerprint,
    pub(super) purpose: Purpose,
    pub(super) origin: Origin,
}

impl CiphertextEntry {
    pub(super) fn expected_binding(&self, to: &Bound<'_>) -> Fingerprint {
        match to.version {
            Version::One => binding_1(self, to.parameters),
            Version::Two => self.binding_2(to),
        }
    }

    fn binding_2(&self, to: &Bound<'_>) -> Fingerprint {
        let (kcv_method, kcv) =
            self.kcv.map(|k| (k.method.as_str(), k.value.to_string())).unwrap_or_default();
        let commitment = self.commitment.map(|c| c.digits()).unwrap_or_default();
        Fingerprint::of_fields(&[
            b"keyferry/ciphertext-binding/2",
            to.parameters.as_bytes(),
            to.purpose.as_str().as_bytes(),
            to.origin.source.as_str().as_bytes(),
            &[u8::from(to.origin.seeded)],
            &to.origin.wrapped_at.unix().to_be_bytes(),
            self.alias.as_str().as_bytes(),
            self.provider.facts().id.as_bytes(),
            self.region.as_str().as_bytes(),
            self.key_id.as_str().as_bytes(),
            self.algorithm.as_str().as_bytes(),
            self.wrapping_key_sha256.as_bytes(),
            self.material.kind.as_str().as_bytes(),
            &(self.material.length.bytes() as u64).to_be_bytes(),
            self.wrapped_material.as_bytes(),
            kcv_method.as_bytes(),
            kcv.as_bytes(),
            commitment.as_bytes(),
        ])
    }
}

/// Version 1 did not bind the purpose, the origin or the provider.
fn binding_1(entry: &CiphertextEntry, parameters: &Fingerprint) -> Fingerprint {
    let (method, kcv) = entry.kcv.map(|k| (k.method.as_str(), k.value.to_string())).unwrap_or_default();
    Fingerprint::of_fields(&[
        b"keyferry/ciphertext-binding/1",
        parameters.as_bytes(),
        entry.alias.as_str().as_bytes(),
        entry.region.as_str().as_bytes(),
        entry.key_id.as_str().as_bytes(),
        entry.algorithm.as_str().as_bytes(),
        entry.wrapping_key_sha256.as_bytes(),
        &entry.material.length.bits().to_be_bytes(),
        entry.wrapped_material.as_bytes(),
        method.as_bytes(),
        kcv.as_bytes(),
        entry.commitment.map(|c| c.to_string()).unwrap_or_default().as_bytes(),
    ])
}
