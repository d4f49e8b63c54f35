//! Everything that can stop a command.

use keyferry_core::transcript::TranscriptError;
use keyferry_core::{SelfTestError, explain_nested};
use keyferry_transport::FileError;

use crate::bench::BenchError;
use crate::emulate::EmulateError;
use crate::rehearse::RehearseError;
use crate::verify::VerifyError;

/// Everything that can stop a command.
#[derive(Debug)]
pub(crate) enum Error {
    Bench(BenchError),
    Emulate(EmulateError),
    File(FileError),
    Rehearse(RehearseError),
    SelfTest(SelfTestError),
    Transcript(TranscriptError),
    Verify(VerifyError),
}

explain_nested!(Error {
    Bench(BenchError),
    Emulate(EmulateError),
    File(FileError),
    Rehearse(RehearseError),
    SelfTest(SelfTestError),
    Transcript(TranscriptError),
    Verify(VerifyError),
});
