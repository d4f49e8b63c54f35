//! The arguments of `import`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use keyferry_core::Fingerprint;

/// Arguments of `import`.
#[derive(Debug, ClapArgs)]
pub struct Import {
    /// The session.json that export wrote
    #[arg(long, value_name = "FILE")]
    pub session: PathBuf,
    /// The ciphertext.json that came back
    #[arg(long, value_name = "FILE")]
    pub ciphertext: PathBuf,
    /// The ciphertext holds material recovered from shares: import it into the key in use, which proves the backup
    #[arg(long)]
    pub prove_backup: bool,
    /// Record to add to (default: transcript.jsonl next to the ciphertext)
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
    /// Digest that the ciphertext must have, as hex or words; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_digest: Option<Fingerprint>,
    /// Head that the record must have before this run adds to it, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_head: Option<Fingerprint>,
    /// Plan of the session, needed in production if only the plan names the endpoint
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}
