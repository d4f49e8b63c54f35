//! How a secret is to be shared: groups, thresholds, the cost of the passphrase. It is checked without a secret, so it can be checked in
//! a plan.

use keyferry_core::{Bilingual, bi, refusals};

use crate::SetName;

/// Maximum number of groups, and of shares in one group.
pub const MAX_COUNT: usize = 16;
/// Largest iteration exponent.
pub const MAX_EXPONENT: u8 = 15;

/// One group: any `threshold` of its `count` shares represent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSpec {
    /// Shares needed, 1 to `count`.
    pub threshold: u8,
    /// Shares made, 1 to 16; 1 if the threshold is 1.
    pub count: u8,
}

/// A checked scheme for sharing a secret.
///
/// # Examples
/// ```
/// use keyferry_slip39::{GroupSpec, Scheme};
/// let scheme = Scheme::single(2, 3)?;
/// assert_eq!(scheme.groups(), [GroupSpec { threshold: 2, count: 3 }]);
/// assert!(Scheme::single(3, 2).is_err());
/// # Ok::<(), keyferry_slip39::SchemeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    group_threshold: u8,
    groups: Vec<GroupSpec>,
    iteration_exponent: u8,
    extendable: bool,
    taken: Vec<u16>,
}

refusals! {
    /// Why a scheme was refused. Groups count from 1.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SchemeError: Refused {
        /// There is no group.
        NoGroup => SHARE_SCHEME, what("there is no group of shares", "没有任何分片组"), hint(up_to_16_groups());
        /// More than 16 groups.
        TooManyGroups(count: usize) => SHARE_SCHEME,
            what("{count} groups are too many; SLIP-39 allows at most {MAX_COUNT}",
                 "{count} 组过多；SLIP-39 最多 {MAX_COUNT} 组"),
            hint(up_to_16_groups());
        /// No group is needed.
        GroupThresholdZero => SHARE_SCHEME,
            what("a group threshold of 0 would need no share at all", "组阈值为 0 意味着不需要任何分片"),
            hint(choose_group_threshold());
        /// More groups are needed than there are.
        GroupThreshold {
            /// The number of groups needed.
            threshold: u8,
            /// The number of groups.
            count: usize,
        } => SHARE_SCHEME,
            what("{threshold} groups cannot be needed, because there are only {count}",
                 "总共只有 {count} 组，不可能需要 {threshold} 组"),
            hint(choose_group_threshold());
        /// A group without shares.
        NoShare {
            /// The group.
            group: usize,
        } => SHARE_SCHEME,
            what("group {group} has no shares", "第 {group} 组没有分片"),
            hint(up_to_16_shares());
        /// A group of more than 16 shares.
        TooManyShares {
            /// The group.
            group: usize,
            /// Its shares.
            count: u8,
        } => SHARE_SCHEME,
            what("group {group} has {count} shares; SLIP-39 allows at most {MAX_COUNT}",
                 "第 {group} 组有 {count} 个分片；SLIP-39 最多 {MAX_COUNT} 个"),
            hint(up_to_16_shares());
        /// A group that needs no share.
        ThresholdZero {
            /// The group.
            group: usize,
        } => SHARE_SCHEME,
            what("group {group} has a threshold of 0: it would need no share",
                 "第 {group} 组的阈值为 0：意味着不需要分片"),
            hint(choose_threshold());
        /// A group that needs more shares than it has.
        Threshold {
            /// The group.
            group: usize,
            /// Shares needed.
            threshold: u8,
            /// The number of shares in the group.
            count: u8,
        } => SHARE_SCHEME,
            what("group {group} needs {threshold} shares but has only {count}",
                 "第 {group} 组需要 {threshold} 个分片，却只有 {count} 个"),
            hint(choose_threshold());
        /// A group of several shares, each of which is enough.
        OneOfMany {
            /// The group.
            group: usize,
            /// Its shares.
            count: u8,
        } => SHARE_SCHEME,
            what("group {group} has {count} shares, each of which alone is enough: they would be copies of each other",
                 "第 {group} 组有 {count} 个分片，任何一个都足够：它们将互为副本"),
            hint("if you want copies, make one share (1 of 1) and copy it; otherwise choose a threshold of 2 or more",
                 "若确有此意，请制作一个分片（1-1）后自行复制；否则阈值请取 2 或以上");
        /// An iteration exponent above 15.
        Exponent(exponent: u8) => SHARE_SCHEME,
            what("an iteration exponent of {exponent} is too large; SLIP-39 allows at most {MAX_EXPONENT}",
                 "迭代指数 {exponent} 过大；SLIP-39 最大为 {MAX_EXPONENT}"),
            hint("0 is enough without a passphrase; with one, each step up doubles the cost of a guess",
                 "没有口令时取 0 即可；有口令时，每加 1 猜测成本翻倍");
    }
}

fn up_to_16_groups() -> Bilingual {
    bi!("name 1 to 16 groups", "请指定 1 到 16 组")
}

fn choose_group_threshold() -> Bilingual {
    bi!("choose a group threshold from 1 to the number of groups", "组阈值请取 1 到组数之间")
}

fn up_to_16_shares() -> Bilingual {
    bi!("give the group 1 to 16 shares", "每组请设 1 到 16 个分片")
}

fn choose_threshold() -> Bilingual {
    bi!(
        "choose a threshold from 2 to the number of shares, such as 2 of 3",
        "阈值请取 2 到分片数之间，例如 3 份中取 2 份"
    )
}

impl Scheme {
    /// Any `group_threshold` of the groups recover the secret. Iteration exponent 1. It is not extendable, so that programs older
    /// than that flag can recover these sets, too.
    ///
    /// # Errors
    /// [`SchemeError`] names the number that is out of bounds.
    pub fn new(group_threshold: u8, groups: &[GroupSpec]) -> Result<Self, SchemeError> {
        match groups.len() {
            0 => return Err(SchemeError::NoGroup),
            n if n > MAX_COUNT => return Err(SchemeError::TooManyGroups(n)),
            _ if group_threshold == 0 => return Err(SchemeError::GroupThresholdZero),
            count if usize::from(group_threshold) > count => {
                return Err(SchemeError::GroupThreshold { threshold: group_threshold, count });
            }
            _ => {}
        }
        for (n, spec) in groups.iter().enumerate() {
            check(n + 1, *spec)?;
        }
        let groups = groups.to_vec();
        Ok(Self { group_threshold, groups, iteration_exponent: 1, extendable: false, taken: Vec::new() })
    }

    /// Any `threshold` of `count` shares recover the secret: one group, as the standard recommends.
    ///
    /// # Errors
    /// [`SchemeError`] names the number that is out of bounds.
    pub fn single(threshold: u8, count: u8) -> Result<Self, SchemeError> {
        Self::new(1, &[GroupSpec { threshold, count }])
    }

    /// Uses 10,000 · 2^`exponent` iterations, which is the cost of each guess at the passphrase and of each
    /// use.
    ///
    /// # Errors
    /// [`SchemeError::Exponent`] above 15.
    pub fn with_iteration_exponent(mut self, exponent: u8) -> Result<Self, SchemeError> {
        if exponent > MAX_EXPONENT {
            return Err(SchemeError::Exponent(exponent));
        }
        self.iteration_exponent = exponent;
        Ok(self)
    }

    /// Sets or clears the extendable backup flag.
    #[must_use]
    pub const fn with_extendable(mut self, extendable: bool) -> Self {
        self.extendable = extendable;
        self
    }

    /// Avoids the first words of these sets, because people recognise a set by its first word. Then the identifier differs as
    /// well, whatever the flags and exponents are.
    #[must_use]
    pub fn other_than(mut self, sets: impl IntoIterator<Item = SetName>) -> Self {
        self.taken.extend(sets.into_iter().map(|set| set.identifier));
        self
    }

    /// Whether another set begins with this identifier's first word, its upper ten bits.
    pub(crate) fn is_taken(&self, identifier: u16) -> bool {
        self.taken.iter().any(|taken| taken >> 5 == identifier >> 5)
    }

    /// Groups needed.
    #[must_use]
    pub const fn group_threshold(&self) -> u8 {
        self.group_threshold
    }

    /// The groups in order.
    #[must_use]
    pub fn groups(&self) -> &[GroupSpec] {
        &self.groups
    }

    /// The iteration exponent.
    #[must_use]
    pub const fn iteration_exponent(&self) -> u8 {
        self.iteration_exponent
    }

    /// The extendable backup flag.
    #[must_use]
    pub const fn extendable(&self) -> bool {
        self.extendable
    }
}

fn check(group: usize, GroupSpec { threshold, count }: GroupSpec) -> Result<(), SchemeError> {
    match (threshold, count) {
        (_, 0) => Err(SchemeError::NoShare { group }),
        (_, count) if usize::from(count) > MAX_COUNT => Err(SchemeError::TooManyShares { group, count }),
        (0, _) => Err(SchemeError::ThresholdZero { group }),
        _ if threshold > count => Err(SchemeError::Threshold { group, threshold, count }),
        (1, 2..) => Err(SchemeError::OneOfMany { group, count }),
        _ => Ok(()),
    }
}
