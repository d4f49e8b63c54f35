//! The ways in which the times of a record can be impossible.

use keyferry_core::{Bilingual, Timestamp, bi};

/// The ways in which the times of a record can be impossible. Lines are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // the fields are lines and times
pub enum ClockFault {
    /// Nobody confirmed the time of a wrap, although somebody was asked, or the plan requires it.
    Unconfirmed { line: u64 },
    /// The line states a way of confirming the time that was not possible in this run.
    By { line: u64 },
    /// The confirmed time is not within the plan's window, or not before the parameters expire.
    Outside { line: u64, time: Timestamp },
    /// The line is earlier than the lines before it.
    Back { line: u64, seconds: i64 },
    /// The line is much later than the one before it, although its program does not wait for anybody there.
    Late { line: u64, seconds: i64 },
    /// The parameters' fetch time does not match their expiry.
    Fetched { line: u64, expires_at: Timestamp },
    /// The parameters were not exported at the time that they state.
    Exported { line: u64, fetched_at: Timestamp },
    /// Material was sent after its token had expired.
    Expired { line: u64, expires_at: Timestamp },
    /// The ciphertext states a different time than the run that wrote it.
    Wrapped { line: u64 },
}

impl ClockFault {
    pub(in crate::record) fn what(self) -> Bilingual {
        match self {
            Self::Unconfirmed { line } => bi!(
                "the command that begins in line {line} wrapped, but no line says who confirmed the time",
                "第 {line} 行开始的命令进行了包装，却没有写明由谁确认了时间"
            ),
            Self::By { line } => bi!(
                "line {line}: the time cannot have been confirmed that way",
                "第 {line} 行：时间不可能以这种方式得到确认"
            ),
            Self::Outside { line, time } => bi!(
                "line {line}: {time} is not within the plan's window, or not before the parameters expire",
                "第 {line} 行：{time} 不在计划的时间窗内，或不早于参数的过期时间"
            ),
            Self::Back { line, seconds } => bi!(
                "line {line} is {seconds} s earlier than a line before it",
                "第 {line} 行比之前的一行早 {seconds} 秒"
            ),
            Self::Late { line, seconds } => bi!(
                "line {line} is {seconds} s later than the line before it, although the program does not wait for anybody there",
                "第 {line} 行比前一行晚 {seconds} 秒，而此处无需等待任何人"
            ),
            Self::Fetched { line, expires_at } => bi!(
                "line {line}: parameters that expire at {expires_at} cannot have been fetched at that time",
                "第 {line} 行：于 {expires_at} 过期的参数不可能在该时间获取"
            ),
            Self::Exported { line, fetched_at } => bi!(
                "line {line}: parameters.json says that it was fetched at {fetched_at}, which is not when it was exported",
                "第 {line} 行：parameters.json 所写的获取时间 {fetched_at} 与导出时间不符"
            ),
            Self::Expired { line, expires_at } => bi!(
                "line {line}: the service accepted material after its token had expired at {expires_at}",
                "第 {line} 行：导入令牌已于 {expires_at} 过期，之后服务不会再接受材料"
            ),
            Self::Wrapped { line } => bi!(
                "line {line}: ciphertext.json states a different time than the run that wrote it",
                "第 {line} 行：ciphertext.json 中的时间与写出它的运行不符"
            ),
        }
    }
}
