//! Why a contribution was refused. No text here quotes one.

use super::{DICE_BITS, MAX_CONTRIBUTION, MIN_FILE};
use crate::{Bilingual, Class, Control, Explain, bi, explained};

/// What is wrong with dice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiceFault {
    /// A character other than 1 to 6.
    Character {
        /// Its place in the line, from 1, spaces and commas not counted.
        at: usize,
    },
    /// More rolls than are taken.
    TooMany,
    /// Too few.
    Short {
        /// Rolls so far.
        rolls: usize,
        /// Rolls still needed.
        needed: usize,
    },
    /// Faces come too unevenly for a fair die.
    Biased {
        /// Rolls so far.
        rolls: usize,
        /// Rolls of this die still needed.
        needed: usize,
    },
    /// Rolls foretell later ones.
    Patterned {
        /// Rolls so far.
        rolls: usize,
        /// Rolls of this kind still needed.
        needed: usize,
    },
    /// No number of such rolls suffices.
    Worthless {
        /// Rolls of a fair die needed.
        needed: usize,
    },
}

impl DiceFault {
    /// Rolls still needed, where a number helps.
    #[must_use]
    pub const fn needed(&self) -> Option<usize> {
        match self {
            Self::Short { needed, .. }
            | Self::Biased { needed, .. }
            | Self::Patterned { needed, .. }
            | Self::Worthless { needed } => Some(*needed),
            Self::Character { .. } | Self::TooMany => None,
        }
    }
}

/// Why a contribution was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntropyError {
    /// Dice.
    Dice(DiceFault),
    /// Nothing was given.
    Empty,
    /// Longer than [`MAX_CONTRIBUTION`].
    TooLong,
    /// A file shorter than [`MIN_FILE`].
    FileShort {
        /// Bytes found.
        bytes: usize,
    },
    /// A file of one repeated byte.
    FileConstant,
    /// A kind that was asked for twice.
    Twice,
    /// A commitment is not 64 hex digits.
    CommitmentForm {
        /// 1 or 2.
        operator: u8,
    },
    /// Both operators committed to the same.
    CommitmentEqual,
    /// What was typed does not begin with a nonce.
    RevealForm {
        /// 1 or 2.
        operator: u8,
    },
    /// What was revealed is not what was committed.
    RevealDiffers {
        /// 1 or 2.
        operator: u8,
    },
}

impl From<DiceFault> for EntropyError {
    fn from(fault: DiceFault) -> Self {
        Self::Dice(fault)
    }
}

impl Explain for EntropyError {
    fn control(&self) -> Control {
        match self {
            Self::Dice(_) => Control::ENT_DICE,
            Self::CommitmentForm { .. }
            | Self::CommitmentEqual
            | Self::RevealForm { .. }
            | Self::RevealDiffers { .. } => Control::ENT_REVEAL,
            _ => Control::ENT_FORM,
        }
    }

    fn class(&self) -> Class {
        if *self == Self::Twice { Class::Usage } else { Class::Refused }
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Dice(fault) => what_dice(*fault),
            Self::Empty => bi!("a contribution to entropy is empty", "熵贡献为空"),
            Self::TooLong => bi!(
                "a contribution to entropy is longer than {MAX_CONTRIBUTION} bytes",
                "熵贡献超过 {MAX_CONTRIBUTION} 字节"
            ),
            Self::FileShort { bytes } => {
                let needed = MIN_FILE.saturating_sub(*bytes);
                bi!(
                    "the entropy file has {bytes} bytes: {needed} more are needed",
                    "熵文件只有 {bytes} 字节：还需要 {needed} 字节"
                )
            }
            Self::FileConstant => {
                bi!("the entropy file is one byte repeated", "熵文件由同一字节重复而成")
            }
            Self::Twice => bi!("a kind of contribution is named twice", "同一种熵贡献被指定了两次"),
            Self::CommitmentForm { operator } => bi!(
                "the commitment of operator {operator} is not 64 hex digits",
                "操作员 {operator} 的承诺不是 64 位十六进制数字"
            ),
            Self::CommitmentEqual => {
                bi!("both operators gave the same commitment", "两位操作员给出了相同的承诺")
            }
            Self::RevealForm { operator } => bi!(
                "operator {operator} did not type a nonce of 32 hex digits, a space and a contribution",
                "操作员 {operator} 输入的不是 32 位十六进制随机数、一个空格和贡献内容"
            ),
            Self::RevealDiffers { operator } => bi!(
                "what operator {operator} typed is not what operator {operator} committed to",
                "操作员 {operator} 输入的内容与其承诺不符"
            ),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Dice(fault) => hint_dice(*fault),
            Self::Empty => bi!(
                "run the command again and give the contribution, or leave its --entropy out",
                "请重新运行命令并给出贡献，或去掉相应的 --entropy"
            ),
            Self::TooLong => bi!(
                "give less: 32 random bytes are as good as a million",
                "请减少内容：32 个随机字节与一百万个同样有效"
            ),
            Self::FileShort { .. } | Self::FileConstant => bi!(
                "give a file of random bytes, such as `keyferry-online random` writes; this one adds nothing",
                "请给出随机字节文件（例如 `keyferry-online random` 的输出）；此文件没有任何作用"
            ),
            Self::Twice => bi!(
                "name dice, text and two-operators at most once each; files may be several",
                "dice、text 与 two-operators 各最多指定一次；文件可以有多个"
            ),
            Self::CommitmentForm { .. } | Self::CommitmentEqual => bi!(
                "each operator makes a commitment alone, as ceremony/entropy.md shows, and types its 64 digits",
                "请每位操作员按 ceremony/entropy.md 独自制作承诺，并输入其 64 位数字"
            ),
            Self::RevealForm { .. } | Self::RevealDiffers { .. } => bi!(
                "nothing was generated; compare with the note letter by letter and run the command again",
                "尚未生成任何密钥材料；请逐字核对字条，然后重新运行命令"
            ),
        }
    }
}

fn what_dice(fault: DiceFault) -> Bilingual {
    match fault {
        DiceFault::Character { at } => {
            bi!("character {at} of the rolls is not 1 to 6", "掷骰结果的第 {at} 个字符不是 1 到 6")
        }
        DiceFault::TooMany => bi!("these are too many rolls", "掷骰次数过多"),
        DiceFault::Short { rolls, needed } => bi!(
            "{rolls} rolls are less than {DICE_BITS} bits: {needed} more rolls are needed",
            "{rolls} 次掷骰不足 {DICE_BITS} 位：还需要掷 {needed} 次"
        ),
        DiceFault::Biased { rolls, needed } => bi!(
            "these {rolls} rolls are not of a fair die and less than {DICE_BITS} bits: at least {needed} more rolls are needed",
            "这 {rolls} 次掷骰不像均匀的骰子，不足 {DICE_BITS} 位：至少还需要掷 {needed} 次"
        ),
        DiceFault::Patterned { rolls, needed } => bi!(
            "these {rolls} rolls follow a pattern and are less than {DICE_BITS} bits: at least {needed} more rolls are needed",
            "这 {rolls} 次掷骰存在规律，不足 {DICE_BITS} 位：至少还需要掷 {needed} 次"
        ),
        DiceFault::Worthless { needed } => bi!(
            "these are no rolls of a die, and no number of them suffices: {needed} rolls of a fair die are needed",
            "这不是掷骰的结果，再多也不够：需要用均匀的骰子掷 {needed} 次"
        ),
    }
}

fn hint_dice(fault: DiceFault) -> Bilingual {
    match fault {
        DiceFault::Character { .. } => {
            bi!("type digits 1 to 6 alone, with or without spaces", "只输入 1 到 6 的数字，可以带空格")
        }
        DiceFault::TooMany => bi!(
            "100 rolls of a fair die are enough: start again with another die",
            "均匀的骰子掷 100 次就够了：请换一颗骰子重新开始"
        ),
        DiceFault::Short { .. } => bi!(
            "run the command again and roll on; make up none of them",
            "请重新运行命令并继续掷骰；不要编造任何一次"
        ),
        _ => bi!(
            "roll a real die on a table and type what it shows: people and loaded dice are predictable",
            "请在桌面上真正掷骰并照实输入：人和灌铅的骰子都可以预测"
        ),
    }
}

explained!(EntropyError);
