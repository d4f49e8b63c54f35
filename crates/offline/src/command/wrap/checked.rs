//! The first phase of a wrap: everything that can be refused before anybody is asked.

use keyferry_core::story::Sharing;

use super::gate;
use super::job::Job;
use super::phase::Agreed;
use super::void::Void;
use super::{machine, room, settle};
use crate::args::Asked;
use crate::backup::Giving;
use crate::compared::{self, Earlier, Found, Records};
use crate::confine;
use crate::error::OfflineError;
use crate::posture::{Demands, Output};

/// The inputs match each other, nothing is in the way of the outputs, and the shares can be handed out as requested. Nobody has
/// agreed yet, and no secret exists.
pub(super) struct Checked<'j> {
    job: &'j Job<'j>,
    demands: Demands,
    found: Found,
    void: Void<'j>,
}

impl<'j> Checked<'j> {
    /// `old` are the shares that the run combines, if any.
    pub(super) fn new(
        job: &'j Job<'j>,
        demands: Demands,
        old: Option<&'j Sharing>,
    ) -> Result<Self, OfflineError> {
        job.out.check_free(&job.inputs)?;
        let found = job.out.look(&job.inputs)?;
        let void = Void { agreed: job.void_shares, ask: job.expected.asks(), old };
        if let Some(giving) = job.giving {
            gate::check(giving, job, &void)?;
        }
        Ok(Self { job, demands, found, void })
    }

    /// Checks the machine, asks people to compare, drops privileges, and checks that there is room for the outputs, in
    /// this order.
    pub(super) fn agree(
        self,
        entropy: &[Asked],
        earlier: Option<&Earlier>,
    ) -> Result<Agreed<'j>, OfflineError> {
        let Self { job, demands, found, void } = self;
        let (inputs, context) = (&job.inputs, job.context);
        let output = Output { folder: job.folder, secret: false };
        let look = || machine::check_for_plan(inputs, output, &demands, context);
        let fit = look()?;
        let records = Records { found: &found, earlier };
        let consent = compared::agree(job.expected, inputs, records, context)?;
        let fit = settle::settle(inputs, fit, context, look)?;
        let folder = job.giving.and_then(Giving::folder);
        let confined = confine::for_plan(job.folder, entropy, folder, &demands, context)?;
        job.out.clear(context)?;
        room::check(job)?;
        Ok(Agreed { job, fit, confined, consent, found, void })
    }
}
