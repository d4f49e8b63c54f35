//! The command line, which has no argument for a PIN.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use keyferry_core::{Fingerprint, HsmCommand, Timestamp, bi};
use keyferry_transport::help;

mod page;

/// The HSM station of keyferry: key material is made in a PKCS#11 token, and leaves it only wrapped.
#[derive(Debug, Parser)]
#[command(name = "keyferry-hsm", version, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Language of messages: en or zh (default: from the locale).
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
    /// Show what a module really does, with throw-away keys.
    Probe(Probe),
    /// Measure how many keys per second the token wraps, compared with this computer, with throw-away keys.
    Bench(Bench),
    /// Have the token make and wrap every key of the plan, and write ciphertext.json.
    Wrap(Wrap),
    /// Have the token wrap again the keys that it kept, or that the HSM's backup restored, and write ciphertext.json.
    Rewrap(Rewrap),
}

/// Makes the build fail if a command is not in the list of commands.
const _: fn(&Command) -> HsmCommand = |command| match command {
    Command::Inspect(_) => HsmCommand::Inspect,
    Command::Probe(_) => HsmCommand::Probe,
    Command::Bench(_) => HsmCommand::Bench,
    Command::Wrap(_) => HsmCommand::Wrap,
    Command::Rewrap(_) => HsmCommand::Rewrap,
};

/// Which module, and how to talk to it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ModuleArgs {
    /// The file of the PKCS#11 module, from the maker of the HSM.
    #[arg(long, value_name = "FILE")]
    pub(crate) module: PathBuf,
    /// Seconds to wait for the answer to a call before the module's process is ended.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) time_limit: u64,
    /// A string that the module needs when it is initialised (NSS's softokn).
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
    /// The HSM is reached over a network: allow the module to use one.
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
    /// The HSM is reached over a network: allow the module to use one.
    #[arg(long)]
    pub(crate) network: bool,
}

/// `bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    #[command(flatten)]
    pub(crate) probe: Probe,
    /// Number of rounds; the median is shown.
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) rounds: u16,
}

/// The inputs of every run that ends in a ciphertext.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The reviewed plan, with its `[hsm]`.
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,
    /// The parameters.json that came across.
    #[arg(long, value_name = "FILE")]
    pub(crate) parameters: PathBuf,
    #[command(flatten)]
    pub(crate) module: ModuleArgs,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// Folder for ciphertext.json and transcript.jsonl: the medium that goes back.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Digest that parameters.json must have, as hex or words; replaces the question.
    #[arg(long, value_name = "DIGEST", value_parser = typed_digest)]
    pub(crate) expect_digest: Option<Fingerprint>,
    /// Head that a record found by this run must have, as hex or words; once for each record.
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
    /// Do not lock the kept keys: the token can wrap them again, but only to public keys that its security officer marked as trusted.
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

/// Help and version are shown; everything else is a usage error with its control id.
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
    fn the_commands_are_those_of_the_list() {
        let command = Args::command();
        let typed: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        let listed: Vec<_> = HsmCommand::ALL.iter().map(|c| c.word()).collect();
        assert_eq!(typed, listed);
        assert_eq!(command.get_name(), HsmCommand::PROGRAM);
    }

    #[test]
    fn there_is_no_option_for_a_pin() {
        let program = Args::command();
        let options = program.get_subcommands().flat_map(clap::Command::get_arguments);
        assert!(options.map(|o| o.get_id().as_str().to_lowercase()).all(|id| !id.contains("pin")));
    }
}
