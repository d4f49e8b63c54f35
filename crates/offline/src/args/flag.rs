//! Declares each kind of flag, and takes its values out of the parsed command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use keyferry_core::{Fingerprint, MaterialLength, PostureCheck};

/// `--ID VALUE`, required.
pub(super) fn value(id: &'static str, name: &'static str, help: &'static str) -> Arg {
    optional_value(id, name, help).required(true)
}

/// `--ID VALUE`, optional.
pub(super) fn optional_value(id: &'static str, name: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).value_name(name).help(help)
}

/// `--ID PATH`, required.
pub(super) fn path(id: &'static str, name: &'static str, help: &'static str) -> Arg {
    value(id, name, help).value_parser(value_parser!(PathBuf))
}

/// `--ID PATH`, optional.
pub(super) fn optional_path(id: &'static str, name: &'static str, help: &'static str) -> Arg {
    optional_value(id, name, help).value_parser(value_parser!(PathBuf))
}

/// `--ID`, a switch that is off by default.
pub(super) fn switch(id: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).action(ArgAction::SetTrue).help(help)
}

/// Parses the length of key material, in bits.
pub(super) fn parse_bits(text: &str) -> Result<MaterialLength, &'static str> {
    text.parse().ok().and_then(MaterialLength::from_bits).ok_or("expected 128 or 256")
}

/// Parses an expected digest.
pub(super) fn parse_digest(text: &str) -> Result<Fingerprint, &'static str> {
    Fingerprint::parse_typed(text).map_err(|_| "expected a SHA-256 digest: 64 hex digits, or its 24 words")
}

/// The value of `id`, if it was given. `T` is the type that the flag's parser returns.
pub(super) fn optional<T: Clone + Send + Sync + 'static>(
    matches: &mut ArgMatches,
    id: &str,
) -> Result<Option<T>, clap::Error> {
    matches
        .try_remove_one(id)
        .map_err(|e| clap::Error::raw(ErrorKind::InvalidValue, format!("--{id}: {e}\n")))
}

/// The value of `id`.
pub(super) fn required<T: Clone + Send + Sync + 'static>(
    matches: &mut ArgMatches,
    id: &str,
) -> Result<T, clap::Error> {
    let missing = || clap::Error::raw(ErrorKind::MissingRequiredArgument, format!("--{id} is missing\n"));
    optional(matches, id)?.ok_or_else(missing)
}

/// `--lower CHECK`, which may be repeated.
pub(super) fn lower() -> Arg {
    let help =
        "Rehearsals only: do not require this posture check, although the plan lists it; shown and recorded";
    optional_value("lower", "CHECK", help).value_parser(value_parser!(PostureCheck)).action(ArgAction::Append)
}

/// All values of `id`; empty if it was not given.
pub(super) fn all<T: Clone + Send + Sync + 'static>(
    matches: &mut ArgMatches,
    id: &str,
) -> Result<Vec<T>, clap::Error> {
    let values = matches
        .try_remove_many(id)
        .map_err(|e| clap::Error::raw(ErrorKind::InvalidValue, format!("--{id}: {e}\n")))?;
    Ok(values.map(Iterator::collect).unwrap_or_default())
}
