//! The record's words about shares: what a set recovers, and how a share was handed out.

use serde::{Deserialize, Serialize};

/// The secret that a set of shares recovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shared {
    /// The material of the plan's one key: paper alone is enough.
    Material,
    /// The key of an escrow.
    EscrowKey,
}

/// How a share was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareMedium {
    /// On the screen, to be written down.
    Screen,
    /// As a text file.
    File,
    /// As a sheet to print.
    Sheet,
}
