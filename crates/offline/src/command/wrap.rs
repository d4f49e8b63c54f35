//! `wrap`: makes `ciphertext.json` from the plan and the parameters.
//!
//! It runs in phases, and `rewrap` goes through the same ones. Each phase is a type that the next phase
//! consumes:
//!
//! | phase | what it means |
//! |---|---|
//! | `Checked` | the inputs match each other, nothing is in the way of the outputs, and the shares can be handed out |
//! | `Agreed` | the machine meets the requirements, people have compared the words, and the process has dropped privileges |
//! | `Ready` | the record has begun; only from now on does a secret exist |
//! | `Made` | every key is wrapped in memory, and its backup is in people's hands |
//! | `Published` | the record is complete, and the ciphertext has its name |
//!
//! A file in place of an output is refused, even if an interrupted run of this command may have left it, because nothing on the medium
//! is evidence of what this station did.

use super::machine;
use crate::args::Wrap;
use crate::context::Context;
use crate::error::OfflineError;
use crate::rng::StationRng;

mod begin;
mod checked;
mod gate;
mod job;
mod keys;
mod outputs;
mod phase;
mod publish;
mod record;
mod rewrap;
mod room;
mod settle;
mod void;
mod workers;
mod wrap_outcome;

use checked::Checked;
use job::Job;
pub(crate) use rewrap::{load_escrow, run as rewrap};

pub(crate) fn run(args: &Wrap, context: &Context) -> Result<(), OfflineError> {
    let job = Job::of_wrap(args, context)?;
    let rng = StationRng::new(args.rehearsal_seed.as_deref(), job.inputs.plan.purpose())?;
    let checked = Checked::new(&job, job.demands()?, None)?;
    job.inputs.show(&context.console);
    if job.inputs.parameters.entries().is_empty() {
        return job.inputs.outcome();
    }
    let mut ready = checked.agree(&args.entropy, None)?.begin(rng.salts(), None)?;
    let wrapped = keys::generate(&mut ready, rng, &args.entropy);
    ready.made(wrapped, job.keys())?.end()
}
