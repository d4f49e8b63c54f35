//! A second process of the same user that tries to read the first one's memory: the test program runs itself again.

use std::fs::{self, File};
use std::io::IoSliceMut;
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Gid, Pid, Uid, geteuid, setgroups, setresgid, setresuid};

use super::subject::{NOBODY, PLANTED, Subject, contains};

const TARGET: &str = "KEYFERRY_TEST_TARGET";

/// The result of each attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attempts {
    pub(super) maps: String,
    pub(super) mem: String,
    pub(super) vm_readv: String,
    pub(super) ptrace: String,
}

impl Attempts {
    pub(super) const REFUSED: [&'static str; 4] = ["EACCES", "EACCES", "EPERM", "EPERM"];
    pub(super) const SUCCEEDED: [&'static str; 4] = ["read", "found", "found", "attached"];
}

impl PartialEq<[&str; 4]> for Attempts {
    fn eq(&self, other: &[&str; 4]) -> bool {
        [&self.maps, &self.mem, &self.vm_readv, &self.ptrace].iter().zip(other).all(|(a, b)| a == b)
    }
}

/// Lets another process of the subject's user make the attempts.
pub(super) fn attack(subject: &Subject) -> Attempts {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["attacker", "--exact", "--ignored", "--nocapture", "--test-threads", "1"]);
    command.env(TARGET, subject.pid().to_string()).stdin(Stdio::null());
    let done = command.output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    let line = said.lines().find_map(|l| l.strip_prefix("attempts "));
    let words: Vec<_> = line.unwrap_or_else(|| panic!("{said}")).split(' ').map(str::to_owned).collect();
    let [maps, mem, vm_readv, ptrace] = words.try_into().unwrap();
    Attempts { maps, mem, vm_readv, ptrace }
}

/// The second process.
pub(crate) fn attacker() {
    let Ok(target) = std::env::var(TARGET) else { return };
    if geteuid().is_root() {
        let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
        setgroups(&[]).unwrap();
        setresgid(group, group, group).unwrap();
        setresuid(user, user, user).unwrap();
    }
    let pid = Pid::from_raw(target.parse().unwrap());
    let maps = fs::read_to_string(format!("/proc/{pid}/maps"));
    // If the map cannot be read, any address will do: the kernel checks the permission before the address.
    let stack = maps.as_deref().ok().and_then(stack).unwrap_or((4096, 4096));
    let maps = maps.map_or_else(|e| error(e.raw_os_error()), |_| "read".to_owned());
    let (mem, vm_readv, ptrace) = (mem(pid, stack), vm_readv(pid, stack), attach(pid));
    println!("\nattempts {maps} {mem} {vm_readv} {ptrace}");
}

/// The stack's address and length.
fn stack(maps: &str) -> Option<(u64, usize)> {
    let line = maps.lines().find(|l| l.ends_with("[stack]"))?;
    let (from, to) = line.split(' ').next()?.split_once('-')?;
    let [from, to] = [from, to].map(|n| u64::from_str_radix(n, 16).unwrap());
    Some((from, usize::try_from(to - from).unwrap()))
}

fn mem(pid: Pid, (at, length): (u64, usize)) -> String {
    let mut bytes = vec![0; length];
    let read = File::open(format!("/proc/{pid}/mem")).and_then(|mem| mem.read_exact_at(&mut bytes, at));
    read.map_or_else(|e| error(e.raw_os_error()), |()| judge(&bytes))
}

fn vm_readv(pid: Pid, (base, len): (u64, usize)) -> String {
    let mut bytes = vec![0; len];
    let remote = [RemoteIoVec { base: usize::try_from(base).unwrap(), len }];
    let read = process_vm_readv(pid, &mut [IoSliceMut::new(&mut bytes)], &remote);
    read.map_or_else(|e| error(Some(e as i32)), |_| judge(&bytes))
}

fn attach(pid: Pid) -> String {
    if let Err(e) = ptrace::attach(pid) {
        return error(Some(e as i32));
    }
    waitpid(pid, Some(WaitPidFlag::__WALL)).unwrap();
    ptrace::detach(pid, None).unwrap();
    "attached".to_owned()
}

fn judge(bytes: &[u8]) -> String {
    if contains(bytes, PLANTED.as_bytes()) { "found" } else { "nothing" }.to_owned()
}

fn error(number: Option<i32>) -> String {
    format!("{:?}", Errno::from_raw(number.unwrap_or(0)))
}
