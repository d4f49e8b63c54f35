//! The command line as it is typed: low arguments, not yet looked at. It has no place for a credential.

use std::path::PathBuf;

use clap::{ArgAction, ArgGroup, Args as ClapArgs, Parser, Subcommand};
use keyferry_core::{Alias, CeremonyId, Fingerprint, KeyId, OnlineCommand, Region};
use keyferry_service::manner::Rate;
use keyferry_transport::{Console, show};

use crate::providers;

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

/// Flags of every command.
#[derive(Debug, ClapArgs)]
pub struct Common {
    /// Service to speak to: scheme, host and port only (default: the provider's; for import, the session's)
    #[arg(long, value_name = "URL", env = "KEYFERRY_ENDPOINT", hide_env_values = true, global = true)]
    pub endpoint: Option<String>,
    /// Language of human text: en or zh (default: from the locale)
    #[arg(long, value_name = "LANG", value_parser = ["en", "zh"], hide_possible_values = true, global = true)]
    pub lang: Option<String>,
    /// Print the result, or the refusal, as one JSON object on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder of the journals (default: keyferry/journal below XDG_STATE_HOME or ~/.local/state)
    #[arg(long, value_name = "DIR", global = true)]
    pub journal: Option<PathBuf>,
    // What a profile is, the provider says.
    #[allow(missing_docs)]
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "instance_role", help = providers::PROFILE[0])]
    pub profile: Option<String>,
    /// Role of this cloud instance to take credentials from; its metadata service is asked
    #[arg(long, value_name = "ROLE", global = true)]
    pub instance_role: Option<String>,
    /// Requests a second, at most; the service allows 100 to the whole account
    #[arg(long, value_name = "N", default_value_t = Rate::DEFAULT, global = true)]
    pub rate: Rate,
    /// Keys worked on at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64), global = true)]
    pub jobs: u16,
    /// Times that a request is sent at most, where repeating is safe
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=20), global = true)]
    pub attempts: u32,
    /// Seconds to wait for one answer
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600), global = true)]
    pub timeout: u64,
    /// One line per request; twice also names and lengths of what is sent, never values
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
}

impl Common {
    /// Where to talk to people.
    #[must_use]
    pub fn console(&self) -> Console {
        Console::asked(self.lang.as_deref(), self.json, self.verbose)
    }
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
    /// Write lost journals again, from the ceremony's record and the service
    RebuildJournal(RebuildJournal),
    /// Before the day: ask what these credentials may do, and change nothing
    CheckAccess(CheckAccess),
    /// Show where keys stand, and warn of those that expire soon
    Status(Status),
    /// Delete a key's material; the same material can be imported again
    DeleteMaterial(Typed),
    /// Have a key deleted for good, with all that was encrypted under it
    ScheduleDeletion(Schedule),
    /// Call a planned deletion off
    CancelDeletion(Recorded),
    /// Put a disabled key back to work
    Enable(Recorded),
    /// Switch a key off
    Disable(Typed),
    /// Note in the record what the programs cannot see, a deviation most of all
    Note(Note),
    /// Fetch random bytes from the service, as one contribution to entropy
    Random(Random),
    /// Show a file that crosses as QR symbols: here, as pictures, as a page, or printed
    Show(Show),
    /// Take a file that the other station shows, from a scanner's lines, into a new file
    Receive(Receive),
}

/// Each command is in the list of commands: one that is not does not compile.
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

/// One key.
#[derive(Debug, ClapArgs)]
pub struct OneKey {
    /// Region of the key
    #[arg(long, value_name = "REGION")]
    pub region: Region,
    /// Id of the key
    #[arg(long, value_name = "ID")]
    pub key_id: KeyId,
}

/// One key, and the record of what is done to it.
#[derive(Debug, ClapArgs)]
pub struct Recorded {
    /// The key
    #[command(flatten)]
    pub key: OneKey,
    /// Record of what is done to keys after their ceremony: ARCHIVE/life.jsonl, beside plan.toml and transcript.jsonl
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
}

/// One key that is taken out of use, and its alias typed.
#[derive(Debug, ClapArgs)]
pub struct Typed {
    /// The key and the record; production requires the record
    #[command(flatten)]
    pub act: Recorded,
    /// The key's alias, which replaces the questions in a rehearsal; compared with the service's
    #[arg(long, value_name = "ALIAS")]
    pub yes_alias: Option<String>,
}

/// Arguments of `schedule-deletion`.
#[derive(Debug, ClapArgs)]
pub struct Schedule {
    /// The key
    #[command(flatten)]
    pub typed: Typed,
    /// Days until then, during which cancel-deletion calls it off
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(7..=30))]
    pub days: u16,
}

/// Arguments of `note`.
#[derive(Debug, ClapArgs)]
pub struct Note {
    /// Record to add to
    #[arg(long, value_name = "FILE")]
    pub transcript: PathBuf,
    /// Who notes it, as the plan has the name
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// What, on one line (default: ask for it)
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Plan of the ceremony (default: plan.toml beside the record)
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

/// Arguments of `random`.
#[derive(Debug, ClapArgs)]
pub struct Random {
    /// Region to ask
    #[arg(long, value_name = "REGION")]
    pub region: Region,
    /// How many bytes
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub bytes: u16,
    /// New file, mode 0600
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
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

/// A name that a textfile collector reads.
fn parse_prom(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    if path.extension().is_some_and(|e| e == "prom") {
        Ok(path)
    } else {
        Err("expected a name that ends in .prom: a collector reads no other")
    }
}

/// Arguments of `create-key`.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("what").required(true).args(["plan", "region"]))]
pub struct CreateKey {
    /// Draft plan; every key in it without key_id is created
    #[arg(long, value_name = "DRAFT", requires = "out")]
    pub plan: Option<PathBuf>,
    /// Plan to write: the draft with the key ids filled in
    #[arg(long, value_name = "PLAN", requires = "plan")]
    pub out: Option<PathBuf>,
    /// Record to add to
    #[arg(long, value_name = "FILE", requires = "plan")]
    pub transcript: Option<PathBuf>,
    /// Digest that the draft must have, as hex or words; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed, requires = "plan")]
    pub expect_plan: Option<Fingerprint>,
    /// Head that the record must have before this run adds to it, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed, requires = "transcript")]
    pub expect_head: Option<Fingerprint>,
    /// Region, to create keys without a plan
    #[arg(long, value_name = "REGION", requires = "alias", conflicts_with = "out")]
    pub region: Option<Region>,
    /// Alias of a key to create; may be given several times
    #[arg(long, value_name = "ALIAS", requires = "region", conflicts_with = "plan")]
    pub alias: Vec<Alias>,
}

/// Arguments of `export`.
#[derive(Debug, ClapArgs)]
pub struct Export {
    /// The reviewed plan
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// Folder on the medium that crosses: gets parameters.json and transcript.jsonl
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// File for the import tokens, mode 0600; it never leaves this station
    #[arg(long, value_name = "FILE")]
    pub session: PathBuf,
    /// Digest that the plan must have, as hex or words; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_plan: Option<Fingerprint>,
    /// Head that the record must have before this run adds to it, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_head: Option<Fingerprint>,
    /// Id of a ceremony that is out with these keys and will never come back: its ciphertext dies
    #[arg(long, value_name = "CEREMONY")]
    pub abandon: Option<CeremonyId>,
}

/// Arguments of `import`.
#[derive(Debug, ClapArgs)]
pub struct Import {
    /// The session.json that export wrote
    #[arg(long, value_name = "FILE")]
    pub session: PathBuf,
    /// The ciphertext.json that came back
    #[arg(long, value_name = "FILE")]
    pub ciphertext: PathBuf,
    /// The ciphertext is of material recovered from shares: import it into the living key, which proves the backup
    #[arg(long)]
    pub prove_backup: bool,
    /// Record to add to (default: transcript.jsonl beside the ciphertext)
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
    /// Digest that the ciphertext must have, as hex or words; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_digest: Option<Fingerprint>,
    /// Head that the record must have before this run adds to it, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_head: Option<Fingerprint>,
    /// Plan of the session, needed in production if only the plan names the endpoint
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

/// Arguments of `rebuild-journal`.
#[derive(Debug, ClapArgs)]
pub struct RebuildJournal {
    /// Plan of the ceremony
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// Record of the ceremony, as it was last
    #[arg(long, value_name = "FILE")]
    pub transcript: PathBuf,
    /// Digest that the plan must have, as hex or words; replaces the question
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_plan: Option<Fingerprint>,
    /// Head that the record must have, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_head: Option<Fingerprint>,
}

/// Arguments of `check-access`.
#[derive(Debug, ClapArgs)]
pub struct CheckAccess {
    /// Plan of the ceremony, or its draft without key ids
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
}

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
    /// Show this key of the region alone
    #[arg(long, value_name = "ID", requires = "region", conflicts_with_all = ["plan", "all_regions"])]
    pub key_id: Option<KeyId>,
    /// Exit code 1 when the material of a key shown expires within so many days or has expired, or when there is no key
    #[arg(long, value_name = "DAYS")]
    pub warn_within: Option<Days>,
    /// Exit code 1 when fewer keys are found
    #[arg(long, value_name = "N")]
    pub expect_at_least: Option<usize>,
    /// File for a Prometheus textfile collector, *.prom: written whatever the exit code, in the place of the one of an earlier run
    #[arg(long, value_name = "FILE", value_parser = parse_prom)]
    pub prometheus: Option<PathBuf>,
}

/// Arguments of `show`.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("output").args(["png", "svg", "html", "print"]))]
pub struct Show {
    /// plan.toml, parameters.json, ciphertext.json, transcript.jsonl or openings.jsonl
    #[arg(value_name = "FILE", required_unless_present = "test_page")]
    pub file: Option<PathBuf>,
    /// Show the test page, whose symbols keyferry-scan --test knows: which version this pair reads
    #[arg(long, conflicts_with = "file")]
    pub test_page: bool,
    /// New PNG picture, or the folder for several
    #[arg(long, value_name = "FILE|DIR")]
    pub png: Option<PathBuf>,
    /// New SVG drawing, or the folder for several
    #[arg(long, value_name = "FILE|DIR")]
    pub svg: Option<PathBuf>,
    /// New page for the full screen of a browser; it loads nothing
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// New page for a printer, A4 or Letter
    #[arg(long, value_name = "FILE")]
    pub print: Option<PathBuf>,
    /// Largest version of the symbols (default: one symbol if it holds the file, else 15; in a terminal what fits)
    #[arg(long, value_name = "1-40", value_parser = show::parse_version)]
    pub qr_version: Option<show::Version>,
    /// Symbols a second, of what moves
    #[arg(long, value_name = "N", default_value_t = show::command::FPS, value_parser = clap::value_parser!(u8).range(1..=30))]
    pub fps: u8,
}

/// Arguments of `receive`.
#[derive(Debug, ClapArgs)]
pub struct Receive {
    /// New file: plan.toml, parameters.json, ciphertext.json, transcript.jsonl or openings.jsonl
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Lines of a scanner (default: standard input: a hand scanner, or keyferry-scan through a pipe)
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Pass over every file but the one of this digest, as hex or words
    #[arg(long, value_name = "HEX-OR-WORDS", value_parser = Fingerprint::parse_typed)]
    pub expect_digest: Option<Fingerprint>,
}

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
