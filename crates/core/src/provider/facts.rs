//! The facts of a provider: one type for the table, and the types of its rows.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::valid_to::ValidTo;
use crate::material::length::in_bytes;
use crate::{
    Alias, Bilingual, KeyId, MaterialKind, MaterialLength, Region, RsaBits, Span, Timestamp,
    WrappingAlgorithm, bi,
};

/// Everything that the core knows about one provider.
#[derive(Debug)]
pub struct Facts {
    /// Its name in plans and artefacts.
    pub id: &'static str,
    /// The form of a key's alias.
    pub alias: Rule,
    /// The form of a key's id.
    pub key_id: Rule,
    /// The form of a region.
    pub region: Rule,
    /// The wrapping algorithms that it supports, each in the provider's spelling.
    pub algorithms: &'static [(WrappingAlgorithm, &'static str)],
    /// The wrapping keys that it offers.
    pub wrapping_keys: &'static [&'static KeySpec],
    /// The kinds of keys that material can be imported into.
    pub kinds: &'static [&'static KeyKind],
    /// The kind to expect in a region until the service confirms it; a region that is not listed has the first of
    /// [`kinds`](Self::kinds).
    pub expected: &'static [(&'static str, &'static str)],
    /// The data that an import needs besides the wrapped material.
    pub token: Token,
    /// How long parameters are valid.
    pub lifetime: Lifetime,
    /// When material may expire.
    pub expiry: Expiry,
    /// Suffixes of the host names that belong to the provider.
    pub hosts: &'static [&'static str],
    /// The service's endpoints, as messages show them.
    pub endpoint: &'static str,
    /// How many pieces of material a key can hold.
    pub materials: Materials,
    /// Whether an import may be sent again.
    pub resend_import: Resend,
    /// The evidence, after an import, that the key holds this material.
    pub proof: ProofKind,
    /// The known regions; an unknown one causes a warning.
    pub regions: Regions,
    /// Where the provider logs every request, for the auditor.
    pub audit_log: AuditLog,
}

/// The provider's own log of requests, and what the two requests of a ceremony are called there.
#[derive(Debug)]
pub struct AuditLog {
    /// The log's name, such as "Example Cloud: Trail".
    pub name: &'static str,
    /// The same in Chinese.
    pub name_zh: &'static str,
    /// The request for import parameters.
    pub fetch: &'static str,
    /// The request that imports material.
    pub import: &'static str,
}

/// The form of a name.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Whether a string has the right form.
    pub holds: fn(&str) -> bool,
    /// What was expected, for the refusal.
    pub expected: &'static str,
    /// The same in Chinese.
    pub expected_zh: &'static str,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.expected)
    }
}

impl Rule {
    /// Parses the name.
    ///
    /// # Errors
    /// What was expected.
    pub fn check<'n>(&self, name: &'n str) -> Result<&'n str, Bilingual> {
        let (en, zh) = (self.expected, self.expected_zh);
        if (self.holds)(name) { Ok(name) } else { Err(bi!("{en}", "{zh}")) }
    }
}

/// A type of wrapping key.
#[derive(Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// Its name in the provider's spelling.
    pub name: &'static str,
    /// Length of its modulus.
    pub size: RsaBits,
}

/// A kind of key that takes material of one length.
#[derive(Debug, PartialEq, Eq)]
pub struct KeyKind {
    /// Its name in plans and artefacts.
    pub name: &'static str,
    /// Its material.
    pub material: Material,
}

/// The algorithm that uses the material, and the material's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// The algorithm.
    pub kind: MaterialKind,
    /// The length, in bytes.
    #[serde(rename = "bytes", with = "in_bytes")]
    pub length: MaterialLength,
}

/// Whether an import needs a token from the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// An import needs a token with a limited number of characters.
    Required {
        /// The maximum number of characters.
        longest: usize,
    },
    /// An import needs no token: the wrapping key alone identifies the destination.
    None,
}

/// How long parameters are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// For this long after they were fetched.
    After(Span),
    /// Until the time that the reply states.
    InReply,
    /// Until the provider changes its key.
    Standing,
}

/// When material may expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Whether material may be kept without an expiry.
    pub never: bool,
    /// The latest time, in Unix seconds.
    pub latest: Option<i64>,
    /// What was expected, for the refusal.
    pub expected: &'static str,
    /// The same in Chinese.
    pub expected_zh: &'static str,
}

/// How many pieces of material a key can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Materials {
    /// One for the key's whole life.
    One,
    /// Several: an import adds one to those that the key has.
    Several,
}

/// Whether an import may be sent again after a lost reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// Never: query the service instead.
    Never,
    /// Yes: the same material, any number of times.
    SameMaterial,
}

/// The evidence, after an import, that the key holds this material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofKind {
    /// The service decrypts its own ciphertext. Because it also accepted the same material twice, this proves
    /// which material it holds.
    RoundTrip,
    /// The service's id of the material, which depends only on the material.
    MaterialId,
    /// A MAC that is computed on both sides.
    Mac,
}

/// The regions that were known on a certain day.
#[derive(Debug)]
pub struct Regions {
    /// Their names.
    pub known: &'static [&'static str],
    /// The day, such as `2026-11-29`.
    pub as_of: &'static str,
}

impl Facts {
    /// The kind with that name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&'static KeyKind> {
        self.kinds.iter().copied().find(|k| k.name == name)
    }

    /// The kind to expect in a region until the service confirms it.
    #[must_use]
    pub fn expected_kind(&self, region: &str) -> Option<&'static KeyKind> {
        let name = self.expected.iter().find(|(r, _)| *r == region).map(|(_, kind)| *kind);
        name.map_or_else(|| self.kinds.first().copied(), |name| self.kind(name))
    }

    /// The names of its kinds, as a refusal lists them.
    #[must_use]
    pub fn kind_names(&self) -> String {
        self.kinds.iter().map(|k| k.name).collect::<Vec<_>>().join(" or ")
    }

    /// The names of its wrapping keys, as a refusal lists them.
    #[must_use]
    pub fn wrapping_key_names(&self) -> String {
        self.wrapping_keys.iter().map(|k| k.name).collect::<Vec<_>>().join(" or ")
    }

    /// The wrapping key with that name.
    #[must_use]
    pub fn wrapping_key(&self, name: &str) -> Option<&'static KeySpec> {
        self.wrapping_keys.iter().copied().find(|k| k.name == name)
    }

    /// The provider's spelling of an algorithm; `None` if the provider does not support it.
    #[must_use]
    pub fn spelling(&self, algorithm: WrappingAlgorithm) -> Option<&'static str> {
        self.algorithms.iter().find(|(a, _)| *a == algorithm).map(|(_, name)| *name)
    }

    /// Checks that alias, key id and region have this provider's form.
    ///
    /// # Errors
    /// The name that has another form, and what was expected.
    pub fn check_names<'n>(
        &self,
        alias: &'n Alias,
        key_id: Option<&'n KeyId>,
        region: &'n Region,
    ) -> Result<(), BadProviderName<'n>> {
        let check = |rule: &Rule, name: &'n str| {
            rule.check(name).map(|_| ()).map_err(|expected| BadProviderName { name, expected })
        };
        check(&self.alias, alias.as_str())?;
        check(&self.region, region.as_str())?;
        key_id.map_or(Ok(()), |id| check(&self.key_id, id.as_str()))
    }

    /// Checks that material may expire at that time.
    ///
    /// # Errors
    /// What was expected.
    pub fn check_expiry(&self, valid_to: ValidTo) -> Result<(), Bilingual> {
        let fits = match valid_to {
            ValidTo::Never => self.expiry.never,
            ValidTo::At(time) => self.expiry.latest.is_none_or(|latest| time.unix() <= latest),
        };
        let (en, zh) = (self.expiry.expected, self.expiry.expected_zh);
        if fits { Ok(()) } else { Err(bi!("{en}", "{zh}")) }
    }

    /// Checks that parameters state an expiry, or that they state none if this provider's parameters do not
    /// expire.
    ///
    /// # Errors
    /// What was expected.
    pub fn check_lifetime(&self, expires_at: Option<Timestamp>) -> Result<(), &'static str> {
        match (self.lifetime, expires_at) {
            (Lifetime::Standing, None) | (Lifetime::After(_) | Lifetime::InReply, Some(_)) => Ok(()),
            (Lifetime::Standing, Some(_)) => Err("this provider's parameters have no expiry"),
            (_, None) => Err("this provider's parameters have an expiry"),
        }
    }

    /// Checks that parameters fetched at `fetched_at` can expire at `expires_at`, which must be later, but not by more than
    /// this provider allows.
    ///
    /// # Errors
    /// The longest time for which they can be valid; `None` if this provider states none and the expiry is
    /// simply too early.
    pub fn check_life(&self, fetched_at: Timestamp, expires_at: Timestamp) -> Result<(), Option<Span>> {
        let longest = match self.lifetime {
            Lifetime::After(span) => Some(span),
            Lifetime::InReply | Lifetime::Standing => None,
        };
        let life = fetched_at.span_until(expires_at).seconds();
        let fits = longest.is_none_or(|longest| life <= longest.seconds().saturating_add(CLOCKS_DIFFER));
        if life > 0 && fits { Ok(()) } else { Err(longest) }
    }
}

/// Allowance, in seconds, for the difference between the clocks of station and service and for the duration of a request.
/// The service tolerates five minutes.
const CLOCKS_DIFFER: u64 = 600;

/// A name that is not in the provider's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadProviderName<'n> {
    /// The name.
    pub name: &'n str,
    /// What was expected.
    pub expected: Bilingual,
}
