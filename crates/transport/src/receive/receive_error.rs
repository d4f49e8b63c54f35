//! Why a file was not received. Nothing was written, and the terminal is restored.

use keyferry_core::{Bilingual, bi, refusals};

use super::Tally;
use crate::FileError;

refusals! {
    /// Why a file was not received.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // Each variant holds the error of one module.
    pub enum ReceiveError {
        File from FileError;
        Refused from ReceiveRefusal;
    }
}

refusals! {
    /// A rule for receiving that was violated.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ReceiveRefusal: Refused {
        /// The lines ended before a file was complete.
        Incomplete {
            /// For the file with the most progress: the number of different frames that are held, and the
            /// number that is enough.
            progress: Option<(usize, usize)>,
            /// The counts of all lines.
            tally: Tally,
        } => RECEIVE_WHOLE,
            what(incomplete(*progress, tally)),
            hint(go_on(*progress));
        /// A complete file is not one of those that cross.
        Foreign {
            /// Why the first such file was ignored.
            what: Bilingual,
            /// How many such files there were.
            files: u64,
        } => RECEIVE_KIND,
            what("the complete files that arrived ({files}) are not among those that cross: {why}",
                 "收到的完整文件（{files} 个）都不属于可以传递的文件：{why}", both why = what.clone()),
            hint("only plan.toml, parameters.json, ciphertext.json, escrow.json, transcript.jsonl and openings.jsonl cross, \
                as `show` shows them: check what the other station shows",
                 "可以传递的是 `show` 显示的 plan.toml、parameters.json、ciphertext.json、escrow.json、transcript.jsonl 与 openings.jsonl：请核对另一工作站显示的内容");
        /// The terminal still cuts long lines.
        Terminal => RECEIVE_TERMINAL, class(Io),
            what("this terminal cuts lines after 4,095 characters, and that cannot be changed",
                 "此终端会截断超过 4,095 个字符的行，且无法更改"),
            hint("scan into a file and give it with --from, or pipe the lines into this command",
                 "请扫描到文件中并用 --from 指定，或通过管道把各行送入本命令");
    }
}

fn go_on(progress: Option<(usize, usize)>) -> Bilingual {
    match progress {
        None => bi!(
            "give it the lines of keyferry-scan, of `zbarimg -q --raw`, or of a hand scanner that sends digits as digits and ends each line",
            "请提供 keyferry-scan 或 `zbarimg -q --raw` 的输出行，或使用原样发送数字并以换行结尾的扫描枪"
        ),
        Some(_) => bi!(
            "run it again and scan longer: any new frames will do, in any order",
            "请重新运行并继续扫描：补足任意尚缺的帧即可，顺序不限"
        ),
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
