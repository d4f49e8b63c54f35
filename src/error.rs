//! Everything that can stop a command.

use keyferry_core::transcript::TranscriptError;
use keyferry_core::{Bilingual, Class, Control, Explain, SelfTestError, explain_nested};
use keyferry_transport::FileError;

use crate::bench::BenchError;
use crate::emulate::EmulateError;
use crate::rehearse::RehearseError;
use crate::sign::SignError;
use keyferry::record::VerifyError;

/// Everything that can stop a command.
#[derive(Debug)]
pub(crate) enum Error {
    Bench(BenchError),
    Emulate(EmulateError),
    File(FileError),
    Rehearse(RehearseError),
    Reported(Reported),
    SelfTest(SelfTestError),
    Sign(SignError),
    Transcript(TranscriptError),
    Verify(VerifyError),
}

explain_nested!(Error {
    Bench(BenchError),
    Emulate(EmulateError),
    File(FileError),
    Rehearse(RehearseError),
    Reported(Reported),
    SelfTest(SelfTestError),
    Sign(SignError),
    Transcript(TranscriptError),
    Verify(VerifyError),
});

/// A refused record whose JSON result, refusals included, is out already.
#[derive(Debug)]
pub(crate) struct Reported(pub(crate) VerifyError);

impl Explain for Reported {
    fn control(&self) -> Control {
        self.0.control()
    }

    fn class(&self) -> Class {
        self.0.class()
    }

    fn what(&self) -> Bilingual {
        self.0.what()
    }

    fn hint(&self) -> Bilingual {
        self.0.hint()
    }
}
