//! The cells: what is tested, and why the others are not.

use keyferry_transport::show::subject::Kind;

use super::rows::{Artefact, Cmd, Property};
use super::{desk, offline, online};

mod grown;

/// What is known of one command, file and property.
pub(super) enum Cell {
    /// The good file is accepted and the bad one refused; panics otherwise.
    Tested(fn(Cmd)),
    /// The property does not apply, and why.
    Not(&'static str),
    /// Nobody has thought of it.
    Missing,
}

use Cell::{Missing, Not, Tested};

pub(super) fn cell(cmd: Cmd, artefact: Artefact, property: Property) -> Cell {
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

const AUDIT: [&str; 3] = ["verify", "sign", "report"];
const SHOWN: &str = "shows the file to people, with its purpose; nothing is decided or made";
const CHAIN: &str = "the chain names its ceremony; verify compares the purpose of each command in it";

fn purpose(cmd: Cmd, artefact: Artefact) -> Cell {
    let name = cmd.1;
    match artefact {
        Artefact::Crossing(Kind::Plan) => match name {
            "create-key" | "export" | "status" => Tested(online::plan_purpose),
            "verify" | "sign" | "report" => Tested(desk::plan_purpose),
            "preflight" | "inspect" | "wrap" | "rewrap" => {
                Not("the parameters' purpose is compared with the plan's: see there")
            }
            "note" | "allowed-signers" => Not("names of people are read, and nothing is made for a key"),
            "plan" => Not("judges plans of either purpose; a recovery keeps the purpose of its record"),
            "import" => Not("the session names the digest of its plan; any other is refused (KF-PARAM-02)"),
            "show" => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Parameters) => match name {
            "inspect" | "wrap" | "rewrap" => Tested(offline::parameters_purpose),
            "verify" | "sign" | "report" => Tested(desk::parameters_purpose),
            "preflight" => Not("judges the machine; only the files' digests are shown"),
            "show" => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Ciphertext) => match name {
            "import" => Tested(online::ciphertext_purpose),
            "verify" | "sign" | "report" => Tested(desk::ciphertext_purpose),
            "show" => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Transcript) => match name {
            "verify" | "sign" | "report" => Tested(desk::transcript_purpose),
            "wrap" | "rewrap" | "note" | "create-key" | "export" | "import" => Not(CHAIN),
            "show" => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Escrow => match name {
            "rewrap" | "drill" => Tested(offline::escrow_purpose),
            "verify" | "sign" | "report" => Tested(desk::escrow_purpose),
            _ => Missing,
        },
        Artefact::Drills => match name {
            "verify" | "sign" | "report" => Tested(desk::drills_purpose),
            "drill" => Not(CHAIN),
            _ => Missing,
        },
        Artefact::Earlier => match name {
            "rewrap" => Tested(offline::earlier_purpose),
            "verify" => Tested(desk::earlier_purpose),
            "drill" => Not("there is no plan beside it; its own purpose is what counts"),
            _ => Missing,
        },
        Artefact::Session if name == "import" => Tested(online::session_purpose),
        Artefact::Session | Artefact::Fetched => Not("bound to the plan's digest, which covers the purpose"),
        Artefact::Crossing(Kind::Openings) => Not("opens lines of a record; has no purpose of its own"),
        Artefact::Signature => Not("signs a transcript, whose purpose is compared"),
        Artefact::Journal => {
            Not("entries name their purpose; tokens decide, and they belong to one ceremony")
        }
        Artefact::Credentials | Artefact::SignKey => {
            Not("belongs to a person or an account, not to a ceremony")
        }
        Artefact::Shares => Not("words have no purpose; the record that they belong to has"),
        Artefact::Contribution | Artefact::Material => Not("bytes without a format; no ceremony is involved"),
        Artefact::State => Not("the emulator serves rehearsals alone"),
    }
}

/// How a secret is tested for its mode or for its owner.
struct Secret {
    tested: fn(Cmd),
    owner: bool,
}

fn mode(artefact: Artefact, secret: Secret) -> Cell {
    let pick = |mode: fn(Cmd), owner: fn(Cmd)| Tested(if secret.owner { owner } else { mode });
    match artefact {
        Artefact::Credentials => Tested(secret.tested),
        Artefact::SignKey => pick(desk::key_mode, desk::key_owner),
        Artefact::Material => pick(offline::material_mode, offline::material_owner),
        Artefact::Contribution => pick(offline::contribution_mode, offline::contribution_owner),
        Artefact::Session => pick(online::session_mode, online::session_owner),
        Artefact::Fetched => pick(online::fetched_mode, online::fetched_owner),
        Artefact::Journal => pick(online::journal_mode, online::journal_owner),
        Artefact::State if secret.owner => Not("the emulator's keys are invented; the mode is checked"),
        Artefact::State => Tested(desk::state_mode),
        Artefact::Shares => Not("typed, and never read from a file"),
        Artefact::Crossing(
            Kind::Plan | Kind::Parameters | Kind::Ciphertext | Kind::Transcript | Kind::Openings,
        )
        | Artefact::Escrow
        | Artefact::Drills
        | Artefact::Earlier
        | Artefact::Signature => Not("others may read it, and its digest is compared"),
    }
}

fn provider(cmd: Cmd, artefact: Artefact) -> Cell {
    let name = cmd.1;
    match artefact {
        Artefact::Crossing(Kind::Parameters) => match name {
            "inspect" | "wrap" | "rewrap" => Tested(offline::parameters_provider),
            name if AUDIT.contains(&name) => Tested(desk::parameters_provider),
            "preflight" => Not("judges the machine; only the files' digests are shown"),
            "show" => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Ciphertext) => match name {
            "import" => Tested(online::ciphertext_provider),
            name if AUDIT.contains(&name) => Tested(desk::ciphertext_provider),
            "show" => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Plan) => {
            Not("the plan decides the provider; other files are compared with it")
        }
        Artefact::Crossing(Kind::Transcript | Kind::Openings) => Not("names no provider"),
        Artefact::Escrow | Artefact::Earlier => {
            Not("material recovered for another provider's key is bound by its parameters")
        }
        Artefact::Drills | Artefact::Signature => Not("names no provider"),
        Artefact::Session | Artefact::Fetched => {
            Not("carries the parameters whose digest the plan is compared with")
        }
        Artefact::Journal | Artefact::Credentials => Not("this station speaks to one provider alone"),
        Artefact::SignKey | Artefact::Shares | Artefact::Contribution | Artefact::Material => {
            Not("belongs to no provider")
        }
        Artefact::State => Not("the emulator plays one provider alone"),
    }
}

fn expiry(cmd: Cmd, artefact: Artefact) -> Cell {
    let name = cmd.1;
    match artefact {
        Artefact::Crossing(Kind::Parameters) => match name {
            "inspect" | "wrap" | "rewrap" => Tested(offline::parameters_expiry),
            name if AUDIT.contains(&name) => {
                Not("looks at what was, years later: steps are compared with the record's own times")
            }
            "preflight" => Not("judges the machine; only the files' digests are shown"),
            "show" => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Session if name == "import" => Tested(online::session_expiry),
        Artefact::Session | Artefact::Fetched => Not("an expired one is not continued; export fetches again"),
        Artefact::Crossing(Kind::Plan) => {
            Not("its valid_to is about the key, and is compared when it is used")
        }
        Artefact::Crossing(Kind::Ciphertext) => Not("expires with the session's token: see there"),
        Artefact::Crossing(Kind::Transcript | Kind::Openings) => Not("a record does not expire"),
        Artefact::Escrow | Artefact::Drills | Artefact::Earlier | Artefact::Signature => {
            Not("a record does not expire")
        }
        Artefact::Journal => Not("a journal does not expire"),
        Artefact::Credentials => Not("the service refuses those that have expired"),
        Artefact::SignKey => Not("the plan's people have keys without an end"),
        Artefact::Shares | Artefact::Contribution | Artefact::Material => {
            Not("bytes and words do not expire")
        }
        Artefact::State => Not("the emulator's keys are invented"),
    }
}

fn folder(cmd: Cmd, artefact: Artefact) -> Cell {
    let name = cmd.1;
    match artefact {
        Artefact::Session => match name {
            "export" => Tested(online::session_on_the_medium),
            "import" => Tested(online::session_beside_the_ciphertext),
            _ => Missing,
        },
        Artefact::Shares => match name {
            "wrap" => Tested(offline::shares_on_the_medium),
            "rewrap" => Tested(offline::new_shares_on_the_medium),
            "drill" => Not("asks for shares and writes none"),
            _ => Missing,
        },
        Artefact::Fetched => Not("lies beside the session, whose folder is judged"),
        Artefact::Journal | Artefact::Credentials => {
            Not("in the user's own folders, which no option of a ceremony names")
        }
        Artefact::SignKey => Not("the record that is signed does not cross any more"),
        Artefact::Contribution | Artefact::Material => {
            Not("no medium crosses with these commands, and wrap only reads it")
        }
        Artefact::State => Not("the emulator's keys are invented"),
        Artefact::Crossing(
            Kind::Plan | Kind::Parameters | Kind::Ciphertext | Kind::Transcript | Kind::Openings,
        )
        | Artefact::Escrow
        | Artefact::Drills
        | Artefact::Earlier
        | Artefact::Signature => Not("made to cross, or to be kept with the record"),
    }
}
