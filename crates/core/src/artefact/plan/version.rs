//! A plan's two versions.

/// The current format of plans.
pub const PLAN_FORMAT: &str = "keyferry/plan/2";
/// The previous format, which is always read.
pub const FORMER_PLAN_FORMAT: &str = "keyferry/plan/1";

/// The version, which decides which fields a plan may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

impl Version {
    pub(super) const fn format(self) -> &'static str {
        match self {
            Self::One => FORMER_PLAN_FORMAT,
            Self::Two => PLAN_FORMAT,
        }
    }
}
