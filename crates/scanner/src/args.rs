//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use keyferry_core::bi;
use keyferry_transport::help;

mod page;

/// Reads QR symbols from pictures, a video or a camera, and prints each keyferry frame as one line of text.
///
/// Pictures are PNG, JPEG or GIF, including animations and pages with many symbols; a video is Y4M. The stations read the lines:
/// `keyferry-scan --camera /dev/video0 | keyferry-offline receive …`.
#[derive(Debug, Parser)]
#[command(name = "keyferry-scan", version)]
pub(crate) struct Args {
    /// Pictures, Y4M videos, folders of them, or `-` for standard input.
    #[arg(value_name = "FILE", required_unless_present = "camera", conflicts_with = "camera")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Read from this camera until no program reads the lines any more.
    #[arg(long, value_name = "DEVICE")]
    pub(crate) camera: Option<PathBuf>,
    /// Print the text of every symbol, not only of keyferry frames, with control characters escaped.
    #[arg(long)]
    pub(crate) any: bool,
    /// Print a text every time it is seen, not just once for each file or stream.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print one object on each line: text, file, picture number, version, corners in pixels.
    #[arg(long)]
    pub(crate) json: bool,
    /// Read the test page of `show --test-page`, and report which versions this screen and camera can
    /// transfer and which one to use.
    #[arg(long, conflicts_with_all = ["any", "all"])]
    pub(crate) test: bool,
    /// Language of messages: en or zh (default: from the locale).
    #[arg(long, value_parser = ["en", "zh"])]
    pub(crate) lang: Option<String>,
    /// Increase verbosity: show what each picture contained.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Shows help or version; every other error is reported as a usage error with its control id.
pub(crate) fn explain_usage(typed: &[OsString], error: &clap::Error) -> ExitCode {
    let hint = bi!("keyferry-scan --help lists the options", "keyferry-scan --help 列出全部选项");
    help::explain_usage(typed, error, Args::command(), &page::PAGE, &hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_an_example_and_the_chinese_help_is_chinese() {
        let parses = |line: &str| Args::try_parse_from(line.split(' ')).is_ok();
        let faults = help::faults(&Args::command(), &page::PAGE, parses);
        assert!(faults.is_empty(), "{faults:#?}");
    }
}
