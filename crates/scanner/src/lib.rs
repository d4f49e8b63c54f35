//! Pictures, video or a camera in, QR symbols as text lines out.
mod decode;
mod error;
mod finder;
mod luma;
mod sample;
mod symbol;

pub use decode::{Effort, Reading, decode, decode_luma};
pub use error::PictureError;
pub use luma::{Luma, MAX_PIXELS, MAX_SIDE};
pub use symbol::{Corner, Symbol};

use std::ffi::OsString;
use std::process::ExitCode;
/// Runs.
pub fn run(_args: impl IntoIterator<Item = OsString>) -> ExitCode { ExitCode::SUCCESS }
