//! The crate's one error: a choice of the detailed ones.

use crate::artefact::ArtefactError;
use crate::transcript::TranscriptError;
use crate::{
    CiphertextError, EntropyError, EscrowError, MaterialError, ParametersError, PlanError, SelfTestError,
    WrapError, WrappingKeyError, explain_nested,
};

/// Any refusal of the core.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // Each variant is the error of its module.
pub enum Error {
    Material(MaterialError),
    SelfTest(SelfTestError),
    Entropy(EntropyError),
    WrappingKey(WrappingKeyError),
    Wrap(WrapError),
    Plan(PlanError),
    Artefact(ArtefactError),
    Parameters(ParametersError),
    Ciphertext(CiphertextError),
    Escrow(EscrowError),
    Transcript(TranscriptError),
}

explain_nested!(Error {
    Material(MaterialError),
    SelfTest(SelfTestError),
    Entropy(EntropyError),
    WrappingKey(WrappingKeyError),
    Wrap(WrapError),
    Plan(PlanError),
    Artefact(ArtefactError),
    Parameters(ParametersError),
    Ciphertext(CiphertextError),
    Escrow(EscrowError),
    Transcript(TranscriptError),
});
