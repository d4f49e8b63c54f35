//! `wrap`: keys that a token makes and wraps.

use crate::args::Wrap;
use crate::context::Context;
use crate::error::HsmError;

pub(crate) fn run(_args: &Wrap, _context: &Context) -> Result<(), HsmError> {
    todo!()
}
