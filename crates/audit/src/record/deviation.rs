//! Deviations: what did not follow the runbook, or is weaker than it could be. They do not cause a refusal, but an
//! auditor should read each one.

use std::collections::HashSet;

use keyferry_core::posture::PostureDemand;
use keyferry_core::steps::{HSM_REWRAP, HSM_WRAP};
use keyferry_core::story::{Finish, Run, RunEnd};
use keyferry_core::transcript::{HsmKeyEnd, Line, MaterialSource, Means, MemoryKind};
use keyferry_core::{Bilingual, Event, PersonName, Purpose, Story, WrappingAlgorithm, bi};
use serde_json::Value;

use super::events::{fields, kind};
use super::{Record, said};

/// A file that is not part of a record.
pub(super) const OTHER_FILE: &str = "other-file";

mod backup_deviations;
mod entry;

pub use entry::Deviation;

/// Every deviation; those that concern the whole record come first.
pub(super) fn find(
    others: &[String],
    (record, story): (&Record, &Story<'_>),
    interrupted: &[Run<'_>],
    compared: bool,
) -> Vec<Deviation> {
    let mut found = of_record(others, record);
    if !compared {
        found.extend(uncompared(record));
    }
    found.extend(backup_deviations::find(record, story, compared));
    for run in interrupted {
        let command = run.command;
        let text = bi!("{command} was interrupted and begun again", "{command} 曾中断，随后重新开始");
        found.push(Deviation::of_seq(run.seq, "interrupted", text));
    }
    found.extend(story.runs().iter().filter_map(gave_up));
    found.extend(superseded(story));
    let planned = said::planned(record);
    found.extend(story.lines().iter().filter_map(|line| of_line(record, &planned, line)));
    found.extend(said::deviations(record));
    for back in story.clock_back() {
        let text = bi!("the station's clock went back from {}", "该工作站的时钟从 {} 倒退", back.from);
        found.push(Deviation::of_seq(back.seq, "clock-went-back", text));
    }
    found.sort_by_key(|d| d.line);
    found
}

fn of_record(others: &[String], record: &Record) -> Vec<Deviation> {
    let mut found = Vec::new();
    let plan = &record.plan;
    let signing =
        |role| plan.participants().iter().any(|p| p.role as u8 == role as u8 && p.ssh_key.is_some());
    use keyferry_core::plan::Role;
    if !signing(Role::Operator) || !signing(Role::Witness) {
        let text = if plan.participants().iter().any(|p| p.ssh_key.is_some()) {
            bi!(
                "the plan has no key of an operator, or no key of a witness: nobody with that role signed",
                "计划中没有操作员或没有见证人的公钥：该角色无人签名"
            )
        } else {
            bi!(
                "UNSIGNED: the plan contains no keys. Only the head on paper shows that nothing is missing at the end",
                "未签名：计划中没有任何人的公钥。只有纸上的链尾摘要能证明末尾没有缺失"
            )
        };
        found.push(Deviation::of_record("unsigned", text));
    }
    if plan.algorithm() != WrappingAlgorithm::RsaesOaepSha256 {
        let algorithm = plan.algorithm();
        let text =
            bi!("the plan lowered the wrapping algorithm to {algorithm}", "计划将包装算法降为 {algorithm}");
        found.push(Deviation::of_record("algorithm", text));
    }
    found.extend(others.iter().map(|name| other_file(name)));
    found
}

/// A file that was not checked.
pub(super) fn other_file(name: &str) -> Deviation {
    let text = bi!("{name:?} in the folder is not part of the record", "文件夹中的 {name:?} 不属于记录");
    Deviation::of_record(OTHER_FILE, text)
}

/// A run that should have made a ciphertext but ended with an error.
fn gave_up(run: &Run<'_>) -> Option<Deviation> {
    let RunEnd::Finished(Finish { succeeded: 0, .. }) = run.end else { return None };
    let command = run.command;
    let text =
        bi!("{command} ended with an error and made no ciphertext", "{command} 因错误结束，没有生成密文");
    matches!(command, "wrap" | "rewrap" | HSM_WRAP | HSM_REWRAP)
        .then(|| Deviation::of_seq(run.seq, "gave-up", text))
}

/// Every ciphertext in the record except the last one. The file of such a ciphertext never appeared, or was
/// moved away.
fn superseded<'s>(story: &'s Story<'_>) -> impl Iterator<Item = Deviation> + use<'s> {
    story.ciphertexts().iter().rev().skip(1).map(|written| {
        let text = bi!(
            "this ciphertext never appeared, or was moved away: a later run made another",
            "这份密文从未出现，或已被移走：之后的一次运行生成了另一份"
        );
        Deviation::of_seq(written.seq, "superseded", text)
    })
}

/// The plan names earlier records, but they were not passed for comparison.
fn uncompared(record: &Record) -> impl Iterator<Item = Deviation> + use<'_> {
    let named = record.plan.keys().iter().filter(|k| k.previous_record.is_some());
    named.map(|key| {
        let text = bi!(
            "key {} had an earlier ceremony, whose record was not compared: pass it with --previous",
            "密钥 {} 有更早的仪式，其记录未作比较：请用 --previous 给出",
            key.alias
        );
        Deviation::of_record("previous-record", text)
    })
}

fn of_line(record: &Record, planned: &HashSet<&PersonName>, line: &Line) -> Option<Deviation> {
    let text = match &line.event {
        Event::Note { by, text } => {
            let (planned, by, text) = (said::is_planned(planned, by), by.shown(), text.shown());
            let [en, zh] = if planned == Some(false) {
                [", who is not in the plan", "（不在计划中）"]
            } else {
                [""; 2]
            };
            Bilingual {
                en: format!("noted by {}{en}: {}", by.en, text.en),
                zh: format!("{}{zh} 记录：{}", by.zh, text.zh),
            }
        }
        Event::KeyFailed { alias, control, reason } => {
            bi!("key {alias} was refused by {control}: {reason}", "密钥 {alias} 被 {control} 拒绝：{reason}")
        }
        Event::GaveUp { control, reason, .. } => {
            bi!("the run was ended by {control}: {reason}", "本次运行因 {control} 结束：{reason}")
        }
        Event::TimeGiven { given, clock } => bi!(
            "the time {given} was entered by hand; the machine's clock showed {clock}",
            "时间 {given} 由人工给出；机器时钟为 {clock}"
        ),
        Event::TailRepaired { bytes, .. } => bi!(
            "a crash had left an incomplete line of {bytes} bytes, which was cut off",
            "崩溃留下了 {bytes} 字节的不完整行，已被截去"
        ),
        Event::Confirmed { file, .. } if line.act.means == Some(Means::Option) => bi!(
            "the digest of {file} was given on the command line: nobody compared words",
            "{file} 的摘要由命令行给出：没有人核对词语"
        ),
        Event::Confirmed { file, .. }
            if line.act.means == Some(Means::NoTerminal) && record.plan.purpose() == Purpose::Production =>
        {
            bi!(
                "the answer about {file} came from a pipe, not from a person at a terminal",
                "关于 {file} 的回答来自管道，而不是由人在终端输入"
            )
        }
        Event::MaterialGenerated { alias, source: MaterialSource::Seeded, .. } => {
            bi!("the material of {alias} comes from a published seed", "{alias} 的材料来自公开的种子")
        }
        Event::Exported { endpoint, .. }
            if record.plan.purpose() == Purpose::Production && record.plan.endpoint().is_some() =>
        {
            bi!("the plan names the endpoint: {endpoint}", "计划指定了端点：{endpoint}")
        }
        Event::HsmLoaded { network: false, network_denied: false, .. } => {
            bi!("the kernel did not deny network access to the HSM's module", "内核未能禁止 HSM 模块使用网络")
        }
        Event::HsmLoaded { network: true, .. } => {
            bi!("the plan allows the HSM's module to use a network", "计划允许 HSM 模块使用网络")
        }
        Event::HsmKey { alias, end: HsmKeyEnd::Stays { label }, .. } => bi!(
            "the key of {alias} stays in the token as \"{label}\", and anybody with the PIN can have it wrapped",
            "{alias} 的密钥以 \"{label}\" 留在硬件令牌中，持有 PIN 者可将其包装"
        ),
        Event::HsmProbed { kcv: false, bits, .. } => bi!(
            "the token computed no check value for its {bits}-bit trial key: only the length showed that the wrapped key is the key that was made",
            "硬件令牌没有为 {bits} 位试验密钥计算校验值：仅凭长度判断所包装的就是所生成的密钥"
        ),
        Event::PostureChecked { program_sha256: None, .. } => {
            bi!(
                "the station could not read its own program, so the program's digest is not known",
                "工作站无法读取自身程序：其摘要未知"
            )
        }
        Event::PostureChecked { findings, .. } => {
            let lowered = findings.iter().filter(|f| f.demand == PostureDemand::Lowered);
            let lowered: Vec<&str> = lowered.map(|f| f.check.name()).collect();
            if lowered.is_empty() {
                return None;
            }
            let Bilingual { en, zh } = Bilingual::list(lowered);
            bi!(
                "this rehearsal lowered what its plan requires of the machine: {en}",
                "本次演练降低了计划对机器的要求：{zh}"
            )
        }
        Event::Confined { no_new_privs, limits, seccomp, landlock_abi, memory, .. } => {
            let sandbox = *no_new_privs && *limits && *seccomp && *landlock_abi > 0;
            if sandbox && *memory != MemoryKind::Unlocked {
                return None;
            }
            bi!(
                "the kernel lacked a protection: no new privileges {no_new_privs}, limits {limits}, seccomp {seccomp}, Landlock ABI {landlock_abi}, memory {memory:?}",
                "内核缺少某项保护：禁止提权 {no_new_privs}，资源限制 {limits}，seccomp {seccomp}，Landlock ABI {landlock_abi}，内存 {memory:?}"
            )
        }
        _ => return of_waiver(line),
    };
    Some(Deviation { line: Some(line.seq + 1), kind: kind(line), text })
}

/// Anything else that was waived, in the record's own words: `backup-waived`, and kinds from other stations and
/// versions.
fn of_waiver(line: &Line) -> Option<Deviation> {
    let kind = kind(line);
    let what = kind.strip_suffix("-waived")?;
    let event = fields(line);
    let member = |name| event.get(name).and_then(Value::as_str);
    let (check, reason) = (member("check").unwrap_or_default(), member("reason").unwrap_or("–"));
    let what = if check.is_empty() { what.to_owned() } else { format!("{what} {check}") };
    let text = bi!("the plan waives {what}: {reason}", "计划放弃 {what}：{reason}");
    Some(Deviation { line: Some(line.seq + 1), kind, text })
}
