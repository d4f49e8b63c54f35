//! The HSM station and the child that holds the module: the program's memory at its exit, the child's while it waits for a request.
//!
//! The program starts the child, which forbids reading its memory as soon as it runs. The kernel attaches the tracer to the child
//! when the child is created. The handle on the child's memory is opened at its `exec`, like the program's.

use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::libc::{ENOSYS, PTRACE_EVENT_EXEC, PTRACE_EVENT_EXIT, SYS_read};
use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::trace::{Handles, Mapping, SHELL};

/// What both processes had in memory.
pub(crate) struct Memories {
    /// The program, at its exit.
    pub(crate) program: Vec<Mapping>,
    /// The child while the token has the key, which was wrapped and digested and will be destroyed next.
    pub(crate) with_key: Vec<Mapping>,
    /// After `C_DestroyObject` of both keys, before `C_Finalize`.
    pub(crate) destroyed: Vec<Mapping>,
    /// After `C_Finalize`.
    pub(crate) finalized: Vec<Mapping>,
}

/// Number of snapshots that are kept: one each before the key and the wrapping key are destroyed, the token is read again, and the module is released; and
/// one after that.
const KEPT: usize = 5;

/// Runs `station` with `program` in its place, types `input`, and returns what the two processes had.
#[allow(clippy::zombie_processes)] // The tracer waits for it, in `follow`.
pub(crate) fn memories(program: &Path, station: &Command, input: &str) -> Memories {
    let program = program.canonicalize().unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", SHELL]).arg(&program).args(station.get_args());
    shell.current_dir(station.get_current_dir().unwrap()).env_clear();
    shell.envs(station.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let main = Pid::from_raw(child.id().try_into().unwrap());
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACEEXIT
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(main, options).unwrap();
    child.stdin.take().unwrap().write_all(format!("\n{input}").as_bytes()).unwrap();
    let pair = Pair {
        main,
        program,
        handles: HashMap::new(),
        requests: None,
        at_exit: Vec::new(),
        waits: VecDeque::new(),
    };
    let (ended, at_exit, mut waits) = pair.follow();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(ended, WaitStatus::Exited(main, 0), "{err}");
    let mut last = || waits.pop_back().unwrap();
    let (finalized, destroyed, _, _, with_key) = (last(), last(), last(), last(), last());
    Memories { program: at_exit, with_key, destroyed, finalized }
}

struct Pair {
    main: Pid,
    program: PathBuf,
    handles: HashMap<Pid, Handles>,
    /// The child's descriptor that requests come from.
    requests: Option<u64>,
    at_exit: Vec<Mapping>,
    waits: VecDeque<Vec<Mapping>>,
}

impl Pair {
    /// Passes signals on until the program is over.
    fn follow(mut self) -> (WaitStatus, Vec<Mapping>, VecDeque<Vec<Mapping>>) {
        // Only these two processes, not children of other threads of this test.
        let whose = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let (pid, signal) = match waitpid(None, Some(whose)).unwrap() {
                ended @ (WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..)) if pid == self.main => {
                    return (ended, self.at_exit, self.waits);
                }
                WaitStatus::PtraceEvent(pid, _, PTRACE_EVENT_EXEC) => {
                    // The first stop may still be the shell's.
                    if std::fs::read_link(format!("/proc/{pid}/exe")).unwrap() == self.program {
                        self.handles.insert(pid, Handles::open(pid));
                    }
                    (pid, None)
                }
                WaitStatus::PtraceEvent(pid, _, PTRACE_EVENT_EXIT) => {
                    if pid == self.main {
                        self.at_exit = self.read(pid);
                    }
                    (pid, None)
                }
                WaitStatus::PtraceSyscall(pid) => {
                    if self.waits_for_a_request(pid) {
                        let memory = self.read(pid);
                        self.waits.push_back(memory);
                        if self.waits.len() > KEPT {
                            self.waits.pop_front();
                        }
                    }
                    (pid, None)
                }
                WaitStatus::PtraceEvent(pid, ..) => (pid, None),
                WaitStatus::Stopped(pid, signal) => (pid, Some(signal)),
                _ => continue,
            };
            // It may have been killed in the meantime: that is reported next.
            let _ = if pid == self.main { ptrace::cont(pid, signal) } else { ptrace::syscall(pid, signal) };
        }
    }

    fn read(&mut self, pid: Pid) -> Vec<Mapping> {
        self.handles.get_mut(&pid).unwrap().read()
    }

    /// Whether the child is about to read a four-byte header. The descriptor must be that of its first header, which it read before
    /// any module ran.
    fn waits_for_a_request(&mut self, pid: Pid) -> bool {
        if pid == self.main || !self.handles.contains_key(&pid) {
            return false;
        }
        let Ok(registers) = ptrace::getregs(pid) else { return false };
        let enters = registers.rax.cast_signed() == i64::from(-ENOSYS);
        let header = registers.orig_rax.cast_signed() == SYS_read && registers.rdx == 4 && registers.rdi > 2;
        enters && header && *self.requests.get_or_insert(registers.rdi) == registers.rdi
    }
}
