//! The plan's requirements for the offline machine and for its clock.
//!
//! A production plan requires [`PostureCheck::BASELINE`], listed or not. It may waive individual checks, each with a reason, but
//! never `no-network`. A rehearsal requires what its plan lists.

use serde::Deserialize;

use super::finding::Raised;
use super::place::Place;
use super::plan_error::PlanError;
use crate::serde_helpers::from_str;
use crate::text::visible;
use crate::{Fingerprint, PostureCheck, Purpose, Timestamp};

/// The longest window within which a clock counts as confirmed, in seconds: as long as parameters are valid.
const MAX_WINDOW: i64 = 86_400;

/// Properties of the offline machine that must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posture {
    /// Required checks.
    #[serde(default)]
    pub require: Vec<PostureCheck>,
    /// Checks of the baseline that are not required, each with its reason.
    #[serde(default)]
    pub waive: Vec<Waiver>,
    /// The SHA-256 that the offline program must have if `known-program` is required.
    pub program_sha256: Option<Fingerprint>,
}

/// A check of the baseline that the reviewed plan waives.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The waived check.
    pub check: PostureCheck,
    /// The reason, which the record contains.
    #[serde(deserialize_with = "visible")]
    pub reason: String,
}

impl Posture {
    /// Whether a plan of that purpose requires the check.
    #[must_use]
    pub fn requires(&self, check: PostureCheck, purpose: Purpose) -> bool {
        let baseline = purpose == Purpose::Production && PostureCheck::BASELINE.contains(&check);
        self.require.contains(&check) || (baseline && self.waived(check).is_none())
    }

    /// The waiver of a check.
    #[must_use]
    pub fn waived(&self, check: PostureCheck) -> Option<&Waiver> {
        self.waive.iter().find(|w| w.check == check)
    }

    pub(super) fn check(&self, raised: &mut Raised) {
        for (n, waiver) in self.waive.iter().enumerate() {
            let check = waiver.check;
            let of = |field| Place::of("posture.waive", n, field);
            if waiver.reason.trim().is_empty() {
                raised.error(of("reason"), &[], PlanError::WaiverReason(check));
            }
            let before = self.waive.iter().take(n).any(|w| w.check == check);
            if check == PostureCheck::NoNetwork || !PostureCheck::BASELINE.contains(&check) {
                raised.error(of("check"), &[], PlanError::NoWaiver(check));
            } else if before || self.require.contains(&check) {
                let reads = &["posture.require", "posture.waive.check"];
                raised.error(of("check"), reads, PlanError::Duplicate(check.to_string()));
            }
        }
        if self.require.contains(&PostureCheck::KnownProgram) && self.program_sha256.is_none() {
            let place = Place::of("posture", 0, "require");
            raised.error(place, &["posture.program_sha256"], PlanError::NoProgram);
        }
    }
}

/// The time for which the ceremony is planned: a clock that shows a time within it counts as confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockWindow {
    /// The earliest time at which the ceremony may begin.
    #[serde(deserialize_with = "from_str")]
    pub not_before: Timestamp,
    /// The latest time at which the ceremony may begin: at most 24 hours after `not_before`, because a longer window
    /// could not show whether parameters, which are valid for 24 hours, have expired.
    #[serde(deserialize_with = "from_str")]
    pub not_after: Timestamp,
}

impl ClockWindow {
    /// Whether the time is within the window.
    #[must_use]
    pub fn holds(&self, time: Timestamp) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }

    pub(super) fn check(&self, raised: &mut Raised) {
        if !(1..=MAX_WINDOW).contains(&self.not_before.seconds_until(self.not_after)) {
            raised.error(Place::of("clock", 0, "not_after"), &["clock.not_before"], PlanError::Window);
        }
    }
}
