//! The arguments of `keyferry plan`.

use std::path::PathBuf;

use clap::Subcommand;
use keyferry_core::{CeremonyId, Timestamp};

/// Check a plan, write one from your answers, compare two, or draft the plan of a recovery; works offline
#[derive(Debug, clap::Args)]
pub struct Plan {
    #[command(subcommand)]
    pub(super) task: Task,
}

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Find everything in a plan that a later command would refuse, with line numbers, and what reviewers should know
    Check(Check),
    /// Ask about people, keys and backup, and write a commented plan that passes `plan check`
    New(New),
    /// Show reviewers what differs between two plans, field by field
    Diff(Diff),
    /// Draft the plan of a recovery from the archive of a ceremony
    Recover(Recover),
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The plan, or a draft
    #[arg(value_name = "FILE")]
    pub(super) plan: PathBuf,
    /// Check the plan for this time, such as 2026-11-23T08:00:00Z [default: the clock]
    #[arg(long, value_name = "TIME")]
    pub(super) now: Option<Timestamp>,
}

#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// New file for the plan
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Diff {
    /// The earlier plan
    #[arg(value_name = "BEFORE")]
    pub(super) before: PathBuf,
    /// The later plan
    #[arg(value_name = "AFTER")]
    pub(super) after: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Recover {
    /// The archive: the folder of the ceremony's record
    #[arg(value_name = "ARCHIVE")]
    pub(super) archive: PathBuf,
    /// Id of the recovery ceremony, unique in your organisation
    #[arg(long, value_name = "ID")]
    pub(super) ceremony: CeremonyId,
    /// New file for the draft
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}
