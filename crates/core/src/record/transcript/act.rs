//! How a line came about: who acted, according to the people in the room, and by which means.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::StepName;
use crate::plan::Role;
use crate::serde_helpers::serde_as_text;

/// How a line came about. Empty if a program acted by itself, which is the usual case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Act {
    /// The step of the ceremony that it belongs to, in the table of [`steps`](crate::steps).
    pub step: Option<StepName>,
    /// Who did it, as people stated; a program cannot know.
    pub by: Option<Actor>,
    /// How people told the program.
    pub means: Option<Means>,
}

impl Act {
    /// An act of the program itself.
    pub const NOBODYS: Self = Self { step: None, by: None, means: None };

    /// An act of people, by these means.
    #[must_use]
    pub const fn through(means: Means) -> Self {
        Self { step: None, by: None, means: Some(means) }
    }
}

/// How somebody told a program what they did or decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// They typed words at the terminal, and the program compared them.
    TypedWords,
    /// They answered a question at the terminal with `Yes`.
    TypedYes,
    /// They used a command-line option beforehand.
    Option,
    /// They could not be asked, because there was no terminal.
    NoTerminal,
}

/// Somebody in the plan: the role, and the position among the people with that role, counted from 1. Written
/// `witness/2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The role.
    pub role: Role,
    /// The position among the people with that role, from 1, in the plan's order.
    pub number: u16,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::Operator => "operator",
            Role::Witness => "witness",
            Role::Custodian => "custodian",
        };
        write!(f, "{role}/{}", self.number)
    }
}

/// The text is not a role and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadActor;

impl fmt::Display for BadActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a role and a number, such as witness/1")
    }
}

impl std::error::Error for BadActor {}

impl FromStr for Actor {
    type Err = BadActor;

    fn from_str(s: &str) -> Result<Self, BadActor> {
        let (role, number) = s.split_once('/').ok_or(BadActor)?;
        let role = match role {
            "operator" => Role::Operator,
            "witness" => Role::Witness,
            "custodian" => Role::Custodian,
            _ => return Err(BadActor),
        };
        let number: u16 = number.parse().map_err(|_| BadActor)?;
        let this = Self { role, number };
        // There is only one written form: no sign, no leading zero.
        if number > 0 && this.to_string() == s { Ok(this) } else { Err(BadActor) }
    }
}

serde_as_text!(Actor);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_have_one_form() {
        for good in ["operator/1", "witness/2", "custodian/65535"] {
            assert_eq!(good.parse::<Actor>().unwrap().to_string(), good);
        }
        for bad in
            ["", "witness", "witness/0", "witness/01", "witness/+1", "king/1", "Witness/1", "witness/65536"]
        {
            assert_eq!(bad.parse::<Actor>(), Err(BadActor), "{bad}");
        }
    }
}
