//! A share on a terminal: laid out for the window, and refused if not all of it would be visible.
//!
//! People would miss words that scroll off the top, and would miscopy a word that is cut off at the edge.

use core::fmt::Write as _;

use keyferry_core::{Bilingual, Lang, bi};
use keyferry_transport::console::{NoSecret, Window};
use keyferry_transport::show::terminal;
use zeroize::Zeroizing;

use super::sheet::{ROOM, VALUE_AT, WIDTH, head, named, table, title};
use super::{BackupError, Curtain, Label};
use crate::context::Context;

/// One of the longest words of the list.
const LONGEST_WORD: &str = "academic";

/// Checks, before any secret exists, that a share of `words` words will fit on the terminal. `draft` is a label of the same length as
/// the real one.
pub(super) fn check(draft: &Label<'_>, words: usize, context: &Context) -> Result<(), BackupError> {
    let all = [LONGEST_WORD].repeat(words).join(" ");
    let longest =
        (1..=draft.shares).max_by_key(|n| draft.custodian(*n).map(|name| terminal::width(name.as_str())));
    let (window, lang) = (context.console.window(), context.console.lang());
    room(&text(&all, longest.unwrap_or(1), draft, lang, window), lang, window)
}

/// The text of a share for its custodian to copy, with the facts that identify the ceremony's files.
pub(super) fn text(
    words: &str,
    number: u8,
    label: &Label<'_>,
    lang: Lang,
    window: Window,
) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(ROOM));
    let columns = window.columns.max(WIDTH);
    let _ = writeln!(out, "{}", title(number, label).get(lang));
    for (name, value) in head(number, label) {
        for (n, line) in terminal::wrap(value.get(lang), columns - VALUE_AT).iter().enumerate() {
            let name = if n == 0 { name.get(lang) } else { "" };
            let _ = writeln!(out, "{}{line}", named(name));
        }
    }
    let _ = writeln!(out);
    table(words, &mut out);
    let _ = writeln!(out);
    let copy = bi!(
        "Write on paper: the top line, ceremony, set, and each word with its number.",
        "请抄到纸上：首行、仪式、分片组，以及每个词连同编号。"
    );
    for line in terminal::wrap(copy.get(lang), columns - 2) {
        let _ = writeln!(out, "  {line}");
    }
    out
}

/// The question below the share.
pub(super) fn written() -> Bilingual {
    bi!("Show it to nobody. When all of it is on paper, press Enter:", "不得示人。全部抄到纸上之后请按回车：")
}

/// Checks that the text and the question fit into the window.
fn room(text: &str, lang: Lang, window: Window) -> Result<(), BackupError> {
    let columns = window.columns.max(WIDTH);
    let rows = |width: usize| width.div_ceil(columns).max(1);
    // A blank row, then the question, indented by two columns and followed by a space.
    let asked = 1 + rows(terminal::width(written().get(lang)) + 3);
    let rows = text.lines().map(|line| rows(terminal::width(line))).sum::<usize>() + asked;
    if window.columns >= WIDTH && rows <= window.rows {
        return Ok(());
    }
    Err(BackupError::Small { columns: window.columns, rows: window.rows, need: (WIDTH, rows) })
}

/// Checks again when the share is shown, because the window may have become smaller, and waits until it is
/// large enough.
pub(super) fn wait_for_room(
    text: impl Fn(Window) -> Zeroizing<String>,
    curtain: &Curtain<'_>,
    context: &Context,
) -> Result<Zeroizing<String>, NoSecret> {
    let console = &context.console;
    loop {
        let window = console.window();
        let text = text(window);
        match room(&text, console.lang(), window) {
            Ok(()) => return Ok(text),
            Err(small) => {
                curtain.hide();
                console.refuse_text(&small);
                curtain
                    .wait_for(&bi!("Enlarge the window, then press Enter:", "请放大窗口，然后按回车："))?;
            }
        }
    }
}
