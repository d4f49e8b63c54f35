//! The wiping that a build without it leaves out: the control of the residue test. Everything else wipes there too, except the allocator.
//!
//! The unused part of the stack is overwritten, because finished calls left copies there that no variable names any more: owners wipe
//! themselves on drop; the compiler's own temporaries (spilled registers, moved values, hash blocks) have no owner. And a share's words
//! end.

use zeroize::Zeroizing;

use crate::RsaBits;

/// Bytes of stack that [`scrub_stack`] overwrites. The deepest secret call that it follows, RSA-2048, needs about 8 KiB in a release
/// build.
pub const DEPTH: usize = 16 * 1024;

/// The same for [`scrub_stack_after`] longer moduli: RSA-4096 needs about 18 KiB.
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

/// What a whole command uses of the stack, several times over.
const WHOLE: usize = 256 * 1024;

/// Overwrites all that a command left below the caller: the last act of a program that held secrets.
#[inline(always)]
pub fn scrub_whole_stack() {
    overwrite::<WHOLE>();
}

#[cfg(not(keyferry_wiping_disabled))]
#[inline(never)]
fn overwrite<const OCTETS: usize>() {
    let dead = [0u8; OCTETS];
    // To the optimiser this reads the array through an unknown address, so the zeros are really written.
    zeroize::optimization_barrier(&dead);
}

/// Overwrites nothing: the residue test's control.
#[cfg(keyferry_wiping_disabled)]
fn overwrite<const OCTETS: usize>() {}

/// The end of a text that wipes itself: nothing but a drop.
#[cfg(not(keyferry_wiping_disabled))]
pub fn end(text: Zeroizing<String>) {
    drop(text);
}

/// Leaves the text where it is, so that the residue test's control has one to be found whatever its heap is used for after.
#[cfg(keyferry_wiping_disabled)]
pub fn end(text: Zeroizing<String>) {
    core::mem::forget(text);
}
