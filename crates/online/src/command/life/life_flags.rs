//! The arguments of the commands for a key's later life.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use keyferry_core::{KeyId, Region};

/// One key.
#[derive(Debug, ClapArgs)]
pub struct OneKey {
    /// Region of the key
    #[arg(long, value_name = "REGION")]
    pub region: Region,
    /// Id of the key
    #[arg(long, value_name = "ID")]
    pub key_id: KeyId,
}

/// One key, and the record of what is done to it.
#[derive(Debug, ClapArgs)]
pub struct Recorded {
    /// The key
    #[command(flatten)]
    pub key: OneKey,
    /// Record of what is done to keys after their ceremony: ARCHIVE/life.jsonl, next to plan.toml and transcript.jsonl
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
}

/// A key to take out of use, and its alias as typed.
#[derive(Debug, ClapArgs)]
pub struct Typed {
    /// The key and the record; production requires the record
    #[command(flatten)]
    pub act: Recorded,
    /// The key's alias, which replaces the questions in a rehearsal; compared with the service's
    #[arg(long, value_name = "ALIAS")]
    pub yes_alias: Option<String>,
}

/// Arguments of `schedule-deletion`.
#[derive(Debug, ClapArgs)]
pub struct Schedule {
    /// The key
    #[command(flatten)]
    pub typed: Typed,
    /// Days until the deletion; until then, cancel-deletion can cancel it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(7..=30))]
    pub days: u16,
}
