//! Why a plan was refused, and findings: errors with their places in the plan.

use super::place::{Place, Severity};
use crate::encoding::Encoding;
use crate::provider::SeveralProviders;
use crate::signer::SshKeyError;
use crate::{
    Alias, Bilingual, Control, EndpointError, Explain, PersonName, PostureCheck, Span, Timestamp, bi,
    refusals,
};

mod hsm_plan_error;
mod phrases;

pub use hsm_plan_error::HsmPlanError;
pub use phrases::BadValue;
pub(super) use phrases::quoted;
use phrases::*;

refusals! {
    /// Why a plan was refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum PlanError: Refused {
        /// Longer than the limit.
        TooLarge => PLAN_SYNTAX, what("the plan is longer than 32 MiB", "计划文件超过 32 MiB"), hint(is_it_the_plan());
        /// A finding with its place, and how many more there are.
        At(found: Box<Finding>, more: usize) => (found.control()), what(at(found, *more)), hint(found.hint());
        /// Not saved as UTF-8.
        Encoding(found: Encoding) => PLAN_SYNTAX,
            what("the plan is saved as {name}", "计划文件的编码是{name}", both name = found.name()),
            hint(Encoding::hint());
        /// A character that a reviewer cannot see, anywhere in the file.
        Character {
            /// Line, from 1.
            line: usize,
            /// The first such character.
            found: char,
        } => PLAN_FIELD,
            what(character(*line, *found)),
            hint("delete the character (type the line again if necessary), and have the plan reviewed again",
                 "请删除该字符（必要时重新输入该行），然后重新审阅计划");
        /// The first line that is not a comment is not `format = "…"`.
        NoFormat => PLAN_FORMAT,
            what("the plan does not begin with format = \"keyferry/plan/2\"",
                 "计划文件的开头不是 format = \"keyferry/plan/2\""),
            hint(start_from_the_sample());
        /// Another format or version.
        Format(found: String) => PLAN_FORMAT,
            what("the plan has format {found:?}; this version reads \"keyferry/plan/2\"",
                 "计划文件的格式是 {found:?}；本版本只读 \"keyferry/plan/2\""),
            hint(start_from_the_sample());
        /// A TOML syntax error.
        Syntax(message: Bilingual) => PLAN_FIELD, what(message.clone()), hint(correct_and_review());
        /// A field or table that is not allowed there.
        Unknown {
            /// Its name.
            field: String,
            /// The name that may have been meant.
            near: Option<String>,
        } => PLAN_FIELD,
            what("a plan has no field {field} here{near}", "计划的此处没有 {field} 这个字段{near}",
                 both near = near.as_ref().map_or_else(|| bi!("", ""), |near| meant(near)); field = field),
            hint(correct_and_review());
        /// A field that belongs to the other version.
        Foreign {
            /// Its name.
            field: &'static str,
            /// The plan's format.
            format: &'static str,
        } => PLAN_FIELD,
            what("{format} has no field {field}", "{format} 没有 {field} 这个字段"),
            hint(correct_and_review());
        /// A field or table that a plan must have.
        Missing {
            /// Its name; a table's name is in brackets.
            field: String,
        } => PLAN_FIELD,
            what("{field} is missing", "缺少 {field}"),
            hint("add it as in ceremony/operate/plan.sample.toml, and have the plan reviewed again",
                 "请参照 ceremony/operate/plan.sample.toml 补上，然后重新审阅计划");
        /// A value that its field does not accept.
        Value(bad: Box<BadValue>) => (bad.control), what(bad.what()), hint(correct_and_review());
        /// Single brackets in place of double ones, or the reverse.
        Brackets {
            /// The table.
            table: &'static str,
            /// Whether the plan should have double brackets there.
            list: bool,
        } => PLAN_FIELD,
            what(brackets(table, *list)),
            hint(correct_and_review());
        /// A field that belongs to the other backup scheme.
        OtherScheme {
            /// Its name.
            field: &'static str,
            /// The plan's scheme.
            scheme: String,
        } => PLAN_FIELD,
            what("{field} cannot be used with scheme = \"{scheme}\"", "scheme = \"{scheme}\" 时不能有 {field}"),
            hint(correct_and_review());
        /// No key, or too many.
        KeyCount(n: usize) => PLAN_FIELD,
            what("the plan has {n} keys; 1 to 100000 are allowed", "计划中有 {n} 个密钥；允许 1 到 100000 个"),
            hint(correct_and_review());
        /// A key or person that appears twice.
        Duplicate(name: String) => PLAN_DUPLICATE,
            what("{name} appears twice in the plan", "{name} 在计划中出现了两次"),
            hint(correct_and_review());
        /// A production plan that lacks an operator or a witness.
        NoWitness => PLAN_FIELD,
            what("a production plan names at least one operator and one witness",
                 "正式仪式的计划至少要有一名操作员和一名见证人"),
            hint(correct_and_review());
        /// One person is both operator and witness.
        SamePerson(name: PersonName) => PLAN_FIELD,
            what("{name} is both operator and witness; a production plan needs another person as witness",
                 "{name} 既是操作员又是见证人；正式仪式的计划须由另一人担任见证人"),
            hint(correct_and_review());
        /// A participant's key cannot sign.
        SignerKey {
            /// The participant.
            name: PersonName,
            /// Why it cannot sign.
            error: SshKeyError,
        } => PLAN_FIELD,
            what("the ssh_key of {name}: {why}", "{name} 的 ssh_key：{why}", both why = error.what(); name = name),
            hint(error.hint());
        /// Two participants have the same key.
        SharedKey {
            /// The participant who comes first in the plan.
            first: PersonName,
            /// The other participant with the same key.
            second: PersonName,
        } => PLAN_DUPLICATE,
            what("{first} and {second} have the same ssh_key in the plan",
                 "计划中 {first} 与 {second} 的 ssh_key 相同"),
            hint("give each person their own key, and have the plan reviewed again",
                 "请为每个人写明各自的密钥，然后重新审阅计划");
        /// `scheme = "none"` without a reason.
        BackupReason => BACKUP_SCHEME,
            what("backup scheme \"none\" is given without a reason", "备份方案为 \"none\"，但没有写明理由"),
            hint("write why no backup is needed: reason = \"…\" under [backup]",
                 "请在 [backup] 下写明不需要备份的理由：reason = \"…\"");
        /// Threshold and shares that do not form a SLIP-39 set.
        BackupNumbers => BACKUP_SCHEME,
            what("backup threshold and shares do not form a valid SLIP-39 set", "备份的门限与份数不构成有效的 SLIP-39 组合"),
            hint("shares must be 1 to 16, and threshold 2 to the number of shares; 1 of 1 is also allowed",
                 "shares 为 1 到 16；threshold 为 2 到 shares，或 1/1");
        /// A posture check is waived without a reason.
        WaiverReason(check: PostureCheck) => POSTURE_WAIVER,
            what("posture check {check} is waived without a reason", "检查项 {check} 被豁免，但没有写明理由"),
            hint("write why: reason = \"…\" under [[posture.waive]], and have the plan reviewed again",
                 "请在 [[posture.waive]] 下写明理由 reason = \"…\"，然后重新审阅计划");
        /// A waived posture check that no plan may waive, or that is not required anyway.
        NoWaiver(check: PostureCheck) => POSTURE_WAIVER,
            what(no_waiver(*check)),
            hint("remove the entry from [[posture.waive]] and have the plan reviewed again",
                 "请从 [[posture.waive]] 中去掉该项，然后重新审阅计划");
        /// `known-program` is required, but no SHA-256 is given.
        NoProgram => PLAN_FIELD,
            what("the plan requires known-program but does not say which program: program_sha256 is missing",
                 "计划要求 known-program，却没有给出 program_sha256"),
            hint(correct_and_review());
        /// The clock's window is empty or longer than a day.
        Window => PLAN_FIELD,
            what("the window under [clock] is empty or longer than 24 hours",
                 "[clock] 中的时间窗为空或超过 24 小时"),
            hint(correct_and_review());
        /// A key without a key id, where one is needed.
        NoKeyId(alias: Alias) => PLAN_KEY_ID,
            what("key {alias} has no key_id", "密钥 {alias} 没有 key_id"),
            hint("run `keyferry-online create-key --plan DRAFT --out plan.toml`, review the result, and use it",
                 "请运行 `keyferry-online create-key --plan 草稿 --out plan.toml`，审阅后使用其结果");
        /// An expiry that has passed already.
        ValidToPassed(alias: Alias) => PLAN_VALID_TO,
            what("valid_to of key {alias} has passed", "密钥 {alias} 的 valid_to 已经过期"),
            hint(correct_and_review());
        /// An endpoint that is too long, or that no station may use. The error does not quote it, because it might
        /// contain a password.
        Endpoint => PLAN_FIELD,
            what("the plan's endpoint is not https://host[:port]; http is allowed only for this computer",
                 "计划中的 endpoint 不是 https://主机[:端口] 的形式；http 只能用于本机"),
            hint("write endpoint = \"https://…\" without user, password, spaces or control characters, at most 256 characters, or \
                  leave it out; have the plan reviewed again",
                 "请写成 endpoint = \"https://…\"：不含用户名、密码、空格与控制字符，至多 256 个字符；也可以不写。然后重新审阅计划");
        /// A deputy who is not a custodian, or whose principal keeps no share.
        Deputy(name: PersonName) => PLAN_FIELD,
            what("{name} is not a custodian, or is the deputy of a person who keeps no share",
                 "{name} 被写为代理人，但其所代理的人并非保管人，或其本人不是保管人"),
            hint("deputy_of names a custodian of this plan; correct it and have the plan reviewed again",
                 "deputy_of 应为本计划中的一名保管人；请更正后重新审阅计划");
        /// A draft of version 1, which can be read but is no longer written.
        Former => PLAN_FORMAT,
            what("this draft has the format keyferry/plan/1, which is read but no longer written",
                 "该草稿的格式是 keyferry/plan/1：仍可读取，但不再写出"),
            hint("begin the draft with format = \"keyferry/plan/2\", replace bits by kind, and run the command again; no \
                  key was created",
                 "请将草稿的首行改为 format = \"keyferry/plan/2\"，并以 kind 代替 bits，然后重新运行命令；尚未创建任何密钥");
        /// The number of custodians differs from the number of shares.
        Custodians {
            /// How many custodians there are.
            found: usize,
            /// How many shares there are.
            shares: u8,
        } => BACKUP_CUSTODIANS,
            what("the plan names {found} custodians for {shares} shares; nothing was generated",
                 "计划中有 {found} 位保管人，却有 {shares} 个分片；尚未生成任何密钥材料"),
            hint("name one custodian for each share, or none, and have the plan reviewed again",
                 "请为每个分片各列一位保管人，或全部不列，然后重新审阅计划");
        /// Parameters are never valid for as long as the plan requires.
        TimeLeft {
            /// The plan's minimum.
            minimum: Span,
            /// How long parameters are valid.
            lifetime: Span,
        } => PLAN_READY,
            what("minimum_time_left is {minimum}, and import parameters are valid for {lifetime} from their fetch: no parameters would satisfy the plan",
                 "minimum_time_left 为 {minimum:#}，而导入参数自获取起只有 {lifetime:#}：没有参数能满足要求"),
            hint("write a shorter time, such as \"4h\", that is enough for wrapping and importing; have the plan reviewed again",
                 "请写较短的时长，例如 \"4h\"，够包装与导入即可；然后重新审阅计划");
        /// Hardly any time is left to export, carry and compare.
        TimeTight {
            /// The plan's minimum.
            minimum: Span,
            /// How long parameters are valid.
            lifetime: Span,
        } => PLAN_READY,
            what("minimum_time_left is {minimum} of {lifetime}: wrapping has to begin within an hour of the export",
                 "minimum_time_left 为 {minimum:#}（共 {lifetime:#}）：须在导出后一小时内开始包装"),
            hint("write a shorter time, such as \"4h\", if this was not intended", "若非有意如此，请写较短的时长，例如 \"4h\"");
        /// The window of the ceremony is over.
        WindowPast {
            /// Its end.
            end: Timestamp,
            /// The current time.
            now: Timestamp,
        } => PLAN_READY,
            what("the window under [clock] ended at {end}, and it is {now}", "[clock] 中的时间窗已于 {end} 结束，而现在是 {now}"),
            hint("write the window of the coming ceremony, or remove [clock]; have the plan reviewed again",
                 "请写明即将举行的仪式的时间窗，或去掉 [clock]；然后重新审阅计划");
        /// Material that would expire before the ceremony begins.
        ExpiresBefore {
            /// The key's alias.
            alias: Alias,
            /// When the ceremony begins.
            begin: Timestamp,
        } => PLAN_VALID_TO,
            what("valid_to of key {alias} is not after {begin}, when the ceremony begins",
                 "密钥 {alias} 的 valid_to 不晚于仪式开始的时间 {begin}"),
            hint(correct_and_review());
        /// An endpoint that a ceremony with that purpose must not use.
        Purpose(error: EndpointError) => PLAN_READY,
            what(error.what()),
            hint("correct endpoint or purpose in the plan, or leave endpoint out; have the plan reviewed again",
                 "请更正计划中的 endpoint 或 purpose，或不写 endpoint；然后重新审阅计划");
        /// A region that the provider's facts do not list.
        Region {
            /// Its name.
            name: String,
            /// The region that may have been meant.
            near: Option<String>,
            /// The date of the list.
            as_of: &'static str,
        } => PLAN_READY,
            what("{name} is not among the provider's regions known on {as_of}{near}",
                 "{name} 不在 {as_of} 已知的云服务商地域之列{near}",
                 both near = near.as_ref().map_or_else(|| bi!("", ""), |near| meant(near)); name = name, as_of = as_of),
            hint("compare it with the provider's console; the service refuses a region that it does not have",
                 "请与云服务商控制台核对；不存在的地域会被服务端拒绝");
        /// A kind of key that is unexpected in that region.
        Kind {
            /// The plan's kind.
            kind: &'static str,
            /// The kind that the region is expected to have.
            expected: &'static str,
        } => PLAN_READY,
            what("kind = \"{kind}\", but the region is expected to have \"{expected}\"",
                 "kind = \"{kind}\"，而该地域预期为 \"{expected}\""),
            hint("leave kind out unless the service has said so; export compares it with what the service reports",
                 "除非服务端已如此说明，否则请不要写 kind；export 会与服务端报告的种类比较");
        /// Material that expires before its parameters do, or while the ceremony may still be running.
        ExpiresSoon {
            /// The key's alias.
            alias: Alias,
            /// The end of the parameters or of the ceremony.
            until: Timestamp,
        } => PLAN_READY,
            what("valid_to of key {alias} is not after {until}: it may pass before the material is imported",
                 "密钥 {alias} 的 valid_to 不晚于 {until}：可能在导入之前就已过期"),
            hint("choose a later time, or make sure that the import happens before it",
                 "请选择更晚的时间，或确保在此之前完成导入");
        /// No participant of a production plan has a key to sign with.
        Unsigned => PLAN_READY,
            what("no participant has an ssh_key: the record will say UNSIGNED",
                 "没有任何参与者写有 ssh_key：档案将标明“未签名”"),
            hint("add the line in each participant's .pub file as ssh_key, or have everybody sign the head on paper",
                 "请为每位参与者写入其 .pub 文件中的那一行作为 ssh_key，或由所有人在纸上对链尾摘要签名");
        /// A witness who keeps a share.
        WitnessKeeps(name: PersonName) => PLAN_READY,
            what("{name} is both witness and custodian: nobody else watches while that share is handed over",
                 "{name} 既是见证人又是保管人：发放该分片时没有其他人见证"),
            hint("name another witness or custodian, if this was not intended", "若非有意如此，请另行指定见证人或保管人");
        /// An item that appears twice in a list.
        Twice(name: String) => PLAN_READY,
            what("{name} appears twice in this list", "该列表中 {name} 出现了两次"),
            hint("leave one of them out", "请去掉其中一个");
        /// The keys belong to two providers.
        Providers from SeveralProviders;
        /// A requirement for the HSM that cannot be met.
        Hsm from HsmPlanError;
    }
}

refusals! {
    /// One thing that is wrong with a plan.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Finding {
        /// How serious it is.
        pub severity: Severity,
        /// Line of the value, from 1; 0 if it is not on any line.
        pub line: usize,
        /// Which field.
        pub place: Place,
        /// What is wrong.
        pub why: PlanError,
    }: Refused => (why.control()), class(why.class()), what(in_place(*line, *place, why)), hint(why.hint());
}

/// The error together with its line and field.
fn in_place(line: usize, place: Place, why: &PlanError) -> Bilingual {
    // Errors about the whole file or a whole line name their own place.
    if matches!(why, PlanError::Character { .. } | PlanError::Encoding(_)) {
        return why.what();
    }
    // The error for a missing field names its place, too.
    let missing = matches!(why, PlanError::Missing { .. });
    let place = if missing { place.whole() } else { place };
    let line = if line == 0 {
        bi!("the plan", "计划文件")
    } else {
        bi!("line {line} of the plan", "计划文件第 {line} 行")
    };
    let place = if place == Place::FILE { bi!("", "") } else { bi!(", {place}", "，{place}") };
    let why = why.what();
    Bilingual {
        en: format!("{}{}: {}", line.en, place.en, why.en),
        zh: format!("{}{}：{}", line.zh, place.zh, why.zh),
    }
}

/// A finding, with the number of findings that follow it.
fn at(found: &Finding, more: usize) -> Bilingual {
    let what = found.what();
    if more == 0 {
        return what;
    }
    let plural = if more == 1 { "" } else { "s" };
    let others = bi!(
        "; {more} more finding{plural}: `keyferry plan check`",
        "；另有 {more} 项：`keyferry plan check`"
    );
    Bilingual { en: what.en + &others.en, zh: what.zh + &others.zh }
}

impl PlanError {
    /// A value that its field does not accept; `expected` is a sentence.
    pub(super) fn value(
        control: Control,
        expected: Bilingual,
        found: Bilingual,
        near: Option<String>,
    ) -> Self {
        Self::Value(Box::new(BadValue { control, expected, found, near }))
    }

    /// A syntax error, in the words of the parser.
    pub(super) fn syntax(message: &Bilingual) -> Self {
        let shown = |text: &str| text.chars().filter(|c| !crate::is_deceptive(*c)).take(300).collect();
        Self::Syntax(Bilingual { en: shown(&message.en), zh: shown(&message.zh) })
    }

    /// `[[table]]`, or `[table]`.
    pub(super) fn header(&self) -> String {
        match self {
            Self::Brackets { table, list: true } => format!("[[{table}]]"),
            Self::Brackets { table, .. } => format!("[{table}]"),
            _ => String::new(),
        }
    }

    /// The error itself, without its place in the plan.
    #[must_use]
    pub fn why(&self) -> &Self {
        match self {
            Self::At(found, _) => found.why.why(),
            own => own,
        }
    }
}
