//! The rights of the credentials, as far as answers show them.

use crate::{Answer, Meaning, Refusal};

/// The role of a request in a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A command of the ceremony sends it.
    Ceremony,
    /// It changes or uses keys, and the ceremony does not need it.
    Beyond,
    /// It only reads, and the ceremony does not need it.
    Reads,
}

impl Use {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ceremony => "ceremony",
            Self::Beyond => "beyond",
            Self::Reads => "reads",
        }
    }
}

/// One of the provider's requests, tried in a way that changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The provider's name for it.
    pub action: &'static str,
    /// Its role in a ceremony.
    pub of: Use,
    /// What the answer shows about the right.
    pub right: Right,
    /// Whether it is the request that looks up one key.
    pub looks_up: bool,
    /// The key that the service created although it should have refused.
    pub made: Option<String>,
}

/// What an answer shows about the right to send a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// The service carried it out.
    Held,
    /// The service refused the content of the request, with this code.
    Likely(String),
    /// The service refused because the right is missing, with this code.
    Missing(String),
    /// The service does not serve the region, and says so with this code.
    Elsewhere(String),
    /// None of these; the text says how the request ended.
    Unknown(String),
}

impl Right {
    /// Judges an answer.
    #[must_use]
    pub fn of<T>(answer: &Answer<T>) -> Self {
        match answer {
            Ok(_) => Self::Held,
            Err(refusal) => Self::refused(refusal),
        }
    }

    fn refused(refusal: &Refusal) -> Self {
        let Some(code) = refusal.code().map(str::to_owned) else {
            return Self::Unknown(refusal.short().to_owned());
        };
        match refusal.meaning() {
            Meaning::Denied => Self::Missing(code),
            Meaning::NoSuchRegion => Self::Elsewhere(code),
            meaning if meaning.is_about_content() => Self::Likely(code),
            _ => Self::Unknown(code),
        }
    }

    /// Whether the credentials can be assumed to have the right.
    #[must_use]
    pub const fn may(&self) -> bool {
        matches!(self, Self::Held | Self::Likely(_))
    }

    /// Whether the service says that the right is missing.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }

    /// Whether the service does not serve the region at all.
    #[must_use]
    pub const fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Elsewhere(_))
    }

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Likely(_) => "likely",
            Self::Missing(_) => "missing",
            Self::Elsewhere(_) | Self::Unknown(_) => "not-known",
        }
    }

    /// How the request ended.
    #[must_use]
    pub fn answer(&self) -> &str {
        match self {
            Self::Held => "ok",
            Self::Likely(how) | Self::Missing(how) | Self::Elsewhere(how) | Self::Unknown(how) => how,
        }
    }
}
