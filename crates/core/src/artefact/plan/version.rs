//! A plan's two versions.

/// The format that plans have now.
pub const PLAN_FORMAT: &str = "keyferry/plan/2";
/// The format before, which is read for ever.
pub const FORMER_PLAN_FORMAT: &str = "keyferry/plan/1";

/// Which fields a plan may have.
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
