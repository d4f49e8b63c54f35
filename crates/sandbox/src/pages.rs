//! Pages for secrets, between two guard pages. Only this module maps memory; only this module and `signals.rs` have `unsafe`.
//!
//! The pages come from `memfd_secret(2)` if the kernel has it: they are locked, and neither the kernel nor a debugger can map them.
//! Otherwise they are anonymous and locked (`mlock(2)`), and child processes see zeros. Neither kind appears in a core file. Touching a
//! guard page ends the process.
//!
//! Alternatives that were compared before this was written (2026-11):
//!
//! | what | secret pages | guards | not dumped | not forked | why not |
//! |---|---|---|---|---|---|
//! | `memsec` 0.7 (`alloc_ext`) | yes | yes | by the kernel | no | a second `getrandom`; a mapping and an open descriptor for each secret; does not report whether `ftruncate` worked; aborts instead of returning an error; its interface is raw pointers, so `unsafe` stays with the caller |
//! | `secmem-proc` 0.3 | no | no | the process | no | hardens processes but stores no secrets; brings `anyhow` |
//! | `secrecy`, `zeroize` | no | no | no | no | they only wipe memory; this program uses them as well |
//! | `rustix::mm` 1.1 | no | by hand | by hand | by hand | used below: its calls are `unsafe`, and it lacks `memfd_secret` |
#![allow(unsafe_code)] // A mapping's address and length are this module's own; nothing else can vouch for them.

use core::ffi::c_void;
use core::ptr::{self, NonNull};
use core::slice;
use std::os::fd::{FromRawFd, OwnedFd};

use keyferry_core::transcript::MemoryKind;
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap, mmap_anonymous, munmap};
use zeroize::Zeroize;

use crate::memory::MemoryError;

/// Pages with one owner, which are zero at first and are wiped when dropped.
pub(crate) struct Region {
    /// Start of the whole mapping, including its guard pages.
    base: NonNull<c_void>,
    whole: usize,
    /// Start of the pages between the guards.
    inner: NonNull<u8>,
    length: usize,
    kind: MemoryKind,
    /// Whether the pages may have been written to.
    used: bool,
}

// SAFETY: a region is the only owner of its pages, like a `Box<[u8]>`; shared references only read.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    /// Maps at least `octets` bytes, in the best kind of memory that the kernel has.
    pub(crate) fn map(octets: usize) -> Result<Self, MemoryError> {
        Self::map_several(1, octets)?.pop().ok_or(MemoryError::Map)
    }

    /// Maps several regions at once, each with its own guards. This costs the kernel little more than one
    /// region.
    pub(crate) fn map_several(count: usize, octets: usize) -> Result<Vec<Self>, MemoryError> {
        let page = rustix::param::page_size();
        let length = octets.max(1).checked_next_multiple_of(page).ok_or(MemoryError::Map)?;
        let whole = length.checked_add(2 * page).ok_or(MemoryError::Map)?;
        let all = whole.checked_mul(count).ok_or(MemoryError::Map)?;
        // SAFETY: a new mapping at an address of the kernel's choice touches no other memory. It has no access rights yet, so all its
        // pages are guard pages.
        let first = unsafe {
            mmap_anonymous(ptr::null_mut(), all, ProtFlags::empty(), MapFlags::PRIVATE | MapFlags::NORESERVE)
        };
        let first = NonNull::new(first.map_err(|_| MemoryError::Map)?).ok_or(MemoryError::Map)?;
        let part = |n: usize| {
            // SAFETY: the mapping has `count` parts, of which this is one.
            let base = unsafe { first.byte_add(n * whole) };
            // SAFETY: one page further is still inside the part, which has at least three pages.
            let inner = unsafe { base.cast::<u8>().add(page) };
            Self { base, whole, inner, length, kind: MemoryKind::Unlocked, used: false }
        };
        // From here on, dropping a region unmaps its own part.
        let mut regions: Vec<Self> = (0..count).map(part).collect();
        let kind = open(&regions)?;
        regions.iter_mut().for_each(|region| region.kind = kind);
        Ok(regions)
    }

    /// Puts pages of `secret`, from `offset` on, between the guards.
    fn open_secret(&self, secret: &OwnedFd, offset: usize) -> Option<()> {
        // The pages are populated now, before a secret arrives, because this is slow: the kernel removes each page from its own map and
        // has to notify every processor.
        let flags = MapFlags::SHARED | MapFlags::FIXED | MapFlags::POPULATE;
        let at = self.inner.as_ptr().cast();
        let rights = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the call replaces pages of our own mapping, and nobody has a reference to them.
        unsafe { mmap(at, self.length, rights, flags, secret, offset as u64) }.ok().map(drop)
    }

    /// Puts ordinary pages between the guards; returns whether they are locked.
    fn open_ordinary(&self) -> Result<MemoryKind, MemoryError> {
        let (at, flags) = (self.inner.as_ptr().cast(), MapFlags::PRIVATE | MapFlags::FIXED);
        // SAFETY: the call replaces pages of our own mapping, and nobody has a reference to them.
        unsafe { mmap_anonymous(at, self.length, ProtFlags::READ | ProtFlags::WRITE, flags) }
            .map_err(|_| MemoryError::Map)?;
        self.advise(Advice::LinuxDontDump)?;
        self.advise(Advice::LinuxWipeOnFork)?;
        // SAFETY: locking changes no content; the range is our own.
        match unsafe { mlock(at, self.length) } {
            Ok(()) => Ok(MemoryKind::LockedPages),
            Err(_) => Ok(MemoryKind::Unlocked),
        }
    }

    fn advise(&self, advice: Advice) -> Result<(), MemoryError> {
        // SAFETY: the three kinds of advice in use control what core dumps and children see, and change nothing in this process; the
        // range is our own.
        unsafe { madvise(self.inner.as_ptr().cast(), self.length, advice) }.map_err(|_| MemoryError::Map)
    }

    pub(crate) const fn kind(&self) -> MemoryKind {
        self.kind
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) const fn octets(&self) -> &[u8] {
        // SAFETY: the range is mapped, readable, zeroed by the kernel, and borrowed like `self`.
        unsafe { slice::from_raw_parts(self.inner.as_ptr(), self.length) }
    }

    pub(crate) const fn octets_mut(&mut self) -> &mut [u8] {
        self.used = true;
        // SAFETY: as in `octets`, and `self` is borrowed exclusively.
        unsafe { slice::from_raw_parts_mut(self.inner.as_ptr(), self.length) }
    }
}

/// Puts pages of one kind between the guards of all regions.
fn open(regions: &[Region]) -> Result<MemoryKind, MemoryError> {
    if open_secret(regions).is_some() {
        // The mapping is shared with the descriptor, so the kernel cannot wipe it in a child; instead, a child does not
        // get it at all.
        regions.iter().try_for_each(|region| region.advise(Advice::LinuxDontFork))?;
        return Ok(MemoryKind::SecretPages);
    }
    regions.iter().try_fold(MemoryKind::LockedPages, |so_far, region| {
        let kind = region.open_ordinary()?;
        Ok(if so_far == MemoryKind::LockedPages { kind } else { so_far })
    })
}

/// Puts secret memory between the guards; `None` if the kernel has no secret memory, or allows no more of it.
/// The mappings outlive their descriptor.
fn open_secret(regions: &[Region]) -> Option<()> {
    let secret = memfd_secret()?;
    rustix::fs::ftruncate(&secret, regions.iter().map(|region| region.length as u64).sum()).ok()?;
    let mut offset = 0;
    regions.iter().try_for_each(|region| {
        region.open_secret(&secret, offset)?;
        offset += region.length;
        Some(())
    })
}

/// The descriptor of new secret memory, or `None`.
fn memfd_secret() -> Option<OwnedFd> {
    // SAFETY: the call only takes flags and returns a new descriptor or -1.
    let fd = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0)?;
    // SAFETY: the descriptor was just opened, and nothing else owns it.
    Some(unsafe { OwnedFd::from_raw_fd(fd) })
}

impl Drop for Region {
    fn drop(&mut self) {
        if self.used {
            self.octets_mut().zeroize();
        }
        // SAFETY: this is the whole of our own mapping, and no reference to it outlives `self`. A failure could only leave wiped pages
        // mapped.
        let _ = unsafe { munmap(self.base.as_ptr(), self.whole) };
    }
}
