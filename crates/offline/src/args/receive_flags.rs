//! Flags of `receive`: the new file, and the source of its lines, which is standard input by default.

use std::path::PathBuf;

use clap::{ArgMatches, value_parser};
use keyferry_transport::receive::Request;

use super::{Flags, flag};

/// The arguments of `receive`.
#[derive(Debug)]
pub(crate) struct Receive {
    pub(crate) request: Request,
    /// A file of lines.
    pub(crate) from: Option<PathBuf>,
}

impl Flags for Receive {
    fn declare(command: clap::Command) -> clap::Command {
        command
            .arg(flag::path(
                "out",
                "FILE",
                "New file: plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl",
            ))
            .arg(
                flag::optional_value(
                    "from",
                    "FILE",
                    "File with a scanner's lines (default: standard input: a hand scanner, or keyferry-scan through a pipe)",
                )
                .value_parser(value_parser!(PathBuf)),
            )
            .arg(
                flag::optional_value(
                    "expect-digest",
                    "DIGEST",
                    "Ignore every file except the one with this digest, as hex or words",
                )
                .value_parser(flag::parse_digest),
            )
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let expected = flag::optional(matches, "expect-digest")?;
        Ok(Self {
            request: Request { out: flag::required(matches, "out")?, expected },
            from: flag::optional(matches, "from")?,
        })
    }
}
