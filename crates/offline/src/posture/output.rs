//! `private-output` and `memory-output`: who can reach the output folder, and whether its files stay on a disk.
//!
//! Ciphertext and record are not secret: others may read them, but must not be able to put other files in their place. A raw key is
//! secret: only the owner may have access to its folder. The file itself gets mode 0600. So a folder that others can only list fails
//! the check, but does not stop a command that is run by hand. A key counts as **exposed**, which stops the command, if that mode
//! protects nothing: others can replace files, or the file system stores no modes and every file has the mode from its mount
//! options.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use keyferry_core::{Bilingual, bi};

use super::files::{self, Unseen};
use super::{Roots, Seen, users};

/// File systems on which the mount or the server sets the mode of all files.
const NO_MODES: [&str; 13] = [
    "vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "hfs", "hfsplus", "udf", "cifs", "smb3", "9p",
    "vboxsf",
];
/// File systems in memory.
const MEMORY: [&str; 4] = ["tmpfs", "ramfs", "devtmpfs", "rootfs"];
/// File systems that may be on another machine.
const ELSEWHERE: [&str; 8] = ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "vboxsf", "fuse"];

/// The destination of a command's files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output<'a> {
    /// The folder.
    pub(crate) folder: &'a Path,
    /// Whether the output must stay secret.
    pub(crate) secret: bool,
}

impl<'a> Output<'a> {
    /// The folder of a file.
    pub(crate) fn of_file(file: &'a Path, secret: bool) -> Self {
        let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { folder, secret }
    }
}

/// One line of `mountinfo`.
struct Mount {
    device: String,
    point: PathBuf,
    kind: String,
    /// The source of the mount, such as `/dev/sda1`.
    source: String,
    /// Whether the mount or its file system is read-only.
    read_only: bool,
}

/// The output, with the folder's attributes and its file system.
pub(super) struct Place<'a> {
    output: Output<'a>,
    meta: std::fs::Metadata,
    mount: Mount,
}

/// Examines the folder once for all checks.
pub(super) fn place<'a>(roots: &Roots, output: Output<'a>) -> Result<Place<'a>, Unseen> {
    let meta = files::folder(output.folder)?;
    let mount = mount_of(roots, output.folder, &meta)?;
    Ok(Place { output, meta, mount })
}

/// The finding if no folder was named: nothing will be written, so nobody can reach it. `wrap` and the other
/// commands always name a folder.
fn nothing_named() -> Bilingual {
    bi!("no folder was named (--out)", "没有指定文件夹（--out）")
}

/// Who can reach the folder, and whether a secret in it would be exposed.
pub(super) fn private(roots: &Roots, place: Option<&Result<Place<'_>, Unseen>>) -> (Seen, bool) {
    match place {
        None => (Seen::holds_with_note(nothing_named()), false),
        Some(Err(unseen)) => (Seen::fail(unseen.text()), false),
        Some(Ok(place)) => {
            look_private(roots, place).unwrap_or_else(|unseen| (Seen::fail(unseen.text()), false))
        }
    }
}

fn look_private(roots: &Roots, place: &Place<'_>) -> Result<(Seen, bool), Unseen> {
    let output = place.output;
    let own = users::own_user(roots)?;
    let kind = &place.mount.kind;
    let (mode, owner) = (place.meta.mode() & 0o7777, place.meta.uid());
    let no_modes = NO_MODES.contains(&kind.as_str());
    let shown = output.folder.display();
    let (reads, writes, sticky) = (mode & 0o005 != 0, mode & 0o002 != 0, mode & 0o1000 != 0);
    let exposed = output.secret && ((writes && !sticky) || (no_modes && mode & 0o055 != 0));
    if owner != own && owner != 0 {
        let text = bi!("{shown} belongs to user {owner}", "{shown} 属于用户 {owner}");
        return Ok((Seen::fail(text), output.secret));
    }
    let seen = if place.mount.read_only {
        Seen::fail(bi!(
            "{shown} is read-only ({kind}): nothing can be written there",
            "{shown} 为只读（{kind}）：无法写入"
        ))
    } else if writes {
        Seen::fail(bi!(
            "others can write into {shown} (mode {mode:04o})",
            "他人可写入 {shown}（模式 {mode:04o}）"
        ))
    } else if output.secret && (reads || exposed) {
        Seen::fail(bi!(
            "others can read {shown} (mode {mode:04o}, {kind}), and a key goes there",
            "他人可读取 {shown}（模式 {mode:04o}，{kind}），而密钥将写在那里"
        ))
    } else if reads || mode & 0o070 != 0 {
        Seen::holds_with_note(bi!(
            "others can read {shown} (mode {mode:04o}); the files written there are not secret",
            "他人可读取 {shown}（模式 {mode:04o}）；写在那里的内容并非机密"
        ))
    } else {
        Seen::pass(bi!(
            "{shown} is its owner's alone (mode {mode:04o})",
            "{shown} 仅所有者可用（模式 {mode:04o}）"
        ))
    };
    Ok((seen, exposed))
}

/// Whether the folder is on a file system in memory.
pub(super) fn in_memory(place: &Result<Place<'_>, Unseen>) -> bool {
    place.as_ref().is_ok_and(|place| MEMORY.contains(&place.mount.kind.as_str()))
}

/// Whether the folder is in memory, on a removable medium, or on a disk that stays in the machine.
pub(super) fn medium(roots: &Roots, place: Option<&Result<Place<'_>, Unseen>>) -> Seen {
    let mount = match place {
        None => return Seen::holds_with_note(nothing_named()),
        Some(Err(unseen)) => return Seen::fail(unseen.text()),
        Some(Ok(place)) => &place.mount,
    };
    let kind = &mount.kind;
    if MEMORY.contains(&kind.as_str()) {
        return Seen::pass(bi!("in memory ({kind})", "内存中（{kind}）"));
    }
    if ELSEWHERE.iter().any(|e| kind == e || kind.starts_with("fuse.")) {
        return Seen::fail(bi!("on another machine ({kind})", "在另一台机器上（{kind}）"));
    }
    match removable(roots, mount) {
        Some(true) => Seen::pass(bi!("on a removable medium ({kind})", "可移动介质（{kind}）")),
        Some(false) => Seen::fail(bi!("on a disk that stays ({kind})", "固定磁盘（{kind}）")),
        None => Seen::fail(bi!(
            "on {kind}, and nothing says whether it is removable",
            "在 {kind} 上，无法判断其是否固定"
        )),
    }
}

/// Whether the block device, or a partition's disk, is removable according to the kernel. Many USB disks claim to be fixed, so
/// the bus counts too. On btrfs, the number does not belong to a device, so the name of the mounted device decides.
fn removable(roots: &Roots, mount: &Mount) -> Option<bool> {
    let by_number = std::fs::canonicalize(roots.sys("dev/block").join(&mount.device));
    let by_name = || {
        let name = mount.source.strip_prefix("/dev/").filter(|name| !name.contains(['/', '.']))?;
        std::fs::canonicalize(roots.sys("class/block").join(name)).ok()
    };
    let bus = by_number.ok().or_else(by_name)?;
    if bus.to_string_lossy().contains("/usb") {
        return Some(true);
    }
    let word = files::word(&bus.join("removable"));
    let word = word.or_else(|_| files::word(&bus.parent().unwrap_or(&bus).join("removable"))).ok()?;
    match word.as_str() {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

/// The mount that contains the folder: by its device, or else the longest mount point above it (btrfs hides its
/// device).
fn mount_of(roots: &Roots, folder: &Path, meta: &std::fs::Metadata) -> Result<Mount, Unseen> {
    let mounts: Vec<_> = roots.mounts()?.lines().filter_map(mount).collect();
    let device = format!("{}:{}", major(meta.dev()), minor(meta.dev()));
    let whole = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
    let (same, any): (Vec<_>, Vec<_>) = mounts.into_iter().partition(|m| m.device == device);
    let mut found = if same.is_empty() { any } else { same };
    found.retain(|m| whole.starts_with(&m.point));
    // The last of several mounts at one place is on top.
    let found = found.into_iter().max_by_key(|m| m.point.as_os_str().len());
    found.ok_or_else(|| Unseen::malformed(&roots.proc("self/mountinfo")))
}

/// `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS … - TYPE SOURCE …` (proc(5)).
fn mount(line: &str) -> Option<Mount> {
    let (left, right) = line.split_once(" - ")?;
    let mut left = left.split(' ').skip(2);
    let (device, point, options) = (left.next()?.to_owned(), left.nth(1)?, left.next()?);
    let mut right = right.split(' ');
    let kind = right.next()?.to_owned();
    let source = unescape(right.next().unwrap_or_default());
    let all = options.split(',').chain(right.next().unwrap_or_default().split(','));
    let read_only = all.into_iter().any(|option| option == "ro");
    Some(Mount { device, point: unescape(point).into(), kind, source, read_only })
}

/// Decodes spaces, tabs, line breaks and backslashes, which are written as `\ooo`.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.into();
    }
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |t, (from, to)| t.replace(from, to))
}

/// The major number of a device, with the layout of glibc's `gnu_dev_major`.
const fn major(device: u64) -> u64 {
    ((device >> 8) & 0xfff) | ((device >> 32) & 0xffff_f000)
}

const fn minor(device: u64) -> u64 {
    (device & 0xff) | ((device >> 12) & 0xffff_ff00)
}
