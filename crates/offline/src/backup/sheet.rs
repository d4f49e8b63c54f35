//! One share as people get it: a text of one form for screen and file, and a page to print that needs nothing but itself.
//!
//! The page has the words as a symbol too, for a scanner that types them back.

use core::fmt::Write as _;

use keyferry_core::transcript::Shared;
use keyferry_core::{Bilingual, Lang, Purpose, bi};
use keyferry_slip39::Share;
use keyferry_transport::frame::Level;
use keyferry_transport::show::{Symbol, Version, svg};
use zeroize::Zeroizing;

use super::{Label, digits, number};

/// Room for a whole sheet, so that it never moves.
const ROOM: usize = 64 * 1024;
/// Most bytes of the text of a share.
pub(super) const MOST_TEXT: u64 = 4 * 1024;
/// Most bytes of its page.
pub(super) const MOST_HTML: u64 = 32 * 1024;
/// Words side by side.
const COLUMNS: usize = 4;

/// The text of a file: head, words with their numbers, what to do.
pub(super) fn text(share: &Share, label: &Label<'_>, lang: Lang) -> Zeroizing<String> {
    lines(share, label, lang, &instructions(label))
}

/// The text of a screen. It is to be copied, and fits into 24 rows of 80 columns with the line below it.
pub(super) fn screen(share: &Share, label: &Label<'_>, lang: Lang) -> Zeroizing<String> {
    let copy = bi!(
        "Write all of this on paper, each word with its number. Show it to nobody.",
        "请将以上内容全部抄到纸上，每个词连同编号。不得示人。"
    );
    lines(share, label, lang, &[(copy, "")])
}

fn lines(share: &Share, label: &Label<'_>, lang: Lang, instructions: &[Instruction]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(ROOM));
    let _ = writeln!(out, "{}\n", title(share, label).get(lang));
    for (name, value) in head(share, label) {
        let name = name.get(lang);
        let width: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let _ = writeln!(out, "  {name}{:pad$} {}", "", value.get(lang), pad = 12usize.saturating_sub(width));
    }
    let words = share.words();
    let rows = words.split_whitespace().count().div_ceil(COLUMNS);
    for row in 0..rows {
        let _ = write!(out, "{}", if row == 0 { "\n" } else { "" });
        for (n, word) in words.split_whitespace().enumerate().filter(|(n, _)| n % rows == row) {
            let _ = write!(out, "  {:>3} {word:<10}", n + 1);
        }
        let _ = writeln!(out);
    }
    let _ = writeln!(out);
    for (text, command) in instructions {
        let _ = writeln!(out, "  {}{command}", text.get(lang));
    }
    out
}

/// The page: the same content, without script, picture or address.
pub(super) fn html(share: &Share, label: &Label<'_>, lang: Lang) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(ROOM));
    let title = escaped(title(share, label).get(lang));
    let code = match lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    };
    let _ = write!(out, "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n");
    let _ = writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    );
    let _ = write!(
        out,
        "<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<table class=\"head\">\n"
    );
    for (name, value) in head(share, label) {
        let _ = writeln!(
            out,
            "<tr><th>{}</th><td{}>{}</td></tr>",
            escaped(name.get(lang)),
            if is_digits(value.get(lang)) { " class=\"mono\"" } else { "" },
            escaped(value.get(lang))
        );
    }
    let _ = write!(out, "</table>\n<ol class=\"words\">\n");
    for word in share.words().split_whitespace() {
        let _ = writeln!(out, "<li>{word}</li>");
    }
    let scan = bi!("the words, for a scanner", "以上词语，供扫描器读取");
    let _ = write!(
        out,
        "</ol>\n<div class=\"symbol\">{}<p>{}</p></div>\n<ul>\n",
        *symbol(share),
        escaped(scan.get(lang))
    );
    for (text, command) in instructions(label) {
        let command = if command.is_empty() { String::new() } else { format!("<code>{command}</code>") };
        let _ = writeln!(out, "<li>{}{command}</li>", escaped(text.get(lang)));
    }
    let _ = write!(out, "</ul>\n<table class=\"sealed\">\n<tr>");
    for field in sealed() {
        let _ = write!(out, "<td>{}</td>", escaped(field.get(lang)));
    }
    let _ = write!(out, "</tr>\n</table>\n</body>\n</html>\n");
    out
}

/// What is filled in by hand when the sheet goes into its envelope.
fn sealed() -> [Bilingual; 3] {
    [bi!("sealed on", "封存日期"), bi!("envelope no.", "信封编号"), bi!("signature", "签名")]
}

/// Hex alone: a commitment.
fn is_digits(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

const STYLE: &str = "@page { size: A4; margin: 18mm }
body { font: 11pt/1.45 \"Noto Sans CJK SC\", \"DejaVu Sans\", sans-serif; max-width: 175mm; margin: auto }
h1 { font-size: 16pt; border-bottom: 2px solid #000; padding-bottom: 4px }
table.head th { text-align: left; padding-right: 10mm; font-weight: normal; color: #444; white-space: nowrap; vertical-align: top }
table.head td { overflow-wrap: anywhere }
ol.words { columns: 3; font: bold 14pt/1.7 \"DejaVu Sans Mono\", monospace; border: 1px solid #000; padding: 4mm 4mm 4mm 16mm }
ol.words li { break-inside: avoid }
div.symbol { width: 42mm; float: right; margin: 0 0 4mm 6mm; text-align: center; font-size: 8pt; color: #444 }
div.symbol p { margin: 1mm 0 0 }
.mono, code { font: 9pt \"DejaVu Sans Mono\", monospace; font-variant-ligatures: none }
code { font-size: 8pt; white-space: nowrap }
ul li { margin-bottom: 1mm }
table.sealed { clear: both; width: 100%; padding-top: 12mm; border-spacing: 6mm 0; break-inside: avoid }
table.sealed td { border-top: 1px solid #000; width: 33%; font-size: 9pt; color: #444 }
";

/// Nothing, in place of a symbol, only if the words did not fit into any: 132 digits fit into the fifth version.
fn symbol(share: &Share) -> Zeroizing<String> {
    let digits = digits::of(&share.words());
    let version = Version::for_digits(digits.len(), Level::M);
    let symbol = version.and_then(|v| Symbol::encode(&digits, v, Level::M).ok());
    Zeroizing::new(symbol.map(|s| svg::inline(&s)).unwrap_or_default())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn title(share: &Share, label: &Label<'_>) -> Bilingual {
    let (n, of) = (number(share), label.shares);
    bi!("keyferry: share {n} of {of}", "keyferry：分片 {n}（共 {of} 个）")
}

fn head(share: &Share, label: &Label<'_>) -> Vec<(Bilingual, Bilingual)> {
    let plain = |text: String| Bilingual { en: text.clone(), zh: text };
    let (ceremony, threshold, of) = (label.plan.ceremony(), label.threshold, label.shares);
    let purpose = match label.plan.purpose() {
        Purpose::Production => bi!("{ceremony} (PRODUCTION)", "{ceremony}（正式）"),
        Purpose::Rehearsal => bi!("{ceremony} (REHEARSAL)", "{ceremony}（演练）"),
    };
    let keys = label.plan.keys().len();
    let gives = match label.gives {
        Shared::Material => {
            let alias = label.plan.keys().first().map_or("", |key| key.alias.as_str());
            bi!("the material of key {alias}: paper alone suffices", "密钥 {alias} 的材料：仅凭纸张即可恢复")
        }
        Shared::EscrowKey => bi!(
            "the escrow key of {keys} keys: escrow.json is needed too",
            "{keys} 个密钥的托管密钥：还需要 escrow.json"
        ),
    };
    let mut rows = vec![
        (bi!("ceremony", "仪式"), purpose),
        (bi!("set", "分片组"), plain(label.set.to_string())),
        (
            bi!("needed", "恢复所需"),
            bi!("any {threshold} of the {of} shares", "{of} 个分片中的任意 {threshold} 个"),
        ),
        (bi!("gives", "恢复内容"), gives),
        (bi!("commitment", "承诺"), plain(label.commitment.to_string())),
    ];
    if let Some(kcv) = label.kcv {
        rows.insert(4, (bi!("KCV", "KCV"), plain(kcv.to_string())));
    }
    if let Some(name) = label.custodian(number(share)) {
        rows.insert(1, (bi!("custodian", "保管人"), plain(name.to_string())));
    }
    rows
}

/// A sentence, and the command that it ends with, if any.
type Instruction = (Bilingual, &'static str);

fn instructions(label: &Label<'_>) -> Vec<Instruction> {
    let threshold = label.threshold;
    let sealed = (
        bi!(
            "Keep this sheet sealed, away from the other shares. Show it to nobody; type it on an isolated machine alone.",
            "请将本页封存，与其他分片分开保管。不得示人；只能在隔离的机器上键入。"
        ),
        "",
    );
    let drill = (
        bi!("To prove that it is right: ", "验证本分片："),
        "keyferry-offline drill --share --transcript transcript.jsonl",
    );
    let recover = (
        bi!("To recover the key with {threshold} shares: ", "用 {threshold} 个分片恢复密钥："),
        "keyferry-offline rewrap --help",
    );
    let standard = (
        bi!(
            "The words are SLIP-39, without passphrase. The first four letters of each suffice; any SLIP-39 program combines them.",
            "词语遵循 SLIP-39，无口令。每个词的前四个字母即可辨认；任何 SLIP-39 程序都能合并。"
        ),
        "",
    );
    vec![sealed, drill, recover, standard]
}
