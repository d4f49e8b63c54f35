//! One row of the table of steps: where and by whom the step is done, what is compared, which lines it
//! leaves, and what it would catch.

use super::name::StepName;
use crate::plan::Role;
use crate::{Bilingual, EventKind, Lang, Station};

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
    /// In the room: at both computers, or at neither.
    Room,
    /// At any computer, also after the ceremony.
    Desk,
}

impl Place {
    /// The station that writes the step's lines, if it is always the same one.
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
    /// The draft, from which the command makes the plan.
    Draft,
    /// The plan, always.
    Always,
    /// The plan, or none.
    Optional,
}

/// When a step's lines are required, for a command that finished and succeeded for at least one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whenever the command ran.
    Always,
    /// If the plan chose shares and material was generated, and always if shares were made.
    Shares,
    /// Only if people chose the step: if one of its lines is present, all must be.
    Chosen,
}

/// The lines that a step leaves in the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The commands whose runs contain them; empty if they do not belong to a run.
    pub commands: &'static [&'static str],
    /// Which plan the `begun` line of such a run names.
    pub plan: PlanUse,
    /// The file that they are about.
    pub file: Option<&'static str>,
    /// The kinds that must be there.
    pub must: &'static [EventKind],
    /// When they must be there.
    pub when: When,
    /// Whether a later run of the command continues where an earlier one stopped, without repeating its
    /// lines.
    pub resumes: bool,
    /// The kinds that may also be there.
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

    /// Whether a line of this kind can belong to the step.
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
    /// What is compared with what; `None` if nothing is compared.
    pub compares: Option<Text>,
    /// The lines that it leaves in the transcript.
    pub lines: Lines,
    /// The mistakes that would be noticed here.
    pub catches: Text,
}
