//! The course of each command: which lines a run writes, in which order, about which keys, and by which station.
//!
//! A run that was killed ends early, with one of the lines in [`Course::ends`]; a run that finished successfully has its whole course.

use super::row::Place;
use crate::EventKind::{self, *};
use crate::artefact::names;

/// How many lines of a stage a run can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Exactly one.
    Once,
    /// One or none.
    Maybe,
    /// Any number.
    Any,
}

/// One stage of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Lines of one kind.
    Lines(EventKind, Times),
    /// At most one of these groups for each key. The lines of a group follow each other and name the key's alias.
    Keys(&'static [&'static [EventKind]]),
}

/// The lines of one command's run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// The command, as `begun` names it.
    pub command: &'static str,
    /// Which station runs it.
    pub place: Place,
    /// Name of the program, without its version.
    pub program: &'static str,
    /// Whether its lines about keys are in the plan's order even in version 1. Since version 2, the lines of
    /// every command are in that order.
    pub in_order: bool,
    /// The kinds of lines after which the program writes the file before it continues. A run that was killed ends with a
    /// line of one of these kinds.
    pub ends: &'static [EventKind],
    /// The stages, from `begun` to `finished`.
    pub stages: &'static [Stage],
}

/// The record of the changes to the keys after the ceremony.
pub const LIFE_FILE: &str = names::LIFE;

const ONLINE: &str = "keyferry-online";
const OFFLINE: &str = "keyferry-offline";
const HSM: &str = "keyferry-hsm";

/// The command of the HSM station, as `begun` names it.
pub const HSM_WRAP: &str = "hsm-wrap";

/// The command of the HSM station that wraps a token's existing key again, as `begun` names it.
pub const HSM_REWRAP: &str = "hsm-rewrap";

const fn once(kind: EventKind) -> Stage {
    Stage::Lines(kind, Times::Once)
}

const fn maybe(kind: EventKind) -> Stage {
    Stage::Lines(kind, Times::Maybe)
}

const fn any(kind: EventKind) -> Stage {
    Stage::Lines(kind, Times::Any)
}

// A station of version 1 did not ask anybody about the plan; `verify` requires this line in version 2.
const CREATE_KEY: &[Stage] = &[
    once(Begun),
    maybe(Confirmed),
    Stage::Keys(&[&[KeyCreated], &[KeyFailed], &[KeyCreated, KeyFailed]]),
    once(Finished),
];

const EXPORT: &[Stage] = &[
    once(Begun),
    maybe(Confirmed),
    Stage::Keys(&[&[ParametersFetched], &[KeyFailed]]),
    maybe(Exported),
    once(Finished),
];

const WRAP: &[Stage] = &[
    once(Begun),
    once(PostureChecked),
    once(Confined),
    any(PostureWaived),
    maybe(TimeGiven),
    maybe(TimeConfirmed),
    once(Checked),
    any(KeyFailed),
    once(Confirmed),
    maybe(BackupWaived),
    maybe(SharesVoid),
    any(EntropyCommitted),
    maybe(EntropyMixed),
    Stage::Keys(&[&[MaterialGenerated, Wrapped], &[KeyFailed]]),
    maybe(SharesMade),
    any(ShareConfirmed),
    maybe(EscrowWritten),
    once(CiphertextWritten),
    once(Finished),
];

const REWRAP: &[Stage] = &[
    once(Begun),
    once(PostureChecked),
    once(Confined),
    any(PostureWaived),
    maybe(TimeGiven),
    maybe(TimeConfirmed),
    once(Checked),
    any(KeyFailed),
    once(Confirmed),
    maybe(BackupWaived),
    maybe(SharesVoid),
    once(SharesCombined),
    Stage::Keys(&[&[MaterialRecovered, Wrapped]]),
    maybe(SharesMade),
    any(ShareConfirmed),
    maybe(EscrowWritten),
    once(CiphertextWritten),
    once(Finished),
];

// This station never has a secret in memory, so it does not record the state of its machine.
const HSM_STAGES: &[Stage] = &[
    once(Begun),
    once(Confined),
    maybe(TimeGiven),
    maybe(TimeConfirmed),
    once(Checked),
    any(KeyFailed),
    once(Confirmed),
    once(BackupWaived),
    once(HsmLoaded),
    any(HsmProbed),
    Stage::Keys(&[&[MaterialGenerated, HsmKey, Wrapped]]),
    maybe(GaveUp),
    once(CiphertextWritten),
    once(Finished),
];

const HSM_AGAIN: &[Stage] = &[
    once(Begun),
    once(Confined),
    maybe(TimeGiven),
    maybe(TimeConfirmed),
    once(Checked),
    any(KeyFailed),
    once(Confirmed),
    once(BackupWaived),
    once(HsmLoaded),
    any(HsmProbed),
    Stage::Keys(&[&[MaterialHeld, HsmKey, Wrapped]]),
    maybe(GaveUp),
    once(CiphertextWritten),
    once(Finished),
];

const IMPORT: &[Stage] = &[
    once(Begun),
    once(Checked),
    once(Confirmed),
    any(KeyFailed),
    Stage::Keys(&[
        &[Imported, Proved],
        &[Imported, KeyFailed],
        &[Imported, BackupProved, Proved],
        &[Proved],
        &[KeyFailed],
    ]),
    once(Finished),
];

const DRILL: &[Stage] = &[
    once(Begun),
    once(PostureChecked),
    once(Confined),
    maybe(SharesCombined),
    maybe(ShareProved),
    once(Finished),
];

// Each change of a key after the ceremony. The consent, like the beginning of the command, is recorded before the
// request.
const LIFE: &[Stage] =
    &[once(Begun), any(Agreed), Stage::Keys(&[&[KeyChanged], &[KeyFailed]]), once(Finished)];

/// The commands whose lines are in `life.jsonl`.
pub(super) const LIFE_COMMANDS: &[&str] =
    &["delete-material", "schedule-deletion", "cancel-deletion", "enable", "disable"];

const fn of_life(command: &'static str) -> Course {
    Course {
        command,
        place: Place::Online,
        program: ONLINE,
        in_order: true,
        ends: &[Begun, Agreed, KeyChanged, KeyFailed],
        stages: LIFE,
    }
}

const fn of_hsm(command: &'static str, stages: &'static [Stage]) -> Course {
    Course { command, place: Place::Offline, program: HSM, in_order: true, ends: &[HsmProbed], stages }
}

impl Course {
    /// Every course.
    pub const ALL: &'static [Self] = &[
        Self {
            command: "create-key",
            place: Place::Online,
            program: ONLINE,
            in_order: true,
            ends: &[Begun, Confirmed, KeyCreated, KeyFailed],
            stages: CREATE_KEY,
        },
        Self {
            command: "export",
            place: Place::Online,
            program: ONLINE,
            in_order: false,
            ends: &[Begun, Confirmed, ParametersFetched, KeyFailed, Exported],
            stages: EXPORT,
        },
        Self {
            command: "wrap",
            place: Place::Offline,
            program: OFFLINE,
            in_order: true,
            ends: &[Confirmed, BackupWaived, EntropyCommitted, SharesMade, ShareConfirmed, EscrowWritten],
            stages: WRAP,
        },
        Self {
            command: "rewrap",
            place: Place::Offline,
            program: OFFLINE,
            in_order: true,
            ends: &[Confirmed, BackupWaived, SharesCombined, SharesMade, ShareConfirmed, EscrowWritten],
            stages: REWRAP,
        },
        of_hsm(HSM_WRAP, HSM_STAGES),
        of_hsm(HSM_REWRAP, HSM_AGAIN),
        Self {
            command: "import",
            place: Place::Online,
            program: ONLINE,
            in_order: false,
            ends: &[Confirmed, KeyFailed, Proved],
            stages: IMPORT,
        },
        Self {
            command: "drill",
            place: Place::Offline,
            program: OFFLINE,
            in_order: true,
            ends: &[Confined],
            stages: DRILL,
        },
        of_life("delete-material"),
        of_life("schedule-deletion"),
        of_life("cancel-deletion"),
        of_life("enable"),
        of_life("disable"),
    ];

    /// The file of a record that contains the lines of this command.
    #[must_use]
    pub fn file(&self) -> &'static str {
        match self.command {
            "drill" => names::DRILLS,
            command if LIFE_COMMANDS.contains(&command) => LIFE_FILE,
            _ => names::TRANSCRIPT,
        }
    }

    /// Whether a token of an HSM wraps the keys.
    #[must_use]
    pub fn is_of_hsm(&self) -> bool {
        self.program == HSM
    }

    /// Whether it ends with a ciphertext.
    #[must_use]
    pub fn wraps(&self) -> bool {
        self.is_of_hsm() || matches!(self.command, "wrap" | "rewrap")
    }

    /// The course of a command; `None` if no version had such a command.
    #[must_use]
    pub fn of(command: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|course| course.command == command)
    }
}

impl Stage {
    /// Whether a line of this kind can be in this course.
    #[must_use]
    pub fn takes(&self, kind: EventKind) -> bool {
        match self {
            Self::Lines(own, _) => *own == kind,
            Self::Keys(groups) => groups.iter().any(|group| group.contains(&kind)),
        }
    }
}
