//! The events: one type for each kind of line, and the words that the lines use.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::said::Said;
use super::share_words::{ShareMedium, Shared};
use crate::commitment::with_method;
use crate::entropy::Credit;
use crate::escrow::BackupSet;
use crate::id::{NoteText, PersonName};
use crate::provider::Material;
use crate::serde_helpers::stated;
use crate::{
    Alias, Commitment, Fingerprint, ImportTokenDigest, Kcv, KeyId, PostureCheck, PostureFinding, Purpose,
    Region, Timestamp, ValidTo, WrappingAlgorithm,
};

/// Which station wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Station {
    Online,
    Offline,
}

/// Who confirmed the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeSource {
    /// A person answered `Yes` to the question that named the time.
    Person,
    /// A person entered it, with `--now` or when the program asked for it.
    Given,
    /// It is in the window of the reviewed plan.
    Plan,
}

/// Where key material came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaterialSource {
    /// The operating system's generator.
    OperatingSystem,
    /// ChaCha20 with a published seed, with or without contributions mixed in: only in rehearsals.
    Seeded,
    /// The operating system's generator, mixed with contributions to entropy.
    Mixed,
    /// A token made it and released it only in wrapped form.
    Hsm,
}

/// The kind of memory that holds key material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryKind {
    /// `memfd_secret(2)`: pages that even the kernel does not map.
    SecretPages,
    /// Anonymous pages, locked into memory.
    LockedPages,
    /// Neither was available: the memory is wiped, but not locked.
    Unlocked,
}

/// What happened to a key in the token after it was wrapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HsmKeyEnd {
    /// It was destroyed.
    Destroyed,
    /// The key stays in the token but can no longer be extracted: the module refused to wrap it a second
    /// time.
    Kept {
        /// Its label.
        label: String,
        /// The `CK_RV` of that call.
        refused: String,
    },
    /// The key stays in the token, which wraps it only to public keys that its security officer marked as trusted: the module
    /// refused to wrap it to another key.
    Trusted {
        /// Its label.
        label: String,
        /// The `CK_RV` of that call.
        refused: String,
    },
    /// The key stays as it was found, and anybody with the PIN can have it wrapped. Only for a key that was restored from a
    /// backup.
    Stays {
        /// Its label.
        label: String,
    },
}

/// What happened. A record has several events for each key, and every event takes as much memory as the largest variant, so the
/// longest members are boxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
#[allow(missing_docs)] // The names are the record's words; ceremony/audit/formats.md explains each.
pub enum Event {
    /// A station began a command.
    Begun { command: String, program: String, plan_sha256: Option<Fingerprint>, purpose: Purpose },
    /// An unterminated last line, left by a crash, was cut off.
    TailRepaired { bytes: u64, sha256: Fingerprint },
    /// A key was created in the service.
    KeyCreated { alias: Alias, region: Region, key_id: KeyId, request_id: String },
    /// Import parameters of one key were fetched.
    ParametersFetched {
        alias: Alias,
        region: Region,
        key_id: KeyId,
        algorithm: WrappingAlgorithm,
        wrapping_key_sha256: Box<Fingerprint>,
        #[serde(deserialize_with = "stated")]
        import_token_sha256: Option<Box<ImportTokenDigest>>,
        #[serde(deserialize_with = "stated")]
        expires_at: Option<Timestamp>,
        request_id: String,
    },
    /// `parameters.json` and `session.json` exist.
    Exported { parameters_sha256: Fingerprint, endpoint: String, keys: u64 },
    /// One key failed; the run continued with the others.
    KeyFailed { alias: Alias, control: String, reason: String },
    /// A person entered the time because the clock could not be trusted.
    TimeGiven { given: Timestamp, clock: Timestamp },
    /// Somebody confirmed the time, which also confirms that the parameters have not expired: who did so, and the time
    /// on the machine's clock.
    TimeConfirmed { time: Timestamp, clock: Timestamp, expires_at: Timestamp, by: TimeSource },
    /// The machine's posture before any secret existed, and the SHA-256 of the program that checked it.
    PostureChecked { program_sha256: Option<Fingerprint>, findings: Vec<PostureFinding> },
    /// The plan waives a posture check of the baseline.
    PostureWaived { check: PostureCheck, reason: Said<String> },
    /// A file was checked against the plan or session.
    Checked { file: String, sha256: Fingerprint },
    /// People agreed that a digest is the same on both sides.
    Confirmed { file: String, sha256: Fingerprint },
    /// The process dropped privileges before any secret existed; lists the protections that took effect.
    /// `landlock_abi` is 0 if the kernel has no Landlock.
    Confined {
        no_new_privs: bool,
        limits: bool,
        seccomp: bool,
        landlock_abi: u32,
        memory: MemoryKind,
        process_locked: bool,
    },
    /// The plan chose to have no backup.
    BackupWaived { reason: Said<String> },
    /// An operator's contribution to entropy is fixed, before either operator reveals theirs.
    EntropyCommitted { operator: u8, commitment: Fingerprint },
    /// From here on, contributions are mixed into all material.
    EntropyMixed { contributions: Vec<Credit> },
    /// A PKCS#11 module was loaded and a token was chosen, with what both report about themselves. With `keep`, keys stay in
    /// the token under this label.
    HsmLoaded {
        file: Box<str>,
        module_sha256: Box<Fingerprint>,
        module: Box<str>,
        token: Box<str>,
        serial: Box<str>,
        hardware: Box<str>,
        network: bool,
        network_denied: bool,
        #[serde(deserialize_with = "stated")]
        keep: Option<Box<str>>,
    },
    /// The token wrapped a throw-away key of this length, and the result could be decrypted with exactly this
    /// padding.
    HsmProbed { algorithm: WrappingAlgorithm, bits: u16, kcv: bool },
    /// What the module says about a key that it made, and what happened to the key.
    HsmKey { alias: Alias, attributes: BTreeMap<String, String>, end: HsmKeyEnd },
    /// Material exists in memory.
    MaterialGenerated {
        alias: Alias,
        material: Material,
        source: MaterialSource,
        #[serde(deserialize_with = "stated")]
        kcv: Option<Kcv>,
        #[serde(with = "with_method")]
        commitment: Option<Commitment>,
    },
    /// Material was wrapped.
    Wrapped { alias: Alias, key_id: KeyId, wrapping_key_sha256: Fingerprint, wrapped_sha256: Fingerprint },
    /// Shares exist in memory, and a test combination recovered the secret; none was handed out yet.
    SharesMade {
        set: BackupSet,
        threshold: u8,
        shares: u8,
        gives: Shared,
        #[serde(deserialize_with = "stated")]
        kcv: Option<Kcv>,
        commitment: Commitment,
    },
    /// One share was handed out and read back; the commitment is the digest of its words.
    ShareConfirmed {
        set: BackupSet,
        number: u8,
        of: u8,
        custodian: Option<Said<PersonName>>,
        medium: ShareMedium,
        share_sha256: Fingerprint,
    },
    /// People agreed that the shares of an interrupted run are void.
    SharesVoid { set: BackupSet, confirmed: u8 },
    /// `escrow.json` exists.
    EscrowWritten { escrow_sha256: Fingerprint, keys: u64 },
    /// Shares were combined, and the result matches the commitment in the record whose last line is named.
    SharesCombined { set: BackupSet, numbers: Vec<u8>, commitment: Commitment, record_head: Box<Fingerprint> },
    /// The holder of one share showed that it is the one that was confirmed.
    ShareProved { set: BackupSet, number: u8, share_sha256: Fingerprint },
    /// The material of one key was recovered and matches the commitment in the record.
    MaterialRecovered {
        alias: Alias,
        key_id: KeyId,
        material: Material,
        #[serde(deserialize_with = "stated")]
        kcv: Option<Kcv>,
        #[serde(with = "with_method")]
        commitment: Option<Commitment>,
    },
    /// A token still has the material of one key, or has it again: it matches the commitment in the record whose last line is
    /// named.
    MaterialHeld {
        alias: Alias,
        key_id: KeyId,
        material: Material,
        #[serde(deserialize_with = "stated")]
        kcv: Option<Kcv>,
        #[serde(with = "with_method")]
        commitment: Option<Commitment>,
        record_head: Fingerprint,
    },
    /// `ciphertext.json` exists.
    CiphertextWritten {
        ciphertext_sha256: Fingerprint,
        parameters_sha256: Fingerprint,
        keys: u64,
        seeded: bool,
    },
    /// The service accepted the material.
    Imported { alias: Alias, key_id: KeyId, request_id: String },
    /// The service proved that the key works.
    Proved { alias: Alias, key_id: KeyId, state: String, valid_to: ValidTo, round_trip: bool },
    /// The service accepted the recovered material for a key that already holds material, so both are the
    /// same.
    BackupProved { alias: Alias, key_id: KeyId, commitment: Commitment },
    /// Somebody agreed to the change of a key that follows; at that time, the ceremony's record had this
    /// head.
    Agreed { alias: Alias, key_id: KeyId, record_head: Fingerprint },
    /// The service changed a key: its new state, and the time of its deletion if one is scheduled.
    KeyChanged {
        alias: Alias,
        key_id: KeyId,
        state: String,
        #[serde(deserialize_with = "stated")]
        deletion_date: Option<Timestamp>,
        request_id: String,
    },
    /// Somebody noted something that the programs cannot see, such as a deviation.
    Note { by: Said<PersonName>, text: Said<NoteText> },
    /// The HSM station ended its run with an error and made no ciphertext: the control that refused, and the module's call with its `CK_RV`
    /// if there was one.
    GaveUp {
        control: String,
        reason: String,
        #[serde(deserialize_with = "stated")]
        call: Option<String>,
        #[serde(deserialize_with = "stated")]
        code: Option<String>,
    },
    /// A station finished a command.
    Finished { command: String, succeeded: u64, failed: u64 },
}
