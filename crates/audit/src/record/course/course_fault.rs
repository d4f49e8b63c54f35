//! The ways in which a record's lines can differ from what the stations write.

use keyferry_core::transcript::Line;
use keyferry_core::{Bilingual, EventKind, bi};

/// The ways in which a record's lines can differ from what the stations write. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // the fields are lines and words of the record
pub enum CourseFault {
    /// No station has this command, or it does not belong in this file.
    Command { line: u64, command: String },
    /// The other station runs this command.
    Station { line: u64, command: String },
    /// The program is not the station's.
    Program { line: u64, program: String },
    /// A line does not belong to any run.
    Outside { line: u64, kind: EventKind },
    /// A line cannot be at this place in its run, or appears twice.
    Unexpected { line: u64, kind: EventKind },
    /// Another line had to come first.
    Before { line: u64, kind: EventKind, lacks: EventKind },
    /// An unfinished run ends with this line, although the program writes the next lines together with it.
    Cut { line: u64, kind: EventKind },
    /// A line is missing in a run that succeeded.
    Lacks { line: u64, kind: EventKind },
    /// A line does not name its step, or does not name the means by which people answered.
    Step { line: u64 },
    /// A line has version 1, but the ceremony's plan has version 2.
    Version { line: u64 },
    /// The counts in `finished` do not match the lines of the run.
    Counts { line: u64 },
    /// A line contradicts an earlier one, or needs one that is missing.
    Follows { line: u64, kind: EventKind },
    /// A set of shares was read back, and then other shares were made without voiding it.
    Stranded { line: u64 },
    /// The lines about read-back shares are not in order, or two have the same digest.
    Shares { line: u64 },
}

impl CourseFault {
    pub(super) const fn outside(line: &Line) -> Self {
        Self::Outside { line: line.seq + 1, kind: line.event.kind() }
    }

    pub(super) const fn unexpected(line: &Line) -> Self {
        Self::Unexpected { line: line.seq + 1, kind: line.event.kind() }
    }

    pub(super) const fn before(line: &Line, lacks: EventKind) -> Self {
        Self::Before { line: line.seq + 1, kind: line.event.kind(), lacks }
    }

    pub(super) const fn follows(line: &Line) -> Self {
        Self::Follows { line: line.seq + 1, kind: line.event.kind() }
    }

    pub(in crate::record) fn what(&self) -> Bilingual {
        match self {
            Self::Command { line, command } => bi!(
                "line {line}: no station writes the command {command:?} here",
                "第 {line} 行：没有工作站会在此写入命令 {command:?}"
            ),
            Self::Station { line, command } => bi!(
                "line {line}: {command} is a command of the other station",
                "第 {line} 行：{command} 是另一工作站的命令"
            ),
            Self::Program { line, program } => bi!(
                "line {line}: {program:?} is not the program of that station",
                "第 {line} 行：{program:?} 不是该工作站的程序"
            ),
            Self::Outside { line, kind } => bi!(
                "line {line}: `{kind}` does not belong to any run of a command",
                "第 {line} 行：`{kind}` 不属于任何命令的运行"
            ),
            Self::Unexpected { line, kind } => bi!(
                "line {line}: `{kind}` cannot be at this place, or appears twice",
                "第 {line} 行：`{kind}` 不应出现在此处，或重复出现"
            ),
            Self::Before { line, kind, lacks } => bi!(
                "line {line}: `{kind}` has no `{lacks}` before it",
                "第 {line} 行：`{kind}` 之前缺少 `{lacks}`"
            ),
            Self::Cut { line, kind } => bi!(
                "line {line}: a run was not finished and ends with `{kind}`, which its program writes together with other lines",
                "第 {line} 行：未结束的运行止于 `{kind}`，而其程序会将该行与其他行一同写入"
            ),
            Self::Lacks { line, kind } => bi!(
                "the command that begins in line {line} succeeded, but has no line `{kind}`",
                "第 {line} 行开始的命令已成功，却没有 `{kind}` 行"
            ),
            Self::Step { line } => {
                bi!(
                    "line {line} does not name its step, or the means by which people answered, as its program does",
                    "第 {line} 行没有像其程序那样写明步骤或人员作答的方式"
                )
            }
            Self::Version { line } => {
                bi!(
                    "line {line} has version 1, but the plan has version 2",
                    "第 {line} 行为版本 1，而计划为版本 2"
                )
            }
            Self::Counts { line } => bi!(
                "the command that begins in line {line} does not count the keys that its lines name",
                "第 {line} 行开始的命令所计的密钥数与其各行不符"
            ),
            Self::Follows { line, kind } => bi!(
                "line {line}: `{kind}` does not follow from the lines before it",
                "第 {line} 行：`{kind}` 与之前的各行不符"
            ),
            Self::Stranded { line } => bi!(
                "line {line}: other shares are made, but nobody voided those that were read back before",
                "第 {line} 行：又生成了分片，而没有人声明先前读回的分片作废"
            ),
            Self::Shares { line } => bi!(
                "line {line}: the shares are not those of the plan, or not all were read back, one after the other",
                "第 {line} 行：分片与计划不符，或没有全部逐个读回"
            ),
        }
    }
}
