//! Translates what a check of the machine saw into Chinese; the record has it in English, cut to 100
//! characters.
//!
//! A sentence is matched with the offline station's own template, and its values go into the Chinese template. A value that does not come
//! from a template, such as a digest or the kernel's own word, stays unchanged.

use std::collections::BTreeMap;

use keyferry_core::Lang;

/// A finding's text for people.
pub(super) fn said(seen: &str, lang: Lang) -> String {
    match lang {
        Lang::En => seen.to_owned(),
        Lang::Zh => {
            chinese(&FORMER.iter().fold(seen.to_owned(), |text, (former, now)| text.replace(former, now)))
        }
    }
}

/// Words of records that earlier versions wrote, and today's words for the same.
const FORMER: &[(&str, &str)] = &[
    ("cannot be told: ", "cannot be determined: "),
    ("what goes there is no secret", "the files written there are not secret"),
];

/// Several sentences are joined by semicolons; the longest match of a template is taken first.
fn chinese(seen: &str) -> String {
    let ends = seen.match_indices(BETWEEN).map(|(at, _)| at);
    let ends: Vec<usize> = ends.chain([seen.len()]).collect();
    let found =
        ends.iter().rev().find_map(|end| Some((*end, sentence(seen.get(..*end)?, *end == seen.len())?)));
    let (end, first) = found.unwrap_or_else(|| {
        let end = ends.first().copied().unwrap_or(seen.len());
        (end, listed(seen.get(..end).unwrap_or(seen)))
    });
    match seen.get(end..).and_then(|rest| rest.strip_prefix(BETWEEN)) {
        Some(rest) => format!("{first}；{}", chinese(rest)),
        None => first,
    }
}

const BETWEEN: &str = "; ";

/// Matches one sentence with the template that has the most text besides its values. The last sentence of a
/// text may have been cut.
fn sentence(text: &str, last: bool) -> Option<String> {
    let own = |template: &&(&str, &str)| pieces(template.0).iter().map(|(text, _)| text.len()).sum::<usize>();
    let whole = TEXTS.iter().filter(|t| values(t.0, text).is_some()).max_by_key(own);
    if let Some((en, zh)) = whole {
        return Some(filled(zh, &values(en, text)?));
    }
    // At least three words, so that a text that was cut off is not mistaken for a different one.
    let begins = |t: &&(&str, &str)| {
        let first = pieces(t.0).first().map_or("", |(text, _)| *text);
        text.split(' ').count() >= 3 && first.starts_with(text)
    };
    let cut = TEXTS.iter().filter(|_| last).find(begins);
    cut.map(|(_, zh)| filled(zh, &BTreeMap::new()) + "…")
}

/// A template as a list of texts, each with the name of the value that follows it; no value follows the last
/// text.
fn pieces(template: &str) -> Vec<(&str, Option<&str>)> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        // Drops the format, as in {mode:04o}.
        pieces.push((text, Some(name.split(':').next().unwrap_or(name))));
        rest = after;
    }
    pieces.push((rest, None));
    pieces
}

/// The values with which the template produces this text.
fn values<'t>(template: &'t str, text: &'t str) -> Option<BTreeMap<&'t str, &'t str>> {
    let mut values = BTreeMap::new();
    let pieces = pieces(template);
    let mut rest = text.strip_prefix(pieces.first()?.0)?;
    for pair in pieces.windows(2) {
        let [(_, name), (after, more)] = pair else { return None };
        let (value, left) = match more {
            // The last text must be at the very end.
            None => (rest.strip_suffix(after)?, ""),
            Some(_) => rest.split_once(after)?,
        };
        if value.is_empty() || value.contains(BETWEEN) {
            return None;
        }
        values.insert((*name)?, value);
        rest = left;
    }
    rest.is_empty().then_some(values)
}

fn filled(template: &str, values: &BTreeMap<&str, &str>) -> String {
    let mut out = String::new();
    for (text, name) in pieces(template) {
        out += text;
        if let Some(name) = name {
            let value = values.get(name).copied().unwrap_or("…");
            out += &listed(value);
        }
    }
    out
}

/// The items of a list, each in Chinese; anything else stays unchanged.
fn listed(value: &str) -> String {
    let said: Vec<String> = value.split(", ").map(item).collect();
    if said.iter().map(String::as_str).eq(value.split(", ")) { value.to_owned() } else { said.join("、") }
}

fn item(text: &str) -> String {
    if let Some((_, zh)) = WHY.iter().find(|(en, _)| *en == text) {
        return (*zh).to_owned();
    }
    let found = ITEMS.iter().find_map(|(en, zh)| Some(filled(zh, &values(en, text)?)));
    found.unwrap_or_else(|| text.to_owned())
}

/// Templates for items of a list that contain values, the longer ones first.
const ITEMS: &[(&str, &str)] = &[
    ("{name} in unknown state", "{name} 状态不明"),
    ("processes of user {user}", "用户 {user} 的进程"),
    ("{user} (session {name})", "{user}（会话 {name}）"),
    ("{name} with carrier", "{name} 有载波"),
    ("{name} operational", "{name} 运行中"),
    ("route by {n}", "经 {n} 的路由"),
    ("address {address}", "地址 {address}"),
    ("{name} up", "{name} 已启用"),
    ("{h} h {m} m", "{h} 小时 {m} 分"),
    ("{m} m {s} s", "{m} 分 {s} 秒"),
    ("{s} s", "{s} 秒"),
    ("{user} from {host}", "来自 {host} 的 {user}"),
    ("{user} on {line}", "{line} 上的 {user}"),
];

/// Reasons and states that can be a value in a template.
const WHY: &[(&str, &str)] = &[
    ("not in the kernel's form", "不是内核的格式"),
    ("another file system is mounted over it", "其上挂载了另一文件系统"),
    ("too long", "过长"),
    ("too many entries", "条目过多"),
    ("not a file", "不是文件"),
    ("not a folder", "不是文件夹"),
    ("entity not found", "不存在"),
    ("permission denied", "没有权限"),
    ("up", "已启用"),
    ("with carrier", "有载波"),
    ("operational", "运行中"),
];

/// The sentences of the offline station's `posture`; a test compares them.
const TEXTS: &[(&str, &str)] = &[
    ("cannot be determined: no clock", "无法判断：没有时钟"),
    ("{clock}: this clock was never set", "{clock}：此时钟未经设置"),
    ("{clock}; no parameters to compare with", "{clock}；没有可比较的参数"),
    ("{clock}; told: {told}", "{clock}；人工给出：{told}"),
    (
        "{clock}; the parameters live from {fetched} to {expiry}",
        "{clock}；参数的有效期从 {fetched} 到 {expiry}",
    ),
    (
        "{clock}, and a person says {told}: {left} left until {expiry}",
        "{clock}，而人工给出 {told}：距 {expiry} 还剩 {left:#}",
    ),
    ("{clock}: {left} left until {expiry}", "{clock}：距 {expiry} 还剩 {left:#}"),
    ("this process can be dumped", "本进程可被转储"),
    (
        "cannot be determined: the kernel does not say whether this process can be dumped",
        "无法判断：内核未说明本进程是否可被转储",
    ),
    ("dumps are piped to {program}", "转储会交给 {program}"),
    ("the limit is {soft}, at most {hard}", "限制为 {soft}，上限 {hard}"),
    (
        "limit 0, not dumpable; pattern {pattern:?}, suid_dumpable {suid}",
        "限制为 0，不可转储；模式 {pattern:?}，suid_dumpable {suid}",
    ),
    ("only {bits} of 256 bits", "只有 {bits}/256 位"),
    (
        "{bits} bits; no hardware source but {source}, and perhaps a virtual machine",
        "{bits} 位；除 {source} 外没有硬件来源，且可能是虚拟机",
    ),
    ("{bits} bits; hardware source {source}", "{bits} 位；硬件来源 {source}"),
    ("cannot be determined: {path}: {why}", "无法判断：{path}：{why}"),
    ("the kernel has no lockdown, or securityfs is not mounted", "内核没有 lockdown，或未挂载 securityfs"),
    ("none", "未启用"),
    ("not booted by EFI, or its variables are not mounted", "不是由 EFI 启动，或未挂载其变量"),
    ("on", "已启用"),
    ("off", "未启用"),
    ("cannot be determined: {name} is not the kernel's file system", "无法判断：{name} 不是内核的文件系统"),
    (
        "a {word} namespace of its own, as containers have; the machine's network cannot be seen",
        "处于自己的 {word} 命名空间（如容器）；看不到本机的网络",
    ),
    (
        "a network namespace of its own; the machine's network cannot be seen",
        "处于自己的网络命名空间；看不到本机的网络",
    ),
    ("another network namespace (process {process}): {open}", "另一网络命名空间（进程 {process}）：{open}"),
    (
        "a network namespace is kept at {place}, and cannot be looked into",
        "{place} 处保留了一个网络命名空间，无法查看其内容",
    ),
    ("only lo; no address, no route", "只有 lo；没有地址，没有路由"),
    (
        "nothing up, no address, no route; there but down: {down}",
        "没有启用的接口、地址或路由；存在但未启用：{down}",
    ),
    ("network hardware without a driver: {names}", "没有驱动程序的网络硬件：{names}"),
    ("cannot be determined: open descriptors", "无法判断：已打开的描述符"),
    ("/sys shows the interfaces of another network", "/sys 显示的是另一网络的接口"),
    ("no folder was named (--out)", "没有指定文件夹（--out）"),
    ("{shown} belongs to user {owner}", "{shown} 属于用户 {owner}"),
    ("{shown} is read-only ({kind}): nothing can be written there", "{shown} 为只读（{kind}）：无法写入"),
    ("others can write into {shown} (mode {mode:04o})", "他人可写入 {shown}（模式 {mode:04o}）"),
    (
        "others can read {shown} (mode {mode:04o}, {kind}), and a key goes there",
        "他人可读取 {shown}（模式 {mode:04o}，{kind}），而密钥将写在那里",
    ),
    (
        "others can read {shown} (mode {mode:04o}); the files written there are not secret",
        "他人可读取 {shown}（模式 {mode:04o}）；写在那里的内容并非机密",
    ),
    ("{shown} is its owner's alone (mode {mode:04o})", "{shown} 仅所有者可用（模式 {mode:04o}）"),
    ("in memory ({kind})", "内存中（{kind}）"),
    ("on another machine ({kind})", "在另一台机器上（{kind}）"),
    ("on a removable medium ({kind})", "可移动介质（{kind}）"),
    ("on a disk that stays ({kind})", "固定磁盘（{kind}）"),
    ("on {kind}, and nothing says whether it is removable", "在 {kind} 上，无法判断其是否固定"),
    ("system calls and folders (Landlock ABI {abi})", "系统调用与目录（Landlock ABI {abi}）"),
    ("secret pages", "机密内存页"),
    (
        "locked pages; `secretmem.enable=1` on the kernel's command line may give secret pages",
        "锁定的内存页；在内核命令行加上 `secretmem.enable=1` 或可获得机密内存页",
    ),
    ("pages that could be written to swap", "可能被写入交换空间的内存页"),
    ("cannot be determined: /proc/self/exe: {why}", "无法判断：/proc/self/exe：{why}"),
    ("{found}, the plan says {planned}", "{found}，而计划写的是 {planned}"),
    ("can send: {open}", "可以发射：{open}"),
    ("none", "无"),
    ("blocked: {blocked}", "已屏蔽：{blocked}"),
    ("{total} KiB in use: {areas}", "已启用 {total} KiB：{areas}"),
    ("the kernel cannot", "内核不支持"),
    ("switched off", "已禁用"),
    ("set up: {device}", "已配置：{device}"),
    ("the kernel could, but has no device to wake up from", "内核支持，但没有配置唤醒设备"),
    ("process {pid} ({name}) traces this one", "进程 {pid}（{name}）正在跟踪本进程"),
    (
        "the kernel has no Yama; this process is not dumpable, so only root can attach",
        "内核没有 Yama；本进程不可转储，因此只有 root 能附加",
    ),
    ("0: processes of one user may trace each other", "0：同一用户的进程可互相跟踪"),
    ("{other}: no known value", "{other}：未知的值"),
    (
        "the kernel's console is also {lines}: nobody can say who is at its other end",
        "内核控制台还连接到 {lines}：无法判断另一端是谁",
    ),
    ("also here: {who}", "另有：{who}"),
    ("user {own} alone", "只有用户 {own}"),
    ("one person, several times: {who}", "同一人多次登录：{who}"),
    ("a virtual machine: {name}", "虚拟机：{name}"),
    ("a virtual machine: the processor says hypervisor", "虚拟机：处理器报告 hypervisor"),
    ("no hypervisor; {name}", "没有虚拟机监控器；{name}"),
    ("cannot be determined: the processor lists no x86 flags", "无法判断：处理器未列出 x86 标志"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_into_the_chinese_sentence() {
        for (seen, expected) in [
            ("only lo; no address, no route", "只有 lo；没有地址，没有路由"),
            ("on a disk that stays (ext4)", "固定磁盘（ext4）"),
            (
                "others can read medium (mode 0755); the files written there are not secret",
                "他人可读取 medium（模式 0755）；写在那里的内容并非机密",
            ),
            (
                "a network namespace of its own; the machine's network cannot be seen; /sys shows the interfaces of a",
                "处于自己的网络命名空间；看不到本机的网络；/sys 显示的是另一网络的接口…",
            ),
            (
                "cannot be determined: /proc/swaps: not in the kernel's form",
                "无法判断：/proc/swaps：不是内核的格式",
            ),
            (
                "cannot be told: /proc/swaps: not in the kernel's form",
                "无法判断：/proc/swaps：不是内核的格式",
            ),
            (
                "others can read medium (mode 0755); what goes there is no secret",
                "他人可读取 medium（模式 0755）；写在那里的内容并非机密",
            ),
            (
                "also here: ada from 10.0.0.5, processes of user 1001",
                "另有：来自 10.0.0.5 的 ada、用户 1001 的进程",
            ),
            ("eth0 up, with carrier, address 10.0.0.1", "eth0 已启用、有载波、地址 10.0.0.1"),
            (
                "2026-11-30T08:00:00Z: 1 h 12 m left until 2026-11-30T09:12:00Z",
                "2026-11-30T08:00:00Z：距 2026-11-30T09:12:00Z 还剩 1 小时 12 分",
            ),
            ("74381f2547bcc4c7601d2da9be8d5e62", "74381f2547bcc4c7601d2da9be8d5e62"),
            (
                "eth0 up, 10.0.0.1; only lo; no address, no route",
                "eth0 已启用、10.0.0.1；只有 lo；没有地址，没有路由",
            ),
            ("", ""),
        ] {
            assert_eq!(said(seen, Lang::Zh), expected);
            assert_eq!(said(seen, Lang::En), seen);
        }
    }

    /// A sentence of the offline station that is missing here would stay in English.
    #[test]
    fn every_sentence_of_the_offline_station_is_here() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../offline/src/posture");
        let mut found = 0;
        for file in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            // Hints, the table on the screen and refusals are not in the record.
            if !name.ends_with(".rs")
                || ["mend.rs", "posture_table.rs", "demand.rs", "tests.rs"].contains(&name.as_str())
            {
                continue;
            }
            for call in std::fs::read_to_string(&file).unwrap().split("bi!(").skip(1) {
                let mut texts = call.split('"').skip(1).step_by(2);
                let (en, zh) = (texts.next().unwrap(), texts.next().unwrap());
                let value_alone = en.starts_with('{') && en.find('}') == Some(en.len() - 1);
                let known = [TEXTS, ITEMS, WHY].iter().any(|table| table.contains(&(en, zh)));
                assert!(value_alone || known, "{name}: {en:?}, {zh:?}");
                found += 1;
            }
        }
        assert!(found > 60, "{found}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_or_gets_lost(seen in "[a-z;: (){}]{0,60}") {
            let zh = said(&seen, Lang::Zh);
            proptest::prop_assert_eq!(zh.is_empty(), seen.is_empty());
        }
    }
}
