//! What can be typed: subcommands and their few flags. No default paths, no secrets in arguments.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};
use keyferry_core::{Fingerprint, MaterialBits, Timestamp, WrappingAlgorithm, bi};
use keyferry_transport::Console;

/// The offline station of keyferry: run it on an isolated machine.
#[derive(Debug, Parser)]
#[command(name = "keyferry-offline", version = crate::context::VERSION, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Language of human text: en or zh (default: the locale).
    #[arg(long, global = true, value_parser = ["en", "zh"])]
    pub(crate) lang: Option<String>,
    /// Print the result as JSON on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more; twice for most.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check parameters.json against the plan and show the words to compare. Touches no secret.
    Inspect(Inspect),
    /// Generate key material for every key of the plan, wrap it, and write ciphertext.json.
    Wrap(Wrap),
    /// Generate key material into a new file, as `openssl rand -out FILE 16|32` does.
    Generate(Generate),
    /// Encrypt a file of key material to a public key, as `openssl pkeyutl -encrypt` does.
    Encrypt(Encrypt),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The reviewed plan.
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,
    /// The parameters.json that came across.
    #[arg(long, value_name = "FILE")]
    pub(crate) parameters: PathBuf,
    /// The right time, if this machine's clock is wrong (2026-11-23T10:02:00Z).
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Timestamp>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Wrap {
    #[command(flatten)]
    pub(crate) inputs: Inspect,
    /// Folder for ciphertext.json and transcript.jsonl: the medium that goes back.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The digest of parameters.json to expect, as hex or words; replaces the question.
    #[arg(long, value_name = "DIGEST", value_parser = parse_digest)]
    pub(crate) expect_digest: Option<Fingerprint>,
    /// Rehearsals only: make all randomness from this published seed of 64 hex digits, and mark the result.
    #[arg(long, value_name = "HEX")]
    pub(crate) rehearsal_seed: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Generate {
    /// Length of the key material.
    #[arg(long, value_name = "128|256", value_parser = parse_bits)]
    pub(crate) bits: MaterialBits,
    /// New file for the raw key material, mode 0600.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Encrypt {
    /// The PublicKey of GetParametersForImport: base64 as returned, DER, or PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: PathBuf,
    /// The algorithm that the parameters were fetched for.
    #[arg(long, value_name = "NAME", value_parser = parse_algorithm)]
    pub(crate) algorithm: WrappingAlgorithm,
    /// Raw key material, 16 or 32 bytes.
    #[arg(long, value_name = "FILE")]
    pub(crate) material: PathBuf,
    /// New file for the ciphertext.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// raw: 256 bytes as `openssl pkeyutl` writes; base64: one line as `openssl enc -e -base64 -A` writes.
    #[arg(long, value_enum, default_value_t = OutputEncoding::Raw)]
    pub(crate) encoding: OutputEncoding,
    /// Refuse material of any other length.
    #[arg(long, value_name = "128|256", value_parser = parse_bits)]
    pub(crate) bits: Option<MaterialBits>,
}

/// How `encrypt` writes its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputEncoding {
    Raw,
    Base64,
}

fn parse_bits(text: &str) -> Result<MaterialBits, &'static str> {
    text.parse().ok().and_then(MaterialBits::from_bits).ok_or("expected 128 or 256")
}

fn parse_digest(text: &str) -> Result<Fingerprint, &'static str> {
    Fingerprint::parse_typed(text).map_err(|_| "expected a SHA-256 digest: 64 hex digits, or its 24 words")
}

fn parse_algorithm(text: &str) -> Result<WrappingAlgorithm, keyferry_core::algorithm::UnknownAlgorithm> {
    text.parse()
}

/// Help and version go to standard output; everything else is a usage error with its control id.
pub(crate) fn explain_usage(error: &clap::Error) -> ExitCode {
    let console = Console::new(Console::language(None), false, 0);
    let text = error.to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        console.result_line(text.trim_end());
        return ExitCode::SUCCESS;
    }
    console.usage(
        &text,
        &bi!("keyferry-offline --help lists the commands", "keyferry-offline --help 列出全部命令"),
    )
}
