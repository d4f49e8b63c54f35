//! The providers that the core knows. To add one, write a table next to this file and a line here.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use super::facts::Facts;
use crate::serde_helpers::serde_as_text;

#[path = "tencent.rs"]
pub mod tencent;
#[cfg(test)]
pub(crate) use tencent::FIPS;

/// Every provider.
pub(super) const REGISTRY: &[&Facts] = &[
    &tencent::FACTS,
    #[cfg(test)]
    &super::toy::FACTS,
    #[cfg(test)]
    &super::toy::STANDING,
];

/// Who runs the KMS: one of the known providers.
#[derive(Clone, Copy)]
pub struct Provider(&'static Facts);

impl Provider {
    /// Tencent Cloud KMS, API version 2019-01-18.
    pub const TENCENT: Self = Self(&tencent::FACTS);

    /// Version 1 of the artefacts did not name a provider, because there was only this one.
    pub const OF_VERSION_1: Self = Self(&tencent::FACTS);

    /// All known providers.
    pub fn all() -> impl Iterator<Item = Self> {
        REGISTRY.iter().map(|facts| Self(facts))
    }

    /// The facts of this provider.
    #[must_use]
    pub const fn facts(self) -> &'static Facts {
        self.0
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Provider {}

impl Hash for Provider {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.id)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({self})")
    }
}

/// The endpoints of all known services, as messages show them.
#[must_use]
pub fn endpoints() -> String {
    Provider::all().map(|p| p.facts().endpoint).collect::<Vec<_>>().join(" | ")
}

/// No provider with that name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownProvider;

impl fmt::Display for UnknownProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a known provider: ")?;
        Provider::all().enumerate().try_for_each(|(n, provider)| {
            f.write_str(if n == 0 { "" } else { ", " })?;
            provider.fmt(f)
        })
    }
}

impl std::error::Error for UnknownProvider {}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(s: &str) -> Result<Self, UnknownProvider> {
        Self::all().find(|p| p.0.id == s).ok_or(UnknownProvider)
    }
}

serde_as_text!(Provider);
