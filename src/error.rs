//! Everything that can stop a command.

use keyferry_core::transcript::TranscriptError;
use keyferry_core::{SelfTestError, refusals};
use keyferry_transport::{FileError, HardenError};

use crate::bench::BenchError;
use crate::emulate::EmulateError;
use crate::plan::PlanTaskError;
use crate::rehearse::RehearseError;
use crate::sign::SignError;
use keyferry::record::{Differs, VerifyError};

refusals! {
    /// Everything that can stop a command.
    #[derive(Debug)]
    pub(crate) enum Error {
        Differs from Differs;
        Bench from BenchError;
        Emulate from EmulateError;
        File from FileError;
        Harden from HardenError;
        Plan from PlanTaskError;
        Rehearse from RehearseError;
        Reported from Reported;
        SelfTest from SelfTestError;
        Sign from SignError;
        Transcript from TranscriptError;
        Verify from VerifyError;
    }
}

refusals! {
    /// A refused record whose JSON result, refusals included, is out already.
    #[derive(Debug)]
    pub(crate) struct Reported(pub(crate) error: VerifyError): Refused => (error.control()), class(error.class()),
        what(error.what()),
        hint(error.hint());
}
