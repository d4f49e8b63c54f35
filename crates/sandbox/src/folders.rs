//! Restricts the file system to named folders, with Landlock (`Documentation/userspace-api/landlock.rst`).
//!
//! The process loses every right that the crate knows, including TCP (from ABI 4 on), UDP (from ABI 10 on), and signals and abstract
//! sockets to other processes (from ABI 6 on). An older kernel cannot restrict a right that it does not know; the [`LandlockAbi`] in
//! force shows this. Open files keep the rights with which they were opened. Landlock does not restrict `stat` or walking through
//! folders.

use std::path::{Path, PathBuf};

use keyferry_core::refusals;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, PathFd, RestrictionStatus,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
    make_bitflags,
};

use crate::advice::use_another_kernel;

/// The newest ABI whose rights are requested.
const NEWEST: ABI = ABI::V10;

/// The files and folders that stay reachable.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
    devices: Vec<PathBuf>,
}

/// The version of the kernel's Landlock interface with which the rules are enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LandlockAbi {
    /// At least 1.
    pub version: u32,
}

refusals! {
    /// Why access to the file system is not restricted.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum FoldersError: Refused {
        /// [`narrow`](crate::Confinement::narrow) has not been called yet.
        NotYet => SANDBOX_FOLDERS,
            what("the process can still open any file: it was not restricted to its folders",
                 "进程仍可打开任何文件：尚未限制可访问的目录"),
            hint(use_another_kernel());
        /// The kernel was built without Landlock, or started without it (`lsm=`).
        Missing => SANDBOX_FOLDERS,
            what("the kernel has no Landlock: the process can open files outside its output folder",
                 "内核没有 Landlock：进程可以打开输出目录以外的文件"),
            hint(use_another_kernel());
        /// A named folder cannot be opened.
        Path => SANDBOX_FOLDERS,
            what("the output folder cannot be opened, so the process cannot be restricted to it",
                 "无法打开输出目录，因此无法将进程限制在其中"),
            hint("make the output folder, and check that it can be opened; no key material has been made yet",
                 "请先创建输出目录，并确认可以打开；尚未生成任何密钥材料");
        /// The kernel refused a rule or the restriction.
        Refused => SANDBOX_FOLDERS,
            what("the kernel refuses the Landlock rules: the process can open files outside its output folder",
                 "内核拒绝 Landlock 规则：进程可以打开输出目录以外的文件"),
            hint(use_another_kernel());
    }
}

impl Folders {
    /// An empty set: no file or folder is reachable.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows files below `path`, or the file itself, to be opened for reading.
    #[must_use]
    pub fn read(mut self, path: impl AsRef<Path>) -> Self {
        self.read.push(path.as_ref().to_owned());
        self
    }

    /// Allows regular files below the folder to be read, written, created, renamed and removed.
    #[must_use]
    pub fn write(mut self, folder: impl AsRef<Path>) -> Self {
        self.write.push(folder.as_ref().to_owned());
        self
    }

    /// Allows a device, such as a camera, to be opened, read, written and controlled (`ioctl`).
    #[must_use]
    pub fn device(mut self, path: impl AsRef<Path>) -> Self {
        self.devices.push(path.as_ref().to_owned());
        self
    }

    pub(crate) fn enforce(&self) -> Result<LandlockAbi, FoldersError> {
        let rules = Ruleset::default()
            .handle_access(AccessFs::from_all(NEWEST))
            .and_then(|r| r.handle_access(AccessNet::from_all(NEWEST)))
            .and_then(|r| r.scope(Scope::from_all(NEWEST)))
            .and_then(Ruleset::create)
            .map_err(refused)?;
        let rules = allow(rules, &self.read, make_bitflags!(AccessFs::{ReadFile | ReadDir}))?;
        let rules = allow(rules, &self.write, regular_files())?;
        let device = make_bitflags!(AccessFs::{ReadFile | WriteFile | IoctlDev});
        let rules = allow(rules, &self.devices, device)?;
        achieved(&rules.restrict_self().map_err(refused)?)
    }
}

/// The rights that outputs need, including those for `.NAME.part` and its rename.
fn regular_files() -> BitFlags<AccessFs> {
    make_bitflags!(AccessFs::{ReadFile | ReadDir | WriteFile | Truncate | MakeReg | RemoveFile})
}

fn allow(
    mut rules: RulesetCreated,
    paths: &[PathBuf],
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, FoldersError> {
    for path in paths {
        let fd = PathFd::new(path).map_err(|_| FoldersError::Path)?;
        // Rights that apply only to folders make no sense for a file.
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
        rules = rules.add_rule(PathBeneath::new(fd, access)).map_err(refused)?;
    }
    Ok(rules)
}

fn refused(_: RulesetError) -> FoldersError {
    FoldersError::Refused
}

fn achieved(status: &RestrictionStatus) -> Result<LandlockAbi, FoldersError> {
    match (&status.ruleset, &status.landlock) {
        (RulesetStatus::NotEnforced, _)
        | (_, LandlockStatus::NotEnabled | LandlockStatus::NotImplemented) => Err(FoldersError::Missing),
        (_, LandlockStatus::Available { effective_abi, .. }) => {
            Ok(LandlockAbi { version: u32::try_from(*effective_abi as i32).unwrap_or(0) })
        }
    }
}
