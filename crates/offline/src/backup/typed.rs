//! Shares that people type: in sight, since they are compared with paper; four letters complete a word; a wrong one is pointed at.
//!
//! On a terminal a slip is asked for again, and nothing but the slip; the screen is cleared in the end. Words that a slip resembles are shown
//! there alone, never in a log. Elsewhere than on a terminal, as in a pipe, one line is one share.

use std::os::fd::{AsFd as _, BorrowedFd};

use keyferry_core::{Bilingual, bi};
use keyferry_sandbox::HeldSignals;
use keyferry_slip39::{Share, ShareError, Suspect, completion};
use keyferry_transport::console::NoSecret;
use zeroize::{Zeroize as _, Zeroizing};

use super::digits;
use crate::context::Context;
use crate::error::OfflineError;

/// Room for the longest text that is collected, so that it never moves.
const ROOM: usize = 8 * 1024;

/// Reads one share of `words` words; `None` if a person at a terminal typed an empty line before the first word.
pub(crate) fn read_share(
    name: &Bilingual,
    words: usize,
    context: &Context,
) -> Result<Option<Share>, OfflineError> {
    if context.console.is_terminal() {
        // Until the screen is cleared.
        let signals = HeldSignals::hold().map_err(|_| NoSecret::Signals)?;
        let share = word_by_word(&Typist { name, words, signals: signals.as_fd() }, context);
        context.console.clear();
        return share;
    }
    let line = context.console.secret_in_sight(name, None)?;
    Ok(Some(Share::parse(&full(&line))?))
}

/// Who types a share of so many words at a terminal, and what interrupts them.
struct Typist<'a> {
    name: &'a Bilingual,
    words: usize,
    signals: BorrowedFd<'a>,
}

impl Typist<'_> {
    fn line(&self, which: &Bilingual, context: &Context) -> Result<Zeroizing<String>, NoSecret> {
        context.console.secret_in_sight(&question(self.name, which), Some(self.signals))
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
        let line = typist.line(&bi!("word {n} of {words}:", "第 {n} 个词，共 {words} 个："), context)?;
        if line.trim().is_empty() && typed == 0 {
            return Ok(None);
        }
        take_words(&line, &mut text, context);
    }
}

fn question(name: &Bilingual, which: &Bilingual) -> Bilingual {
    Bilingual { en: format!("{}, {}", name.en, which.en), zh: format!("{}，{}", name.zh, which.zh) }
}

/// After a wrong checksum: the one word that explains it, or the two that changed places, are typed again. What else may be wrong, from the start.
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
            "word {at} of {words} again (an empty line: all words again):",
            "请重新键入第 {at} 个词，共 {words} 个（空行：全部重新键入）："
        );
        let word = loop {
            let line = typist.line(&which, context)?;
            if line.trim().is_empty() {
                text.zeroize();
                return Ok(());
            }
            let word = full(line.split_whitespace().next().unwrap_or_default());
            if is_whole(&word) {
                break word;
            }
            point_at(&word, at, context);
        };
        replace(text, at, &word);
    }
    Ok(())
}

/// Puts `word` in the place of word `at`, counted from 1.
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

/// In full: abbreviated words, or the digits of a scanned symbol.
fn full(line: &str) -> Zeroizing<String> {
    digits::words(line).unwrap_or_else(|| completion::expand(line))
}

/// Takes whole words until the first wrong one, which is pointed at.
fn take_words(line: &str, text: &mut Zeroizing<String>, context: &Context) {
    let full = full(line);
    for word in full.split_whitespace() {
        if !is_whole(word) {
            point_at(word, text.split_whitespace().count() + 1, context);
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

fn point_at(word: &str, position: usize, context: &Context) {
    let console = &context.console;
    // What a slip resembles is nearly a word of the share: for the eyes of who types it, and for no file.
    let near = if console.can_show_secrets() { completion::suggest(word).join(", ") } else { String::new() };
    if near.is_empty() {
        console.say(&bi!(
            "  word {position} is not in the list; look at the paper and type it again",
            "  第 {position} 个词不在词表中；请看纸张后重新键入"
        ));
    } else {
        console.say(&bi!(
            "  word {position} is not in the list; is it one of: {near}? Type it again",
            "  第 {position} 个词不在词表中；是否为：{near}？请重新键入"
        ));
    }
}

/// Whether the input is over or was interrupted, so that nobody is asked again.
pub(super) fn ended(error: &OfflineError) -> bool {
    use NoSecret::{Ended, Interrupted, Signals, Terminal};
    matches!(error, OfflineError::Secret(Ended | Interrupted | Signals | Terminal))
}
