//! The errors that stop this program.

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
use crate::pin::{ALREADY, PinError};
use crate::probe::{ProbeError, ProbeFailed};
use crate::public::BlockError;
use crate::refused::{CiphertextExists, KeysFailed, NotCompared, NotNow, NotPlanned, NotPublished};
use crate::throwaway::ThrowAwayError;
use crate::token::TokenError;

refusals! {
    /// The errors that stop this program.
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

/// The call that wraps a key, and the value with which a module reports success.
const WRAPPED: (&str, Option<&str>) = ("C_WrapKey", Some("CKR_OK"));
const LOGIN: &str = "C_Login";

impl HsmError {
    /// The call to the module that failed, and its `CK_RV`, if the module answered.
    pub(crate) fn call(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Module(error)
            | Self::Call(CallError::Module(error))
            | Self::Probe(ProbeError::Module(error) | ProbeError::Call(CallError::Module(error)))
            | Self::Pin(PinError::Module(error)) => error.call(),
            Self::Pin(PinError::Refused(code)) => Some((LOGIN, Some(code.as_str()))),
            Self::Pin(PinError::Already) => Some((LOGIN, Some(ALREADY))),
            Self::Unfit(ProbeFailed::Refused { refusal, .. })
            | Self::Key(KeyRefused::NoCheckValue(refusal))
            | Self::Planned(NotPlanned::NoCommitment(refusal))
            | Self::Held(NotHeld::NoCommitment(refusal)) => Some(refusal.parts()),
            Self::Unfit(
                ProbeFailed::Other { .. } | ProbeFailed::NoBlock { .. } | ProbeFailed::OtherKey(_),
            )
            | Self::Call(CallError::Block(_) | CallError::Again) => Some(WRAPPED),
            _ => None,
        }
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
