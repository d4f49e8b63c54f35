//! Talks to people: prints text on standard error and results on standard output, and reads what people type.
//!
//! The terminal rules of every program: human text goes to standard error in the chosen language, and the result to standard output. If a
//! command exists to print text, such as a table or a report, that text is the result, which a pager or a file can take. A result line for
//! programs is left out if a person would see it next to the human text. With `--json`, the result is one JSON object, even for a refusal.
//! Questions, refusals and warnings always go to standard error. A question accepts only the answer `Yes`, and on a terminal only if it was
//! typed after the question was asked. This module prints only one kind of secret: a share of a backup, which [`Console::show_secret`] puts
//! on a terminal and then clears. [`Console::secret`] reads a secret.
#![allow(clippy::print_stdout, clippy::print_stderr)] // the only place that prints

mod locale;
mod members;
mod place;
mod result;
mod screen;
mod sight;
mod status;
mod table;
mod text;
mod typed;
mod words;

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Instant;

use zeroize::Zeroizing;

use keyferry_core::transcript::Means;
use keyferry_core::{Bilingual, Class, Control, Explain, Lang, bi, refusals};

use crate::columns::cut;
use crate::printable;

pub use members::Members;
pub use place::Place;
pub use result::{NoResult, exit_code};
pub use screen::{Input, Screen, Window};
pub use status::Status;
pub use text::Mark;
use text::Stream;
pub use typed::{MAX_SECRET, NoSecret, Watch};

/// The way in which a program talks to people: language, verbosity and streams.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    lang: Lang,
    json: bool,
    verbosity: u8,
    guarded: bool,
    stream: Stream,
}

refusals! {
    /// Nobody answered `Yes`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct NoConsent: Refused => CONSENT,
        what("nobody typed Yes; nothing was made or sent", "没有人输入 Yes；尚未生成或发送任何内容"),
        hint("compare what was shown with the paper, then run the command again and type exactly Yes. A script passes the \
              digests instead: --help names the options",
             "请将所显示的内容与纸上核对，然后重新运行命令并准确输入 Yes；脚本可改为给出摘要，选项见 --help");
}

impl Console {
    /// A console in `lang`; `verbosity` counts the `-v` flags.
    #[must_use]
    pub const fn new(lang: Lang, json: bool, verbosity: u8) -> Self {
        Self { lang, json, verbosity, guarded: false, stream: Stream::Error }
    }

    /// The same console for a run in which a secret will be typed: it never reads beyond the line that it asks for.
    #[must_use]
    pub const fn guarded(self) -> Self {
        Self { guarded: true, ..self }
    }

    /// Whether a person sits at a terminal, and so can be asked again.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// Like [`new`](Self::new), but in the language given with `--lang`, or else in the locale's language. Prints a note if the
    /// terminal cannot show the locale's language.
    #[must_use]
    pub fn asked(lang: Option<&str>, json: bool, verbosity: u8) -> Self {
        let (lang, why) = locale::choose(lang);
        let console = Self::new(lang, json, verbosity);
        why.into_iter().for_each(|why| console.line(why.note()));
        console
    }

    /// The language given with `--lang`, else that of the locale if the terminal can show it, else English.
    #[must_use]
    pub fn language(asked: Option<&str>) -> Lang {
        locale::choose(asked).0
    }

    /// The same console for a command whose purpose is text to read. The text goes to standard output; with `--json`, to standard
    /// error as usual.
    #[must_use]
    pub const fn to_read(self) -> Self {
        let stream = if self.json { Stream::Error } else { Stream::Output };
        Self { stream, ..self }
    }

    /// The chosen language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether results are printed as JSON.
    #[must_use]
    pub const fn json(&self) -> bool {
        self.json
    }

    /// Whether `-v` asked for more lines.
    #[must_use]
    pub const fn is_verbose(&self) -> bool {
        self.verbosity > 0
    }

    /// Prints a line that only `-v` (level 1) or `-vv` (level 2) shows.
    pub fn trace(&self, level: u8, text: &str) {
        if self.verbosity >= level {
            self.line(&format!("    [{level}] {text}"));
        }
    }

    /// Prints a refusal: `error [KF-…]: what`, `hint: what to do`; with `--json`, also as the result.
    pub fn refuse(&self, error: &dyn Explain) {
        self.refuse_text(error);
        if self.json {
            self.result(&serde_json::json!({"error": Self::error_json(error)}));
        }
    }

    /// Prints a refusal for people only, because the result was already printed.
    pub fn refuse_text(&self, error: &dyn Explain) {
        self.refuse_line(None, error);
    }

    /// Prints the refusal of one key among several, which is not the result.
    pub fn refuse_key(&self, alias: &str, error: &dyn Explain) {
        self.refuse_line(Some(alias), error);
    }

    /// Prints a warning, which does not stop the command: `warning [KF-…]: what`, and the hint.
    pub fn warn(&self, warning: &dyn Explain) {
        self.explain_line((Mark::Care, &bi!("warning", "警告")), None, warning);
    }

    fn refuse_line(&self, alias: Option<&str>, error: &dyn Explain) {
        self.explain_line((Mark::Wrong, &bi!("error", "错误")), alias, error);
    }

    fn explain_line(&self, word: (Mark, &Bilingual), alias: Option<&str>, error: &dyn Explain) {
        let (what, hint) = (error.what(), error.hint());
        let alias = alias.map_or_else(String::new, |a| format!("{a}: "));
        let what = printable::line(&format!("{alias}{}", what.get(self.lang)));
        self.word_and_hint(word, error.control(), &what, &printable::line(hint.get(self.lang)));
    }

    /// Prints the word, the text and the hint, always on standard error.
    fn word_and_hint(&self, (mark, word): (Mark, &Bilingual), control: Control, what: &str, hint: &str) {
        let console = Self { stream: Stream::Error, ..*self };
        let lead = format!("{} [{control}]: ", word.get(self.lang));
        let mut lines = what.split('\n');
        let mut text =
            console.laid_out(mark, &lead, &printable::line(lines.next().unwrap_or_default()), "  ");
        text.extend(
            lines.map(|line| console.laid_out(Mark::Plain, "  ", &printable::line(line.trim_start()), "  ")),
        );
        let lead = format!("  {}: ", bi!("hint", "提示").get(self.lang));
        text += &console.laid_out(Mark::Plain, &lead, hint, "    ");
        console.emit(&text);
    }

    /// A refusal as JSON, in both languages.
    #[must_use]
    pub fn error_json(error: &dyn Explain) -> serde_json::Value {
        let (what, hint) = (error.what(), error.hint());
        serde_json::json!({
            "control": error.control().id(),
            "exit_code": error.class().exit_code(),
            "what": {"en": what.en, "zh": what.zh},
            "hint": {"en": hint.en, "zh": hint.zh},
        })
    }

    /// Prints why a command line was refused. `text` is the parser's text, which begins with "error: ".
    /// Returns exit code 2.
    #[must_use]
    pub fn usage(&self, text: &str, hint: &Bilingual) -> ExitCode {
        let text = text.trim_end().strip_prefix("error: ").unwrap_or(text);
        self.word_and_hint((Mark::Wrong, &bi!("error", "错误")), Control::USAGE, text, hint.get(self.lang));
        ExitCode::from(Class::Usage.exit_code())
    }

    /// Asks a question and accepts exactly `Yes`. A person at a terminal whose answer comes close, such as `y`, is asked once more.
    /// Returns the means by which the answer came: [`Means::NoTerminal`] if it was not typed at a terminal.
    ///
    /// # Errors
    /// [`NoConsent`] for every other answer, at the end of the input, and if the question cannot be written.
    pub fn confirm(&self, question: &Bilingual) -> Result<Means, NoConsent> {
        let mut answer = self.ask(question);
        if self.is_terminal() && answer.as_deref().is_some_and(is_nearly_yes) {
            answer = self.ask(&bi!(
                "Type exactly Yes, with a capital Y; anything else cancels:",
                "请准确输入 Yes（首字母大写）；输入其他内容则停止："
            ));
        }
        match answer.as_deref() {
            Some("Yes") if self.is_terminal() => Ok(Means::TypedYes),
            Some("Yes") => Ok(Means::NoTerminal),
            _ => Err(NoConsent),
        }
    }

    /// Asks for one line of text, and returns it without its line break; `None` if the question cannot be written or
    /// nothing can be read.
    #[must_use]
    pub fn ask(&self, question: &Bilingual) -> Option<String> {
        self.ask_up_to(question, 256)
    }

    /// Like [`ask`](Self::ask), but for a line of up to `cap` bytes; it does not read further.
    #[must_use]
    pub fn ask_up_to(&self, question: &Bilingual, cap: usize) -> Option<String> {
        typed::forget_earlier();
        self.pose(question).ok()?;
        let (read, answer) = self.answer(cap);
        let mut err = io::stderr().lock();
        if !io::stdin().is_terminal() {
            let _ = writeln!(err, "{}", printable::text(answer.trim_end()));
        }
        let _ = writeln!(err);
        read.then(|| answer.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// Writes a question. If it cannot be written, nobody has read it, so no answer is accepted.
    fn pose(&self, question: &Bilingual) -> Result<(), NoSecret> {
        let console = Self { stream: Stream::Error, ..*self };
        let question = printable::text(question.get(self.lang));
        let lines = question.split('\n').map(str::trim_start);
        let lay_out = |line| console.laid_out(Mark::Plain, "  ", line, "  ");
        let lines = lines.map(|line| match lay_out(line) {
            // The text that has to be typed stays whole, on the last line.
            long if long.trim_end().contains('\n') && last_clause(line) > 0 => {
                let (text, answer) = line.split_at(last_clause(line));
                format!("{}{}", lay_out(text.trim_end()), lay_out(answer))
            }
            short => short,
        });
        let text = format!("\n{} ", lines.collect::<String>().trim_end_matches('\n'));
        let mut err = io::stderr().lock();
        err.write_all(text.as_bytes()).and_then(|()| err.flush()).map_err(|_| NoSecret::Unasked)
    }

    /// Whether there was a line, and its text.
    fn answer(&self, cap: usize) -> (bool, String) {
        if self.guarded {
            let line = typed::answer_line(cap);
            let text = line.as_ref().map(|line| String::from_utf8_lossy(line).into_owned());
            return (line.is_ok(), text.unwrap_or_default());
        }
        let mut answer = String::new();
        let read = io::Read::take(io::stdin().lock(), cap as u64).read_line(&mut answer);
        (read.is_ok_and(|n| n > 0), answer)
    }

    /// Asks for one line that nobody may see: without echo on a terminal, or as one line from any other input. Make the
    /// console [`guarded`](Self::guarded) first; otherwise, an earlier question may already have read the line from a pipe.
    ///
    /// # Errors
    /// [`NoSecret`]; the terminal's mode is restored.
    pub fn secret(&self, question: &Bilingual) -> Result<Zeroizing<String>, NoSecret> {
        let line = typed::hidden(|| {
            // The echo is off before the question appears, so an immediate answer is not shown either.
            self.pose(question)?;
            typed::secret_line()
        });
        let _ = writeln!(io::stderr().lock());
        line
    }

    /// A status line about work of unknown length.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::new()
    }

    /// Whether nobody reads standard output any more. Programs that rarely write need this.
    #[must_use]
    pub fn is_unheard(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdout = io::stdout();
        let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let answered = poll(&mut asked, Some(&now)).is_ok();
        answered && asked.iter().any(|fd| fd.revents().contains(PollFlags::ERR))
    }

    /// Progress over `total` steps: redrawn in place on a terminal, printed as a line every ten seconds elsewhere, and not
    /// shown for few steps.
    #[must_use]
    pub fn progress(&self, label: Bilingual, total: usize) -> Progress {
        let (shown, terminal) = (total >= 20, io::stderr().is_terminal());
        let started = Instant::now();
        let drawn = (!terminal).then_some(started);
        Progress { console: *self, label, total, done: 0, failed: 0, started, drawn, shown, terminal }
    }
}

/// The index where the last part of a question begins: after two spaces, or after a Chinese full stop or
/// question mark.
fn last_clause(question: &str) -> usize {
    let end = question.trim_end().len();
    let after =
        |mark: &str| question.get(..end)?.rfind(mark).map(|at| at + mark.len()).filter(|at| *at < end);
    ["  ", "？", "。"].into_iter().filter_map(after).max().unwrap_or(0)
}

/// Whether an answer other than `Yes` probably means yes.
fn is_nearly_yes(answer: &str) -> bool {
    let meant = answer.trim();
    answer != "Yes" && ["y", "yes", "yes.", "是", "Ｙｅｓ"].iter().any(|yes| meant.eq_ignore_ascii_case(yes))
}

/// Cuts a line that is redrawn in place to the width of the window: a longer line would wrap, and the wrapped
/// part would stay.
fn fitting(text: &str) -> String {
    Stream::Error.columns().map_or_else(|| text.to_owned(), |columns| cut(text, columns.saturating_sub(2)))
}

/// A progress line.
#[derive(Debug)]
pub struct Progress {
    console: Console,
    label: Bilingual,
    total: usize,
    done: usize,
    failed: usize,
    started: Instant,
    drawn: Option<Instant>,
    shown: bool,
    terminal: bool,
}

impl Progress {
    /// One more step is done.
    pub fn step(&mut self) {
        self.done += 1;
        self.draw();
    }

    /// One more step failed.
    pub fn fail(&mut self) {
        self.failed += 1;
        self.draw();
    }

    fn draw(&mut self) {
        let every = if self.terminal { 200 } else { 10_000 };
        let over = self.done + self.failed >= self.total;
        let due = self.drawn.is_none_or(|at| at.elapsed().as_millis() >= every) || (over && self.terminal);
        if !self.shown || !due {
            return;
        }
        self.drawn = Some(Instant::now());
        let text = self.text(self.started.elapsed().as_secs());
        let text = fitting(text.get(self.console.lang));
        let _ = match (self.terminal, over) {
            (true, false) => write!(io::stderr().lock(), "\r  {text}\u{1b}[K"),
            (true, true) => writeln!(io::stderr().lock(), "\r  {text}\u{1b}[K"),
            (false, _) => writeln!(io::stderr().lock(), "  {text}"),
        };
    }

    fn text(&self, elapsed: u64) -> Bilingual {
        let (done, failed, total) = (self.done, self.failed, self.total);
        let left = total.saturating_sub(done + failed);
        let seconds = elapsed * left as u64 / ((done + failed).max(1) as u64);
        bi!(
            "{}: {done} of {total}, {failed} failed, {left} left; {elapsed} s, about {seconds} s to go",
            "{}：{done} / {total}，失败 {failed}，剩余 {left}；已用 {elapsed} 秒，约还需 {seconds} 秒",
            self.label.get(self.console.lang)
        )
    }
}
