//! Everything that can stop this program.

use keyferry_core::{
    ArtefactError, CiphertextError, MaterialError, ParametersError, PlanError, SelfTestError, WrapError,
    WrappingKeyError, refusals,
};
use keyferry_sandbox::SandboxError;
use keyferry_transport::console::NoConsent;
use keyferry_transport::{FileError, HardenError, RecordError};

use crate::held::NotHeld;
use crate::host::ModuleError;
use crate::key::KeyRefused;
use crate::module::CallError;
use crate::pin::PinError;
use crate::probe::{ProbeError, ProbeFailed};
use crate::public::BlockError;
use crate::refused::{CiphertextExists, KeysFailed, NotCompared, NotNow, NotPlanned, NotPublished};
use crate::throwaway::ThrowAwayError;
use crate::token::TokenError;

refusals! {
    /// Everything that can stop this program.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    #[allow(missing_docs)] // Each variant is the error of its module.
    pub(crate) enum HsmError {
        Core from keyferry_core::Error;
        File from FileError;
        Harden from HardenError;
        Record from RecordError;
        Consent from NoConsent;
        Sandbox from SandboxError;
        Module from ModuleError;
        Call from CallError;
        Token from TokenError;
        Pin from PinError;
        Key from KeyRefused;
        Probe from ProbeError;
        Unfit from ProbeFailed;
        ThrowAway from ThrowAwayError;
        Block from BlockError;
        Planned from NotPlanned;
        Held from NotHeld;
        Now from NotNow;
        Compared from NotCompared;
        Taken from CiphertextExists;
        Unpublished from NotPublished;
        Keys from KeysFailed;
    }
}

macro_rules! through_core {
    ($($ty:ty),+) => {$(
        impl From<$ty> for HsmError {
            fn from(e: $ty) -> Self { Self::Core(e.into()) }
        }
    )+};
}

through_core!(
    MaterialError,
    WrappingKeyError,
    WrapError,
    SelfTestError,
    PlanError,
    ArtefactError,
    ParametersError,
    CiphertextError
);
