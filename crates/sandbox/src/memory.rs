//! A store of secret pages: each secret has its own guard pages, is at the end of its page, and is wiped when it is dropped.
//!
//! Regions are reused, so a ceremony needs only as many regions as it has secrets at one time, whatever the number of keys. All
//! regions have the same kind, and the record names it; a later region of a weaker kind is refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyferry_core::transcript::MemoryKind;
use keyferry_core::{NoSecretMemory, SecretBuffer, SecretStore};
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use zeroize::Zeroize;

use crate::error::SandboxError;
use crate::pages::Region;

mod memory_error;

pub use memory_error::MemoryError;

/// Guarded pages for secrets, each wiped when its secret is dropped.
#[derive(Clone)]
pub struct SecretMemory(Arc<Pool>);

struct Pool {
    kind: MemoryKind,
    free: Mutex<Vec<Region>>,
}

/// One secret in its region.
struct Buffer {
    /// `None` only during the drop.
    region: Option<Region>,
    length: usize,
    pool: Arc<Pool>,
}

/// The maximum number of secrets that a station holds at one time: an escrow key, key material, its padded block, and an
/// opened escrow entry.
const AT_ONCE: usize = 4;

/// The secrets of each thread: key material and its padded block.
const EACH_THREAD: usize = 2;

impl SecretMemory {
    /// Maps the pages that a station needs, so that a shortage is found before a secret exists.
    ///
    /// # Errors
    /// [`MemoryError::Map`]. Pages that cannot be locked are not an error here: see [`lacking`](Self::lacking).
    pub fn new() -> Result<Self, SandboxError> {
        let free = Region::map_several(AT_ONCE, 1).map_err(SandboxError::Memory)?;
        let kind = free.first().map_or(MemoryKind::Unlocked, Region::kind);
        Ok(Self(Arc::new(Pool { kind, free: Mutex::new(free) })))
    }

    /// Maps the pages that `threads` further threads need, each for one key at a time.
    ///
    /// # Errors
    /// [`MemoryError::Map`] or [`MemoryError::Lock`] if there are no more pages of [this kind](Self::kind).
    pub fn make_room(&self, threads: usize) -> Result<(), MemoryError> {
        let more = Region::map_several(threads * EACH_THREAD, 1)?;
        if more.iter().any(|region| region.kind() != self.kind()) {
            return Err(MemoryError::Lock);
        }
        self.0.free().extend(more);
        Ok(())
    }

    /// The kind of memory of all its pages.
    #[must_use]
    pub fn kind(&self) -> MemoryKind {
        self.0.kind
    }

    /// [`MemoryError::Lock`] if the pages could be swapped.
    #[must_use]
    pub fn lacking(&self) -> Option<SandboxError> {
        (self.kind() == MemoryKind::Unlocked).then_some(SandboxError::Memory(MemoryError::Lock))
    }
}

impl SecretStore for SecretMemory {
    fn buffer(&self, length: usize) -> Result<Box<dyn SecretBuffer>, NoSecretMemory> {
        buffer(&self.0, length)
    }
}

fn buffer(pool: &Arc<Pool>, length: usize) -> Result<Box<dyn SecretBuffer>, NoSecretMemory> {
    let region = Some(pool.take(length)?);
    Ok(Box::new(Buffer { region, length, pool: Arc::clone(pool) }))
}

impl Pool {
    fn free(&self) -> MutexGuard<'_, Vec<Region>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, length: usize) -> Result<Region, NoSecretMemory> {
        let mut free = self.free();
        // Take the region that was used last, because regions that were never used need no wiping.
        match free.iter().rposition(|r| r.len() >= length) {
            Some(at) => Ok(free.remove(at)),
            None => self.map(length),
        }
    }

    fn map(&self, length: usize) -> Result<Region, NoSecretMemory> {
        Region::map(length).ok().filter(|r| r.kind() == self.kind).ok_or(NoSecretMemory)
    }
}

/// The range of a secret at the end of its pages, so that a read one byte too far hits the guard page.
fn end_of(octets: usize, length: usize) -> usize {
    octets.saturating_sub(length)
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        let octets = self.region.as_ref().map_or(&[][..], Region::octets);
        octets.get(end_of(octets.len(), self.length)..).unwrap_or_default()
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        let octets = self.region.as_mut().map_or(&mut [][..], Region::octets_mut);
        let start = end_of(octets.len(), self.length);
        octets.get_mut(start..).unwrap_or_default()
    }
}

impl SecretBuffer for Buffer {
    fn sibling(&self, length: usize) -> Result<Box<dyn SecretBuffer>, NoSecretMemory> {
        buffer(&self.pool, length)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.as_mut().zeroize();
        if let Some(region) = self.region.take() {
            self.pool.free().push(region);
        }
    }
}

/// The part of the process's memory, apart from its secrets, that cannot be swapped. It matters because the stack and the heap
/// briefly hold intermediate values of the arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedProcess {
    /// All memory that the process has now and later.
    Whole,
    /// The memory that the process had at the time of locking; the heap may have grown since.
    Present,
    /// Nothing, because the limit on locked memory is too low.
    Nothing,
}

/// The part of the limit on locked memory that must stay free for the growing stack and for secret pages.
const HEADROOM: u64 = 4 * 1024 * 1024;

/// Locks as much as the limit allows without making a later allocation fail. Pages count only once they are used.
pub(crate) fn lock_process() -> LockedProcess {
    let unlimited = Rlimit { current: None, maximum: None };
    if setrlimit(Resource::Memlock, unlimited).is_ok() {
        let all = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
        return if mlockall(all).is_ok() { LockedProcess::Whole } else { LockedProcess::Nothing };
    }
    let limit = getrlimit(Resource::Memlock);
    // Raise the limit as far as the hard limit allows.
    let _ = setrlimit(Resource::Memlock, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let room = limit.maximum.unwrap_or(u64::MAX);
    let fits = mapped().is_some_and(|mapped| mapped.saturating_add(HEADROOM) <= room);
    if fits && mlockall(MlockAllFlags::CURRENT | MlockAllFlags::ONFAULT).is_ok() {
        LockedProcess::Present
    } else {
        LockedProcess::Nothing
    }
}

/// The bytes of address space in use, according to `/proc/self/statm`.
fn mapped() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').next()?.parse().ok()?;
    pages.checked_mul(rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_apart_and_their_pages_are_used_again() {
        let memory = SecretMemory::new().unwrap();
        for round in 0..1000 {
            let mut one = memory.buffer(32).unwrap();
            let mut two = one.sibling(256).unwrap();
            assert_eq!(((*one).as_ref(), (*two).as_ref()), (&[0; 32][..], &[0; 256][..]), "{round}");
            (*one).as_mut().fill(1);
            (*two).as_mut().fill(2);
            assert!((*one).as_ref().iter().all(|b| *b == 1) && (*two).as_ref().iter().all(|b| *b == 2));
        }
        assert_eq!(memory.0.free().len(), AT_ONCE);
    }

    #[test]
    fn every_length_fits_exactly() {
        let memory = SecretMemory::new().unwrap();
        for length in [0, 1, 16, 4095, 4096, 4097, 70_000] {
            assert_eq!((*memory.buffer(length).unwrap()).as_ref().len(), length);
        }
        assert!(memory.buffer(usize::MAX).is_err());
    }
}
