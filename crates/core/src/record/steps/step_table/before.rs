//! The steps before the offline station: the room, the plan, the keys, the export.

use super::super::name::StepName;
use super::super::row::{Lines, Place, PlanUse, Step};
use super::rows::{BOTH, compares, rows, text};
use crate::EventKind::*;
use crate::artefact::names;
use crate::plan::Role::Operator;

rows! {
    PrepareRoom {
        place: Place::Room,
        by: BOTH,
        does: text("Boot both computers, and mount a new medium", "启动两台计算机，挂载新介质"),
        compares: compares("the new medium, with an empty folder", "新介质：应为空"),
        lines: Lines::NONE,
        catches: text("files of an earlier ceremony on the medium", "介质上留有以前仪式的文件"),
    }
    ComparePrograms {
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
    CreateKey {
        place: Place::Online,
        by: &[Operator],
        does: text("Create the keys that the draft has no key id for", "创建草案中尚无密钥 ID 的密钥"),
        compares: compares(
            "the plan that was written, with the draft: only the key ids are new",
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
            "a region whose service takes material of a different length than planned",
            "某地域的服务要求的材料长度与计划不同",
        ),
    }
    ReviewPlan {
        place: Place::Desk,
        by: BOTH,
        does: text("Review every field of the plan, and write its digest on paper", "逐项审阅计划，将其摘要写在纸上"),
        compares: compares(
            "the plan's digest on each station, with the digest that the reviewers signed",
            "每台工作站上计划的摘要，与审阅者签署的摘要",
        ),
        lines: Lines::NONE,
        catches: text("a plan that nobody reviewed", "未经审阅的计划"),
    }
    ComparePlan {
        place: Place::Online,
        by: BOTH,
        does: text("Compare the plan before a request is sent under it", "在按计划发送请求之前核对计划"),
        compares: compares(
            "the plan's digest at the online station, with the paper; the head of a record that is there, with the paper",
            "在线工作站显示的计划摘要与纸质记录；若已有仪式记录，其链尾摘要与纸质记录",
        ),
        lines: Lines { commands: &["create-key", "export"], file: Some(names::PLAN), may: &[Confirmed], ..Lines::NONE },
        catches: text(
            "a plan or a record that somebody replaced after its review",
            "审阅之后被替换的计划或仪式记录",
        ),
    }
    OnlineExport {
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
            file: Some(names::PARAMETERS),
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
    FirstCrossing {
        place: Place::Room,
        by: BOTH,
        does: text("Carry the medium to the offline station", "将介质带到离线工作站"),
        compares: None,
        lines: Lines::NONE,
        catches: text("a medium that is exchanged on the way", "途中被调换的介质"),
    }
}
