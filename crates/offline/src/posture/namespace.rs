//! Checks that this process sees the machine's own network, and that the machine has no other network.
//!
//! An empty network namespace on a networked machine looks exactly like a machine without a network. No single file distinguishes the two:
//! `/sys/class/net` shows the namespace of the process that mounted it, an ordinary user cannot read `/proc/1/ns/net`, and in a new PID
//! namespace, process 1 can be any program. So each of these must hold:
//!
//! - according to `statfs(2)`, `/proc` and `/sys` are the real file systems, and no file that is read here is covered by
//!   another mount;
//! - the user and PID namespaces are the kernel's initial ones, whose numbers are fixed (`include/linux/proc_ns.h`, since
//!   Linux 3.8);
//! - processes 1 (init) and 2 (`kthreadd`, which never leaves the initial namespaces) have the same network as this process.
//!   Each network namespace has its own files under `/proc/PID/net`, with their own inode numbers, which any user may read;
//! - no other process has a network namespace with anything in use, and no mount keeps a namespace alive, because this
//!   process could not look into it.
//!
//! The kernel itself can lie, and so can root in the initial namespaces; SECURITY.md says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use keyferry_core::{Bilingual, bi};
use rustix::fs::{AtFlags, CWD, StatxFlags, statfs, statx};

use super::Roots;
use super::files::{self, Unseen};
use super::net::Net;

/// `PROC_SUPER_MAGIC` and `SYSFS_MAGIC` from `include/uapi/linux/magic.h`.
pub(super) const KINDS: [u64; 2] = [0x9fa0, 0x6265_6572];
/// `PROC_USER_INIT_INO` and `PROC_PID_INIT_INO`.
const INITIAL: [(&str, u32); 2] = [("user", 0xEFFF_FFFD), ("pid", 0xEFFF_FFFC)];
/// Init, and the parent of the kernel's threads.
const FIRST: [&str; 2] = ["1", "2"];

/// The types of the file systems `/proc` and `/sys`.
pub(super) fn kinds(proc: &Path, sys: &Path) -> [Option<u64>; 2] {
    [proc, sys].map(|path| statfs(path).ok().and_then(|answer| u64::try_from(answer.f_type).ok()))
}

/// Reasons why this process does not see the whole network of the machine; empty if it does.
pub(super) fn doubts(roots: &Roots) -> Vec<Bilingual> {
    if let Err(foreign) = kernel_files(roots) {
        return vec![foreign];
    }
    let mut doubts: Vec<_> =
        INITIAL.iter().filter_map(|(kind, first)| initial(roots, kind, *first).err()).collect();
    match same_network(roots) {
        Err(doubt) => doubts.push(doubt),
        Ok(own) => doubts.extend(elsewhere(roots, own)),
    }
    doubts.extend(kept(roots));
    doubts
}

/// Checks that `/proc` and `/sys` are the kernel's, and that `/proc` is not limited to processes
/// (`subset=pid`).
fn kernel_files(roots: &Roots) -> Result<(), Bilingual> {
    for ((name, kind), expected) in ["/proc", "/sys"].iter().zip(roots.kinds).zip(KINDS) {
        if kind != Some(expected) {
            return Err(bi!(
                "cannot be determined: {name} is not the kernel's file system",
                "无法判断：{name} 不是内核的文件系统"
            ));
        }
    }
    files::names(&roots.proc("sys/net")).map(drop).map_err(|unseen| unseen.text())
}

/// Checks that the namespace of this kind is the kernel's initial one.
fn initial(roots: &Roots, kind: &str, first: u32) -> Result<(), Bilingual> {
    let path = roots.proc(&format!("self/ns/{kind}"));
    uncovered(roots, &path).map_err(|unseen| unseen.text())?;
    let link = fs::read_link(&path).map_err(|e| Unseen::io(&path, &e).text())?;
    if link.to_str() == Some(&format!("{kind}:[{first}]")) {
        return Ok(());
    }
    let word = if kind == "pid" { "PID" } else { kind };
    Err(bi!(
        "a {word} namespace of its own, as containers have; the machine's network cannot be seen",
        "处于自己的 {word} 命名空间（如容器）；看不到本机的网络"
    ))
}

/// Checks that init and `kthreadd` have the same network as this process; returns the network's number.
fn same_network(roots: &Roots) -> Result<u64, Bilingual> {
    let number = |process: &str| network_of(roots, process).map_err(|unseen| unseen.text());
    let own = number("self")?;
    for process in FIRST {
        if number(process)? != own {
            return Err(bi!(
                "a network namespace of its own; the machine's network cannot be seen",
                "处于自己的网络命名空间；看不到本机的网络"
            ));
        }
    }
    Ok(own)
}

/// The inode number of a file that every network namespace has separately, which identifies the namespace.
fn network_of(roots: &Roots, process: &str) -> Result<u64, Unseen> {
    uncovered(roots, &roots.proc(&format!("{process}/net/dev")))
}

/// The inode number of a file, if it belongs to `/proc` itself: a mount over it could show anything. Links
/// are not followed.
fn uncovered(roots: &Roots, path: &Path) -> Result<u64, Unseen> {
    let (number, mount) = identity(path)?;
    if identity(&roots.proc)?.1 == mount { Ok(number) } else { Err(Unseen::covered(path)) }
}

/// A file's inode number, and the number of its mount (since Linux 5.8).
fn identity(path: &Path) -> Result<(u64, u64), Unseen> {
    let wanted = StatxFlags::INO | StatxFlags::MNT_ID;
    let found =
        statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, wanted).map_err(|e| Unseen::io(path, &e.into()))?;
    match found.stx_mask & wanted.bits() == wanted.bits() {
        true => Ok((found.stx_ino, found.stx_mnt_id)),
        false => Err(Unseen::malformed(path)),
    }
}

/// Everything that is in use in the network namespaces of other processes. Services often have an empty
/// namespace.
fn elsewhere(roots: &Roots, own: u64) -> Vec<Bilingual> {
    let mut known = BTreeSet::from([own]);
    let mut doubts = Vec::new();
    let listed = files::for_each(&roots.proc, |entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.bytes().all(|b| b.is_ascii_digit()) {
            doubts.extend(in_use(roots, &name, &mut known).err());
        }
    });
    doubts.extend(listed.err().map(|unseen| unseen.text()));
    doubts.truncate(1);
    doubts
}

/// Checks that the network of a process is already `known`, or that nothing in it is in use. A process that has ended has
/// no network.
fn in_use(roots: &Roots, process: &str, known: &mut BTreeSet<u64>) -> Result<(), Bilingual> {
    let gone = || network_of(roots, process).is_err_and(|unseen| unseen.missing);
    let open = match network_of(roots, process) {
        Ok(number) if known.contains(&number) => return Ok(()),
        Ok(number) => Net::of(roots, process).in_use().inspect(|_| _ = known.insert(number)),
        Err(unseen) => Err(unseen),
    };
    match open {
        Err(_) if gone() => Ok(()),
        Err(unseen) => Err(unseen.text()),
        Ok(open) if open.is_empty() => Ok(()),
        Ok(open) => Err(files::said(&files::few_said(&open), |open| {
            bi!(
                "another network namespace (process {process}): {open}",
                "另一网络命名空间（进程 {process}）：{open}"
            )
        })),
    }
}

/// Network namespaces that a mount keeps alive, such as those that `ip netns add` makes.
fn kept(roots: &Roots) -> Option<Bilingual> {
    let own = fs::read_link(roots.proc("self/ns/net")).ok();
    let mounts = match roots.mounts() {
        Ok(mounts) => mounts,
        Err(unseen) => return Some(unseen.text()),
    };
    // Number, parent, device, the namespace, and where it is mounted.
    let words = |line: &str| line.split(' ').skip(3).take(2).map(str::to_owned).collect::<Vec<_>>();
    mounts.lines().map(words).find_map(|words| match words.as_slice() {
        [namespace, place]
            if namespace.starts_with("net:[") && own.as_deref() != Some(Path::new(namespace)) =>
        {
            Some(bi!(
                "a network namespace is kept at {place}, and cannot be looked into",
                "{place} 处保留了一个网络命名空间，无法查看其内容"
            ))
        }
        _ => None,
    })
}
