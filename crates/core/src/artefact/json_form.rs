//! JSON artefacts: one canonical form, version first, length capped, unknown fields refused.
//!
//! The canonical form is what [`to_bytes`] writes: two-space indented JSON, fields in order, one line break at the end.
//! [`parse`] refuses every other form of the same content, so that a digest of the bytes is also a digest of the
//! meaning.

use std::io::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::artefact_error::ArtefactError;
use super::canonical::{self, Summary};
use crate::Fingerprint;

/// Longest artefact in bytes; 100,000 keys fit.
pub const MAX_ARTEFACT: usize = 192 * 1024 * 1024;

/// One version of a JSON file that one command writes for another.
pub trait Form: Serialize + DeserializeOwned {
    /// The value of the first member, `format`.
    const FORMAT: &'static str;
    /// Whether the text holds secrets; if so, no error text quotes it.
    const SECRET: bool = false;

    /// Checks the rules between fields.
    ///
    /// # Errors
    /// [`ArtefactError`] names the rule.
    fn validate(&self) -> Result<(), ArtefactError>;
}

/// A type that is stored as such a JSON file: it is written in its own form, and read in the previous form as
/// well.
pub trait Artefact: Form {
    /// The previous version: always read, never written.
    type Former: Form + Into<Self>;
}

/// The format version of a file. New files have the newest version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    One,
    #[default]
    Two,
}

/// The format member. A value of this type can exist only if the file had the right text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Format<T>(std::marker::PhantomData<T>);

impl<T> Format<T> {
    /// The only value of this type.
    #[must_use]
    pub const fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<T: Form> Serialize for Format<T> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(T::FORMAT)
    }
}

impl<'de, T: Form> serde::Deserialize<'de> for Format<T> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let found = std::borrow::Cow::<'de, str>::deserialize(d)?;
        if found == T::FORMAT { Ok(Self::new()) } else { Err(serde::de::Error::custom("unexpected format")) }
    }
}

/// The canonical bytes of an artefact. The length is counted first, so the buffer never has to grow.
///
/// # Errors
/// [`ArtefactError::TooLarge`] beyond [`MAX_ARTEFACT`]; [`ArtefactError::Unwritable`] only if a field cannot be written as
/// JSON; no artefact type has such a field.
pub fn to_bytes<T: Form>(artefact: &T) -> Result<Zeroizing<Vec<u8>>, ArtefactError> {
    let summary = Summary::of(artefact)?;
    // Refuse to write a file that could not be read back.
    check_length(summary.length())?;
    let mut out = Zeroizing::new(Vec::with_capacity(summary.length()));
    canonical::write(artefact, &mut *out).map_err(|_| ArtefactError::Unwritable)?;
    Ok(out)
}

/// The digest of the canonical bytes, without a copy of them; for use with [`write_to`].
///
/// # Errors
/// As [`to_bytes`].
pub fn digest<T: Form>(artefact: &T) -> Result<Fingerprint, ArtefactError> {
    let summary = Summary::of(artefact)?;
    check_length(summary.length())?;
    Ok(summary.digest())
}

/// Writes the canonical bytes in many small pieces: pass a buffered writer.
///
/// # Errors
/// Errors from the writer.
pub fn write_to<T: Form>(artefact: &T, to: &mut dyn Write) -> Result<(), std::io::Error> {
    canonical::write(artefact, to)
}

/// Whether `format` names an accepted form of that artefact.
#[must_use]
pub fn reads<T: Artefact>(format: &str) -> bool {
    format == T::FORMAT || format == T::Former::FORMAT
}

/// Parses the exact bytes of an artefact, in its current or previous form, and returns it with the digest of
/// the bytes.
///
/// # Errors
/// [`ArtefactError`], in this order: length, JSON object, format and version, fields, rules, canonical form.
pub fn parse<T: Artefact>(bytes: &[u8]) -> Result<(T, Fingerprint), ArtefactError> {
    check_size(bytes)?;
    if format_of(bytes).map_err(|e| e.of_bytes(bytes))? == T::Former::FORMAT.as_bytes() {
        return parse_form::<T::Former>(bytes).map(|(former, digest)| (former.into(), digest));
    }
    parse_form(bytes)
}

/// Parses the exact bytes in one form only, and returns the artefact with the digest of the bytes.
///
/// # Errors
/// As [`parse`].
pub fn parse_form<T: Form>(bytes: &[u8]) -> Result<(T, Fingerprint), ArtefactError> {
    check_size(bytes)?;
    check_format::<T>(format_of(bytes).map_err(|e| e.of_bytes(bytes))?)?;
    let artefact: T =
        serde_json::from_slice(bytes).map_err(|e| ArtefactError::from_json(&e, T::SECRET).of_bytes(bytes))?;
    artefact.validate()?;
    if !canonical::is(&artefact, bytes) {
        return Err(ArtefactError::NotCanonical);
    }
    Ok((artefact, Fingerprint::of(bytes)))
}

fn check_size(bytes: &[u8]) -> Result<(), ArtefactError> {
    check_length(bytes.len())
}

fn check_length(bytes: usize) -> Result<(), ArtefactError> {
    if bytes > MAX_ARTEFACT { Err(ArtefactError::TooLarge(bytes)) } else { Ok(()) }
}

/// Examines only the first member, before anything is allocated.
fn format_of(bytes: &[u8]) -> Result<&[u8], ArtefactError> {
    let rest = bytes.trim_ascii_start().strip_prefix(b"{").ok_or(ArtefactError::NotAnObject)?;
    let rest = rest.trim_ascii_start().strip_prefix(b"\"format\"").ok_or(ArtefactError::NoFormat)?;
    let rest = rest.trim_ascii_start().strip_prefix(b":").ok_or(ArtefactError::NoFormat)?;
    let rest = rest.trim_ascii_start().strip_prefix(b"\"").ok_or(ArtefactError::NoFormat)?;
    let end = rest.iter().take(64).position(|b| *b == b'"').ok_or(ArtefactError::NoFormat)?;
    Ok(rest.get(..end).unwrap_or_default())
}

fn check_format<T: Form>(found: &[u8]) -> Result<(), ArtefactError> {
    if found == T::FORMAT.as_bytes() {
        return Ok(());
    }
    // Quote it only if it is the name of a format: in a damaged session it could be part of a token.
    let is_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'/';
    let named = found.starts_with(b"keyferry/") && found.len() <= 32 && found.iter().all(is_name);
    let found = if named { String::from_utf8_lossy(found).into_owned() } else { "…".to_owned() };
    Err(ArtefactError::Format { found, expected: T::FORMAT })
}
