//! Makes each attempt twice, by the same code in a separate process: without the sandbox, and inside it.
//!
//! A fatal call ends the process with SIGSYS; a denied call fails with an error; the calls that a station needs succeed. The run without
//! the sandbox is the live control: in it, the call succeeds or fails for a different reason.
#![allow(clippy::disallowed_types)] // the attempts, and a second process
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_sign_loss
)]

mod support;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use keyferry_core::SecretStore;
use keyferry_sandbox::{Folders, Sandbox, SecretMemory};
use keyferry_transport::harden;
use libc::{self as sys, EACCES, EMFILE, ENOMEM, EPERM, EXDEV, SIGABRT, SIGSYS, SIGXFSZ};
use support::{Outcome, attempt, call, finish, start};

type Act = Box<dyn FnOnce() -> Result<(), i32> + Send>;
/// The name of an attempt, and a function that prepares it before the process enters the sandbox; the attempt
/// itself is made inside.
type Attempt = (&'static str, fn() -> Act);

/// The error number of a failed operation.
fn errno<T>(result: std::io::Result<T>) -> Result<(), i32> {
    result.map(drop).map_err(|e| e.raw_os_error().unwrap_or(255))
}

fn act(f: impl FnOnce() -> Result<(), i32> + Send + 'static) -> Act {
    Box::new(f)
}

/// A call with arguments that need no preparation.
fn raw(number: sys::c_long, arguments: [usize; 6]) -> Act {
    act(move || call(number, arguments).map(drop))
}

fn fd(of: &impl AsRawFd) -> usize {
    usize::try_from(of.as_raw_fd()).unwrap()
}

const NONE: [usize; 6] = [0; 6];
/// No descriptor: `(int)-1`.
const BAD: usize = usize::MAX;

/// The attempt to start a thread, which is denied to a station with one thread.
const A_THREAD: &str = "a thread";

/// Attempts that kill the process at once.
const FATAL: &[Attempt] = &[
    ("socket", || act(|| errno(UdpSocket::bind("127.0.0.1:0")))),
    ("socket by a thread of before", || {
        let (go, wait) = std::sync::mpsc::channel();
        let (begun, begins) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            begun.send(()).unwrap();
            wait.recv().map(|()| errno(UdpSocket::bind("127.0.0.1:0")))
        });
        // A thread cannot begin inside this sandbox: the C library ends the process if it may not call `rseq`.
        begins.recv().unwrap();
        act(move || {
            go.send(()).unwrap();
            thread.join().unwrap().unwrap()
        })
    }),
    ("unix socket", || act(|| errno(UnixStream::pair()))),
    ("netlink socket", || raw(sys::SYS_socket, [16, 3, 0, 0, 0, 0])),
    ("connect", || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        act(move || errno(TcpStream::connect(listener.local_addr().unwrap())))
    }),
    ("connect with a socket of before", || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        act(move || errno(socket.connect("127.0.0.1:9")))
    }),
    ("accept", || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        act(move || errno(listener.accept().map(|accepted| (accepted, peer))))
    }),
    ("send to a socket of before", || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        act(move || errno(socket.send_to(b"secret", "127.0.0.1:9")))
    }),
    ("receive", || {
        let (mut one, two) = UnixStream::pair().unwrap();
        one.write_all(b"x").unwrap();
        act(move || call(sys::SYS_recvfrom, [fd(&two), (&raw mut BYTES) as usize, 1, 0, 0, 0]).map(drop))
    }),
    ("bind", || raw(sys::SYS_bind, [BAD, 0, 0, 0, 0, 0])),
    ("listen", || raw(sys::SYS_listen, [BAD, 1, 0, 0, 0, 0])),
    ("sendmsg", || raw(sys::SYS_sendmsg, [BAD, 0, 0, 0, 0, 0])),
    ("sendmmsg", || raw(sys::SYS_sendmmsg, [BAD, 0, 0, 0, 0, 0])),
    ("recvmsg", || raw(sys::SYS_recvmsg, [BAD, 0, 0, 0, 0, 0])),
    ("recvmmsg", || raw(sys::SYS_recvmmsg, [BAD, 0, 0, 0, 0, 0])),
    ("getsockopt", || raw(sys::SYS_getsockopt, [BAD, 0, 0, 0, 0, 0])),
    ("exec", || act(|| errno(Err::<(), _>(Command::new("/bin/true").exec())))),
    ("exec of memory", || {
        let program = memfd().unwrap();
        (&program).write_all(&fs::read("/bin/true").unwrap()).unwrap();
        let none = c"".as_ptr() as usize;
        let empty_path = usize::try_from(sys::AT_EMPTY_PATH).unwrap();
        act(move || call(sys::SYS_execveat, [fd(&program), none, 0, 0, empty_path, 0]).map(drop))
    }),
    // The target is a process that does not exist, because a traced thread would remain after the attempt.
    ("ptrace", || raw(sys::SYS_ptrace, [16, i32::MAX as usize, 0, 0, 0, 0])),
    ("read its own memory by process_vm_readv", || raw(sys::SYS_process_vm_readv, [own(), 0, 0, 0, 0, 0])),
    ("process_vm_writev", || raw(sys::SYS_process_vm_writev, [own(), 0, 0, 0, 0, 0])),
    ("pidfd_open", || raw(sys::SYS_pidfd_open, [own(), 0, 0, 0, 0, 0])),
    ("pidfd_getfd", || raw(sys::SYS_pidfd_getfd, [BAD, 0, 0, 0, 0, 0])),
    ("bpf", || raw(sys::SYS_bpf, NONE)),
    ("io_uring", || {
        act(|| call(sys::SYS_io_uring_setup, [1, (&raw mut BYTES) as usize, 0, 0, 0, 0]).map(drop))
    }),
    ("userfaultfd", || raw(sys::SYS_userfaultfd, NONE)),
    ("perf events", || raw(sys::SYS_perf_event_open, NONE)),
    ("a kernel module", || raw(sys::SYS_finit_module, [BAD, 0, 0, 0, 0, 0])),
    ("kexec", || raw(sys::SYS_kexec_file_load, [BAD, BAD, 0, 0, 0, 0])),
    ("mount", || raw(sys::SYS_mount, NONE)),
    ("move_mount", || raw(sys::SYS_move_mount, [BAD, 0, BAD, 0, 0, 0])),
    ("fsopen", || raw(sys::SYS_fsopen, NONE)),
    ("umount", || raw(sys::SYS_umount2, NONE)),
    ("pivot_root", || raw(sys::SYS_pivot_root, NONE)),
    ("chroot", || act(|| errno(std::os::unix::fs::chroot("/")))),
    ("setns", || raw(sys::SYS_setns, [BAD, 0, 0, 0, 0, 0])),
    ("unshare", || raw(sys::SYS_unshare, NONE)),
    ("a process in a new namespace", || clone_with(sys::CLONE_NEWUSER | sys::SIGCHLD)),
    ("open by handle", || raw(sys::SYS_open_by_handle_at, [BAD, 0, 0, 0, 0, 0])),
    ("swapon", || raw(sys::SYS_swapon, NONE)),
    ("keyring", || raw(sys::SYS_keyctl, NONE)),
    ("personality", || raw(sys::SYS_personality, [0xffff_ffff, 0, 0, 0, 0, 0])),
    #[cfg(target_arch = "x86_64")]
    ("an x32 call", || raw(0x4000_0000 | sys::SYS_getpid, NONE)),
];

/// Attempts that fail, after which the process continues.
const DENIED: &[Attempt] = &[
    ("read outside", || act(|| errno(File::open("/etc/passwd")))),
    ("read its own memory by file", || act(|| errno(File::open("/proc/self/mem")))),
    ("list outside", || act(|| errno(fs::read_dir("../outside")))),
    ("create outside", || act(|| errno(File::create("../outside/new")))),
    ("write outside", || act(|| errno(OpenOptions::new().append(true).open("../outside/kept")))),
    ("create nameless outside", || {
        act(|| errno(OpenOptions::new().write(true).custom_flags(sys::O_TMPFILE).open("../outside")))
    }),
    ("unlink outside", || act(|| errno(fs::remove_file("../outside/gone")))),
    ("move out", || act(|| errno(fs::rename("mine", "../outside/mine")))),
    ("link out", || act(|| errno(fs::hard_link("mine", "../outside/linked")))),
    ("link in", || act(|| errno(fs::hard_link("../outside/kept", "linked")))),
    ("truncate outside", || {
        let path = c"../outside/kept".as_ptr() as usize;
        act(move || call(sys::SYS_truncate, [path, 0, 0, 0, 0, 0]).map(drop))
    }),
    ("a link by name", || act(|| errno(std::os::unix::fs::symlink("/etc/passwd", "passwd")))),
    ("another process", || act(|| errno(Command::new("/bin/true").status()))),
    ("fork", || clone_with(sys::SIGCHLD)),
    ("fork by clone3", || {
        act(|| {
            let mut arguments = [0_u64; 11];
            arguments[4] = u64::try_from(sys::SIGCHLD).unwrap();
            match call(sys::SYS_clone3, [arguments.as_ptr() as usize, size_of_val(&arguments), 0, 0, 0, 0])? {
                0 => std::process::exit(0),
                _ => Ok(()),
            }
        })
    }),
    (A_THREAD, || act(|| errno(std::thread::Builder::new().spawn(|| 7).map(|t| t.join().unwrap())))),
    ("a program in memory", || act(|| errno(memfd()))),
    ("executable memory", || act(|| map(sys::PROT_READ | sys::PROT_EXEC).map(drop))),
    ("memory made executable", || {
        let page = map(sys::PROT_READ).unwrap();
        let protection = usize::try_from(sys::PROT_EXEC).unwrap();
        act(move || call(sys::SYS_mprotect, [page, 4096, protection, 0, 0, 0]).map(drop))
    }),
    ("a signal to another", || {
        let parent = usize::try_from(std::os::unix::process::parent_id()).unwrap();
        raw(sys::SYS_kill, [parent, 0, 0, 0, 0, 0])
    }),
    ("simulate typing", || raw(sys::SYS_ioctl, [0, usize::try_from(sys::TIOCSTI).unwrap(), 0, 0, 0, 0])),
    ("dumpable again", || raw(sys::SYS_prctl, [prctl(sys::PR_SET_DUMPABLE), 1, 0, 0, 0, 0])),
    ("let others trace", || raw(sys::SYS_prctl, [prctl(sys::PR_SET_PTRACER), BAD, 0, 0, 0, 0])),
    ("secrets in dumps again", || {
        let page = map(sys::PROT_READ).unwrap();
        let dump = usize::try_from(sys::MADV_DODUMP).unwrap();
        act(move || call(sys::SYS_madvise, [page, 4096, dump, 0, 0, 0]).map(drop))
    }),
    ("other limits", || {
        let limits = Box::leak(Box::new([0_u64; 2])).as_ptr() as usize;
        let core = usize::try_from(sys::RLIMIT_CORE).unwrap();
        raw(sys::SYS_prlimit64, [0, core, limits, 0, 0, 0])
    }),
    ("another user", || raw(sys::SYS_setresuid, [BAD, BAD, BAD, 0, 0, 0])),
];

/// Calls that a station makes.
const NEEDED: &[Attempt] = &[
    ("a whole file by linkat", || {
        act(|| {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).custom_flags(sys::O_TMPFILE).open(".");
            let mut file = file.map_err(|e| e.raw_os_error().unwrap())?;
            errno(file.write_all(b"whole").and_then(|()| file.sync_all()))?;
            let own = std::ffi::CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap();
            let here = usize::try_from(i64::from(sys::AT_FDCWD)).unwrap_or(AT_FDCWD);
            let follow = usize::try_from(sys::AT_SYMLINK_FOLLOW).unwrap();
            let (from, to) = (own.as_ptr() as usize, c"whole".as_ptr() as usize);
            call(sys::SYS_linkat, [here, from, here, to, follow, 0]).map(drop)
        })
    }),
    ("a file by rename", || {
        act(|| errno(fs::write(".new.part", "whole").and_then(|()| fs::rename(".new.part", "renamed"))))
    }),
    ("a hard link next to it", || act(|| errno(fs::hard_link("mine", "again")))),
    ("unlink inside", || act(|| errno(fs::remove_file("mine")))),
    ("sync the folder", || act(|| errno(File::open(".").and_then(|f| f.sync_all())))),
    ("a lock, and a cut", || {
        act(|| {
            let file = OpenOptions::new().write(true).open("mine").map_err(|e| e.raw_os_error().unwrap())?;
            errno(file.lock().and_then(|()| file.set_len(1)))
        })
    }),
    ("read what was open before", || {
        let mut file = File::open("/etc/passwd").unwrap();
        act(move || errno(file.read(&mut [0; 16])))
    }),
    ("random bytes", || {
        act(|| call(sys::SYS_getrandom, [(&raw mut BYTES) as usize, 16, 0, 0, 0, 0]).map(drop))
    }),
    ("signals that wait", || act(|| errno(keyferry_sandbox::HeldSignals::hold()))),
    ("secret memory", || act(|| SecretMemory::new().map_err(|_| 255)?.buffer(32).map(drop).map_err(|_| 254))),
    ("much memory", || act(|| if vec![1_u8; 700 << 20].iter().all(|b| *b == 1) { Ok(()) } else { Err(255) })),
];

/// Attempts to use more than [`keyferry_sandbox::Limits::CEREMONY`] allows.
const BEYOND: &[Attempt] = &[
    ("more memory", || {
        let flags = sys::MAP_PRIVATE | sys::MAP_ANONYMOUS | sys::MAP_NORESERVE;
        let [protection, flags] = [sys::PROT_READ, flags].map(|word| usize::try_from(word).unwrap());
        raw(sys::SYS_mmap, [0, 5 << 30, protection, flags, BAD, 0])
    }),
    ("more open files", || {
        let file = File::open(".").unwrap();
        act(move || errno((0..100).map(|_| file.try_clone()).collect::<Result<Vec<_>, _>>()))
    }),
    ("a longer file", || {
        let file = File::create("long").unwrap();
        act(move || errno(file.set_len((1 << 30) + 1)))
    }),
];

/// `AT_FDCWD` as an argument of a system call.
const AT_FDCWD: usize = sys::AT_FDCWD as isize as usize;

/// A buffer that calls may write to.
static mut BYTES: [u8; 4096] = [0; 4096];

fn own() -> usize {
    usize::try_from(std::process::id()).unwrap()
}

fn prctl(option: i32) -> usize {
    usize::try_from(option.cast_unsigned()).unwrap()
}

#[allow(unsafe_code)]
fn memfd() -> std::io::Result<File> {
    use std::os::fd::FromRawFd;
    let got = call(sys::SYS_memfd_create, [c"program".as_ptr() as usize, 0, 0, 0, 0, 0]);
    let fd = got.map_err(std::io::Error::from_raw_os_error)?;
    // SAFETY: the descriptor was just opened, and nobody else knows it.
    Ok(unsafe { File::from_raw_fd(i32::try_from(fd).unwrap()) })
}

fn map(protection: i32) -> Result<usize, i32> {
    let protection = usize::try_from(protection).unwrap();
    let flags = usize::try_from(sys::MAP_PRIVATE | sys::MAP_ANONYMOUS).unwrap();
    call(sys::SYS_mmap, [0, 4096, protection, flags, BAD, 0]).map(|at| usize::try_from(at).unwrap())
}

/// Starts a process that ends at once.
fn clone_with(flags: i32) -> Act {
    let flags = usize::try_from(flags.cast_unsigned()).unwrap();
    act(move || match call(sys::SYS_clone, [flags, 0, 0, 0, 0, 0])? {
        0 => std::process::exit(0),
        _ => Ok(()),
    })
}

/// The second process: `[sandboxed] NAME`.
#[test]
#[ignore = "run by the other tests, in a separate process"]
fn child() {
    let Some(name) = attempt() else { return };
    let (sandbox, name) = name.split_once('/').unwrap();
    if let Some(thread) = name.strip_prefix("maps of ") {
        as_nobody();
        finish(errno(File::open(format!("/proc/{thread}/maps"))));
    }
    if name == "be read" {
        as_nobody();
        enter(sandbox);
        wait();
    }
    if name == "abort" {
        // Set the largest limit allowed, so that only the sandbox can prevent a core file.
        let most = rustix::process::getrlimit(rustix::process::Resource::Core).maximum;
        let most = rustix::process::Rlimit { current: most, maximum: most };
        rustix::process::setrlimit(rustix::process::Resource::Core, most).unwrap();
    }
    let mut all = [FATAL, DENIED, NEEDED, BEYOND].into_iter().flatten();
    let act = all.find(|(n, _)| *n == name).map(|(_, prepare)| prepare());
    enter(sandbox);
    match act {
        Some(act) if sandbox == "worker" => finish(std::thread::spawn(act).join().unwrap()),
        Some(act) => finish(act()),
        None if name == "abort" => std::process::abort(),
        None => panic!("no attempt {name:?}"),
    }
}

/// The real sandbox, set up as a station does it.
fn enter(sandbox: &str) {
    let sandbox = match sandbox {
        "none" => return,
        "hardened" => return harden().unwrap(),
        "station" => Sandbox::new(),
        "threads" | "worker" => Sandbox::new().threads(),
        other => panic!("no sandbox {other:?}"),
    };
    harden().unwrap();
    let confinement = sandbox.enter().narrow(&Folders::new().write("."));
    assert_eq!(confinement.lacking().next(), None);
}

/// Changes this thread to an unprivileged user, because root may read everything. Processes of the same user can read each other
/// until that is forbidden.
fn as_nobody() {
    const NOBODY: usize = 65534;
    if rustix::process::geteuid().is_root() {
        for number in [sys::SYS_setresgid, sys::SYS_setresuid] {
            call(number, [NOBODY, NOBODY, NOBODY, 0, 0, 0]).unwrap();
        }
        call(sys::SYS_prctl, [prctl(sys::PR_SET_DUMPABLE), 1, 0, 0, 0, 0]).unwrap();
    }
}

/// Reports the thread id, and waits until the other process has read it.
fn wait() -> ! {
    let thread = call(sys::SYS_gettid, NONE).unwrap();
    println!("\nready {thread}");
    let _ = std::io::stdin().read(&mut [0]);
    finish(Ok(()))
}

/// The outcome of one attempt, which gets its own folders.
fn outcome(sandbox: &str, name: &str) -> (Outcome, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let (inside, outside) = (dir.path().join("inside"), dir.path().join("outside"));
    fs::create_dir(&inside).unwrap();
    fs::create_dir(&outside).unwrap();
    fs::write(inside.join("mine"), "mine").unwrap();
    fs::write(outside.join("kept"), "kept").unwrap();
    fs::write(outside.join("gone"), "gone").unwrap();
    let ended = start(&format!("{sandbox}/{name}"), &inside).wait().unwrap();
    if sandbox != "none" {
        assert_eq!(names(&outside), ["gone", "kept"], "{name}");
        assert_eq!(fs::read(outside.join("kept")).unwrap(), b"kept", "{name}");
    }
    (ended.into(), names(&inside))
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn networks_programs_and_the_kernels_doors_are_fatal() {
    for (name, _) in FATAL {
        let (without, _) = outcome("none", name);
        assert!(!matches!(without, Outcome::Killed(_)), "{name}: {without:?} without a sandbox");
        assert_eq!(outcome("station", name).0, Outcome::Killed(SIGSYS), "{name}");
    }
    assert!(FATAL.len() > 40);
}

/// A station that wraps many keys starts threads after it has restricted itself. The threads have the same restrictions as the station,
/// and threads do not lift any of the station's other restrictions.
#[test]
fn threads_inherit_every_restriction_and_no_process_begins() {
    assert_eq!(outcome("threads", A_THREAD).0, Outcome::Done);
    for sandbox in ["threads", "worker"] {
        for (name, _) in FATAL {
            assert_eq!(outcome(sandbox, name).0, Outcome::Killed(SIGSYS), "{sandbox}: {name}");
        }
        for (name, _) in DENIED.iter().filter(|(name, _)| *name != A_THREAD) {
            let within = outcome(sandbox, name).0;
            assert!(
                matches!(within, Outcome::Failed(EPERM | EACCES | EXDEV | sys::ENOSYS)),
                "{sandbox}: {name}: {within:?}"
            );
        }
    }
}

/// Shows that the fatal calls are not simply impossible on this machine.
#[test]
fn without_the_sandbox_the_network_and_programs_are_there() {
    let possible =
        ["socket", "unix socket", "connect", "accept", "send to a socket of before", "receive", "exec"];
    for name in possible.into_iter().chain(["exec of memory"]) {
        assert_eq!(outcome("none", name).0, Outcome::Done, "{name}");
    }
}

#[test]
fn everything_else_outside_is_denied() {
    for (name, _) in DENIED {
        let (without, _) = outcome("none", name);
        let (within, _) = outcome("station", name);
        assert!(
            !matches!(without, Outcome::Killed(_) | Outcome::Failed(EPERM)),
            "{name}: {without:?} without a sandbox"
        );
        assert!(matches!(within, Outcome::Failed(EPERM | EACCES | EXDEV)), "{name}: {within:?}");
        assert_ne!(without, within, "{name}");
    }
    assert!(DENIED.len() > 20);
}

#[test]
fn what_a_station_needs_works() {
    for (name, _) in NEEDED {
        assert_eq!(outcome("none", name).0, Outcome::Done, "{name} without a sandbox");
        assert_eq!(outcome("station", name).0, Outcome::Done, "{name}");
    }
}

#[test]
fn what_exceeds_the_limits_fails() {
    let within = [Outcome::Failed(ENOMEM), Outcome::Failed(EMFILE), Outcome::Killed(SIGXFSZ)];
    assert_eq!(BEYOND.len(), within.len());
    for ((name, _), within) in BEYOND.iter().zip(within) {
        assert_eq!(outcome("none", name).0, Outcome::Done, "{name} without a sandbox");
        assert_eq!(outcome("station", name).0, within, "{name}");
    }
}

/// The test reads the memory map instead of the memory, because with Yama, some kernels allow only parents to read memory anyway. A
/// process that may not read the map may not read the memory either.
#[test]
fn no_other_process_reads_a_hardened_one() {
    let dir = std::env::temp_dir();
    for (sandbox, seen) in [("none", Outcome::Done), ("hardened", Outcome::Failed(EACCES))] {
        let mut read = start(&format!("{sandbox}/be read"), &dir);
        let lines = BufReader::new(read.stdout.as_mut().unwrap()).lines();
        let ready = lines.map(Result::unwrap).find_map(|l| l.strip_prefix("ready ").map(str::to_owned));
        let reader = start(&format!("none/maps of {}/task/{}", read.id(), ready.unwrap()), &dir).wait();
        assert_eq!(Outcome::from(reader.unwrap()), seen, "{sandbox}");
        read.stdin.take().unwrap().write_all(b"\n").unwrap();
        assert_eq!(Outcome::from(read.wait().unwrap()), Outcome::Done, "{sandbox}");
    }
}

#[test]
fn a_crash_leaves_no_core_file() {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    let (ended, left) = outcome("none", "abort");
    assert_eq!(ended, Outcome::Killed(SIGABRT));
    let hard = rustix::process::getrlimit(rustix::process::Resource::Core).maximum;
    if pattern.trim() == "core" && hard != Some(0) {
        assert!(left.iter().any(|n| n.starts_with("core")), "{left:?} without a sandbox");
    }
    let (ended, left) = outcome("station", "abort");
    assert_eq!((ended, left), (Outcome::Killed(SIGABRT), vec!["mine".to_owned()]));
}
