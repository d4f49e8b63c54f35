//! The parts that `wrap` and `rewrap` have in common from start to end: the options, the inputs and the outputs.

use std::path::Path;

use keyferry_core::PostureCheck;
use keyferry_core::plan::Backup;

use super::outputs::Outputs;
use crate::args::{Expected, Rewrap, Wrap};
use crate::backup::Giving;
use crate::context::Context;
use crate::error::{OfflineError, PlanDemand};
use crate::inputs::Inputs;
use crate::posture::Demands;

/// One run of `wrap` or `rewrap`. Every phase holds the job; only the phases are consumed.
pub(super) struct Job<'c> {
    pub(super) inputs: Inputs,
    pub(super) out: Outputs,
    /// The folder of the outputs.
    pub(super) folder: &'c Path,
    /// The expected values; if they are given, people are not asked to compare.
    pub(super) expected: &'c Expected,
    /// How shares are handed out, if the run makes any.
    pub(super) giving: Option<&'c Giving>,
    /// Whether shares that an interrupted run left may become void.
    pub(super) void_shares: bool,
    lower: &'c [PostureCheck],
    pub(super) context: &'c Context,
}

impl<'c> Job<'c> {
    /// Reads and checks the inputs of `wrap`.
    pub(super) fn of_wrap(args: &'c Wrap, context: &'c Context) -> Result<Self, OfflineError> {
        Ok(Self {
            inputs: Inputs::load(&args.inputs, args.expected.asks(), context)?,
            out: Outputs::new(&args.out, "wrap"),
            folder: &args.out,
            expected: &args.expected,
            giving: Some(&args.shares),
            void_shares: args.void_shares,
            lower: &args.lower,
            context,
        })
    }

    /// Reads and checks the inputs of `rewrap`.
    pub(super) fn of_rewrap(args: &'c Rewrap, context: &'c Context) -> Result<Self, OfflineError> {
        Ok(Self {
            inputs: Inputs::load(&args.inputs, args.expected.asks(), context)?,
            out: Outputs::new(&args.out, "rewrap"),
            folder: &args.out,
            expected: &args.expected,
            giving: args.new_shares.as_ref(),
            void_shares: args.void_shares,
            lower: &args.lower,
            context,
        })
    }

    /// The demands of the plan. If this run cannot meet one of them, it stops before anything is shown as
    /// done.
    pub(super) fn demands(&self) -> Result<Demands, OfflineError> {
        let demands = Demands::of_plan(&self.inputs.plan, self.lower)?;
        // The question before wrapping shows the time. If nobody is asked that question, a person must have
        // entered the time, or the plan must set it.
        let asked = self.expected.asks() || self.inputs.time.source(false).is_some();
        let required = self.inputs.plan.requires(PostureCheck::ClockConfirmed);
        if required && !asked && !self.lower.contains(&PostureCheck::ClockConfirmed) {
            return Err(PlanDemand::Clock.into());
        }
        Ok(demands)
    }

    /// How many keys the parameters have, including those that were refused.
    pub(super) fn keys(&self) -> usize {
        self.inputs.parameters.entries().len() + self.refused()
    }

    /// How many keys were refused before anything was made.
    pub(super) fn refused(&self) -> usize {
        self.inputs.parameters.refused().len()
    }

    /// Called after the last share: reminds people that the files stay until somebody destroys them.
    pub(super) fn remind(&self) {
        if let (Some(giving), Backup::Slip39 { .. }) = (self.giving, self.inputs.plan.backup()) {
            giving.remind(self.context);
        }
    }
}
