//! Names and free texts: withheld only where the plan says so, and said to be withheld where nothing opens them.

use keyferry_core::transcript::{Line, Said};
use keyferry_core::{Bilingual, Event, PersonName, bi};

use super::{Record, VerifyError};

/// A commitment hides who did something: the plan, which was reviewed, has to allow that.
pub(super) fn check(record: &Record) -> Result<(), VerifyError> {
    match record.committed.first() {
        Some(seq) if !record.plan.commits_names() => Err(VerifyError::Withheld { line: seq + 1 }),
        _ => Ok(()),
    }
}

/// What of a line an auditor cannot read, or could read although the plan withholds it: a word for programs, and one for people.
pub(super) fn deviation(record: &Record, line: &Line) -> Option<(&'static str, Bilingual)> {
    if let Event::ShareConfirmed { number, custodian: Some(Said::Withheld(_)), .. } = &line.event {
        let text = bi!(
            "custodian of share {number} withheld: not compared with the plan",
            "第 {number} 个分片的保管人未公开：未与计划比较"
        );
        return Some(("custodian-withheld", text));
    }
    let (open, withheld) = line.event.said();
    if withheld > 0 {
        let text = bi!("a name or text is withheld", "姓名或文字未公开");
        return Some(("withheld", text));
    }
    let as_said = open > 0 && record.committed.binary_search(&line.seq).is_err();
    let text = bi!(
        "a name or text stands open, although the plan withholds names",
        "计划规定不公开姓名，而该行为明文"
    );
    (as_said && record.plan.commits_names()).then_some(("said-open", text))
}

/// Whether a name is in the plan; `None` where it is withheld.
pub(super) fn is_planned(record: &Record, name: &Said<PersonName>) -> Option<bool> {
    let name = name.open()?;
    Some(record.plan.participants().iter().any(|p| p.name == *name))
}
