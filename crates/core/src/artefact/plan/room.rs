//! The room as the plan wants it: its people, its things, its languages, its machine.

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

/// Whether check values of the material are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KcvChoice {
    /// None: the 24 bits that depend on the material are written nowhere.
    None,
}

/// How the record contains names and free texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamesChoice {
    /// As salted commitments; `openings.jsonl` contains what opens them.
    Committed,
}

/// A thing that the room has to have, and that people compare.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// What it is.
    pub name: NoteText,
    /// What tells it from others: a serial number, the number of a seal.
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
    /// It is reached over a network.
    #[serde(default)]
    pub network: bool,
}
