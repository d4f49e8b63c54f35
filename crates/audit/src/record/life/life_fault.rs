//! The ways in which a line of `life.jsonl` can be impossible.

use keyferry_core::{bi, refusals};

refusals! {
    /// The ways in which a line of `life.jsonl` can be impossible; lines are counted from 1.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // the fields are lines
    pub enum LifeFault: Refused {
        /// The command began under another plan.
        Plan { line: u64 } => VERIFY_LIFE,
            what("life.jsonl, line {line}: the command began under another plan", "life.jsonl 第 {line} 行：该命令依据的是另一份计划"),
            hint(keep());
        /// The key is not in the plan.
        Key { line: u64 } => VERIFY_LIFE,
            what("life.jsonl, line {line}: the key is not in the plan", "life.jsonl 第 {line} 行：计划中没有该密钥"),
            hint(keep());
        /// The head that people compared was never a head of this record.
        Head { line: u64 } => VERIFY_LIFE,
            what("life.jsonl, line {line}: the agreement names a head that the record never had",
                 "life.jsonl 第 {line} 行：同意时所列的链尾摘要不属于该记录"),
            hint(keep());
        /// Not everybody who has to agree did.
        NotAgreed { line: u64 } => VERIFY_LIFE,
            what("life.jsonl, line {line}: the key was changed, but not everybody who has to agree did: in production, an \
                  operator and a witness of the plan",
                 "life.jsonl 第 {line} 行：密钥被更改，但并非每个须同意的人都已同意：正式仪式中须有计划所列的操作员与见证人"),
            hint(keep());
        /// The state is not what the command leads to.
        State { line: u64 } => VERIFY_LIFE,
            what("life.jsonl, line {line}: the command does not lead to this state", "life.jsonl 第 {line} 行：该命令不会得到这一状态"),
            hint(keep());
        /// The counts at the end do not match the lines.
        Counts { line: u64 } => VERIFY_LIFE,
            what("life.jsonl, line {line}: the end of the run does not match its lines", "life.jsonl 第 {line} 行：运行的结束行与其各行不符"),
            hint(keep());
    }
}

fn keep() -> keyferry_core::Bilingual {
    bi!(
        "keep the file unchanged; compare it with the provider's audit log and with the heads on paper",
        "请保持文件原样；将其与服务商的审计日志以及纸上的链尾摘要核对"
    )
}
