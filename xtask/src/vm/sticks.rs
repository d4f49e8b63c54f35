//! The virtual machine's USB sticks: image files on the host, chosen in the guest by their labels.

use std::path::{Path, PathBuf};

use super::kit::Kit;
use super::write_log::{SECTOR, WriteLog};
use crate::run::{self, Stop};

/// Bytes after the file system, for the mark that a job writes.
const BEHIND: u64 = 64 * 1024;

/// The format of a stick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Vfat,
    /// Mounted so that each write waits for the stick.
    VfatSync,
    Exfat,
    Ext4,
    Swap,
    /// No file system that the guest mounts: the job handles the stick itself.
    Raw,
}

impl Format {
    /// The guest's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vfat | Self::VfatSync => "vfat",
            Self::Exfat => "exfat",
            Self::Ext4 => "ext4",
            Self::Swap => "swap",
            Self::Raw => "raw",
        }
    }

    /// The program that makes it, with its arguments; the label and the image follow.
    fn maker(self) -> &'static [&'static str] {
        match self {
            Self::Vfat | Self::VfatSync => &["mkfs.vfat", "-n"],
            Self::Exfat => &["mkfs.exfat", "-L"],
            Self::Ext4 => &["mkfs.ext4", "-q", "-F", "-L"],
            Self::Swap => &["busybox", "mkswap", "-L"],
            Self::Raw => &[],
        }
    }

    /// Mount options that make the folder private to its user, as production requires. On ext4, which has owners,
    /// the guest sets the owner.
    pub(crate) fn options(self, user: u32) -> String {
        match self {
            Self::Vfat | Self::Exfat => format!("uid={user},gid={user},umask=077"),
            Self::VfatSync => format!("uid={user},gid={user},umask=077,sync"),
            Self::Ext4 | Self::Swap | Self::Raw => "defaults".into(),
        }
    }
}

/// A stick before or after its job.
#[derive(Debug)]
pub(crate) struct Stick {
    pub(crate) label: &'static str,
    pub(crate) format: Format,
    /// Whether QEMU records every write.
    pub(crate) logged: bool,
    folder: PathBuf,
}

impl Stick {
    /// Makes an empty stick of 8 MiB.
    pub(crate) fn make(kit: &Kit, folder: &Path, label: &'static str, format: Format) -> Result<Self, Stop> {
        let stick = Self { label, format, logged: false, folder: folder.to_owned() };
        let sized = |bytes| std::fs::File::options().write(true).open(stick.image())?.set_len(bytes);
        let failed = |e: std::io::Error| Stop::failed(format!("{}: {e}", stick.image().display()));
        std::fs::write(stick.image(), []).and_then(|()| sized(8 << 20)).map_err(failed)?;
        let (program, arguments) = format.maker().split_first().unwrap_or((&"false", &[]));
        run::output(kit.tool(program).args(arguments).arg(label).arg(stick.image()))?;
        sized((8 << 20) + BEHIND).map_err(failed)?;
        Ok(stick)
    }

    /// A stick whose image the job makes.
    pub(crate) fn raw(folder: &Path, label: &'static str) -> Self {
        Self { label, format: Format::Raw, logged: false, folder: folder.to_owned() }
    }

    /// The same stick with a log of its writes, and a copy of its present state.
    pub(crate) fn logged(mut self) -> Result<Self, Stop> {
        let failed = |e: std::io::Error| Stop::failed(format!("{}: {e}", self.log().display()));
        std::fs::write(self.log(), []).map_err(failed)?;
        std::fs::copy(self.image(), self.before()).map_err(failed)?;
        self.logged = true;
        Ok(self)
    }

    /// The stick as the job left it.
    pub(crate) fn image(&self) -> PathBuf {
        self.folder.join(format!("{}.img", self.label))
    }

    /// The writes that QEMU recorded.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.label))
    }

    /// The stick before the job, if its writes were recorded.
    pub(crate) fn before(&self) -> PathBuf {
        self.folder.join(format!("{}.before", self.label))
    }

    /// The stick at every moment since the last flush before the job called `mark`, with one more write each time.
    pub(crate) fn moments(&self) -> Result<Vec<PathBuf>, Stop> {
        let before = read(&self.before())?;
        let log = WriteLog::parse(&read(&self.log())?)?;
        let moments = log.moments_from(before.len() / SECTOR - 1, &before)?;
        let kept = |(n, image): (usize, Vec<u8>)| {
            let path = self.folder.join(format!("{}.moment-{n:03}.img", self.label));
            std::fs::write(&path, image).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))?;
            Ok(path)
        };
        moments.into_iter().enumerate().map(kept).collect()
    }
}

/// A file on a FAT image, read by a program other than the kernel; `None` if it does not exist.
pub(crate) fn read_fat(kit: &Kit, image: &Path, name: &str) -> Result<Option<Vec<u8>>, Stop> {
    let mut copy = kit.tool("mcopy");
    let copy = copy.args(["-n", "-i"]).arg(image).arg(format!("::{name}")).arg("-").output();
    let copy = copy.map_err(|e| Stop::failed(format!("mcopy: {e}")))?;
    Ok(copy.status.success().then_some(copy.stdout))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    std::fs::read(path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))
}
