//! What about a backup is not as the plan demands.

use keyferry_core::{Bilingual, bi};

/// What about a backup is not as the plan demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // the members are numbers of shares
pub enum BackupFault {
    /// The plan chose no backup, and the transcript does not say so.
    NotWaived,
    /// Material was made, and no shares of it that count.
    NoShares,
    /// The shares are not as many as the plan wants, or another number of them recovers.
    Scheme { threshold: u8, shares: u8 },
    /// A share was not read back before the ciphertext was written.
    NotConfirmed { number: u8 },
    /// A share was given to somebody else than the plan's custodian of that number.
    Custodian { number: u8 },
    /// The shares give something else than the ciphertext's material, or its escrow's key.
    Gives,
    /// No escrow was written before the ciphertext, or one of other keys.
    EscrowKeys,
    /// `escrow.json` is not the one that was written, or holds other material.
    Escrow,
    /// Material was recovered, and no shares were combined that the record knows.
    NotCombined,
    /// A line of `drills.jsonl` is about another plan, set or share.
    Drill { line: u64 },
}

impl BackupFault {
    pub(in crate::record) fn what(self) -> Bilingual {
        match self {
            Self::NotWaived => bi!(
                "the plan chose no backup, and the transcript does not say so",
                "计划选择不备份，而记录中没有相应的一行"
            ),
            Self::NoShares => bi!(
                "material was wrapped, but no valid shares of it were made before",
                "材料已被包装，而此前没有生成有效的分片"
            ),
            Self::Scheme { threshold, shares } => bi!(
                "the shares are {threshold} of {shares}; the plan wants another number",
                "分片为 {shares} 份中任意 {threshold} 份；与计划不符"
            ),
            Self::NotConfirmed { number } => bi!(
                "share {number} was not read back before the ciphertext was written",
                "第 {number} 个分片在写出密文之前没有读回"
            ),
            Self::Custodian { number } => bi!(
                "share {number} was not given to the plan's custodian of that number",
                "第 {number} 个分片没有交给计划中对应的保管人"
            ),
            Self::Gives => bi!(
                "the shares recover something other than the material of this ciphertext",
                "分片恢复的不是该密文的材料"
            ),
            Self::EscrowKeys => bi!(
                "no escrow of the ciphertext's keys was written before the ciphertext",
                "写出密文之前没有写出其各密钥的托管文件"
            ),
            Self::Escrow => bi!(
                "escrow.json is not the one that was written, or holds other material than the ciphertext",
                "escrow.json 不是所写出的那一个，或所含材料与密文不同"
            ),
            Self::NotCombined => bi!(
                "material was recovered, but the transcript does not say from which shares",
                "材料是恢复所得，而记录中没有给出它的分片"
            ),
            Self::Drill { line } => bi!(
                "line {line} of drills.jsonl is about another plan, set or share than this record's",
                "drills.jsonl 第 {line} 行所述的计划、分片组或分片不属于该记录"
            ),
        }
    }
}
