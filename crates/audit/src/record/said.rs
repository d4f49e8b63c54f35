//! Names and free texts: they may be withheld only if the plan says so, and the audit reports those without an
//! opening.

use keyferry_core::artefact::names;
use std::collections::HashSet;

use keyferry_core::steps::LIFE_FILE;
use keyferry_core::transcript::{Line, Said};
use keyferry_core::{Bilingual, Event, PersonName, Transcript, bi};

use super::contents::AsWritten;
use super::{Deviation, Record, VerifyError};

/// Checks that names are withheld only if the plan allows it, because a commitment hides who did something.
pub(super) fn check(record: &Record) -> Result<(), VerifyError> {
    check_file(record, names::TRANSCRIPT, &record.written)?;
    check_file(record, names::DRILLS, &record.drills_written)?;
    check_file(record, LIFE_FILE, &record.life_written)
}

fn check_file(record: &Record, file: &'static str, written: &AsWritten) -> Result<(), VerifyError> {
    match written.committed.first() {
        Some(seq) if !record.plan.commits_names() => Err(VerifyError::Withheld { file, line: seq + 1 }),
        _ => Ok(()),
    }
}

/// Names that an auditor cannot read, or can read although the plan withholds them: first in the transcript, then in the
/// drills.
pub(super) fn deviations(record: &Record) -> Vec<Deviation> {
    let of_line =
        |line: &Line, written| [unread(line), stands_open(record, line, written)].into_iter().flatten();
    let mut found = Vec::new();
    for line in record.chain.lines() {
        let of_line = of_line(line, &record.written);
        found.extend(of_line.map(|(kind, text)| Deviation::of_seq(line.seq, kind, text)));
    }
    for line in record.drills.iter().flat_map(Transcript::lines) {
        let n = line.seq + 1;
        found.extend(of_line(line, &record.drills_written).map(|(kind, Bilingual { en, zh })| {
            let text = Bilingual {
                en: format!("line {n} of drills.jsonl: {en}"),
                zh: format!("drills.jsonl 第 {n} 行：{zh}"),
            };
            Deviation::of_record(kind, text)
        }));
    }
    found
}

/// A word for programs, and a sentence for people.
type Found = (&'static str, Bilingual);

fn unread(line: &Line) -> Option<Found> {
    if let Event::ShareConfirmed { number, custodian: Some(Said::Withheld(_)), .. } = &line.event {
        let text = bi!(
            "custodian of share {number} withheld: not compared with the plan",
            "第 {number} 个分片的保管人未公开：未与计划比较"
        );
        return Some(("custodian-withheld", text));
    }
    let text = bi!("a name or text is withheld", "姓名或文字未公开");
    (line.event.said().1 > 0).then_some(("withheld", text))
}

fn stands_open(record: &Record, line: &Line, written: &AsWritten) -> Option<Found> {
    let text = bi!(
        "a name or text is in the clear, although the plan withholds names",
        "计划规定不公开姓名，而该行为明文"
    );
    let open = written.open.binary_search(&line.seq).is_ok();
    (open && record.plan.commits_names()).then_some(("said-open", text))
}

/// The people in the plan, for looking up names.
pub(super) fn planned(record: &Record) -> HashSet<&PersonName> {
    record.plan.participants().iter().map(|p| &p.name).collect()
}

/// Whether a name is in the plan; `None` if it is withheld.
pub(super) fn is_planned(planned: &HashSet<&PersonName>, name: &Said<PersonName>) -> Option<bool> {
    name.open().map(|name| planned.contains(name))
}
