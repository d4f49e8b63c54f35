//! The command line. It takes no PIN.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use keyferry_core::{Fingerprint, Timestamp, bi};
use keyferry_transport::help;

mod page;

/// The HSM station of keyferry: key material is generated in a PKCS#11 token and leaves it only wrapped.
#[derive(Debug, Parser)]
#[command(name = "keyferry-hsm", version, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Language of human text: en or zh (default: the locale).
    #[arg(long, global = true, value_parser = ["en", "zh"])]
    pub(crate) lang: Option<String>,
    /// Print the result as JSON on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Increase verbosity (repeat for more).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what a module says about itself and its tokens. Changes nothing and needs no PIN.
    Inspect(Inspect),
    /// Test what a module really does, with throw-away keys.
    Probe(Probe),
    /// Measure how many keys per second the token wraps, compared with this computer, with throw-away keys.
    Bench(Bench),
    /// Generate every key of the plan in the token, wrap it there, and write ciphertext.json.
    Wrap(Wrap),
    /// Wrap again, in the token, keys that it kept or that were restored from the HSM's backup, and write ciphertext.json.
    Rewrap(Rewrap),
}

/// Which module, and how to use it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ModuleArgs {
    /// The file of the PKCS#11 module, from the maker of the HSM.
    #[arg(long, value_name = "FILE")]
    pub(crate) module: PathBuf,
    /// Seconds to wait for an answer from the module before it is ended.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) time_limit: u64,
    /// A string that the module wants when it is initialised (softokn of NSS).
    #[arg(long, value_name = "TEXT", hide = true)]
    pub(crate) init_string: Option<String>,
}

/// Which token.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TokenArgs {
    /// Label of the token.
    #[arg(long, value_name = "LABEL")]
    pub(crate) token_label: String,
    /// Serial number of the token, if several have the label.
    #[arg(long, value_name = "SERIAL")]
    pub(crate) serial: Option<String>,
}

/// `inspect`.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) module: ModuleArgs,
    /// Only the token with this label.
    #[arg(long, value_name = "LABEL")]
    pub(crate) token_label: Option<String>,
    /// The HSM is reached over a network: do not forbid the module to use one.
    #[arg(long)]
    pub(crate) network: bool,
}

/// `probe`.
#[derive(Debug, clap::Args)]
pub(crate) struct Probe {
    #[command(flatten)]
    pub(crate) module: ModuleArgs,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// The HSM is reached over a network: do not forbid the module to use one.
    #[arg(long)]
    pub(crate) network: bool,
}

/// `bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    #[command(flatten)]
    pub(crate) probe: Probe,
    /// Number of rounds from which the median is taken.
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) rounds: u16,
}

/// The arguments of every run that ends in a ciphertext.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The reviewed plan, with its `[hsm]`.
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,
    /// The parameters.json that crossed.
    #[arg(long, value_name = "FILE")]
    pub(crate) parameters: PathBuf,
    #[command(flatten)]
    pub(crate) module: ModuleArgs,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// Folder for ciphertext.json and transcript.jsonl: the medium that goes back.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// The digest of parameters.json to expect, as hex or words; replaces the question.
    #[arg(long, value_name = "DIGEST", value_parser = typed_digest)]
    pub(crate) expect_digest: Option<Fingerprint>,
    /// The head to expect in a record that is found, as hex or words; once for each record.
    #[arg(long, value_name = "DIGEST", value_parser = typed_digest)]
    pub(crate) expect_head: Vec<Fingerprint>,
    /// The right time, if this machine's clock is wrong (2026-11-23T10:02:00Z).
    #[arg(long, value_name = "TIME", value_parser = typed_time)]
    pub(crate) now: Option<Timestamp>,
}

/// `wrap`.
#[derive(Debug, clap::Args)]
pub(crate) struct Wrap {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Keep each key in the token under this label and its alias, locked against any further wrapping.
    #[arg(long, value_name = "LABEL")]
    pub(crate) keep: Option<String>,
    /// Instead of locking it: the token wraps a kept key again, but only to keys that its security officer marked as trusted.
    #[arg(long, requires = "keep")]
    pub(crate) trusted: bool,
}

/// `rewrap`.
#[derive(Debug, clap::Args)]
pub(crate) struct Rewrap {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// The label that the keys were kept under; each key has this label and its alias.
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: String,
    /// The transcript.jsonl of the ceremony that made the keys.
    #[arg(long, value_name = "FILE")]
    pub(crate) transcript: PathBuf,
    /// The keys were kept with `wrap --trusted`: the security officer marks the wrapping keys as trusted for this run.
    #[arg(long)]
    pub(crate) trusted: bool,
}

fn typed_digest(text: &str) -> Result<Fingerprint, String> {
    Fingerprint::parse_typed(text).map_err(|e| e.to_string())
}

fn typed_time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time such as 2026-11-23T10:02:00Z".to_owned())
}

/// Shows help and version; everything else is a usage error with its control id.
pub(crate) fn explain_usage(typed: &[OsString], error: &clap::Error) -> ExitCode {
    let hint = bi!("keyferry-hsm --help lists the options", "keyferry-hsm --help 列出全部选项");
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

    #[test]
    fn there_is_no_option_for_a_pin() {
        let program = Args::command();
        let options = program.get_subcommands().flat_map(clap::Command::get_arguments);
        assert!(options.map(|o| o.get_id().as_str().to_lowercase()).all(|id| !id.contains("pin")));
    }
}
