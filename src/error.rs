//! The errors that stop a command.

use keyferry_bench::BenchError;
use keyferry_core::{SelfTestError, refusals};
use keyferry_emulator_tencent::EmulatorError;
use keyferry_rehearse::Error as RehearseError;
use keyferry_transport::{FileError, HardenError};

refusals! {
    /// The errors that stop a command.
    #[derive(Debug)]
    pub(crate) enum Error {
        Audit from keyferry_audit::Error;
        Bench from BenchError;
        Emulator from EmulatorError;
        File from FileError;
        Harden from HardenError;
        Plan from keyferry_planning::Error;
        Rehearse from RehearseError;
        SelfTest from SelfTestError;
    }
}

impl Error {
    /// Whether the command has printed its whole result, including the reasons, as JSON or as findings. If so, only the
    /// error's text still has to be shown.
    pub(crate) const fn is_reported(&self) -> bool {
        use keyferry_planning::Error::Task;
        use keyferry_planning::PlanTaskError::Judged;
        matches!(
            self,
            Self::Audit(keyferry_audit::Error::Reported(_))
                | Self::Plan(Task(Judged { .. }))
                | Self::Rehearse(RehearseError::Plan(Judged { .. }))
        )
    }
}
