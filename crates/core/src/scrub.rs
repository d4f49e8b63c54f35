//! What a build that does not wipe leaves out: the residue test's control. Everything else wipes there too, but for the allocator.
//!
//! The dead part of the stack is overwritten, where finished calls left copies that no variable names any more: owners wipe themselves on
//! drop; the compiler's own temporaries (spilled registers, moved values, hash blocks) have no owner. And a share's words end.

use zeroize::Zeroizing;

/// Octets of stack that [`scrub_stack`] overwrites. The deepest secret call, the second RSA implementation, needs about 6 KiB in
/// a release build.
pub const DEPTH: usize = 16 * 1024;

/// Overwrites [`DEPTH`] octets of stack below the caller. Call it after the secret work has returned.
#[cfg(not(keyferry_wiping_disabled))]
#[inline(never)]
pub fn scrub_stack() {
    let dead = [0u8; DEPTH];
    // To the optimiser this reads the array through an unknown address, so the zeros are really written.
    zeroize::optimization_barrier(&dead);
}

/// Overwrites nothing: the residue test's control.
#[cfg(keyferry_wiping_disabled)]
pub fn scrub_stack() {}

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
