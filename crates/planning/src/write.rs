//! Writes a plan as text from its values, with comments for the people who review it.

use keyferry_core::plan::outline::Entry;
use keyferry_core::{Bilingual, Lang, bi};

/// The text of a plan with these values, which must be in the order of their tables.
#[must_use]
pub fn text(head: &Bilingual, entries: &[Entry], lang: Lang) -> String {
    let mut text: String = head.get(lang).lines().map(|line| format!("# {line}\n")).collect();
    let mut before: Option<(&str, usize)> = None;
    for entry in entries {
        let table = (entry.table, entry.number);
        if before != Some(table) {
            text += "\n";
            if let Some(about) = about(entry.table).filter(|_| entry.number == 0) {
                text += &format!("# {}\n", about.get(lang));
            }
            if !entry.table.is_empty() {
                text += &format!("{}\n", entry.header());
            }
            before = Some(table);
        }
        let comment = comment(entry).map_or_else(String::new, |comment| format!("  # {}", comment.get(lang)));
        text += &format!("{} = {}{comment}\n", entry.field, entry.value);
    }
    text
}

/// What reviewers should know about a table.
fn about(table: &str) -> Option<Bilingual> {
    let about = match table {
        "participant" => bi!(
            "The people in the room. Everybody with an ssh_key must sign the record.",
            "在场的人。写有 ssh_key 的人都必须在档案上签名。"
        ),
        "key" => bi!(
            "The keys, in the order in which people read them aloud. `create-key` fills in each key_id that is missing.",
            "密钥，按宣读的次序排列。缺少的 key_id 由 `create-key` 填写。"
        ),
        "backup" => bi!(
            "The service never returns material: without shares, lost material cannot be recovered.",
            "服务端不会交还密钥材料：没有分片，丢失的材料就无法恢复。"
        ),
        "posture" => bi!(
            "Requirements for the offline machine, in addition to those that production always has.",
            "除正式仪式一律要求的以外，对离线机器的要求。"
        ),
        "clock" => bi!("When the ceremony takes place, at most 24 hours.", "仪式的时间，至多 24 小时。"),
        "thing" => bi!(
            "Objects that have to be in the room, and that people compare with the plan.",
            "现场必须具备并加以核对的物品。"
        ),
        _ => return None,
    };
    Some(about)
}

/// What reviewers should know about a field.
fn comment(entry: &Entry) -> Option<Bilingual> {
    let comment = match (entry.table, entry.field) {
        ("", "ceremony") => bi!("unique in your organisation", "在组织内唯一"),
        ("", "purpose") if entry.value == "\"production\"" => {
            bi!(
                "a real key: HTTPS only, and another person as witness",
                "真实密钥：仅限 HTTPS，须由另一人见证"
            )
        }
        ("", "purpose") => bi!("practice against `keyferry emulate`", "练习，使用 `keyferry emulate`"),
        ("", "algorithm") if entry.value != "\"RSAES_OAEP_SHA_256\"" => {
            bi!("not the default: the reviewers know why", "不是默认算法：审阅者应知其原因")
        }
        ("", "minimum_time_left") => bi!(
            "of the 24 hours for which import parameters are valid, when wrapping starts",
            "导入参数有效 24 小时，开始包装时至少须剩余的时间"
        ),
        ("key", "valid_to") => bi!("when the service deletes the material", "服务端删除密钥材料的时间"),
        ("key", "previous_record") => {
            bi!("head of the previous ceremony's record", "前一次仪式档案的链尾摘要")
        }
        ("backup", "reason") => bi!("the record contains it", "写入仪式记录"),
        ("backup", "threshold") => bi!("shares that are needed to recover", "恢复所需的分片数"),
        ("backup", "shares") => {
            bi!("shares that are made, one for each custodian", "生成的分片数，每位保管人一份")
        }
        _ => return None,
    };
    Some(comment)
}
