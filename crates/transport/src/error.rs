//! What can go wrong with a file, named so that a person can act on it.

use std::io;
use std::path::{Path, PathBuf};

use crate::note::NoteError;
use keyferry_core::transcript::{OpeningsError, TranscriptError};
use keyferry_core::{Bilingual, bi, refusals};

refusals! {
    /// Why a file was not read or written. Nothing was left behind.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum FileError: Refused {
        /// The output exists.
        Exists(path: PathBuf) => FILE_EXISTS,
            what("{} exists; it is never overwritten", "{} 已存在；不会覆盖", path.display()),
            hint("keep the old file: choose another name or folder for the output, or move the old one away yourself",
                 "请保留旧文件：为输出另选文件名或文件夹，或自行移走旧文件");
        /// The input is not there.
        NotFound(path: PathBuf) => FILE_READ, class(Io),
            what("{} is not there", "{} 不存在", path.display()),
            hint("check the path and that the medium is mounted", "请检查路径以及介质是否已挂载");
        /// The folder of an output is not there.
        NoFolder(path: PathBuf) => FILE_PERMISSION, class(Io),
            what("the folder {} is not there", "文件夹 {} 不存在", path.display()),
            hint("make the folder first, or mount the medium", "请先建立文件夹，或挂载介质");
        /// No space, or a quota or size limit.
        NoSpace(path: PathBuf) => FILE_SPACE, class(Io),
            what("no space left to write {}", "空间不足，无法写入 {}", path.display()),
            hint("take a medium with more space; nothing was left behind on this one",
                 "请换用空间更大的介质；本介质上没有留下任何内容");
        /// No permission, or a read-only file system.
        Permission(path: PathBuf) => FILE_PERMISSION, class(Io),
            what("no permission for {}, or the medium is read-only",
                 "没有 {} 的访问权限，或介质为只读", path.display()),
            hint("check the write-protect switch, the mount options and the owner",
                 "请检查写保护开关、挂载选项与所有者");
        /// Longer than the cap, in bytes.
        TooLarge {
            /// Which file.
            path: PathBuf,
            /// The cap.
            cap: usize,
        } => FILE_SIZE,
            what("{} is longer than {cap} bytes", "{} 超过 {cap} 字节", path.display()),
            hint(is_it_the_right_file());
        /// A folder, pipe or device where a regular file is needed.
        Kind(path: PathBuf) => FILE_KIND, class(Io),
            what("{} is not a regular file", "{} 不是普通文件", path.display()),
            hint(is_it_the_right_file());
        /// A symbolic link, or a file with further names, where a record is written.
        Linked(path: PathBuf) => FILE_KIND, class(Io),
            what("{} is a symbolic link, or the file has further names (hard links); it was left as it is",
                 "{} 是符号链接，或该文件另有其他名称（硬链接）；未作任何改动", path.display()),
            hint("find out who made the link, move it away, and put the record itself in this place",
                 "请查明是谁建立了该链接，将其移走，并把记录文件本身放在此处");
        /// Bytes without one whole line where a record is expected.
        NoLine(path: PathBuf) => FILE_KIND, class(Io),
            what("{} has no whole line, so nothing says that it is a record of this ceremony; it was left as it is",
                 "{} 没有一个完整的行，无法表明它是本次仪式的记录；未作任何改动", path.display()),
            hint("move the file away, then run the command again",
                 "请移走该文件，然后重新运行命令");
        /// It belongs to somebody else.
        Owner {
            /// Which file or folder.
            path: PathBuf,
            /// The owner's number.
            uid: u32,
        } => FILE_PRIVATE,
            what("{} belongs to another user ({uid})",
                 "{} 属于另一个用户（{uid}）", path.display()),
            hint("find out who put it there. Do not change its owner: move it away, and run the command again as the user who ran it before",
                 "请查明是谁放置的。不要更改其所有者：将其移走，并以先前运行命令的用户重新运行");
        /// Others may read or change it.
        Exposed {
            /// Which file or folder.
            path: PathBuf,
            /// The mode.
            mode: u32,
        } => FILE_PRIVATE,
            what("{} has the mode {mode:o}: others can read or change it", "{} 的权限为 {mode:o}：他人可以读取或更改", path.display()),
            hint("find out who could have read or changed it. If it is certain that nobody did: chmod 600 for a file, 700 for a folder; else move \
                  it away. From a medium without permissions, such as FAT, copy it to a folder of your own first",
                 "请查明谁可能读取或更改过它。若确定没有人动过：文件用 chmod 600，文件夹用 chmod 700；否则将其移走。若介质不支持权限（如 FAT），请先复制到自己的文件夹");
        /// Somebody else works with it.
        Busy(path: PathBuf) => JOURNAL_BUSY,
            what("another command works with {} at this moment", "另一个命令正在使用 {}", path.display()),
            hint("wait until the other command is done, then run this one again; it finds out what is left to do",
                 "请等待另一个命令结束后重新运行本命令；它会查明剩余的工作");
        /// What was read back differs from what was written.
        ReadBack(path: PathBuf) => FILE_READ_BACK, class(Io),
            what("{} read back differently from what was written", "{} 回读的内容与写入的不同", path.display()),
            hint("the medium is faulty: take another one and run the command again",
                 "介质有故障：请更换后重新运行命令");
        /// Anything else the system says.
        Other {
            /// Which file.
            path: PathBuf,
            /// The system's word for it.
            kind: io::ErrorKind,
            /// The system's error number.
            code: Option<i32>,
        } => FILE_OTHER, class(Io),
            what("{}: {kind}{number}", "{}：{kind}{number}", path.display(),
                 number = code.map_or_else(String::new, |c| format!(" ({c})"))),
            hint("check the medium and run the command again", "请检查介质后重新运行命令");
    }
}

fn is_it_the_right_file() -> Bilingual {
    bi!(
        "is this the right file? compare its `sha256sum` with the maker's",
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
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::NoSpace(path.into())
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Permission(path.into())
            }
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
        /// The file failed.
        File from FileError;
        /// The chain is broken or foreign.
        Transcript from TranscriptError;
        /// The openings are damaged or foreign.
        Openings from OpeningsError;
        /// What somebody noted is no note.
        Note from NoteError;
    }
}
