//! The names of the steps, in the order of the runbook.

use core::fmt;
use core::str::FromStr;

use crate::serde_helpers::serde_as_text;

macro_rules! names {
    ($($step:ident = $name:literal)+) => {
        /// Name of a step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs)] // The rows of the table describe them.
        pub enum StepName {
            $($step),+
        }

        impl StepName {
            /// Every step, in the order of the runbook.
            pub const ALL: &'static [Self] = &[$(Self::$step),+];

            /// The name that records and texts use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$step => $name),+ }
            }
        }
    };
}

names! {
    PrepareRoom = "prepare-room"
    ComparePrograms = "compare-programs"
    CreateKey = "create-key"
    ReviewPlan = "review-plan"
    ComparePlan = "compare-plan"
    OnlineExport = "online-export"
    FirstCrossing = "first-crossing"
    Preflight = "preflight"
    Inspect = "inspect"
    CompareWrappingKeys = "compare-wrapping-keys"
    CompareParameters = "compare-parameters"
    OfflineWrap = "offline-wrap"
    MixEntropy = "mix-entropy"
    ShareReadBack = "share-read-back"
    OfflineRewrap = "offline-rewrap"
    HsmWrap = "hsm-wrap"
    HsmRewrap = "hsm-rewrap"
    SecondCrossing = "second-crossing"
    CompareCiphertext = "compare-ciphertext"
    OnlineImport = "online-import"
    Prove = "prove"
    ProveBackup = "prove-backup"
    Status = "status"
    CompareHead = "compare-head"
    Note = "note"
    Sign = "sign"
    Verify = "verify"
    PutAway = "put-away"
    Drill = "drill"
    ChangeKey = "change-key"
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// No step has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownStep;

impl fmt::Display for UnknownStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected one of")?;
        StepName::ALL.iter().try_for_each(|step| write!(f, " {step}"))
    }
}

impl std::error::Error for UnknownStep {}

impl FromStr for StepName {
    type Err = UnknownStep;

    fn from_str(text: &str) -> Result<Self, UnknownStep> {
        Self::ALL.iter().copied().find(|step| step.as_str() == text).ok_or(UnknownStep)
    }
}

serde_as_text!(StepName);
