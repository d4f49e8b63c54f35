//! The arguments of `create-key`.

use std::path::PathBuf;

use clap::{ArgGroup, Args as ClapArgs};
use keyferry_core::{Alias, Fingerprint, Region};

/// Arguments of `create-key`.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("what").required(true).args(["plan", "region"]))]
pub struct CreateKey {
    /// Draft plan; every key in it that has no key_id is created
    #[arg(long, value_name = "DRAFT", requires = "out")]
    pub plan: Option<PathBuf>,
    /// Plan to write: the draft with the key ids filled in
    #[arg(long, value_name = "PLAN", requires = "plan")]
    pub out: Option<PathBuf>,
    /// Record to add to
    #[arg(long, value_name = "FILE", requires = "plan")]
    pub transcript: Option<PathBuf>,
    /// Digest that the draft must have, as hex or words; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed, requires = "plan")]
    pub expect_plan: Option<Fingerprint>,
    /// Head that the record must have before this run adds to it, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed, requires = "transcript")]
    pub expect_head: Option<Fingerprint>,
    /// Region, to create keys without a plan
    #[arg(long, value_name = "REGION", requires = "alias", conflicts_with = "out")]
    pub region: Option<Region>,
    /// Alias of a key to create; may be given several times
    #[arg(long, value_name = "ALIAS", requires = "region", conflicts_with = "plan")]
    pub alias: Vec<Alias>,
}
