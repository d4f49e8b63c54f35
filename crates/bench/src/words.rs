//! The names of groups, cases and left-out parts in two languages, and the format of numbers.

use keyferry_core::{Bilingual, Timestamp, bi};

use super::figures::{Case, LeftOut, Missing};
use super::machine::Machine;
use super::statistics::Estimate;

/// The padding that a wrap group's id names, and whether the key is fresh.
pub(super) fn wrap_group(id: &str) -> Option<(&str, bool)> {
    let (padding, key) = id.strip_prefix("wrap/")?.split_once('/')?;
    Some((padding, key == "fresh-key"))
}

/// The description of what a group measures.
pub(super) fn group(id: &str) -> Bilingual {
    match (wrap_group(id), id) {
        (Some((padding, true)), _) => bi!("wrap, {padding}, fresh key", "包装，{padding}，新公钥"),
        (Some((padding, false)), _) => bi!("wrap, {padding}, same key", "包装，{padding}，同一公钥"),
        (None, "steps") => bi!("the other steps, one key", "其余步骤，一个密钥"),
        (None, "process/disk") => {
            bi!("whole processes, one key, on disk", "整个进程，一个密钥，写入磁盘")
        }
        (None, "process/memory") => {
            bi!("whole processes, one key, in memory", "整个进程，一个密钥，写入内存")
        }
        (None, "batch") => bi!("batch, a key", "批量，每个密钥"),
        (None, other) => bi!("{other}", "{other}"),
    }
}

/// The name of a case: a contender or a step. A name that this version does not know is used unchanged.
pub(super) fn case(name: &str) -> Bilingual {
    match name {
        "keyferry-confirmed" => bi!("keyferry, confirmed", "keyferry（经复核）"),
        "keyferry-offline" => bi!("keyferry-offline wrap", "keyferry-offline wrap"),
        "openssl-commands" => bi!("four openssl commands", "四条 openssl 命令"),
        "self-test" => bi!("start-up self-test", "启动自检"),
        "plan-parse" => bi!("plan: parse", "计划：解析"),
        "parameters-parse" => bi!("parameters: parse", "参数：解析"),
        "wrapping-key-parse" => bi!("wrapping key: parse", "包装公钥：解析"),
        "parameters-check" => bi!("parameters: check", "参数：检查"),
        "parameters-write" => bi!("parameters: write", "参数：写出"),
        "material-generate" => bi!("material: generate", "密钥材料：生成"),
        "kcv-aes" => bi!("KCV, AES", "校验值（AES）"),
        "kcv-sm4" => bi!("KCV, SM4", "校验值（SM4）"),
        "commitment" => bi!("commitment", "承诺值"),
        "ciphertext-write" => bi!("ciphertext: write", "密文：写出"),
        "ciphertext-parse" => bi!("ciphertext: parse", "密文：解析"),
        "record-append" => bi!("record: append a line", "记录：追加一行"),
        "record-verify-100" => bi!("record: verify 100 lines", "记录：验证 100 行"),
        other => bi!("{other}", "{other}"),
    }
}

/// A contender with its version.
pub(super) fn title(case_: &Case) -> Bilingual {
    let mut name = case(case_.name.as_str());
    if let Some(version) = &case_.version {
        for text in [&mut name.en, &mut name.zh] {
            text.push(' ');
            text.push_str(version.as_str());
        }
    }
    name
}

/// Why something is missing.
pub(super) fn missing(what: Missing) -> Bilingual {
    match what {
        Missing::PeersInC => bi!(
            "aws-lc-rs and openssl: this build has no peers in C (--features peers)",
            "aws-lc-rs 与 openssl：本构建不含 C 实现（--features peers）"
        ),
        Missing::Station => bi!(
            "whole processes: keyferry-offline is not next to this program",
            "整个进程：本程序旁没有 keyferry-offline"
        ),
        Missing::Openssl => {
            bi!("whole processes: openssl is not on PATH", "整个进程：PATH 中没有 openssl")
        }
        Missing::ProcessFailed => {
            bi!("whole processes: a command failed here", "整个进程：有命令在本机运行失败")
        }
        Missing::Memory => {
            bi!("memory: the system does not report how much is resident", "内存：系统未提供常驻内存数据")
        }
    }
}

/// Why a number of keys was left out.
pub(super) fn left_out(why: LeftOut) -> Bilingual {
    match why {
        LeftOut::Quick => bi!("left out by --quick", "--quick 未测量"),
        LeftOut::TooLong => bi!("left out: more than five minutes", "未测量：需时超过五分钟"),
        LeftOut::NoRoom => bi!("left out: no room for the files", "未测量：没有足够空间存放文件"),
        LeftOut::Failed => bi!("left out: a run failed", "未测量：运行失败"),
    }
}

/// The machine in one line.
pub(super) fn machine(m: &Machine) -> Bilingual {
    let (cpu, cores) = (m.cpu.as_str(), m.cores);
    let memory = |comma| m.memory_bytes.map_or_else(String::new, |b| format!("{comma}{}", bytes(b)));
    let (memory_en, memory_zh) = (memory(", "), memory("，"));
    let (virt_en, virt_zh) = if m.virtual_machine { (", virtual", "，虚拟机") } else { ("", "") };
    bi!("{cpu}, {cores} processors{memory_en}{virt_en}", "{cpu}，{cores} 个处理器{memory_zh}{virt_zh}")
}

/// A date and time to the minute, such as `2026-11-23 10:02 UTC`, in which no line break is possible.
pub(super) fn date(at: Timestamp) -> String {
    let text = at.to_string();
    let minutes = text.get(..16).unwrap_or(&text);
    unbroken(&format!("{} UTC", minutes.replace('T', " "))).replace(' ', "\u{a0}")
}

/// With non-breaking hyphens.
pub(super) fn unbroken(text: &str) -> String {
    text.replace('-', "\u{2011}")
}

/// Four significant digits, thousands grouped; at most four decimals.
pub(super) fn number(x: f64) -> String {
    let decimals = match x.abs() {
        x if x >= 999.95 => return grouped(x),
        x if x >= 99.995 => 1,
        x if x >= 9.9995 => 2,
        x if x >= 0.1 => 3,
        _ => 4,
    };
    format!("{x:.decimals$}")
}

/// A ratio: three significant digits.
pub(super) fn ratio(x: f64) -> String {
    match x.abs() {
        x if x >= 999.5 => grouped(x),
        x if x >= 99.95 => format!("{x:.0}"),
        x if x >= 9.995 => format!("{x:.1}"),
        x => format!("{x:.2}"),
    }
}

/// The ends of an interval, both formatted by `write`.
pub(super) fn interval(e: &Estimate, write: fn(f64) -> String) -> String {
    format!("{} – {}", write(e.low()), write(e.high()))
}

/// A whole number with its thousands separated.
pub(super) fn grouped(x: f64) -> String {
    let digits = format!("{:.0}", x.abs());
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A round number on a scale.
pub(super) fn axis(x: f64) -> String {
    if x >= 1000.0 {
        return grouped(x);
    }
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Bytes in the binary unit that suits them.
#[allow(clippy::cast_precision_loss)] // Three digits are shown.
pub(super) fn bytes(n: u64) -> String {
    let n = n as f64;
    match n {
        n if n >= 1e9 => format!("{} GiB", ratio(n / f64::from(1 << 30))),
        n if n >= 1e6 => format!("{} MiB", ratio(n / f64::from(1 << 20))),
        n => format!("{} KiB", ratio(n / 1024.0)),
    }
}

/// Nanoseconds in the unit that suits them.
pub(super) fn duration(ns: f64) -> String {
    match ns {
        ns if ns >= 1e9 => format!("{} s", ratio(ns / 1e9)),
        ns if ns >= 1e6 => format!("{} ms", ratio(ns / 1e6)),
        ns if ns >= 1e3 => format!("{} µs", ratio(ns / 1e3)),
        ns => format!("{} ns", ratio(ns)),
    }
}

/// Columns on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// Whether a character is East Asian Wide or Fullwidth; covers only characters that this program writes.
const fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        for (x, text) in [
            (0.01234, "0.0123"),
            (0.4, "0.400"),
            (3.1249, "3.125"),
            (35.118, "35.12"),
            (108.34, "108.3"),
            (999.96, "1,000"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(number(x), text);
        }
        assert_eq!(
            [ratio(0.554), ratio(9.999), ratio(12.34), ratio(1234.0)],
            ["0.55", "10.0", "12.3", "1,234"]
        );
        assert_eq!([duration(950.0), duration(35_100.0), duration(2.5e9)], ["950 ns", "35.1 µs", "2.50 s"]);
        assert_eq!(bytes(24_000_000_000), "22.4 GiB");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!((width("µs × –"), width("密钥（一）")), (6, 10));
    }
}
