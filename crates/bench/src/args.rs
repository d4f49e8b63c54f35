//! The arguments of `keyferry bench`.

use std::path::PathBuf;

use clap::Subcommand;

/// Measure how fast this machine wraps, compared with other implementations; takes under a minute
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Bench {
    #[command(subcommand)]
    pub(crate) part: Option<BenchPart>,
    /// Folder for bench.json and the page bench.html; neither may exist yet
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// An earlier bench.json: show what has changed since then
    #[arg(long, value_name = "OLD.json")]
    pub(crate) compare: Option<PathBuf>,
    /// Folder that contains keyferry-offline [default: this program's own]
    #[arg(long, value_name = "DIR")]
    pub(crate) bin_dir: Option<PathBuf>,
    /// Measure only the offline station, as a whole program with 1 to 100,000 keys: time and memory; takes a minute or two
    #[arg(long)]
    pub(crate) scale: bool,
    /// Rough figures in about ten seconds
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,
    /// Narrower intervals, and a batch of 100,000 keys; takes several minutes
    #[arg(long)]
    pub(crate) full: bool,
}

/// The subcommands, which measure something else instead.
#[derive(Debug, Subcommand)]
pub enum BenchPart {
    /// Simulate crossings by QR symbols: how many frames they take, for several sizes, losses and methods
    Qr(BenchQr),
}

/// Simulate crossings by QR symbols: how many frames they take, for several sizes, losses and methods
#[derive(Debug, clap::Args)]
pub struct BenchQr {
    /// Crossings to simulate for each figure in the table; 10000 take about an hour
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = parse_trials)]
    pub(crate) trials: usize,
    /// Numbers of blocks to simulate, instead of the usual ones
    #[arg(long, value_name = "K,K,…", value_delimiter = ',', value_parser = parse_blocks)]
    pub(crate) blocks: Vec<usize>,
    /// Only keyferry's frames, not the methods of other programs
    #[arg(long)]
    pub(crate) alone: bool,
}

fn parse_trials(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|n| (1..=1_000_000).contains(n)).ok_or("expected a number from 1 to 1000000")
}

fn parse_blocks(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|n| (1..=512).contains(n)).ok_or("expected numbers from 1 to 512")
}
