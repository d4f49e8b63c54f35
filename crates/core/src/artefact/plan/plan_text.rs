//! The plan in its written form: its fields, its people, its keys, its backup.

use serde::{Deserialize, Serialize};

use super::plan_error::PlanError;
use super::posture_demands::{ClockWindow, Posture};
use super::room::{Hsm, KcvChoice, Language, NamesChoice, Thing};
use crate::id::{NoteText, PersonName};
use crate::provider::{KeyKind, Material};
use crate::serde_helpers::from_str;
use crate::text::visible;
use crate::{
    Alias, Bilingual, CeremonyId, Fingerprint, KeyId, MaterialKind, MaterialLength, Provider, Purpose,
    Region, Span, Timestamp, ValidTo, WrappingAlgorithm, bi,
};

/// The plan in its written form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanText {
    pub(super) format: String,
    pub(super) ceremony: CeremonyId,
    pub(super) purpose: Purpose,
    #[serde(default)]
    pub(super) algorithm: WrappingAlgorithm,
    #[serde(default = "default_minimum_time_left", deserialize_with = "from_str")]
    pub(super) minimum_time_left: Span,
    #[serde(default)]
    pub(super) participant: Vec<Participant>,
    #[serde(deserialize_with = "crate::serde_helpers::entries")]
    pub(super) key: Vec<PlanKey>,
    pub(super) backup: Backup,
    #[serde(default)]
    pub(super) posture: Posture,
    pub(super) clock: Option<ClockWindow>,
    // The fields below were added in version 2.
    pub(super) endpoint: Option<String>,
    pub(super) languages: Option<Vec<Language>>,
    pub(super) place: Option<NoteText>,
    pub(super) approved_by: Option<Vec<PersonName>>,
    pub(super) rehearsed_record: Option<Fingerprint>,
    pub(super) kcv: Option<KcvChoice>,
    pub(super) names: Option<NamesChoice>,
    pub(super) image_sha256: Option<Fingerprint>,
    pub(super) thing: Option<Vec<Thing>>,
    pub(super) hsm: Option<Hsm>,
}

fn default_minimum_time_left() -> Span {
    Span::from_seconds(3600)
}

/// A person in the room.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// The name, exactly as the record must contain it.
    pub name: PersonName,
    /// The person's role.
    pub role: Role,
    /// The person's OpenSSH public key, on one line; its private half signs the record.
    pub ssh_key: Option<String>,
    /// The custodian whose place this person takes if needed.
    pub deputy_of: Option<PersonName>,
}

/// The role of a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Types the commands.
    Operator,
    /// Watches, compares and signs.
    Witness,
    /// Keeps a share.
    Custodian,
}

impl Role {
    /// The role, in words that people read.
    #[must_use]
    pub fn name(self) -> Bilingual {
        match self {
            Self::Operator => bi!("operator", "操作员"),
            Self::Witness => bi!("witness", "见证人"),
            Self::Custodian => bi!("custodian", "保管人"),
        }
    }
}

/// One key of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanKey {
    /// Alias in the service.
    pub alias: Alias,
    /// Who runs the KMS.
    pub provider: Provider,
    /// Region of the key.
    pub region: Region,
    /// Key id; `None` only until `create-key` has filled it in.
    pub key_id: Option<KeyId>,
    /// Explicit kind, for a region whose actual kind is not the expected one.
    pub(super) kind: Option<String>,
    /// The length, which version 1 wrote in place of the kind.
    pub(super) bits: Option<MaterialLength>,
    /// When the service deletes the material.
    pub valid_to: ValidTo,
    /// Head of the record of the previous ceremony for the same key.
    pub previous_record: Option<Fingerprint>,
}

impl PlanKey {
    /// The kind of the key: the plan's, or else the one that the provider's facts expect in the region.
    #[must_use]
    pub fn kind(&self) -> &'static KeyKind {
        let facts = self.provider.facts();
        self.named_kind().or_else(|| facts.expected_kind(self.region.as_str())).unwrap_or(&NO_KIND)
    }

    pub(super) fn named_kind(&self) -> Option<&'static KeyKind> {
        let facts = self.provider.facts();
        let of_length = |length| facts.kinds.iter().copied().find(|k| k.material.length == length);
        self.kind.as_deref().and_then(|name| facts.kind(name)).or_else(|| self.bits.and_then(of_length))
    }

    /// Checks that the material would not expire immediately.
    ///
    /// # Errors
    /// [`PlanError::ValidToPassed`].
    pub fn check_valid_to(&self, now: Timestamp) -> Result<(), PlanError> {
        match self.valid_to {
            ValidTo::At(time) if time <= now => Err(PlanError::ValidToPassed(self.alias.clone())),
            _ => Ok(()),
        }
    }

    /// The key id.
    ///
    /// # Errors
    /// [`PlanError::NoKeyId`] while the plan is a draft.
    pub fn key_id(&self) -> Result<&KeyId, PlanError> {
        self.key_id.as_ref().ok_or_else(|| PlanError::NoKeyId(self.alias.clone()))
    }
}

/// A placeholder. No key of a checked plan has this kind, and no key has its length.
static NO_KIND: KeyKind =
    KeyKind { name: "?", material: Material { kind: MaterialKind::Aes, length: MaterialLength::MAX } };

/// How the material is backed up before it is wrapped.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "scheme", rename_all = "lowercase", deny_unknown_fields)]
pub enum Backup {
    /// No backup, for the reason that the reviewed plan states.
    None {
        /// Why no backup is needed.
        #[serde(deserialize_with = "visible")]
        reason: String,
    },
    /// SLIP-39 shares.
    Slip39 {
        /// Shares needed to recover.
        threshold: u8,
        /// Shares made.
        shares: u8,
    },
}
