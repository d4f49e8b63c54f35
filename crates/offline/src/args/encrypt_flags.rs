//! Flags of `encrypt`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgMatches, value_parser};
use keyferry_core::{MaterialLength, WrappingAlgorithm};

use super::{Flags, flag};

/// The arguments of `encrypt`.
#[derive(Debug)]
pub(crate) struct Encrypt {
    /// Base64 as the service returns it, DER, or PEM.
    pub(crate) public_key: PathBuf,
    pub(crate) algorithm: WrappingAlgorithm,
    /// Raw key material, 16 or 32 bytes.
    pub(crate) material: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) encoding: OutputEncoding,
    /// Refuses material of any other length.
    pub(crate) bits: Option<MaterialLength>,
}

/// How `encrypt` writes its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputEncoding {
    /// 256 bytes.
    Raw,
    /// One line.
    Base64,
}

impl Flags for Encrypt {
    fn declare(command: clap::Command) -> clap::Command {
        let encodings = PossibleValuesParser::new(["raw", "base64"]).map(|name| match name.as_str() {
            "base64" => OutputEncoding::Base64,
            _ => OutputEncoding::Raw,
        });
        command
            .arg(flag::path(
                "public-key",
                "FILE",
                "The public key of the import parameters: base64 as returned, DER, or PEM",
            ))
            .arg(
                flag::value("algorithm", "NAME", "The algorithm that the parameters were fetched for")
                    .value_parser(value_parser!(WrappingAlgorithm)),
            )
            .arg(flag::path("material", "FILE", "Raw key material, 16 or 32 bytes"))
            .arg(flag::path("out", "FILE", "New file for the ciphertext"))
            .arg(
                flag::optional_value(
                    "encoding",
                    "ENCODING",
                    "raw: 256 bytes, as `openssl pkeyutl` writes them; base64: one line, as `openssl enc -e -base64 -A` writes it",
                )
                .value_parser(encodings)
                .default_value("raw"),
            )
            .arg(
                flag::optional_value("bits", "128|256", "Refuse material of any other length")
                    .value_parser(flag::parse_bits),
            )
    }

    fn read(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self {
            public_key: flag::required(matches, "public-key")?,
            algorithm: flag::required(matches, "algorithm")?,
            material: flag::required(matches, "material")?,
            out: flag::required(matches, "out")?,
            encoding: flag::required(matches, "encoding")?,
            bits: flag::optional(matches, "bits")?,
        })
    }
}
