//! The lines that the table requires but a record lacks.

use std::collections::BTreeMap;

use super::name::StepName;
use super::row::{Lines, Step, When};
use crate::plan::Backup;
use crate::story::{Run, RunEnd};
use crate::transcript::Kinds;
use crate::{EventKind, Story};

/// A line that a step requires in a command's run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Number of the run's `begun` line, from 0.
    pub run: u64,
    /// Which step requires it.
    pub step: StepName,
    /// The kind of line.
    pub kind: EventKind,
}

impl Story<'_> {
    /// Every missing kind of line that the table requires of the finished commands, under a plan with this backup.
    #[must_use]
    pub fn missing(&self, backup: &Backup) -> Vec<Missing> {
        let shares = matches!(backup, Backup::Slip39 { .. });
        let (mut missing, mut so_far) = (Vec::new(), BTreeMap::<&str, Kinds>::new());
        for run in self.runs() {
            let earlier = so_far.entry(run.command).or_default();
            run.kinds.iter().for_each(|kind| earlier.insert(kind));
            if !matches!(run.end, RunEnd::Finished(end) if end.succeeded > 0) {
                continue;
            }
            for step in Step::all().filter(|step| step.lines.is_demanded(run, shares)) {
                let found = if step.lines.resumes { *earlier } else { run.kinds };
                let lacks = step.lines.must.iter().filter(|kind| !found.contains(**kind));
                missing.extend(lacks.map(|kind| Missing { run: run.seq, step: step.name, kind: *kind }));
            }
        }
        missing
    }
}

impl Lines {
    fn is_demanded(&self, run: &Run<'_>, shares: bool) -> bool {
        self.commands.contains(&run.command)
            && match self.when {
                When::Always => true,
                When::Shares => {
                    let generated = run.kinds.contains(EventKind::MaterialGenerated);
                    shares && generated || run.kinds.contains(EventKind::SharesMade)
                }
                When::Chosen => self.must.iter().any(|kind| run.kinds.contains(*kind)),
            }
    }
}
