//! The text that accompanies the words of a share, and the whole share as a text file or (`share_page`) as a page.

use core::fmt::Write as _;

use keyferry_core::transcript::Shared;
use keyferry_core::{Bilingual, Lang, bi};
use keyferry_slip39::Share;
use keyferry_transport::show::terminal;
use zeroize::Zeroizing;

use super::{Label, number, programs};

mod share_page;

pub(super) use share_page::html;

/// Capacity for a whole sheet, so that the text is never reallocated.
pub(super) const ROOM: usize = 64 * 1024;
/// Maximum number of bytes in the text of a share.
pub(super) const MOST_TEXT: u64 = 8 * 1024;
/// Maximum number of bytes in the page of a share.
pub(super) const MOST_HTML: u64 = ROOM as u64;
/// Number of words on a line.
const COLUMNS: usize = 4;
/// The width of such a line: each word takes three columns for its number, eight for the word, and the spaces
/// between.
pub(super) const WIDTH: usize = COLUMNS * 16 - 2;
/// The column at which a value begins.
pub(super) const VALUE_AT: usize = 15;
/// Maximum number of keys that a sheet names.
const MOST_KEYS: usize = 6;

/// A name and its value.
pub(super) type Row = (Bilingual, Bilingual);

/// The text of a file: the head, the numbered words, the instructions, and the blanks that people fill in by
/// hand.
pub(super) fn text(share: &Share, label: &Label<'_>, lang: Lang) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(ROOM));
    let _ = writeln!(out, "{}\n", title(number(share), label).get(lang));
    for (name, value) in head(number(share), label).into_iter().chain(more(label)) {
        let _ = writeln!(out, "{}{}", named(name.get(lang)), value.get(lang));
    }
    let _ = writeln!(out);
    table(&share.words(), &mut out);
    let _ = writeln!(out);
    for (text, command) in instructions(label) {
        let _ = writeln!(out, "  {}{command}", text.get(lang));
    }
    for blank in blanks(label) {
        let _ = writeln!(out, "\n  {} ______________________________", blank.get(lang));
    }
    out
}

/// The name of a value, padded to where the value begins.
pub(super) fn named(name: &str) -> String {
    format!("  {name}{:pad$} ", "", pad = (VALUE_AT - 3).saturating_sub(terminal::width(name)))
}

/// The words with their numbers, which run down each column.
pub(super) fn table(words: &str, out: &mut String) {
    let rows = words.split_whitespace().count().div_ceil(COLUMNS);
    for row in 0..rows {
        for (n, word) in words.split_whitespace().enumerate().filter(|(n, _)| n % rows == row) {
            let _ = write!(out, "  {:>3} {word:<10}", n + 1);
        }
        let _ = writeln!(out);
    }
}

pub(super) fn title(number: u8, label: &Label<'_>) -> Bilingual {
    let of = label.shares;
    bi!("keyferry: share {number} of {of}", "keyferry：分片 {number}（共 {of} 个）")
}

fn plain(text: String) -> Bilingual {
    Bilingual { en: text.clone(), zh: text }
}

/// The rows that identify the share for its custodian and in a later ceremony.
pub(super) fn head(number: u8, label: &Label<'_>) -> Vec<Row> {
    let (ceremony, threshold, of) = (label.plan.ceremony(), label.threshold, label.shares);
    let Bilingual { en, zh } = label.plan.purpose().title();
    let purpose = Bilingual { en: format!("{ceremony} ({en})"), zh: format!("{ceremony}（{zh}）") };
    let keys = label.plan.keys().len();
    let gives = match label.gives {
        Shared::Material => {
            let alias = label.plan.keys().first().map_or("", |key| key.alias.as_str());
            bi!("the material of key {alias}: paper alone is enough", "密钥 {alias} 的材料：仅凭纸张即可恢复")
        }
        Shared::EscrowKey => bi!(
            "the escrow key of {keys} keys: escrow.json is needed too",
            "{keys} 个密钥的托管密钥：还需要 escrow.json"
        ),
    };
    let mut rows = vec![(bi!("ceremony", "仪式"), purpose)];
    if let Some(name) = label.custodian(number) {
        rows.push((bi!("custodian", "保管人"), plain(name.to_string())));
    }
    let made: String = label.made.to_string().chars().take("2026-11-30".len()).collect();
    rows.extend([
        (bi!("made on", "制作日期"), plain(made)),
        (bi!("set", "分片组"), plain(label.set.to_string())),
        (
            bi!("needed", "恢复所需"),
            bi!(
                "any {threshold} of the {of} shares; type exactly {threshold}",
                "{of} 个分片中的任意 {threshold} 个；恰好键入 {threshold} 个"
            ),
        ),
        (bi!("gives", "恢复内容"), gives),
    ]);
    rows.extend(label.kcv.map(|kcv| (bi!("KCV", "KCV"), plain(kcv.to_string()))));
    rows
}

/// Rows that nobody has to copy by hand, because the record has them as well.
pub(super) fn more(label: &Label<'_>) -> Vec<Row> {
    let keys = label.plan.keys();
    let named: Vec<&str> = keys.iter().take(MOST_KEYS).map(|key| key.alias.as_str()).collect();
    let (named, more) = (Bilingual::list(named), keys.len().saturating_sub(MOST_KEYS));
    let aliases = if more == 0 {
        named
    } else {
        let Bilingual { en, zh } = named;
        bi!("{en}, and {more} more in the record", "{zh}，另有 {more} 个见仪式记录")
    };
    vec![
        (bi!("keys", "密钥"), aliases),
        (bi!("commitment", "承诺"), plain(grouped(&label.commitment.to_string()))),
    ]
}

/// Digits in groups of four, for people to compare.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 5 / 4);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A sentence, and the command with which it ends, if there is one.
pub(super) type Instruction = (Bilingual, &'static str);

pub(super) fn instructions(label: &Label<'_>) -> Vec<Instruction> {
    let threshold = label.threshold;
    let sealed = bi!(
        "Keep this sheet sealed and away from the other shares. Do not show it to anybody; type it only on an isolated machine.",
        "请将本页封存，与其他分片分开保管。不得示人；只能在隔离的机器上键入。"
    );
    let drill = bi!("To prove that it is right: ", "验证本分片：");
    let recover = bi!(
        "To recover the key with exactly {threshold} shares, no more: ",
        "用恰好 {threshold} 个分片（不可多）恢复密钥："
    );
    let standard = bi!(
        "The words are SLIP-39, without a passphrase. keyferry takes the first four letters of each word; other programs need whole words and \
         exactly {threshold} shares.",
        "词语遵循 SLIP-39，无口令。keyferry 只需每个词的前四个字母；其他程序需要完整的词，以及恰好 {threshold} 个分片。"
    );
    let Bilingual { en, zh } = programs::tested();
    let others = match label.gives {
        Shared::Material => {
            bi!(
                "Tested programs that also recover the material: {en}.",
                "经测试，以下程序也能恢复密钥材料：{zh}。"
            )
        }
        Shared::EscrowKey => bi!(
            "Tested programs that also recover the escrow key, which opens escrow.json: {en}.",
            "经测试，以下程序也能恢复打开 escrow.json 的托管密钥：{zh}。"
        ),
    };
    vec![
        (sealed, ""),
        (drill, "keyferry-offline drill --share --transcript transcript.jsonl"),
        (recover, "keyferry-offline rewrap --help"),
        (standard, ""),
        (others, ""),
    ]
}

/// The blanks that people fill in by hand once the values are known.
pub(super) fn blanks(label: &Label<'_>) -> Vec<Bilingual> {
    let record = bi!("The record (transcript.jsonl) is kept at:", "仪式记录（transcript.jsonl）存放于：");
    match label.gives {
        Shared::Material => vec![record],
        Shared::EscrowKey => vec![record, bi!("escrow.json is kept at:", "escrow.json 存放于：")],
    }
}
