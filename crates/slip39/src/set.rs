//! Collecting shares one by one, and combining them (SLIP-0039, "Combining the shares").
//!
//! A share that does not belong, was already given or is not needed is refused at once, with the reason; the shares collected
//! before stay. A set combines exactly as many groups and members as the thresholds require, as the standard demands.

use core::fmt;

use keyferry_core::scrub::scrub_stack;
use zeroize::Zeroizing;

use crate::gf256::Point;
use crate::shamir;
use crate::{Passphrase, Secret, SetName, Share, cipher};

mod missing;
mod set_error;

pub use missing::{GroupMissing, Missing};
pub use set_error::{SetError, Which};

/// Shares of one set, collected one by one. Wiped on drop.
///
/// # Examples
/// ```
/// use keyferry_slip39::{Passphrase, Share, ShareSet};
/// // Vector 4 of the reference implementation.
/// let mut set = ShareSet::new();
/// set.add(Share::parse(
///     "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner flip \
///      making coding armed",
/// )?)?;
/// assert_eq!(set.missing().to_string(), "1 more share");
/// set.add(Share::parse(
///     "shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice unkind craft early superior \
///      advocate guest smoking",
/// )?)?;
/// let secret = set.combine(&Passphrase::new("TREZOR")?)?;
/// assert_eq!(secret.expose()[..4], [0xb4, 0x3c, 0xeb, 0x7e]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct ShareSet {
    shares: Vec<Share>,
}

impl ShareSet {
    /// An empty collection. The first share decides which set is collected.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a share. A refused share is wiped; the others stay.
    ///
    /// # Errors
    /// [`SetError`] says why it does not belong here or is not needed.
    pub fn add(&mut self, share: Share) -> Result<(), SetError> {
        if let Some(first) = self.shares.first() {
            same_set(first, &share)?;
            self.check_member(&share)?;
            self.check_needed(&share)?;
        }
        self.shares.push(share);
        Ok(())
    }

    /// Drops every share of a group (counted from 0), so that another group can take its place.
    pub fn forget_group(&mut self, group_index: u8) {
        self.shares.retain(|s| s.place().group_index != group_index);
    }

    /// The name of the set; `None` before the first share.
    #[must_use]
    pub fn name(&self) -> Option<SetName> {
        self.shares.first().map(Share::name)
    }

    /// The shares that were taken.
    #[must_use]
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// What is still needed.
    #[must_use]
    pub fn missing(&self) -> Missing {
        let Some(first) = self.shares.first().map(Share::place) else { return Missing::everything() };
        let begun = self.groups();
        let groups = begun.iter().map(|g| self.group_missing(*g)).filter(|g| g.more > 0).collect();
        let more_groups = usize::from(first.group_threshold).saturating_sub(begun.len());
        Missing { groups, more_groups, grouped: first.group_count > 1, begun: true }
    }

    /// Recovers the secret. A wrong passphrase is not detected: the result is another secret, so the caller has to compare
    /// it.
    ///
    /// # Errors
    /// [`SetError::Missing`] before the thresholds are reached; [`SetError::Digest`] if the shares contradict each other.
    pub fn combine(&self, passphrase: &Passphrase) -> Result<Secret, SetError> {
        let name = self.name().ok_or_else(|| SetError::Missing(self.missing()))?;
        let secret = self.encrypted().map(|e| Secret::recovered(cipher::decrypt(&e, passphrase, name)));
        scrub_stack();
        secret
    }

    /// The encrypted master secret.
    #[inline(never)]
    pub(crate) fn encrypted(&self) -> Result<Zeroizing<Vec<u8>>, SetError> {
        let missing = self.missing();
        let Some(first) = self.shares.first().filter(|_| missing.is_nothing()) else {
            return Err(SetError::Missing(missing));
        };
        let groups = self.groups();
        let values = groups.iter().map(|g| self.group_value(*g)).collect::<Result<Vec<_>, _>>()?;
        let points: Vec<Point<'_>> = groups.iter().zip(&values).map(|(x, y)| Point { x: *x, y }).collect();
        shamir::recover(first.place().group_threshold, &points).ok_or(SetError::Digest { group: None })
    }

    fn group_value(&self, group: u8) -> Result<Zeroizing<Vec<u8>>, SetError> {
        let members: Vec<&Share> = self.group(group).collect();
        let threshold = members.first().map_or(0, |s| s.place().member_threshold);
        let points: Vec<Point<'_>> =
            members.iter().map(|s| Point { x: s.place().member_index, y: s.value() }).collect();
        let grouped = members.first().is_some_and(|s| s.place().group_count > 1);
        let failed = SetError::Digest { group: grouped.then_some(group + 1) };
        shamir::recover(threshold, &points).ok_or(failed)
    }

    fn group(&self, group: u8) -> impl Iterator<Item = &Share> {
        self.shares.iter().filter(move |s| s.place().group_index == group)
    }

    /// The groups that were begun, each once, in order.
    fn groups(&self) -> Vec<u8> {
        let mut groups: Vec<u8> = self.shares.iter().map(|s| s.place().group_index).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    fn group_missing(&self, group: u8) -> GroupMissing {
        let have = self.group(group).count();
        let threshold = self.group(group).next().map_or(0, |s| s.place().member_threshold);
        GroupMissing { group_index: group, have, more: usize::from(threshold).saturating_sub(have) }
    }

    /// Checks a share against the others of its group: they have the same threshold, and each number appears
    /// once.
    fn check_member(&self, share: &Share) -> Result<(), SetError> {
        let (place, which) = (share.place(), Which::of(share));
        for other in self.group(place.group_index) {
            if other.place().member_threshold != place.member_threshold {
                let (expected, found) = (other.place().member_threshold, place.member_threshold);
                return Err(SetError::MemberThreshold { which, expected, found });
            }
            if other.place().member_index == place.member_index {
                let same = shamir::equal(other.value(), share.value());
                return Err(if same { SetError::Repeated(which) } else { SetError::Conflict(which) });
            }
        }
        Ok(())
    }

    fn check_needed(&self, share: &Share) -> Result<(), SetError> {
        let (place, which) = (share.place(), Which::of(share));
        if self.missing().is_nothing() {
            return Err(SetError::Complete(which));
        }
        let groups = self.groups();
        if groups.contains(&place.group_index) {
            let full = self.group_missing(place.group_index).more == 0;
            return if full { Err(SetError::GroupFull(which)) } else { Ok(()) };
        }
        if groups.len() >= usize::from(place.group_threshold) {
            let begun = groups.into_iter().map(|g| g + 1).collect();
            return Err(SetError::GroupNotNeeded { which, begun });
        }
        Ok(())
    }
}

impl fmt::Debug for ShareSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.shares).finish()
    }
}

/// The values that all shares of a set have in common.
fn same_set(first: &Share, share: &Share) -> Result<(), SetError> {
    let (expected, found) = (first.name(), share.name());
    if expected.identifier != found.identifier {
        return Err(SetError::OtherSet { expected, found });
    }
    if expected.extendable != found.extendable {
        return Err(SetError::Extendable { expected, found });
    }
    if expected.iteration_exponent != found.iteration_exponent {
        return Err(SetError::Exponent { expected, found });
    }
    let (a, b) = (first.place(), share.place());
    if a.group_threshold != b.group_threshold {
        return Err(SetError::GroupThreshold { expected: a.group_threshold, found: b.group_threshold });
    }
    if a.group_count != b.group_count {
        return Err(SetError::GroupCount { expected: a.group_count, found: b.group_count });
    }
    if first.secret_bytes() != share.secret_bytes() {
        let [expected, found] = [first, share].map(|s| s.secret_bytes() * 8);
        return Err(SetError::Length { expected, found });
    }
    Ok(())
}
