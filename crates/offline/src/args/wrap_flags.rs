//! Flags of `wrap`: those of `inspect`, and where the result goes.

use std::path::PathBuf;

use clap::ArgMatches;
use keyferry_core::PostureCheck;

use super::entropy_flags::{self, Asked};
use super::{Expected, Flags, Inspect, flag, share_flags};
use crate::backup::Giving;

/// What `wrap` was given.
#[derive(Debug)]
pub(crate) struct Wrap {
    pub(crate) inputs: Inspect,
    /// Folder for `ciphertext.json` and `transcript.jsonl`.
    pub(crate) out: PathBuf,
    /// Replaces the question.
    pub(crate) expected: Expected,
    /// Not yet checked: 64 hex digits, in rehearsals only.
    pub(crate) rehearsal_seed: Option<String>,
    /// How shares of the backup are given out.
    pub(crate) shares: Giving,
    /// Shares that an interrupted run left may become void.
    pub(crate) void_shares: bool,
    /// Posture checks that a rehearsal does without.
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
