//! Counts what was compared, and how often: a run that compared nothing must not look like one that
//! found no differences.

use std::collections::BTreeMap;
use std::fmt;

use keyferry_core::WrappingAlgorithm;

/// One kind of comparison.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Rsaep,
    Whole,
    OpenedByAwsLc,
    OpenedByOpenssl,
    OpenedByRsa,
    TooLong,
    Tampered,
    FromRsa,
    FromAwsLc,
    FromOpenssl,
    Special,
    OutOfRange,
}

impl Kind {
    const ALL: [Self; 12] = [
        Self::Rsaep,
        Self::Whole,
        Self::OpenedByAwsLc,
        Self::OpenedByOpenssl,
        Self::OpenedByRsa,
        Self::TooLong,
        Self::Tampered,
        Self::FromRsa,
        Self::FromAwsLc,
        Self::FromOpenssl,
        Self::Special,
        Self::OutOfRange,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Rsaep => "RSAEP of a padded message: ours = rsa = OpenSSL",
            Self::Whole => "wrap and confirm = padding and RSAEP",
            Self::OpenedByAwsLc => "ours opened by AWS-LC",
            Self::OpenedByOpenssl => "ours opened by OpenSSL",
            Self::OpenedByRsa => "ours opened by rsa",
            Self::TooLong => "too long: refused by all four",
            Self::Tampered => "one bit flipped: does not open",
            Self::FromRsa => "made by rsa, opened, made again by ours",
            Self::FromAwsLc => "made by AWS-LC, opened, made again by ours",
            Self::FromOpenssl => "made by OpenSSL, opened, made again by ours",
            Self::Special => "RSAEP of a special block below n: all three equal",
            Self::OutOfRange => "RSAEP of n and above: refused by all three",
        }
    }
}

/// How often each kind was compared, per padding.
#[derive(Default)]
pub(crate) struct Counts(BTreeMap<(Kind, &'static str), u64>);

impl Counts {
    pub(crate) fn add(&mut self, kind: Kind, algorithm: WrappingAlgorithm) {
        *self.0.entry((kind, algorithm.as_str())).or_default() += 1;
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (key, count) in other.0 {
            *self.0.entry(key).or_default() += count;
        }
    }

    fn of(&self, kind: Kind, algorithm: WrappingAlgorithm) -> u64 {
        self.0.get(&(kind, algorithm.as_str())).copied().unwrap_or_default()
    }

    /// The kinds that were never compared. Tampering is only tested with OAEP: PKCS#1 v1.5 may
    /// return made-up bytes.
    pub(crate) fn empty(&self) -> Vec<String> {
        let pairs = Kind::ALL.into_iter().flat_map(|k| WrappingAlgorithm::ALL.map(|a| (k, a)));
        pairs
            .filter(|(k, a)| !(*k == Kind::Tampered && *a == WrappingAlgorithm::RsaesPkcs1V15))
            .filter(|(k, a)| self.of(*k, *a) == 0)
            .map(|(k, a)| format!("{}, {a}", k.name()))
            .collect()
    }

    pub(crate) fn json(&self) -> String {
        let row = |kind: Kind| {
            let cells = WrappingAlgorithm::ALL.map(|a| format!("\"{a}\":{}", self.of(kind, a)));
            format!("\"{}\":{{{}}}", kind.name(), cells.join(","))
        };
        format!("{{{}}}", Kind::ALL.map(row).join(","))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<52} {:>12} {:>12} {:>12}", "compared", "OAEP-SHA-256", "OAEP-SHA-1", "PKCS#1 v1.5")?;
        for kind in Kind::ALL {
            let [sha256, sha1, pkcs1] = WrappingAlgorithm::ALL.map(|a| self.of(kind, a));
            writeln!(f, "{:<52} {sha256:>12} {sha1:>12} {pkcs1:>12}", kind.name())?;
        }
        Ok(())
    }
}
