//! What happened: the lines of the record, the one fold that sums them up, and the steps that must appear in them.

pub mod command;
mod key_names;
pub mod sizes;
pub mod steps;
pub mod story;
pub mod tally;
pub mod transcript;
