//! The calls that a station needs: files, memory, its terminal, time, random bytes, and further restrictions.

use libc::{self as sys, c_long};
use seccompiler::SeccompCmpOp;

use super::SyscallsError;
use super::{Call, Extra, long, one_of, rule, word};

const FILES: &[c_long] = &[
    sys::SYS_openat,
    sys::SYS_close,
    sys::SYS_read,
    sys::SYS_write,
    sys::SYS_readv,
    sys::SYS_writev,
    sys::SYS_pread64,
    sys::SYS_pwrite64,
    sys::SYS_lseek,
    sys::SYS_fstat,
    sys::SYS_newfstatat,
    sys::SYS_statx,
    sys::SYS_statfs,
    sys::SYS_fstatfs,
    sys::SYS_readlinkat,
    sys::SYS_faccessat,
    sys::SYS_faccessat2,
    sys::SYS_getdents64,
    sys::SYS_getcwd,
    sys::SYS_ftruncate,
    sys::SYS_fsync,
    sys::SYS_fdatasync,
    sys::SYS_flock,
    sys::SYS_linkat,
    sys::SYS_renameat2,
    sys::SYS_unlinkat,
];

const MEMORY: &[c_long] =
    &[sys::SYS_brk, sys::SYS_munmap, sys::SYS_mremap, sys::SYS_mlock, sys::SYS_mlock2, sys::SYS_memfd_secret];

/// Time, waiting, signals to itself, its own ids, and random bytes.
const PROCESS: &[c_long] = &[
    sys::SYS_exit,
    sys::SYS_exit_group,
    sys::SYS_getrandom,
    sys::SYS_clock_gettime,
    sys::SYS_clock_getres,
    sys::SYS_clock_nanosleep,
    sys::SYS_nanosleep,
    sys::SYS_gettimeofday,
    sys::SYS_ppoll,
    sys::SYS_futex,
    sys::SYS_restart_syscall,
    sys::SYS_rt_sigaction,
    sys::SYS_rt_sigprocmask,
    sys::SYS_rt_sigreturn,
    sys::SYS_sigaltstack,
    // Signals are held back while a screen shows a secret.
    sys::SYS_signalfd4,
    sys::SYS_getpid,
    sys::SYS_gettid,
    sys::SYS_getppid,
    sys::SYS_getuid,
    sys::SYS_geteuid,
    sys::SYS_getgid,
    sys::SYS_getegid,
    sys::SYS_uname,
    sys::SYS_sysinfo,
    sys::SYS_sched_yield,
    sys::SYS_sched_getaffinity,
];

/// The exact flags of `clone` with which the C library starts a thread: a task of this process, in its memory, with its files.
pub(super) const THREAD: i32 = sys::CLONE_VM
    | sys::CLONE_FS
    | sys::CLONE_FILES
    | sys::CLONE_SIGHAND
    | sys::CLONE_THREAD
    | sys::CLONE_SYSVSEM
    | sys::CLONE_SETTLS
    | sys::CLONE_PARENT_SETTID
    | sys::CLONE_CHILD_CLEARTID
    // musl sets a flag that the kernel ignores.
    | if cfg!(target_env = "musl") { sys::CLONE_DETACHED } else { 0 };

/// Every glibc thread registers with the kernel (`rseq`); glibc ends the process if that is forbidden.
const THREADS: &[c_long] = &[sys::SYS_rseq];

/// Older variants of calls, which C libraries still use on processors that have them.
#[cfg(target_arch = "x86_64")]
const SPELLINGS: &[c_long] = &[
    sys::SYS_open,
    sys::SYS_stat,
    sys::SYS_lstat,
    sys::SYS_access,
    sys::SYS_readlink,
    sys::SYS_link,
    sys::SYS_rename,
    sys::SYS_renameat,
    sys::SYS_unlink,
    sys::SYS_poll,
    sys::SYS_time,
];
/// `renameat`, which the C library's `rename` calls; crate `libc` does not define it for this processor.
#[cfg(target_arch = "aarch64")]
const SPELLINGS: &[c_long] = &[38];
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const SPELLINGS: &[c_long] = &[];

const NARROWING: &[c_long] =
    &[sys::SYS_landlock_create_ruleset, sys::SYS_landlock_add_rule, sys::SYS_landlock_restrict_self];

/// Requests that ask whether this is a terminal and how wide it is, and that turn the echo on or off.
/// `TIOCSTI`, which can simulate typing, is not among them.
const TERMINAL: &[u64] = &[
    sys::TCGETS,
    sys::TCSETS,
    sys::TCSETSW,
    sys::TCSETSF,
    sys::TIOCGWINSZ,
    // Discards what was typed before a question was shown.
    sys::TCFLSH,
    // The second version of these requests: TCGETS2, TCSETS2, TCSETSW2, TCSETSF2. Crate `libc` does not define
    // them on every target.
    0x802c_542a,
    0x402c_542b,
    0x402c_542c,
    0x402c_542d,
];

/// `MADV_DODUMP`, `MADV_DOFORK` and `MADV_KEEPONFORK` are missing, because they would reverse the protection
/// of secret pages.
const ADVICE: &[i32] =
    &[sys::MADV_DONTNEED, sys::MADV_FREE, sys::MADV_DONTFORK, sys::MADV_DONTDUMP, sys::MADV_WIPEONFORK];

pub(super) fn calls(extra: Extra) -> Result<Vec<Call>, SyscallsError> {
    let whatever = [FILES, MEMORY, PROCESS, SPELLINGS, NARROWING];
    let mut calls: Vec<Call> = whatever.into_iter().flatten().map(|call| (*call, Vec::new())).collect();
    let int = |value: i32| u64::from(value.cast_unsigned());
    let not_executable = || rule(vec![word(2, SeccompCmpOp::MaskedEq(int(sys::PROT_EXEC)), 0)?]);
    let own = u64::from(std::process::id());
    calls.extend([
        (sys::SYS_mmap, vec![not_executable()?]),
        (sys::SYS_mprotect, vec![not_executable()?]),
        one_of(sys::SYS_madvise, 2, &ADVICE.iter().copied().map(int).collect::<Vec<_>>())?,
        one_of(
            sys::SYS_fcntl,
            1,
            &[sys::F_DUPFD_CLOEXEC, sys::F_GETFD, sys::F_SETFD, sys::F_GETFL].map(int),
        )?,
        one_of(
            sys::SYS_prctl,
            0,
            &[sys::PR_SET_NO_NEW_PRIVS, sys::PR_GET_NO_NEW_PRIVS, sys::PR_GET_DUMPABLE, sys::PR_SET_NAME]
                .map(int),
        )?,
        // The process may only read its own limits: it can neither set limits nor read those of another
        // process.
        (sys::SYS_prlimit64, vec![rule(vec![word(0, SeccompCmpOp::Eq, 0)?, long(2, SeccompCmpOp::Eq, 0)?])?]),
        // `abort` sends a signal to its own process.
        one_of(sys::SYS_tgkill, 0, &[own])?,
        ioctl(extra)?,
    ]);
    if let Some(child) = extra.child {
        calls.extend([(sys::SYS_wait4, Vec::new()), one_of(sys::SYS_kill, 0, &[u64::from(child)])?]);
    }
    if extra.threads {
        calls.extend(THREADS.iter().map(|call| (*call, Vec::new())));
        calls.push((sys::SYS_clone, vec![rule(vec![long(0, SeccompCmpOp::Eq, int(THREAD))?])?]));
    }
    Ok(calls)
}

/// Requests with `'V'` in bits 8 to 15 belong to Video4Linux (`linux/videodev2.h`).
fn ioctl(extra: Extra) -> Result<Call, SyscallsError> {
    let (call, mut rules) = one_of(sys::SYS_ioctl, 1, TERMINAL)?;
    if extra.camera {
        rules.push(rule(vec![word(1, SeccompCmpOp::MaskedEq(0xff00), u64::from(b'V') << 8)?])?);
    }
    Ok((call, rules))
}
