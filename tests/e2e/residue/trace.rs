//! A program's writable memory at the moment of its exit.
//!
//! The program is our own child, so no privilege is needed. It forbids tracing and reading (`PR_SET_DUMPABLE`), but only once it
//! runs: the shell before it is already traced, and the handle on its memory is opened at the `exec`. The kernel checks the access
//! when the handle is opened.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::libc::{PTRACE_EVENT_EXEC, PTRACE_EVENT_EXIT};
use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

/// Waits for the line that says it is traced, then becomes the program.
pub(super) const SHELL: &str = r#"read -r traced; exec "$0" "$@""#;

/// The kernel's name for `memfd_secret(2)` pages.
pub(crate) const SECRET_PAGES: &str = "/secretmem";

/// One writable mapping.
pub(crate) struct Mapping {
    /// `[stack]`, `[heap]`, the program's path for its data, nothing for anonymous memory.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Runs `program` in `dir`, types `input`, and returns every writable mapping at the program's exit.
///
/// `marker` is an environment variable's value: something that is certainly in memory.
pub(crate) fn memory_at_exit(
    program: &Path,
    args: &[&str],
    dir: &Path,
    input: &str,
    marker: &str,
) -> Vec<Mapping> {
    let program = program.canonicalize().unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", SHELL]).arg(&program).args(args).current_dir(dir);
    shell.env_clear().env("LANG", "C.UTF-8").env("MARKER", marker);
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_raw(child.id().try_into().unwrap());
    // Whatever goes wrong here, no traced process outlives the test.
    let options = Options::PTRACE_O_TRACEEXEC | Options::PTRACE_O_TRACEEXIT | Options::PTRACE_O_EXITKILL;
    ptrace::seize(pid, options).unwrap();
    child.stdin.take().unwrap().write_all(format!("\n{input}").as_bytes()).unwrap();
    wait_until(pid, PTRACE_EVENT_EXEC);
    // The first stop may still be the shell's.
    while std::fs::read_link(format!("/proc/{pid}/exe")).unwrap() != program {
        resume_until(pid, PTRACE_EVENT_EXEC);
    }
    let mut handles = Handles::open(pid);
    resume_until(pid, PTRACE_EVENT_EXIT);
    let memory = handles.read();
    ptrace::cont(pid, None).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    memory
}

fn resume_until(pid: Pid, wanted: i32) {
    ptrace::cont(pid, None).unwrap();
    wait_until(pid, wanted);
}

/// Passes signals on until the event.
fn wait_until(pid: Pid, wanted: i32) {
    loop {
        match waitpid(pid, None).unwrap() {
            WaitStatus::PtraceEvent(_, _, event) if event == wanted => return,
            WaitStatus::PtraceEvent(..) => ptrace::cont(pid, None).unwrap(),
            WaitStatus::Stopped(_, signal) => ptrace::cont(pid, signal).unwrap(),
            other => panic!("the program ended without a stop: {other:?}"),
        }
    }
}

/// `/proc/PID/maps` and `/proc/PID/mem`, opened while that was still allowed.
pub(super) struct Handles {
    maps: File,
    mem: File,
}

impl Handles {
    pub(super) fn open(pid: Pid) -> Self {
        let open = |name| File::open(format!("/proc/{pid}/{name}")).unwrap();
        Self { maps: open("maps"), mem: open("mem") }
    }

    pub(super) fn read(&mut self) -> Vec<Mapping> {
        let mut text = String::new();
        self.maps.rewind().unwrap();
        self.maps.read_to_string(&mut text).unwrap();
        text.lines().filter_map(|line| self.read_writable(line)).collect()
    }

    /// Parses `start-end perms offset device inode name`; `None` if the mapping is not writable.
    fn read_writable(&self, line: &str) -> Option<Mapping> {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        if !words.next()?.contains('w') {
            return None;
        }
        let [start, end] = [start, end].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        let name = words.nth(3).unwrap_or("anonymous").to_owned();
        let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
        match self.mem.read_exact_at(&mut bytes, start) {
            // The memory of key material while it is needed: no other process can read these pages, so they count as empty.
            Err(_) if name == SECRET_PAGES => bytes.clear(),
            read => read.unwrap(),
        }
        Some(Mapping { name, bytes })
    }
}
