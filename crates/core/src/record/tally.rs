//! Counts the lines of a record that readers receive, and the digests and names that are compared, in debug builds only. A test
//! uses the count to find a step whose work grows faster than the record, which measured times could not show reliably.

#[cfg(debug_assertions)]
std::thread_local! {
    static VISITED: core::cell::Cell<u64> = const { core::cell::Cell::new(0) };
}

/// The count of this thread so far; always 0 in a release build.
#[must_use]
pub fn visited() -> u64 {
    #[cfg(debug_assertions)]
    return VISITED.get();
    #[cfg(not(debug_assertions))]
    0
}

/// Counts a whole collection when it is returned, because the caller may read all of it.
pub(crate) fn hand_out<T>(all: &[T]) -> &[T] {
    visit(all.len());
    all
}

/// Adds `n` to the count.
#[cfg_attr(not(debug_assertions), allow(clippy::missing_const_for_fn))]
pub(crate) fn visit(n: usize) {
    #[cfg(debug_assertions)]
    VISITED.set(VISITED.get() + n as u64);
    #[cfg(not(debug_assertions))]
    let _ = n;
}
