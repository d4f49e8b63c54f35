//! The table itself, in the order of the runbook. Texts say who does what; they name no number of a step, which a runbook may change.

use super::course::LIFE_COMMANDS;
use super::{Lines, Place, PlanUse, Step, Text, When};
use crate::EventKind::*;
use crate::plan::PLAN_FILE;
use crate::plan::Role::{self, Custodian, Operator, Witness};

macro_rules! steps {
    ($($step:ident = $name:literal { $($row:tt)* })+) => {
        /// Name of a step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs)] // Each row says what is done.
        pub enum StepName {
            $($step),+
        }

        impl StepName {
            /// Every step, in the order of the runbook.
            pub const ALL: &'static [Self] = &[$(Self::$step),+];

            /// The name, as records and texts have it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$step => $name),+ }
            }

            /// Its row of the table.
            #[must_use]
            pub const fn step(self) -> &'static Step {
                match self { $(Self::$step => const { &Step { name: Self::$step, $($row)* } }),+ }
            }
        }
    };
}

const BOTH: &[Role] = &[Operator, Witness];

const fn text(en: &'static str, zh: &'static str) -> Text {
    Text { en, zh }
}

const fn compares(en: &'static str, zh: &'static str) -> Option<Text> {
    Some(text(en, zh))
}

steps! {
    PrepareRoom = "prepare-room" {
        place: Place::Room,
        by: BOTH,
        does: text("Boot both computers, mount a new medium", "启动两台计算机，挂载新介质"),
        compares: compares("the new medium, with an empty folder", "新介质：应为空"),
        lines: Lines::NONE,
        catches: text("files of an earlier ceremony on the medium", "介质上留有以前仪式的文件"),
    }
    ComparePrograms = "compare-programs" {
        place: Place::Room,
        by: BOTH,
        does: text("Compute the SHA-256 of the programs on both stations", "在两台工作站上计算程序的 SHA-256"),
        compares: compares(
            "each program's SHA-256, with the paper from the person who built it",
            "每个程序的 SHA-256，与构建者给出的纸质记录",
        ),
        lines: Lines::NONE,
        catches: text("a program that somebody replaced", "被替换的程序"),
    }
    CreateKey = "create-key" {
        place: Place::Online,
        by: &[Operator],
        does: text("Create the keys that the draft has no key id for", "创建草案中尚无密钥 ID 的密钥"),
        compares: compares(
            "the plan that was written, with the draft: only key ids are new",
            "写出的计划与草案：只应新增密钥 ID",
        ),
        lines: Lines {
            commands: &["create-key"],
            plan: PlanUse::Draft,
            must: &[Begun, KeyCreated, Finished],
            resumes: true,
            may: &[TailRepaired, KeyFailed],
            ..Lines::NONE
        },
        catches: text(
            "a region whose service takes material of another length than planned",
            "某地域的服务要求的材料长度与计划不同",
        ),
    }
    ReviewPlan = "review-plan" {
        place: Place::Desk,
        by: BOTH,
        does: text("Review every field of the plan, write its digest on paper", "逐项审阅计划，将其摘要写在纸上"),
        compares: compares(
            "the plan's digest on each station, with the digest that the reviewers signed",
            "每台工作站上计划的摘要，与审阅者签署的摘要",
        ),
        lines: Lines::NONE,
        catches: text("a plan that nobody reviewed", "未经审阅的计划"),
    }
    ComparePlan = "compare-plan" {
        place: Place::Online,
        by: BOTH,
        does: text("Compare the plan before a request is sent under it", "在按计划发送请求之前核对计划"),
        compares: compares(
            "the plan's digest at the online station, with the paper; the head of a record that is there, with the paper",
            "在线工作站显示的计划摘要与纸质记录；若已有仪式记录，其链尾摘要与纸质记录",
        ),
        lines: Lines { commands: &["create-key", "export"], file: Some(PLAN_FILE), may: &[Confirmed], ..Lines::NONE },
        catches: text(
            "a plan or a record that somebody replaced after its review",
            "审阅之后被替换的计划或仪式记录",
        ),
    }
    OnlineExport = "online-export" {
        place: Place::Online,
        by: &[Operator],
        does: text("Fetch the import parameters and write parameters.json", "获取导入参数并写出 parameters.json"),
        compares: compares(
            "the digest of parameters.json on the medium, with the one that export printed",
            "介质上 parameters.json 的摘要，与 export 打印的摘要",
        ),
        lines: Lines {
            commands: &["export"],
            plan: PlanUse::Always,
            file: Some("parameters.json"),
            must: &[Begun, ParametersFetched, Exported, Finished],
            resumes: true,
            may: &[TailRepaired, KeyFailed],
            ..Lines::NONE
        },
        catches: text(
            "a key that takes no material, or that another ceremony has pending parameters for",
            "不接受材料的密钥，或另一仪式已为其取得导入参数的密钥",
        ),
    }
    FirstCrossing = "first-crossing" {
        place: Place::Room,
        by: BOTH,
        does: text("Carry the medium to the offline station", "将介质带到离线工作站"),
        compares: None,
        lines: Lines::NONE,
        catches: text("a medium that is exchanged on the way", "途中被调换的介质"),
    }
    Preflight = "preflight" {
        place: Place::Offline,
        by: BOTH,
        does: text("Check the offline machine", "检查离线机器"),
        compares: compares(
            "the machine's time, with a clock that both trust; the program's digest, with the paper",
            "机器时间与双方都信任的时钟；程序摘要与纸质记录",
        ),
        lines: Lines::NONE,
        catches: text(
            "a network, swap, a debugger or a wrong clock, before a secret exists",
            "在机密产生之前发现网络、交换区、调试器或错误的时钟",
        ),
    }
    Inspect = "inspect" {
        place: Place::Offline,
        by: BOTH,
        does: text("Show what would be wrapped, without a secret", "在没有机密的情况下显示将要包装的内容"),
        compares: compares(
            "each key's alias, region, length and algorithm, with the plan",
            "每个密钥的别名、地域、长度和算法，与计划",
        ),
        lines: Lines::NONE,
        catches: text("parameters for a key that is not in the plan", "不属于计划中密钥的导入参数"),
    }
    CompareWrappingKeys = "compare-wrapping-keys" {
        place: Place::Offline,
        by: BOTH,
        does: text("Read the wrapping keys with another program", "用另一个程序读取包装公钥"),
        compares: compares(
            "each wrapping key's size, exponent and SHA-256 by OpenSSL, with those that inspect showed",
            "OpenSSL 显示的每个包装公钥的长度、指数和 SHA-256，与 inspect 所示",
        ),
        lines: Lines::NONE,
        catches: text("a keyferry that misreads a wrapping key", "keyferry 读错包装公钥"),
    }
    CompareParameters = "compare-parameters" {
        place: Place::Offline,
        by: BOTH,
        does: text("Read aloud the 24 words of parameters.json", "宣读 parameters.json 的 24 个词语"),
        compares: compares(
            "the words at the offline station, with those from the online station on paper",
            "离线工作站显示的词语，与纸上在线工作站的词语",
        ),
        lines: Lines {
            commands: &["wrap", "rewrap"],
            file: Some("parameters.json"),
            must: &[Checked, Confirmed],
            ..Lines::NONE
        },
        catches: text(
            "a wrapping key that an attacker put into parameters.json on the way",
            "攻击者在途中放入 parameters.json 的包装公钥",
        ),
    }
    OfflineWrap = "offline-wrap" {
        place: Place::Offline,
        by: &[Operator],
        does: text("Generate the material and wrap it", "生成材料并包装"),
        compares: compares(
            "the digest of ciphertext.json on the medium, with the one that wrap printed",
            "介质上 ciphertext.json 的摘要，与 wrap 打印的摘要",
        ),
        lines: Lines {
            commands: &["wrap"],
            plan: PlanUse::Always,
            file: Some("ciphertext.json"),
            must: &[
                Begun,
                PostureChecked,
                Confined,
                MaterialGenerated,
                Wrapped,
                CiphertextWritten,
                Finished,
            ],
            may: &[TailRepaired, PostureWaived, TimeGiven, TimeConfirmed, KeyFailed, BackupWaived],
            ..Lines::NONE
        },
        catches: text(
            "a machine that is not as the plan requires, and expired parameters",
            "不符合计划要求的机器，以及过期的导入参数",
        ),
    }
    MixEntropy = "mix-entropy" {
        place: Place::Offline,
        by: &[Operator],
        does: text("Add entropy: dice, or the contributions of two operators", "添加附加熵源：骰子，或两名操作员的输入"),
        compares: compares(
            "each operator's contribution, with the commitment made before",
            "每名操作员的输入，与事先作出的承诺",
        ),
        lines: Lines {
            commands: &["wrap"],
            must: &[EntropyMixed],
            when: When::Chosen,
            may: &[EntropyCommitted],
            ..Lines::NONE
        },
        catches: text("a generator that somebody can predict", "可被预测的随机数生成器"),
    }
    ShareReadBack = "share-read-back" {
        place: Place::Offline,
        by: &[Custodian],
        does: text("Write down each share, and type it from the paper", "抄写每个分片，并照纸上内容输入"),
        compares: compares("each share that was typed, with the share that was made", "输入的每个分片，与生成的分片"),
        lines: Lines {
            commands: &["wrap", "rewrap"],
            must: &[SharesMade, ShareConfirmed],
            when: When::Shares,
            may: &[SharesVoid, EscrowWritten],
            ..Lines::NONE
        },
        catches: text("a share that was written down wrongly", "抄写有误的分片"),
    }
    OfflineRewrap = "offline-rewrap" {
        place: Place::Offline,
        by: &[Operator, Custodian],
        does: text("Combine shares and wrap the material that they give", "合并分片，并包装由此恢复的材料"),
        compares: compares(
            "the recovered material, with the commitments in the earlier record",
            "恢复的材料，与先前记录中的承诺值",
        ),
        lines: Lines {
            commands: &["rewrap"],
            plan: PlanUse::Always,
            file: Some("ciphertext.json"),
            must: &[
                Begun,
                PostureChecked,
                Confined,
                SharesCombined,
                MaterialRecovered,
                Wrapped,
                CiphertextWritten,
                Finished,
            ],
            may: &[TailRepaired, PostureWaived, TimeGiven, TimeConfirmed, KeyFailed, BackupWaived],
            ..Lines::NONE
        },
        catches: text(
            "shares of another set, and a share or an escrow that was altered",
            "其他分片组的分片，以及被篡改的分片或托管文件",
        ),
    }
    SecondCrossing = "second-crossing" {
        place: Place::Room,
        by: BOTH,
        does: text("Carry the medium back, switch the offline station off", "将介质带回，关闭离线工作站"),
        compares: None,
        lines: Lines::NONE,
        catches: text("a medium that is exchanged on the way", "途中被调换的介质"),
    }
    CompareCiphertext = "compare-ciphertext" {
        place: Place::Online,
        by: BOTH,
        does: text("Read aloud the check values and the 24 words of ciphertext.json", "宣读校验值和 ciphertext.json 的 24 个词语"),
        compares: compares(
            "the words and each key's KCV at the online station, with those from the offline station on paper",
            "在线工作站显示的词语和每个密钥的 KCV，与纸上离线工作站的内容",
        ),
        lines: Lines {
            commands: &["import"],
            file: Some("ciphertext.json"),
            must: &[Checked, Confirmed],
            ..Lines::NONE
        },
        catches: text(
            "a ciphertext that somebody replaced on the way, with material that they know",
            "途中被替换、材料为他人所知的密文",
        ),
    }
    OnlineImport = "online-import" {
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
    Prove = "prove" {
        place: Place::Online,
        by: &[Operator],
        does: text("Encrypt and decrypt once with each key", "用每个密钥加密并解密一次"),
        compares: compares(
            "each key's state and expiry in the service, with the plan",
            "服务中每个密钥的状态和过期时间，与计划",
        ),
        lines: Lines { commands: &["import"], must: &[Proved], resumes: true, ..Lines::NONE },
        catches: text(
            "a key that does not work, or expires at another time than planned",
            "不能使用的密钥，或过期时间与计划不同的密钥",
        ),
    }
    ProveBackup = "prove-backup" {
        place: Place::Online,
        by: &[Operator],
        does: text("Import the recovered material into the key that holds it", "将恢复的材料导入持有该材料的密钥"),
        compares: compares(
            "the recovered material, with the material in the service: only the service can",
            "恢复的材料与服务中的材料：只有服务能够比较",
        ),
        lines: Lines {
            commands: &["import"],
            must: &[BackupProved],
            when: When::Chosen,
            may: &[Imported],
            ..Lines::NONE
        },
        catches: text("a backup of other material than the key holds", "备份的材料与密钥所持不同"),
    }
    Status = "status" {
        place: Place::Online,
        by: BOTH,
        does: text("Ask the service for the state of every key", "向服务查询每个密钥的状态"),
        compares: compares("state and expiry of every key, with the plan", "每个密钥的状态和过期时间，与计划"),
        lines: Lines::NONE,
        catches: text("a key that was left out", "被遗漏的密钥"),
    }
    CompareHead = "compare-head" {
        place: Place::Online,
        by: BOTH,
        does: text("Recompute the hash chain, read aloud the head", "重新计算哈希链，宣读链尾摘要"),
        compares: compares(
            "the head by keyferry, with the head by sha256sum; the first head, with the paper",
            "keyferry 给出的链尾摘要与 sha256sum 的结果；第一链尾摘要与纸质记录",
        ),
        lines: Lines::NONE,
        catches: text("a line that somebody changed, removed or inserted", "被更改、删除或插入的行"),
    }
    Note = "note" {
        place: Place::Room,
        by: BOTH,
        does: text("Note what the programs cannot see", "记录程序看不到的事情"),
        compares: None,
        lines: Lines { must: &[Note], when: When::Chosen, ..Lines::NONE },
        catches: text("a deviation that the record would not show", "记录中看不到的偏差"),
    }
    Sign = "sign" {
        place: Place::Desk,
        by: BOTH,
        does: text("Sign the transcript", "签署仪式记录"),
        compares: compares("the head on the screen, with the paper", "屏幕上的链尾摘要，与纸质记录"),
        lines: Lines::NONE,
        catches: text("a record that somebody changes or shortens later", "事后被更改或截短的记录"),
    }
    Verify = "verify" {
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
    PutAway = "put-away" {
        place: Place::Room,
        by: BOTH,
        does: text("Copy the record to two places, delete session.json", "将仪式档案复制到两处，删除 session.json"),
        compares: compares("each copy, with SHA256SUMS", "每份副本，与 SHA256SUMS"),
        lines: Lines::NONE,
        catches: text("a copy that is incomplete", "不完整的副本"),
    }
    Drill = "drill" {
        place: Place::Offline,
        by: &[Operator, Custodian],
        does: text("Combine shares, compare, and wipe everything", "合并分片、比较，并擦除全部内容"),
        compares: compares(
            "what the shares give, with the commitments in the record",
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
    ChangeKey = "change-key" {
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
