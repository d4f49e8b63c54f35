//! What can be typed: subcommands and their few flags.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use keyferry_core::{DeskCommand, Fingerprint, Purpose, Region, bi};
use keyferry_tencent::{Action, Edition};
use keyferry_transport::Console;
use keyferry_transport::console::exit_code;
use keyferry_transport::help;

use crate::error::Error;
use crate::plan::{self, Plan};
use crate::{archive, bench, emulate, rehearse, report, sign, verify};

mod page;

/// Air-gapped key ceremonies for cloud KMS: rehearse them, emulate the service, verify the record, measure.
///
/// Exit codes: 0 done, 1 refused by a check, 2 usage, 3 file or device, 4 the service.
#[derive(Debug, Parser)]
#[command(name = "keyferry", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Flags of every command.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// Language of human text: en or zh [default: from the locale]
    #[arg(long, value_name = "LANG", value_parser = ["en", "zh"], hide_possible_values = true, global = true)]
    pub(crate) lang: Option<String>,
    /// Print the result, or the refusal, as one JSON object on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

impl Common {
    pub(crate) fn console(&self) -> Console {
        Console::asked(self.lang.as_deref(), self.json, self.verbose)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Hold the whole ceremony on this computer, with the real stations, against an embedded emulator
    Rehearse(Rehearse),
    /// Run a strict Tencent Cloud KMS on loopback, until it is interrupted; -v shows each request
    Emulate(Emulate),
    /// Judge a plan, write one from answers, compare two, or draft a recovery's; works offline
    Plan(Plan),
    /// Check a ceremony's record: all of a folder, or the hash chain of a transcript alone
    Verify(Verify),
    /// Sign a record with a key file, or show how ssh-keygen does
    Sign(Sign),
    /// Print the allowed_signers file of a plan, as ssh-keygen -Y verify takes it
    AllowedSigners(AllowedSigners),
    /// Write a record as a page for people: HTML that prints, and Markdown
    Report(Report),
    /// Collect a ceremony's record from one or several folders into a new one, with SHA256SUMS
    Archive(Archive),
    /// Measure how fast this machine wraps, beside other implementations; takes under a minute
    Bench(Bench),
}

/// Each command is in the list of commands: one that is not does not compile.
const _: fn(&Command) -> DeskCommand = |command| match command {
    Command::Rehearse(_) => DeskCommand::Rehearse,
    Command::Emulate(_) => DeskCommand::Emulate,
    Command::Verify(_) => DeskCommand::Verify,
    Command::Sign(_) => DeskCommand::Sign,
    Command::Plan(_) => DeskCommand::Plan,
    Command::AllowedSigners(_) => DeskCommand::AllowedSigners,
    Command::Report(_) => DeskCommand::Report,
    Command::Archive(_) => DeskCommand::Archive,
    Command::Bench(_) => DeskCommand::Bench,
};

impl Command {
    /// Runs what was typed.
    pub(crate) fn run(&self, console: &Console, common: &Common) -> Result<(), Error> {
        match self {
            Self::Rehearse(args) => rehearse::run(args, console, common.lang.as_deref()),
            Self::Emulate(args) => emulate::run(args, console, common.verbose > 0),
            Self::Plan(args) => plan::run(args, console),
            Self::Verify(args) => verify::run(args, console),
            Self::Sign(args) => sign::run(args, console),
            Self::AllowedSigners(args) => sign::allowed_signers(args, console),
            Self::Report(args) => report::run(args, console),
            Self::Archive(args) => archive::run(args, console),
            Self::Bench(args) => bench::run(args, console),
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rehearse {
    /// Folder for everything that is made; an earlier rehearsal there is replaced, anything else refused
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Where keyferry-online and keyferry-offline are [default: beside this program]
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

#[derive(Debug, clap::Args)]
pub(crate) struct Emulate {
    /// Loopback address; port 0 takes a free one
    #[arg(long, value_name = "127.0.0.1:PORT")]
    pub(crate) listen: SocketAddr,
    /// SecretId that is let in; invent one, it guards nothing
    #[arg(long, value_name = "ID")]
    pub(crate) secret_id: String,
    /// SecretKey that belongs to it; invent one too
    #[arg(long, value_name = "KEY")]
    pub(crate) secret_key: String,
    /// Edition of a region where it is not the expected one; adds the region if GetRegions lacks it; may be given several times
    #[arg(long, value_name = "REGION=fips|sm", value_parser = parse_region_edition)]
    pub(crate) region_edition: Vec<(String, Edition)>,
    /// Action that these credentials have no right to, such as ScheduleKeyDeletion; may be given several times
    #[arg(long, value_name = "ACTION")]
    pub(crate) deny: Vec<Action>,
    /// New file that gets the port once requests are answered
    #[arg(long, value_name = "FILE")]
    pub(crate) port_file: Option<PathBuf>,
    /// Second loopback address, for tests: GET /imports (why an import was refused), /state, /counts; GET or POST /clock, /faults, /limit; POST /reset
    #[arg(long, value_name = "127.0.0.1:PORT")]
    pub(crate) admin: Option<SocketAddr>,
    /// New file that gets the port of --admin
    #[arg(long, value_name = "FILE", requires = "admin")]
    pub(crate) admin_port_file: Option<PathBuf>,
    /// File in which keys outlive this program, also when it is killed; made if it is not there [default: memory alone]
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// A line per request on standard error: who asked for what and how it ended, no secrets [default: none; -v means text]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log: Option<LogFormat>,
    /// Wrapping key pairs that requests share in turn, at least 2
    #[arg(long, value_name = "N", default_value_t = keyferry_emulator_tencent::WRAPPING_KEYS, value_parser = parse_wrapping_keys)]
    pub(crate) wrapping_keys: usize,
}

/// How the emulator's log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people: columns, `-` where there is nothing
    Text,
    /// For programs: one JSON object a line
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The record's folder; or a transcript.jsonl, of which the chain alone is checked
    #[arg(value_name = "DIR|FILE")]
    pub(crate) record: PathBuf,
    /// Refuse a record of another purpose: production or rehearsal
    #[arg(long, value_name = "PURPOSE", value_parser = parse_purpose)]
    pub(crate) expect: Option<Purpose>,
    /// Refuse another head than this, as hex or words from the paper
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub(crate) expect_head: Option<Fingerprint>,
    /// Folder of the record before, which the plan names for a key; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Sign {
    /// The record's folder; the signature goes into its subfolder `signatures`
    #[arg(value_name = "DIR")]
    pub(crate) record: PathBuf,
    /// OpenSSH private key file whose public half the plan names [default: show the ssh-keygen lines]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Head that the record must have, as hex or words from the paper; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed, requires = "key")]
    pub(crate) expect_head: Option<Fingerprint>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AllowedSigners {
    /// The reviewed plan
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// The record's folder
    #[arg(value_name = "DIR")]
    pub(crate) record: PathBuf,
    /// New file for the page: one file that loads nothing and prints on A4
    #[arg(long, value_name = "FILE.html")]
    pub(crate) out: PathBuf,
    /// New file for the same as Markdown
    #[arg(long, value_name = "FILE.md")]
    pub(crate) md: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Archive {
    /// Folders that the ceremony's files are in: the medium, and others that hold more of them
    #[arg(value_name = "MEDIUM", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// New folder for the archive
    #[arg(value_name = "ARCHIVE", required = true)]
    pub(crate) archive: PathBuf,
}

fn parse_purpose(text: &str) -> Result<Purpose, &'static str> {
    match text {
        "production" => Ok(Purpose::Production),
        "rehearsal" => Ok(Purpose::Rehearsal),
        _ => Err("expected production or rehearsal"),
    }
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    pub(crate) part: Option<BenchPart>,
    /// Folder for bench.json and bench.html, a page to look at; neither may be there yet
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// An older bench.json: show what changed since
    #[arg(long, value_name = "OLD.json")]
    pub(crate) compare: Option<PathBuf>,
    /// A first look in about ten seconds
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,
    /// Several minutes: narrower intervals, and a batch of 100,000 keys
    #[arg(long)]
    pub(crate) full: bool,
}

/// What is measured instead.
#[derive(Debug, Subcommand)]
pub(crate) enum BenchPart {
    /// Simulate crossings by QR symbols: frames shown until complete, for sizes, losses and ways of showing
    Qr(BenchQr),
}

#[derive(Debug, clap::Args)]
pub(crate) struct BenchQr {
    /// Crossings for each number of the table; 10000 take an hour or so
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = parse_trials)]
    pub(crate) trials: usize,
    /// Numbers of blocks, instead of the usual ones
    #[arg(long, value_name = "K,K,…", value_delimiter = ',', value_parser = parse_blocks)]
    pub(crate) blocks: Vec<usize>,
    /// Only keyferry's frames, without the ways of others
    #[arg(long)]
    pub(crate) alone: bool,
}

fn parse_trials(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|n| (1..=1_000_000).contains(n)).ok_or("expected a number from 1 to 1000000")
}

fn parse_blocks(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|n| (1..=512).contains(n)).ok_or("expected numbers from 1 to 512")
}

/// 32 bytes in hex; a digest has the same written form.
fn parse_seed(text: &str) -> Result<Fingerprint, &'static str> {
    text.parse().map_err(|_| "expected 64 hex digits in lower case")
}

/// A pair takes up to half a second to make and a few KiB to keep.
fn parse_wrapping_keys(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|n| (2..=10_000).contains(n)).ok_or("expected a number from 2 to 10000")
}

fn parse_region_edition(text: &str) -> Result<(String, Edition), &'static str> {
    let expected = "expected a region and its edition, such as ap-guangzhou=sm";
    let (region, edition) = text.split_once('=').ok_or(expected)?;
    let region: Region = region.parse().map_err(|_| expected)?;
    Ok((region.as_str().to_owned(), edition.parse().map_err(|_| expected)?))
}

/// Help and version are shown; everything else is a usage error with its control id.
pub(crate) fn explain_usage(typed: &[OsString], error: &clap::Error) -> ExitCode {
    if let Some(shown) = help::show(typed, error, Args::command(), &page::PAGE) {
        return exit_code(shown);
    }
    let (console, text) = (help::console(typed), error.to_string());
    console.usage(&text, &bi!("keyferry --help lists the commands", "keyferry --help 列出全部命令"))
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
        let listed: Vec<_> = DeskCommand::ALL.iter().map(|c| c.word()).collect();
        assert_eq!(typed, listed);
        assert_eq!(command.get_name(), DeskCommand::PROGRAM);
    }

    #[test]
    fn the_help_of_emulate_names_every_path_of_the_admin_interface() {
        let mut command = Args::command();
        let help = command.find_subcommand_mut("emulate").unwrap().render_help().to_string();
        for path in keyferry_emulator_tencent::ADMIN_PATHS {
            assert!(help.contains(path), "{path}:\n{help}");
        }
    }

    #[test]
    fn what_can_be_typed() {
        Args::command().debug_assert();
        for good in [
            "x emulate --listen 127.0.0.1:0 --secret-id a --secret-key b --region-edition ap-x=sm -v",
            "x emulate --listen 127.0.0.1:0 --secret-id a --secret-key b --admin 127.0.0.1:0 --admin-port-file f --wrapping-keys 2",
            "x rehearse --out d --lang zh",
            "x rehearse --out d --qr",
            "x rehearse --out d --plan p.toml",
            "x rehearse --out d --plan p.toml --interactive",
            "x plan check plan.toml --now 2026-11-30T08:00:00Z --json",
            "x plan new --out plan.toml",
            "x plan diff draft.toml plan.toml --lang zh",
            "x plan recover archive --ceremony recovery-1 --out plan.toml",
            "x verify medium",
            "x verify archive --expect production --previous a --previous b",
            "x sign archive --key k",
            "x allowed-signers plan.toml",
            "x report archive --out r.html --md r.md --lang zh",
            "x archive medium archive",
            "x archive medium online other archive --json",
            "x bench",
            "x bench qr --trials 5 --blocks 2,40 --alone --json",
            "x bench --quick --out d --compare old.json --json",
        ] {
            assert!(Args::try_parse_from(good.split(' ')).is_ok(), "{good}");
        }
        for bad in [
            "x",
            "x plan",
            "x plan check",
            "x plan check plan.toml --now today",
            "x plan diff plan.toml",
            "x plan recover archive --out plan.toml",
            "x verify",
            "x verify archive --expect practice",
            "x report archive",
            "x archive medium",
            "x bench --quick --full",
            "x bench qr --blocks 513",
            "x bench qr --trials 0",
            "x bench --compare",
            "x rehearse",
            "x rehearse --out d --interactive",
            "x rehearse --out d --plan p.toml --qr",
            "x rehearse --out d --seed 12",
            "x emulate --listen localhost --secret-id a --secret-key b",
            "x emulate --listen 127.0.0.1:0 --secret-id a --secret-key b --admin-port-file f",
            "x emulate --listen 127.0.0.1:0 --secret-id a --secret-key b --wrapping-keys 1",
            "x emulate --listen 127.0.0.1:0 --secret-id a --secret-key b --region-edition ap-x",
            "x emulate --listen 127.0.0.1:0 --secret-id a --secret-key b --region-edition ap-x=gold",
        ] {
            assert!(Args::try_parse_from(bad.split(' ')).is_err(), "{bad}");
        }
    }
}
