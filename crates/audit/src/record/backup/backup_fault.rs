//! The ways in which a backup can differ from what the plan demands.

use keyferry_core::{Bilingual, bi};

/// The ways in which a backup can differ from what the plan demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // the fields are numbers of shares
pub enum BackupFault {
    /// The plan chose no backup, but the transcript does not say so.
    NotWaived,
    /// Material was made, but no valid shares of it were made.
    NoShares,
    /// The number of shares or their threshold is not the plan's.
    Scheme { threshold: u8, shares: u8 },
    /// A share was not read back before the ciphertext was written.
    NotConfirmed { number: u8 },
    /// A share was not given to the plan's custodian for that number.
    Custodian { number: u8 },
    /// The shares recover something other than the ciphertext's material or its escrow's key.
    Gives,
    /// Before the ciphertext, no escrow was written, or one was written for other keys.
    EscrowKeys,
    /// `escrow.json` is not the one that was written, or holds other material.
    Escrow,
    /// Material was recovered, but not from shares that appear in the record.
    NotCombined,
    /// A line of `drills.jsonl` is about another plan, set or share.
    Drill { line: u64 },
}

impl BackupFault {
    pub(in crate::record) fn what(self) -> Bilingual {
        match self {
            Self::NotWaived => bi!(
                "the plan chose no backup, but the transcript does not say so",
                "计划选择不备份，而记录中没有相应的一行"
            ),
            Self::NoShares => bi!(
                "material was wrapped, but no valid shares of it were made before that",
                "材料已被包装，而此前没有生成有效的分片"
            ),
            Self::Scheme { threshold, shares } => bi!(
                "the shares are {threshold} of {shares}, but the plan requires other numbers",
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
                "escrow.json is not the one that was written, or holds different material than the ciphertext",
                "escrow.json 不是所写出的那一个，或所含材料与密文不同"
            ),
            Self::NotCombined => bi!(
                "material was recovered, but the transcript does not say from which shares",
                "材料是恢复所得，而记录中没有给出它的分片"
            ),
            Self::Drill { line } => bi!(
                "line {line} of drills.jsonl is about a plan, set or share that does not belong to this record",
                "drills.jsonl 第 {line} 行所述的计划、分片组或分片不属于该记录"
            ),
        }
    }
}
