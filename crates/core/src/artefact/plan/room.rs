//! What the plan says about the room: objects, languages, record and HSM.

use serde::Deserialize;

use crate::Fingerprint;
use crate::id::NoteText;

/// A language in which people read words aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// 简体中文.
    Zh,
}

/// Whether check values of the material are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KcvChoice {
    /// None: the 24 bits that depend on the material are written nowhere.
    None,
}

/// How names and free texts appear in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamesChoice {
    /// As salted commitments, whose openings are in `openings.jsonl`.
    Committed,
}

/// An object that has to be in the room, and that people compare with the plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// A description of it.
    pub name: NoteText,
    /// What distinguishes it from others: a serial number or the number of a seal.
    pub identifier: NoteText,
}

/// The HSM that makes the material.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hsm {
    /// SHA-256 of its PKCS#11 module's file.
    pub module_sha256: Fingerprint,
    /// Label of the token.
    pub token: NoteText,
    /// Whether it is reached over a network.
    #[serde(default)]
    pub network: bool,
}
