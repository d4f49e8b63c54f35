//! `rewrap`: a new `ciphertext.json` for new parameters, from a key that a token kept, or that was restored from the HSM's own backup.
//!
//! keyferry cannot make or read an HSM's backup. It can ask the token for the commitment to the present key, and compare it with the record
//! of the ceremony that made the key, before it is wrapped. The service then confirms the rest: with `import --prove-backup`
//! it accepts the same material again.
//!
//! Nobody can wrap a key that `wrap --keep` locked. A key that was kept with `--trusted` can be wrapped to public keys that the security
//! officer marks: this takes two people with two PINs, and a wrapping key whose words were compared.

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
