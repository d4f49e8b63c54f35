//! What the number of a call decides by itself, found by halving: a filter that compares in turn takes the kernel most of a millisecond
//! to put in force, since it tries every number on it.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{BpfProgram, SeccompAction, sock_filter};

use crate::SyscallsError;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It ends the process.
    Kill,
    /// It goes on.
    Allow,
    /// As if the kernel did not have it.
    Absent,
    /// It fails: the answer for every number without one.
    Deny,
    /// Its arguments decide, in what follows this program.
    Ask,
}

/// A program that answers by number. `Ask` goes on behind its end. Calls by the numbers of another architecture are fatal; those of x32
/// carry x86-64's name and a bit in their number.
///
/// # Errors
/// [`SyscallsError::Filter`] if two answers stand for one number, or there are more ranges than a jump reaches over (255 steps).
pub(super) fn search(answers: impl Iterator<Item = (c_long, Answer)>) -> Result<BpfProgram, SyscallsError> {
    const X32: u32 = 0x4000_0000;
    let mut by_number = BTreeMap::from([(X32, Answer::Kill)]);
    for (number, answer) in answers {
        let number = u32::try_from(number).map_err(|_| SyscallsError::Filter)?;
        if by_number.insert(number, answer).is_some() {
            return Err(SyscallsError::Filter);
        }
    }
    let mut tree = Vec::new();
    halve(&ranges(&by_number), &mut tree)?;
    let mut program = vec![
        step(LOAD, ARCHITECTURE),
        jump(JUMP_IF_EQUAL, OURS, 1, 0),
        leaf(Answer::Kill),
        step(LOAD, NUMBER),
    ];
    for (at, node) in tree.iter().enumerate() {
        let [jt, jf] = [node.at_least, node.below].map(|next| distance(next, at, tree.len()));
        program.push(jump(JUMP_IF_AT_LEAST, node.bound, jt?, jf?));
    }
    program.extend(LEAVES.map(leaf));
    Ok(program)
}

/// Behind a [`search`]: ends the process for this call if its first argument has any of these bits, and changes nothing for others.
///
/// # Errors
/// [`SyscallsError::Filter`] if there is no such number.
pub(super) fn kill_if_any_bit(call: c_long, bits: u32) -> Result<[sock_filter; 4], SyscallsError> {
    let number = u32::try_from(call).map_err(|_| SyscallsError::Filter)?;
    Ok([
        jump(JUMP_IF_EQUAL, number, 0, 3),
        step(LOAD, FIRST_ARGUMENT),
        jump(JUMP_IF_ANY_BIT, bits, 0, 1),
        leaf(Answer::Kill),
    ])
}

/// Where each run of numbers with one answer begins, from 0 on; the last has no end.
fn ranges(by_number: &BTreeMap<u32, Answer>) -> Vec<(u32, Answer)> {
    let mut ranges = vec![(0, Answer::Deny)];
    let mut begin = |at: u32, answer: Answer| match ranges.last_mut() {
        Some(last) if last.1 == answer => {}
        Some(last) if last.0 == at => last.1 = answer,
        _ => ranges.push((at, answer)),
    };
    for (number, answer) in by_number {
        begin(*number, *answer);
        // All of x32, to the highest number.
        if by_number.range(number..).nth(1).is_some() {
            begin(number.saturating_add(1), Answer::Deny);
        }
    }
    ranges
}

/// One comparison.
struct Node {
    bound: u32,
    at_least: Next,
    below: Next,
}

/// What follows a comparison.
#[derive(Clone, Copy)]
enum Next {
    Node(usize),
    Answer(Answer),
}

/// Stand once, behind all comparisons, in this order; [`Answer::Ask`] goes on behind them.
const LEAVES: [Answer; 4] = [Answer::Kill, Answer::Allow, Answer::Absent, Answer::Deny];

/// The comparisons for these ranges, appended to `tree`, and which of them comes first.
fn halve(ranges: &[(u32, Answer)], tree: &mut Vec<Node>) -> Result<Next, SyscallsError> {
    let (lower, upper) = ranges.split_at(ranges.len() / 2);
    let Some(&(bound, answer)) = upper.first() else { return Err(SyscallsError::Filter) };
    if lower.is_empty() {
        return Ok(Next::Answer(answer));
    }
    let at = tree.len();
    tree.push(Node { bound, at_least: Next::Answer(answer), below: Next::Answer(answer) });
    let (below, at_least) = (halve(lower, tree)?, halve(upper, tree)?);
    if let Some(node) = tree.get_mut(at) {
        *node = Node { bound, at_least, below };
    }
    Ok(Next::Node(at))
}

/// Steps to jump over from comparison `at` of `nodes`.
fn distance(next: Next, at: usize, nodes: usize) -> Result<u8, SyscallsError> {
    let to = match next {
        Next::Node(to) => to,
        Next::Answer(answer) => {
            nodes + LEAVES.iter().position(|leaf| *leaf == answer).unwrap_or(LEAVES.len())
        }
    };
    u8::try_from(to - at - 1).map_err(|_| SyscallsError::Filter)
}

/// The step that answers; `Ask` is none, and goes on.
fn leaf(answer: Answer) -> sock_filter {
    let returned = |action: SeccompAction| step(RETURN, action.into());
    match answer {
        Answer::Kill => returned(SeccompAction::KillProcess),
        Answer::Allow => returned(SeccompAction::Allow),
        Answer::Absent => returned(SeccompAction::Errno(libc::ENOSYS.cast_unsigned())),
        Answer::Deny => returned(SeccompAction::Errno(libc::EPERM.cast_unsigned())),
        Answer::Ask => step(JUMP, 0),
    }
}

const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP: u16 = 0x05; // BPF_JMP | BPF_JA
const JUMP_IF_EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_IF_AT_LEAST: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const JUMP_IF_ANY_BIT: u16 = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN: u16 = 0x06; // BPF_RET | BPF_K

// What is loaded: places in `struct seccomp_data` (`linux/seccomp.h`), all of 32 bits; both architectures have the lower ones first.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = 16;

/// `AUDIT_ARCH_*` (`linux/audit.h`): ELF's number of the machine, 64 bits, the lower octets first.
const OURS: u32 = 0xc000_0000 | if cfg!(target_arch = "aarch64") { 183 } else { 62 };

const fn step(code: u16, k: u32) -> sock_filter {
    jump(code, k, 0, 0)
}

const fn jump(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seccompiler::SeccompFilter;

    use super::*;

    /// As the kernel runs it; where it leaves the program, arguments decide.
    fn run(program: &[sock_filter], number: u32) -> Answer {
        run_for(program, OURS, number, 0)
    }

    fn run_for(program: &[sock_filter], architecture: u32, number: u32, argument: u32) -> Answer {
        let (mut at, mut steps) = (0, 0);
        let mut loaded = if program.first().unwrap().code == LOAD { None } else { Some(number) };
        loop {
            let Some(step) = program.get(at) else {
                assert_eq!(at, program.len(), "beyond the end");
                return Answer::Ask;
            };
            (at, steps) = (at + 1, steps + 1);
            assert!(steps <= 16, "{number} takes long");
            let mut branch = |holds| at += usize::from(if holds { step.jt } else { step.jf });
            match step.code {
                LOAD if step.k == NUMBER => loaded = Some(number),
                LOAD if step.k == ARCHITECTURE => loaded = Some(architecture),
                LOAD if step.k == FIRST_ARGUMENT => loaded = Some(argument),
                JUMP => at += step.k as usize,
                JUMP_IF_EQUAL => branch(loaded.unwrap() == step.k),
                JUMP_IF_AT_LEAST => branch(loaded.unwrap() >= step.k),
                JUMP_IF_ANY_BIT => branch(loaded.unwrap() & step.k != 0),
                RETURN => {
                    let all = [Answer::Kill, Answer::Allow, Answer::Absent, Answer::Deny];
                    return all.into_iter().find(|a| leaf(*a).k == step.k).unwrap();
                }
                other => panic!("{other:#x}"),
            }
        }
    }

    fn any_answer() -> impl Strategy<Value = Answer> {
        prop_oneof![Just(Answer::Kill), Just(Answer::Allow), Just(Answer::Absent), Just(Answer::Ask)]
    }

    proptest! {
        #[test]
        fn every_number_gets_its_own_answer(answers in prop::collection::btree_map(0u32..480, any_answer(), 0..120)) {
            let program = search(answers.iter().map(|(n, a)| (c_long::from(*n), *a))).unwrap();
            for number in 0..500 {
                prop_assert_eq!(run(&program, number), *answers.get(&number).unwrap_or(&Answer::Deny));
            }
            for number in [0x3fff_ffff, 0x4000_0000, 0x4000_003b, u32::MAX] {
                let expected = if number < 0x4000_0000 { Answer::Deny } else { Answer::Kill };
                prop_assert_eq!(run(&program, number), expected);
                prop_assert_eq!(run_for(&program, 0x4000_0003, number, 0), Answer::Kill);
            }
        }
    }

    #[test]
    fn one_bit_of_one_call_is_fatal() {
        let program = kill_if_any_bit(56, 0x2002_0000).unwrap();
        for (number, argument, answer) in [
            (56, 0x0002_0000, Answer::Kill),
            (56, 0x2000_0011, Answer::Kill),
            (56, 0x0001_0f00, Answer::Ask),
            (57, 0x0002_0000, Answer::Ask),
        ] {
            assert_eq!(run_for(&program, OURS, number, argument), answer, "{number} {argument:#x}");
        }
    }

    #[test]
    fn the_architecture_is_the_one_that_seccompiler_checks() {
        let rules = vec![(libc::SYS_clone, vec![])].into_iter().collect();
        let arch = std::env::consts::ARCH.try_into().unwrap();
        let filter =
            SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::KillProcess, arch).unwrap();
        let program = BpfProgram::try_from(filter).unwrap();
        assert!(program.iter().any(|step| step.code == JUMP_IF_EQUAL && step.k == OURS));
    }

    #[test]
    fn two_answers_for_one_number_are_a_mistake() {
        let twice = [(1, Answer::Allow), (1, Answer::Kill)];
        assert_eq!(search(twice.into_iter()).unwrap_err(), SyscallsError::Filter);
        assert_eq!(search([(-1, Answer::Allow)].into_iter()).unwrap_err(), SyscallsError::Filter);
    }
}
