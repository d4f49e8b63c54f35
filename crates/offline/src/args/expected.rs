//! `--expect-digest` and `--expect-head`: a script passes the values that people would otherwise compare.

use clap::{Arg, ArgAction, ArgMatches};
use keyferry_core::Fingerprint;

use super::flag;

/// The expected values on the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    /// The digest of `parameters.json`.
    pub(crate) digest: Option<Fingerprint>,
    /// The heads of the records that are found, in any order.
    pub(crate) heads: Vec<Fingerprint>,
}

impl Expected {
    pub(super) fn declare(command: clap::Command) -> clap::Command {
        command.arg(digest()).arg(head())
    }

    pub(super) fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let digest = flag::optional(matches, "expect-digest")?;
        Ok(Self { digest, heads: heads(matches)? })
    }

    /// Whether a person is asked to compare.
    pub(crate) const fn asks(&self) -> bool {
        self.digest.is_none()
    }
}

fn digest() -> Arg {
    flag::optional_value(
        "expect-digest",
        "DIGEST",
        "Digest that parameters.json must have, as hex or words; replaces the question",
    )
    .value_parser(flag::parse_digest)
}

/// `--expect-head`, which is repeated if several records are read.
pub(super) fn head() -> Arg {
    flag::optional_value(
        "expect-head",
        "DIGEST",
        "Head that a record found by this run must have, as hex or words; once for each record",
    )
    .value_parser(flag::parse_digest)
    .action(ArgAction::Append)
}

pub(super) fn heads(matches: &mut ArgMatches) -> Result<Vec<Fingerprint>, clap::Error> {
    flag::all(matches, "expect-head")
}
