//! From a scanner's lines back to a file: `receive` is the counterpart of `show`.
//!
//! Lines come from standard input (the scanner's program in a pipe, a hand scanner that types) or a file. They are hostile: each is capped, and
//! nothing in them can stop the transfer, restart it, or make `receive` write a file that is incomplete, malformed or not one of those that
//! cross. The modules:
//!
//! - `lines`: splits bytes into capped lines. `keyboard`: a terminal that neither cuts nor shows lines. `input`: where the lines
//!   come from.
//! - `tally`: counts the ignored lines by class. `gather`: collects lines until a file is complete.
//! - `command`: the command `receive` of both stations.
//!
//! It starts no other program: to use a camera, people run `keyferry-scan --camera DEVICE | … receive`, and the
//! shell connects the two.

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
