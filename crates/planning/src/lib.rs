//! `keyferry plan`: judges a plan, writes one from answers, compares two, or drafts the plan of a recovery. It only reads and writes
//! files, without a network.

mod args;
mod check;
mod diff;
mod error;
mod new;
mod recover;
mod write;

use keyferry_core::Timestamp;
use keyferry_transport::Console;

pub use args::Plan;
use args::Task;
pub use check::judged;
pub use error::{Error, PlanTaskError};
pub use write::text;

/// Runs the task from the command line; plans are judged for the time `now`.
///
/// # Errors
/// [`Error`]: a file fails, the plan is refused, or nobody answered.
pub fn run(args: &Plan, now: Timestamp, console: &Console) -> Result<(), Error> {
    match &args.task {
        Task::Check(args) => check::run(args, now, console),
        Task::New(args) => new::run(args, now, console),
        Task::Diff(args) => diff::run(args, console),
        Task::Recover(args) => recover::run(args, now, console),
    }
}
