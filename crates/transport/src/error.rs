//! Errors about files, with hints that a person can act on.

use std::io;
use std::path::{Path, PathBuf};

use crate::note::NoteError;
use keyferry_core::transcript::{OpeningsError, TranscriptError};
use keyferry_core::{Bilingual, bi, refusals};

refusals! {
    /// Why a file was not read or written.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum FileError: Refused {
        /// The output already exists.
        Exists(path: PathBuf) => FILE_EXISTS,
            what("{} already exists; it is never overwritten", "{} 已存在；不会覆盖", path.display()),
            hint("keep the old file: choose another name or folder for the output, or move the old one away yourself",
                 "请保留旧文件：为输出另选文件名或文件夹，或自行移走旧文件");
        /// The input does not exist.
        NotFound(path: PathBuf) => FILE_READ, class(Io),
            what("{} does not exist", "{} 不存在", path.display()),
            hint("check the path and that the medium is mounted", "请检查路径以及介质是否已挂载");
        /// The folder of an output does not exist.
        NoFolder(path: PathBuf) => FILE_PERMISSION, class(Io),
            what("the folder {} does not exist", "文件夹 {} 不存在", path.display()),
            hint("make the folder first, or mount the medium", "请先建立文件夹，或挂载介质");
        /// There is no space left, or a quota or a size limit was reached.
        NoSpace(path: PathBuf) => FILE_SPACE, class(Io),
            what("no space left to write {}", "空间不足，无法写入 {}", path.display()),
            hint("make space on the medium, without touching the files of the ceremony, or use one with more space; then run the command again: it says what an earlier run left",
                 "请在介质上腾出空间（不要改动仪式的文件），或换用空间更大的介质；然后重新运行命令：它会说明先前的运行留下了什么");
        /// The outputs will not fit, according to a trial with files that were removed again.
        NoRoom {
            /// The folder.
            folder: PathBuf,
            /// The maximum that may be needed.
            bytes: u64,
        } => FILE_SPACE, class(Io),
            what("{} has no room for the {bytes} bytes that this run may write; nothing was made or sent",
                 "{} 没有足够的空间容纳本次运行可能写入的 {bytes} 字节；尚未生成或发送任何内容", folder.display()),
            hint("make space on the medium, or use one with more space; nothing was left behind on this one",
                 "请在介质上腾出空间，或换用空间更大的介质；本介质上没有留下任何内容");
        /// There is no permission.
        Permission(path: PathBuf) => FILE_PERMISSION, class(Io),
            what("no permission for {}", "没有 {} 的访问权限", path.display()),
            hint("check the owner and the mode of the file and its folder", "请检查文件及其文件夹的所有者与权限");
        /// The file system is read-only, because it was mounted so or because the kernel found damage.
        ReadOnly(path: PathBuf) => FILE_PERMISSION, class(Io),
            what("{} cannot be written: the file system is read-only", "无法写入 {}：文件系统为只读", path.display()),
            hint(repair_or_unprotect());
        /// The device reports EIO or was removed.
        Device {
            /// The file.
            path: PathBuf,
            /// The system's error number.
            code: i32,
        } => FILE_OTHER, class(Io),
            what("{}: the device failed ({code}): the medium was pulled out, or it is damaged",
                 "{}：设备出错（{code}）：介质已被拔出，或已损坏", path.display()),
            hint(repair());
        /// The file system has no safe way to give a file its final name.
        Unfit(folder: PathBuf) => FILE_OTHER, class(Io),
            what("the file system of {} does not allow hidden names, or can neither link a file nor rename it without replacing another; nothing was written",
                 "{} 的文件系统不接受隐藏文件名，或既不能在不覆盖的前提下重命名文件，也不能建立链接；尚未写入任何内容", folder.display()),
            hint("mount a FAT medium with `-t vfat`, not with `-t msdos`; otherwise use a medium with vfat, exfat or ext4",
                 "FAT 介质请以 `-t vfat` 挂载，而不是 `-t msdos`；否则请使用 vfat、exfat 或 ext4 的介质");
        /// Every hidden name is taken.
        Leftovers(path: PathBuf) => FILE_EXISTS,
            what("there are too many hidden files (.NAME.part) of interrupted runs next to {}; they were left untouched",
                 "{} 旁边有过多中断运行留下的隐藏文件（.NAME.part）；未作任何改动", path.display()),
            hint("after a power cut, check the medium first (`fsck.vfat -a`); then copy its files to another medium, without the hidden ones, and continue there",
                 "断电之后请先检查介质（`fsck.vfat -a`）；然后将其中的文件（不含隐藏文件）复制到另一介质，并在那里继续");
        /// The file system cannot store the mode 0600.
        NoModes {
            /// The file.
            path: PathBuf,
            /// The mode that the file would have.
            mode: u32,
        } => FILE_PRIVATE,
            what("{} would have the mode {mode:o}: this file system cannot store the mode 600; nothing was written",
                 "{} 的权限将为 {mode:o}：该文件系统不保留权限 600；尚未写入任何内容", path.display()),
            hint("name a folder on a file system with permissions, or mount this one with -o umask=077",
                 "请指定位于支持权限的文件系统上的文件夹，或以 -o umask=077 挂载该文件系统");
        /// The file is longer than the limit.
        TooLarge {
            /// The file.
            path: PathBuf,
            /// The limit, in bytes.
            cap: usize,
        } => FILE_SIZE,
            what("{} is longer than {cap} bytes", "{} 超过 {cap} 字节", path.display()),
            hint(is_it_the_right_file());
        /// The path is a folder, pipe or device, but a regular file is needed.
        Kind(path: PathBuf) => FILE_KIND, class(Io),
            what("{} is not a regular file", "{} 不是普通文件", path.display()),
            hint(is_it_the_right_file());
        /// The path for a record is a symbolic link, or the file has other names too (hard links).
        Linked(path: PathBuf) => FILE_KIND, class(Io),
            what("{} is a symbolic link, or the file has further names (hard links); it was left untouched",
                 "{} 是符号链接，或该文件另有其他名称（硬链接）；未作任何改动", path.display()),
            hint("find out who made the link, move it away, and put the record itself here",
                 "请查明是谁建立了该链接，将其移走，并把记录文件本身放在此处");
        /// The file for a record has bytes, but no complete line.
        NoLine(path: PathBuf) => FILE_KIND, class(Io),
            what("{} has no complete line, so nothing shows that it is a record of this ceremony; it was left untouched",
                 "{} 没有一个完整的行，无法表明它是本次仪式的记录；未作任何改动", path.display()),
            hint("move the file away, then run the command again",
                 "请移走该文件，然后重新运行命令");
        /// The file or folder belongs to somebody else.
        Owner {
            /// The file or folder.
            path: PathBuf,
            /// The owner's user id.
            uid: u32,
        } => FILE_PRIVATE,
            what("{} belongs to another user ({uid})",
                 "{} 属于另一个用户（{uid}）", path.display()),
            hint("find out who put it there. Do not change its owner: move it away, and run the command again as the user who ran it before",
                 "请查明是谁放置的。不要更改其所有者：将其移走，并以先前运行命令的用户重新运行");
        /// Others may read or change the file or folder.
        Exposed {
            /// The file or folder.
            path: PathBuf,
            /// The mode.
            mode: u32,
        } => FILE_PRIVATE,
            what("{} has the mode {mode:o}: others can read or change it", "{} 的权限为 {mode:o}：他人可以读取或更改", path.display()),
            hint("find out who could have read or changed it. If it is certain that nobody did, use chmod 600 for a file or \
                  700 for a folder; otherwise move it away. From a medium without permissions, such as FAT, copy it to a folder of your own first",
                 "请查明谁可能读取或更改过它。若确定没有人动过：文件用 chmod 600，文件夹用 chmod 700；否则将其移走。若介质不支持权限（如 FAT），请先复制到自己的文件夹");
        /// Another command is using the file.
        Busy(path: PathBuf) => JOURNAL_BUSY,
            what("another command is using {}", "另一个命令正在使用 {}", path.display()),
            hint("wait until the other command has finished, then run this one again; it finds out what is left to do",
                 "请等待另一个命令结束后重新运行本命令；它会查明剩余的工作");
        /// The bytes that were read back differ from those that were written.
        ReadBack(path: PathBuf) => FILE_READ_BACK, class(Io),
            what("{} read back differently from what was written", "{} 回读的内容与写入的不同", path.display()),
            hint("the medium is faulty: use another one and run the command again",
                 "介质有故障：请更换后重新运行命令");
        /// Any other system error.
        Other {
            /// The file.
            path: PathBuf,
            /// The system's description.
            kind: io::ErrorKind,
            /// The system's error number.
            code: Option<i32>,
        } => FILE_OTHER, class(Io),
            what("{}: {kind}{number}", "{}：{kind}{number}", path.display(),
                 number = code.map_or_else(String::new, |c| format!(" ({c})"))),
            hint("check the medium and run the command again", "请检查介质后重新运行命令");
    }
}

fn repair_or_unprotect() -> Bilingual {
    bi!(
        "if it could be written before, the kernel found damage, for example after a power cut or because the medium was \
         pulled out: unmount it, run `fsck.vfat -a DEVICE` \
         (`fsck.exfat -y`, `e2fsck -p`), mount it again, then run the same command again. If not, check the write-protect switch and the mount options",
        "如果此前可以写入，则是内核发现了损坏（例如断电或拔出介质之后）：请卸载介质，运行 `fsck.vfat -a 设备`（或 `fsck.exfat -y`、`e2fsck -p`），\
         重新挂载，然后再次运行同一命令。否则请检查写保护开关与挂载选项"
    )
}

fn repair() -> Bilingual {
    bi!(
        "plug the medium in again. Before it is mounted, run `fsck.vfat -a DEVICE` (`fsck.exfat -y`, `e2fsck -p`), then run the same command again. \
         If it fails again, use another medium",
        "请重新插入介质。挂载之前先运行 `fsck.vfat -a 设备`（或 `fsck.exfat -y`、`e2fsck -p`），然后再次运行同一命令。若仍然失败，请更换介质"
    )
}

/// EIO, ENXIO, ENODEV, ENOMEDIUM, ESHUTDOWN: the errors of a medium that was removed or is damaged.
const DEVICE: [i32; 5] = [5, 6, 19, 123, 108];

fn is_it_the_right_file() -> Bilingual {
    bi!(
        "is this the right file? compare its `sha256sum` with that of the station that made it",
        "文件是否正确？请与制作方核对 `sha256sum`"
    )
}

impl FileError {
    pub(crate) fn reading(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound(path.into()),
            _ => Self::common(path, error),
        }
    }

    pub(crate) fn writing(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists(path.into()),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Self::NoFolder(path.parent().unwrap_or(path).into())
            }
            _ => Self::common(path, error),
        }
    }

    fn common(path: &Path, error: &io::Error) -> Self {
        if let Some(code) = error.raw_os_error().filter(|code| DEVICE.contains(code)) {
            return Self::Device { path: path.into(), code };
        }
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::NoSpace(path.into())
            }
            io::ErrorKind::PermissionDenied => Self::Permission(path.into()),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path.into()),
            io::ErrorKind::IsADirectory => Self::Kind(path.into()),
            kind => Self::Other { path: path.into(), kind, code: error.raw_os_error() },
        }
    }
}

refusals! {
    /// Why an event was not recorded.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum RecordError {
        /// The file could not be read or written.
        File from FileError;
        /// The chain is broken or belongs to another ceremony.
        Transcript from TranscriptError;
        /// The openings are damaged or belong to another ceremony.
        Openings from OpeningsError;
        /// The text is not a valid note.
        Note from NoteError;
    }
}
