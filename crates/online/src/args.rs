//! The command line as it is typed: one list of commands, each of which declares its own flags. It has no place for a credential.

use clap::{Parser, Subcommand};
use keyferry_core::OnlineCommand;

use crate::command::check_access::CheckAccess;
use crate::command::create_key::CreateKey;
use crate::command::export::Export;
use crate::command::import::Import;
use crate::command::life::{Recorded, Schedule, Typed};
use crate::command::note::Note;
use crate::command::random::Random;
use crate::command::rebuild_journal::RebuildJournal;
use crate::command::receive::Receive;
use crate::command::show::Show;
use crate::command::status::Status;
use crate::common_flags::Common;

pub(crate) mod page;

/// The online station of a keyferry ceremony
#[derive(Debug, Parser)]
#[command(
    name = "keyferry-online", version, disable_help_subcommand = true, max_term_width = 100, long_about = page::ABOUT.0,
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// What the station can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create keys without material, and write their ids into the plan
    CreateKey(CreateKey),
    /// Fetch import parameters for every key of a plan
    Export(Export),
    /// Import ciphertext.json, then prove that each key works
    Import(Import),
    /// Rebuild lost journals from the ceremony's record and the service
    RebuildJournal(RebuildJournal),
    /// Ask, before the day of the ceremony, what these credentials may do; changes nothing
    CheckAccess(CheckAccess),
    /// Show the state of keys, and warn about those that expire soon
    Status(Status),
    /// Delete a key's material; the same material can be imported again
    DeleteMaterial(Typed),
    /// Schedule a key to be deleted for good; everything encrypted under it is then lost
    ScheduleDeletion(Schedule),
    /// Cancel a scheduled deletion
    CancelDeletion(Recorded),
    /// Enable a disabled key again
    Enable(Recorded),
    /// Disable a key
    Disable(Typed),
    /// Note in the record what the programs cannot see, above all a deviation
    Note(Note),
    /// Fetch random bytes from the service, as one contribution to entropy
    Random(Random),
    /// Show a file that crosses as QR symbols: in this terminal, as pictures, as a page, or printed
    Show(Show),
    /// Receive a file that the other station shows, from a scanner's lines, into a new file
    Receive(Receive),
}

/// Maps each command to its entry in the list of commands; a command without an entry does not compile.
const _: fn(&Command) -> OnlineCommand = |command| match command {
    Command::CreateKey(_) => OnlineCommand::CreateKey,
    Command::Export(_) => OnlineCommand::Export,
    Command::Import(_) => OnlineCommand::Import,
    Command::RebuildJournal(_) => OnlineCommand::RebuildJournal,
    Command::CheckAccess(_) => OnlineCommand::CheckAccess,
    Command::Status(_) => OnlineCommand::Status,
    Command::DeleteMaterial(_) => OnlineCommand::DeleteMaterial,
    Command::ScheduleDeletion(_) => OnlineCommand::ScheduleDeletion,
    Command::CancelDeletion(_) => OnlineCommand::CancelDeletion,
    Command::Enable(_) => OnlineCommand::Enable,
    Command::Disable(_) => OnlineCommand::Disable,
    Command::Note(_) => OnlineCommand::Note,
    Command::Random(_) => OnlineCommand::Random,
    Command::Show(_) => OnlineCommand::Show,
    Command::Receive(_) => OnlineCommand::Receive,
};

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_those_of_the_list() {
        let command = Args::command();
        let typed: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        let listed: Vec<_> = OnlineCommand::ALL.iter().map(|c| c.word()).collect();
        assert_eq!(typed, listed);
        assert_eq!(command.get_name(), OnlineCommand::PROGRAM);
    }

    #[test]
    fn every_command_has_an_example_and_the_chinese_help_is_chinese() {
        let parses = |line: &str| {
            let words = line.replace("'Carol Witness'", "Carol");
            Args::try_parse_from(words.split(' ')).is_ok()
        };
        let faults = keyferry_transport::help::faults(&Args::command(), &page::PAGE, parses);
        assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn the_command_line_is_consistent_and_takes_no_credential() {
        Args::command().debug_assert();
        for bad in [
            "x",
            "x create-key",
            "x create-key --plan a",
            "x create-key --out a",
            "x create-key --region ap-singapore",
            "x create-key --plan a --out b --region ap-singapore --alias k",
            "x check-access",
            "x check-access --region ap-singapore",
            "x status",
            "x status --all-regions --region ap-singapore",
            "x status --plan a --warn-within d",
            "x status --plan a --warn-within 0",
            "x status --plan a --expect-at-least -1",
            "x schedule-deletion --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01 --days 6",
            "x export --plan a --out b",
            "x export --plan a --out b --session c --secret-key s",
            "x show",
            "x show f --png a --html b",
            "x show f --test-page",
            "x show f --qr-version 41",
            "x show f --fps 0",
            "x receive",
            "x receive --out f --camera",
        ] {
            assert!(Args::try_parse_from(bad.split(' ')).is_err(), "{bad}");
        }
        for good in [
            "x create-key --plan a --out b --transcript t",
            "x create-key --region ap-singapore --alias k --alias l",
            "x status --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01 -vv --json",
            "x --lang zh status --plan a",
            "x check-access --plan a --json",
            "x status --all-regions --warn-within 30d",
            "x status --plan a --warn-within 30 --expect-at-least 2",
            "x delete-material --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01 --yes-alias a",
            "x random --region ap-singapore --out f",
            "x show f",
            "x show --test-page --html p",
            "x show f --print p --qr-version 20 --lang zh",
            "x receive --out f",
            "x receive --from g --out f --json",
        ] {
            assert!(Args::try_parse_from(good.split(' ')).is_ok(), "{good}");
        }
    }
}
