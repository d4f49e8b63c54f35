//! `wrap`: keys that a token makes and wraps.

use crate::HsmError;
use crate::args::Wrap;
use crate::context::Context;

pub(crate) fn run(_args: &Wrap, _context: &Context) -> Result<(), HsmError> {
    todo!()
}
