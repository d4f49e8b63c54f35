//! The crate's one error: a choice of the detailed ones.

use crate::artefact::ArtefactError;
use crate::transcript::{OpeningsError, TranscriptError};
use crate::{
    CiphertextError, EntropyError, EscrowError, MaterialError, ParametersError, PlanError, SelfTestError,
    WrapError, WrappingKeyError, refusals,
};

refusals! {
    /// Any refusal of the core.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // Each variant is the error of its module.
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
