//! Lists on the screen: people read a few hundred lines at most, so a long list shows its first entries and says how many more there are.
//! `-v` shows all.
//!
//! A command prints at most 450 lines for any number of keys; each list gets a part of them.

use keyferry_core::bi;
use keyferry_transport::Console;

use crate::record::Audit;

/// Shows the first `most` entries, all of them with `-v`, and how many were left out.
pub(crate) fn first<T>(
    console: &Console,
    most: usize,
    entries: impl IntoIterator<Item = T>,
    mut show: impl FnMut(T),
) {
    let mut left_out = 0_u64;
    for (n, entry) in entries.into_iter().enumerate() {
        if n < most || console.is_verbose() {
            show(entry);
        } else {
            left_out += 1;
        }
    }
    say_left_out(console, left_out);
}

/// Says how many entries of a list were not shown.
pub(crate) fn say_left_out(console: &Console, left_out: u64) {
    if left_out > 0 {
        console.row(
            &bi!("", ""),
            bi!("… and {left_out} more; -v shows all", "……另有 {left_out} 项；-v 显示全部")
                .get(console.lang()),
        );
    }
}

/// Shows all refusals except the first, which the program shows when it ends.
pub(crate) fn refusals(audit: &Audit, console: &Console) {
    /// Each takes two lines.
    const MOST: usize = 30;
    first(console, MOST, audit.refusals.iter().skip(1), |error| console.refuse_text(error));
}
