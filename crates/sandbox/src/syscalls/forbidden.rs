//! The calls that kill the process: networks, programs, other processes' memory, the kernel, mounts, namespaces.

use libc::{self as sys, c_long};
use seccompiler::SeccompCmpOp;

use super::SyscallsError;
use super::{Call, long, rule};

const NETWORK: &[c_long] = &[
    sys::SYS_socket,
    sys::SYS_socketpair,
    sys::SYS_connect,
    sys::SYS_bind,
    sys::SYS_listen,
    sys::SYS_accept,
    sys::SYS_accept4,
    sys::SYS_getsockname,
    sys::SYS_getpeername,
    sys::SYS_setsockopt,
    sys::SYS_getsockopt,
    sys::SYS_shutdown,
    sys::SYS_sendto,
    sys::SYS_recvfrom,
    sys::SYS_sendmsg,
    sys::SYS_recvmsg,
    sys::SYS_sendmmsg,
    sys::SYS_recvmmsg,
];

const PROGRAMS: &[c_long] = &[sys::SYS_execve, sys::SYS_execveat, sys::SYS_personality];

const OTHER_PROCESSES: &[c_long] = &[
    sys::SYS_ptrace,
    sys::SYS_process_vm_readv,
    sys::SYS_process_vm_writev,
    sys::SYS_process_madvise,
    sys::SYS_kcmp,
    sys::SYS_pidfd_open,
    sys::SYS_pidfd_getfd,
    sys::SYS_pidfd_send_signal,
];

/// `io_uring` could perform the forbidden calls without a system call; `userfaultfd` and perf can read
/// memory.
const KERNEL: &[c_long] = &[
    sys::SYS_bpf,
    sys::SYS_io_uring_setup,
    sys::SYS_io_uring_enter,
    sys::SYS_io_uring_register,
    sys::SYS_perf_event_open,
    sys::SYS_userfaultfd,
    sys::SYS_kexec_load,
    sys::SYS_kexec_file_load,
    sys::SYS_init_module,
    sys::SYS_finit_module,
    sys::SYS_delete_module,
    sys::SYS_keyctl,
    sys::SYS_add_key,
    sys::SYS_request_key,
    sys::SYS_syslog,
];

const SYSTEM: &[c_long] = &[
    sys::SYS_mount,
    sys::SYS_umount2,
    sys::SYS_move_mount,
    sys::SYS_open_tree,
    sys::SYS_mount_setattr,
    sys::SYS_fsopen,
    sys::SYS_fsconfig,
    sys::SYS_fsmount,
    sys::SYS_fspick,
    sys::SYS_pivot_root,
    sys::SYS_chroot,
    sys::SYS_setns,
    sys::SYS_unshare,
    sys::SYS_open_by_handle_at,
    sys::SYS_fanotify_init,
    sys::SYS_swapon,
    sys::SYS_swapoff,
    sys::SYS_reboot,
    sys::SYS_quotactl,
    sys::SYS_acct,
    sys::SYS_nfsservctl,
    sys::SYS_settimeofday,
    sys::SYS_clock_settime,
    sys::SYS_adjtimex,
    sys::SYS_clock_adjtime,
    sys::SYS_sethostname,
    sys::SYS_setdomainname,
    sys::SYS_vhangup,
];

#[cfg(target_arch = "x86_64")]
const PROCESSOR: &[c_long] = &[sys::SYS_iopl, sys::SYS_ioperm, sys::SYS_modify_ldt];
#[cfg(not(target_arch = "x86_64"))]
const PROCESSOR: &[c_long] = &[];

/// Flags of `clone` that make a new namespace; `CLONE_NEWTIME` exists only for `clone3` and `unshare`.
pub(super) const NAMESPACES: [i32; 7] = [
    sys::CLONE_NEWNS,
    sys::CLONE_NEWCGROUP,
    sys::CLONE_NEWUTS,
    sys::CLONE_NEWIPC,
    sys::CLONE_NEWUSER,
    sys::CLONE_NEWPID,
    sys::CLONE_NEWNET,
];

/// The calls that are fatal with any arguments, and `clone`, which is fatal only with one of these flags.
pub(super) fn calls() -> Result<Vec<Call>, SyscallsError> {
    let whatever = [NETWORK, PROGRAMS, OTHER_PROCESSES, KERNEL, SYSTEM, PROCESSOR];
    let mut calls: Vec<Call> = whatever.into_iter().flatten().map(|call| (*call, Vec::new())).collect();
    let flagged = |flag: i32| {
        let flag = u64::from(flag.cast_unsigned());
        rule(vec![long(0, SeccompCmpOp::MaskedEq(flag), flag)?])
    };
    calls.push((sys::SYS_clone, NAMESPACES.into_iter().map(flagged).collect::<Result<_, _>>()?));
    Ok(calls)
}
