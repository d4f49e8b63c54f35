//! What can go wrong with a file, named so that a person can act on it.

use std::io;
use std::path::{Path, PathBuf};

use crate::note::NoteError;
use keyferry_core::transcript::TranscriptError;
use keyferry_core::{Bilingual, Class, Control, Explain, bi, explain_nested, explained};

/// Why a file was not read or written. Nothing was left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// The output exists.
    Exists(PathBuf),
    /// The input is not there.
    NotFound(PathBuf),
    /// The folder of an output is not there.
    NoFolder(PathBuf),
    /// No space, or a quota or size limit.
    NoSpace(PathBuf),
    /// No permission, or a read-only file system.
    Permission(PathBuf),
    /// Longer than the cap, in bytes.
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The cap.
        cap: usize,
    },
    /// A folder, pipe or device where a regular file is needed.
    Kind(PathBuf),
    /// Somebody else works with it.
    Busy(PathBuf),
    /// What was read back differs from what was written.
    ReadBack(PathBuf),
    /// Anything else the system says.
    Other {
        /// Which file.
        path: PathBuf,
        /// The system's word for it.
        kind: io::ErrorKind,
        /// The system's error number.
        code: Option<i32>,
    },
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

impl Explain for FileError {
    fn control(&self) -> Control {
        match self {
            Self::Exists(_) => Control::FILE_EXISTS,
            Self::NotFound(_) => Control::FILE_READ,
            Self::NoSpace(_) => Control::FILE_SPACE,
            Self::Permission(_) | Self::NoFolder(_) => Control::FILE_PERMISSION,
            Self::TooLarge { .. } => Control::FILE_SIZE,
            Self::Kind(_) => Control::FILE_KIND,
            Self::Busy(_) => Control::JOURNAL_BUSY,
            Self::ReadBack(_) => Control::FILE_READ_BACK,
            Self::Other { .. } => Control::FILE_OTHER,
        }
    }

    fn class(&self) -> Class {
        match self {
            // Checks of ours; the system itself did not fail.
            Self::Exists(_) | Self::TooLarge { .. } | Self::Busy(_) => Class::Refused,
            _ => Class::Io,
        }
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Exists(p) => bi!("{} exists; it is never overwritten", "{} 已存在；不会覆盖", p.display()),
            Self::NotFound(p) => bi!("{} is not there", "{} 不存在", p.display()),
            Self::NoFolder(p) => bi!("the folder {} is not there", "文件夹 {} 不存在", p.display()),
            Self::NoSpace(p) => bi!("no space left to write {}", "空间不足，无法写入 {}", p.display()),
            Self::Permission(p) => bi!(
                "no permission for {}, or the medium is read-only",
                "没有 {} 的访问权限，或介质为只读",
                p.display()
            ),
            Self::TooLarge { path, cap } => {
                bi!("{} is longer than {cap} bytes", "{} 超过 {cap} 字节", path.display())
            }
            Self::Kind(p) => bi!("{} is not a regular file", "{} 不是普通文件", p.display()),
            Self::Busy(p) => {
                bi!("another command works with {} at this moment", "另一个命令正在使用 {}", p.display())
            }
            Self::ReadBack(p) => bi!(
                "{} read back differently from what was written",
                "{} 回读的内容与写入的不同",
                p.display()
            ),
            Self::Other { path, kind, code } => {
                let number = code.map_or_else(String::new, |c| format!(" ({c})"));
                bi!("{}: {kind}{number}", "{}：{kind}{number}", path.display())
            }
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Exists(_) => bi!(
                "keep the old file: choose another name or folder for the output, or move the old one away yourself",
                "请保留旧文件：为输出另选文件名或文件夹，或自行移走旧文件"
            ),
            Self::NotFound(_) => {
                bi!("check the path and that the medium is mounted", "请检查路径以及介质是否已挂载")
            }
            Self::NoFolder(_) => {
                bi!("make the folder first, or mount the medium", "请先建立文件夹，或挂载介质")
            }
            Self::NoSpace(_) => bi!(
                "take a medium with more space; nothing was left behind on this one",
                "请换用空间更大的介质；本介质上没有留下任何内容"
            ),
            Self::Permission(_) => bi!(
                "check the write-protect switch, the mount options and the owner",
                "请检查写保护开关、挂载选项与所有者"
            ),
            Self::TooLarge { .. } | Self::Kind(_) => {
                bi!(
                    "is this the right file? compare its `sha256sum` with the maker's",
                    "文件是否正确？请与制作方核对 `sha256sum`"
                )
            }
            Self::Busy(_) => bi!(
                "wait until the other command is done, then run this one again; it finds out what is left to do",
                "请等待另一个命令结束后重新运行本命令；它会查明剩余的工作"
            ),
            Self::ReadBack(_) => bi!(
                "the medium is faulty: take another one and run the command again",
                "介质有故障：请更换后重新运行命令"
            ),
            Self::Other { .. } => {
                bi!("check the medium and run the command again", "请检查介质后重新运行命令")
            }
        }
    }
}

explained!(FileError);

/// Why an event was not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// The file failed.
    File(FileError),
    /// The chain is broken or foreign.
    Transcript(TranscriptError),
    /// What somebody noted is no note.
    Note(NoteError),
}

explain_nested!(RecordError { File(FileError), Transcript(TranscriptError), Note(NoteError) });
