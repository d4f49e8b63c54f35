//! The flags of every command, as they are typed.

use std::path::PathBuf;

use clap::{ArgAction, Args as ClapArgs};
use keyferry_service::manner::Rate;
use keyferry_transport::Console;

use crate::providers;

/// Flags of every command.
#[derive(Debug, ClapArgs)]
pub struct Common {
    /// Endpoint of the service: scheme, host and port only (default: the provider's; for import, the session's)
    #[arg(long, value_name = "URL", env = "KEYFERRY_ENDPOINT", hide_env_values = true, global = true)]
    pub endpoint: Option<String>,
    /// Language of messages: en or zh (default: from the locale)
    #[arg(long, value_name = "LANG", value_parser = ["en", "zh"], hide_possible_values = true, global = true)]
    pub lang: Option<String>,
    /// Print the result, or the refusal, as one JSON object on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder of the journals (default: keyferry/journal below XDG_STATE_HOME or ~/.local/state)
    #[arg(long, value_name = "DIR", global = true)]
    pub journal: Option<PathBuf>,
    // The provider defines what a profile is.
    #[allow(missing_docs)]
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "instance_role", help = providers::PROFILE[0])]
    pub profile: Option<String>,
    /// Role of this cloud instance whose credentials to use; asks the instance's metadata service
    #[arg(long, value_name = "ROLE", global = true)]
    pub instance_role: Option<String>,
    /// Maximum number of requests per second; the service allows 100 for each action, region and sub-account
    #[arg(long, value_name = "N", default_value_t = Rate::DEFAULT, global = true)]
    pub rate: Rate,
    /// Number of keys to work on at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64), global = true)]
    pub jobs: u16,
    /// Maximum number of times to send a request, if repeating it is safe
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=20), global = true)]
    pub attempts: u32,
    /// Seconds to wait for one answer
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600), global = true)]
    pub timeout: u64,
    /// Show one line per request; repeat to add names and lengths of what is sent, never values
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
}

impl Common {
    /// The console, in the language and with the verbosity that the flags ask for.
    #[must_use]
    pub fn console(&self) -> Console {
        Console::asked(self.lang.as_deref(), self.json, self.verbose)
    }
}
