//! The cells: what is tested, and why the others are not.

use keyferry_core::{DeskCommand as Desk, HsmCommand, OfflineCommand as Off, OnlineCommand as On};
use keyferry_transport::show::subject::Kind;

use super::rows::{Artefact, COMMANDS, Cmd, Property, reads};
use super::{PROPERTIES, desk, hsm, offline, online};

mod grown;

/// What is known about one command, file and property.
pub(super) enum Cell {
    /// The good file is accepted and the bad one refused; panics otherwise.
    Tested(fn(Cmd)),
    /// The property does not apply, and why.
    Not(&'static str),
    /// Nobody has thought of it yet; this does not compile.
    Missing,
}

use Cell::{Missing, Not, Tested};
use Cmd::{Hsm, Offline, Online};

/// A command, a file or a property without a cell does not compile.
const _: () = {
    let mut c = 0;
    while c < COMMANDS.len() {
        let files = reads(COMMANDS[c]);
        let mut f = 0;
        while f < files.len() {
            let mut p = 0;
            while p < PROPERTIES.len() {
                let missing = matches!(cell(COMMANDS[c], files[f], PROPERTIES[p]), Missing);
                assert!(!missing, "a command reads a file for which a property has no cell");
                p += 1;
            }
            f += 1;
        }
        c += 1;
    }
};

pub(super) const fn cell(cmd: Cmd, artefact: Artefact, property: Property) -> Cell {
    match property {
        Property::Purpose => purpose(cmd, artefact),
        Property::Mode => mode(artefact, Secret { tested: online::credentials_mode, owner: false }),
        Property::Owner => mode(artefact, Secret { tested: online::credentials_owner, owner: true }),
        Property::Provider => provider(cmd, artefact),
        Property::Expiry => expiry(cmd, artefact),
        Property::Folder => folder(cmd, artefact),
        Property::Seeded => grown::seeded(cmd, artefact),
        Property::Lines => grown::lines(cmd, artefact),
        Property::Dumps => grown::dumps(artefact),
    }
}

const fn audits(cmd: Cmd) -> bool {
    matches!(cmd, Cmd::Desk(Desk::Verify | Desk::Sign | Desk::Report | Desk::Archive))
}

/// What is done to a key after its ceremony.
const fn lives(cmd: Cmd) -> bool {
    matches!(
        cmd,
        Online(On::DeleteMaterial | On::ScheduleDeletion | On::CancelDeletion | On::Enable | On::Disable)
    )
}

const fn shows(cmd: Cmd) -> bool {
    matches!(cmd, Offline(Off::Show) | Online(On::Show))
}

const SHOWN: &str = "shows the file to people, with its purpose; nothing is decided or made";
const NAMED: &str = "its digest is the one that the record names, whose purpose is compared";
const CHAIN: &str = "the chain names its ceremony; verify compares the purpose of each command in it";

const fn purpose(cmd: Cmd, artefact: Artefact) -> Cell {
    match artefact {
        Artefact::Crossing(Kind::Plan) => match cmd {
            Online(On::CreateKey | On::Export | On::CheckAccess | On::Status) => Tested(online::plan_purpose),
            cmd if audits(cmd) => Tested(desk::plan_purpose),
            Online(On::RebuildJournal) => {
                Not("decides at which service the keys are, by the function that export asks")
            }
            cmd if lives(cmd) => {
                Not("decides at which service the key is, as for status: see the tests of keyferry-online")
            }
            Offline(Off::Preflight | Off::Inspect | Off::Wrap | Off::Rewrap) | Hsm(_) => {
                Not("the parameters' purpose is compared with the plan's: see that cell")
            }
            Offline(Off::Note) | Online(On::Note) | Cmd::Desk(Desk::AllowedSigners) => {
                Not("only people's names are read, and nothing is made for a key")
            }
            Online(On::Import) => {
                Not("the session names the digest of its plan; any other is refused (KF-PARAM-02)")
            }
            Cmd::Desk(Desk::Plan) => {
                Not("checks plans with either purpose; a recovery keeps the purpose of its record")
            }
            Cmd::Desk(Desk::Rehearse) => Not(
                "accepts a plan with either purpose, and rehearses a copy with the purpose rehearsal: see practice.rs",
            ),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Parameters) => match cmd {
            Offline(Off::Inspect | Off::Wrap | Off::Rewrap) => Tested(offline::parameters_purpose),
            Hsm(_) => Tested(hsm::parameters_purpose),
            cmd if audits(cmd) => Tested(desk::parameters_purpose),
            Offline(Off::Preflight) => Not("judges the machine; only the files' digests are shown"),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Ciphertext) => match cmd {
            Online(On::Import) => Tested(online::ciphertext_purpose),
            cmd if audits(cmd) => Tested(desk::ciphertext_purpose),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Transcript) => match cmd {
            cmd if audits(cmd) => Tested(desk::transcript_purpose),
            Offline(Off::Wrap | Off::Rewrap | Off::Note)
            | Hsm(_)
            | Online(On::CreateKey | On::Export | On::Import | On::RebuildJournal | On::Note) => Not(CHAIN),
            cmd if lives(cmd) => Not("it names the digest of the plan next to it, which has the purpose"),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Escrow) => match cmd {
            Offline(Off::Rewrap | Off::Drill) => Tested(offline::escrow_purpose),
            cmd if audits(cmd) => Tested(desk::escrow_purpose),
            Online(On::Import) => Not(NAMED),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Drills => match cmd {
            cmd if audits(cmd) => Tested(desk::drills_purpose),
            Offline(Off::Drill) => Not(CHAIN),
            _ => Missing,
        },
        Artefact::Life => match cmd {
            cmd if audits(cmd) => Tested(desk::life_purpose),
            cmd if lives(cmd) => Tested(online::life_purpose),
            _ => Missing,
        },
        Artefact::Earlier => match cmd {
            Offline(Off::Rewrap) => Tested(offline::earlier_purpose),
            Hsm(HsmCommand::Rewrap) => Tested(hsm::earlier_purpose),
            Cmd::Desk(Desk::Verify) => Tested(desk::earlier_purpose),
            Offline(Off::Drill) => Not("there is no plan next to it; its own purpose counts"),
            _ => Missing,
        },
        Artefact::Session if matches!(cmd, Online(On::Import)) => Tested(online::session_purpose),
        Artefact::Session | Artefact::Fetched => Not("bound to the plan's digest, which covers the purpose"),
        Artefact::Crossing(Kind::Openings) => Not("opens lines of a record; has no purpose of its own"),
        Artefact::Signature => Not("signs a transcript, whose purpose is compared"),
        Artefact::Journal => {
            Not("entries name their purpose, but tokens decide, and these belong to one ceremony")
        }
        Artefact::Credentials | Artefact::SignKey => {
            Not("belongs to a person or an account, not to a ceremony")
        }
        Artefact::Shares => Not("words have no purpose; the record that they belong to has"),
        Artefact::Contribution | Artefact::Material => Not("bytes without a format; no ceremony is involved"),
        Artefact::State => Not("the emulator only serves rehearsals"),
        Artefact::Module | Artefact::Pin => Not("belongs to an HSM or a person, not to a ceremony"),
    }
}

/// How a secret is tested for its mode or for its owner.
struct Secret {
    tested: fn(Cmd),
    owner: bool,
}

impl Secret {
    const fn pick(&self, mode: fn(Cmd), owner: fn(Cmd)) -> Cell {
        Tested(if self.owner { owner } else { mode })
    }
}

const fn mode(artefact: Artefact, secret: Secret) -> Cell {
    match artefact {
        Artefact::Credentials => Tested(secret.tested),
        Artefact::SignKey => secret.pick(desk::key_mode, desk::key_owner),
        Artefact::Material => secret.pick(offline::material_mode, offline::material_owner),
        Artefact::Contribution => secret.pick(offline::contribution_mode, offline::contribution_owner),
        Artefact::Session => secret.pick(online::session_mode, online::session_owner),
        Artefact::Fetched => secret.pick(online::fetched_mode, online::fetched_owner),
        Artefact::Journal => secret.pick(online::journal_mode, online::journal_owner),
        Artefact::State if secret.owner => Not("the emulator's keys are invented; the mode is checked"),
        Artefact::State => Tested(desk::state_mode),
        Artefact::Shares | Artefact::Pin => Not("typed, and never read from a file"),
        Artefact::Module => Not("is no secret, and its digest is compared with the plan's"),
        Artefact::Crossing(
            Kind::Plan
            | Kind::Parameters
            | Kind::Ciphertext
            | Kind::Transcript
            | Kind::Openings
            | Kind::Escrow,
        )
        | Artefact::Drills
        | Artefact::Life
        | Artefact::Earlier
        | Artefact::Signature => Not("others may read it, and its digest is compared"),
    }
}

const fn provider(cmd: Cmd, artefact: Artefact) -> Cell {
    match artefact {
        Artefact::Crossing(Kind::Parameters) => match cmd {
            Offline(Off::Inspect | Off::Wrap | Off::Rewrap) => Tested(offline::parameters_provider),
            Hsm(_) => Tested(hsm::parameters_provider),
            cmd if audits(cmd) => Tested(desk::parameters_provider),
            Offline(Off::Preflight) => Not("judges the machine; only the files' digests are shown"),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Ciphertext) => match cmd {
            Online(On::Import) => Tested(online::ciphertext_provider),
            cmd if audits(cmd) => Tested(desk::ciphertext_provider),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Plan) => {
            Not("the plan determines the provider; other files are compared with it")
        }
        Artefact::Crossing(Kind::Transcript | Kind::Openings) => Not("names no provider"),
        Artefact::Crossing(Kind::Escrow) | Artefact::Earlier => {
            Not("material recovered for another provider's key is bound by its parameters")
        }
        Artefact::Drills | Artefact::Life | Artefact::Signature => Not("names no provider"),
        Artefact::Session | Artefact::Fetched => {
            Not("contains the parameters, which are compared with the plan")
        }
        Artefact::Journal | Artefact::Credentials => Not("this station knows only one provider"),
        Artefact::SignKey | Artefact::Shares | Artefact::Contribution | Artefact::Material => {
            Not("belongs to no provider")
        }
        Artefact::State => Not("the emulator emulates only one provider"),
        Artefact::Module | Artefact::Pin => Not("belongs to an HSM or a person, not to a provider"),
    }
}

const fn expiry(cmd: Cmd, artefact: Artefact) -> Cell {
    match artefact {
        Artefact::Crossing(Kind::Parameters) => match cmd {
            Offline(Off::Inspect | Off::Wrap | Off::Rewrap) => Tested(offline::parameters_expiry),
            Hsm(_) => Tested(hsm::parameters_expiry),
            cmd if audits(cmd) => {
                Not("checks the past, perhaps years later: steps are compared with the record's own times")
            }
            Offline(Off::Preflight) => Not("judges the machine; only the files' digests are shown"),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Session if matches!(cmd, Online(On::Import)) => Tested(online::session_expiry),
        Artefact::Session | Artefact::Fetched => Not("an expired one is not continued; export fetches again"),
        Artefact::Crossing(Kind::Plan) => {
            Not("its valid_to is about the key, and is compared when it is used")
        }
        Artefact::Crossing(Kind::Ciphertext) => Not("expires with the session's token: see that cell"),
        Artefact::Crossing(Kind::Transcript | Kind::Openings) => Not("a record does not expire"),
        Artefact::Crossing(Kind::Escrow)
        | Artefact::Drills
        | Artefact::Life
        | Artefact::Earlier
        | Artefact::Signature => Not("a record does not expire"),
        Artefact::Journal => Not("a journal does not expire"),
        Artefact::Credentials => Not("the service refuses those that have expired"),
        Artefact::SignKey => Not("the keys of the plan's people do not expire"),
        Artefact::Shares | Artefact::Contribution | Artefact::Material => {
            Not("bytes and words do not expire")
        }
        Artefact::Module | Artefact::Pin => Not("the HSM decides whether it still takes them"),
        Artefact::State => Not("the emulator's keys are invented"),
    }
}

const fn folder(cmd: Cmd, artefact: Artefact) -> Cell {
    match artefact {
        Artefact::Session => match cmd {
            Online(On::Export) => Tested(online::session_on_the_medium),
            Online(On::Import) => Tested(online::session_beside_the_ciphertext),
            _ => Missing,
        },
        Artefact::Shares => match cmd {
            Offline(Off::Wrap) => Tested(offline::shares_on_the_medium),
            Offline(Off::Rewrap) => Tested(offline::new_shares_on_the_medium),
            Offline(Off::Drill) => Not("asks for shares, but writes none"),
            _ => Missing,
        },
        Artefact::Fetched => Not("is next to the session, whose folder is checked"),
        Artefact::Journal | Artefact::Credentials => {
            Not("in the user's own folders, which no option of a ceremony names")
        }
        Artefact::SignKey => Not("a signed record does not cross any more"),
        Artefact::Contribution | Artefact::Material => {
            Not("no medium crosses with these commands, and wrap only reads it")
        }
        Artefact::State => Not("the emulator's keys are invented"),
        Artefact::Module => Not("is no secret, and its digest is compared with the plan's"),
        Artefact::Pin => Not("typed, and never written to a file"),
        Artefact::Crossing(
            Kind::Plan
            | Kind::Parameters
            | Kind::Ciphertext
            | Kind::Transcript
            | Kind::Openings
            | Kind::Escrow,
        )
        | Artefact::Drills
        | Artefact::Life
        | Artefact::Earlier
        | Artefact::Signature => Not("made to cross, or to be kept with the record"),
    }
}
