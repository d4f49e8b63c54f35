//! Flags of `receive`: one new file, and where its lines come from; without a word about that, standard input.

use std::path::PathBuf;

use clap::{ArgMatches, value_parser};
use keyferry_transport::receive::{CAMERA, Request};

use super::{Flags, flag};

/// What `receive` was given.
#[derive(Debug)]
pub(crate) struct Receive {
    pub(crate) request: Request,
    /// A file of lines.
    pub(crate) from: Option<PathBuf>,
    /// The camera that the scanner beside this program shall read.
    pub(crate) camera: Option<PathBuf>,
}

impl Flags for Receive {
    fn declare(command: clap::Command) -> clap::Command {
        let device = "Start the keyferry-scan beside this program on a camera (default: /dev/video0)";
        command
            .arg(flag::path(
                "out",
                "FILE",
                "New file: plan.toml, parameters.json, ciphertext.json or transcript.jsonl",
            ))
            .arg(
                flag::optional_value(
                    "from",
                    "FILE",
                    "Lines of a scanner (default: standard input, which may be a hand scanner)",
                )
                .value_parser(value_parser!(PathBuf)),
            )
            .arg(
                flag::optional_value("camera", "DEVICE", device)
                    .value_parser(value_parser!(PathBuf))
                    .num_args(0..=1)
                    .default_missing_value(CAMERA)
                    .conflicts_with("from"),
            )
            .arg(
                flag::optional_value(
                    "expect-digest",
                    "DIGEST",
                    "Pass over every file but the one of this digest, as hex or words",
                )
                .value_parser(flag::parse_digest),
            )
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let expected = flag::optional(matches, "expect-digest")?;
        Ok(Self {
            request: Request { out: flag::required(matches, "out")?, expected },
            from: flag::optional(matches, "from")?,
            camera: flag::optional(matches, "camera")?,
        })
    }
}
