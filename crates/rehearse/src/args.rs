//! The arguments of `keyferry rehearse`.

use std::path::PathBuf;

use keyferry_core::Fingerprint;

/// Hold the whole ceremony on this computer, with the real stations, against an embedded emulator
#[derive(Debug, clap::Args)]
pub struct Rehearse {
    /// Folder for all output; an earlier rehearsal there is replaced, anything else is refused
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Folder of keyferry-online and keyferry-offline [default: that of this program]
    #[arg(long, value_name = "DIR")]
    pub(crate) bin_dir: Option<PathBuf>,
    /// Derive all material from this published seed of 64 hex digits, and mark it as such
    #[arg(long, value_name = "HEX64", value_parser = parse_seed)]
    pub(crate) seed: Option<Fingerprint>,
    /// Cross only by QR code: every file as pictures with loss, blur and rotation; also needs keyferry-scan
    #[arg(long)]
    pub(crate) qr: bool,
    /// Rehearse this plan instead of the built-in ones; a production plan is copied and changed into a rehearsal's
    /// plan
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["qr", "seed"])]
    pub(crate) plan: Option<PathBuf>,
    /// Go step by step in this terminal: each command is shown and runs when you press Enter; you answer its
    /// questions
    #[arg(long, requires = "plan")]
    pub(crate) interactive: bool,
}

/// 32 bytes in hex, written like a digest.
fn parse_seed(text: &str) -> Result<Fingerprint, &'static str> {
    text.parse().map_err(|_| "expected 64 hex digits in lower case")
}
