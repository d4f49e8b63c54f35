//! One key: what it holds, how it changes with time, and how it is shown.

use std::fmt;
use std::sync::Arc;

use keyferry_core::{Fingerprint, Timestamp, WrappingAlgorithm};
use keyferry_tencent::Edition;
use keyferry_tencent::Sensitive;
use keyferry_tencent::wire::{KeyMetadata, KeyState, Origin, Tag};
use rsa::PrivateKey;
use zeroize::Zeroizing;

use crate::refusal::Refusal;

/// The account that all keys belong to.
pub(crate) const CREATOR_UIN: u64 = 100_000_000_001;

/// The usage of keys that encrypt. Keys with other usages can be made, named, listed and deleted, but their operations are
/// not emulated.
pub(crate) const USAGE: &str = "ENCRYPT_DECRYPT";

/// `NextRotateTime` is a year after the creation, even if rotation is off: `ceremony/spec/tencent-kms.md` §5.10.
const YEAR: u64 = 31_536_000;

/// How many earlier fetches of a key are remembered, to explain a refused import.
pub(crate) const KEPT_FETCHES: usize = 8;

/// One key.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) alias: String,
    pub(crate) description: String,
    pub(crate) created: Timestamp,
    pub(crate) origin: Origin,
    pub(crate) edition: Edition,
    /// [`USAGE`], or one of the vendor's asymmetric ones.
    pub(crate) usage: String,
    pub(crate) state: KeyState,
    pub(crate) tags: Vec<Tag>,
    pub(crate) rotation: bool,
    /// When a key in PendingDelete is deleted.
    pub(crate) deletion: Option<Timestamp>,
    pub(crate) material: Option<Zeroizing<Vec<u8>>>,
    /// When the material is or was deleted; `None` for never.
    pub(crate) valid_to: Option<Timestamp>,
    /// The material that the key is bound to for life, once some was imported.
    pub(crate) binding: Option<Binding>,
    /// The parameters of the last fetch; earlier ones can no longer be used.
    pub(crate) parameters: Option<ImportParameters>,
    /// At most [`KEPT_FETCHES`] earlier ones of this run, the newest last; used only to explain a refusal.
    pub(crate) earlier: Vec<Handed>,
    /// How often material was accepted.
    pub(crate) imports: u64,
    /// How often parameters were issued.
    pub(crate) fetches: u64,
}

/// A pair that was issued, and its token.
#[derive(Clone)]
pub(crate) struct Handed {
    pub(crate) token: Fingerprint,
    pub(crate) pair: Arc<PrivateKey>,
}

/// The SHA-256 of the first imported material, to recognise it without keeping it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Binding(pub(crate) Fingerprint);

impl Binding {
    pub(crate) fn of(material: &[u8]) -> Self {
        Self(Fingerprint::of(material))
    }
}

/// The parameters that one `GetParametersForImport` returned.
#[derive(Clone)]
pub(crate) struct ImportParameters {
    pub(crate) token: Sensitive,
    /// Keys may share a pair, but two consecutive fetches of one key never do.
    pub(crate) private_key: Arc<PrivateKey>,
    pub(crate) algorithm: WrappingAlgorithm,
    pub(crate) valid_to: Timestamp,
}

impl ImportParameters {
    /// The part that is kept to explain a later refusal.
    pub(crate) fn handed(&self) -> Handed {
        Handed { token: Fingerprint::of(self.token.expose().as_bytes()), pair: self.private_key.clone() }
    }
}

impl Key {
    /// Replaces the parameters: only the last fetch counts.
    pub(crate) fn replace_parameters(&mut self, fresh: ImportParameters) {
        let before = self.parameters.replace(fresh);
        self.earlier.extend(before.map(|parameters| parameters.handed()));
        let surplus = self.earlier.len().saturating_sub(KEPT_FETCHES);
        self.earlier.drain(..surplus);
    }

    /// Applies the changes that are due: at `ValidTo` the material is deleted, as by `DeleteImportedKeyMaterial`,
    /// except that `ValidTo` stays visible.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        if self.material.is_some() && self.valid_to.is_some_and(|time| time <= now) {
            self.material = None;
            if self.state != KeyState::PendingDelete {
                self.state = KeyState::PendingImport;
            }
        }
    }

    /// Whether its deletion date has come, so that the key is gone for good.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        self.deletion.is_some_and(|date| date <= now)
    }

    pub(crate) fn must_be_external(&self) -> Result<(), Refusal> {
        if self.origin == Origin::External { Ok(()) } else { Err(Refusal::not_external()) }
    }

    /// Whether it waits for material; only an external key can.
    pub(crate) fn waits(&self) -> bool {
        self.origin == Origin::External && self.material.is_none()
    }

    /// Checks that the key is symmetric, so that it encrypts, decrypts and rotates.
    pub(crate) fn must_be_symmetric(&self) -> Result<(), Refusal> {
        if self.usage == USAGE { Ok(()) } else { Err(Refusal::invalid("KeyId")) }
    }

    pub(crate) fn metadata(&self) -> KeyMetadata {
        let created = seconds(Some(self.created));
        KeyMetadata {
            key_id: self.id.clone(),
            alias: self.alias.clone(),
            create_time: created,
            description: self.description.clone(),
            key_state: self.state,
            key_usage: self.usage.clone(),
            key_type: self.edition.key_type(),
            creator_uin: CREATOR_UIN,
            key_rotation_enabled: self.rotation,
            owner: "user".to_owned(),
            next_rotate_time: created.saturating_add(YEAR),
            deletion_date: Some(seconds(self.deletion)),
            origin: Some(self.origin),
            valid_to: Some(seconds(self.valid_to)),
            resource_id: format!("creatorUin/{CREATOR_UIN}/{}", self.id),
            hsm_cluster_id: Some(String::new()),
        }
    }
}

/// Unix seconds as the service writes them: 0 for none.
pub(crate) fn seconds(time: Option<Timestamp>) -> u64 {
    time.and_then(|time| u64::try_from(time.unix()).ok()).unwrap_or(0)
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
