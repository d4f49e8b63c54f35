//! Flags of `inspect`: the two inputs of a ceremony, and the time.

use std::path::PathBuf;

use clap::{ArgMatches, value_parser};
use keyferry_core::Timestamp;

use super::{Flags, flag};

/// The arguments of `inspect`.
#[derive(Debug)]
pub(crate) struct Inspect {
    pub(crate) plan: PathBuf,
    pub(crate) parameters: PathBuf,
    /// The correct time, if the machine's clock is wrong.
    pub(crate) now: Option<Timestamp>,
}

impl Flags for Inspect {
    fn declare(command: clap::Command) -> clap::Command {
        command
            .arg(flag::path("plan", "FILE", "The reviewed plan"))
            .arg(flag::path("parameters", "FILE", "The parameters.json that came across"))
            .arg(
                flag::optional_value(
                    "now",
                    "TIME",
                    "The right time, if this machine's clock is wrong (2026-11-23T10:02:00Z)",
                )
                .value_parser(value_parser!(Timestamp)),
            )
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            plan: flag::required(matches, "plan")?,
            parameters: flag::required(matches, "parameters")?,
            now: flag::optional(matches, "now")?,
        })
    }
}
