//! The plan: the one reviewed input of a ceremony (`plan.toml`), parsed strictly, with its fields checked
//! against each other.
//!
//! Refuses unknown fields and versions, and duplicates. Nothing that could do harm has a silent default: expiry, backup and purpose must be
//! stated. Refuses characters that a reviewer cannot see, wherever they are in the file. The plan's digest is the SHA-256 of its exact
//! bytes.

mod caps;
mod ceremony_plan;
mod finding;
mod judge;
mod near;
pub mod outline;
mod participants;
mod place;
mod plan_endpoint;
mod plan_error;
mod plan_format;
mod plan_text;
mod posture_demands;
mod provider_limits;
mod ready;
mod room;
mod rules;
#[cfg(test)]
mod sample_plan;
mod schema;
mod version;
mod walk;

pub use caps::{MAX_KEYS, MAX_PLAN};
pub use ceremony_plan::CeremonyPlan;
pub use finding::MAX_FINDINGS;
pub use judge::Judgement;
pub use place::{Place, Severity};
pub use plan_error::{BadValue, Finding, HsmPlanError, PlanError};
pub use plan_text::{Backup, Participant, PlanKey, Role};
pub use posture_demands::{ClockWindow, Posture, Waiver};
pub use room::{Hsm, KcvChoice, Language, NamesChoice, Thing};
pub use version::{FORMER_PLAN_FORMAT, PLAN_FORMAT};

pub use crate::PostureCheck;
pub use crate::provider::{BadValidTo, ValidTo};

/// Name of the file, as it appears in a record.
pub const PLAN_FILE: &str = super::names::PLAN;

#[cfg(test)]
mod tests;
