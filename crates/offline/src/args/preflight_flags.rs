//! Flags of `preflight`, all of them optional.

use std::path::PathBuf;

use clap::{ArgMatches, value_parser};
use keyferry_core::{PostureCheck, Timestamp};

use super::{Flags, flag};

/// The arguments of `preflight`.
#[derive(Debug)]
pub(crate) struct Preflight {
    pub(crate) plan: Option<PathBuf>,
    pub(crate) parameters: Option<PathBuf>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) now: Option<Timestamp>,
    pub(crate) lower: Vec<PostureCheck>,
}

impl Flags for Preflight {
    fn declare(command: clap::Command) -> clap::Command {
        let path = |id, name, help| flag::optional_value(id, name, help).value_parser(value_parser!(PathBuf));
        command
            .arg(path("plan", "FILE", "The reviewed plan; without one, the least that production requires"))
            .arg(
                path("parameters", "FILE", "The parameters.json that came across, to compare the clock with")
                    .requires("plan"),
            )
            .arg(path("out", "DIR", "The folder that `wrap` will write into"))
            .arg(
                flag::optional_value(
                    "now",
                    "TIME",
                    "The right time, if this machine's clock is wrong (2026-11-23T10:02:00Z)",
                )
                .value_parser(value_parser!(Timestamp)),
            )
            .arg(flag::lower().requires("plan"))
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            plan: flag::optional(matches, "plan")?,
            parameters: flag::optional(matches, "parameters")?,
            out: flag::optional(matches, "out")?,
            now: flag::optional(matches, "now")?,
            lower: flag::all(matches, "lower")?,
        })
    }
}
