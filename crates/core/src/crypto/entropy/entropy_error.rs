//! Why a contribution was refused. No text here quotes a contribution.

use super::bounds::{DICE_BITS, MAX_CONTRIBUTION, MIN_FILE};
use crate::{Bilingual, bi, refusals};

refusals! {
    /// A problem with dice.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum DiceFault: Refused {
        /// A character other than 1 to 6.
        Character {
            /// Its place in the line, from 1, not counting spaces and commas.
            at: usize,
        } => ENT_DICE,
            what("character {at} of the rolls is not 1 to 6", "掷骰结果的第 {at} 个字符不是 1 到 6"),
            hint("type only digits 1 to 6, with or without spaces", "只输入 1 到 6 的数字，可以带空格");
        /// More rolls than are accepted.
        TooMany => ENT_DICE,
            what("there are too many rolls", "掷骰次数过多"),
            hint("100 rolls of a fair die are enough: start again with another die",
                 "均匀的骰子掷 100 次就够了：请换一颗骰子重新开始");
        /// Too few rolls.
        Short {
            /// Rolls so far.
            rolls: usize,
            /// Rolls still needed.
            needed: usize,
        } => ENT_DICE,
            what("{rolls} rolls are worth less than {DICE_BITS} bits: {needed} more rolls are needed",
                 "{rolls} 次掷骰不足 {DICE_BITS} 位：还需要掷 {needed} 次"),
            hint("run the command again and roll more dice; do not make up any rolls",
                 "请重新运行命令并继续掷骰；不要编造任何一次");
        /// The faces are too uneven for a fair die.
        Biased {
            /// Rolls so far.
            rolls: usize,
            /// Rolls of this die still needed.
            needed: usize,
        } => ENT_DICE,
            what("these {rolls} rolls do not come from a fair die and are worth less than {DICE_BITS} bits: at least {needed} more rolls are needed",
                 "这 {rolls} 次掷骰不像均匀的骰子，不足 {DICE_BITS} 位：至少还需要掷 {needed} 次"),
            hint(roll_a_real_die());
        /// Earlier rolls predict later ones.
        Patterned {
            /// Rolls so far.
            rolls: usize,
            /// Rolls of this kind still needed.
            needed: usize,
        } => ENT_DICE,
            what("these {rolls} rolls follow a pattern and are worth less than {DICE_BITS} bits: at least {needed} more rolls are needed",
                 "这 {rolls} 次掷骰存在规律，不足 {DICE_BITS} 位：至少还需要掷 {needed} 次"),
            hint(roll_a_real_die());
        /// No number of such rolls is enough.
        Worthless {
            /// Rolls of a fair die needed.
            needed: usize,
        } => ENT_DICE,
            what("these are not rolls of a die, and no number of them would be enough: {needed} rolls of a fair die are needed",
                 "这不是掷骰的结果，再多也不够：需要用均匀的骰子掷 {needed} 次"),
            hint(roll_a_real_die());
    }
}

fn roll_a_real_die() -> Bilingual {
    bi!(
        "roll a real die on a table and type what it shows: people and loaded dice are predictable",
        "请在桌面上真正掷骰并照实输入：人和灌铅的骰子都可以预测"
    )
}

impl DiceFault {
    /// Rolls still needed, if more rolls would help.
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

refusals! {
    /// Why a contribution was refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EntropyError: Refused {
        /// The rolls were refused.
        Dice from DiceFault;
        /// The contribution is empty.
        Empty => ENT_FORM,
            what("a contribution to entropy is empty", "附加熵源为空"),
            hint("run the command again and give the contribution, or leave its --entropy out",
                 "请重新运行命令并给出附加熵源，或去掉相应的 --entropy");
        /// Longer than [`MAX_CONTRIBUTION`].
        TooLong => ENT_FORM,
            what("a contribution to entropy is longer than {MAX_CONTRIBUTION} bytes",
                 "附加熵源超过 {MAX_CONTRIBUTION} 字节"),
            hint("give fewer bytes: 32 random bytes are as good as a million",
                 "请减少内容：32 个随机字节与一百万个同样有效");
        /// A file shorter than [`MIN_FILE`].
        FileShort {
            /// Bytes found.
            bytes: usize,
        } => ENT_FORM,
            what("the entropy file has {bytes} bytes: {needed} more are needed",
                 "熵文件只有 {bytes} 字节：还需要 {needed} 字节", needed = MIN_FILE.saturating_sub(*bytes)),
            hint(give_random_bytes());
        /// A file of one repeated byte.
        FileConstant => ENT_FORM,
            what("the entropy file is one byte repeated", "熵文件由同一字节重复而成"),
            hint(give_random_bytes());
        /// A kind that was requested twice.
        Twice => ENT_FORM, class(Usage),
            what("a kind of contribution is named twice", "同一种附加熵源被指定了两次"),
            hint("name dice, text and two-operators at most once each; several files are allowed",
                 "dice、text 与 two-operators 各最多指定一次；文件可以有多个");
        /// A commitment is not 64 hex digits.
        CommitmentForm {
            /// 1 or 2.
            operator: u8,
        } => ENT_REVEAL,
            what("the commitment of operator {operator} is not 64 hex digits",
                 "操作员 {operator} 的承诺不是 64 位十六进制数字"),
            hint(commit_alone());
        /// Both operators typed the same commitment.
        CommitmentEqual => ENT_REVEAL,
            what("both operators entered the same commitment", "两位操作员给出了相同的承诺"),
            hint(commit_alone());
        /// The typed text does not begin with a nonce.
        RevealForm {
            /// 1 or 2.
            operator: u8,
        } => ENT_REVEAL,
            what("operator {operator} did not type a nonce of 32 hex digits, a space and a contribution",
                 "操作员 {operator} 输入的不是 32 位十六进制随机数、一个空格和附加熵源的内容"),
            hint(compare_with_note());
        /// The revealed contribution does not match the commitment.
        RevealDiffers {
            /// 1 or 2.
            operator: u8,
        } => ENT_REVEAL,
            what("the text that operator {operator} typed does not match the commitment of operator {operator}",
                 "操作员 {operator} 输入的内容与其承诺不符"),
            hint(compare_with_note());
    }
}

fn give_random_bytes() -> Bilingual {
    bi!(
        "give a file of random bytes, such as `keyferry-online random` writes; this one adds nothing",
        "请给出随机字节文件（例如 `keyferry-online random` 的输出）；此文件没有任何作用"
    )
}

fn commit_alone() -> Bilingual {
    bi!(
        "each operator makes a commitment alone, as ceremony/operate/entropy.md shows, and types its 64 digits",
        "请每位操作员按 ceremony/operate/entropy.md 独自制作承诺，并输入其 64 位数字"
    )
}

fn compare_with_note() -> Bilingual {
    bi!(
        "nothing was generated; compare the text with the note letter by letter, then run the command again",
        "尚未生成任何密钥材料；请逐字核对字条，然后重新运行命令"
    )
}
