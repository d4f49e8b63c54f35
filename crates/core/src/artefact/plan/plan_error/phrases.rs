//! Texts that several refusals of a plan share, and texts that depend on what was found.

use crate::{Bilingual, Control, PostureCheck, bi, is_deceptive};

/// A value that its field does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    pub(super) control: Control,
    /// What is wrong, as a sentence.
    pub(super) expected: Bilingual,
    pub(super) found: Bilingual,
    pub(super) near: Option<String>,
}

impl BadValue {
    pub(super) fn what(&self) -> Bilingual {
        let Self { expected, found, near, .. } = self;
        let near = near.as_ref().map_or_else(|| bi!("", ""), |near| meant(near));
        Bilingual {
            en: format!("{}; found {}{}", expected.en, found.en, near.en),
            zh: format!("{}；实际是 {}{}", expected.zh, found.zh, near.zh),
        }
    }
}

pub(super) fn meant(near: &str) -> Bilingual {
    bi!("; did you mean {near}?", "；是否应为 {near}？")
}

pub(super) fn character(line: usize, found: char) -> Bilingual {
    let code = format!("{:04X}", u32::from(found));
    if found == '\r' {
        return bi!(
            "line {line} of the plan holds U+{code}, a carriage return without a line feed",
            "计划文件第 {line} 行含有 U+{code}：没有换行符（LF）的回车符（CR）"
        );
    }
    bi!(
        "line {line} of the plan holds U+{code}, a character that is invisible or changes how the line reads",
        "计划文件第 {line} 行含有 U+{code}：该字符不可见，或会改变该行的显示"
    )
}

pub(super) fn brackets(table: &str, list: bool) -> Bilingual {
    if list {
        return bi!(
            "a plan can have several of these tables: write [[{table}]], in double brackets",
            "计划中可以有多个这样的表：请用双方括号写作 [[{table}]]"
        );
    }
    bi!(
        "a plan has one such table: write [{table}], in single brackets",
        "计划中只有一个这样的表：请用单方括号写作 [{table}]"
    )
}

pub(super) fn no_waiver(check: PostureCheck) -> Bilingual {
    if check == PostureCheck::NoNetwork {
        return bi!("no plan may waive the posture check no-network", "任何计划都不得豁免检查项 no-network");
    }
    bi!(
        "posture check {check} is waived, but nothing requires it",
        "检查项 {check} 被豁免，但它本来就不是必需的"
    )
}

pub(super) fn start_from_the_sample() -> Bilingual {
    bi!(
        "start from ceremony/operate/plan.sample.toml of this version",
        "请从本版本的 ceremony/operate/plan.sample.toml 开始编写"
    )
}

pub(super) fn correct_and_review() -> Bilingual {
    bi!(
        "correct the plan, have it reviewed again, and start over with the corrected file",
        "请更正计划，重新审阅，然后用更正后的文件重新开始"
    )
}

pub(super) fn is_it_the_plan() -> Bilingual {
    bi!(
        "is this the plan? compare its SHA-256 with the reviewed one",
        "这是计划文件吗？请与审阅过的 SHA-256 核对"
    )
}

/// A text of the plan in a form that a message can quote: short, and without invisible characters.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !is_deceptive(*c)).take(MAX_QUOTED + 1).collect();
    if let Some((end, _)) = shown.char_indices().nth(MAX_QUOTED) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// Longest text of a plan that a message quotes, in characters.
const MAX_QUOTED: usize = 60;
