//! `note`: adds a person's note to the record; no request is sent.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use keyferry_core::Station;
use keyferry_transport::{Salts, note};

use super::Finished;
use crate::context::Context;

/// Arguments of `note`.
#[derive(Debug, ClapArgs)]
pub struct Note {
    /// Record to add to
    #[arg(long, value_name = "FILE")]
    pub transcript: PathBuf,
    /// Name of the person who makes the note, as in the plan
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Text of the note, on one line (default: ask for it)
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Plan of the ceremony (default: plan.toml next to the record)
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

/// Runs `note`.
///
/// # Errors
/// [`Error`](crate::Error) when nothing was noted.
pub fn run(context: &Context, args: &Note) -> Finished {
    let (clock, console) = (context.clock(), context.console());
    let (text, plan) = (args.text.as_deref(), args.plan.as_deref());
    let request = note::Request { path: &args.transcript, by: &args.by, text, plan };
    let salts = Salts::new(|| {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).ok().map(|()| salt)
    });
    note::add(&request, Station::Online, clock, salts, console)?;
    Ok(None)
}
