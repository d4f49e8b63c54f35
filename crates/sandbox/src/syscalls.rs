//! Two seccomp filters for system calls (`seccomp(2)`): fatal calls and needed calls; every other call fails with EPERM.
//!
//! There are two lists because there are two kinds of unexpected calls. A call in [`forbidden`] means that the program is not the one
//! that was reviewed, so the kernel kills the process at once. A call in neither list may be a harmless attempt by a C library, so it
//! fails, and the ceremony continues. All calls with the numbers of another architecture (i386, x32) are fatal.
//!
//! A `seccompiler` filter has one answer for listed calls and one for the rest, so each list needs its own filter. The kernel
//! evaluates both on every call, and the stricter answer applies.

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads, sock_filter,
};

mod forbidden;
mod needed;
mod network;
mod processes;
mod syscalls_error;

pub use network::deny_networks;
pub use processes::deny_processes;

pub use syscalls_error::SyscallsError;

/// Calls that some programs need in addition to those of a station.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extra {
    pub(crate) camera: bool,
    pub(crate) threads: bool,
    /// The process id of the one child that already exists, which the program may wait for and end.
    pub(crate) child: Option<u32>,
}

impl Extra {
    /// The extras of a station with one thread.
    pub(crate) const NONE: Self = Self { camera: false, threads: false, child: None };
}

/// A call, and the arguments to which the rule applies; without conditions, it applies to all arguments.
type Call = (c_long, Vec<SeccompRule>);

/// Installs the filters for all threads of the process, and forbids new privileges.
pub(crate) fn filter(extra: Extra) -> Result<(), SyscallsError> {
    let all = programs(extra)?;
    all.iter().try_for_each(|program| apply_filter_all_threads(program)).map_err(|_| SyscallsError::Refused)
}

/// The filters in the order of their installation. The filter of needed calls comes last, because it does not allow `seccomp`
/// itself.
fn programs(extra: Extra) -> Result<[BpfProgram; 2], SyscallsError> {
    let denied = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let fatal = compile(forbidden::calls()?, SeccompAction::Allow, SeccompAction::KillProcess)?;
    let needed = compile(needed::calls(extra)?, denied, SeccompAction::Allow)?;
    let unknown = if extra.threads { no_clone3().to_vec() } else { Vec::new() };
    Ok([foreign().into_iter().chain(fatal).collect(), unknown.into_iter().chain(needed).collect()])
}

fn compile(
    calls: Vec<Call>,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<BpfProgram, SyscallsError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| SyscallsError::Processor)?;
    SeccompFilter::new(calls.into_iter().collect(), otherwise, listed, arch)
        .and_then(BpfProgram::try_from)
        .map_err(|_| SyscallsError::Filter)
}

/// Instructions before a filter that make x32 calls fatal. Such calls have the architecture of x86-64 and a bit set in their number,
/// but `seccompiler` compares numbers only for equality.
fn foreign() -> [sock_filter; 3] {
    const JUMP_IF_AT_LEAST: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    const X32: u32 = 0x4000_0000;
    in_front(JUMP_IF_AT_LEAST, X32, libc::SECCOMP_RET_KILL_PROCESS)
}

/// Instructions before a filter that make `clone3` seem not to exist. Its flags are in memory, which a filter cannot read. A C
/// library then falls back to `clone`, whose flags are an argument.
fn no_clone3() -> [sock_filter; 3] {
    const JUMP_IF_EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    const CLONE3: u32 = 435; // on every architecture
    in_front(JUMP_IF_EQUAL, CLONE3, libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned())
}

/// Compares the call's number, and returns the answer if the comparison is true.
fn in_front(jump: u16, number: u32, answer: u32) -> [sock_filter; 3] {
    const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS; 0 is `nr` in `struct seccomp_data`
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K
    let step = |code, jf, k| sock_filter { code, jt: 0, jf, k };
    [step(LOAD, 0, 0), step(jump, 1, number), step(RETURN, 0, answer)]
}

/// Compares the lower 32 bits of an argument that the kernel reads as an `int`.
fn word(argument: u8, is: SeccompCmpOp, value: u64) -> Result<SeccompCondition, SyscallsError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, is, value).map_err(|_| SyscallsError::Filter)
}

/// Compares a whole argument that the kernel reads as a `long` or a pointer.
fn long(argument: u8, is: SeccompCmpOp, value: u64) -> Result<SeccompCondition, SyscallsError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, is, value).map_err(|_| SyscallsError::Filter)
}

/// A rule that applies if all conditions are true.
fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, SyscallsError> {
    SeccompRule::new(conditions).map_err(|_| SyscallsError::Filter)
}

/// A call that has one of these values in an `int` argument.
fn one_of(call: c_long, argument: u8, values: &[u64]) -> Result<Call, SyscallsError> {
    let equal = |value: &u64| rule(vec![word(argument, SeccompCmpOp::Eq, *value)?]);
    Ok((call, values.iter().map(equal).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A call as the filters see it.
    #[derive(Clone, Copy)]
    struct Seen {
        number: u32,
        architecture: u32,
        /// The lower half of the first argument; everything else is 0.
        argument: u32,
    }

    /// ELF's number for the machine, with the flags for 64 bits and for little-endian (`linux/audit.h`).
    const OURS: u32 = 0xc000_0000 | if cfg!(target_arch = "aarch64") { 183 } else { 62 };

    /// Runs a filter as the kernel does, and returns its answer.
    fn run(program: &[sock_filter], seen: Seen) -> u32 {
        let (mut at, mut held) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            let mut branch = |holds| at += usize::from(if holds { jt } else { jf });
            match (code, k) {
                (0x20, 0) => held = seen.number,
                (0x20, 4) => held = seen.architecture,
                (0x20, 16) => held = seen.argument,
                (0x20, 20..64) => held = 0,
                (0x54, _) => held &= k,
                (0x05, _) => at += k as usize,
                (0x15, _) => branch(held == k),
                (0x25, _) => branch(held > k),
                (0x35, _) => branch(held >= k),
                (0x06, _) => return k,
                _ => panic!("{code:#x} {k:#x}"),
            }
        }
    }

    /// The stricter of the two filters' answers. The kernel compares actions as signed numbers, and a lower
    /// number is stricter.
    fn answer(programs: &[BpfProgram; 2], seen: Seen) -> u32 {
        let [fatal, needed] = programs.each_ref().map(|program| run(program, seen));
        if fatal.cast_signed() <= needed.cast_signed() { fatal } else { needed }
    }

    const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
    const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
    const DENY: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM.cast_unsigned();
    const UNKNOWN: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned();

    /// Every combination of extras.
    fn extras() -> impl Iterator<Item = Extra> {
        let both = [false, true].into_iter();
        both.clone().flat_map(move |camera| {
            both.clone()
                .flat_map(move |threads| [None, Some(7)].map(|child| Extra { camera, threads, child }))
        })
    }

    #[test]
    fn every_number_gets_the_answer_of_its_list() {
        for extra in extras() {
            let all = programs(extra).unwrap();
            let number = |call: &Call| u32::try_from(call.0).unwrap();
            let mut lists = BTreeMap::new();
            for (answer, calls) in
                [(KILL, forbidden::calls().unwrap()), (ALLOW, needed::calls(extra).unwrap())]
            {
                // `clone` is in both lists: some of its flags are fatal, and the flags for a thread can be
                // needed.
                for call in calls.iter().filter(|call| call.0 != libc::SYS_clone || answer == KILL) {
                    let twice = lists.insert(number(call), (answer, call.1.is_empty()));
                    assert_eq!(twice, None, "{}", call.0);
                }
            }
            assert!(lists.len() > 150, "{}", lists.len());
            let mut argued = 0;
            for number in 0..1024 {
                let seen = Seen { number, architecture: OURS, argument: 0 };
                match lists.get(&number) {
                    Some((listed, true)) => assert_eq!(answer(&all, seen), *listed, "{number}"),
                    // These calls are allowed only with the right arguments, which the attempts in
                    // `tests/inside.rs` use.
                    Some((_, false)) => argued += 1,
                    None if extra.threads && i64::from(number) == libc::SYS_clone3 => {
                        assert_eq!(answer(&all, seen), UNKNOWN);
                    }
                    None => assert_eq!(answer(&all, seen), DENY, "{number}"),
                }
            }
            assert!(argued < 11, "{argued}");
        }
    }

    #[test]
    fn numbers_of_other_architectures_are_fatal_whatever_they_are() {
        for all in extras().map(|extra| programs(extra).unwrap()) {
            other_architectures_are_fatal(&all);
        }
    }

    fn other_architectures_are_fatal(all: &[BpfProgram; 2]) {
        for number in (0..1024).chain([0x3fff_ffff]) {
            let other = Seen { number, architecture: 0x4000_0003, argument: 0 };
            assert_eq!(answer(all, other), KILL, "{number}");
            let x32 = Seen { number: number | 0x4000_0000, architecture: OURS, argument: 0 };
            assert_eq!(answer(all, x32), KILL, "{number}");
        }
        let highest = Seen { number: u32::MAX, architecture: OURS, argument: 0 };
        assert_eq!(answer(all, highest), KILL);
    }

    #[test]
    fn a_new_namespace_is_fatal_and_any_clone_but_a_thread_denied() {
        let number = u32::try_from(libc::SYS_clone).unwrap();
        let clone = |flags: i32| Seen { number, architecture: OURS, argument: flags.cast_unsigned() };
        let thread = needed::THREAD;
        for extra in extras() {
            let all = programs(extra).unwrap();
            for flag in forbidden::NAMESPACES {
                assert_eq!(answer(&all, clone(flag | libc::SIGCHLD)), KILL, "{flag:#x}");
                assert_eq!(answer(&all, clone(flag | thread)), KILL, "{flag:#x}");
            }
            assert_eq!(answer(&all, clone(thread)), if extra.threads { ALLOW } else { DENY });
            // With one flag more or less, the call makes something else: `vfork`, a process that shares memory, or a traced
            // process.
            for bit in (0..32).map(|n| 1_i32 << n).filter(|bit| !forbidden::NAMESPACES.contains(bit)) {
                assert_eq!(answer(&all, clone(thread ^ bit)), DENY, "{bit:#x}");
            }
            for flags in [0, libc::SIGCHLD, libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD] {
                assert_eq!(answer(&all, clone(flags)), DENY, "{flags:#x}");
            }
        }
    }
}
