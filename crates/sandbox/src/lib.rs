//! Drops a station's privileges before a secret exists, and provides the memory for its secrets. Linux only.
//!
//! The steps, in this order, each irrevocable:
//!
//! 1. [`Sandbox::enter`]: no new privileges, limits, system calls (seccomp), also for threads that are already running. Inputs can
//!    still be opened.
//! 2. [`Confinement::narrow`]: only the named folders (Landlock), once the inputs are open or read, and one thread is left.
//!
//! A program that asked for [`Sandbox::threads`] can start threads after both steps; they inherit both
//! restrictions.
//!
//! Before both steps, every program calls `keyferry_transport::harden`, which forbids core files and stops other processes of the
//! same user from reading this one's memory.
//!
//! A [`Confinement`] says which protections took effect, and with which version of the kernel's interface. Each part is a `Result`,
//! because a kernel may lack it. [`Confinement::lacking`] names the missing ones; the caller decides whether to stop because of them.
//!
//! Secrets go to [`SecretMemory`], a [`keyferry_core::SecretStore`] of guarded pages. [`HeldSignals`] keeps signals from ending the
//! program while a screen shows a secret.
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
