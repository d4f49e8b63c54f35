//! The arguments of `keyferry verify`.

use std::path::PathBuf;

use keyferry_core::{Fingerprint, Purpose};

/// Check a ceremony's record: a whole folder, or only the hash chain of a transcript
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The record's folder, or a transcript.jsonl to check only its hash chain
    #[arg(value_name = "DIR|FILE")]
    pub(crate) record: PathBuf,
    /// Purpose that the record must have: production or rehearsal
    #[arg(long, value_name = "PURPOSE", value_parser = parse_purpose)]
    pub(crate) expect: Option<Purpose>,
    /// Head that the record must have, as hex or words from the paper
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub(crate) expect_head: Option<Fingerprint>,
    /// Folder of an earlier record that the plan names for a key; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Vec<PathBuf>,
}

fn parse_purpose(text: &str) -> Result<Purpose, &'static str> {
    match text {
        "production" => Ok(Purpose::Production),
        "rehearsal" => Ok(Purpose::Rehearsal),
        _ => Err("expected production or rehearsal"),
    }
}
