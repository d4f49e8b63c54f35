//! Flags of `show`: one file or the test page, and at most one kind of output instead of the terminal.

use std::path::PathBuf;

use clap::{Arg, ArgGroup, ArgMatches, value_parser};
use keyferry_transport::show::live::FPS as RANGE;
use keyferry_transport::show::show_command::FPS;
use keyferry_transport::show::{Look, Output, parse_version};

use super::{Flags, flag};

/// The arguments of `show`.
#[derive(Debug)]
pub(crate) struct Show {
    /// The file to show; `None` for the test page.
    pub(crate) file: Option<PathBuf>,
    pub(crate) look: Look,
}

/// The kinds of output, of which at most one can be given.
const OUTPUTS: [(&str, &str, &str); 4] = [
    ("png", "FILE|DIR", "New PNG picture, or the folder for several"),
    ("svg", "FILE|DIR", "New SVG drawing, or the folder for several"),
    ("html", "FILE", "New page for the full screen of a browser; it loads nothing"),
    ("print", "FILE", "New page for a printer, A4 or Letter"),
];

/// The flag that shows the test page instead of a file.
const TEST: &str = "test-page";

impl Flags for Show {
    fn declare(command: clap::Command) -> clap::Command {
        let file = Arg::new("file")
            .value_name("FILE")
            .required_unless_present(TEST)
            .value_parser(value_parser!(PathBuf));
        let path =
            |(id, name, help)| flag::optional_value(id, name, help).value_parser(value_parser!(PathBuf));
        let fps = i64::from(*RANGE.start())..=i64::from(*RANGE.end());
        let test = "Show the test page for keyferry-scan --test, which says which version this screen and camera can transfer";
        command
            .arg(flag::switch(TEST, test).conflicts_with("file"))
            .arg(file.help("plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl or openings.jsonl"))
            .args(OUTPUTS.map(path))
            .group(ArgGroup::new("output").args(OUTPUTS.map(|(id, ..)| id)))
            .arg(
                flag::optional_value(
                    "qr-version",
                    "1-40",
                    "Largest version of the symbols (default: one symbol if it can hold the file, otherwise 15; in a terminal, what fits)",
                )
                .value_parser(parse_version),
            )
            .arg(
                flag::optional_value("fps", "N", "Symbols per second in an animation (default: 8)")
                    .value_parser(value_parser!(u8).range(fps)),
            )
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let file = flag::optional(matches, "file")?;
        let [png, svg, html, print] = OUTPUTS.map(|(id, ..)| flag::optional::<PathBuf>(matches, id));
        let (png, svg, html, print) = (png?, svg?, html?, print?);
        let output = Output::of(png.as_deref(), svg.as_deref(), html.as_deref(), print.as_deref());
        let (version, fps) = (flag::optional(matches, "qr-version")?, flag::optional(matches, "fps")?);
        Ok(Self { file, look: Look { output, version, fps: fps.unwrap_or(FPS) } })
    }
}
