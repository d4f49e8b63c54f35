//! `keyferry plan`: judge a plan, write one from answers, compare two, or draft the plan of a recovery. Reads files, and talks to nobody.

mod args;
mod check;
mod diff;
mod error;
mod new;
mod recover;
mod write;

use keyferry_transport::Console;

use crate::error::Error;

pub(crate) use args::Plan;
use args::Task;
pub(crate) use check::judged;
pub(crate) use error::PlanTaskError;
pub(crate) use write::text;

pub(crate) fn run(args: &Plan, console: &Console) -> Result<(), Error> {
    match &args.task {
        Task::Check(args) => check::run(args, console),
        Task::New(args) => new::run(args, console),
        Task::Diff(args) => diff::run(args, console),
        Task::Recover(args) => recover::run(args, console),
    }
}
