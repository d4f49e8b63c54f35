//! The errors of the commands that work on a record.

use keyferry_core::refusals;
use keyferry_core::transcript::TranscriptError;
use keyferry_transport::FileError;

use crate::record::{Differs, VerifyError};
use crate::sign::sign_error::SignError;

refusals! {
    /// The errors of the commands that work on a record.
    #[derive(Debug)]
    #[allow(missing_docs)] // Each variant holds the error of one module.
    pub enum Error {
        Differs from Differs;
        File from FileError;
        Reported from Reported;
        Sign from SignError;
        Transcript from TranscriptError;
        Verify from VerifyError;
    }
}

refusals! {
    /// A refused record whose JSON result, including the refusals, has already been printed.
    #[derive(Debug)]
    pub struct Reported(pub(crate) error: VerifyError): Refused => (error.control()), class(error.class()),
        what(error.what()),
        hint(error.hint());
}
