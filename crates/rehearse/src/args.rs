//! The arguments of `keyferry rehearse`.

use std::path::PathBuf;

use keyferry_core::Fingerprint;

/// Hold the whole ceremony on this computer, with the real stations, against an embedded emulator
#[derive(Debug, clap::Args)]
pub struct Rehearse {
    /// Folder for everything that the rehearsal makes; an earlier rehearsal there is replaced, anything else is refused
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Folder that contains keyferry-online and keyferry-offline [default: this program's own]
    #[arg(long, value_name = "DIR")]
    pub(crate) bin_dir: Option<PathBuf>,
    /// Make all material from this published seed of 64 hex digits, and mark it as seeded
    #[arg(long, value_name = "HEX64", value_parser = parse_seed)]
    pub(crate) seed: Option<Fingerprint>,
    /// Let every file cross only by QR code, as pictures with loss, blur and rotation; also needs keyferry-scan
    #[arg(long)]
    pub(crate) qr: bool,
    /// Rehearse this plan instead of the built-in ones; a production plan is copied and turned into a rehearsal plan
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
