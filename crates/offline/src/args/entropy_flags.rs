//! `--entropy`: which contributions to mix in. Their contents never appear on a command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches};

/// One requested contribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Rolls of a die, typed by a person.
    Dice,
    /// One line, typed by a person.
    Text,
    /// Contributions of both operators, by commit and reveal.
    TwoOperators,
    /// A file's bytes.
    File(PathBuf),
}

/// The flag, which may be repeated.
pub(super) fn declare() -> Arg {
    Arg::new("entropy")
        .long("entropy")
        .value_name("dice|text|two-operators|file=PATH")
        .action(ArgAction::Append)
        .value_parser(parse)
        .help("Mix a contribution into the operating system's randomness; it can only add. May be given several times")
}

/// The requested contributions, in the order of the command line.
pub(super) fn read(matches: &mut ArgMatches) -> Result<Vec<Asked>, clap::Error> {
    let given = matches.try_remove_many("entropy");
    let given = given.map_err(|e| clap::Error::raw(ErrorKind::InvalidValue, format!("--entropy: {e}\n")))?;
    Ok(given.into_iter().flatten().collect())
}

fn parse(text: &str) -> Result<Asked, &'static str> {
    match (text, text.strip_prefix("file=")) {
        ("dice", _) => Ok(Asked::Dice),
        ("text", _) => Ok(Asked::Text),
        ("two-operators", _) => Ok(Asked::TwoOperators),
        (_, Some(path)) if !path.is_empty() => Ok(Asked::File(path.into())),
        _ => Err("expected dice, text, two-operators or file=PATH"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_kinds() {
        assert_eq!(parse("file=a=b"), Ok(Asked::File("a=b".into())));
        assert_eq!(parse("two-operators"), Ok(Asked::TwoOperators));
        for wrong in ["", "Dice", "dice=123456", "text=secret", "file", "file="] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
