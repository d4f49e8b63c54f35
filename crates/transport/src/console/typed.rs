//! Reads secrets that people type, byte by byte and usually without showing them, and wipes them.
//!
//! On a terminal, the line is edited here, with echo and the terminal's own signals off. Ctrl-C arrives as a byte, so the terminal is
//! always restored before the program continues or ends by itself. (After `kill -9`, it is not; use `stty sane`.) Words on the screen are
//! edited and echoed by the terminal in its usual mode. Signals, including those from its keys, then arrive through a descriptor, and a
//! time limit ends the wait, so that the caller can clear the screen. From other inputs, such as a pipe, one line is one answer. Nothing
//! is buffered beyond the line, because the standard library never wipes its buffers.

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use keyferry_core::{Bilingual, bi, refusals};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcsetattr,
};
use zeroize::{Zeroize, Zeroizing};

/// Maximum length of a secret line in bytes.
pub const MAX_SECRET: usize = 4096;
/// Length of a `struct signalfd_siginfo` in bytes (`signalfd(2)`).
const SIGNAL_REPORT: usize = 128;

refusals! {
    /// Why a secret was not accepted.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum NoSecret: Refused {
        /// The input ended before a line began.
        Ended => SECRET_TYPED,
            what("the input ended before the secret was typed", "输入在键入机密内容之前结束"),
            hint(run_again_when_ready());
        /// Ctrl-C, Ctrl-\ or Ctrl-Z, or a signal while a secret was on the screen.
        Interrupted => SECRET_TYPED,
            what("the command was interrupted while a secret was typed or shown", "命令在键入或显示机密时被中断"),
            hint(run_again_when_ready());
        /// The time limit in the [`Watch`] ended while a secret was on the screen.
        Expired => SECRET_TYPED,
            what("a secret was on the screen for too long without anybody pressing Enter; it was cleared",
                 "机密显示时间过长而无人按回车；已将其隐藏"),
            hint(run_again_when_ready());
        /// The line is longer than [`MAX_SECRET`].
        TooLong => SECRET_TYPED,
            what("a secret line is longer than {MAX_SECRET} bytes", "机密内容的一行超过 {MAX_SECRET} 字节"),
            hint("type a shorter line, or use several lines if the question allows them", "请减少内容，或在允许时分行键入");
        /// The line is not UTF-8.
        Encoding => SECRET_TYPED,
            what("a secret line is not UTF-8 text", "机密内容不是 UTF-8 文本"),
            hint("set a UTF-8 locale, or type plain letters and digits", "请设置 UTF-8 区域，或只键入字母和数字");
        /// The question could not be written to standard error.
        Unasked => SECRET_TYPED, class(Io),
            what("the question for a secret could not be written to standard error, so no answer was read",
                 "无法将索取机密内容的提问写到标准错误，因此没有读取回答"),
            hint("run the command with standard error on the terminal of the people who answer",
                 "请让标准错误输出到应答者的终端，然后重新运行命令");
        /// The terminal fails, or cannot hide typed text.
        Terminal => SECRET_TYPED, class(Io),
            what("the terminal cannot hide what is typed", "终端无法隐藏键入的内容"),
            hint("use the machine's own console", "请使用本机自带的控制台");
        /// The system cannot block the signals that would leave a secret on the screen.
        Signals => SECRET_TYPED, class(Io),
            what("the system cannot block signals, so a secret could stay on the screen; it was not shown",
                 "系统无法暂缓信号，机密可能留在屏幕上；未予显示"),
            hint("use another kernel, or use a pipe or files instead of the screen", "请换用其他内核，或用管道、文件代替屏幕");
    }
}

/// The events that end the wait for a person while a secret is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'s> {
    /// A descriptor that becomes readable when a blocked signal has arrived.
    pub signals: BorrowedFd<'s>,
    /// How long one screen or one line may stay visible; `None` if there is nothing to hide.
    pub limit: Option<Duration>,
}

fn run_again_when_ready() -> Bilingual {
    bi!("run the command again when the people who type are ready", "请在键入者准备好之后重新运行命令")
}

/// Discards what was typed at a terminal before the question, because it is not the answer. A pipe is left alone,
/// because its contents were prepared for this run.
pub(super) fn forget_earlier() {
    if io::stdin().is_terminal() {
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    }
}

/// Reads one line, without its line break, and does not show it.
pub(super) fn secret_line() -> Result<Zeroizing<String>, NoSecret> {
    let line = plain_or_hidden()?;
    let text = core::str::from_utf8(&line).map_err(|_| NoSecret::Encoding)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads one line, without its line break, which a terminal shows as it is typed. A signal or the time limit ends
/// the wait.
pub(super) fn visible_line(watch: Option<Watch<'_>>) -> Result<Zeroizing<String>, NoSecret> {
    let began = Instant::now();
    let line = plain_line(MAX_SECRET, || {
        watch.map_or(Ok(()), |watch| wait(watch, io::stdin(), || began.elapsed()))?;
        octet()
    })?;
    let text = core::str::from_utf8(&line).map_err(|_| NoSecret::Encoding)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Hides typed text while `read` runs.
pub(super) fn hidden<T>(read: impl FnOnce() -> Result<T, NoSecret>) -> Result<T, NoSecret> {
    let _hidden = if io::stdin().is_terminal() { Some(Hidden::new()?) } else { None };
    read()
}

fn plain_or_hidden() -> Result<Zeroizing<Vec<u8>>, NoSecret> {
    if io::stdin().is_terminal() { edited(octet) } else { plain_line(MAX_SECRET, octet) }
}

/// Reads one line from a pipe or file, at most `cap` bytes long.
pub(super) fn answer_line(cap: usize) -> Result<Zeroizing<Vec<u8>>, NoSecret> {
    plain_line(cap, octet)
}

/// Reads one byte from standard input without any buffer.
fn octet() -> Result<Option<u8>, NoSecret> {
    let mut octet = [0];
    loop {
        match rustix::io::read(io::stdin(), &mut octet) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(octet.first().copied()),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Err(NoSecret::Terminal),
        }
    }
}

/// Waits until something is typed, a signal is reported, or the time limit is reached. Reading the signal
/// consumes it.
fn wait(watch: Watch<'_>, input: impl AsFd, elapsed: impl Fn() -> Duration) -> Result<(), NoSecret> {
    let signals = watch.signals;
    loop {
        let left = watch.limit.map(|limit| timespec(limit.saturating_sub(elapsed())));
        let mut asked = [PollFd::new(&signals, PollFlags::IN), PollFd::new(&input, PollFlags::IN)];
        match poll(&mut asked, left.as_ref()) {
            Ok(0) => return Err(NoSecret::Expired),
            Ok(_) => {}
            // A signal arrived, such as the one for a resized window, so compute the remaining time again.
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return Err(NoSecret::Terminal),
        }
        let [signalled, typed] = asked.map(|fd| !fd.revents().is_empty());
        if signalled {
            let mut report = [0; SIGNAL_REPORT];
            let _ = rustix::io::read(signals, &mut report);
            return Err(NoSecret::Interrupted);
        }
        if typed {
            return Ok(());
        }
    }
}

fn timespec(left: Duration) -> Timespec {
    // Limits are a few minutes long; a limit that overflows the clock would expire at once.
    Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 0, tv_nsec: 0 })
}

fn plain_line(
    cap: usize,
    mut octet: impl FnMut() -> Result<Option<u8>, NoSecret>,
) -> Result<Zeroizing<Vec<u8>>, NoSecret> {
    let mut line = Zeroizing::new(Vec::with_capacity(cap));
    loop {
        match octet()? {
            None if line.is_empty() => return Err(NoSecret::Ended),
            None | Some(b'\n') => break,
            Some(_) if line.len() == cap => return Err(NoSecret::TooLong),
            Some(b) => line.push(b),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line)
}

/// Reads a line from a terminal that passes on every byte: Backspace and Ctrl-U edit; Ctrl-C, Ctrl-\ and Ctrl-Z
/// abort.
fn edited(mut octet: impl FnMut() -> Result<Option<u8>, NoSecret>) -> Result<Zeroizing<Vec<u8>>, NoSecret> {
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_SECRET));
    loop {
        match octet()? {
            None | Some(0x04) if line.is_empty() => return Err(NoSecret::Ended),
            None | Some(b'\n' | b'\r') => return Ok(line),
            Some(0x03 | 0x1a | 0x1c) => return Err(NoSecret::Interrupted),
            Some(0x15) => line.zeroize(),
            Some(0x08 | 0x7f) => while line.pop().is_some_and(|b| b & 0xc0 == 0x80) {},
            Some(_) if line.len() == MAX_SECRET => return Err(NoSecret::TooLong),
            Some(b) => line.push(b),
        }
    }
}

/// A terminal that does not show typed text until this is dropped.
pub(super) struct Hidden(Termios);

/// Hides typed text until the returned value is dropped; keys work as usual. Earlier input is discarded.
pub(super) fn without_echo() -> Result<Option<Hidden>, NoSecret> {
    io::stdin().is_terminal().then(|| Hidden::without(LocalModes::ECHO, |_| {})).transpose()
}

impl Hidden {
    /// Turns echo and the terminal's own signals off, so that Ctrl-C arrives as a byte.
    fn new() -> Result<Self, NoSecret> {
        let modes = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN;
        Self::without(modes, |hidden| {
            hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
            hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        })
    }

    fn without(modes: LocalModes, edit: impl FnOnce(&mut Termios)) -> Result<Self, NoSecret> {
        let before = tcgetattr(io::stdin()).map_err(|_| NoSecret::Terminal)?;
        let mut hidden = before.clone();
        hidden.local_modes -= modes;
        edit(&mut hidden);
        // Flush: what was typed before the question is not the answer.
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden).map_err(|_| NoSecret::Terminal)?;
        let this = Self(before);
        // tcsetattr succeeds if it could make any of the requested changes, so check the result.
        let shows = |t: Termios| t.local_modes.intersects(modes);
        if tcgetattr(io::stdin()).map_or(true, shows) { Err(NoSecret::Terminal) } else { Ok(this) }
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Octets<'a> = Box<dyn FnMut() -> Result<Option<u8>, NoSecret> + 'a>;

    fn octets(input: &[u8]) -> Octets<'_> {
        let mut input = input.iter().copied();
        Box::new(move || Ok(input.next()))
    }

    fn text(line: Result<Zeroizing<Vec<u8>>, NoSecret>) -> Result<String, NoSecret> {
        line.map(|l| String::from_utf8(l.to_vec()).unwrap())
    }

    #[test]
    fn a_line_is_edited_unseen() {
        let edit = |input: &[u8]| text(edited(octets(input)));
        assert_eq!(edit(b"ab\x7fc\n").as_deref(), Ok("ac"));
        assert_eq!(edit("a骰\x08b\r".as_bytes()).as_deref(), Ok("ab"));
        assert_eq!(edit(b"\x7f\x7fx\n").as_deref(), Ok("x"));
        assert_eq!(edit(b"wrong\x15right\n").as_deref(), Ok("right"));
        assert_eq!(edit(b"\n").as_deref(), Ok(""));
        for key in [0x03, 0x1a, 0x1c] {
            assert_eq!(edit(&[b'a', key, b'\n']), Err(NoSecret::Interrupted));
        }
        assert_eq!(edit(b"\x04"), Err(NoSecret::Ended));
        assert_eq!(edit(b""), Err(NoSecret::Ended));
        assert_eq!(edit(&[b'x'; MAX_SECRET + 1]), Err(NoSecret::TooLong));
    }

    #[test]
    fn a_line_of_a_pipe_ends_where_it_ends() {
        let read = |input: &[u8]| text(plain_line(4, octets(input)));
        assert_eq!(read(b"ab\r\ncd").as_deref(), Ok("ab"));
        assert_eq!(read(b"abcd").as_deref(), Ok("abcd"));
        assert_eq!(read(b"\n").as_deref(), Ok(""));
        assert_eq!(read(b""), Err(NoSecret::Ended));
        assert_eq!(read(b"abcde\n"), Err(NoSecret::TooLong));
    }

    /// The elapsed time is a parameter, so the test does not have to wait.
    #[test]
    fn a_line_in_sight_ends_with_what_comes_first() {
        let limit = Duration::from_secs(600);
        let (signals, mut signal) = std::io::pipe().unwrap();
        let (input, mut keyboard) = std::io::pipe().unwrap();
        let watch = |limit| Watch { signals: signals.as_fd(), limit };
        for passed in [limit, limit + Duration::from_nanos(1), Duration::MAX] {
            assert_eq!(wait(watch(Some(limit)), &input, || passed), Err(NoSecret::Expired));
        }
        io::Write::write_all(&mut keyboard, b"x").unwrap();
        for limit in [Some(limit), None] {
            assert_eq!(wait(watch(limit), &input, || Duration::ZERO), Ok(()));
        }
        // A line that arrives at the last moment is accepted, and a signal takes precedence over a line.
        assert_eq!(wait(watch(Some(limit)), &input, || limit), Ok(()));
        io::Write::write_all(&mut signal, &[0; SIGNAL_REPORT]).unwrap();
        assert_eq!(wait(watch(Some(limit)), &input, || limit), Err(NoSecret::Interrupted));
        assert_eq!(wait(watch(Some(limit)), &input, || limit), Ok(()), "it was read");
    }
}
