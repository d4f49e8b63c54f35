//! Capped reads of small kernel files and folders, and the ways in which they can fail.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use keyferry_core::{Bilingual, bi};
use rustix::fs::OFlags;

/// Maximum length of a file that is read, enough for the kernel's tables on a machine with thousands of
/// interfaces.
const MAX_FILE: usize = 1024 * 1024;
/// Most of the kernel's files are shorter than this, so the buffer does not have to grow.
const USUAL: usize = 4096;
/// Maximum number of names that are read from one folder.
const MAX_NAMES: usize = 32 * 1024;

/// A file or folder that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unseen {
    path: PathBuf,
    pub(super) missing: bool,
    why: Bilingual,
}

impl Unseen {
    fn new(path: &Path, missing: bool, why: Bilingual) -> Self {
        Self { path: path.into(), missing, why }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        let kind = error.kind();
        let why = match kind {
            ErrorKind::NotFound => bi!("entity not found", "不存在"),
            ErrorKind::PermissionDenied => bi!("permission denied", "没有权限"),
            // The standard library has about forty more kinds, with English names only; a station rarely
            // meets them.
            other => bi!("{other}", "{other}"),
        };
        Self::new(path, kind == ErrorKind::NotFound, why)
    }

    pub(super) fn malformed(path: &Path) -> Self {
        Self::new(path, false, bi!("not in the kernel's form", "不是内核的格式"))
    }

    pub(super) fn covered(path: &Path) -> Self {
        Self::new(path, false, bi!("another file system is mounted over it", "其上挂载了另一文件系统"))
    }

    /// The failure as a sentence.
    pub(super) fn text(&self) -> Bilingual {
        let path = self.path.display();
        said(&self.why, |why| bi!("cannot be determined: {path}: {why}", "无法判断：{path}：{why}"))
    }
}

/// All bytes of a regular file. The kernel's files state no size, so the end is found by reading.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Unseen> {
    let out = up_to(path, MAX_FILE + 1)?;
    if out.len() > MAX_FILE { Err(Unseen::new(path, false, bi!("too long", "过长"))) } else { Ok(out) }
}

/// The beginning of a file that takes the kernel a long time to produce, such as one with a page for each
/// processor.
pub(super) fn beginning(path: &Path) -> Result<String, Unseen> {
    up_to(path, 2 * USUAL).map(|b| String::from_utf8_lossy(&b).into_owned())
}

/// Reads a regular file up to a length.
fn up_to(path: &Path, most: usize) -> Result<Vec<u8>, Unseen> {
    let failed = |e: std::io::Error| Unseen::io(path, &e);
    // Without O_NONBLOCK, opening a pipe would block. Only a regular file is read.
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(nonblocking).open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(Unseen::new(path, false, bi!("not a file", "不是文件")));
    }
    let mut out = Vec::with_capacity(USUAL);
    file.take(most as u64).read_to_end(&mut out).map_err(failed)?;
    Ok(out)
}

/// The whole file as text; invalid UTF-8 is replaced.
pub(super) fn text(path: &Path) -> Result<String, Unseen> {
    bytes(path).map(|b| String::from_utf8_lossy(&b).into_owned())
}

/// One line, without the line break and the space around it.
pub(super) fn word(path: &Path) -> Result<String, Unseen> {
    text(path).map(|t| t.trim().to_owned())
}

/// A file that contains one number.
pub(super) fn number(path: &Path) -> Result<u64, Unseen> {
    word(path)?.parse().map_err(|_| Unseen::malformed(path))
}

/// The value after `NAME:`, in text that consists of such lines.
pub(super) fn field(text: &str, path: &Path, name: &str) -> Result<String, Unseen> {
    let value = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
    value.map(|v| v.trim().to_owned()).ok_or_else(|| Unseen::malformed(path))
}

/// The names in a folder, sorted.
pub(super) fn names(path: &Path) -> Result<Vec<String>, Unseen> {
    let mut out = Vec::new();
    for_each(path, |entry| out.push(entry.file_name().to_string_lossy().into_owned()))?;
    out.sort();
    Ok(out)
}

/// Calls `see` for every entry of a folder, in the kernel's order.
pub(super) fn for_each(path: &Path, mut see: impl FnMut(&fs::DirEntry)) -> Result<(), Unseen> {
    let failed = |e: std::io::Error| Unseen::io(path, &e);
    for (seen, entry) in fs::read_dir(path).map_err(failed)?.enumerate() {
        if seen == MAX_NAMES {
            return Err(Unseen::new(path, false, bi!("too many entries", "条目过多")));
        }
        see(&entry.map_err(failed)?);
    }
    Ok(())
}

/// The first few items of a list, and the number of the others.
pub(super) fn few(items: &[String]) -> String {
    let shown: Vec<_> = items.iter().take(4).map(String::as_str).collect();
    match items.len().saturating_sub(4) {
        0 => shown.join(", "),
        more => format!("{}, +{more}", shown.join(", ")),
    }
}

/// Like [`few`], for items in two languages.
pub(super) fn few_said(items: &[Bilingual]) -> Bilingual {
    let part = |of: fn(&Bilingual) -> &String| few(&items.iter().map(of).cloned().collect::<Vec<_>>());
    Bilingual { en: part(|item| &item.en), zh: part(|item| &item.zh).replace(", ", "、") }
}

/// Puts a value into a sentence, in both languages.
pub(super) fn said(value: &Bilingual, sentence: impl Fn(&str) -> Bilingual) -> Bilingual {
    Bilingual { en: sentence(&value.en).en, zh: sentence(&value.zh).zh }
}

/// The attributes of a folder.
pub(super) fn folder(path: &Path) -> Result<fs::Metadata, Unseen> {
    let meta = fs::metadata(path).map_err(|e| Unseen::io(path, &e))?;
    if meta.is_dir() {
        Ok(meta)
    } else {
        Err(Unseen::new(path, false, bi!("not a folder", "不是文件夹")))
    }
}
