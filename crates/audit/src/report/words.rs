//! The report's words for the contents of a record: kinds of events, roles, members.

use keyferry_core::{Bilingual, bi};
use serde_json::Value;

/// Kinds of events in words for people. A kind that a later version added is missing here and is shown under
/// its own name.
const KINDS: &[(&str, &str, &str)] = &[
    ("begun", "command begun", "命令开始"),
    ("tail-repaired", "incomplete line cut off", "截去不完整的行"),
    ("key-created", "key created", "创建密钥"),
    ("parameters-fetched", "parameters fetched", "获取参数"),
    ("exported", "parameters exported", "导出参数"),
    ("key-failed", "key refused", "密钥被拒绝"),
    ("time-given", "time entered by hand", "人工给出时间"),
    ("time-confirmed", "time confirmed", "确认时间"),
    ("checked", "file checked", "检查文件"),
    ("confirmed", "words compared", "核对词语"),
    ("posture-checked", "machine checked", "检查机器状态"),
    ("posture-waived", "machine check waived", "放弃机器检查"),
    ("confined", "process confined", "限制进程"),
    ("backup-waived", "no backup, by the plan", "按计划不备份"),
    ("shares-made", "shares made", "生成分片"),
    ("share-confirmed", "share read back", "回读确认分片"),
    ("share-proved", "share proved", "证明分片"),
    ("shares-void", "shares void", "作废分片"),
    ("shares-combined", "shares combined", "合并分片"),
    ("material-recovered", "material recovered", "恢复材料"),
    ("material-held", "material held by a token", "硬件令牌持有材料"),
    ("escrow-written", "escrow written", "写出托管文件"),
    ("agreed", "somebody agreed", "有人同意"),
    ("key-changed", "key changed", "更改密钥"),
    ("backup-proved", "backup proved by the service", "服务证明备份"),
    ("entropy-committed", "entropy committed", "承诺熵"),
    ("entropy-mixed", "entropy mixed", "混合熵"),
    ("hsm-loaded", "HSM chosen", "选定 HSM"),
    ("hsm-probed", "HSM tried", "试验 HSM"),
    ("hsm-key", "key made in the HSM", "HSM 生成密钥"),
    ("material-generated", "material generated", "生成材料"),
    ("wrapped", "material wrapped", "包装材料"),
    ("ciphertext-written", "ciphertext written", "写出密文"),
    ("imported", "material imported", "导入材料"),
    ("proved", "key proved", "验证密钥"),
    ("note", "note", "备注"),
    ("finished", "command finished", "命令结束"),
];

/// A kind of event.
pub(super) fn kind(kind: &str) -> Bilingual {
    match KINDS.iter().find(|(name, ..)| *name == kind) {
        Some((_, en, zh)) => Bilingual { en: (*en).into(), zh: (*zh).into() },
        None => bi!("{kind}", "{kind}"),
    }
}

/// An event's members on one line, whatever they are: names and values, with shortened digests.
pub(super) fn members(event: &Value) -> String {
    let members = event.as_object().into_iter().flatten();
    let shown = members.filter(|(name, _)| *name != "kind");
    shown.map(|(name, value)| format!("{name} {}", short(value))).collect::<Vec<_>>().join(" · ")
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            format!("{}…", text.get(..12).unwrap_or_default())
        }
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(short).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name} {}", short(value)));
            format!("({})", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
