//! Flags of `wrap`: those of `inspect`, the output folder, the shares and the entropy.

use std::path::PathBuf;

use clap::ArgMatches;
use keyferry_core::PostureCheck;

use super::entropy_flags::{self, Asked};
use super::{Expected, Flags, Inspect, flag, share_flags};
use crate::backup::Giving;

/// The arguments of `wrap`.
#[derive(Debug)]
pub(crate) struct Wrap {
    pub(crate) inputs: Inspect,
    /// Folder for `ciphertext.json` and `transcript.jsonl`.
    pub(crate) out: PathBuf,
    /// The expected values; if they are given, people are not asked to compare.
    pub(crate) expected: Expected,
    /// A seed of 64 hex digits, for rehearsals only; not yet checked here.
    pub(crate) rehearsal_seed: Option<String>,
    /// How the shares of the backup are handed out.
    pub(crate) shares: Giving,
    /// Whether shares that an interrupted run left may become void.
    pub(crate) void_shares: bool,
    /// Posture checks that are not required in this rehearsal.
    pub(crate) lower: Vec<PostureCheck>,
    /// Contributions to mix in, in this order.
    pub(crate) entropy: Vec<Asked>,
}

impl Flags for Wrap {
    fn declare(command: clap::Command) -> clap::Command {
        let command = Inspect::declare(command).arg(flag::path(
            "out",
            "DIR",
            "Folder for ciphertext.json and transcript.jsonl: the medium that goes back",
        ));
        Expected::declare(command)
            .arg(flag::optional_value(
                "rehearsal-seed",
                "HEX",
                "Rehearsals only: make all randomness from this published seed of 64 hex digits, and mark the result",
            ))
            .arg(share_flags::declare())
            .arg(flag::switch(
                "void-shares",
                "Make other material although an interrupted run left confirmed shares; those become void",
            ))
            .arg(flag::lower())
            .arg(entropy_flags::declare())
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            inputs: Inspect::read(matches)?,
            out: flag::required(matches, "out")?,
            expected: Expected::read(matches)?,
            rehearsal_seed: flag::optional(matches, "rehearsal-seed")?,
            shares: share_flags::read(matches)?,
            void_shares: matches.get_flag("void-shares"),
            lower: flag::all(matches, "lower")?,
            entropy: entropy_flags::read(matches)?,
        })
    }
}
