//! System calls, by seccomp filters (`seccomp(2)`): what is fatal, and what is needed; everything else fails with EPERM.
//!
//! Two lists, since two mistakes are different. A call of [`forbidden`] means that the program is not the one that was reviewed:
//! the kernel kills the process at once. A call that stands in neither list may be a C library's harmless idea: it fails, and the
//! ceremony goes on. Calls by the number of another architecture (i386, x32) are fatal, whatever they are.

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter, sock_filter,
};

use crate::SyscallsError;

mod forbidden;
mod needed;

/// What some programs need beyond a station.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extra {
    pub(crate) threads: bool,
    pub(crate) camera: bool,
}

/// A call and under which arguments it is meant; without rules, under all.
type Call = (c_long, Vec<SeccompRule>);

/// Puts the filters in force for the calling thread and all that it starts.
pub(crate) fn filter(extra: Extra) -> Result<(), SyscallsError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| SyscallsError::Processor)?;
    let allow = SeccompAction::Allow;
    let denied = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let absent = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
    // The kernel runs all of them on every call, and the severest answer counts.
    let programs = [
        foreign(),
        compile(forbidden::calls()?, allow.clone(), SeccompAction::KillProcess, arch)?,
        // Its flags stand in memory, where no filter can look. "Absent" makes C libraries use `clone`.
        compile(vec![(libc::SYS_clone3, Vec::new())], allow.clone(), absent, arch)?,
        // The last: it does not need `seccomp` itself.
        compile(needed::calls(extra)?, denied, allow, arch)?,
    ];
    programs.iter().try_for_each(|p| apply_filter(p)).map_err(|_| SyscallsError::Refused)
}

fn compile(
    calls: Vec<Call>,
    otherwise: SeccompAction,
    listed: SeccompAction,
    arch: TargetArch,
) -> Result<BpfProgram, SyscallsError> {
    SeccompFilter::new(calls.into_iter().collect(), otherwise, listed, arch)
        .and_then(BpfProgram::try_from)
        .map_err(|_| SyscallsError::Filter)
}

/// x32 calls carry x86-64's architecture and a bit in their number; `seccompiler` compares numbers for equality alone.
fn foreign() -> BpfProgram {
    const LOAD_NUMBER: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS, of seccomp_data.nr
    const JUMP_IF_AT_LEAST: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K
    const X32: u32 = 0x4000_0000;
    let step = |code, jt, k| sock_filter { code, jt, jf: 0, k };
    vec![
        step(LOAD_NUMBER, 0, 0),
        step(JUMP_IF_AT_LEAST, 1, X32),
        step(RETURN, 0, libc::SECCOMP_RET_ALLOW),
        step(RETURN, 0, libc::SECCOMP_RET_KILL_PROCESS),
    ]
}

/// Lower 32 bits of an argument: for what the kernel takes as an `int`.
fn word(argument: u8, is: SeccompCmpOp, value: u64) -> Result<SeccompCondition, SyscallsError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, is, value).map_err(|_| SyscallsError::Filter)
}

/// A whole argument: for what the kernel takes as a `long` or a pointer.
fn long(argument: u8, is: SeccompCmpOp, value: u64) -> Result<SeccompCondition, SyscallsError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, is, value).map_err(|_| SyscallsError::Filter)
}

/// All conditions at once.
fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, SyscallsError> {
    SeccompRule::new(conditions).map_err(|_| SyscallsError::Filter)
}

/// The call with one of these values in an `int` argument.
fn one_of(call: c_long, argument: u8, values: &[u64]) -> Result<Call, SyscallsError> {
    let equal = |value: &u64| rule(vec![word(argument, SeccompCmpOp::Eq, *value)?]);
    Ok((call, values.iter().map(equal).collect::<Result<_, _>>()?))
}
