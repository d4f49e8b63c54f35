//! Why a transcript was refused, and how long one can be.

use crate::encoding::Encoding;
use crate::{Bilingual, bi, refusals};

/// Longest transcript in bytes: six lines of 1 KiB for each of [`MAX_KEYS`](crate::plan::MAX_KEYS), and a
/// reserve.
pub const MAX_TRANSCRIPT: usize = 640 * 1024 * 1024;
/// Longest line in bytes.
pub const MAX_LINE: usize = 16 * 1024;

refusals! {
    /// Why a transcript was refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum TranscriptError: Refused {
        /// The whole file or one line is longer than the limit.
        TooLarge => TRANSCRIPT_EVENT,
            what("the transcript, or one of its lines, is too long", "记录或其中一行过长"),
            hint(compare_the_copy());
        /// The first line names another format or version.
        Format => TRANSCRIPT_EVENT,
            what("the transcript's first line names a format that this version does not read",
                 "记录首行的格式不是本版本能读的格式"),
            hint("read the record with the version that wrote it; keep the file as evidence and do not edit it",
                 "请用写出该记录的版本读取；保留此文件作为证据，不要编辑");
        /// A line is not a well-formed event.
        Event {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_EVENT,
            what("line {line} of the transcript is not an event that this version knows", "记录第 {line} 行不是本版本的事件"),
            hint(keep_as_evidence());
        /// An editor saved it in another encoding.
        Encoding(found: Encoding) => TRANSCRIPT_EVENT,
            what("the transcript was saved again as {name}", "记录被另存为{name}", both name = found.name()),
            hint(keep_as_evidence());
        /// An editor saved it, or a program copied it, with Windows line ends.
        LineEnds => TRANSCRIPT_EVENT,
            what("the transcript was saved again with Windows line ends (CR LF); its lines must end in LF only",
                 "记录被另存为 Windows 换行（CR LF）；记录的行只以 LF 结尾"),
            hint(keep_as_evidence());
        /// A line does not follow from the one before.
        Chain {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_CHAIN,
            what("line {line} of the transcript does not follow from the line before",
                 "记录第 {line} 行与前一行不衔接"),
            hint(keep_as_evidence());
        /// A line belongs to another ceremony.
        Ceremony {
            /// Number of the line, from 1.
            line: u64,
        } => TRANSCRIPT_CHAIN,
            what("line {line} of the transcript belongs to another ceremony", "记录第 {line} 行属于另一个仪式"),
            hint("each ceremony has its own folder: give a different --out",
                 "每个仪式使用各自的文件夹：请指定另一个 --out");
        /// The last line has no line break.
        Unterminated => TRANSCRIPT_EVENT,
            what("the transcript's last line is incomplete", "记录的最后一行不完整"),
            hint(compare_the_copy());
        /// A command's new lines would exceed the limit.
        Full => TRANSCRIPT_EVENT,
            what("the transcript may have at most {MAX_TRANSCRIPT} bytes, and the lines that this command would add do not fit",
                 "记录最长为 {MAX_TRANSCRIPT} 字节，本命令要添加的内容放不下"),
            hint("close this record, and have it signed and archived. Do the rest in a separate ceremony with another id. Nothing was added",
                 "请结束此记录：签名并归档；其余内容另用新的仪式编号单独举行。未添加任何内容");
        /// An event is too long for one line.
        Unwritable => TRANSCRIPT_EVENT,
            what("an event is too long for the transcript", "事件过长，无法写入记录"),
            hint(compare_the_copy());
    }
}

fn keep_as_evidence() -> Bilingual {
    bi!(
        "keep this file as evidence and do not edit it; compare it with the copy on the other medium",
        "请保留此文件作为证据，不要编辑；与另一介质上的副本比较"
    )
}

fn compare_the_copy() -> Bilingual {
    bi!(
        "compare it with the copy on the other medium; the next station command repairs an incomplete last line",
        "请与另一介质上的副本比较；工作站的下一条命令会修复不完整的末行"
    )
}

impl TranscriptError {
    /// Returns the same error, unless the bytes show that an editor saved the file again: then that is the
    /// real reason.
    pub(super) fn of_bytes(self, bytes: &[u8]) -> Self {
        match self {
            Self::Event { .. } | Self::Format | Self::Unterminated => match Encoding::of(bytes) {
                // A torn last line may end within a character.
                Some(Encoding::Other { .. })
                    if core::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none()) =>
                {
                    self
                }
                Some(found) => Self::Encoding(found),
                // Only if every line ends with CR LF; otherwise somebody changed a line.
                None if bytes.split_inclusive(|b| *b == b'\n').all(|line| line.ends_with(b"\r\n")) => {
                    Self::LineEnds
                }
                None => self,
            },
            other => other,
        }
    }
}
