//! The command line: subcommands and their few flags. No default paths, no secrets in arguments.
//!
//! The flags are declared by hand, because clap's derive macros would add two more crates to the offline program. Each command
//! has one module. To add a command, add its module, its variant of [`Command`], its word in [`OfflineCommand`] and its
//! [`entry`].

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches};
use keyferry_core::{OfflineCommand, bi};
use keyferry_transport::help;

use crate::backup::Giving;

mod drill_flags;
mod encrypt_flags;
mod entropy_flags;
mod expected;
mod flag;
mod generate_flags;
mod inspect_flags;
mod note_flags;
mod page;
mod preflight_flags;
mod receive_flags;
mod rewrap_flags;
mod share_flags;
mod show_flags;
mod wrap_flags;

pub(crate) use drill_flags::Drill;
pub(crate) use encrypt_flags::{Encrypt, OutputEncoding};
pub(crate) use entropy_flags::Asked;
pub(crate) use expected::Expected;
pub(crate) use generate_flags::Generate;
pub(crate) use inspect_flags::Inspect;
pub(crate) use note_flags::Note;
pub(crate) use preflight_flags::Preflight;
pub(crate) use receive_flags::Receive;
pub(crate) use rewrap_flags::Rewrap;
pub(crate) use show_flags::Show;
pub(crate) use wrap_flags::Wrap;

/// The parsed command line.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) command: Command,
    /// `en` or `zh`; `None` means the language of the locale.
    pub(crate) lang: Option<String>,
    /// Whether to print the result as JSON on standard output.
    pub(crate) json: bool,
    /// How often `-v` was given.
    pub(crate) verbose: u8,
}

/// The subcommand that was typed.
#[derive(Debug)]
pub(crate) enum Command {
    Preflight(Preflight),
    Inspect(Inspect),
    Wrap(Wrap),
    Rewrap(Rewrap),
    Drill(Drill),
    Generate(Generate),
    Encrypt(Encrypt),
    Note(Note),
    Show(Show),
    /// `self`.
    About,
    Receive(Receive),
}

impl Command {
    /// Whether there can be many keys to wrap, so that threads help.
    pub(crate) const fn wraps(&self) -> bool {
        matches!(self, Self::Wrap(_) | Self::Rewrap(_))
    }

    /// Whether people may have to type something secret: shares, or contributions to entropy.
    pub(crate) fn types_secrets(&self) -> bool {
        match self {
            // Shares that were shown on the screen are typed at a terminal, where each read ends at the end
            // of a line.
            Self::Wrap(args) => !args.entropy.is_empty() || args.shares != Giving::Screen,
            Self::Rewrap(_) | Self::Drill(_) => true,
            Self::Generate(args) => !args.entropy.is_empty(),
            Self::Preflight(_)
            | Self::Inspect(_)
            | Self::Encrypt(_)
            | Self::Note(_)
            | Self::Show(_)
            | Self::Receive(_)
            | Self::About => false,
        }
    }
}

/// The flags of one command.
trait Flags: Sized {
    /// Adds these flags to the command.
    fn declare(command: clap::Command) -> clap::Command;
    /// Takes the flags' values out of the parsed command line.
    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error>;
}

/// One command as the help page lists it, with its flags.
struct Entry {
    about: &'static str,
    declare: fn(clap::Command) -> clap::Command,
    read: fn(&mut ArgMatches) -> Result<Command, clap::Error>,
}

/// Position of the common flags in the help: below the command's own flags.
const LAST: usize = 100;

/// The help row and the flags of a command.
fn entry(command: OfflineCommand) -> Entry {
    match command {
        OfflineCommand::Preflight => Entry {
            about: "Check this machine: network, radios, swap, dumps, clock and more. Touches no secret",
            declare: Preflight::declare,
            read: |m| Preflight::read(m).map(Command::Preflight),
        },
        OfflineCommand::Inspect => Entry {
            about: "Check parameters.json against the plan and show what is in it. Touches no secret",
            declare: Inspect::declare,
            read: |m| Inspect::read(m).map(Command::Inspect),
        },
        OfflineCommand::Wrap => Entry {
            about: "Generate key material for every key of the plan, wrap it, and write ciphertext.json",
            declare: Wrap::declare,
            read: |m| Wrap::read(m).map(Command::Wrap),
        },
        OfflineCommand::Rewrap => Entry {
            about: "Recover key material from shares, wrap it to new parameters, and write ciphertext.json",
            declare: Rewrap::declare,
            read: |m| Rewrap::read(m).map(Command::Rewrap),
        },
        OfflineCommand::Drill => Entry {
            about: "Combine shares, compare the result with the record, and wipe it; or prove one share",
            declare: Drill::declare,
            read: |m| Drill::read(m).map(Command::Drill),
        },
        OfflineCommand::Generate => Entry {
            about: "Generate key material into a new file, as `openssl rand -out FILE 16|32` does",
            declare: Generate::declare,
            read: |m| Generate::read(m).map(Command::Generate),
        },
        OfflineCommand::Encrypt => Entry {
            about: "Encrypt a file of key material to a public key, as `openssl pkeyutl -encrypt` does",
            declare: Encrypt::declare,
            read: |m| Encrypt::read(m).map(Command::Encrypt),
        },
        OfflineCommand::Note => Entry {
            about: "Note in the record what the programs cannot see, above all a deviation. Touches no secret",
            declare: Note::declare,
            read: |m| Note::read(m).map(Command::Note),
        },
        OfflineCommand::Show => Entry {
            about: "Show a file that crosses as QR symbols: in this terminal, as pictures, as a page, or printed",
            declare: Show::declare,
            read: |m| Show::read(m).map(Command::Show),
        },
        OfflineCommand::Receive => Entry {
            about: "Receive a file that the other station shows, from a scanner's lines, into a new file",
            declare: Receive::declare,
            read: |m| Receive::read(m).map(Command::Receive),
        },
        OfflineCommand::About => Entry {
            about: "Show which program this is: version, its own SHA-256, how it was built, and from which crates",
            declare: |command| command,
            read: |_| Ok(Command::About),
        },
    }
}

impl Args {
    /// Parses a command line whose first word is the program's name.
    pub(crate) fn parse(args: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut program = program(named(&args).map_or(OfflineCommand::ALL, std::slice::from_ref));
        let mut matches = program.try_get_matches_from_mut(args)?;
        Self::read(&mut matches).map_err(|e| e.format(&mut program))
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let lang = flag::optional(matches, "lang")?;
        let (json, verbose) = (matches.get_flag("json"), matches.get_count("verbose"));
        let missing = || clap::Error::new(ErrorKind::MissingSubcommand);
        let (name, mut inner) = matches.remove_subcommand().ok_or_else(missing)?;
        let command = OfflineCommand::ALL.iter().find(|c| c.word() == name).ok_or_else(missing)?;
        Ok(Self { command: (entry(*command).read)(&mut inner)?, lang, json, verbose })
    }
}

/// The command that the second word of the command line names, if it names one.
fn named(args: &[OsString]) -> Option<&'static OfflineCommand> {
    args.get(1).and_then(|a| OfflineCommand::ALL.iter().find(|c| a == c.word()))
}

/// The program with only these commands: parsing one command does not need the flags of the others.
fn program(commands: &[OfflineCommand]) -> clap::Command {
    let commands = commands.iter().map(|command| {
        let entry = entry(*command);
        (entry.declare)(clap::Command::new(command.word()).about(entry.about))
    });
    clap::Command::new(OfflineCommand::PROGRAM)
        .about("The offline station of keyferry: run it on an isolated machine")
        .version(crate::context::VERSION)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(commands)
        .arg(
            Arg::new("lang")
                .long("lang")
                .global(true)
                .value_name("LANG")
                .display_order(LAST)
                .value_parser(["en", "zh"])
                .help("Language of messages: en or zh (default: from the locale)"),
        )
        .arg(
            flag::switch("json", "Print the result as JSON on standard output")
                .global(true)
                .display_order(LAST),
        )
        .arg(
            Arg::new("verbose")
                .short('v')
                .long("verbose")
                .global(true)
                .action(ArgAction::Count)
                .display_order(LAST)
                .help("Increase verbosity (repeat for more)"),
        )
}

/// Shows help or version; every other error is reported as a usage error with its control id.
pub(crate) fn explain_usage(typed: &[OsString], error: &clap::Error) -> ExitCode {
    let hint = bi!("keyferry-offline --help lists the commands", "keyferry-offline --help 列出全部命令");
    help::explain_usage(typed, error, program(OfflineCommand::ALL), &page::PAGE, &hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_declared_without_contradiction() {
        program(OfflineCommand::ALL).debug_assert();
        assert!(OfflineCommand::ALL.len() >= 5);
    }

    #[test]
    fn a_command_line_is_read_as_it_was_meant() {
        let line =
            "keyferry-offline wrap --plan p --parameters q --out o --json -vv --now 2026-11-23T10:02:00Z";
        let args = Args::parse(line.split(' ').map(OsString::from).collect()).unwrap();
        assert!(args.json && args.verbose == 2 && args.lang.is_none());
        let Command::Wrap(wrap) = args.command else { panic!("not wrap") };
        assert_eq!((wrap.inputs.plan.to_str(), wrap.out.to_str()), (Some("p"), Some("o")));
        assert!(wrap.inputs.now.is_some() && wrap.expected.asks());
    }

    #[test]
    fn every_command_has_an_example_and_the_chinese_help_is_chinese() {
        let parses = |line: &str| {
            let words = line.replace("'Carol Witness'", "Carol");
            Args::parse(words.split(' ').map(OsString::from).collect()).is_ok()
        };
        let faults = help::faults(&program(OfflineCommand::ALL), &page::PAGE, parses);
        assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Args::parse(["keyferry-offline", "inspect"].map(OsString::from).into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingRequiredArgument);
        assert!(error.to_string().contains("--parameters"));
    }
}
