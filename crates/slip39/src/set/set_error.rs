//! Why a share does not join a set, and why a set does not recover a secret.
//!
//! The two words that name a set are quoted: every share of it shows them, and they are not part of the secret. No other word is
//! quoted.

use keyferry_core::{Bilingual, bi, refusals};

use super::Missing;
use crate::{SetName, Share};

/// A share as people refer to it, with both numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which {
    /// Its group; `None` if there is only one.
    pub group: Option<u8>,
    /// Its number in the group.
    pub member: u8,
}

refusals! {
    /// Why a share was not taken, or why nothing was recovered.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SetError: Refused {
        /// It belongs to a completely different set.
        OtherSet {
            /// The set being collected.
            expected: SetName,
            /// The set of the share.
            found: SetName,
        } => SHARE_SET,
            what("this share belongs to the set \"{found}\", the others belong to \"{expected}\"",
                 "该分片属于“{found}”这一套，其余分片属于“{expected}”"),
            hint(find_the_sheet());
        /// The same identifier, but not the same extendable flag.
        Extendable {
            /// The set being collected.
            expected: SetName,
            /// The set of the share.
            found: SetName,
        } => SHARE_SET,
            what("this share belongs to the set \"{found}\" and the others belong to \"{expected}\": one is extendable, the other is not",
                 "该分片属于“{found}”，其余属于“{expected}”：一套可扩展，另一套不可扩展"),
            hint(find_the_sheet());
        /// The same identifier, but not the same iteration exponent.
        Exponent {
            /// The set being collected.
            expected: SetName,
            /// The set of the share.
            found: SetName,
        } => SHARE_SET,
            what("this share belongs to the set \"{found}\" with iteration exponent {f}, the others belong to \"{expected}\" with {e}",
                 "该分片属于“{found}”，迭代指数为 {f}；其余分片属于“{expected}”，迭代指数为 {e}",
                 e = expected.iteration_exponent, f = found.iteration_exponent),
            hint(find_the_sheet());
        /// It states another group threshold.
        GroupThreshold {
            /// The value in the earlier shares.
            expected: u8,
            /// The value in this share.
            found: u8,
        } => SHARE_SET,
            what("this share says that {found} groups are needed, the others say {expected}",
                 "该分片称需要 {found} 组，其余分片称需要 {expected} 组"),
            hint(not_of_this_set());
        /// It states another number of groups.
        GroupCount {
            /// The value in the earlier shares.
            expected: u8,
            /// The value in this share.
            found: u8,
        } => SHARE_SET,
            what("this share says that there are {found} groups, the others say {expected}",
                 "该分片称共有 {found} 组，其余分片称共有 {expected} 组"),
            hint(not_of_this_set());
        /// It encodes a secret of another length, in bits.
        Length {
            /// The value in the earlier shares.
            expected: usize,
            /// The value in this share.
            found: usize,
        } => SHARE_SET,
            what("this share encodes a secret of {found} bits, the others encode {expected} bits",
                 "该分片对应 {found} 位的秘密值，其余分片对应 {expected} 位"),
            hint(not_of_this_set());
        /// Its threshold differs from the one that the others of its group state.
        MemberThreshold {
            /// The share.
            which: Which,
            /// The value in the earlier shares of its group.
            expected: u8,
            /// The value in this share.
            found: u8,
        } => SHARE_SET,
            what("{share} says that {found} shares are needed, the others of its group say {expected}",
                 "{share}称需要 {found} 个分片，同组其余分片称需要 {expected} 个", both share = which.text()),
            hint("one of them belongs to another set or is forged: compare the sheets",
                 "其中有一个不属于这一套，或系伪造：请核对分片纸");
        /// The same share again.
        Repeated(which: Which) => SHARE_COUNT,
            what("{share} was given before",
                 "{share}已经输入过", both share = which.text()),
            hint("take the next sheet; nothing was lost", "请取下一张分片纸；已输入的内容没有丢失");
        /// A different share with the same number.
        Conflict(which: Which) => SHARE_COUNT,
            what("there are two different shares with the same number: {share}",
                 "有两个不同的分片使用同一编号：{share}", both share = which.text()),
            hint("one of the two is forged or belongs to another set: stop, keep both sheets, and fill in the exception sheet",
                 "两者之一系伪造或属于另一套：请停止，保留两张分片纸，并填写异常记录单");
        /// Its group already has as many shares as it needs.
        GroupFull(which: Which) => SHARE_COUNT,
            what("{share} is not needed: its group already has enough",
                 "不需要{share}：该组分片已足够", both share = which.text()),
            hint("put this sheet back; give shares of the groups that are still incomplete",
                 "请放回该分片纸；改为输入仍有缺失的组的分片");
        /// Enough groups have been begun, and its own is not one of them.
        GroupNotNeeded {
            /// The share.
            which: Which,
            /// The groups that were begun, from 1.
            begun: Vec<u8>,
        } => SHARE_COUNT,
            what("{share} is not needed: enough groups have been begun ({groups})",
                 "不需要{share}：所需数量的组已经开始（{groups}）", both share = which.text(), groups = Bilingual::list(begun)),
            hint("complete the groups that were begun, or drop one of them first",
                 "请先完成已开始的组，或先放弃其中一组");
        /// Nothing more is needed.
        Complete(which: Which) => SHARE_COUNT,
            what("{share} is not needed: there are enough shares to combine",
                 "不需要{share}：分片已足够合并", both share = which.text()),
            hint("put this sheet back, and combine the shares", "请放回该分片纸，然后合并");
        /// Too few shares.
        Missing(missing: Missing) => SHARE_MISSING,
            what("too few shares; still needed: {text}", "分片不足；尚缺：{text}", both text = missing.text()),
            hint("bring the missing shares; nothing was recovered", "请取来缺少的分片；尚未恢复任何内容");
        /// The shares contradict each other.
        Digest {
            /// The group, from 1. `None` means that the groups contradict each other, or that there is only
            /// one group.
            group: Option<u8>,
        } => SHARE_DIGEST,
            what(contradiction(*group)),
            hint("try other shares in turn to find the false one; keep it, and fill in the exception sheet",
                 "请依次换用其他分片以找出假的一个；保留该分片，并填写异常记录单");
    }
}

fn find_the_sheet() -> Bilingual {
    bi!(
        "shares of one set begin with the same two words: find the right sheet",
        "同一套分片的前两个单词相同：请找出正确的分片纸"
    )
}

fn not_of_this_set() -> Bilingual {
    bi!(
        "it does not belong to this set, although the first two words are the same: find the right sheet",
        "尽管前两个单词相同，它并不属于这一套：请找出正确的分片纸"
    )
}

impl Which {
    pub(super) fn of(share: &Share) -> Self {
        let place = share.place();
        let group = (place.group_count > 1).then_some(place.group_index + 1);
        Self { group, member: place.member_index + 1 }
    }

    fn text(self) -> Bilingual {
        let member = self.member;
        match self.group {
            Some(group) => bi!("share {member} of group {group}", "第 {group} 组的第 {member} 号分片"),
            None => bi!("share {member}", "第 {member} 号分片"),
        }
    }
}

fn contradiction(group: Option<u8>) -> Bilingual {
    match group {
        Some(group) => bi!(
            "the shares of group {group} contradict each other: at least one of them is false",
            "第 {group} 组的分片互相矛盾：其中至少有一个是假的"
        ),
        None => bi!(
            "the shares contradict each other: at least one of them is false",
            "这些分片互相矛盾：其中至少有一个是假的"
        ),
    }
}
