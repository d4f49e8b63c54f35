//! The crate's single error type, which wraps the detailed errors of its modules.

use crate::artefact::ArtefactError;
use crate::transcript::{OpeningsError, TranscriptError};
use crate::{
    CiphertextError, EntropyError, EscrowError, MaterialError, ParametersError, PlanError, SelfTestError,
    WrapError, WrappingKeyError, refusals,
};

refusals! {
    /// Any refusal that this crate can return.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // Each variant holds the error of one module.
    pub enum Error {
        Material from MaterialError;
        SelfTest from SelfTestError;
        Entropy from EntropyError;
        WrappingKey from WrappingKeyError;
        Wrap from WrapError;
        Plan from PlanError;
        Artefact from ArtefactError;
        Parameters from ParametersError;
        Ciphertext from CiphertextError;
        Escrow from EscrowError;
        Transcript from TranscriptError;
        Openings from OpeningsError;
    }
}
