//! The rows and columns: commands, files, properties, and which files a command reads.

use std::fmt;

use keyferry_core::{DeskCommand as Desk, HsmCommand as Hsm, OfflineCommand as Off, OnlineCommand as On};
use keyferry_transport::show::subject::Kind;

/// A command of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cmd {
    Offline(Off),
    Online(On),
    Hsm(Hsm),
    Desk(Desk),
}

impl Cmd {
    pub(super) const fn program(self) -> &'static str {
        match self {
            Self::Offline(_) => Off::PROGRAM,
            Self::Online(_) => On::PROGRAM,
            Self::Hsm(_) => Hsm::PROGRAM,
            Self::Desk(_) => Desk::PROGRAM,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Offline(command) => command.word(),
            Self::Online(command) => command.word(),
            Self::Hsm(command) => command.word(),
            Self::Desk(command) => command.word(),
        }
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.program(), self.word())
    }
}

const COUNT: usize = Off::ALL.len() + On::ALL.len() + Hsm::ALL.len() + Desk::ALL.len();

/// Every command of every program.
pub(super) const COMMANDS: [Cmd; COUNT] = {
    let mut all = [Cmd::Offline(Off::About); COUNT];
    let (off, on, hsm) = (Off::ALL.len(), On::ALL.len(), Hsm::ALL.len());
    let mut n = 0;
    while n < COUNT {
        all[n] = if n < off {
            Cmd::Offline(Off::ALL[n])
        } else if n < off + on {
            Cmd::Online(On::ALL[n - off])
        } else if n < off + on + hsm {
            Cmd::Hsm(Hsm::ALL[n - off - on])
        } else {
            Cmd::Desk(Desk::ALL[n - off - on - hsm])
        };
        n += 1;
    }
    all
};

/// A file that a command reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Artefact {
    /// One of the files that cross.
    Crossing(Kind),
    Drills,
    /// The record of what was done to keys after the ceremony.
    Life,
    /// The record of an earlier ceremony.
    Earlier,
    Signature,
    Session,
    /// The file that an unfinished export leaves.
    Fetched,
    Journal,
    Credentials,
    SignKey,
    /// Shares are typed and never read from a file; the folder that they are written to is checked.
    Shares,
    /// A contribution to entropy.
    Contribution,
    Material,
    /// The emulator's state file.
    State,
    /// The file of a PKCS#11 module.
    Module,
    /// The PIN of a token: typed, and never read from a file.
    Pin,
}

impl fmt::Display for Artefact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crossing(kind) => write!(f, "{kind:?}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Artefact {
    const fn after(self) -> Option<Self> {
        Some(match self {
            Self::Crossing(Kind::Plan) => Self::Crossing(Kind::Parameters),
            Self::Crossing(Kind::Parameters) => Self::Crossing(Kind::Ciphertext),
            Self::Crossing(Kind::Ciphertext) => Self::Crossing(Kind::Transcript),
            Self::Crossing(Kind::Transcript) => Self::Crossing(Kind::Openings),
            Self::Crossing(Kind::Openings) => Self::Crossing(Kind::Escrow),
            Self::Crossing(Kind::Escrow) => Self::Drills,
            Self::Drills => Self::Life,
            Self::Life => Self::Earlier,
            Self::Earlier => Self::Signature,
            Self::Signature => Self::Session,
            Self::Session => Self::Fetched,
            Self::Fetched => Self::Journal,
            Self::Journal => Self::Credentials,
            Self::Credentials => Self::SignKey,
            Self::SignKey => Self::Shares,
            Self::Shares => Self::Contribution,
            Self::Contribution => Self::Material,
            Self::Material => Self::State,
            Self::State => Self::Module,
            Self::Module => Self::Pin,
            Self::Pin => return None,
        })
    }

    pub(super) fn all() -> Vec<Self> {
        std::iter::successors(Some(Self::Crossing(Kind::Plan)), |a| a.after()).collect()
    }
}

/// A property that a file must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    /// Rehearsal and production never mix.
    Purpose,
    /// Only the owner can read or change a secret.
    Mode,
    /// A secret's file belongs to the user who reads it.
    Owner,
    /// The key management service that the plan names.
    Provider,
    /// Not expired, and not valid for longer than the service says.
    Expiry,
    /// Secrets are never on the medium that crosses.
    Folder,
    /// Production uses nothing that was made from a published seed.
    Seeded,
    /// A record that grows is a regular file with only one name and only whole lines.
    Lines,
    /// No process can dump, trace or read the program that holds a secret.
    Dumps,
}

/// The files that a command reads.
pub(super) const fn reads(cmd: Cmd) -> &'static [Artefact] {
    use Artefact::{
        Contribution, Credentials, Crossing, Drills, Earlier, Fetched, Journal, Life, Material, Module, Pin,
        Session, Shares, SignKey, Signature, State,
    };
    const PLAN: Artefact = Crossing(Kind::Plan);
    const PARAMETERS: Artefact = Crossing(Kind::Parameters);
    const CIPHERTEXT: Artefact = Crossing(Kind::Ciphertext);
    const TRANSCRIPT: Artefact = Crossing(Kind::Transcript);
    const OPENINGS: Artefact = Crossing(Kind::Openings);
    const ESCROW: Artefact = Crossing(Kind::Escrow);
    const CROSSING: &[Artefact] = &[PLAN, PARAMETERS, CIPHERTEXT, TRANSCRIPT, OPENINGS, ESCROW];
    match cmd {
        Cmd::Offline(command) => match command {
            Off::Preflight | Off::Inspect => &[PLAN, PARAMETERS],
            Off::Wrap => &[PLAN, PARAMETERS, TRANSCRIPT, OPENINGS, Shares, Contribution],
            Off::Rewrap => &[PLAN, PARAMETERS, TRANSCRIPT, OPENINGS, ESCROW, Earlier, Shares],
            Off::Drill => &[ESCROW, Drills, Earlier, Shares],
            Off::Generate => &[Contribution],
            Off::Encrypt => &[Material],
            Off::Note => &[PLAN, TRANSCRIPT, OPENINGS],
            Off::Show => CROSSING,
            Off::Receive | Off::About => &[],
        },
        Cmd::Online(command) => match command {
            On::CreateKey => &[PLAN, TRANSCRIPT, Journal, Credentials],
            On::Export => &[PLAN, TRANSCRIPT, Session, Fetched, Journal, Credentials],
            On::Import => &[PLAN, CIPHERTEXT, TRANSCRIPT, OPENINGS, ESCROW, Session, Journal, Credentials],
            On::RebuildJournal => &[PLAN, TRANSCRIPT, Journal, Credentials],
            On::CheckAccess | On::Status => &[PLAN, Credentials],
            On::DeleteMaterial | On::ScheduleDeletion | On::CancelDeletion => {
                &[PLAN, TRANSCRIPT, Life, Journal, Credentials]
            }
            On::Enable | On::Disable => &[PLAN, TRANSCRIPT, Life, Credentials],
            On::Random => &[Credentials],
            On::Note => &[PLAN, TRANSCRIPT],
            On::Show => CROSSING,
            On::Receive => &[],
        },
        Cmd::Hsm(command) => match command {
            Hsm::Inspect => &[Module],
            Hsm::Probe | Hsm::Bench => &[Module, Pin],
            Hsm::Wrap => &[PLAN, PARAMETERS, TRANSCRIPT, OPENINGS, Module, Pin],
            Hsm::Rewrap => &[PLAN, PARAMETERS, TRANSCRIPT, OPENINGS, Earlier, Module, Pin],
        },
        Cmd::Desk(command) => match command {
            Desk::Verify => &[
                PLAN, PARAMETERS, CIPHERTEXT, TRANSCRIPT, OPENINGS, ESCROW, Drills, Life, Earlier, Signature,
            ],
            Desk::Sign => &[
                PLAN, PARAMETERS, CIPHERTEXT, TRANSCRIPT, OPENINGS, ESCROW, Drills, Life, Signature, SignKey,
            ],
            Desk::Report | Desk::Archive => {
                &[PLAN, PARAMETERS, CIPHERTEXT, TRANSCRIPT, OPENINGS, ESCROW, Drills, Life, Signature]
            }
            // `plan recover` audits the whole record as `verify` does, by the same function.
            Desk::AllowedSigners | Desk::Plan | Desk::Rehearse => &[PLAN],
            Desk::Emulate => &[State],
            Desk::Bench => &[],
        },
    }
}
