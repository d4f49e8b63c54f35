//! When the service deletes imported material, as plans and artefacts write it.

use core::fmt;
use core::str::FromStr;

use crate::Timestamp;
use crate::serde_helpers::serde_as_text;

/// When the service deletes imported material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValidTo {
    /// Never. Written as `never`, sent as 0.
    Never,
    /// At that time.
    At(Timestamp),
}

impl ValidTo {
    /// The number that `ImportKeyMaterial` and `DescribeKey` use: 0 for never, otherwise Unix seconds.
    #[must_use]
    pub fn api_seconds(self) -> u64 {
        match self {
            Self::Never => 0,
            Self::At(t) => u64::try_from(t.unix()).unwrap_or(0),
        }
    }
}

impl fmt::Display for ValidTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::At(t) => t.fmt(f),
        }
    }
}

/// The text is neither `never` nor a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadValidTo;

impl fmt::Display for BadValidTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected \"never\" or a UTC time such as 2030-01-01T00:00:00Z")
    }
}

impl std::error::Error for BadValidTo {}

impl FromStr for ValidTo {
    type Err = BadValidTo;

    fn from_str(s: &str) -> Result<Self, BadValidTo> {
        if s == "never" {
            return Ok(Self::Never);
        }
        let t: Timestamp = s.parse().map_err(|_| BadValidTo)?;
        if t.unix() > 0 { Ok(Self::At(t)) } else { Err(BadValidTo) }
    }
}

serde_as_text!(ValidTo);
