//! The two pages of controls, made from the list in the core. The test that compares them with the files uses this module too.

use std::fmt::Write as _;

/// The languages of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// English.
    En,
    /// 简体中文.
    Zh,
}

/// Both pages and their files.
pub(crate) const PAGES: [(Lang, &str); 2] =
    [(Lang::En, "ceremony/operate/controls.md"), (Lang::Zh, "ceremony/operate/controls.zh-CN.md")];

/// One text in both languages, English first.
type Both = [&'static str; 2];

struct Section {
    title: Both,
    note: Option<Both>,
    rows: &'static [Row],
}

struct Row {
    id: &'static str,
    requirement: Both,
    /// A text without a Chinese version is a list of commands.
    by: (&'static str, Option<&'static str>),
    act: Both,
}

macro_rules! first {
    () => {
        None
    };
    ($text:expr) => {
        Some($text)
    };
}

macro_rules! both {
    ($en:literal, $zh:literal) => {
        [$en, $zh]
    };
    ($both:expr) => {
        $both
    };
}

macro_rules! controls {
    ($room:ident: $(
        section($section_en:literal, $section_zh:literal) $( note($note_en:literal, $note_zh:literal) )? {
            $(
                $name:ident = $id:literal, $title:literal, $title_zh:literal,
                by($by_en:literal $(, $by_zh:literal)?),
                act($($act:tt)+);
            )+
        }
    )+) => {
        const $room: &[Section] = &[$(
            Section {
                title: [$section_en, $section_zh],
                note: first!($( [$note_en, $note_zh] )?),
                rows: &[$(
                    Row {
                        id: $id,
                        requirement: [$title, $title_zh],
                        by: ($by_en, first!($( $by_zh )?)),
                        act: both!($($act)+),
                    }
                ),+],
            }
        ),+];
    };
}

macro_rules! list {
    ($($room:ident)+) => {
        const ROOMS: &[&[Section]] = &[$($room),+];
    };
}

include!("../../../crates/core/src/words/control/list.rs");

const INTRODUCTION: Both = [
    "\
# Controls

[简体中文](controls.zh-CN.md)

Every refusal carries one of these ids. The same id appears in the error line, in the record
(`key-failed` events), in the tests and in this list. `cargo xtask controls` writes this page from
`crates/core/src/words/control/list/`; a test compares the two.

In the room: read the id aloud, find its row, and do what the last column says. Write everything
that happened on the exception sheet of the runbook. No option switches a control off.

\"Offline\" and \"online\" mean every command of that station. `rehearse` also repeats the refusals of
a station. *Plan commands* read a plan: `create-key`, `export`, `status`, `inspect`, `wrap`, and
`preflight --plan`. *Artefact commands* read a JSON artefact: `inspect`, `wrap`, `import`,
`bench --compare`, and `export` when it finishes an interrupted run. \"Export again\" always means:
new parameters, a new crossing, a new wrap. The old ciphertext can then no longer be imported.

Exit codes: 0 done, 1 refused by a check, 2 usage, 3 file or device, 4 the service.
",
    "\
# 控制项

[English](controls.md)

每一次拒绝都带有以下编号之一。
同一编号出现在错误信息、仪式记录（`key-failed` 事件）、测试以及本表中。本页由
`cargo xtask controls` 根据 `crates/core/src/words/control/list/` 生成，并由测试核对两者一致。

在现场的用法：读出编号，找到对应的一行，照最后一栏所写的做。
无论发生什么，都写入操作手册的例外记录表。没有任何选项可以关闭某个控制项。

“离线工作站”与“在线工作站”指该工作站的所有命令。`rehearse` 也会重复工作站的拒绝。
*计划类命令*读取计划：`create-key`、`export`、`status`、`inspect`、`wrap` 以及 `preflight --plan`。
*工件类命令*读取 JSON 工件：`inspect`、`wrap`、`import`、`bench --compare`，
以及完成被中断的运行的 `export`。
“重新导出”总是指：新的导入参数、新的一次传递、新的包装（即用公钥加密，wrap）。
旧密文此后不能再导入。

退出码：0 完成，1 被检查拒绝，2 用法错误，3 文件或设备，4 服务端。
",
];

const COLUMNS: Both =
    ["| id | requirement | refused by | what to do |", "| 编号 | 要求 | 由谁拒绝 | 怎么办 |"];

/// The whole page.
pub(crate) fn page(lang: Lang) -> String {
    let mut page = lang.of(INTRODUCTION).to_owned();
    for section in ROOMS.iter().copied().flatten() {
        let _ = write!(page, "\n## {}\n\n", lang.of(section.title));
        if let Some(note) = section.note {
            let _ = write!(page, "{}\n\n", lang.of(note));
        }
        let _ = writeln!(page, "{}\n|---|---|---|---|", lang.of(COLUMNS));
        for row in section.rows {
            let (requirement, act) = (lang.of(row.requirement), lang.of(row.act));
            let _ = writeln!(page, "| `{}` | {requirement} | {} | {act} |", row.id, row.by(lang));
        }
    }
    page
}

impl Lang {
    const fn of(self, [en, zh]: Both) -> &'static str {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

impl Row {
    fn by(&self, lang: Lang) -> String {
        match (lang, self.by) {
            (Lang::En, (en, _)) => en.to_owned(),
            (Lang::Zh, (_, Some(zh))) => zh.to_owned(),
            (Lang::Zh, (commands, None)) => commands.replace(", ", "、"),
        }
    }
}
