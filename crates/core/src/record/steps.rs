//! The one table of a ceremony's steps, by name: where each step is done and by whom, what is compared, which lines it leaves in
//! the transcript, and what it would catch.
//!
//! [`StepName`] names them in the order of the runbook; [`StepName::step`] is the row. Names never change, because they may be written into
//! a record. The checks of a record read the table, and [`Story::missing`] lists the required lines that a record lacks.

#[cfg(doc)]
use crate::Story;

mod course;
mod missing;
mod name;
mod row;
mod step_table;

pub use course::{Course, HSM_REWRAP, HSM_WRAP, LIFE_FILE, Stage, Times};
pub use missing::Missing;
pub use name::{StepName, UnknownStep};
pub use row::{Lines, Place, PlanUse, Step, Text, When};

#[cfg(test)]
mod tests;
