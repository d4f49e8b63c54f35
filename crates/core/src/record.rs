//! What happened: the record's lines, the one fold that sums them up, and the steps that they have to show.

pub mod command;
mod key_names;
pub mod sizes;
pub mod steps;
pub mod story;
pub mod tally;
pub mod transcript;
