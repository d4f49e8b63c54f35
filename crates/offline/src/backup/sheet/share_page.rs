//! The page of a share: the same content as its text, to print on A4, without scripts, pictures or links.
//!
//! It also has the words as a QR symbol, which a scanner can type back.

use core::fmt::Write as _;

use keyferry_core::{Bilingual, Lang, bi};
use keyferry_slip39::Share;
use keyferry_transport::frame::Level;
use keyferry_transport::html::{escaped, page_head};
use keyferry_transport::show::{Symbol, Version, svg};
use zeroize::Zeroizing;

use super::{ROOM, blanks, head, instructions, more, title};
use crate::backup::{Label, digits, number};

/// The whole page.
pub(in crate::backup) fn html(share: &Share, label: &Label<'_>, lang: Lang) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(ROOM));
    let title = title(number(share), label);
    let title = title.get(lang);
    out.push_str(&page_head(lang, title, STYLE, None));
    let _ = write!(out, "<body>\n<h1>{}</h1>\n<table class=\"head\">\n", escaped(title));
    for (name, value) in head(number(share), label).into_iter().chain(more(label)) {
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
    let _ = write!(out, "</ul>\n<table class=\"kept\">\n");
    for blank in blanks(label) {
        let _ = writeln!(out, "<tr><th>{}</th><td></td></tr>", escaped(blank.get(lang)));
    }
    let _ = write!(out, "</table>\n<table class=\"sealed\">\n<tr>");
    for field in sealed() {
        let _ = write!(out, "<td>{}</td>", escaped(field.get(lang)));
    }
    let _ = write!(out, "</tr>\n</table>\n</body>\n</html>\n");
    out
}

/// The blanks that people fill in by hand when the sheet goes into its envelope.
fn sealed() -> [Bilingual; 3] {
    [bi!("sealed on", "封存日期"), bi!("envelope no.", "信封编号"), bi!("signature", "签名")]
}

/// Whether the text is a commitment as hex digits in groups.
fn is_digits(text: &str) -> bool {
    text.len() == 79 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b' ')
}

const STYLE: &str = "@page { size: A4; margin: 14mm 18mm }
body { font: 10.5pt/1.35 \"Noto Sans CJK SC\", \"DejaVu Sans\", sans-serif; max-width: 175mm; margin: auto }
h1 { font-size: 16pt; border-bottom: 2px solid #000; padding-bottom: 4px }
table.head th { text-align: left; padding-right: 10mm; font-weight: normal; color: #444; white-space: nowrap; vertical-align: top }
table.head td { overflow-wrap: anywhere }
ol.words { columns: 3; font: bold 14pt/1.42 \"DejaVu Sans Mono\", monospace; border: 1px solid #000; padding: 3mm 4mm 3mm 16mm }
ol.words li { break-inside: avoid }
div.symbol { width: 42mm; float: right; margin: 0 0 4mm 6mm; text-align: center; font-size: 8pt; color: #444 }
div.symbol p { margin: 1mm 0 0 }
.mono, code { font: 9pt \"DejaVu Sans Mono\", monospace; font-variant-ligatures: none }
code { font-size: 8pt; white-space: nowrap }
ul { font-size: 10pt; line-height: 1.3; margin: 3mm 0 }
ul li { margin-bottom: 1mm }
table.kept { clear: both; width: 100%; border-spacing: 0 2mm }
table.kept th { text-align: left; font-weight: normal; white-space: nowrap; width: 1%; padding-right: 4mm; font-size: 9pt; color: #444 }
table.kept td { border-bottom: 1px solid #000 }
table.sealed { clear: both; width: 100%; padding-top: 8mm; border-spacing: 6mm 0; break-inside: avoid }
table.sealed td { border-top: 1px solid #000; width: 33%; font-size: 9pt; color: #444 }
";

/// The words as a QR symbol. It would be empty if no symbol could hold them, but the words of every share fit:
/// 132 digits for 256 bits of material.
fn symbol(share: &Share) -> Zeroizing<String> {
    let digits = digits::of(&share.words());
    let version = Version::for_digits(digits.len(), Level::M);
    let symbol = version.and_then(|v| Symbol::encode(&digits, v, Level::M).ok());
    Zeroizing::new(symbol.map(|s| svg::inline(&s)).unwrap_or_default())
}
