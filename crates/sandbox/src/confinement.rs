//! Drops privileges step by step, and reports the protections that took effect.

use keyferry_core::Event;
use keyferry_core::transcript::MemoryKind;
use rustix::thread::set_no_new_privs;

use crate::error::SandboxError;
use crate::folders::{Folders, FoldersError, LandlockAbi};
use crate::limits::Limits;
use crate::memory;
use crate::memory::{LockedProcess, MemoryError};
use crate::syscalls::{self, Extra};

/// The privileges that a program keeps. [`enter`](Self::enter) drops all others.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox {
    limits: Limits,
    extra: Extra,
}

/// The protections that took effect.
#[derive(Clone, Copy, Debug)]
pub struct Confinement {
    privileges: Result<(), SandboxError>,
    limits: Result<(), SandboxError>,
    syscalls: Result<(), SandboxError>,
    folders: Result<LandlockAbi, SandboxError>,
    locked: LockedProcess,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// What the offline station needs: one thread, files and a terminal.
    #[must_use]
    pub const fn new() -> Self {
        Self { limits: Limits::CEREMONY, extra: Extra::NONE }
    }

    /// Sets limits other than [`Limits::CEREMONY`].
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Allows Video4Linux requests (`ioctl` of type `V`) on a device that is already open or that [`Folders::device`]
    /// names.
    #[must_use]
    pub const fn camera(mut self) -> Self {
        self.extra.camera = true;
        self
    }

    /// Allows threads of this process, as the C library starts them, but still no other process. Threads inherit every
    /// restriction.
    #[must_use]
    pub const fn threads(mut self) -> Self {
        self.extra.threads = true;
        self
    }

    /// The process id of the one child that was started before: the program can wait for it and end it, but not any other
    /// process.
    #[must_use]
    pub const fn child(mut self, process: u32) -> Self {
        self.extra.child = Some(process);
        self
    }

    /// Forbids new privileges, locks memory as far as the limits allow, sets the limits, and filters system
    /// calls. Irrevocable.
    ///
    /// Applies to the whole process, including running threads. A part that the kernel refuses does not stop the rest; the report
    /// names it.
    #[must_use]
    pub fn enter(self) -> Confinement {
        Confinement {
            privileges: set_no_new_privs(true).map_err(|_| SandboxError::Privileges),
            locked: memory::lock_process(),
            limits: crate::limits::apply(&self.limits, self.extra).map_err(SandboxError::Limit),
            syscalls: syscalls::filter(self.extra).map_err(SandboxError::Syscalls),
            folders: Err(SandboxError::Folders(FoldersError::NotYet)),
        }
    }
}

impl Confinement {
    /// From now on, the calling thread and the threads that it starts can reach only these folders. Call this when all other
    /// threads have ended. Irrevocable; open files stay open.
    #[must_use]
    pub fn narrow(mut self, folders: &Folders) -> Self {
        self.folders = folders.enforce().map_err(SandboxError::Folders);
        self
    }

    /// The Landlock ABI that restricts the folders.
    ///
    /// # Errors
    /// [`SandboxError::Folders`] if access to folders is not restricted.
    pub const fn folders(&self) -> Result<LandlockAbi, SandboxError> {
        self.folders
    }

    /// Every protection that could not be enabled.
    pub fn lacking(&self) -> impl Iterator<Item = SandboxError> + use<> {
        let parts = [self.privileges, self.limits, self.syscalls, self.folders.map(drop)];
        parts.into_iter().filter_map(Result::err)
    }

    /// The part of the process's memory, apart from its secrets, that is locked.
    #[must_use]
    pub const fn locked(&self) -> LockedProcess {
        self.locked
    }

    /// Checks that further threads may hold secrets: either their stacks and heaps are locked like the first thread's, or
    /// nothing is locked.
    ///
    /// # Errors
    /// [`MemoryError::Lock`] if the present memory is locked, but the memory of a new thread would not be.
    pub const fn check_threads(&self) -> Result<(), MemoryError> {
        match self.locked {
            LockedProcess::Whole | LockedProcess::Nothing => Ok(()),
            LockedProcess::Present => Err(MemoryError::Lock),
        }
    }

    /// The event for the record.
    #[must_use]
    pub fn event(&self, memory: MemoryKind) -> Event {
        Event::Confined {
            no_new_privs: self.privileges.is_ok(),
            limits: self.limits.is_ok(),
            seccomp: self.syscalls.is_ok(),
            landlock_abi: self.folders.map_or(0, |abi| abi.version),
            memory,
            process_locked: self.locked == LockedProcess::Whole,
        }
    }
}
