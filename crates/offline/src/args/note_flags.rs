//! Flags of `note`.

use std::path::PathBuf;

use clap::ArgMatches;

use super::{Flags, flag};

/// What `note` was given.
#[derive(Debug)]
pub(crate) struct Note {
    /// The record to add to; it exists.
    pub(crate) transcript: PathBuf,
    /// Who notes it.
    pub(crate) by: String,
    /// What; asked for where it is missing.
    pub(crate) text: Option<String>,
    /// The plan, if it is not next to the record.
    pub(crate) plan: Option<PathBuf>,
}

impl Flags for Note {
    fn declare(command: clap::Command) -> clap::Command {
        command
            .arg(flag::path("transcript", "FILE", "The record to add to"))
            .arg(flag::value("by", "NAME", "Name of the person who makes the note, as in the plan"))
            .arg(flag::optional_value("text", "TEXT", "Text of the note, on one line [default: ask for it]"))
            .arg(flag::optional_path(
                "plan",
                "FILE",
                "Plan of the ceremony [default: plan.toml next to the record]",
            ))
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            transcript: flag::required(matches, "transcript")?,
            by: flag::required(matches, "by")?,
            text: flag::optional(matches, "text")?,
            plan: flag::optional(matches, "plan")?,
        })
    }
}
