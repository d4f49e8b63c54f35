//! The arguments of `status`.

use std::path::PathBuf;

use clap::{ArgGroup, Args as ClapArgs};
use keyferry_core::{KeyId, Region};

/// Arguments of `status`.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("what").required(true).args(["plan", "region", "all_regions"]))]
pub struct Status {
    /// Plan whose keys to show
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Region whose external keys to show
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// Show the external keys of every region
    #[arg(long)]
    pub all_regions: bool,
    /// Show only this key of the region
    #[arg(long, value_name = "ID", requires = "region", conflicts_with_all = ["plan", "all_regions"])]
    pub key_id: Option<KeyId>,
    /// Exit with code 1 if the material of a shown key has expired or expires within this many days, or if there is no key
    #[arg(long, value_name = "DAYS")]
    pub warn_within: Option<Days>,
    /// Exit with code 1 if fewer keys are found
    #[arg(long, value_name = "N")]
    pub expect_at_least: Option<usize>,
    /// File for a Prometheus textfile collector, *.prom: written whatever the exit code; replaces the file of an earlier run
    #[arg(long, value_name = "FILE", value_parser = parse_prom)]
    pub prometheus: Option<PathBuf>,
}

/// Days, as in `30d` or `30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(pub u16);

impl core::str::FromStr for Days {
    type Err = &'static str;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let digits = Some(s.strip_suffix('d').unwrap_or(s)).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        let days = digits.and_then(|d| d.parse().ok()).filter(|n| (1..=3650).contains(n));
        days.map(Self).ok_or("expected days, such as 30 or 30d, from 1 to 3650")
    }
}

/// Accepts only a file name that a textfile collector reads.
fn parse_prom(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    if path.extension().is_some_and(|e| e == "prom") {
        Ok(path)
    } else {
        Err("expected a name that ends in .prom: a collector reads no other")
    }
}
