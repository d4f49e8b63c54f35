//! The table itself, with the steps in the order of the runbook. The texts say who does what. They never mention a step's number,
//! because a runbook may change the numbers.

use super::name::StepName;
use super::row::Step;
use crate::EventKind;

mod after;
mod before;
mod offline;
mod rows;

macro_rules! table {
    ($($part:ident: $($step:ident)+;)+) => {
        impl StepName {
            /// Its row of the table.
            #[must_use]
            pub const fn step(self) -> &'static Step {
                match self { $($(Self::$step => $part::Rows::$step,)+)+ }
            }
        }
    };
}

table! {
    before: PrepareRoom ComparePrograms CreateKey ReviewPlan ComparePlan OnlineExport FirstCrossing;
    offline: Preflight Inspect CompareWrappingKeys CompareParameters OfflineWrap MixEntropy ShareReadBack OfflineRewrap HsmWrap HsmRewrap SecondCrossing;
    after: CompareCiphertext OnlineImport Prove ProveBackup Status CompareHead Note Sign Verify PutAway Drill ChangeKey;
}

impl Step {
    /// Every step, in the order of the runbook.
    pub fn all() -> impl Iterator<Item = &'static Self> + Clone {
        StepName::ALL.iter().map(|name| name.step())
    }

    /// The step that a line of this kind belongs to, in a run of this command; the file is the one that the line is about.
    #[must_use]
    pub fn of_line(command: &str, kind: EventKind, file: Option<&str>) -> Option<&'static Self> {
        let ours = |step: &&Self| step.lines.commands.contains(&command);
        let about = |step: &&Self| step.lines.file.is_none() || file.is_none() || step.lines.file == file;
        let must = |step: &&Self| step.lines.must.contains(&kind);
        let mut steps = Self::all().filter(ours).filter(about);
        steps.clone().find(must).or_else(|| steps.find(|step| step.lines.can_be(kind)))
    }

    /// The step that begins this command; `None` if no step runs it with a record.
    #[must_use]
    pub fn of_command(command: &str) -> Option<&'static Self> {
        let begins = |step: &&Self| step.lines.must.contains(&EventKind::Begun);
        Self::all().filter(begins).find(|step| step.lines.commands.contains(&command))
    }
}
