//! The judge of a plan: it finds everything that is wrong in one pass, each finding with its line and field.
//!
//! There is only one judge. Each command that begins a step of a ceremony asks it first, so none of them refuses a plan
//! that `keyferry plan check` passed. Programs that read a record years later only ask whether the plan is valid
//! ([`CeremonyPlan::parse`]), because a deadline that has passed since then is no fault of the record.

use super::caps::MAX_PLAN;
use super::ceremony_plan::CeremonyPlan;
use super::finding::{Found, MAX_FINDINGS, Raised};
use super::place::{Place, Severity};
use super::plan_error::{Finding, PlanError};
use super::plan_text::PlanText;
use super::{plan_format, ready, walk};
use crate::encoding::Encoding;
use crate::text::deceptive;
use crate::toml::{self, Table};
use crate::{Fingerprint, PlanKey, Region, Timestamp};

/// A plan, if the text could be read as one, and all findings.
#[derive(Clone, Debug)]
pub struct Judgement {
    plan: Option<CeremonyPlan>,
    findings: Vec<Finding>,
}

impl Judgement {
    /// Judges the exact bytes of a plan for a ceremony that starts or continues at `now`.
    #[must_use]
    pub fn of(bytes: &[u8], now: Timestamp) -> Self {
        read(bytes, Some(now)).unwrap_or_else(|why| {
            let line = match &why {
                PlanError::Encoding(Encoding::Other { line }) => *line,
                _ => 0,
            };
            let findings = vec![Finding { severity: Severity::Error, line, place: Place::FILE, why }];
            Self { plan: None, findings }
        })
    }

    /// All findings, in the order of the lines.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings that stop a ceremony.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// The plan, which no command will refuse, and the warnings.
    ///
    /// # Errors
    /// [`PlanError::At`]: the first error, and how many more there are.
    pub fn accepted(self) -> Result<(CeremonyPlan, Vec<Finding>), PlanError> {
        let plan = self.plan.filter(|_| self.findings.iter().all(|f| f.severity == Severity::Warning));
        plan.map_or_else(|| Err(first(self.findings.clone())), |plan| Ok((plan, self.findings.clone())))
    }
}

/// The first error with its place, and how many more there are.
fn first(findings: Vec<Finding>) -> PlanError {
    let mut errors: Vec<_> = findings.into_iter().filter(|f| f.severity == Severity::Error).collect();
    // Other lines may only seem wrong because of a line that cannot be read.
    errors.sort_by_key(|f| !matches!(f.why, PlanError::Character { .. } | PlanError::Syntax(_)));
    let mut errors = errors.into_iter();
    match errors.next() {
        // Such an error is about the file as a whole.
        Some(Finding { why: why @ (PlanError::Character { .. } | PlanError::Encoding(_)), .. }) => why,
        Some(first) => PlanError::At(Box::new(first), errors.count()),
        None => PlanError::NoFormat,
    }
}

impl CeremonyPlan {
    /// Parses and checks the exact bytes of a plan.
    ///
    /// # Errors
    /// [`PlanError::At`] has the first finding with its line and field; a separate error reports a file that is not a
    /// plan at all.
    pub fn parse(bytes: &[u8]) -> Result<Self, PlanError> {
        read(bytes, None)?.accepted().map(|(plan, _)| plan)
    }
}

/// Judges a plan. Without a time, it only judges whether the plan is valid.
fn read(bytes: &[u8], now: Option<Timestamp>) -> Result<Judgement, PlanError> {
    let text = text_of(bytes)?;
    let version = plan_format::of(text)?;
    let mut found = Found::default();
    let (mut document, faults) = toml::parse(text);
    for (line, character) in deceptive(text).take(MAX_FINDINGS) {
        found.add_unread(line, PlanError::Character { line, found: character });
    }
    for fault in faults {
        found.add_unread(fault.line.unwrap_or(0), PlanError::syntax(&fault.message));
    }
    // A plan without wrong values is read only once. Otherwise each wrong value is reported and replaced first.
    let good = found.is_empty().then(|| document.read::<PlanText>()).and_then(Result::ok);
    let good = good.filter(|plan| plan_format::has_own_fields(version, plan));
    let text = good.map_or_else(
        || {
            walk::check(&mut document, version, &mut found);
            document.read::<PlanText>()
        },
        Ok,
    );
    let plan = match text {
        Ok(mut text) => {
            // Happens only if the list of fields names the wrong version for a field.
            if !plan_format::has_own_fields(version, &text) {
                found.add(0, Place::FILE, PlanError::Format(version.format().to_owned()));
            }
            share_regions(&mut text.key);
            let plan = CeremonyPlan { text, digest: Fingerprint::of(bytes) };
            compare(&plan, now, &document, &mut found);
            Some(plan)
        }
        // Happens only if the list of fields disagrees with the types of the plan.
        Err(fault) => {
            found.add(fault.line.unwrap_or(0), Place::FILE, PlanError::syntax(&fault.message));
            None
        }
    };
    Ok(Judgement { plan, findings: found.into_findings() })
}

/// The plan's bytes as text; the error names the encoding if an editor saved them in another one.
fn text_of(bytes: &[u8]) -> Result<&str, PlanError> {
    if bytes.len() > MAX_PLAN {
        return Err(PlanError::TooLarge);
    }
    if let Some(encoding) = Encoding::of(bytes) {
        return Err(PlanError::Encoding(encoding));
    }
    core::str::from_utf8(bytes).map_err(|_| PlanError::Encoding(Encoding::Other { line: 1 }))
}

/// Applies the rules between fields.
fn compare(plan: &CeremonyPlan, now: Option<Timestamp>, document: &Table, found: &mut Found) {
    let mut raised = Raised::default();
    plan.check(&mut raised);
    if let Some(now) = now {
        ready::check(plan, now, &mut raised);
    }
    found.take(raised, document);
}

/// Adjacent keys usually have the same region, so they share one copy of its name in memory.
fn share_regions(keys: &mut [PlanKey]) {
    let mut before: Option<Region> = None;
    for key in keys {
        if let Some(before) = &before {
            key.region.share(before);
        }
        before = Some(key.region.clone());
    }
}

#[cfg(test)]
mod tests;
