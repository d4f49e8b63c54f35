//! The arguments of `export`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use keyferry_core::{CeremonyId, Fingerprint};

/// Arguments of `export`.
#[derive(Debug, ClapArgs)]
pub struct Export {
    /// The reviewed plan
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// Folder on the medium that crosses, for parameters.json and transcript.jsonl
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// File for the import tokens, mode 0600; it never leaves this station
    #[arg(long, value_name = "FILE")]
    pub session: PathBuf,
    /// Digest that the plan must have, as hex or words; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_plan: Option<Fingerprint>,
    /// Head that the record must have before this run adds to it, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_head: Option<Fingerprint>,
    /// Abandon this pending ceremony; its ciphertext can no longer be imported
    #[arg(long, value_name = "CEREMONY")]
    pub abandon: Option<CeremonyId>,
}
