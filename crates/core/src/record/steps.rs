//! The one table of a ceremony's steps, by name: where each is done, by whom, what is compared, which lines it leaves in the transcript, and what it
//! would catch.
//!
//! [`StepName`] names them in the order of the runbook; [`StepName::step`] is the row. A name stays what it is: it may be written into a record.
//! The checks of a record read the table, and [`Story::missing`] lists the lines that it demands and a record lacks.

use core::fmt;
use core::str::FromStr;

use crate::de::serde_as_text;
use crate::plan::Role;
use crate::{Bilingual, EventKind, Lang, Station};

#[cfg(doc)]
use crate::Story;

mod course;
mod missing;
mod table;

pub use course::{Course, LIFE_FILE, Stage, Times};
pub use missing::Missing;
pub use table::StepName;

/// One sentence in both languages, without values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// 简体中文.
    pub zh: &'static str,
}

impl Text {
    /// The sentence in `lang`.
    #[must_use]
    pub const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

impl From<Text> for Bilingual {
    fn from(text: Text) -> Self {
        Self { en: text.en.to_owned(), zh: text.zh.to_owned() }
    }
}

/// Where a step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the online station.
    Online,
    /// At the offline station.
    Offline,
    /// In the room, at no computer or at both.
    Room,
    /// At any computer, also after the ceremony.
    Desk,
}

impl Place {
    /// The station that writes the step's lines, if one certain station does.
    #[must_use]
    pub const fn station(self) -> Option<Station> {
        match self {
            Self::Online => Some(Station::Online),
            Self::Offline => Some(Station::Offline),
            Self::Room | Self::Desk => None,
        }
    }
}

/// Which plan the `begun` line of a command names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanUse {
    /// The draft, of which the command makes the plan.
    Draft,
    /// The plan, always.
    Always,
    /// The plan, or none.
    Optional,
}

/// When a step's lines are demanded of a command that was finished and succeeded for at least one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whenever the command ran.
    Always,
    /// Where the plan chose shares and material was generated, and wherever shares were made.
    Shares,
    /// Where people chose the step: if there is one of its lines, there are all.
    Chosen,
}

/// The lines that a step leaves in the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The commands in whose runs they are; empty if they belong to no run.
    pub commands: &'static [&'static str],
    /// Which plan such a run begins with.
    pub plan: PlanUse,
    /// The file that they are about.
    pub file: Option<&'static str>,
    /// The kinds that must be there.
    pub must: &'static [EventKind],
    /// When.
    pub when: When,
    /// A later run of the command goes on where an earlier one stopped, and does not write its lines again.
    pub resumes: bool,
    /// The kinds that can be there as well.
    pub may: &'static [EventKind],
}

impl Lines {
    /// No lines at all.
    pub const NONE: Self = Self {
        commands: &[],
        plan: PlanUse::Optional,
        file: None,
        must: &[],
        when: When::Always,
        resumes: false,
        may: &[],
    };

    /// Whether a line of this kind can be the step's.
    #[must_use]
    pub fn can_be(&self, kind: EventKind) -> bool {
        self.must.contains(&kind) || self.may.contains(&kind)
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: StepName,
    /// Where it is done.
    pub place: Place,
    /// Who does it.
    pub by: &'static [Role],
    /// What is done, in a few words.
    pub does: Text,
    /// What is compared with what; `None` if nothing is.
    pub compares: Option<Text>,
    /// What it leaves in the transcript.
    pub lines: Lines,
    /// What would be noticed here.
    pub catches: Text,
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

    /// The step in which this command is begun; `None` if no step runs it with a record.
    #[must_use]
    pub fn of_command(command: &str) -> Option<&'static Self> {
        let begins = |step: &&Self| step.lines.must.contains(&EventKind::Begun);
        Self::all().filter(begins).find(|step| step.lines.commands.contains(&command))
    }
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

#[cfg(test)]
mod tests;
