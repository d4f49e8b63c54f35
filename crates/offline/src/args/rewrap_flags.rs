//! Flags of `rewrap`: those of `inspect`, the record of the shares, the outputs, and how to hand out new shares.

use std::path::PathBuf;

use clap::{ArgAction, ArgMatches, value_parser};
use keyferry_core::{Alias, PostureCheck};

use super::{Expected, Flags, Inspect, flag, share_flags};
use crate::backup::Giving;

/// The arguments of `rewrap`.
#[derive(Debug)]
pub(crate) struct Rewrap {
    pub(crate) inputs: Inspect,
    pub(crate) out: PathBuf,
    /// The record of the ceremony that made the shares.
    pub(crate) transcript: PathBuf,
    pub(crate) escrow: Option<PathBuf>,
    /// Only these keys; if empty, all keys of the parameters.
    pub(crate) keys: Vec<Alias>,
    /// The expected values; if they are given, people are not asked to compare.
    pub(crate) expected: Expected,
    /// How to hand out a new set of shares, made from the secret that the old ones recover.
    pub(crate) new_shares: Option<Giving>,
    /// Whether new shares that an interrupted run left may become void.
    pub(crate) void_shares: bool,
    /// Posture checks that are not required in this rehearsal.
    pub(crate) lower: Vec<PostureCheck>,
}

impl Flags for Rewrap {
    fn declare(command: clap::Command) -> clap::Command {
        let command = Inspect::declare(command)
            .arg(flag::path(
                "out",
                "DIR",
                "Folder for ciphertext.json and transcript.jsonl: the medium that goes back",
            ))
            .arg(flag::path(
                "transcript",
                "FILE",
                "The transcript.jsonl of the ceremony that made the shares",
            ))
            .arg(flag::optional_path(
                "escrow",
                "FILE",
                "The escrow.json that the shares open, if there is one",
            ))
            .arg(
                flag::optional_value(
                    "key",
                    "ALIAS",
                    "Only this key; may be given several times (default: all keys of the parameters)",
                )
                .value_parser(value_parser!(Alias))
                .action(ArgAction::Append),
            );
        Expected::declare(command)
            .arg(flag::switch(
                "new-shares",
                "Also make a new set of shares, as the plan says: a share was lost or seen, or custodians changed",
            ))
            .arg(share_flags::declare().requires("new-shares"))
            .arg(
                flag::switch("void-shares", "Agree that the new shares of an interrupted run become void")
                    .requires("new-shares"),
            )
            .arg(flag::lower())
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let giving = share_flags::read(matches)?;
        Ok(Self {
            inputs: Inspect::read(matches)?,
            out: flag::required(matches, "out")?,
            transcript: flag::required(matches, "transcript")?,
            escrow: flag::optional(matches, "escrow")?,
            keys: flag::all(matches, "key")?,
            expected: Expected::read(matches)?,
            new_shares: matches.get_flag("new-shares").then_some(giving),
            void_shares: matches.get_flag("void-shares"),
            lower: flag::all(matches, "lower")?,
        })
    }
}
