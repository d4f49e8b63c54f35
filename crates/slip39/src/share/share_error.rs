//! Why the words of a share were refused. Positions count from 1; no word is quoted, because each word is part of the
//! secret.

use keyferry_core::{Bilingual, bi, refusals};

use super::{MAX_TEXT, MAX_WORDS, MIN_WORDS};
use crate::Suspect;

refusals! {
    /// Why a share was refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ShareError: Refused {
        /// There are no words at all.
        Empty => SHARE_WORDS,
            what("no words were given", "没有输入任何单词"),
            hint("type the words of one share as printed on the sheet, with spaces between them",
                 "请按分片纸上的内容输入一个分片的单词，单词之间用空格分开");
        /// The text is longer than any share.
        TextTooLong => SHARE_LENGTH,
            what("the text is longer than {MAX_TEXT} bytes, which no share is",
                 "文本超过 {MAX_TEXT} 字节，任何分片都没有这么长"),
            hint("give the words of one share and nothing else", "请只输入一个分片的单词，不要有其他内容");
        /// A word is not in the list.
        Word {
            /// Its position.
            position: usize,
            /// The likely mistake.
            fault: WordFault,
        } => SHARE_WORDS,
            what(fault.what(*position)),
            hint(fault.hint());
        /// No share has this number of words.
        Length {
            /// The number of words.
            words: usize,
            /// The likely mistake.
            fault: LengthFault,
        } => SHARE_LENGTH,
            what(fault.what(*words)),
            hint(fault.hint());
        /// The checksum is wrong.
        Checksum {
            /// The number of words.
            words: usize,
            /// Where one mistake would explain it.
            suspect: Suspect,
            /// Whether there are enough words for several shares.
            several: bool,
        } => SHARE_CHECKSUM,
            what(checksum(*words, *suspect, *several)),
            hint(compare_with_sheet(*suspect, *several));
        /// A padding bit before the value is set.
        Padding => SHARE_FIELDS,
            what("the checksum is right, but the bits before the value are not zero",
                 "校验和正确，但数值之前的填充位不为零"),
            hint(keep_as_evidence());
        /// It needs more groups than there are.
        GroupThreshold {
            /// Groups needed.
            threshold: u8,
            /// The number of groups.
            count: u8,
        } => SHARE_FIELDS,
            what("the share says that {threshold} of {count} groups are needed, which is impossible",
                 "分片声称 {count} 组中需要 {threshold} 组，这不可能成立"),
            hint(keep_as_evidence());
        /// It belongs to a group beyond the last.
        GroupIndex {
            /// Its group, from 1.
            group: u8,
            /// The number of groups.
            count: u8,
        } => SHARE_FIELDS,
            what("the share says that it belongs to group {group} of {count}, which is impossible",
                 "分片声称属于第 {group} 组，而总共只有 {count} 组"),
            hint(keep_as_evidence());
    }
}

fn keep_as_evidence() -> Bilingual {
    bi!(
        "no correct program made this share: keep the sheet as evidence and use another share",
        "正常的程序不会生成这样的分片：请保留该纸作为证据，改用其他分片"
    )
}

/// The likely reason why a word is not in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WordFault {
    /// It does not look like any word of the list.
    Unknown,
    /// It is one or two typos away from a word.
    Misspelt,
    /// It is the beginning of exactly one word.
    Abbreviated,
    /// It is the beginning of several words.
    Ambiguous,
    /// It is two words without a space.
    RunTogether,
    /// It contains a digit.
    Number,
    /// It contains a character that is not a letter.
    Punctuation,
    /// It contains characters beyond ASCII.
    Foreign,
}

/// The likely reason for a wrong number of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LengthFault {
    /// One word fewer than 20 or 33.
    OneMissing,
    /// One word more than 20 or 33.
    OneTooMany,
    /// As many as in a wallet's BIP-39 recovery phrase.
    Wallet,
    /// As many as in two or more shares.
    SeveralShares,
    /// Fewer than 20.
    TooFew,
    /// More than a checksum can cover.
    TooMany,
    /// Any other number that does not encode an even number of bytes.
    Uneven,
}

impl LengthFault {
    pub(super) const fn of(words: usize) -> Self {
        match words {
            19 | 32 => Self::OneMissing,
            21 | 34 => Self::OneTooMany,
            12 | 15 | 18 | 24 => Self::Wallet,
            n if n < MIN_WORDS => Self::TooFew,
            n if n > MAX_WORDS => Self::TooMany,
            n if n >= 40 && (n % 20 == 0 || n % 33 == 0) => Self::SeveralShares,
            _ => Self::Uneven,
        }
    }
}

/// The guess is right only if there is a single mistake, and the text says so.
fn checksum(words: usize, suspect: Suspect, several: bool) -> Bilingual {
    match suspect {
        _ if several => bi!(
            "the checksum over {words} words is wrong, and {words} words may be several shares",
            "{words} 个单词的校验和不符，而 {words} 个单词正好是几个分片的数量"
        ),
        Suspect::Word(at) => bi!(
            "the checksum is wrong; if a single word is wrong, it is word {at}",
            "校验和不符；如果只错了一个单词，那就是第 {at} 个"
        ),
        Suspect::Swapped(at) => {
            let next = at + 1;
            bi!(
                "the checksum is wrong; words {at} and {next} may have been swapped",
                "校验和不符；第 {at} 个与第 {next} 个单词可能互换了位置"
            )
        }
        Suspect::Several => bi!(
            "the checksum is wrong, and no single wrong word explains it: at least two are wrong",
            "校验和不符，且无法用单个错词解释：至少有两个单词有误"
        ),
    }
}

fn compare_with_sheet(suspect: Suspect, several: bool) -> Bilingual {
    match suspect {
        _ if several => LengthFault::SeveralShares.hint(),
        Suspect::Several => bi!(
            "compare every word with the sheet; never change the sheet",
            "请将每个单词与分片纸逐一核对；切勿改动分片纸"
        ),
        Suspect::Word(_) | Suspect::Swapped(_) => bi!(
            "compare it with the sheet first; if it is the same there, compare every other word; never change the sheet",
            "请先核对该处；若与分片纸一致，再核对其余每个单词；切勿改动分片纸"
        ),
    }
}

impl WordFault {
    fn what(self, at: usize) -> Bilingual {
        match self {
            Self::Unknown => {
                bi!(
                    "word {at} is not in the SLIP-39 list, and not similar to any word in it",
                    "第 {at} 个单词不在 SLIP-39 词表中，也没有相近的词"
                )
            }
            Self::Misspelt => bi!(
                "word {at} is not in the SLIP-39 list: it looks misspelt",
                "第 {at} 个单词不在 SLIP-39 词表中，但与某个词相近：可能拼写有误"
            ),
            Self::Abbreviated => bi!("word {at} is abbreviated", "第 {at} 个单词是缩写"),
            Self::Ambiguous => {
                bi!(
                    "word {at} is only the beginning of several words",
                    "第 {at} 个单词只是若干单词共有的开头"
                )
            }
            Self::RunTogether => {
                bi!("word {at} is two words without a space", "第 {at} 个单词是两个单词连在一起，缺少空格")
            }
            Self::Number => bi!("word {at} contains a digit", "第 {at} 个单词中有数字"),
            Self::Punctuation => {
                bi!("word {at} contains a character that is not a letter", "第 {at} 个单词中有非字母符号")
            }
            Self::Foreign => {
                bi!(
                    "word {at} contains characters other than the letters a to z",
                    "第 {at} 个单词中有英文字母以外的字符"
                )
            }
        }
    }

    fn hint(self) -> Bilingual {
        match self {
            Self::Unknown => bi!(
                "compare it with the sheet; is this really a SLIP-39 share, not a wallet's BIP-39 phrase?",
                "请与分片纸核对；它确实是 SLIP-39 分片，而不是钱包的 BIP-39 助记词吗？"
            ),
            Self::Misspelt => {
                bi!("compare it with the sheet, letter by letter", "请与分片纸逐字母核对")
            }
            Self::Abbreviated => {
                bi!("write it in full, or use the completion", "请写出完整单词，或使用自动补全")
            }
            Self::Ambiguous => {
                bi!("type at least four letters of it", "请至少输入该单词的前四个字母")
            }
            Self::RunTogether => bi!("put a space between the two", "请在两个单词之间加空格"),
            Self::Number => {
                bi!("leave out the numbers of the words", "请不要输入单词的编号")
            }
            Self::Punctuation => bi!(
                "leave out commas, full stops and hyphens; separate words by spaces",
                "请去掉逗号、句号和连字符；单词之间用空格分开"
            ),
            Self::Foreign => bi!(
                "switch off the input method: the words are English, even on a Chinese sheet",
                "请关闭输入法：即使在中文分片纸上，单词也是英文"
            ),
        }
    }
}

impl LengthFault {
    fn what(self, words: usize) -> Bilingual {
        match self {
            Self::OneMissing => {
                let whole = words + 1;
                bi!(
                    "{words} words: one fewer than the {whole} words of a share",
                    "共 {words} 个单词：比完整分片的 {whole} 个少一个"
                )
            }
            Self::OneTooMany => {
                let whole = words.saturating_sub(1);
                bi!(
                    "{words} words: one more than the {whole} words of a share",
                    "共 {words} 个单词：比完整分片的 {whole} 个多一个"
                )
            }
            Self::Wallet => bi!(
                "{words} words: this is a wallet's BIP-39 recovery phrase or part of a share",
                "共 {words} 个单词：这是钱包的 BIP-39 助记词，或分片的一部分"
            ),
            Self::SeveralShares => {
                bi!(
                    "{words} words: these are several shares at once",
                    "共 {words} 个单词：一次输入了多个分片"
                )
            }
            Self::TooFew => bi!(
                "{words} words are too few: a share has 20 words (128 bits), 33 words (256 bits), or another number above 20",
                "只有 {words} 个单词，太少：分片有 20 个（128 位）、33 个（256 位）或其他不少于 20 的数量"
            ),
            Self::TooMany => bi!(
                "{words} words are too many: no share has more than {MAX_WORDS}",
                "共 {words} 个单词，太多：任何分片都不超过 {MAX_WORDS} 个"
            ),
            Self::Uneven => bi!(
                "no share has {words} words: 20 words encode 128 bits, and 33 words encode 256 bits",
                "没有任何分片是 {words} 个单词：20 个为 128 位，33 个为 256 位"
            ),
        }
    }

    fn hint(self) -> Bilingual {
        match self {
            Self::OneMissing => bi!(
                "count the words on the sheet and find the one that was left out",
                "请数一下分片纸上的单词，找出漏掉的一个"
            ),
            Self::OneTooMany => bi!(
                "count the words on the sheet and find the one that was typed twice",
                "请数一下分片纸上的单词，找出重复输入的一个"
            ),
            Self::Wallet => bi!(
                "use the sheet of a SLIP-39 share; a BIP-39 phrase cannot be combined",
                "请使用 SLIP-39 分片纸；BIP-39 助记词无法用于合并"
            ),
            Self::SeveralShares => bi!("enter one share at a time", "请一次只输入一个分片"),
            Self::TooFew => bi!("type all words of the share", "请输入该分片的全部单词"),
            Self::TooMany => bi!("type one share and nothing else", "请只输入一个分片，不要有其他内容"),
            Self::Uneven => {
                bi!("count the words on the sheet, then compare each of them", "请数一下分片纸上的单词并核对")
            }
        }
    }
}
