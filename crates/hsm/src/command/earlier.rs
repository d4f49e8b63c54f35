//! The facts about the keys in the record of the ceremony that made them.

use std::collections::HashMap;
use std::path::Path;

use keyferry_core::story::Material;
use keyferry_core::transcript::KnownKeys;
use keyferry_core::{Alias, Commitment, Fingerprint, Kcv, KeyId, Purpose, Story, Transcript};
use keyferry_transport::read_transcript;

use crate::error::HsmError;
use crate::held::NotHeld;

/// The facts about the keys in the record of the ceremony that made them.
#[derive(Debug)]
pub(crate) struct Earlier {
    head: Fingerprint,
    purposes: Vec<Purpose>,
    keys: HashMap<KeyId, Recorded>,
}

/// A key's material according to that record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) kcv: Option<Kcv>,
    pub(crate) commitment: Commitment,
}

impl Earlier {
    /// Reads the record. An incomplete last line, which a killed program leaves, is ignored.
    ///
    /// # Errors
    /// [`HsmError`] if it is not a record.
    pub(crate) fn load(path: &Path) -> Result<Self, HsmError> {
        let chain = read_transcript(path, &KnownKeys::default())?;
        Ok(Self::of(&chain.ok_or(NotHeld::NoRecord)?))
    }

    fn of(chain: &Transcript) -> Self {
        let story = Story::of(chain);
        let of_token = |material: Material<'_>| {
            let commitment = material.commitment.filter(Commitment::is_of_token)?;
            Some(Recorded { kcv: material.kcv, commitment })
        };
        let told = story.keys().iter();
        let keys = told.filter_map(|key| Some((key.wrapped()?.key_id.clone(), of_token(key.material()?)?)));
        let purposes = story.runs().iter().map(|run| run.purpose).collect();
        Self { head: story.head(), purposes, keys: keys.collect() }
    }

    /// The record's last line.
    pub(crate) const fn head(&self) -> Fingerprint {
        self.head
    }

    /// Checks that every command in the record ran for this purpose.
    ///
    /// # Errors
    /// [`NotHeld::Purpose`].
    pub(crate) fn check_purpose(&self, own: Purpose) -> Result<(), NotHeld> {
        let same = self.purposes.iter().all(|purpose| *purpose == own);
        if same { Ok(()) } else { Err(NotHeld::Purpose(own)) }
    }

    /// Returns a key's material according to the record.
    ///
    /// # Errors
    /// [`NotHeld::NotRecorded`].
    pub(crate) fn recorded(&self, alias: &Alias, key: &KeyId) -> Result<Recorded, NotHeld> {
        self.keys.get(key).copied().ok_or_else(|| NotHeld::NotRecorded(alias.clone()))
    }
}

impl Recorded {
    /// Checks that the token's key is this material.
    ///
    /// # Errors
    /// [`NotHeld::Other`].
    pub(crate) fn check(
        self,
        alias: &Alias,
        (commitment, kcv): (Commitment, Option<Kcv>),
    ) -> Result<(), NotHeld> {
        let same_kcv = self.kcv.zip(kcv).is_none_or(|(recorded, found)| recorded == found);
        if commitment == self.commitment && same_kcv {
            return Ok(());
        }
        let (found, recorded) = (commitment, self.commitment);
        Err(NotHeld::Other { alias: alias.clone(), found, recorded })
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::{KcvMethod, KeyMaterial};

    use super::*;

    #[test]
    fn other_material_is_refused() {
        let alias: Alias = "a".parse().unwrap();
        let kcv = |byte| Kcv::of(&KeyMaterial::from_bytes(&[byte; 32]).unwrap(), KcvMethod::Aes).ok();
        let [right, other] = [1, 2].map(|byte| Commitment::of_token([byte; 32]));
        let recorded = Recorded { kcv: kcv(1), commitment: right };
        assert_eq!(recorded.check(&alias, (right, kcv(1))), Ok(()));
        assert_eq!(recorded.check(&alias, (right, None)), Ok(()), "the plan wants none");
        assert!(matches!(recorded.check(&alias, (other, kcv(1))), Err(NotHeld::Other { .. })));
        // One of the two check values must be made up.
        assert!(matches!(recorded.check(&alias, (right, kcv(2))), Err(NotHeld::Other { .. })));
        // The offline station's commitment to the same bytes is different.
        let hmac = Commitment::of(&KeyMaterial::from_bytes(&[1; 32]).unwrap());
        assert!(matches!(recorded.check(&alias, (hmac, kcv(1))), Err(NotHeld::Other { .. })));
    }
}
