//! Turns a scanner's lines back into a file: `receive` is the counterpart of `show`.
//!
//! The lines come from a file or from standard input (from a scanner program through a pipe, or typed by a hand scanner). They may be
//! hostile: each is capped, and nothing in them can stop or restart the transfer, or make `receive` write a file that is incomplete,
//! malformed or not one of the files that cross. The modules:
//!
//! - `lines`: splits bytes into capped lines. `keyboard`: a terminal that neither cuts nor shows lines. `input`: the source of
//!   the lines.
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
