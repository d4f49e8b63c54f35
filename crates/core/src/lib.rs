//! The pure core of keyferry: key material, wrapping keys, the three paddings, the plan, the artefacts and their checks.
//!
//! No files, no clock, no operating system randomness, no sockets, no printing: all of these are parameters or live in other
//! crates. The main types are:
//!
//! - [`KeyMaterial`]: 16 to 128 secret bytes, of a [`MaterialKind`].
//! - [`WrappingKey`] and [`WrappingAlgorithm`]: what [`wrap()`] wraps to, and how.
//! - [`CeremonyPlan`]: the one reviewed input.
//! - [`Parameters`] → [`CheckedParameters`]: what crosses to the offline station; only checked parameters wrap.
//! - [`Ciphertext`] → [`CheckedImport`]: what crosses back; only checked entries are sent.
//! - [`Escrow`]: the material of many keys, sealed under one key that shares recover.
//! - [`Transcript`]: the hash-chained record; [`Story`]: the state that its lines add up to.
//! - [`Step`]: one row of the table of a ceremony's steps.
//! - [`Explain`]: what a refusal says, in two languages, and which [`Control`] it belongs to.

pub mod artefact;
mod crypto;
mod error;
pub mod provider;
mod record;
mod words;

pub use artefact::{ciphertext, endpoint, escrow, parameters, plan, posture, session, token};
pub use crypto::{
    algorithm, commitment, entropy, kcv, material, padding, rsaep, scrub, secret, self_test, signer, wrap,
    wrapping_key,
};
pub use record::{command, sizes, steps, story, tally, transcript};
pub(crate) use words::{b64, bip39, serde_helpers, toml};
pub use words::{base64_text, control, encoding, explain, fingerprint, hex, id, text, time};

pub use algorithm::WrappingAlgorithm;
pub use artefact::ArtefactError;
pub use b64::Base64Bytes;
pub use ciphertext::{CheckedImport, Ciphertext, CiphertextEntry, CiphertextError, Origin, Source};
pub use command::{DeskCommand, HsmCommand, OfflineCommand, OnlineCommand};
pub use commitment::Commitment;
pub use control::Control;
pub use endpoint::{Endpoint, EndpointError};
pub use entropy::EntropyError;
pub use error::Error;
pub use escrow::{BackupSet, Escrow, EscrowEntry, EscrowError, EscrowKey, OpenEscrow};
pub use explain::{Bilingual, Class, Explain, Lang};
pub use fingerprint::{BadFingerprint, Fingerprint};
pub use id::{Alias, CeremonyId, KeyId, NoteText, PersonName, Purpose, Region};
pub use kcv::{Kcv, KcvMethod};
pub use material::{KeyMaterial, MaterialError, MaterialKind, MaterialLength};
pub use parameters::{CheckedEntry, CheckedParameters, ParameterEntry, Parameters, ParametersError};
pub use plan::{CeremonyPlan, PlanError, PlanKey, ValidTo};
pub use posture::{PostureCheck, PostureDemand, PostureFinding, PostureVerdict};
pub use provider::Provider;
pub use secret::{Heap, NoSecretMemory, SecretBuffer, SecretStore};
pub use self_test::SelfTestError;
pub use session::{Session, SessionEntry};
pub use sizes::Sizes;
pub use steps::{Step, StepName};
pub use story::Story;
pub use text::is_deceptive;
pub use time::{Clock, Span, Timestamp};
pub use token::{ImportToken, ImportTokenDigest};
pub use transcript::{Event, EventKind, Station, Transcript};
pub use wrap::{Unconfirmed, WrapError, WrappedKeyMaterial, wrap};
pub use wrapping_key::{RsaBits, WrappingKey, WrappingKeyError};
