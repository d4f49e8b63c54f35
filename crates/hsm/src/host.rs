//! The program's end of the pipes: it starts the child, sends one request at a time, and waits no longer than the time limit.
//!
//! The child is treated as hostile: its replies are capped, parsed strictly, and verified wherever they can be. A child that ends, stays
//! silent or sends nonsense causes a specific error, and the child is ended with the program.

use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use keyferry_core::refusals;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::advice;
use crate::protocol::{LOADER, MAX_TOKENS, Refusal, Reply, Request, Text, frame_length, write_frame};

refusals! {
    /// Why a module could not be used, or stopped working.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub(crate) enum ModuleError: Refused {
        /// The child could not be started.
        Start(why: io::ErrorKind) => HSM_MODULE, class(Io),
            what("the process for the module could not be started: {why}", "无法启动模块进程：{why}"),
            hint("look for a limit on processes (`ulimit -u`), or for too little memory, then run the command again",
                 "请检查进程数限制（`ulimit -u`）或内存不足，然后重新运行命令");
        /// A signal ended it: most likely a crash of the module.
        Signal {
            /// Its number.
            number: i32,
            /// Which PKCS#11 function was asked for.
            during: &'static str,
        } => HSM_MODULE,
            what("the module was ended by signal {number} during {during}", "模块在 {during} 期间因信号 {number} 终止"),
            hint("the module crashed: report it to its maker with this command; try `probe`, or another version of the module. No ciphertext was written",
                 "模块崩溃：请将此命令报告给厂商；可尝试 `probe` 或模块的其他版本。没有写出密文");
        /// It ended by itself.
        Exited {
            /// Its exit code.
            code: i32,
            /// Which PKCS#11 function was asked for.
            during: &'static str,
        } => HSM_MODULE,
            what("the module's process ended with exit code {code} during {during}",
                 "模块进程在 {during} 期间以退出码 {code} 结束"),
            hint("the module ended the process that it was loaded into: try another version of it. No ciphertext was written",
                 "模块结束了加载它的进程：请尝试其他版本。没有写出密文");
        /// It did not answer.
        Silent {
            /// The time limit.
            seconds: u64,
            /// Which PKCS#11 function was asked for.
            during: &'static str,
        } => HSM_MODULE,
            what("the module did not answer for {seconds} seconds during {during}; its process was ended",
                 "模块在 {during} 期间 {seconds} 秒未响应；其进程已被结束"),
            hint("check that the HSM is connected and is not waiting for a confirmation at the device; a slow one needs a longer --time-limit. No ciphertext was written",
                 "请检查 HSM 是否已连接、是否需要在其上确认；较慢的设备请延长 --time-limit。没有写出密文");
        /// It sent an invalid answer.
        Nonsense(during: &'static str) => HSM_MODULE,
            what("the module's process returned an invalid answer to {during}; its process was ended",
                 "模块进程对 {during} 的回答无效；其进程已被结束"),
            hint("the module may have damaged its process: try another version of it. No ciphertext was written",
                 "模块可能损坏了自己的进程：请尝试其他版本。没有写出密文");
        /// The path cannot be that of a module.
        Path => HSM_MODULE, class(Usage),
            what("the path of the module is not UTF-8", "模块路径不是 UTF-8"),
            hint("give the module with a path in plain letters", "请用普通字符的路径给出模块");
        /// The file is not a module for this machine.
        NotLoaded(code: Text) => HSM_MODULE,
            what("the file cannot be loaded as a PKCS#11 module: {code}", "该文件无法作为 PKCS#11 模块加载：{code}"),
            hint("give the maker's module for this processor; a library that it needs may be missing. Nothing was made",
                 "请给出适用于本机处理器的厂商模块；也可能缺少它所需的库。尚未生成任何内容");
        /// It is p11-kit's proxy, which loads every module that is registered on the machine.
        Proxy => HSM_MODULE,
            what("the file is p11-kit's proxy: it loads every module that is registered on this machine",
                 "该文件是 p11-kit 代理：它会加载本机登记的所有模块"),
            hint("give the maker's own module, whose digest is in the plan. Nothing was made",
                 "请指定厂商自己的模块，其摘要写在计划中。尚未生成任何内容");
        /// It has more tokens than can be compared with the requested one.
        ManyTokens => HSM_TOKEN,
            what("the module has more than {MAX_TOKENS} tokens, so it cannot be determined whether only one has this label",
                 "该模块有超过 {MAX_TOKENS} 个硬件令牌，因此无法确定只有一个硬件令牌具有此标签"),
            hint("let the module see only the ceremony's token: unplug the others, or change its configuration. Nothing was made",
                 "请让该模块只看到仪式所用的硬件令牌：拔下其他硬件令牌，或更改其配置。尚未生成任何内容");
        /// It refused a call.
        Refused(refusal: Refusal) => HSM_CALL,
            what("the module refused {call}: {code}", "模块拒绝了 {call}：{code}", call = refusal.call, code = refusal.code),
            hint(advice::after(refusal));
    }
}

impl ModuleError {
    /// The call that failed, and what the module answered, if it answered.
    pub(crate) fn call(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Signal { during, .. }
            | Self::Exited { during, .. }
            | Self::Silent { during, .. }
            | Self::Nonsense(during) => Some((during, None)),
            Self::NotLoaded(code) => Some((LOADER, Some(code.as_str()))),
            Self::Refused(refusal) => Some(refusal.parts()),
            Self::Start(_) | Self::Path | Self::Proxy | Self::ManyTokens => None,
        }
    }
}

/// One side of a conversation with a module.
pub(crate) trait Speak {
    /// Sends a request and waits for the reply. `pin` follows the request in its own frame.
    ///
    /// # Errors
    /// [`ModuleError`]; a refusal by the module is a reply, not an error.
    fn ask(&mut self, request: &Request, pin: Option<&[u8]>) -> Result<Reply, ModuleError>;
}

/// How long a child that closed its pipe may take to end by itself.
const TO_END: Duration = Duration::from_secs(2);

/// How often to check whether a child that does not answer is still running.
const GLANCE: Duration = Duration::from_millis(200);

/// The child.
#[derive(Debug)]
pub(crate) struct Host {
    child: Child,
    /// The pipe that is closed to end the child.
    requests: Option<ChildStdin>,
    replies: ChildStdout,
    limit: Duration,
}

impl Host {
    /// Starts `program` with `args`; it answers each request within `limit`, or is ended.
    pub(crate) fn start(program: &Path, args: &[&str], limit: Duration) -> Result<Self, ModuleError> {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|e| ModuleError::Start(e.kind()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (requests @ Some(_), Some(replies)) => Ok(Self { child, requests, replies, limit }),
            _ => Err(ModuleError::Start(io::ErrorKind::BrokenPipe)),
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads exactly as much as `buffer` takes, before `deadline`.
    fn fill(
        &mut self,
        buffer: &mut [u8],
        deadline: Instant,
        during: &'static str,
    ) -> Result<(), ModuleError> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let soon = deadline.min(Instant::now() + GLANCE);
            if !readable(&self.replies, soon) {
                // A process that the module left behind can hold the pipe open.
                if matches!(self.child.try_wait(), Ok(Some(_))) && !readable(&self.replies, soon) {
                    return Err(self.ended(during));
                }
                if soon < deadline {
                    continue;
                }
                self.end();
                return Err(ModuleError::Silent { seconds: self.limit.as_secs(), during });
            }
            match self.replies.read(rest) {
                Ok(0) => return Err(self.ended(during)),
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(self.ended(during)),
            }
        }
        Ok(())
    }

    /// How the child ended, after it closed the pipe.
    fn ended(&mut self, during: &'static str) -> ModuleError {
        let status = self.wait();
        if status.is_none() {
            self.end();
        }
        status.map_or(ModuleError::Nonsense(during), |status| of_status(status, during))
    }

    /// How the child ended, if it ends soon.
    fn wait(&mut self) -> Option<ExitStatus> {
        let since = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if since.elapsed() < TO_END => std::thread::sleep(Duration::from_millis(5)),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// On newer kernels, a process that is restricted to a folder cannot send a signal out of its Landlock domain. The child ends itself
    /// when the pipe is closed.
    fn end(&mut self) {
        drop(self.requests.take());
        if self.child.kill().is_ok() {
            let _ = self.child.wait();
        } else {
            let _ = self.wait();
        }
    }
}

impl Drop for Host {
    /// A module that was told to close has nothing left to do.
    fn drop(&mut self) {
        self.end();
    }
}

impl Speak for Host {
    fn ask(&mut self, request: &Request, pin: Option<&[u8]>) -> Result<Reply, ModuleError> {
        let (during, deadline) = (request.call(), Instant::now() + self.limit);
        let body = serde_json::to_vec(request).map_err(|_| ModuleError::Nonsense(during))?;
        let sent = self.requests.as_mut().map(|pipe| {
            write_frame(pipe, &body).and_then(|()| pin.map_or(Ok(()), |pin| write_frame(pipe, pin)))
        });
        if !matches!(sent, Some(Ok(()))) {
            return Err(self.ended(during));
        }
        let mut header = [0; 4];
        self.fill(&mut header, deadline, during)?;
        let Some(length) = frame_length(header) else {
            self.end();
            return Err(ModuleError::Nonsense(during));
        };
        let mut frame = vec![0; length];
        self.fill(&mut frame, deadline, during)?;
        serde_json::from_slice(&frame).map_err(|_| {
            self.end();
            ModuleError::Nonsense(during)
        })
    }
}

fn of_status(status: ExitStatus, during: &'static str) -> ModuleError {
    match (status.signal(), status.code()) {
        (Some(number), _) => ModuleError::Signal { number, during },
        (_, code) => ModuleError::Exited { code: code.unwrap_or(-1), during },
    }
}

/// Whether something can be read before the deadline; the end of the pipe counts as readable.
fn readable(pipe: &ChildStdout, deadline: Instant) -> bool {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let time = Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 0, tv_nsec: 0 });
        let mut asked = [PollFd::new(pipe, PollFlags::IN)];
        match poll(&mut asked, Some(&time)) {
            Ok(0) => return false,
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The result with this shell script as the child.
    fn asked(script: &str, limit: u64) -> Result<Reply, ModuleError> {
        let mut host =
            Host::start(Path::new("/bin/sh"), &["-c", script], Duration::from_secs(limit)).unwrap();
        host.ask(&Request::Tokens {}, None)
    }

    const DURING: &str = "C_GetTokenInfo";

    #[test]
    fn a_crash_is_told_with_its_signal() {
        // Bus errors and segmentation faults, as caused by a module that writes where it must not.
        for number in [7, 11] {
            let crash = asked(&format!("head -c 4 >/dev/null; kill -{number} $$"), 60);
            assert_eq!(crash, Err(ModuleError::Signal { number, during: DURING }));
        }
    }

    #[test]
    fn a_child_that_ends_is_told_with_its_code() {
        let ended = asked("head -c 4 >/dev/null; exit 3", 60);
        assert_eq!(ended, Err(ModuleError::Exited { code: 3, during: DURING }));
        // The child may also end in the middle of a reply.
        let ended = asked("printf '\\000\\000\\000\\011{'; exit 0", 60);
        assert_eq!(ended, Err(ModuleError::Exited { code: 0, during: DURING }));
    }

    #[test]
    fn a_process_that_was_left_behind_hides_no_end() {
        let crash = asked("sleep 20 & head -c 4 >/dev/null; kill -11 $$", 10);
        assert_eq!(crash, Err(ModuleError::Signal { number: 11, during: DURING }));
    }

    #[test]
    fn silence_has_an_end() {
        for script in ["exec sleep 120", "printf '\\000\\000'; exec sleep 120"] {
            assert_eq!(asked(script, 1), Err(ModuleError::Silent { seconds: 1, during: DURING }));
        }
    }

    #[test]
    fn nonsense_is_no_reply() {
        let nonsense = Err(ModuleError::Nonsense(DURING));
        for reply in [
            "\\377\\377\\377\\377",
            "\\000\\000\\000\\002xx",
            "\\000\\000\\000\\002{}",
            "\\000\\000\\000\\031{\"reply\":\"done\",\"more\":1}",
        ] {
            assert_eq!(asked(&format!("printf '{reply}'; exec sleep 600"), 60), nonsense, "{reply}");
        }
        // The process closes its pipe and keeps running.
        assert_eq!(asked("exec >&-; exec sleep 600", 60), nonsense);
    }

    #[test]
    fn a_whole_reply_is_taken() {
        assert_eq!(
            asked("printf '\\000\\000\\000\\020{\"reply\":\"done\"}'; exec sleep 600", 60),
            Ok(Reply::Done {})
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_told() {
        let started = Host::start(Path::new("/nonexistent"), &[], TO_END).unwrap_err();
        assert_eq!(started, ModuleError::Start(io::ErrorKind::NotFound));
    }
}
