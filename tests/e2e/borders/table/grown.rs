//! The columns about how a file was made or is kept: seeds, added lines, memory.

use keyferry_core::{DeskCommand as Desk, HsmCommand, OfflineCommand as Off, OnlineCommand as On};
use keyferry_transport::show::subject::Kind;

use super::super::rows::{Artefact, Cmd};
use super::super::{desk, hsm, offline, online};
use super::Cell::{self, Missing, Not, Tested};
use super::{NAMED, SHOWN, audits, lives, shows};
use Cmd::{Hsm, Offline, Online};

pub(super) const fn seeded(cmd: Cmd, artefact: Artefact) -> Cell {
    match artefact {
        Artefact::Crossing(Kind::Ciphertext) => match cmd {
            Online(On::Import) => Tested(online::ciphertext_seeded),
            cmd if audits(cmd) => Tested(desk::ciphertext_seeded),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Transcript) => match cmd {
            cmd if audits(cmd) => Tested(desk::transcript_seeded),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Not("adds lines to it, but uses none of the material in it"),
        },
        Artefact::Crossing(Kind::Escrow) => match cmd {
            Offline(Off::Rewrap | Off::Drill) => Tested(offline::escrow_seeded),
            cmd if audits(cmd) => Tested(desk::escrow_seeded),
            Online(On::Import) => Not(NAMED),
            cmd if shows(cmd) => Not(SHOWN),
            _ => Missing,
        },
        Artefact::Earlier => match cmd {
            Offline(Off::Rewrap | Off::Drill) => Tested(offline::earlier_seeded),
            Hsm(HsmCommand::Rewrap) => Not("material that a token made is asked for; a token knows no seed"),
            Cmd::Desk(Desk::Verify) => Not("has the same purpose, which is checked for it as well"),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Plan) => Not("determines the purpose; no plan requests a seed"),
        Artefact::Crossing(Kind::Parameters) | Artefact::Session | Artefact::Fetched => {
            Not("made by the service and by the online station, which does not use seeds")
        }
        Artefact::Crossing(Kind::Openings) | Artefact::Drills | Artefact::Life | Artefact::Signature => {
            Not("contains no material, and does not say where any came from")
        }
        Artefact::Journal | Artefact::Credentials | Artefact::SignKey => {
            Not("belongs to this station or to a person, not to any material")
        }
        Artefact::Shares => Not("words do not show a seed; the record that they belong to does"),
        Artefact::Contribution => Not("given by people; the seed is an option, refused in production"),
        Artefact::Material => Not("bytes without a format; no ceremony is involved"),
        Artefact::State => Not("the emulator only serves rehearsals"),
        Artefact::Module | Artefact::Pin => Not("belongs to an HSM or a person, not to any material"),
    }
}

pub(super) const fn lines(cmd: Cmd, artefact: Artefact) -> Cell {
    match artefact {
        Artefact::Crossing(Kind::Transcript) => match cmd {
            cmd if audits(cmd) || shows(cmd) || lives(cmd) => Not("reads it whole, and adds nothing to it"),
            Offline(_) => Tested(offline::record_lines),
            Hsm(_) => Tested(hsm::record_lines),
            Online(On::RebuildJournal) => Not("reads it whole, and adds nothing to it"),
            Online(_) => Tested(online::record_lines),
            Cmd::Desk(_) => Missing,
        },
        Artefact::Life => match cmd {
            cmd if audits(cmd) => Not("reads it whole, and adds nothing to it"),
            cmd if lives(cmd) => Tested(online::life_lines),
            _ => Missing,
        },
        Artefact::Drills => match cmd {
            Offline(Off::Drill) => Tested(offline::drills_lines),
            cmd if audits(cmd) => Not("reads it whole, and adds nothing to it"),
            _ => Missing,
        },
        Artefact::Crossing(Kind::Openings) => {
            Not("opened by the function that opens the transcript, whose own tests are in keyferry-transport")
        }
        Artefact::Fetched | Artefact::Journal => {
            Not("opened by that function too; the column of modes checks that it is private to this user")
        }
        Artefact::Crossing(Kind::Plan | Kind::Parameters | Kind::Ciphertext | Kind::Escrow)
        | Artefact::Earlier
        | Artefact::Signature
        | Artefact::Session
        | Artefact::Credentials
        | Artefact::SignKey
        | Artefact::Shares
        | Artefact::Contribution
        | Artefact::Material
        | Artefact::State
        | Artefact::Module
        | Artefact::Pin => Not("written once and whole, or not at all"),
    }
}

pub(super) const fn dumps(artefact: Artefact) -> Cell {
    match artefact {
        Artefact::Session
        | Artefact::Fetched
        | Artefact::Credentials
        | Artefact::SignKey
        | Artefact::Shares
        | Artefact::Contribution
        | Artefact::Material
        | Artefact::State
        | Artefact::Pin => Tested(|cmd| crate::dumps::nobody_reads(cmd.program())),
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
        | Artefact::Signature
        | Artefact::Journal
        | Artefact::Module => Not("holds nothing secret"),
    }
}
