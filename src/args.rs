//! The command line: subcommands and their few flags.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use keyferry_audit::archive::{self, Archive};
use keyferry_audit::report::{self, Report};
use keyferry_audit::sign::{self, AllowedSigners, Sign};
use keyferry_audit::verify::{self, Verify};
use keyferry_bench::Bench;
use keyferry_core::{DeskCommand, bi};
use keyferry_planning::Plan;
use keyferry_rehearse::Rehearse;
use keyferry_transport::Console;
use keyferry_transport::help;

use crate::clock::now;
use crate::emulate::{self, Emulate};
use crate::error::Error;

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
    /// Language of messages: en or zh [default: from the locale]
    #[arg(long, value_name = "LANG", value_parser = ["en", "zh"], hide_possible_values = true, global = true)]
    pub(crate) lang: Option<String>,
    /// Print the result, or the refusal, as one JSON object on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Increase verbosity
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

impl Common {
    pub(crate) fn console(&self) -> Console {
        Console::asked(self.lang.as_deref(), self.json, self.verbose)
    }
}

/// The help text of each command is next to its flags.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Rehearse(Rehearse),
    Emulate(Emulate),
    Plan(Plan),
    Verify(Verify),
    Sign(Sign),
    AllowedSigners(AllowedSigners),
    Report(Report),
    Archive(Archive),
    Bench(Bench),
}

/// Makes the build fail if a command is not in the list of commands.
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
        let lang = common.lang.as_deref();
        match self {
            Self::Rehearse(args) => Ok(keyferry_rehearse::run(args, now, console, lang)?),
            Self::Emulate(args) => emulate::run(args, console, common.verbose > 0),
            Self::Plan(args) => Ok(keyferry_planning::run(args, now(), console)?),
            Self::Verify(args) => Ok(verify::run(args, console)?),
            Self::Sign(args) => Ok(sign::run(args, console)?),
            Self::AllowedSigners(args) => Ok(sign::allowed_signers(args, console)?),
            Self::Report(args) => Ok(report::run(args, console)?),
            Self::Archive(args) => Ok(archive::run(args, console)?),
            Self::Bench(args) => Ok(keyferry_bench::run(args, now(), console)?),
        }
    }
}

/// Help and version are shown; everything else is a usage error with its control id.
pub(crate) fn explain_usage(typed: &[OsString], error: &clap::Error) -> ExitCode {
    let hint = bi!("keyferry --help lists the commands", "keyferry --help 列出全部命令");
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
