//! A page for a whole screen: one file that loads nothing, with the symbols and the words to compare.
//!
//! Space pauses, + and − change the speed, and the arrows step. The script is always the same, and the page's policy names its
//! digest, so nothing else on the page can run.

use keyferry_core::{Base64Bytes, Lang, bi};
use serde_json::{Value, json};

use super::markup::{escape, head, rehearsal, words};
use super::png::QUIET;
use super::series::Series;
use super::subject::Subject;
use super::symbol::Symbol;
use super::{ShowError, svg};

pub(super) const STYLE: &str = include_str!("page.css");
pub(super) const SCRIPT: &str = include_str!("page.js");

/// The page, in this language.
///
/// # Errors
/// [`ShowError`] if a symbol cannot be made.
pub fn page(
    subject: &Subject,
    series: &Series,
    fps: u8,
    lang: Lang,
    mut each: impl FnMut(),
) -> Result<String, ShowError> {
    let (mut frames, mut first) = (Vec::with_capacity(series.len()), None);
    for symbol in series.symbols() {
        let symbol = symbol?;
        frames.push(json!({"size": symbol.size(), "modules": packed(&symbol)}));
        first.get_or_insert_with(|| svg::inline(&symbol));
        each();
    }
    let title = subject.name();
    Ok(format!(
        "{}<body>\n<div id=\"symbol\">{}</div>\n<div id=\"text\">\n{}</div>\n\
         <script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        head(lang, &title, STYLE, Some(SCRIPT)),
        first.unwrap_or_default(),
        text(subject, series, lang),
        series_data(series, fps, lang, &frames),
    ))
}

/// The modules, row after row, eight per byte; 1 is dark.
pub(super) fn packed(symbol: &Symbol) -> String {
    let (side, mut bytes) = (symbol.size(), vec![0u8; (symbol.size() * symbol.size()).div_ceil(8)]);
    for (n, byte) in bytes.iter_mut().enumerate() {
        for bit in 0..8 {
            let module = n * 8 + bit;
            *byte |= u8::from(symbol.is_dark(module % side, module / side)) << (7 - bit);
        }
    }
    Base64Bytes::from(&bytes[..]).to_string()
}

fn series_data(series: &Series, fps: u8, lang: Lang, frames: &[Value]) -> String {
    let (total, needed) = (series.len(), series.needed());
    let running = bi!(
        "Frame {{at}} of {total} · any {needed} will do · {{fps}} a second",
        "第 {{at}} 帧，共 {total} 帧 · 任意 {needed} 帧即可 · 每秒 {{fps}} 帧"
    );
    let paused = bi!(
        "PAUSED · frame {{at}} of {total} · any {needed} will do",
        "已暂停 · 第 {{at}} 帧，共 {total} 帧 · 任意 {needed} 帧即可"
    );
    data(fps, frames, running.get(lang), paused.get(lang))
}

/// The data for the script: the frames with their number of modules on each side, and the texts for running and
/// paused.
pub(super) fn data(fps: u8, frames: &[Value], running: &str, paused: &str) -> String {
    let data = json!({"quiet": QUIET, "fps": fps, "frames": frames, "running": running, "paused": paused});
    // A script element ends at its end tag, even inside a string.
    data.to_string().replace('<', "\\u003c")
}

fn text(subject: &Subject, series: &Series, lang: Lang) -> String {
    let digest = subject.digest();
    let kind = subject.kind().title();
    let ceremony = subject.ceremony().map_or("", |c| c.as_str());
    let labels = [
        bi!("SHA-256, to compare", "SHA-256，用于核对"),
        bi!("in words", "词语"),
        bi!("one symbol holds the whole file", "单个二维码包含整个文件"),
    ];
    let [digest_label, words_label, whole] = labels.each_ref().map(|l| l.get(lang));
    let state = if series.needed() == 1 { whole } else { "" };
    format!(
        "<h1>{}</h1>\n<p>{} · {ceremony}</p>\n{}\n<h2>{digest_label}</h2>\n<div class=\"hex\">{}</div>\n\
         <h2>{words_label}</h2>\n{}\n<p id=\"state\">{state}</p>\n<div id=\"buttons\">{}</div>\n<p id=\"hint\">{}</p>\n",
        escape(&subject.name()),
        escape(kind.get(lang)),
        rehearsal(subject, lang),
        digest.grouped(),
        Lang::BOTH.map(|lang| words(&digest, lang)).concat(),
        buttons(series.needed() > 1, lang),
        hint(series.needed() > 1, lang),
    )
}

/// The buttons, which the script makes visible.
pub(super) fn buttons(animated: bool, lang: Lang) -> String {
    let all = [
        ("pause", bi!("Pause", "暂停")),
        ("slower", bi!("Slower", "减速")),
        ("faster", bi!("Faster", "加速")),
        ("full", bi!("Full screen", "全屏")),
    ];
    let kept = all.iter().filter(|(name, _)| animated || *name == "full");
    kept.map(|(name, label)| format!("<button name=\"{name}\" hidden>{}</button>", label.get(lang))).collect()
}

pub(super) fn hint(animated: bool, lang: Lang) -> String {
    let hint = if !animated {
        bi!(
            "Turn the brightness up. The symbol should fill the camera's picture. f: full screen.",
            "请调高屏幕亮度，让二维码充满相机画面。f：全屏。"
        )
    } else {
        bi!(
            "Turn the brightness up. The symbol should fill the camera's picture. Space: pause. + −: speed. ← →: step. \
             f: full screen.",
            "请调高屏幕亮度，让二维码充满相机画面。空格：暂停。+ −：速度。← →：逐帧。f：全屏。"
        )
    };
    hint.get(lang).to_owned()
}
