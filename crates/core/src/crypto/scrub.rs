//! The wiping that a special build omits, as the control of the residue test. In that build, everything else still wipes its
//! memory; only the allocator does not.
//!
//! The unused part of the stack is overwritten, because finished calls leave copies there. Owned values wipe themselves on drop, but
//! the compiler's temporaries (spilled registers, moved values, hash blocks) have no owner. The words of a share are dropped here as
//! well.

use zeroize::Zeroizing;

use crate::RsaBits;

/// Bytes of stack that [`scrub_stack`] overwrites. The deepest secret call before it, RSA-2048, needs about 8 KiB in a release
/// build.
pub const DEPTH: usize = 16 * 1024;

/// The same for [`scrub_stack_after`] with longer moduli: RSA-4096 needs about 18 KiB.
const DEEP: usize = 40 * 1024;

/// Overwrites [`DEPTH`] bytes of stack below the caller. Call it after the secret work has returned.
#[inline(always)]
pub fn scrub_stack() {
    overwrite::<DEPTH>();
}

/// Overwrites as much stack below the caller as RSA with a modulus of this length used.
#[inline(always)]
pub(crate) fn scrub_stack_after(size: RsaBits) {
    if size == RsaBits::R2048 { overwrite::<DEPTH>() } else { overwrite::<DEEP>() }
}

/// Several times the stack that a whole command uses.
const WHOLE: usize = 256 * 1024;

/// Overwrites everything that a command left below the caller. A program that held secrets calls it last.
#[inline(always)]
pub fn scrub_whole_stack() {
    overwrite::<WHOLE>();
}

#[cfg(not(keyferry_wiping_disabled))]
#[inline(never)]
fn overwrite<const OCTETS: usize>() {
    let dead = [0u8; OCTETS];
    // The optimiser has to assume that this reads the array, so the zeros are really written.
    zeroize::optimization_barrier(&dead);
}

/// Overwrites nothing, for the control of the residue test.
#[cfg(keyferry_wiping_disabled)]
fn overwrite<const OCTETS: usize>() {}

/// Drops the string, which wipes itself.
#[cfg(not(keyferry_wiping_disabled))]
pub fn end(text: Zeroizing<String>) {
    drop(text);
}

/// Leaks the text, so that the control of the residue test finds a copy, whatever the heap is used for later.
#[cfg(keyferry_wiping_disabled)]
pub fn end(text: Zeroizing<String>) {
    core::mem::forget(text);
}
