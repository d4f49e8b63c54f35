//! Placeholders for text that differs between runs. Those in tables are as wide as the text that they replace:
//!
//! | placeholder | stands for |
//! |---|---|
//! | `YYYY-MM-DDThh:mm:ssZ` | today's time; a time that the case itself sets stays |
//! | `####`, in groups or as 64 characters | a digest in hexadecimal |
//! | `7 word`, `7 字` | a word of a digest, by its number |
//! | `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` | an id that the service chose |
//! | `word word` | the name of a set of shares; `word`: a typed word of a share |
//! | `######` | a check value of random material |
//! | `N` | minutes or seconds that a run took or that remain |
//! | `token.so (N bytes)` | the length of a module that this machine compiled |
//! | `127.0.0.1:PORT`, `FOLDER` | the emulator, and the folder of the case |
//! | `MACHINE`, `BUILD` | everything about this machine up to the next empty line, and about this build |

use keyferry_core::Timestamp;

use crate::support::now;

/// The text with placeholders.
pub(super) fn masked(text: &str, folder: &str) -> String {
    let text = if folder.is_empty() { text.to_owned() } else { text.replace(folder, "FOLDER") };
    let lines: Vec<String> = without_machine(&text).iter().map(|text| line(text)).collect();
    lines.join("\n")
}

/// Rows whose value depends on this machine or this build.
const ROWS: [(&str, &str); 14] = [
    ("posture", "MACHINE"),
    ("机器状态", "MACHINE"),
    ("memory", "MACHINE"),
    ("内存", "MACHINE"),
    ("compiler", "BUILD"),
    ("编译器", "BUILD"),
    ("target", "BUILD"),
    ("目标平台", "BUILD"),
    ("flags", "BUILD"),
    ("编译选项", "BUILD"),
    ("revision", "BUILD"),
    ("源码版本", "BUILD"),
    ("set", "word word"),
    ("分片组", "word word"),
];

/// Lines that only some machines have.
const ADVICE: [&str; 3] = ["  To lock all memory", "  如需锁定全部内存", "  `ulimit -l"];

/// The lines of the text, without those about the machine: they follow the machine's row, up to an empty line or
/// an error.
fn without_machine(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut skipping = false;
    for line in text.split('\n') {
        skipping &= !line.is_empty() && !line.starts_with("error [") && !line.starts_with("错误 [");
        if skipping || ADVICE.iter().any(|advice| line.starts_with(advice)) {
            continue;
        }
        let found = ROWS.iter().find_map(|(label, value)| Some((row(line, label)?, *value)));
        skipping = found.is_some_and(|(lead, _)| lead.contains("posture") || lead.contains("机器状态"));
        lines.push(found.map_or_else(|| line.to_owned(), |(lead, value)| format!("{lead}{value}")));
    }
    lines
}

/// The text before the value in a row with this label.
fn row<'l>(line: &'l str, label: &str) -> Option<&'l str> {
    let value = line.strip_prefix("  ")?.strip_prefix(label)?;
    let gap = value.len() - value.trim_start_matches(' ').len();
    (gap > 0).then(|| &line[..line.len() - value.len() + gap])
}

/// Replaces the length of a module that was compiled here.
fn compiled(line: &str) -> String {
    const NAME: &str = "token.so (";
    let length = line.split_once(NAME).and_then(|(_, rest)| rest.split_once(' ')).map(|(length, _)| length);
    length.map_or_else(
        || line.to_owned(),
        |length| line.replacen(&format!("{NAME}{length}"), &format!("{NAME}N"), 1),
    )
}

fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // This comes first, because a word of a digest can be a unit: 4 秒.
    let text = words(text);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        // No masked text begins in the middle of a word.
        let inside = out.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let found = if inside { None } else { MASKS.iter().find_map(|mask| mask(rest)) };
        match found {
            Some((length, placeholder)) => {
                out += &placeholder;
                rest = &rest[length..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    refused_machine(&typed(&compiled(&out)))
}

/// The finding about a refused machine, in brackets after the name of the check.
fn refused_machine(text: &str) -> String {
    let inside = |open, close| {
        let (before, rest) = text.split_once(open)?;
        let (_, after) = rest.rsplit_once(close)?;
        Some(format!("{before}{open}MACHINE{close}{after}"))
    };
    let found = if text.contains("[KF-POST-02]") {
        inside(" (", "); ").or_else(|| inside("（", "）；"))
    } else {
        None
    };
    found.unwrap_or_else(|| text.to_owned())
}

/// The number of varying bytes at the text's beginning, and their placeholder.
type Mask = fn(&str) -> Option<(usize, String)>;

const MASKS: [Mask; 11] = [time, date, digest, groups, check_value, ssh_key, id, port, span, seconds, set];

fn time(text: &str) -> Option<(usize, String)> {
    let time: Timestamp = text.get(..20)?.parse().ok()?;
    let today = now().seconds_until(time).abs() < 3 * 86_400;
    today.then(|| (20, "YYYY-MM-DDThh:mm:ssZ".to_owned()))
}

fn date(text: &str) -> Option<(usize, String)> {
    let day = text.get(..10)?;
    time(&format!("{day}T12:00:00Z")).map(|_| (10, "YYYY-MM-DD".to_owned()))
}

fn digest(text: &str) -> Option<(usize, String)> {
    let end = text.bytes().take_while(|b| is_hex(*b)).count();
    (end == 64).then(|| (64, "#".repeat(64)))
}

/// At least five groups of four digits: a digest or one of its lines. Four and an ellipsis: its beginning.
fn groups(text: &str) -> Option<(usize, String)> {
    let is_group = |group: &str| group.len() == 4 && group.bytes().all(is_hex);
    let count = text.split(' ').take_while(|group| is_group(group)).count();
    // The last group may be followed by punctuation.
    let last = text.split(' ').nth(count).and_then(|group| group.get(..4)).is_some_and(is_group);
    let count = count + usize::from(last);
    let begins = text.split(' ').nth(count).is_some_and(|next| next.starts_with('…'));
    (count >= 5 || begins && count == 4).then(|| (count * 5 - 1, vec!["####"; count].join(" ")))
}

/// An id, unless the case itself sets it.
fn id(text: &str) -> Option<(usize, String)> {
    let id = text.get(..36)?;
    let shape = |(n, b): (usize, u8)| if matches!(n, 8 | 13 | 18 | 23) { b == b'-' } else { is_hex(b) };
    let own = id.starts_with("23e80852-1e38-11e9-b129-");
    (id.bytes().enumerate().all(shape) && !own)
        .then(|| (36, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx".to_owned()))
}

fn port(text: &str) -> Option<(usize, String)> {
    let digits = text.strip_prefix("127.0.0.1:")?.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 1).then(|| ("127.0.0.1:".len() + digits, "127.0.0.1:PORT".to_owned()))
}

fn check_value(text: &str) -> Option<(usize, String)> {
    let behind = text.get(6..)?;
    let shown = behind.starts_with(" (AES)") || behind.starts_with(" (SM4)");
    (shown && text.bytes().take(6).all(is_hex)).then(|| (6, "######".to_owned()))
}

/// What OpenSSH prints about a key that was made for the case.
fn ssh_key(text: &str) -> Option<(usize, String)> {
    let digest = text
        .strip_prefix("SHA256:")?
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        .count();
    (digest == 43).then(|| (50, format!("SHA256:{}", "#".repeat(43))))
}

/// A duration, to the minute or second.
fn span(text: &str) -> Option<(usize, String)> {
    let units = [(" h ", " m"), (" m ", " s"), (" 小时 ", " 分"), (" 分 ", " 秒")];
    units.into_iter().find_map(|(first, second)| {
        let rest = after_number(text)?.strip_prefix(first)?;
        let rest = after_number(rest)?.strip_prefix(second)?;
        Some((text.len() - rest.len(), format!("N{first}N{second}")))
    })
}

/// A difference between clocks, or how long a command has run.
fn seconds(text: &str) -> Option<(usize, String)> {
    let (sign, number) =
        text.strip_prefix('+').or(text.strip_prefix('-')).map_or(("", text), |rest| ("+", rest));
    let rest = after_number(number)?;
    let unit = [" s", " 秒"].into_iter().find(|unit| rest.starts_with(unit))?;
    let over = rest[unit.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric() || !c.is_ascii());
    over.then(|| (text.len() - rest.len() + unit.len(), format!("{sign}N{unit}")))
}

fn after_number(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| &text[digits..])
}

/// The two words that name a set of shares.
fn set(text: &str) -> Option<(usize, String)> {
    let (inside, _) = text.strip_prefix('"')?.split_once('"')?;
    let (one, two) = inside.split_once(' ')?;
    (is_word(one) && is_word(two)).then(|| (inside.len() + 2, "\"word word\"".to_owned()))
}

const fn is_hex(b: u8) -> bool {
    b.is_ascii_digit() || matches!(b, b'a'..=b'f')
}

/// A typed word of a share, except the word that is not in the list.
fn typed(text: &str) -> String {
    let (before, word) = text.rsplit_once(' ').unwrap_or_default();
    let asked = before.ends_with(" of 20:") || before.ends_with("共 20 个：");
    if asked && is_word(word) && word != "acadmic" { format!("{before} word") } else { text.to_owned() }
}

/// In a line of words whose numbers rise by the same step, as in a digest or a share, the words get placeholders.
fn words(text: &str) -> String {
    let numbers: Vec<(usize, u8)> = cells(text);
    let rises = |cells: &[(usize, u8)]| {
        let (one, two) = (cells[1].1.checked_sub(cells[0].1), cells[2].1.checked_sub(cells[1].1));
        one == two && one.is_some_and(|step| step > 0)
    };
    if !numbers.windows(3).any(rises) {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = 0;
    for (at, _) in numbers {
        out += &text[rest..at];
        let word = text[at..].split(' ').next().unwrap_or_default();
        // The text after a word keeps its column, however long the word is.
        let gap = text[at + word.len()..].bytes().take_while(|b| *b == b' ').count();
        let placeholder = if word.is_ascii() { "word" } else { "字" };
        let wide = if word.is_ascii() { word.len() + gap } else { 1 + gap };
        out += &format!("{placeholder:<wide$}");
        rest = at + word.len() + gap;
    }
    (out + &text[rest..]).trim_end().to_owned()
}

/// Where each numbered word is, and its number.
fn cells(text: &str) -> Vec<(usize, u8)> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut number = None;
    for piece in text.split_inclusive(' ') {
        let word = piece.trim_end();
        match number {
            Some(n) if is_word(word) => found.push((at, n)),
            _ => {}
        }
        number = word.parse().ok().filter(|n| (1..=33).contains(n));
        at += piece.len();
    }
    found
}

fn is_word(text: &str) -> bool {
    let english = (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase());
    english || (text.chars().count() == 1 && !text.is_ascii())
}

#[test]
fn only_what_varies_has_a_placeholder() {
    let own = "23e80852-1e38-11e9-b129-5cb9019b4b01 until 2026-01-02T03:04:05Z, 30 words, 1 a key 2 b";
    assert_eq!(masked(own, ""), own);
    for (text, placeholder) in [
        (now().to_string(), "YYYY-MM-DDThh:mm:ssZ"),
        ("ab".repeat(32), &*"#".repeat(64)),
        ("  0123 4567 89ab cdef 0123. So".to_owned(), "  #### #### #### #### ####. So"),
        ("5d2e4b8e-0000-4000-8000-5cb9019b4b01,".to_owned(), "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx,"),
        ("http://127.0.0.1:4711".to_owned(), "http://127.0.0.1:PORT"),
        ("/tmp/x/medium".to_owned(), "FOLDER/medium"),
        (
            "  1 abandon   2 zoo       3 ability   1 的  2 一".to_owned(),
            "  1 word      2 word      3 word      1 字  2 字",
        ),
        ("  1 zoo       2 abandon   3 zoo".to_owned(), "  1 word      2 word      3 word"),
    ] {
        assert_eq!(masked(&text, "/tmp/x"), placeholder);
    }
}
