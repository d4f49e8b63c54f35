//! Why a plan was refused.

use crate::{Alias, Bilingual, Class, Control, Explain, PersonName, PostureCheck, bi, explained};

/// Why a plan was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// Longer than the cap.
    TooLarge,
    /// Not UTF-8.
    NotUtf8,
    /// The first line that is no comment is not `format = "…"`.
    NoFormat,
    /// Another format or version.
    Format(String),
    /// TOML syntax, an unknown or missing field, or a malformed value.
    Field {
        /// Line, from 1; 0 if the parser names none.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// No key, or too many.
    KeyCount(usize),
    /// A key or person that stands twice.
    Duplicate(String),
    /// A production plan without an operator and a witness.
    NoWitness,
    /// `scheme = "none"` without a reason.
    BackupReason,
    /// Threshold and shares that make no SLIP-39 set.
    BackupNumbers,
    /// A posture check is waived without a reason.
    WaiverReason(PostureCheck),
    /// A posture check that no plan may waive, or that is not required anyway.
    NoWaiver(PostureCheck),
    /// `known-program` is required and no SHA-256 given.
    NoProgram,
    /// The clock's window is empty or longer than a day.
    Window,
    /// A key without key id where one is needed.
    NoKeyId(Alias),
    /// An expiry that has passed already.
    ValidToPassed(Alias),
    /// A deputy of nobody who keeps a share, or who is no custodian.
    Deputy(PersonName),
    /// The plan takes the material from an HSM.
    Hsm,
}

impl PlanError {
    pub(super) fn from_toml(fault: &crate::toml::Fault) -> Self {
        let message = fault.message.chars().filter(|c| !c.is_control()).take(300).collect();
        Self::Field { line: fault.line.unwrap_or(0), message }
    }
}

impl Explain for PlanError {
    fn control(&self) -> Control {
        match self {
            Self::TooLarge | Self::NotUtf8 => Control::PLAN_SYNTAX,
            Self::NoFormat | Self::Format(_) => Control::PLAN_FORMAT,
            Self::Field { message, .. } if message.contains("\"never\"") => Control::PLAN_VALID_TO,
            Self::ValidToPassed(_) => Control::PLAN_VALID_TO,
            Self::Duplicate(_) => Control::PLAN_DUPLICATE,
            Self::NoKeyId(_) => Control::PLAN_KEY_ID,
            Self::BackupReason | Self::BackupNumbers => Control::BACKUP_SCHEME,
            Self::WaiverReason(_) | Self::NoWaiver(_) => Control::POSTURE_WAIVER,
            Self::Field { .. }
            | Self::KeyCount(_)
            | Self::NoWitness
            | Self::NoProgram
            | Self::Window
            | Self::Deputy(_)
            | Self::Hsm => Control::PLAN_FIELD,
        }
    }

    fn class(&self) -> Class {
        Class::Refused
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::TooLarge => bi!("the plan is longer than 32 MiB", "计划文件超过 32 MiB"),
            Self::NotUtf8 => bi!("the plan is not UTF-8 text", "计划文件不是 UTF-8 文本"),
            Self::NoFormat => bi!(
                "the plan does not begin with format = \"keyferry/plan/2\"",
                "计划文件的开头不是 format = \"keyferry/plan/2\""
            ),
            Self::Format(found) => bi!(
                "the plan has format {found:?}; this version reads \"keyferry/plan/2\"",
                "计划文件的格式是 {found:?}；本版本只读 \"keyferry/plan/2\""
            ),
            Self::Field { line: 0, message } => {
                bi!("the plan is malformed: {message}", "计划文件有误：{message}")
            }
            Self::Field { line, message } => {
                bi!("the plan is malformed at line {line}: {message}", "计划文件第 {line} 行有误：{message}")
            }
            Self::KeyCount(n) => {
                bi!(
                    "the plan has {n} keys; 1 to 100000 are possible",
                    "计划中有 {n} 个密钥；允许 1 到 100000 个"
                )
            }
            Self::Duplicate(name) => bi!("{name} stands twice in the plan", "{name} 在计划中出现了两次"),
            Self::NoWitness => bi!(
                "a production plan names at least one operator and one witness",
                "正式仪式的计划至少要有一名操作员和一名见证人"
            ),
            Self::BackupReason => {
                bi!("backup scheme \"none\" is given without a reason", "备份方案为 \"none\"，但没有写明理由")
            }
            Self::BackupNumbers => bi!(
                "backup threshold and shares make no SLIP-39 set",
                "备份的门限与份数不构成有效的 SLIP-39 组合"
            ),
            Self::WaiverReason(check) => {
                bi!(
                    "posture check {check} is waived without a reason",
                    "检查项 {check} 被豁免，但没有写明理由"
                )
            }
            Self::NoWaiver(PostureCheck::NoNetwork) => {
                bi!("no plan may waive the posture check no-network", "任何计划都不得豁免检查项 no-network")
            }
            Self::NoWaiver(check) => bi!(
                "posture check {check} is waived, but nothing requires it",
                "检查项 {check} 被豁免，但它本来就不是必需的"
            ),
            Self::NoProgram => bi!(
                "the plan requires known-program and does not say which: program_sha256 is missing",
                "计划要求 known-program，却没有给出 program_sha256"
            ),
            Self::Window => bi!(
                "the window under [clock] is empty or longer than 24 hours",
                "[clock] 中的时间窗为空或超过 24 小时"
            ),
            Self::Deputy(name) => bi!(
                "{name} is a deputy of nobody who keeps a share, or is no custodian",
                "{name} 被写为代理人，但其所代理的人并非保管人，或其本人不是保管人"
            ),
            Self::Hsm => bi!(
                "the plan takes the material from an HSM; this program makes its own",
                "计划规定密钥材料由硬件安全模块（HSM）生成；本程序只使用自己生成的材料"
            ),
            Self::NoKeyId(alias) => bi!("key {alias} has no key_id", "密钥 {alias} 没有 key_id"),
            Self::ValidToPassed(alias) => {
                bi!("valid_to of key {alias} has passed", "密钥 {alias} 的 valid_to 已经过期")
            }
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::NoFormat | Self::Format(_) => bi!(
                "start from ceremony/plan.sample.toml of this version",
                "请从本版本的 ceremony/plan.sample.toml 开始编写"
            ),
            Self::BackupReason => bi!(
                "write why no backup is needed: reason = \"…\" under [backup]",
                "请在 [backup] 下写明不需要备份的理由：reason = \"…\""
            ),
            Self::BackupNumbers => bi!(
                "shares is 1 to 16; threshold is 2 to shares, or 1 of 1",
                "shares 为 1 到 16；threshold 为 2 到 shares，或 1/1"
            ),
            Self::NoKeyId(_) => bi!(
                "run `keyferry-online create-key --plan DRAFT --out plan.toml`, review the result, and use it",
                "请运行 `keyferry-online create-key --plan 草稿 --out plan.toml`，审阅后使用其结果"
            ),
            Self::WaiverReason(_) => bi!(
                "write why: reason = \"…\" under [[posture.waive]], and have the plan reviewed again",
                "请在 [[posture.waive]] 下写明理由 reason = \"…\"，然后重新审阅计划"
            ),
            Self::NoWaiver(_) => bi!(
                "take the entry out of [[posture.waive]] and have the plan reviewed again",
                "请从 [[posture.waive]] 中去掉该项，然后重新审阅计划"
            ),
            Self::ValidToPassed(_)
            | Self::NoProgram
            | Self::Window
            | Self::Field { .. }
            | Self::KeyCount(_)
            | Self::Duplicate(_)
            | Self::NoWitness => bi!(
                "correct the plan, have it reviewed again, and start over with the corrected file",
                "请更正计划，重新审阅，然后用更正后的文件重新开始"
            ),
            Self::Deputy(_) => bi!(
                "deputy_of names a custodian of this plan; correct it and have the plan reviewed again",
                "deputy_of 应为本计划中的一名保管人；请更正后重新审阅计划"
            ),
            Self::Hsm => bi!(
                "take [hsm] out of the plan and have it reviewed again, if this station is to make the material; nothing was \
                 generated",
                "若材料应由本站生成，请从计划中去掉 [hsm] 并重新审阅；尚未生成任何密钥材料"
            ),
            Self::TooLarge | Self::NotUtf8 => {
                bi!(
                    "is this the plan? compare its SHA-256 with the reviewed one",
                    "这是计划文件吗？请与审阅过的 SHA-256 核对"
                )
            }
        }
    }
}

explained!(PlanError);
