//! `kill -9` at a system call: the n-th call of a kind, counted over all threads of a program, is never made. Alternatively, something
//! else happens just before that call, and the program continues.
//!
//! Between two calls that change a file, nothing on the disk changes. So killing a run before each such call, and before its exit,
//! covers every moment of the run, whatever the machine's speed and load. The program is our own child, so no privilege is needed.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use nix::libc::{self, PTRACE_EVENT_EXEC, c_long};
use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Waits for the line that says it is traced, then becomes the program.
const SHELL: &str = r#"read -r traced; exec "$0" "$@""#;

/// A system call that a thread is about to make.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    number: c_long,
    args: [u64; 3],
}

/// A kind of call.
pub type Kind = fn(&Call) -> bool;

/// It changes a file or a folder, flushes one, or ends the program.
pub fn changes_a_file(call: &Call) -> bool {
    let creates = |flags: u64| {
        let has = |flag: i32| flags & u64::from(flag.cast_unsigned()) == u64::from(flag.cast_unsigned());
        has(libc::O_CREAT) || has(libc::O_TRUNC) || has(libc::O_TMPFILE)
    };
    match call.number {
        libc::SYS_open => creates(call.args[1]),
        libc::SYS_openat => creates(call.args[2]),
        libc::SYS_exit_group | libc::SYS_mkdir | libc::SYS_mkdirat => true,
        _ => fills_a_file(call) || names_a_file(call),
    }
}

/// Whether the call writes to a file, sets its length, or flushes it. This assumes that nothing else writes to
/// descriptors above 2.
fn fills_a_file(call: &Call) -> bool {
    matches!(call.number, libc::SYS_write | libc::SYS_writev) && call.args[0] > 2 || keeps_a_database(call)
}

/// What a database does to its file: positioned writes, a new length, a flush.
pub fn keeps_a_database(call: &Call) -> bool {
    let calls = [libc::SYS_pwrite64, libc::SYS_ftruncate, libc::SYS_fallocate, libc::SYS_fsync];
    call.number == libc::SYS_fdatasync || calls.contains(&call.number)
}

/// It creates or removes the name of a file.
fn names_a_file(call: &Call) -> bool {
    let link = [libc::SYS_link, libc::SYS_linkat, libc::SYS_unlink, libc::SYS_unlinkat];
    let rename = [libc::SYS_rename, libc::SYS_renameat, libc::SYS_renameat2];
    link.contains(&call.number) || rename.contains(&call.number)
}

/// It links a nameless file to a name.
pub fn links_a_file(call: &Call) -> bool {
    call.number == libc::SYS_linkat
}

/// It changes a file, or opens, reads or closes one.
pub fn touches_a_file(call: &Call) -> bool {
    let opens = matches!(call.number, libc::SYS_open | libc::SYS_openat | libc::SYS_close);
    let reads = matches!(call.number, libc::SYS_read | libc::SYS_pread64) && call.args[0] > 2;
    opens || reads || changes_a_file(call)
}

/// It changes a file, or sends data to the service. The number of reads for an answer depends on how it arrives, so reads do not
/// count.
pub fn changes_or_speaks(call: &Call) -> bool {
    call.number == libc::SYS_sendto || changes_a_file(call)
}

/// It changes a file, or reads typed input.
pub fn reads_input_or_changes(call: &Call) -> bool {
    call.number == libc::SYS_read && call.args[0] == 0 || changes_a_file(call)
}

/// It flushes lines of a record or journal to the device.
pub fn flushes_lines(call: &Call) -> bool {
    call.number == libc::SYS_fdatasync
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// Number of calls of the kind, including the one that was not made.
    pub calls: usize,
    /// Its standard error.
    pub err: String,
}

impl Ended {
    /// Whether the run was killed; if not, it must have ended normally.
    #[track_caller]
    pub fn killed(&self) -> bool {
        assert!(matches!(self.code, None | Some(0)), "{self:?}");
        self.code.is_none()
    }
}

/// A program that will be killed unless it ends first.
pub struct KillAt {
    pub stdin: Option<ChildStdin>,
    pub stdout: ChildStdout,
    stderr: File,
    tracer: JoinHandle<(Option<i32>, usize)>,
}

impl KillAt {
    /// Starts a command with its whole environment; it is killed as it enters call `n` of the kind, counted from 1.
    pub fn start(command: &Command, kind: Kind, n: usize) -> Self {
        Self::trace(command, kind, n, None)
    }

    /// Like [`start`](Self::start), but before the first call of the kind, `act` is run and the program continues.
    pub fn act_before(command: &Command, kind: Kind, act: impl FnOnce() + Send + 'static) -> Self {
        Self::trace(command, kind, 1, Some(Box::new(act)))
    }

    fn trace(command: &Command, kind: Kind, n: usize, act: Option<Act>) -> Self {
        let program = PathBuf::from(command.get_program()).canonicalize().unwrap();
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SHELL]).arg(&program).args(command.get_args());
        shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        // A file, because nobody reads it while the program runs.
        let stderr = tempfile::tempfile().unwrap();
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr.try_clone().unwrap());
        let (give, take) = mpsc::channel();
        // The kernel accepts requests only from the tracing thread.
        let tracer = thread::spawn(move || {
            let mut child = shell.spawn().unwrap();
            let options = Options::PTRACE_O_TRACESYSGOOD
                | Options::PTRACE_O_TRACEEXEC
                | Options::PTRACE_O_TRACECLONE
                | Options::PTRACE_O_EXITKILL;
            ptrace::seize(pid(&child), options).unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(b"\n").unwrap();
            give.send((stdin, child.stdout.take().unwrap())).unwrap();
            Tracer { child, program, kind, n, act, calls: 0, begun: false }.follow()
        });
        let (stdin, stdout) = take.recv().unwrap();
        Self { stdin: Some(stdin), stdout, stderr, tracer }
    }

    /// Waits until it ends, with no further input.
    pub fn end(mut self) -> Ended {
        drop(self.stdin.take());
        let (code, calls) = self.tracer.join().unwrap();
        let mut err = String::new();
        self.stderr.rewind().unwrap();
        self.stderr.read_to_string(&mut err).unwrap();
        Ended { code, calls, err }
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().unwrap())
}

/// What is done instead of a kill.
type Act = Box<dyn FnOnce() + Send>;

struct Tracer {
    child: Child,
    program: PathBuf,
    kind: Kind,
    n: usize,
    act: Option<Act>,
    calls: usize,
    /// The shell has become the program.
    begun: bool,
}

impl Tracer {
    /// Passes signals on until the program ends; returns its exit code, and the number of calls of the kind.
    fn follow(mut self) -> (Option<i32>, usize) {
        let main = pid(&self.child);
        // Only the program's threads, not children of other threads of this test.
        let whose = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let (thread, signal) = match waitpid(None, Some(whose)).unwrap() {
                WaitStatus::Exited(pid, code) if pid == main => return (Some(code), self.calls),
                WaitStatus::Signaled(pid, ..) if pid == main => return (None, self.calls),
                WaitStatus::PtraceSyscall(pid) if self.is_reached(pid) => match self.act.take() {
                    Some(act) => {
                        act();
                        (pid, None)
                    }
                    None => {
                        self.child.kill().unwrap();
                        continue;
                    }
                },
                WaitStatus::PtraceEvent(pid, _, PTRACE_EVENT_EXEC) => {
                    // `/proc/PID/exe` links to the program that now runs.
                    let runs = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap();
                    self.begun = runs.as_os_str().as_bytes() == self.program.as_os_str().as_bytes();
                    (pid, None)
                }
                WaitStatus::PtraceSyscall(pid) | WaitStatus::PtraceEvent(pid, ..) => (pid, None),
                WaitStatus::Stopped(pid, signal) => (pid, Some(signal)),
                _ => continue,
            };
            // A thread may have been killed in the meantime: that is reported next.
            let _ = ptrace::syscall(thread, signal);
        }
    }

    /// Whether this thread is about to make call `n`.
    fn is_reached(&mut self, thread: Pid) -> bool {
        let Some(call) = entered(thread) else { return false };
        if !self.begun || !(self.kind)(&call) {
            return false;
        }
        self.calls += 1;
        self.calls == self.n
    }
}

/// The call, if the thread is about to enter it and has not returned from it: the kernel has then stored ENOSYS as the result.
fn entered(thread: Pid) -> Option<Call> {
    let registers = ptrace::getregs(thread).ok()?;
    let number = registers.orig_rax.cast_signed();
    let args = [registers.rdi, registers.rsi, registers.rdx];
    (registers.rax.cast_signed() == i64::from(-libc::ENOSYS)).then_some(Call { number, args })
}
