//! The ways in which the offline machine can fail the plan's requirements.

use keyferry_core::{Bilingual, PostureCheck, bi};

/// The ways in which the offline machine can fail the plan's requirements. Lines are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // the fields are lines and checks
pub enum MachineFault {
    /// A required check is missing, or does not hold.
    Unmet { line: u64, check: PostureCheck },
    /// The line states a different demand for a check than the plan, or names the check twice.
    Demand { line: u64, check: PostureCheck },
    /// The waivers are not the plan's.
    Waivers { line: u64 },
    /// A protection of the process that the plan requires is missing.
    Confined { line: u64, check: PostureCheck },
    /// The program is not the one that the plan names.
    Program { line: u64 },
    /// The HSM is not the plan's, was not tried with the plan's padding, or another station made the material.
    Hsm { line: u64 },
}

impl MachineFault {
    pub(in crate::record) fn what(self) -> Bilingual {
        match self {
            Self::Unmet { line, check } => bi!(
                "line {line}: the plan requires {check} of the machine, but the line does not say that it holds",
                "第 {line} 行：计划要求机器满足 {check}，而该行并未表明其成立"
            ),
            Self::Demand { line, check } => bi!(
                "line {line}: the requirement stated for {check} is not the plan's",
                "第 {line} 行：关于 {check} 所写的要求与计划不符"
            ),
            Self::Waivers { line } => bi!(
                "line {line}: the waivers of the run are not those of the plan",
                "第 {line} 行：该次运行的豁免与计划中的不同"
            ),
            Self::Confined { line, check } => bi!(
                "line {line}: the plan requires {check}, but a part of it is missing",
                "第 {line} 行：计划要求 {check}，而其中一部分缺失"
            ),
            Self::Hsm { line } => bi!(
                "line {line}: the HSM is not the plan's, was not tried with the plan's padding, or another station made the material",
                "第 {line} 行：HSM 不是计划所指的，或未按计划的填充方式试验，或材料由其他工作站生成"
            ),
            Self::Program { line } => bi!(
                "line {line}: the program is not the one whose SHA-256 the plan names",
                "第 {line} 行：程序不是计划中 SHA-256 所指的那一个"
            ),
        }
    }
}
