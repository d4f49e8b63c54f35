//! From a scanner's lines back to a file: what `show` shows, `receive` takes.
//!
//! Lines come from standard input (the scanner's program in a pipe, a hand scanner that types) or a file. They are hostile: each is capped, and
//! nothing that they hold can stop the transfer, make it begin anew, or put another file into the world than one that crosses, whole and
//! well formed. The rooms:
//!
//! - `lines`: bytes as lines, each capped. `keyboard`: a terminal that cuts no line and shows none. `input`: where they come from.
//! - `tally`: what was passed over, by class. `gather`: lines until a file is whole.
//! - `command`: the command `receive` of both stations.
//!
//! No program is started: a camera is `keyferry-scan --camera DEVICE | … receive`, and the shell joins the two.

mod command;
mod error;
mod gather;
mod input;
mod keyboard;
mod lines;
mod tally;

pub use command::{Request, run};
pub use error::{ReceiveError, ReceiveRefusal};
pub use gather::{Gathered, gather};
pub use input::Input;
pub use lines::{Line, Lines, MAX_LINE};
pub use tally::Tally;
