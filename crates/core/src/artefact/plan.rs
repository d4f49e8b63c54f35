//! The plan: the one reviewed input of a ceremony (`plan.toml`), parsed strictly and checked across fields.
//!
//! Refuses unknown fields and versions, duplicates, and every silent default that could hurt: expiry, backup and purpose are
//! chosen in the text. Refuses characters that a reviewer cannot see, wherever they are in the file. The plan's digest is the SHA-256 of its exact bytes.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::de::{from_str, serde_as_text};
use crate::id::{NoteText, PersonName};
use crate::provider::{KeyKind, Material};
use crate::text::visible;
use crate::{
    Alias, CeremonyId, Fingerprint, KeyId, MaterialKind, MaterialLength, Provider, Purpose, Region, Span,
    Timestamp, WrappingAlgorithm,
};

mod error;
mod facts;
mod finding;
mod judge;
mod near;
pub mod outline;
mod people;
mod posture;
mod ready;
mod room;
mod rules;
mod schema;
mod version;
mod walk;

use error::quoted;
pub use error::{BadValue, PlanError};
pub use finding::{Finding, MAX_FINDINGS, Place, Severity};
pub use judge::Judgement;
pub use posture::{ClockWindow, Posture, Waiver};
pub use room::{Hsm, KcvChoice, Language, NamesChoice, Thing};

pub use crate::PostureCheck;

/// Name of the file, as a record has it.
pub const PLAN_FILE: &str = "plan.toml";

/// The format that plans have now.
pub const PLAN_FORMAT: &str = "keyferry/plan/2";
/// The format before, which is read for ever.
pub const FORMER_PLAN_FORMAT: &str = "keyferry/plan/1";
/// Longest plan in bytes: 100,000 keys fit.
pub const MAX_PLAN: usize = 32 * 1024 * 1024;
/// Most keys in one plan.
pub const MAX_KEYS: usize = 100_000;

/// A reviewed ceremony plan.
///
/// # Examples
#[doc = include_str!("../provider/example.md")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CeremonyPlan {
    text: PlanText,
    digest: Fingerprint,
}

/// The plan as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanText {
    format: String,
    ceremony: CeremonyId,
    purpose: Purpose,
    #[serde(default)]
    algorithm: WrappingAlgorithm,
    #[serde(default = "default_minimum_time_left", deserialize_with = "from_str")]
    minimum_time_left: Span,
    #[serde(default)]
    participant: Vec<Participant>,
    key: Vec<PlanKey>,
    backup: Backup,
    #[serde(default)]
    posture: Posture,
    clock: Option<ClockWindow>,
    // From here on: since version 2.
    endpoint: Option<String>,
    languages: Option<Vec<Language>>,
    place: Option<NoteText>,
    approved_by: Option<Vec<PersonName>>,
    rehearsed_record: Option<Fingerprint>,
    kcv: Option<KcvChoice>,
    names: Option<NamesChoice>,
    image_sha256: Option<Fingerprint>,
    thing: Option<Vec<Thing>>,
    hsm: Option<Hsm>,
}

fn default_minimum_time_left() -> Span {
    Span::from_seconds(3600)
}

/// A person in the room.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// As it shall stand in the record.
    pub name: PersonName,
    /// What the person is there for.
    pub role: Role,
    /// OpenSSH public key that signs the record, one line.
    pub ssh_key: Option<String>,
    /// The custodian whose place this one takes if need be.
    pub deputy_of: Option<PersonName>,
}

/// What a participant is there for.
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
    /// The role in people's words.
    #[must_use]
    pub fn name(self) -> crate::Bilingual {
        match self {
            Self::Operator => crate::bi!("operator", "操作员"),
            Self::Witness => crate::bi!("witness", "见证人"),
            Self::Custodian => crate::bi!("custodian", "保管人"),
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
    /// Explicit kind, where the region's expected one is not the actual one.
    kind: Option<String>,
    /// What version 1 wrote in its place: the length.
    bits: Option<MaterialLength>,
    /// When the service deletes the material.
    pub valid_to: ValidTo,
    /// Head of the record of the ceremony before this one for the same key.
    pub previous_record: Option<Fingerprint>,
}

impl PlanKey {
    /// The kind of the key: as the plan says, else what the provider's facts let expect in the region.
    #[must_use]
    pub fn kind(&self) -> &'static KeyKind {
        let facts = self.provider.facts();
        self.named_kind().or_else(|| facts.expected_kind(self.region.as_str())).unwrap_or(&NO_KIND)
    }

    fn named_kind(&self) -> Option<&'static KeyKind> {
        let facts = self.provider.facts();
        let of_length = |length| facts.kinds.iter().copied().find(|k| k.material.length == length);
        self.kind.as_deref().and_then(|name| facts.kind(name)).or_else(|| self.bits.and_then(of_length))
    }

    /// That the material would not expire at once.
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

/// A plan that was checked has none of this kind; its length is no key's.
static NO_KIND: KeyKind =
    KeyKind { name: "?", material: Material { kind: MaterialKind::Aes, length: MaterialLength::MAX } };

/// When the service deletes imported material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValidTo {
    /// Never: written `never`, sent as 0.
    Never,
    /// At that time.
    At(Timestamp),
}

impl ValidTo {
    /// As `ImportKeyMaterial` and `DescribeKey` write it: 0 for never, else Unix seconds.
    #[must_use]
    pub fn api_seconds(self) -> u64 {
        match self {
            Self::Never => 0,
            Self::At(t) => u64::try_from(t.unix()).unwrap_or(0),
        }
    }
}

impl fmt::Display for ValidTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::At(t) => t.fmt(f),
        }
    }
}

/// The text is neither `never` nor a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadValidTo;

impl fmt::Display for BadValidTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected \"never\" or a UTC time such as 2030-01-01T00:00:00Z")
    }
}

impl std::error::Error for BadValidTo {}

impl FromStr for ValidTo {
    type Err = BadValidTo;

    fn from_str(s: &str) -> Result<Self, BadValidTo> {
        if s == "never" {
            return Ok(Self::Never);
        }
        let t: Timestamp = s.parse().map_err(|_| BadValidTo)?;
        if t.unix() > 0 { Ok(Self::At(t)) } else { Err(BadValidTo) }
    }
}

serde_as_text!(ValidTo);

/// How the material is backed up before it is wrapped.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "scheme", rename_all = "lowercase", deny_unknown_fields)]
pub enum Backup {
    /// No backup: the reviewed plan says why.
    None {
        /// Why none is needed.
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

impl CeremonyPlan {
    /// A plan of this version: what a program writes a plan from.
    ///
    /// # Errors
    /// [`PlanError::Former`] for one of version 1.
    pub fn check_version(&self) -> Result<(), PlanError> {
        if self.text.format == PLAN_FORMAT { Ok(()) } else { Err(PlanError::Former) }
    }

    /// SHA-256 of the plan's exact bytes.
    #[must_use]
    pub const fn digest(&self) -> Fingerprint {
        self.digest
    }

    /// Id of the ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> &CeremonyId {
        &self.text.ceremony
    }

    /// Production or rehearsal.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.text.purpose
    }

    /// The wrapping algorithm of every key.
    #[must_use]
    pub const fn algorithm(&self) -> WrappingAlgorithm {
        self.text.algorithm
    }

    /// Of the parameters' 24 hours, what must be left when wrapping starts.
    #[must_use]
    pub const fn minimum_time_left(&self) -> Span {
        self.text.minimum_time_left
    }

    /// The people.
    #[must_use]
    pub fn participants(&self) -> &[Participant] {
        &self.text.participant
    }

    /// The keys, in the plan's order.
    #[must_use]
    pub fn keys(&self) -> &[PlanKey] {
        &self.text.key
    }

    /// The chosen backup.
    #[must_use]
    pub const fn backup(&self) -> &Backup {
        &self.text.backup
    }

    /// The required posture.
    #[must_use]
    pub const fn posture(&self) -> &Posture {
        &self.text.posture
    }

    /// Whether this plan requires the check, listed or by its purpose.
    #[must_use]
    pub fn requires(&self, check: PostureCheck) -> bool {
        self.posture().requires(check, self.purpose())
    }

    /// The time for which the ceremony is planned.
    #[must_use]
    pub const fn clock(&self) -> Option<&ClockWindow> {
        self.text.clock.as_ref()
    }
}

#[cfg(test)]
mod tests;
