//! Drops a station's privileges before a secret exists, and provides the memory for its secrets. Linux only.
//!
//! In this order, each step irrevocable:
//!
//! 1. [`Sandbox::enter`]: no new privileges, limits, system calls (seccomp), also for threads that are already running. Inputs can
//!    still be opened.
//! 2. [`Confinement::narrow`]: only the named folders (Landlock), once the inputs are open or read, and one thread is left.
//!
//! A thread that a program starts after both, if it asked for [`Sandbox::threads`], inherits both.
//!
//! Before both, the program has called `keyferry_transport::harden`, as every program does: no core file, and no reading by other
//! processes of the same user.
//!
//! A [`Confinement`] says which protections took effect, and at which version of the kernel's interface. Every part of it is a result,
//! since a kernel may lack it. [`Confinement::lacking`] names the missing ones; the caller decides whether to stop because of them.
//!
//! Secrets go to [`SecretMemory`], a [`keyferry_core::SecretStore`] of guarded pages. [`HeldSignals`] keeps signals from ending the
//! program while a screen shows one.
//!
//! # Examples
//! ```no_run
//! use keyferry_sandbox::{Folders, Sandbox};
//!
//! let confinement = Sandbox::new().enter();
//! // … open or read the inputs, then:
//! let confinement = confinement.narrow(&Folders::new().write("/media/usb"));
//! if let Some(lack) = confinement.lacking().next() {
//!     return Err(lack);
//! }
//! # Ok::<(), keyferry_sandbox::SandboxError>(())
//! ```

mod advice;
mod confinement;
mod error;
mod folders;
mod limits;
mod memory;
mod pages;
mod signals;
mod syscalls;

pub use confinement::{Confinement, Sandbox};
pub use error::SandboxError;
pub use folders::{Folders, FoldersError, LandlockAbi};
pub use limits::{LimitError, Limits};
pub use memory::{LockedProcess, MemoryError, SecretMemory};
pub use signals::HeldSignals;
pub use syscalls::{SyscallsError, deny_networks, deny_processes};
