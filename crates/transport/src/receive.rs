//! From a scanner's lines back to a file: what `show` shows, `receive` takes.
//!
//! Lines come from standard input (the scanner's program in a pipe, a hand scanner that types) or a file. They are hostile: each is capped, and
//! nothing in them can stop the transfer, restart it, or make `receive` write a file that is incomplete, malformed or not one of those that
//! cross. The rooms:
//!
//! - `lines`: bytes as lines, each capped. `keyboard`: a terminal that cuts no line and shows none. `input`: where they come from.
//! - `tally`: the lines that were ignored, by class. `gather`: lines until a file is whole.
//! - `command`: the command `receive` of both stations.
//!
//! No program is started: a camera is `keyferry-scan --camera DEVICE | … receive`, and the shell joins the two.

mod gather;
mod input;
mod keyboard;
mod lines;
mod receive_command;
mod receive_error;
mod tally;

pub use gather::{Gathered, gather};
pub use input::Input;
pub use lines::{Line, Lines, MAX_LINE};
pub use receive_command::{Request, run};
pub use receive_error::{ReceiveError, ReceiveRefusal};
pub use tally::Tally;
