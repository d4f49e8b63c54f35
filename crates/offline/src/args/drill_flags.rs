//! Flags of `drill`.

use std::path::PathBuf;

use clap::ArgMatches;
use keyferry_core::Fingerprint;

use super::{Flags, expected, flag};

/// The arguments of `drill`.
#[derive(Debug)]
pub(crate) struct Drill {
    /// The record of the ceremony that made the shares.
    pub(crate) transcript: PathBuf,
    pub(crate) escrow: Option<PathBuf>,
    /// The record of drills.
    pub(crate) record: Option<PathBuf>,
    /// Whether to check one share alone, to prove that it is the right one.
    pub(crate) share: bool,
    /// The expected heads; if any are given, people are not asked to compare.
    pub(crate) heads: Vec<Fingerprint>,
}

impl Flags for Drill {
    fn declare(command: clap::Command) -> clap::Command {
        command
            .arg(flag::path(
                "transcript",
                "FILE",
                "The transcript.jsonl of the ceremony that made the shares; it is not changed",
            ))
            .arg(flag::optional_path(
                "escrow",
                "FILE",
                "The escrow.json that the shares open, if there is one",
            ))
            .arg(flag::optional_path(
                "record",
                "FILE",
                "The record of drills to add to (default: drills.jsonl next to the transcript)",
            ))
            .arg(flag::switch("share", "Prove only one share: that it is the one that was confirmed"))
            .arg(expected::head())
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            transcript: flag::required(matches, "transcript")?,
            escrow: flag::optional(matches, "escrow")?,
            record: flag::optional(matches, "record")?,
            share: matches.get_flag("share"),
            heads: expected::heads(matches)?,
        })
    }
}
