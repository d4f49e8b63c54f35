//! The arguments of `keyferry bench`.

use std::path::PathBuf;

use clap::Subcommand;

/// Measure how fast this machine wraps, compared with other implementations; takes under a minute
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Bench {
    #[command(subcommand)]
    pub(crate) part: Option<BenchPart>,
    /// Folder for bench.json and bench.html, a page to look at; neither may exist yet
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// An older bench.json: show what has changed since then
    #[arg(long, value_name = "OLD.json")]
    pub(crate) compare: Option<PathBuf>,
    /// Folder of keyferry-offline [default: that of this program]
    #[arg(long, value_name = "DIR")]
    pub(crate) bin_dir: Option<PathBuf>,
    /// Measure only the offline station, as a whole program with 1 to 100,000 keys: time and memory; takes a minute
    /// or two
    #[arg(long)]
    pub(crate) scale: bool,
    /// Rough figures in about ten seconds
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,
    /// Several minutes: narrower intervals, and a batch of 100,000 keys
    #[arg(long)]
    pub(crate) full: bool,
}

/// A different measurement.
#[derive(Debug, Subcommand)]
pub enum BenchPart {
    /// Simulate crossings by QR symbols: the number of frames shown until complete, for several sizes, loss rates and ways of showing
    Qr(BenchQr),
}

/// Simulate crossings by QR symbols: the number of frames shown until complete, for several sizes, loss rates and ways of showing
#[derive(Debug, clap::Args)]
pub struct BenchQr {
    /// Number of crossings for each figure in the table; 10000 take about an hour
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = parse_trials)]
    pub(crate) trials: usize,
    /// Numbers of blocks, instead of the default ones
    #[arg(long, value_name = "K,K,…", value_delimiter = ',', value_parser = parse_blocks)]
    pub(crate) blocks: Vec<usize>,
    /// Only keyferry's frames, without other ways of showing
    #[arg(long)]
    pub(crate) alone: bool,
}

fn parse_trials(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|n| (1..=1_000_000).contains(n)).ok_or("expected a number from 1 to 1000000")
}

fn parse_blocks(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|n| (1..=512).contains(n)).ok_or("expected numbers from 1 to 512")
}
