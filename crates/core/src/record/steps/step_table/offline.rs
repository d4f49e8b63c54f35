//! The steps at the offline station, up to the crossing back.

use super::super::course::{HSM_REWRAP, HSM_WRAP};
use super::super::name::StepName;
use super::super::row::{Lines, Place, PlanUse, Step, When};
use super::rows::{BOTH, compares, rows, text};
use crate::EventKind::*;
use crate::artefact::names;
use crate::plan::Role::{Custodian, Operator};

rows! {
    Preflight {
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
    Inspect {
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
    CompareWrappingKeys {
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
    CompareParameters {
        place: Place::Offline,
        by: BOTH,
        does: text("Read aloud the 24 words of parameters.json", "宣读 parameters.json 的 24 个词语"),
        compares: compares(
            "the words at the offline station, with those from the online station on paper",
            "离线工作站显示的词语，与纸上在线工作站的词语",
        ),
        lines: Lines {
            commands: &["wrap", "rewrap", HSM_WRAP, HSM_REWRAP],
            file: Some(names::PARAMETERS),
            must: &[Checked, Confirmed],
            ..Lines::NONE
        },
        catches: text(
            "a wrapping key that an attacker put into parameters.json on the way",
            "攻击者在途中放入 parameters.json 的包装公钥",
        ),
    }
    OfflineWrap {
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
            file: Some(names::CIPHERTEXT),
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
            "a machine that does not meet the plan's requirements, and expired parameters",
            "不符合计划要求的机器，以及过期的导入参数",
        ),
    }
    MixEntropy {
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
    ShareReadBack {
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
    OfflineRewrap {
        place: Place::Offline,
        by: &[Operator, Custodian],
        does: text("Combine shares and wrap the recovered material", "合并分片，并包装由此恢复的材料"),
        compares: compares(
            "the recovered material, with the commitments in the earlier record",
            "恢复的材料，与先前记录中的承诺值",
        ),
        lines: Lines {
            commands: &["rewrap"],
            plan: PlanUse::Always,
            file: Some(names::CIPHERTEXT),
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
    HsmWrap {
        place: Place::Offline,
        by: &[Operator],
        does: text("Have a token of the HSM make the material and wrap it", "由 HSM 的硬件令牌生成材料并包装"),
        compares: compares(
            "the SHA-256 of the module and the label of the token, with the plan; the digest of ciphertext.json on the medium, with the one that wrap printed",
            "模块的 SHA-256 与硬件令牌标签，与计划；介质上 ciphertext.json 的摘要，与 wrap 打印的摘要",
        ),
        lines: Lines {
            commands: &[HSM_WRAP],
            plan: PlanUse::Always,
            file: Some(names::CIPHERTEXT),
            must: &[
                Begun,
                Confined,
                BackupWaived,
                HsmLoaded,
                HsmProbed,
                MaterialGenerated,
                HsmKey,
                Wrapped,
                CiphertextWritten,
                Finished,
            ],
            may: &[TailRepaired, TimeGiven, TimeConfirmed, KeyFailed, GaveUp],
            ..Lines::NONE
        },
        catches: text(
            "a module or a token that is not the planned one, or that does not pad as it claims",
            "不是计划所指的模块或硬件令牌，以及填充方式与其声称不符的模块",
        ),
    }
    HsmRewrap {
        place: Place::Offline,
        by: &[Operator],
        does: text("Have a token of the HSM wrap its existing key again", "由 HSM 的硬件令牌再次包装其所持材料"),
        compares: compares(
            "the token's key, with the commitments in the earlier record; module and token, with the plan",
            "硬件令牌所持材料，与先前记录中的承诺值；模块与硬件令牌，与计划",
        ),
        lines: Lines {
            commands: &[HSM_REWRAP],
            plan: PlanUse::Always,
            file: Some(names::CIPHERTEXT),
            must: &[
                Begun,
                Confined,
                BackupWaived,
                HsmLoaded,
                HsmProbed,
                MaterialHeld,
                HsmKey,
                Wrapped,
                CiphertextWritten,
                Finished,
            ],
            may: &[TailRepaired, TimeGiven, TimeConfirmed, KeyFailed, GaveUp],
            ..Lines::NONE
        },
        catches: text(
            "a backup of the HSM that was restored to another key, and a key that is less well protected than before",
            "HSM 备份恢复成了另一个密钥，以及保护程度低于先前的密钥",
        ),
    }
    SecondCrossing {
        place: Place::Room,
        by: BOTH,
        does: text("Carry the medium back, and switch off the offline station", "将介质带回，关闭离线工作站"),
        compares: None,
        lines: Lines::NONE,
        catches: text("a medium that is exchanged on the way", "途中被调换的介质"),
    }
}
