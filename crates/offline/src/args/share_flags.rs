//! `--shares`: how the shares of a backup are handed out.

use clap::{Arg, ArgAction, ArgMatches};

use super::flag;
use crate::backup::Giving;

/// The flag.
pub(super) fn declare() -> Arg {
    flag::optional_value(
        "shares",
        "screen|files=DIR|sheets=DIR",
        "How to hand out the shares of the backup: each on its own screen, as text files, or as sheets to print",
    )
    .action(ArgAction::Set)
    .value_parser(parse)
    .default_value("screen")
}

/// The requested way to hand out shares.
pub(super) fn read(matches: &mut ArgMatches) -> Result<Giving, clap::Error> {
    flag::required(matches, "shares")
}

fn parse(text: &str) -> Result<Giving, &'static str> {
    match text.split_once('=') {
        None if text == "screen" => Ok(Giving::Screen),
        Some(("files", folder)) if !folder.is_empty() => Ok(Giving::Files(folder.into())),
        Some(("sheets", folder)) if !folder.is_empty() => Ok(Giving::Sheets(folder.into())),
        _ => Err("expected screen, files=DIR or sheets=DIR"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_ways() {
        assert_eq!(parse("screen"), Ok(Giving::Screen));
        assert_eq!(parse("files=a=b"), Ok(Giving::Files("a=b".into())));
        assert_eq!(parse("sheets=x"), Ok(Giving::Sheets("x".into())));
        for wrong in ["", "Screen", "files", "files=", "sheets=", "paper=x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
