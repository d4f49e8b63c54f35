//! What can be typed after `keyferry rehearse`.

use std::path::PathBuf;

use keyferry_core::Fingerprint;

/// Hold the whole ceremony on this computer, with the real stations, against an embedded emulator
#[derive(Debug, clap::Args)]
pub struct Rehearse {
    /// Folder for everything that is made; an earlier rehearsal there is replaced, anything else refused
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Folder of keyferry-online and keyferry-offline [default: that of this program]
    #[arg(long, value_name = "DIR")]
    pub(crate) bin_dir: Option<PathBuf>,
    /// Make all material from this published seed of 64 hex digits, and mark it so
    #[arg(long, value_name = "HEX64", value_parser = parse_seed)]
    pub(crate) seed: Option<Fingerprint>,
    /// Cross by QR code: every file as pictures with loss, blur and rotation, and nothing else; needs keyferry-scan too
    #[arg(long)]
    pub(crate) qr: bool,
    /// Rehearse this plan instead of the built-in ones; of a production plan, a copy made a rehearsal's
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["qr", "seed"])]
    pub(crate) plan: Option<PathBuf>,
    /// Step by step in this terminal: each command is shown, and runs when you press Enter; you answer its questions
    #[arg(long, requires = "plan")]
    pub(crate) interactive: bool,
}

/// 32 bytes in hex; a digest has the same written form.
fn parse_seed(text: &str) -> Result<Fingerprint, &'static str> {
    text.parse().map_err(|_| "expected 64 hex digits in lower case")
}
