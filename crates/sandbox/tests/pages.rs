//! The pages that hold secrets, as seen by another process, by a child, and through a stray pointer.
//!
//! Each kind of page is tested in a separate process. A kernel without `memfd_secret` has only locked pages; a filter that answers the
//! call with ENOSYS simulates such a kernel.
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

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::process::Child;

use keyferry_core::transcript::MemoryKind;
use keyferry_core::{SecretBuffer, SecretStore};
use keyferry_sandbox::SecretMemory;
use libc::{SIGSEGV, SYS_memfd_secret};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use support::{Outcome, attempt, call, finish, start};

/// The bytes of the secret, or of the unprotected pattern on the heap. Both are computed, so that neither is in the
/// program file.
fn pattern(of: u8) -> Vec<u8> {
    (0..32).map(|n: u8| n.wrapping_mul(37) ^ of).collect()
}

const SECRET: u8 = 0x5a;
const OPEN: u8 = 0xa5;

/// From here on, the kernel behaves as if it had no `memfd_secret`.
fn forget_secret_memory() {
    let calls = [(SYS_memfd_secret, Vec::new())].into_iter().collect();
    let absent = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, absent, arch).unwrap();
    apply_filter(&BpfProgram::try_from(filter).unwrap()).unwrap();
}

fn memory(kind: &str) -> SecretMemory {
    if kind == "locked" {
        forget_secret_memory();
    }
    let memory = SecretMemory::new().unwrap();
    let expected = if kind == "locked" { MemoryKind::LockedPages } else { MemoryKind::SecretPages };
    assert_eq!((memory.kind(), memory.lacking()), (expected, None));
    memory
}

fn filled(memory: &SecretMemory) -> Box<dyn SecretBuffer> {
    let mut secret = memory.buffer(32).unwrap();
    (*secret).as_mut().iter_mut().zip(0..).for_each(|(to, n): (_, u8)| *to = n.wrapping_mul(37) ^ SECRET);
    secret
}

/// Reads one byte at any address.
#[allow(unsafe_code)]
fn peek(at: usize) -> u8 {
    // SAFETY: none. If the address is not mapped, the process crashes, and the tests expect that.
    unsafe { std::ptr::read_volatile(std::ptr::with_exposed_provenance(at)) }
}

/// Runs in a separate process; exits with 0 if it saw the expected bytes.
#[test]
#[ignore = "run by the other tests, in a separate process"]
fn child() {
    let Some(name) = attempt() else { return };
    let (kind, what) = name.split_once('/').unwrap();
    let memory = memory(kind);
    let secret = filled(&memory);
    let start = (*secret).as_ref().as_ptr().expose_provenance();
    let right = |is: bool| if is { Ok(()) } else { Err(1) };
    match what {
        "wait" => wait(&*secret),
        "after" => finish(right(peek(start + 32) == 0)),
        "before" => finish(right(peek((start & !4095) - 1) == 0)),
        "fork" => in_child(start),
        "drop" => {
            let before = (0..32).map(|n| peek(start + n)).collect::<Vec<_>>();
            drop(secret);
            // The store keeps the pages for the next secret.
            let wiped = (0..32).all(|n| peek(start + n) == 0);
            finish(right(before == pattern(SECRET) && wiped))
        }
        other => panic!("no attempt {other:?}"),
    }
}

/// Holds both patterns until the other process has searched for them.
fn wait(secret: &dyn SecretBuffer) -> ! {
    let open = pattern(OPEN);
    // One line with the test's name may come before it.
    println!("\nready");
    let _ = std::io::stdin().read(&mut [0]);
    finish(if secret.as_ref().len() == open.len() { Ok(()) } else { Err(1) })
}

/// A forked child reads the address of the secret and exits with the byte that it found.
fn in_child(start: usize) -> ! {
    #[allow(unsafe_code)]
    // SAFETY: the child only reads memory and exits, and uses nothing that another thread could have locked.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let found = peek(start);
        let _ = call(libc::SYS_exit_group, [usize::from(found), 0, 0, 0, 0, 0]);
    }
    let mut status = 0_i32;
    let at = (&raw mut status).expose_provenance();
    call(libc::SYS_wait4, [usize::try_from(pid).unwrap(), at, 0, 0, 0, 0]).unwrap();
    // The result says how the child ended: by a signal, or with a byte that is not zero.
    finish(if status == 0 { Ok(()) } else { Err(if status & 0x7f != 0 { 100 + (status & 0x7f) } else { 2 }) })
}

fn outcome(name: &str) -> Outcome {
    start(name, std::env::temp_dir().as_path()).wait().unwrap().into()
}

/// A writable mapping, from one line of `/proc/PID/maps`.
struct Mapping {
    start: u64,
    end: u64,
    name: String,
}

fn mappings(pid: u32) -> Vec<Mapping> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let parse = |line: &str| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let writable = words.next()?.contains('w');
        let [start, end] = [start, end].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        writable.then(|| Mapping { start, end, name: words.skip(3).collect() })
    };
    text.lines().filter_map(parse).collect()
}

/// A process that holds a secret, ready to be inspected.
fn holder(kind: &str) -> Child {
    let mut child = start(&format!("{kind}/wait"), std::env::temp_dir().as_path());
    let ready =
        BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap).any(|l| l == "ready");
    assert!(ready);
    child
}

fn release(mut child: Child) {
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert_eq!(Outcome::from(child.wait().unwrap()), Outcome::Done);
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

#[test]
fn no_other_process_reads_secret_pages() {
    let child = holder("secret");
    let mem = File::open(format!("/proc/{}/mem", child.id())).unwrap();
    let (mut open, mut closed) = (0, 0);
    for mapping in mappings(child.id()) {
        let mut bytes = vec![0; usize::try_from(mapping.end - mapping.start).unwrap()];
        match mem.read_exact_at(&mut bytes, mapping.start) {
            Ok(()) => {
                assert!(!contains(&bytes, &pattern(SECRET)), "in {}", mapping.name);
                open += usize::from(contains(&bytes, &pattern(OPEN)));
            }
            Err(e) => {
                assert!(mapping.name.starts_with("/secretmem"), "{}: {e}", mapping.name);
                assert_eq!(read_by_call(child.id(), mapping.start).unwrap_err(), libc::EFAULT);
                closed += 1;
            }
        }
    }
    // The same search found the unprotected pattern. The four secrets exist at the same time and have one
    // page each.
    assert!(open > 0 && closed == 4, "{open} open, {closed} closed");
    release(child);
}

/// Reads memory with `process_vm_readv`, as a debugger would.
fn read_by_call(pid: u32, at: u64) -> Result<i64, i32> {
    let mut bytes = [0_u8; 32];
    let local = [bytes.as_mut_ptr().expose_provenance(), bytes.len()];
    let remote = [usize::try_from(at).unwrap(), bytes.len()];
    let [local, remote] = [&local, &remote].map(|io| io.as_ptr().expose_provenance());
    call(libc::SYS_process_vm_readv, [usize::try_from(pid).unwrap(), local, 1, remote, 1, 0])
}

#[test]
fn locked_pages_are_found_by_the_same_search() {
    let child = holder("locked");
    let mem = File::open(format!("/proc/{}/mem", child.id())).unwrap();
    let found = mappings(child.id()).into_iter().any(|mapping| {
        let mut bytes = vec![0; usize::try_from(mapping.end - mapping.start).unwrap()];
        let read = mem.read_exact_at(&mut bytes, mapping.start).is_ok() && contains(&bytes, &pattern(SECRET));
        if read {
            assert_eq!(read_by_call(child.id(), mapping.start), Ok(32));
        }
        read
    });
    assert!(found, "the search finds nothing at all");
    release(child);
}

/// The flags of the mappings that hold secrets: `lo` locked, `dd` not dumped, `dc` not inherited, `wf` wiped in a child.
#[test]
fn the_kernel_confirms_what_was_asked_of_it() {
    for (kind, wanted) in [("secret", ["lo", "dd", "dc"]), ("locked", ["lo", "dd", "wf"])] {
        let child = holder(kind);
        let text = std::fs::read_to_string(format!("/proc/{}/smaps", child.id())).unwrap();
        let flags = text.lines().filter_map(|line| line.strip_prefix("VmFlags:"));
        let pages = flags.filter(|f| wanted.iter().all(|w| f.split_whitespace().any(|flag| flag == *w)));
        assert_eq!(pages.count(), 4, "{kind}");
        release(child);
    }
}

#[test]
fn one_step_beyond_ends_the_process() {
    for kind in ["secret", "locked"] {
        assert_eq!(outcome(&format!("{kind}/after")), Outcome::Killed(SIGSEGV), "{kind}");
        assert_eq!(outcome(&format!("{kind}/before")), Outcome::Killed(SIGSEGV), "{kind}");
    }
}

#[test]
fn a_child_gets_no_secret() {
    assert_eq!(outcome("secret/fork"), Outcome::Failed(100 + SIGSEGV), "no page at all");
    assert_eq!(outcome("locked/fork"), Outcome::Done, "zeros");
}

#[test]
fn a_dropped_secret_is_wiped() {
    for kind in ["secret", "locked"] {
        assert_eq!(outcome(&format!("{kind}/drop")), Outcome::Done, "{kind}");
    }
}
