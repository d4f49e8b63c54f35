//! `show`: a file that crosses, or the test page, as QR symbols. The transport crate does the work.

use std::path::PathBuf;

use clap::{ArgGroup, Args as ClapArgs};
use keyferry_transport::show::{self, Look, Output};

use super::Finished;
use crate::context::Context;

/// Arguments of `show`.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("output").args(["png", "svg", "html", "print"]))]
pub struct Show {
    /// plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl
    #[arg(value_name = "FILE", required_unless_present = "test_page")]
    pub file: Option<PathBuf>,
    /// Show the test page for keyferry-scan --test, which says which version this screen and camera can transfer
    #[arg(long, conflicts_with = "file")]
    pub test_page: bool,
    /// New PNG picture, or the folder for several
    #[arg(long, value_name = "FILE|DIR")]
    pub png: Option<PathBuf>,
    /// New SVG drawing, or the folder for several
    #[arg(long, value_name = "FILE|DIR")]
    pub svg: Option<PathBuf>,
    /// New page for the full screen of a browser; it loads nothing
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// New page for a printer, A4 or Letter
    #[arg(long, value_name = "FILE")]
    pub print: Option<PathBuf>,
    /// Largest version of the symbols (default: one symbol if it can hold the file, otherwise 15; in a terminal, what fits)
    #[arg(long, value_name = "1-40", value_parser = show::parse_version)]
    pub qr_version: Option<show::Version>,
    /// Symbols per second in an animation
    #[arg(long, value_name = "N", default_value_t = show::show_command::FPS, value_parser = clap::value_parser!(u8).range(1..=30))]
    pub fps: u8,
}

/// Runs `show`.
///
/// # Errors
/// [`Error`](crate::Error) when the file may not be shown, or when it does not fit the output.
pub fn run(context: &Context, args: &Show) -> Finished {
    let output =
        Output::of(args.png.as_deref(), args.svg.as_deref(), args.html.as_deref(), args.print.as_deref());
    let look = Look { output, version: args.qr_version, fps: args.fps };
    show::run(context.console(), args.file.as_deref(), &look)?;
    Ok(None)
}
