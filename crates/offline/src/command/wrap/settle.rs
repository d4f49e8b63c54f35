//! After the question: what may have changed while it was open is checked again, before the process is confined.
//!
//! Nobody knows how long people take to answer. Meanwhile the parameters can expire, and somebody can plug in the network.

use keyferry_core::{Clock, Timestamp};

use crate::error::OfflineError;
use crate::inputs::Inputs;
use crate::posture::{Fit, PostureError};

/// Findings on the machine that are older than this, in seconds, are made again.
const FRESH: i64 = 60;

/// The time again, and the machine if more than a minute passed. `look` must be possible: Landlock would hide the machine from it.
///
/// # Errors
/// [`OfflineError`] as before the question; nothing was made.
pub(super) fn settle(
    inputs: &Inputs,
    fit: Fit,
    clock: &impl Clock,
    look: impl FnOnce() -> Result<Fit, PostureError>,
) -> Result<Fit, OfflineError> {
    let now: Timestamp = clock.now();
    inputs.check_later(now)?;
    if inputs.time.passed(now) > FRESH { Ok(look()?) } else { Ok(fit) }
}
