//! `rewrap`: a new `ciphertext.json` for new parameters, of a key that a token kept, or that the HSM's own backup brought back.
//!
//! keyferry cannot make or read an HSM's backup. What it can do is ask the token for the commitment of what is there now, and compare it with
//! the record of the ceremony that made the key, before it is wrapped. The service then says the rest: `import
//! --prove-backup` has it take the same material once more.
//!
//! A key that `wrap --keep` locked cannot be wrapped, by anybody. One that was kept with `--trusted` can, to public keys that the security
//! officer marks: two people with two PINs, and a wrapping key whose words were compared.

use super::earlier::Earlier;
use super::wrap::{self, Job};
use crate::args::Rewrap;
use crate::context::Context;
use crate::error::HsmError;

pub(crate) fn run(args: &Rewrap, context: &Context) -> Result<(), HsmError> {
    let earlier = Earlier::load(&args.transcript)?;
    let job = Job::Again { label: &args.label, trusted: args.trusted, earlier: &earlier };
    wrap::hold(&args.run, job, context)
}
