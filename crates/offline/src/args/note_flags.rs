//! Flags of `note`.

use std::path::PathBuf;

use clap::ArgMatches;

use super::{Flags, flag};

/// The arguments of `note`.
#[derive(Debug)]
pub(crate) struct Note {
    /// The existing record to which the note is added.
    pub(crate) transcript: PathBuf,
    /// The person who writes the note.
    pub(crate) by: String,
    /// The text of the note; without it, the program asks for it.
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
