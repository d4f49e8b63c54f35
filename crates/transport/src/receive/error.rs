//! Why a file was not received. Nothing was written, and the terminal is as it was.

use keyferry_core::{Bilingual, Class, Control, Explain, bi, explain_nested, explained};

use super::Tally;
use crate::FileError;

/// Why a file was not received.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // Each variant is the error of its module.
pub enum ReceiveError {
    File(FileError),
    Refused(ReceiveRefusal),
}

explain_nested!(ReceiveError { File(FileError), Refused(ReceiveRefusal) });

/// A rule of receiving that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiveRefusal {
    /// The lines ended before a file was whole.
    Incomplete {
        /// Different frames held, and frames that suffice, of the file that was furthest.
        progress: Option<(usize, usize)>,
        /// What came besides.
        tally: Tally,
    },
    /// A file was whole and is none of those that cross.
    Foreign {
        /// Why the first such file was passed over.
        what: Bilingual,
        /// How many there were.
        files: u64,
    },
    /// The terminal goes on cutting long lines.
    Terminal,
}

impl Explain for ReceiveRefusal {
    fn control(&self) -> Control {
        match self {
            Self::Incomplete { .. } => Control::RECEIVE_WHOLE,
            Self::Foreign { .. } => Control::RECEIVE_KIND,
            Self::Terminal => Control::RECEIVE_TERMINAL,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Incomplete { .. } | Self::Foreign { .. } => Class::Refused,
            Self::Terminal => Class::Io,
        }
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Incomplete { progress, tally } => incomplete(*progress, tally),
            Self::Foreign { what, files } => Bilingual {
                en: format!("what came whole ({files}) is none of the files that cross: {}", what.en),
                zh: format!("收到的完整文件（{files} 个）都不属于可以传递的文件：{}", what.zh),
            },
            Self::Terminal => bi!(
                "this terminal cuts lines after 4,095 characters and cannot be told otherwise",
                "此终端会截断超过 4,095 个字符的行，且无法更改"
            ),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Incomplete { progress: None, .. } => bi!(
                "give it the lines of keyferry-scan, of `zbarimg -q --raw`, or of a hand scanner that sends digits as digits and ends each line",
                "请提供 keyferry-scan 或 `zbarimg -q --raw` 的输出行，或使用原样发送数字并以换行结尾的扫描枪"
            ),
            Self::Incomplete { .. } => bi!(
                "run it again and scan longer: any frames that are still missing will do, in any order",
                "请重新运行并继续扫描：补足任意尚缺的帧即可，顺序不限"
            ),
            Self::Foreign { .. } => bi!(
                "what crosses is plan.toml, parameters.json, ciphertext.json and transcript.jsonl, as `show` shows them: look what the other station shows",
                "可以传递的是 `show` 显示的 plan.toml、parameters.json、ciphertext.json 与 transcript.jsonl：请核对另一站点显示的内容"
            ),
            Self::Terminal => bi!(
                "scan into a file and give it with --from, or pipe the lines into this command",
                "请扫描到文件中并用 --from 指定，或通过管道把各行送入本命令"
            ),
        }
    }
}

fn incomplete(progress: Option<(usize, usize)>, tally: &Tally) -> Bilingual {
    let lines = tally.taken + tally.passed_over();
    match progress {
        Some((received, needed)) => bi!(
            "incomplete: {received} of {needed} frames in {lines} lines; nothing was written",
            "不完整：{lines} 行中有 {received} / {needed} 帧；没有写出任何内容"
        ),
        None => bi!(
            "incomplete: no frame in {lines} lines; nothing was written",
            "不完整：{lines} 行中没有一帧；没有写出任何内容"
        ),
    }
}

explained!(ReceiveRefusal);
