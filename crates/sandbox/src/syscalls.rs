//! System calls, by a seccomp filter (`seccomp(2)`): what is fatal, and what is needed; everything else fails with EPERM.
//!
//! Two lists, since two mistakes are different. A call of [`forbidden`] means that the program is not the one that was reviewed:
//! the kernel kills the process at once. A call that stands in neither list may be a C library's harmless idea: it fails, and the
//! ceremony goes on. Calls by the number of another architecture (i386, x32) are fatal, whatever they are.

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads,
};

use crate::SyscallsError;

mod forbidden;
mod needed;
mod number;

use number::Answer;

/// What some programs need beyond a station.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extra {
    pub(crate) camera: bool,
}

/// A call and under which arguments it is meant; without rules, under all.
type Call = (c_long, Vec<SeccompRule>);

/// Puts the filter in force for all threads of the process, and no new privileges with it, or for none.
pub(crate) fn filter(extra: Extra) -> Result<(), SyscallsError> {
    apply_filter_all_threads(&decide(needed::calls(extra)?)?).map_err(|_| SyscallsError::Refused)
}

/// Most calls are decided by their number; those few whose arguments count, by what `seccompiler` makes of their rules.
fn decide(needed: Vec<Call>) -> Result<BpfProgram, SyscallsError> {
    let (whatever, asked): (Vec<Call>, Vec<Call>) = needed.into_iter().partition(|c| c.1.is_empty());
    let forbidden = forbidden::calls().map(|call| (call, Answer::Kill));
    let needed =
        whatever.iter().map(|c| (c.0, Answer::Allow)).chain(asked.iter().map(|c| (c.0, Answer::Ask)));
    // Its flags stand in memory, where no filter can look. "Absent" makes C libraries use `clone`.
    let absent = [(libc::SYS_clone3, Answer::Absent)];
    let mut program = number::search(forbidden.chain(needed).chain(absent))?;
    program.extend(number::kill_if_any_bit(libc::SYS_clone, forbidden::NAMESPACES)?);
    program.extend(compile(asked)?);
    Ok(program)
}

/// What is meant with these arguments alone.
fn compile(calls: Vec<Call>) -> Result<BpfProgram, SyscallsError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| SyscallsError::Processor)?;
    let denied = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    SeccompFilter::new(calls.into_iter().collect(), denied, SeccompAction::Allow, arch)
        .and_then(BpfProgram::try_from)
        .map_err(|_| SyscallsError::Filter)
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
