//! Events as sentences: those about a backup and about the machine. Other events are shown by their members.

use keyferry_core::posture::{PostureFinding, PostureVerdict};
use keyferry_core::transcript::{HsmKeyEnd, MemoryKind, Said, ShareMedium, Shared, TimeSource};
use keyferry_core::{Bilingual, Event, Kcv, PersonName, bi};

/// One event in words; `None` for those that have no sentence.
pub(super) fn of(event: &Event) -> Option<Bilingual> {
    of_backup(event).or_else(|| of_machine(event)).or_else(|| of_hsm(event))
}

/// Claims made by an HSM's module are shown as its statements; test results are shown as facts.
fn of_hsm(event: &Event) -> Option<Bilingual> {
    Some(match event {
        Event::HsmLoaded { file, module, token, hardware, network, .. } => {
            let (en, zh) = if *network {
                ("with a network", "可用网络")
            } else {
                ("without a network", "无网络")
            };
            bi!(
                "the module {file} ({module}) says that its token \"{token}\" is {hardware}; {en}",
                "模块 {file}（{module}）称其硬件令牌 \"{token}\" 为 {hardware}；{zh}"
            )
        }
        Event::HsmProbed { algorithm, bits, .. } => bi!(
            "the token wrapped a throw-away key of {bits} bits, which could be decrypted with {algorithm}",
            "硬件令牌包装了一个 {bits} 位的一次性密钥，且可用 {algorithm} 打开"
        ),
        Event::HsmKey { alias, end, .. } => match end {
            HsmKeyEnd::Destroyed => bi!(
                "the key of {alias} was made in the token and, according to the module, destroyed there after it was wrapped",
                "{alias} 的密钥在硬件令牌内生成，包装后在硬件令牌内销毁；此为模块的自述"
            ),
            HsmKeyEnd::Trusted { label, refused } => bi!(
                "the key of {alias} stays in the token as \"{label}\": the module wraps it only to keys that the security officer trusts, and refused another one ({refused})",
                "{alias} 的密钥以 \"{label}\" 保留在硬件令牌中：模块只把它包装给安全管理员信任的公钥，拒绝了其他公钥（{refused}）"
            ),
            HsmKeyEnd::Stays { label } => bi!(
                "the key of {alias} stays in the token as \"{label}\", and anybody with the PIN can have it wrapped again",
                "{alias} 的密钥以 \"{label}\" 保留在硬件令牌中，任何持有 PIN 的人都可再次包装"
            ),
            HsmKeyEnd::Kept { label, refused } => bi!(
                "the key of {alias} was made in the token and stays there as \"{label}\": the module refuses to wrap it again ({refused})",
                "{alias} 的密钥在硬件令牌内生成，并以 \"{label}\" 保留：模块拒绝再次包装（{refused}）"
            ),
        },
        Event::GaveUp { control, call, code, .. } => {
            let call = call.as_deref().map(|call| format!(", {call}")).unwrap_or_default();
            let code = code.as_deref().map(|code| format!(": {code}")).unwrap_or_default();
            bi!(
                "the run ended without a ciphertext ({control}{call}{code})",
                "本次运行没有生成密文（{control}{call}{code}）"
            )
        }
        _ => return None,
    })
}

fn of_machine(event: &Event) -> Option<Bilingual> {
    Some(match event {
        Event::PostureChecked { findings, .. } => {
            let count = |verdict| findings.iter().filter(|f: &&PostureFinding| f.verdict == verdict).count();
            let (all, pass) = (findings.len(), count(PostureVerdict::Pass));
            let (fail, note) = (count(PostureVerdict::Fail), count(PostureVerdict::Note));
            bi!(
                "{all} checks: {pass} hold, {fail} do not, {note} noted",
                "{all} 项检查：{pass} 项通过，{fail} 项不符，{note} 项注意"
            )
        }
        Event::PostureWaived { check, reason } => {
            let Bilingual { en, zh } = reason.shown();
            Bilingual {
                en: format!("the plan waives {check}: {en}"), zh: format!("计划放弃 {check}：{zh}")
            }
        }
        Event::Confined { seccomp, landlock_abi, memory, .. } => {
            let Bilingual { en, zh } = match memory {
                MemoryKind::SecretPages => bi!("secret pages", "机密内存页"),
                MemoryKind::LockedPages => bi!("locked pages", "锁定的内存页"),
                MemoryKind::Unlocked => bi!("memory that is not locked", "未锁定的内存"),
            };
            let (yes, no) =
                (bi!("system calls filtered", "系统调用已过滤"), bi!("NOT filtered", "系统调用未过滤"));
            let calls = if *seccomp { yes } else { no };
            let (calls_en, calls_zh) = (calls.en, calls.zh);
            bi!(
                "{calls_en}, files by Landlock ABI {landlock_abi}, key material in {en}",
                "{calls_zh}，文件由 Landlock ABI {landlock_abi} 限制，密钥材料位于{zh}"
            )
        }
        Event::TimeConfirmed { time, clock, expires_at, by } => {
            let Bilingual { en, zh } = match by {
                TimeSource::Person => bi!("a person said Yes to it", "由人确认"),
                TimeSource::Given => bi!("a person entered it", "由人给出"),
                TimeSource::Plan => bi!("it is in the plan's window", "在计划的时段内"),
            };
            bi!(
                "it is {time}: {en}; the machine's clock showed {clock}, and the first parameters expire at {expires_at}",
                "时间为 {time}：{zh}；机器时钟为 {clock}，最早的参数于 {expires_at} 过期"
            )
        }
        _ => return None,
    })
}

/// One event about shares, an escrow or a recovery.
pub(super) fn of_backup(event: &Event) -> Option<Bilingual> {
    Some(match event {
        Event::SharesMade { set, threshold, shares, gives, kcv, .. } => {
            let Bilingual { en, zh } = given(*gives);
            bi!(
                "set “{set}”: any {threshold} of {shares} shares recover {en}{}",
                "“{set}” 组：{shares} 个分片中的任意 {threshold} 个可恢复{zh}{}",
                check_value(*kcv)
            )
        }
        Event::ShareConfirmed { set, number, of, custodian, medium, share_sha256 } => {
            let (to, by) = (keeper(custodian.as_ref()), way(*medium));
            let digest = short(&share_sha256.to_string());
            let ((to_en, by_en), (to_zh, by_zh)) = ((to.en, by.en), (to.zh, by.zh));
            bi!(
                "share {number} of {of} of set “{set}”{to_en}, {by_en}, read back word for word; digest {digest}",
                "“{set}” 组第 {number} 个分片（共 {of} 个）{to_zh}，{by_zh}，已逐词读回；摘要 {digest}"
            )
        }
        Event::SharesVoid { set, confirmed } => bi!(
            "set “{set}” is void; {confirmed} of its shares were confirmed",
            "“{set}” 组作废，其中 {confirmed} 个分片已确认"
        ),
        Event::EscrowWritten { escrow_sha256, keys } => {
            let digest = short(&escrow_sha256.to_string());
            bi!(
                "escrow.json with {keys} keys, digest {digest}",
                "escrow.json，含 {keys} 个密钥，摘要 {digest}"
            )
        }
        Event::SharesCombined { set, numbers, record_head, .. } => {
            let Bilingual { en, zh } = Bilingual::list(numbers);
            let head = short(&record_head.to_string());
            bi!(
                "shares {en} of set “{set}” recover what the record with the head {head} committed to",
                "“{set}” 组的分片 {zh} 恢复的内容与链尾摘要为 {head} 的记录一致"
            )
        }
        Event::ShareProved { set, number, share_sha256 } => {
            let digest = short(&share_sha256.to_string());
            bi!(
                "share {number} of set “{set}” is the one that was read back; digest {digest}",
                "“{set}” 组的第 {number} 个分片正是当时读回的那一个；摘要 {digest}"
            )
        }
        Event::MaterialRecovered { alias, material, kcv, .. } => {
            let (bits, kcv) = (material.length.bits(), check_value(*kcv));
            bi!(
                "material of key {alias}, {bits} bits{kcv}, is what the earlier record committed to",
                "密钥 {alias} 的材料（{bits} 位{kcv}）与之前的记录一致"
            )
        }
        Event::MaterialHeld { alias, material, kcv, record_head, .. } => {
            let (bits, kcv, head) =
                (material.length.bits(), check_value(*kcv), short(&record_head.to_string()));
            bi!(
                "a token has the material of key {alias}, {bits} bits{kcv}: according to the module, it is what the record with the head {head} committed to",
                "硬件令牌持有密钥 {alias} 的材料（{bits} 位{kcv}）：按模块自述，与链尾摘要为 {head} 的记录一致"
            )
        }
        Event::BackupProved { alias, .. } => bi!(
            "the service accepted the recovered material for key {alias}: the backup matches what it holds",
            "服务接受了为密钥 {alias} 恢复的材料：备份与其所持材料相同"
        ),
        Event::BackupWaived { reason } => {
            let Bilingual { en, zh } = reason.shown();
            Bilingual { en: format!("no backup, because: {en}"), zh: format!("不备份，理由：{zh}") }
        }
        _ => return None,
    })
}

/// The secret that a set of shares recovers.
pub(super) fn given(gives: Shared) -> Bilingual {
    match gives {
        Shared::Material => bi!("the material itself", "密钥材料本身"),
        Shared::EscrowKey => bi!("the key of escrow.json", "escrow.json 的托管密钥"),
    }
}

/// How a share was handed out.
pub(super) fn way(medium: ShareMedium) -> Bilingual {
    match medium {
        ShareMedium::Screen => bi!("shown on the screen", "在屏幕上显示"),
        ShareMedium::File => bi!("written to a file", "写入文件"),
        ShareMedium::Sheet => bi!("printed on a sheet", "打印在纸上"),
    }
}

/// A check value, if the plan asks for one.
fn check_value(kcv: Option<Kcv>) -> String {
    kcv.map_or_else(String::new, |kcv| format!(", KCV {kcv}"))
}

fn keeper(custodian: Option<&Said<PersonName>>) -> Bilingual {
    let Some(Bilingual { en, zh }) = custodian.map(Said::shown) else { return bi!("", "") };
    Bilingual { en: format!(" for {en}"), zh: format!("，交给 {zh}") }
}

fn short(hex: &str) -> String {
    format!("{}…", hex.get(..12).unwrap_or_default())
}
