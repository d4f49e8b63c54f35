//! Why a plan was refused.

use crate::signer::SshKeyError;
use crate::{Alias, Bilingual, Control, Explain, PersonName, PostureCheck, bi, refusals};

refusals! {
    /// Why a plan was refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum PlanError: Refused {
        /// Longer than the cap.
        TooLarge => PLAN_SYNTAX, what("the plan is longer than 32 MiB", "计划文件超过 32 MiB"), hint(is_it_the_plan());
        /// Not UTF-8.
        NotUtf8 => PLAN_SYNTAX, what("the plan is not UTF-8 text", "计划文件不是 UTF-8 文本"), hint(is_it_the_plan());
        /// A character that a reviewer cannot see, anywhere in the file.
        Character {
            /// Line, from 1.
            line: usize,
            /// The first one.
            found: char,
        } => PLAN_FIELD,
            what("line {line} of the plan holds U+{code}, a character that cannot be seen or that changes how the line reads",
                 "计划文件第 {line} 行含有 U+{code}：该字符不可见，或会改变该行的显示",
                 code = format!("{:04X}", u32::from(*found))),
            hint("delete the character (type the line again if need be), and have the plan reviewed again",
                 "请删除该字符（必要时重新输入该行），然后重新审阅计划");
        /// The first line that is no comment is not `format = "…"`.
        NoFormat => PLAN_FORMAT,
            what("the plan does not begin with format = \"keyferry/plan/2\"",
                 "计划文件的开头不是 format = \"keyferry/plan/2\""),
            hint(start_from_the_sample());
        /// Another format or version.
        Format(found: String) => PLAN_FORMAT,
            what("the plan has format {found:?}; this version reads \"keyferry/plan/2\"",
                 "计划文件的格式是 {found:?}；本版本只读 \"keyferry/plan/2\""),
            hint(start_from_the_sample());
        /// TOML syntax, an unknown or missing field, or a malformed value.
        Field {
            /// Line, from 1; 0 if the parser names none.
            line: usize,
            /// What the parser says.
            message: String,
        } => (control_of(message)),
            what(malformed(*line, message)),
            hint(correct_and_review());
        /// No key, or too many.
        KeyCount(n: usize) => PLAN_FIELD,
            what("the plan has {n} keys; 1 to 100000 are possible", "计划中有 {n} 个密钥；允许 1 到 100000 个"),
            hint(correct_and_review());
        /// A key or person that stands twice.
        Duplicate(name: String) => PLAN_DUPLICATE,
            what("{name} stands twice in the plan", "{name} 在计划中出现了两次"),
            hint(correct_and_review());
        /// A production plan without an operator and a witness.
        NoWitness => PLAN_FIELD,
            what("a production plan names at least one operator and one witness",
                 "正式仪式的计划至少要有一名操作员和一名见证人"),
            hint(correct_and_review());
        /// One person types and watches.
        SamePerson(name: PersonName) => PLAN_FIELD,
            what("{name} is operator and witness; a production plan names another person as witness",
                 "{name} 既是操作员又是见证人；正式仪式的计划须由另一人担任见证人"),
            hint(correct_and_review());
        /// A participant's key cannot sign.
        SignerKey {
            /// Line, from 1; 0 if it was not found.
            line: usize,
            /// Whose.
            name: PersonName,
            /// Why.
            error: SshKeyError,
        } => PLAN_FIELD,
            what(signer_key(*line, name, error)),
            hint(error.hint());
        /// Two participants have the same key.
        SharedKey {
            /// Who comes first in the plan.
            first: PersonName,
            /// Who has the key as well.
            second: PersonName,
        } => PLAN_DUPLICATE,
            what("{first} and {second} have the same ssh_key in the plan",
                 "计划中 {first} 与 {second} 的 ssh_key 相同"),
            hint("give each person a key of their own, and have the plan reviewed again",
                 "请为每个人写明各自的密钥，然后重新审阅计划");
        /// `scheme = "none"` without a reason.
        BackupReason => BACKUP_SCHEME,
            what("backup scheme \"none\" is given without a reason", "备份方案为 \"none\"，但没有写明理由"),
            hint("write why no backup is needed: reason = \"…\" under [backup]",
                 "请在 [backup] 下写明不需要备份的理由：reason = \"…\"");
        /// Threshold and shares that make no SLIP-39 set.
        BackupNumbers => BACKUP_SCHEME,
            what("backup threshold and shares make no SLIP-39 set", "备份的门限与份数不构成有效的 SLIP-39 组合"),
            hint("shares is 1 to 16; threshold is 2 to shares, or 1 of 1",
                 "shares 为 1 到 16；threshold 为 2 到 shares，或 1/1");
        /// A posture check is waived without a reason.
        WaiverReason(check: PostureCheck) => POSTURE_WAIVER,
            what("posture check {check} is waived without a reason", "检查项 {check} 被豁免，但没有写明理由"),
            hint("write why: reason = \"…\" under [[posture.waive]], and have the plan reviewed again",
                 "请在 [[posture.waive]] 下写明理由 reason = \"…\"，然后重新审阅计划");
        /// A posture check that no plan may waive, or that is not required anyway.
        NoWaiver(check: PostureCheck) => POSTURE_WAIVER,
            what(no_waiver(*check)),
            hint("take the entry out of [[posture.waive]] and have the plan reviewed again",
                 "请从 [[posture.waive]] 中去掉该项，然后重新审阅计划");
        /// `known-program` is required and no SHA-256 given.
        NoProgram => PLAN_FIELD,
            what("the plan requires known-program and does not say which: program_sha256 is missing",
                 "计划要求 known-program，却没有给出 program_sha256"),
            hint(correct_and_review());
        /// The clock's window is empty or longer than a day.
        Window => PLAN_FIELD,
            what("the window under [clock] is empty or longer than 24 hours",
                 "[clock] 中的时间窗为空或超过 24 小时"),
            hint(correct_and_review());
        /// A key without key id where one is needed.
        NoKeyId(alias: Alias) => PLAN_KEY_ID,
            what("key {alias} has no key_id", "密钥 {alias} 没有 key_id"),
            hint("run `keyferry-online create-key --plan DRAFT --out plan.toml`, review the result, and use it",
                 "请运行 `keyferry-online create-key --plan 草稿 --out plan.toml`，审阅后使用其结果");
        /// An expiry that has passed already.
        ValidToPassed(alias: Alias) => PLAN_VALID_TO,
            what("valid_to of key {alias} has passed", "密钥 {alias} 的 valid_to 已经过期"),
            hint(correct_and_review());
        /// An endpoint that is too long, or is no place where a station may send anything. Not quoted: it might hold a password.
        Endpoint => PLAN_FIELD,
            what("the plan's endpoint is not https://host[:port]; http is for this computer alone",
                 "计划中的 endpoint 不是 https://主机[:端口] 的形式；http 只能用于本机"),
            hint("write endpoint = \"https://…\" without user, password, spaces or control characters, at most 256 characters, or \
                  leave it out; have the plan reviewed again",
                 "请写成 endpoint = \"https://…\"：不含用户名、密码、空格与控制字符，至多 256 个字符；也可以不写。然后重新审阅计划");
        /// A deputy of nobody who keeps a share, or who is no custodian.
        Deputy(name: PersonName) => PLAN_FIELD,
            what("{name} is a deputy of nobody who keeps a share, or is no custodian",
                 "{name} 被写为代理人，但其所代理的人并非保管人，或其本人不是保管人"),
            hint("deputy_of names a custodian of this plan; correct it and have the plan reviewed again",
                 "deputy_of 应为本计划中的一名保管人；请更正后重新审阅计划");
        /// A draft of version 1, which is read and no longer written.
        Former => PLAN_FORMAT,
            what("this draft is of keyferry/plan/1, which is read and no longer written",
                 "该草稿的格式是 keyferry/plan/1：仍可读取，但不再写出"),
            hint("begin the draft with format = \"keyferry/plan/2\", write kind in the place of bits, and run the command again; no \
                  key was created",
                 "请将草稿的首行改为 format = \"keyferry/plan/2\"，并以 kind 代替 bits，然后重新运行命令；尚未创建任何密钥");
        /// The plan takes the material from an HSM.
        Hsm => PLAN_FIELD,
            what("the plan takes the material from an HSM; this program makes its own",
                 "计划规定密钥材料由硬件安全模块（HSM）生成；本程序只使用自己生成的材料"),
            hint("take [hsm] out of the plan and have it reviewed again, if this station is to make the material; nothing \
                  was generated",
                 "若材料应由本站生成，请从计划中去掉 [hsm] 并重新审阅；尚未生成任何密钥材料");
    }
}

fn control_of(message: &str) -> Control {
    if message.contains("\"never\"") { Control::PLAN_VALID_TO } else { Control::PLAN_FIELD }
}

fn malformed(line: usize, message: &str) -> Bilingual {
    if line == 0 {
        return bi!("the plan is malformed: {message}", "计划文件有误：{message}");
    }
    bi!("the plan is malformed at line {line}: {message}", "计划文件第 {line} 行有误：{message}")
}

fn no_waiver(check: PostureCheck) -> Bilingual {
    if check == PostureCheck::NoNetwork {
        return bi!("no plan may waive the posture check no-network", "任何计划都不得豁免检查项 no-network");
    }
    bi!(
        "posture check {check} is waived, but nothing requires it",
        "检查项 {check} 被豁免，但它本来就不是必需的"
    )
}

fn signer_key(line: usize, name: &PersonName, error: &SshKeyError) -> Bilingual {
    let why = error.what();
    Bilingual {
        en: format!("the ssh_key of {name}, in line {line} of the plan: {}", why.en),
        zh: format!("计划文件第 {line} 行，{name} 的 ssh_key：{}", why.zh),
    }
}

fn start_from_the_sample() -> Bilingual {
    bi!(
        "start from ceremony/plan.sample.toml of this version",
        "请从本版本的 ceremony/plan.sample.toml 开始编写"
    )
}

fn correct_and_review() -> Bilingual {
    bi!(
        "correct the plan, have it reviewed again, and start over with the corrected file",
        "请更正计划，重新审阅，然后用更正后的文件重新开始"
    )
}

fn is_it_the_plan() -> Bilingual {
    bi!(
        "is this the plan? compare its SHA-256 with the reviewed one",
        "这是计划文件吗？请与审阅过的 SHA-256 核对"
    )
}

impl PlanError {
    pub(super) fn from_toml(fault: &crate::toml::Fault) -> Self {
        let message = fault.message.chars().filter(|c| !crate::text::is_deceptive(*c)).take(300).collect();
        Self::Field { line: fault.line.unwrap_or(0), message }
    }
}
