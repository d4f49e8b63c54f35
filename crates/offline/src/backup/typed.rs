//! Reads shares that people type: the words stay visible for comparison with the paper, four letters complete a word, and a
//! wrong word is pointed out.
//!
//! On a terminal, only the mistyped word has to be typed again; the screen is cleared at the end. Similar words are shown only there, never
//! in a log. Without a terminal, as in a pipe, one line is one share.

use keyferry_core::{Bilingual, Explain as _, bi};
use keyferry_slip39::{Share, ShareError, Suspect, WordFault, completion};
use keyferry_transport::console::NoSecret;
use zeroize::{Zeroize as _, Zeroizing};

use super::curtain::Curtain;
use super::{BackupError, spelled};
use crate::context::Context;
use crate::error::OfflineError;

/// Capacity for the longest text that is collected, so that the buffer is never reallocated.
const ROOM: usize = 8 * 1024;

/// Reads one share of `words` words, and clears the screen; `None` if a person at a terminal typed an empty line before the first word.
pub(crate) fn read_share(
    name: &Bilingual,
    words: usize,
    curtain: &Curtain<'_>,
    context: &Context,
) -> Result<Option<Share>, OfflineError> {
    if context.console.is_terminal() {
        let share = word_by_word(&Typist { name, words, curtain }, context);
        curtain.hide();
        return share;
    }
    let line = context.console.secret_in_sight(name, None)?;
    Ok(Some(Share::parse(&spelled::words(&line, 1))?))
}

/// A person who types a share of this many words at a terminal.
struct Typist<'a> {
    name: &'a Bilingual,
    words: usize,
    curtain: &'a Curtain<'a>,
}

impl Typist<'_> {
    /// Reads one line. Words that were typed before a time limit hid them still count.
    fn line(&self, which: &Bilingual) -> Result<Zeroizing<String>, NoSecret> {
        let question = question(self.name, which);
        loop {
            match self.curtain.line(&question) {
                Err(NoSecret::Expired) => self.curtain.wait_again()?,
                line => return line,
            }
        }
    }
}

fn word_by_word(typist: &Typist<'_>, context: &Context) -> Result<Option<Share>, OfflineError> {
    let (console, words) = (&context.console, typist.words);
    let mut text = Zeroizing::new(String::with_capacity(ROOM));
    loop {
        let typed = text.split_whitespace().count();
        if typed >= words {
            match Share::parse(&text) {
                Ok(share) => return Ok(Some(share)),
                Err(error) => {
                    console.refuse_text(&error);
                    again(error, typist, &mut text, context)?;
                    continue;
                }
            }
        }
        let n = typed + 1;
        let line = typist.line(&bi!("word {n} of {words}:", "第 {n} 个词，共 {words} 个："))?;
        if line.trim().is_empty() && typed == 0 {
            return Ok(None);
        }
        take_words(&line, &mut text, context);
    }
}

fn question(name: &Bilingual, which: &Bilingual) -> Bilingual {
    Bilingual { en: format!("{}, {}", name.en, which.en), zh: format!("{}，{}", name.zh, which.zh) }
}

/// After a wrong checksum, only the one word that explains it, or the two words that were swapped, have to be typed again. For anything
/// else, all words are typed again.
fn again(
    error: ShareError,
    typist: &Typist<'_>,
    text: &mut Zeroizing<String>,
    context: &Context,
) -> Result<(), NoSecret> {
    let suspects = match error {
        ShareError::Checksum { suspect: Suspect::Word(at), several: false, .. } => at..=at,
        ShareError::Checksum { suspect: Suspect::Swapped(at), several: false, .. } => at..=at + 1,
        _ => {
            text.zeroize();
            return Ok(());
        }
    };
    let words = typist.words;
    for at in suspects {
        let which = bi!(
            "word {at} of {words} again (an empty line: start over):",
            "再次键入第 {at} 个词，共 {words} 个（按空行则全部重来）："
        );
        let word = loop {
            let line = typist.line(&which)?;
            if line.trim().is_empty() {
                text.zeroize();
                return Ok(());
            }
            let typed = spelled::words(&line, at);
            let word = typed.split_whitespace().next().unwrap_or_default();
            if is_whole(word) {
                break Zeroizing::new(word.to_owned());
            }
            point_at(word, at, context);
        };
        replace(text, at, &word);
    }
    Ok(())
}

/// Replaces word number `at`, counted from 1, with `word`.
fn replace(text: &mut Zeroizing<String>, at: usize, word: &str) {
    let mut new = Zeroizing::new(String::with_capacity(ROOM));
    for (n, old) in (1..).zip(text.split_whitespace()) {
        if n > 1 {
            new.push(' ');
        }
        new.push_str(if n == at { word } else { old });
    }
    *text = new;
}

/// Accepts words until the first wrong one, which is pointed out. Later words are ignored, and the program says
/// so.
fn take_words(line: &str, text: &mut Zeroizing<String>, context: &Context) {
    let at = text.split_whitespace().count() + 1;
    let typed = spelled::words(line, at);
    for (n, word) in typed.split_whitespace().enumerate() {
        if !is_whole(word) {
            point_at(word, at + n, context);
            not_taken(at + n, typed.split_whitespace().skip(n + 1), context);
            return;
        }
        if text.len() + word.len() + 1 > ROOM {
            return;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
}

fn is_whole(word: &str) -> bool {
    completion::candidates(word).any(|w| w.eq_ignore_ascii_case(word))
}

/// Says why a word is refused, with the same text as for a pipe. A word similar to the typo is probably a word of the share: only the
/// person who types may see it, and no file may contain it.
fn point_at(word: &str, position: usize, context: &Context) {
    let console = &context.console;
    let Err(ShareError::Word { fault, .. }) = Share::parse(word) else { return };
    let slip = matches!(fault, WordFault::Misspelt | WordFault::Unknown);
    let near = if slip && console.can_show_secrets() { completion::suggest(word) } else { Vec::new() };
    if !near.is_empty() {
        let Bilingual { en, zh } = Bilingual::list(near);
        console.say(&bi!(
            "  word {position} is not in the list; is it one of: {en}? Type it again",
            "  第 {position} 个词不在词表中；是否为：{zh}？请重新键入"
        ));
        return;
    }
    let reason = ShareError::Word { position, fault };
    let (what, hint) = (reason.what(), reason.hint());
    console.say(&Bilingual {
        en: format!("  {}: {}. Type it again", what.en, hint.en),
        zh: format!("  {}：{}。请重新键入", what.zh, hint.zh),
    });
}

/// Lists the ignored words that follow a wrong word on the same line. Numbers between words do not count.
fn not_taken<'w>(wrong: usize, after: impl Iterator<Item = &'w str>, context: &Context) {
    let count = after.filter(|word| !word.bytes().all(|b| b.is_ascii_digit())).count();
    let (first, last) = (wrong + 1, wrong + count);
    if count == 1 {
        context
            .console
            .say(&bi!("  word {first} of that line was ignored", "  该行的第 {first} 个词未被接收"));
    } else if count > 1 {
        context.console.say(&bi!(
            "  words {first} to {last} of that line were ignored",
            "  该行的第 {first} 至第 {last} 个词未被接收"
        ));
    }
}

/// Whether the input ended or was interrupted, so that nobody is asked again.
pub(super) fn ended(error: &OfflineError) -> bool {
    use NoSecret::{Ended, Interrupted, Signals, Terminal};
    match error {
        OfflineError::Secret(reason) => matches!(reason, Ended | Interrupted | Signals | Terminal),
        OfflineError::Backup(BackupError::Interrupted { .. } | BackupError::Unfinished { .. }) => true,
        _ => false,
    }
}
