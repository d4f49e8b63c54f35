//! The test page for a whole screen: the page of `show --html`, with test symbols as its frames.

use keyferry_core::{Lang, bi};
use serde_json::{Value, json};

use super::{Size, TestSymbol};
use crate::frame::Level;
use crate::show::markup::{escape, head};
use crate::show::screen_page::{SCRIPT, STYLE, buttons, data, hint, packed};
use crate::show::{ShowError, svg};

/// The page, in this language.
pub(super) fn page(symbols: &[TestSymbol], fps: u8, lang: Lang) -> Result<String, ShowError> {
    let title = bi!("keyferry test page", "keyferry 测试页");
    let (mut frames, mut first) = (Vec::new(), None);
    for test in symbols {
        let symbol = test.symbol(Level::L)?;
        frames.push(frame(*test, symbol.size(), &packed(&symbol), lang));
        first.get_or_insert_with(|| svg::inline(&symbol));
    }
    let total = frames.len();
    let states = [
        bi!(
            "{{name}} · symbol {{at}} of {total} · {{fps}} a second",
            "{{name}} · 第 {{at}} 个，共 {total} 个 · 每秒 {{fps}} 个"
        ),
        bi!(
            "PAUSED · {{name}} · symbol {{at}} of {total}",
            "已暂停 · {{name}} · 第 {{at}} 个，共 {total} 个"
        ),
    ];
    let [running, paused] = states.each_ref().map(|s| s.get(lang));
    Ok(format!(
        "{}<body>\n<div id=\"symbol\">{}</div>\n<div id=\"text\">\n{}</div>\n\
         <script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        head(lang, title.get(lang), STYLE, Some(SCRIPT)),
        first.unwrap_or_default(),
        text(title.get(lang), total, lang),
        data(fps, &frames, running, paused),
    ))
}

fn frame(test: TestSymbol, size: usize, modules: &str, lang: Lang) -> Value {
    let part = match test.size {
        Size::Full => 1.0,
        Size::Small => 2.0 / 3.0,
    };
    json!({"size": size, "part": part, "name": test.name(lang), "modules": modules})
}

fn text(title: &str, total: usize, lang: Lang) -> String {
    let what = bi!(
        "These symbols contain no file. Point the camera of the other station at them: keyferry-scan --test says which versions it reads.",
        "这些二维码不含任何文件。请用另一工作站的摄像头对准它们：keyferry-scan --test 会说明能读取哪些版本。"
    );
    format!(
        "<h1>{}</h1>\n<p>{}</p>\n<p id=\"state\"></p>\n<div id=\"buttons\">{}</div>\n<p id=\"hint\">{}</p>\n",
        escape(title),
        escape(what.get(lang)),
        buttons(total > 1, lang),
        hint(total > 1, lang),
    )
}
