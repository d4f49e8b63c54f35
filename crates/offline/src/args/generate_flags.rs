//! Flags of `generate`.

use std::path::PathBuf;

use clap::ArgMatches;
use keyferry_core::MaterialLength;

use super::entropy_flags::{self, Asked};
use super::{Flags, flag};

/// The arguments of `generate`.
#[derive(Debug)]
pub(crate) struct Generate {
    pub(crate) bits: MaterialLength,
    /// New file for the raw key material, mode 0600.
    pub(crate) out: PathBuf,
    /// Contributions to mix in, in this order.
    pub(crate) entropy: Vec<Asked>,
}

impl Flags for Generate {
    fn declare(command: clap::Command) -> clap::Command {
        command
            .arg(flag::value("bits", "128|256", "Length of the key material").value_parser(flag::parse_bits))
            .arg(flag::path("out", "FILE", "New file for the raw key material, mode 0600"))
            .arg(entropy_flags::declare())
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            bits: flag::required(matches, "bits")?,
            out: flag::required(matches, "out")?,
            entropy: entropy_flags::read(matches)?,
        })
    }
}
