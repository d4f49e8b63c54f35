//! What can be typed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use keyferry_core::bi;
use keyferry_transport::Console;
use keyferry_transport::console::exit_code;

/// Reads QR symbols out of pictures, a video or a camera and prints keyferry frames, one text line each.
///
/// Pictures are PNG, JPEG or GIF, animated ones and pages with many symbols included; a video is Y4M. The stations read the lines:
/// `keyferry-scan --camera /dev/video0 | keyferry-offline receive …`.
#[derive(Debug, Parser)]
#[command(name = "keyferry-scan", version)]
pub(crate) struct Args {
    /// Pictures, Y4M videos, folders of them, or `-` for standard input.
    #[arg(value_name = "FILE", required_unless_present = "camera", conflicts_with = "camera")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Read from this camera until nobody reads the lines any more.
    #[arg(long, value_name = "DEVICE")]
    pub(crate) camera: Option<PathBuf>,
    /// Print every symbol's text, control characters escaped; not only keyferry frames.
    #[arg(long)]
    pub(crate) any: bool,
    /// Print a text as often as it is seen; else once for each file or stream.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print an object a line: text, file, picture number, version, corners in pixels.
    #[arg(long)]
    pub(crate) json: bool,
    /// Language of human text: en or zh (default: the locale).
    #[arg(long, value_parser = ["en", "zh"])]
    pub(crate) lang: Option<String>,
    /// Say more: what each picture held.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Help and version on standard output; anything else is refused.
pub(crate) fn explain_usage(error: &clap::Error) -> ExitCode {
    let console = Console::new(Console::language(None), false, 0);
    let text = error.to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        console.product(text.trim_end());
        return exit_code(Ok(()));
    }
    console.usage(&text, &bi!("keyferry-scan --help lists the options", "keyferry-scan --help 列出全部选项"))
}
