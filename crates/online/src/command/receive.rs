//! `receive`: a file that the other station shows, from a scanner's lines. The transport crate does the work.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use keyferry_core::Fingerprint;
use keyferry_transport::receive::{self, Input, Request};

use super::Finished;
use crate::context::Context;

/// Arguments of `receive`.
#[derive(Debug, ClapArgs)]
pub struct Receive {
    /// New file: plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// File with a scanner's lines (default: standard input: a hand scanner, or keyferry-scan through a pipe)
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Ignore every file except the one with this digest, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_digest: Option<Fingerprint>,
}

/// Runs `receive`.
///
/// # Errors
/// [`Error`](crate::Error) when no complete file of a permitted kind arrived, or when it cannot be written.
pub fn run(context: &Context, args: &Receive) -> Finished {
    let request = Request { out: args.out.clone(), expected: args.expect_digest };
    let open = || args.from.as_deref().map_or_else(Input::standard, Input::file);
    receive::run(context.console(), &request, open, || ())?;
    Ok(None)
}
