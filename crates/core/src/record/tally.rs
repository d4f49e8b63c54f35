//! How many lines of a record its readers were handed, and how many digests and names were compared: counted in debug builds alone, so that
//! a test sees a step whose work grows faster than the record does. A clock could not tell.

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

/// Counts a whole collection that is handed out: the caller may read all of it.
pub(crate) fn hand_out<T>(all: &[T]) -> &[T] {
    visit(all.len());
    all
}

/// Counts `n` more.
#[cfg_attr(not(debug_assertions), allow(clippy::missing_const_for_fn))]
pub(crate) fn visit(n: usize) {
    #[cfg(debug_assertions)]
    VISITED.set(VISITED.get() + n as u64);
    #[cfg(not(debug_assertions))]
    let _ = n;
}
