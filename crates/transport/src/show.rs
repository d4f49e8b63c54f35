//! Turns an artefact into QR symbols for a camera: in the terminal, as pictures, on a page, or on paper.
//!
//! The frame encoder makes lines of digits, and each line becomes one symbol. These modules only make strings
//! and bytes; [`Console`](crate::Console) prints them. The modules:
//!
//! - `subject`: the six files that cross, which are the only ones that may be shown. Secrets are refused by
//!   name.
//! - `symbol`: one line of digits as modules. `terminal`: modules as half blocks that fit a window.
//! - `png`, `svg`, `html`, `print`: one module for each format, written without a library, because the
//!   offline station depends on none.
//! - `test_page`: symbols with known content, to find out what a camera can read.
//! - `command`: the command `show` of both stations. `live`: the animation in a terminal and its keys.

pub mod estimate;
pub mod live;
mod markup;
mod output;
pub mod png;
pub mod print;
pub mod screen_page;
pub mod series;
pub mod show_command;
mod show_error;
pub mod subject;
pub mod svg;
pub mod symbol;
pub mod terminal;
pub mod test_page;

pub use estimate::ByQr;
pub use output::Output;
pub use series::Series;
pub use show_command::{Look, parse_version, run};
pub use show_error::{ShowError, ShowRefusal};
pub use subject::{MAX_SHOWN, Subject};
pub use symbol::{Symbol, Version};
