//! From a scanner's lines back to a file: what `show` shows, `receive` takes.
//!
//! Lines come from standard input, a file, a hand scanner that types, or the scanner's program. They are hostile: each is capped, and
//! nothing that they hold can stop the transfer, make it begin anew, or put another file into the world than one that crosses, whole and
//! well formed. The rooms:
//!
//! - `lines`: bytes as lines, each capped. `keyboard`: a terminal that cuts no line and shows none. `input`: where they come from.
//! - `tally`: what was passed over, by class. `gather`: lines until a file is whole.
//! - `scanner`: which program `--camera` means. `command`: the command `receive` of both stations.
//!
//! No program is started here: that is the stations', each in its way, and what they hand over is the end of a pipe.

mod command;
mod error;
mod gather;
mod input;
mod keyboard;
mod lines;
mod scanner;
mod tally;

pub use command::{CAMERA, Request, run};
pub use error::{ReceiveError, ReceiveRefusal};
pub use gather::{Gathered, gather};
pub use input::Input;
pub use lines::{Line, Lines, MAX_LINE};
pub use scanner::Scanner;
pub use tally::Tally;
