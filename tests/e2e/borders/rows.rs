//! The rows and columns: commands, files, properties, and who reads what.

use std::fmt;

use keyferry_transport::show::subject::Kind;

/// A program and its command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cmd(pub(super) &'static str, pub(super) &'static str);

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

const fn off(name: &'static str) -> Cmd {
    Cmd("keyferry-offline", name)
}

const fn on(name: &'static str) -> Cmd {
    Cmd("keyferry-online", name)
}

const fn desk(name: &'static str) -> Cmd {
    Cmd("keyferry", name)
}

pub(super) const COMMANDS: [Cmd; 32] = [
    off("preflight"),
    off("inspect"),
    off("wrap"),
    off("rewrap"),
    off("drill"),
    off("generate"),
    off("encrypt"),
    off("note"),
    off("show"),
    off("receive"),
    off("self"),
    on("create-key"),
    on("export"),
    on("import"),
    on("status"),
    on("delete-material"),
    on("schedule-deletion"),
    on("cancel-deletion"),
    on("enable"),
    on("disable"),
    on("note"),
    on("random"),
    on("show"),
    on("receive"),
    desk("rehearse"),
    desk("emulate"),
    desk("plan"),
    desk("verify"),
    desk("sign"),
    desk("allowed-signers"),
    desk("report"),
    desk("bench"),
];

/// A file that a command reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Artefact {
    /// One of those that cross.
    Crossing(Kind),
    Escrow,
    Drills,
    /// The record of an earlier ceremony.
    Earlier,
    Signature,
    Session,
    /// What an unfinished export keeps.
    Fetched,
    Journal,
    Credentials,
    SignKey,
    /// Typed, and never read from a file; the folder that they are written to is judged.
    Shares,
    /// To entropy.
    Contribution,
    Material,
    /// Of the emulator.
    State,
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
            Self::Crossing(Kind::Openings) => Self::Escrow,
            Self::Escrow => Self::Drills,
            Self::Drills => Self::Earlier,
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
            Self::State => return None,
        })
    }

    pub(super) fn all() -> Vec<Self> {
        std::iter::successors(Some(Self::Crossing(Kind::Plan)), |a| a.after()).collect()
    }
}

/// What is to be true of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    /// Rehearsal and production never mix.
    Purpose,
    /// Nobody but the owner reads or changes a secret.
    Mode,
    /// A secret belongs to the user who reads it.
    Owner,
    /// The key management service that the plan names.
    Provider,
    /// Not expired, and not valid for longer than the service says.
    Expiry,
    /// Secrets are never on the medium that crosses.
    Folder,
    /// Production uses nothing that was made from a published seed.
    Seeded,
    /// A record that grows is a regular file with one name, and whole lines.
    Lines,
    /// Nobody dumps, traces or reads the program that holds it.
    Dumps,
}

/// The commands that read a file.
pub(super) fn readers(artefact: Artefact) -> &'static [Cmd] {
    const SHOW: [Cmd; 2] = [off("show"), on("show")];
    const AUDIT: [Cmd; 3] = [desk("verify"), desk("sign"), desk("report")];
    const SERVICE: [Cmd; 10] = [
        on("create-key"),
        on("export"),
        on("import"),
        on("status"),
        on("delete-material"),
        on("schedule-deletion"),
        on("cancel-deletion"),
        on("enable"),
        on("disable"),
        on("random"),
    ];
    match artefact {
        Artefact::Crossing(Kind::Plan) => {
            const {
                &[
                    off("preflight"),
                    off("inspect"),
                    off("wrap"),
                    off("rewrap"),
                    off("note"),
                    SHOW[0],
                    on("import"),
                    on("create-key"),
                    on("export"),
                    on("status"),
                    on("note"),
                    SHOW[1],
                    AUDIT[0],
                    AUDIT[1],
                    AUDIT[2],
                    desk("allowed-signers"),
                    // `plan recover` audits the whole record as `verify` does, by the same function.
                    desk("plan"),
                ]
            }
        }
        Artefact::Crossing(Kind::Parameters) => {
            const {
                &[
                    off("preflight"),
                    off("inspect"),
                    off("wrap"),
                    off("rewrap"),
                    SHOW[0],
                    SHOW[1],
                    AUDIT[0],
                    AUDIT[1],
                    AUDIT[2],
                ]
            }
        }
        Artefact::Crossing(Kind::Ciphertext) => {
            const { &[SHOW[0], SHOW[1], on("import"), AUDIT[0], AUDIT[1], AUDIT[2]] }
        }
        Artefact::Crossing(Kind::Transcript) => {
            const {
                &[
                    off("wrap"),
                    off("rewrap"),
                    off("note"),
                    SHOW[0],
                    on("create-key"),
                    on("export"),
                    on("import"),
                    on("note"),
                    SHOW[1],
                    AUDIT[0],
                    AUDIT[1],
                    AUDIT[2],
                ]
            }
        }
        Artefact::Crossing(Kind::Openings) => {
            const {
                &[
                    off("wrap"),
                    off("rewrap"),
                    off("note"),
                    SHOW[0],
                    on("import"),
                    SHOW[1],
                    AUDIT[0],
                    AUDIT[1],
                    AUDIT[2],
                ]
            }
        }
        Artefact::Escrow => const { &[off("rewrap"), off("drill"), AUDIT[0], AUDIT[1], AUDIT[2]] },
        Artefact::Drills => const { &[off("drill"), AUDIT[0], AUDIT[1], AUDIT[2]] },
        Artefact::Earlier => const { &[off("rewrap"), off("drill"), AUDIT[0]] },
        Artefact::Signature => &AUDIT,
        Artefact::Session => const { &[on("export"), on("import")] },
        Artefact::Fetched => const { &[on("export")] },
        Artefact::Journal => {
            const {
                &[
                    on("export"),
                    on("import"),
                    on("delete-material"),
                    on("schedule-deletion"),
                    on("cancel-deletion"),
                ]
            }
        }
        Artefact::Credentials => &SERVICE,
        Artefact::SignKey => const { &[desk("sign")] },
        Artefact::Shares => const { &[off("wrap"), off("rewrap"), off("drill")] },
        Artefact::Contribution => const { &[off("wrap"), off("generate")] },
        Artefact::Material => const { &[off("encrypt")] },
        Artefact::State => const { &[desk("emulate")] },
    }
}
