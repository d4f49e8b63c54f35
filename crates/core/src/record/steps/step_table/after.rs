//! The steps that begin with the import, and those after the ceremony.

use super::super::course::LIFE_COMMANDS;
use super::super::name::StepName;
use super::super::row::{Lines, Place, PlanUse, Step, When};
use super::rows::{BOTH, compares, rows, text};
use crate::EventKind::*;
use crate::artefact::names;
use crate::plan::Role::{Custodian, Operator};

rows! {
    CompareCiphertext {
        place: Place::Online,
        by: BOTH,
        does: text("Read aloud the check values and the 24 words of ciphertext.json", "宣读校验值和 ciphertext.json 的 24 个词语"),
        compares: compares(
            "the words and each key's KCV at the online station, with those from the offline station on paper",
            "在线工作站显示的词语和每个密钥的 KCV，与纸上离线工作站的内容",
        ),
        lines: Lines {
            commands: &["import"],
            file: Some(names::CIPHERTEXT),
            must: &[Checked, Confirmed],
            ..Lines::NONE
        },
        catches: text(
            "a ciphertext that somebody replaced on the way, with material that they know",
            "途中被替换、材料为他人所知的密文",
        ),
    }
    OnlineImport {
        place: Place::Online,
        by: &[Operator],
        does: text("Send each key's ciphertext to the service", "将每个密钥的密文发送给服务"),
        compares: None,
        lines: Lines {
            commands: &["import"],
            plan: PlanUse::Always,
            must: &[Begun, Imported, Finished],
            resumes: true,
            may: &[TailRepaired, KeyFailed],
            ..Lines::NONE
        },
        catches: text(
            "a ciphertext that was not made for the last export, or for a key that holds other material",
            "不是为最近一次导出而生成的密文，或密钥已持有其他材料",
        ),
    }
    Prove {
        place: Place::Online,
        by: &[Operator],
        does: text("Encrypt and decrypt once with each key", "用每个密钥加密并解密一次"),
        compares: compares(
            "each key's state and expiry in the service, with the plan",
            "服务中每个密钥的状态和过期时间，与计划",
        ),
        lines: Lines { commands: &["import"], must: &[Proved], resumes: true, ..Lines::NONE },
        catches: text(
            "a key that does not work, or does not expire at the planned time",
            "不能使用的密钥，或过期时间与计划不同的密钥",
        ),
    }
    ProveBackup {
        place: Place::Online,
        by: &[Operator],
        does: text("Import the recovered material into the key that holds it", "将恢复的材料导入持有该材料的密钥"),
        compares: compares(
            "the recovered material, with the material in the service, which only the service can compare",
            "恢复的材料与服务中的材料：只有服务能够比较",
        ),
        lines: Lines {
            commands: &["import"],
            must: &[BackupProved],
            when: When::Chosen,
            may: &[Imported],
            ..Lines::NONE
        },
        catches: text("a backup that is not of the material that the key holds", "备份的材料与密钥所持不同"),
    }
    Status {
        place: Place::Online,
        by: BOTH,
        does: text("Ask the service for the state of every key", "向服务查询每个密钥的状态"),
        compares: compares("state and expiry of every key, with the plan", "每个密钥的状态和过期时间，与计划"),
        lines: Lines::NONE,
        catches: text("a key that was left out", "被遗漏的密钥"),
    }
    CompareHead {
        place: Place::Online,
        by: BOTH,
        does: text("Recompute the hash chain, and read aloud the head", "重新计算哈希链，宣读链尾摘要"),
        compares: compares(
            "the head by keyferry, with the head by sha256sum; the first head, with the paper",
            "keyferry 给出的链尾摘要与 sha256sum 的结果；第一链尾摘要与纸质记录",
        ),
        lines: Lines::NONE,
        catches: text("a line that somebody changed, removed or inserted", "被更改、删除或插入的行"),
    }
    Note {
        place: Place::Room,
        by: BOTH,
        does: text("Note what the programs cannot see", "记录程序看不到的事情"),
        compares: None,
        lines: Lines { must: &[Note], when: When::Chosen, ..Lines::NONE },
        catches: text("a deviation that the record would not show", "记录中看不到的偏差"),
    }
    Sign {
        place: Place::Desk,
        by: BOTH,
        does: text("Sign the transcript", "签署仪式记录"),
        compares: compares("the head on the screen, with the paper", "屏幕上的链尾摘要，与纸质记录"),
        lines: Lines::NONE,
        catches: text("a record that somebody changes or shortens later", "事后被更改或截短的记录"),
    }
    Verify {
        place: Place::Desk,
        by: BOTH,
        does: text("Verify the whole record", "验证整个仪式档案"),
        compares: compares(
            "plan, crossings, keys, shares and signatures with each other; each deviation, with what the room knows",
            "计划、跨越、密钥、分片与签名相互比较；每项偏差与在场者所知比较",
        ),
        lines: Lines::NONE,
        catches: text("files and lines that contradict each other", "相互矛盾的文件和行"),
    }
    PutAway {
        place: Place::Room,
        by: BOTH,
        does: text("Copy the record to two places, and delete session.json", "将仪式档案复制到两处，删除 session.json"),
        compares: compares("each copy, with SHA256SUMS", "每份副本，与 SHA256SUMS"),
        lines: Lines::NONE,
        catches: text("a copy that is incomplete", "不完整的副本"),
    }
    Drill {
        place: Place::Offline,
        by: &[Operator, Custodian],
        does: text("Combine shares, compare, and wipe everything", "合并分片、比较，并擦除全部内容"),
        compares: compares(
            "the recovered material, with the commitments in the record",
            "分片恢复的内容，与记录中的承诺值",
        ),
        lines: Lines {
            commands: &["drill"],
            must: &[Begun, PostureChecked, Confined, Finished],
            may: &[TailRepaired, SharesCombined, ShareProved],
            ..Lines::NONE
        },
        catches: text("a share that is lost or no longer readable", "丢失或无法辨认的分片"),
    }
    ChangeKey {
        place: Place::Online,
        by: BOTH,
        does: text(
            "Disable or enable a key, delete its material, schedule its deletion or cancel it",
            "停用或启用密钥、删除其材料、计划删除密钥或撤销删除",
        ),
        compares: compares(
            "the head of the ceremony's record, with the paper; the key's alias, with the service",
            "仪式记录的链尾摘要与纸质记录；密钥的别名与服务端",
        ),
        lines: Lines {
            commands: LIFE_COMMANDS,
            must: &[Begun, KeyChanged, Finished],
            may: &[TailRepaired, Agreed, KeyFailed],
            ..Lines::NONE
        },
        catches: text("a key that one person alone takes out of use", "由一人擅自停用的密钥"),
    }
}
