//! Cells of the online station about seeds, and about the record that it adds to.

use std::fs;

use keyferry_core::transcript::Act;
use keyferry_core::{
    CeremonyPlan, Ciphertext, Control, Event, Fingerprint, Purpose, Station, Transcript, WrappingAlgorithm,
    artefact,
};

use super::super::rows::Cmd;
use super::super::scene::*;
use crate::support::record::binding;
use crate::support::*;

/// A production session; nobody consents even if everything is in order, so that nothing is sent to
/// the service.
pub(in crate::borders) fn ciphertext_seeded(_: Cmd) {
    const SERVICE: &str = "https://kms.tencentcloudapi.com";
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    run(&mut room.wrap(&[])).ok();
    let path = room.path("medium/ciphertext.json");
    let (made, _) = artefact::parse::<Ciphertext>(&fs::read(&path).unwrap()).unwrap();
    room.write_parameters(|parameters| parameters.purpose = Purpose::Production);
    room.write_session(SERVICE);
    for (seeded, control) in [(true, Control::CIPHER_PURPOSE), (false, Control::CONSENT)] {
        let mut ciphertext = made.clone();
        (ciphertext.purpose, ciphertext.seeded) = (Purpose::Production, seeded);
        ciphertext.parameters_sha256 =
            Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap());
        ciphertext.keys[0].binding = binding(&ciphertext, &ciphertext.keys[0]);
        fs::write(&path, &**artefact::to_bytes(&ciphertext).unwrap()).unwrap();
        fs::write(room.path("medium/transcript.jsonl"), record_of(&ciphertext)).unwrap();
        refused(&run_with(&mut room.import_apart(SERVICE), ""), &[control]);
    }
}

/// A record of a production ceremony that names the ciphertext.
fn record_of(ciphertext: &Ciphertext) -> String {
    let mut chain = Transcript::new(ciphertext.ceremony.clone());
    let (command, program) = ("wrap".into(), "keyferry-offline 0.1.0".into());
    let begun = Event::Begun { command, program, plan_sha256: None, purpose: Purpose::Production };
    let written = Event::CiphertextWritten {
        ciphertext_sha256: Fingerprint::of(&artefact::to_bytes(ciphertext).unwrap()),
        parameters_sha256: ciphertext.parameters_sha256,
        keys: 1,
        seeded: ciphertext.seeded,
    };
    let line = |event| chain.append(Station::Offline, now(), Act::NOBODYS, event).unwrap();
    [begun, written].map(line).concat()
}

/// What a command adds to the record on the medium.
pub(in crate::borders) fn record_lines(cmd: Cmd) {
    let (ceremony, folder, line) = match cmd.word() {
        "create-key" => {
            let line = "create-key --plan draft.toml --out plan.toml --transcript again/transcript.jsonl";
            (Ceremony::drafted(), "again", line)
        }
        "export" => (Ceremony::planned(), "medium", "export --plan plan.toml --out medium --session s.json"),
        "import" => {
            let line = "import --session session.json --ciphertext medium/ciphertext.json";
            (Ceremony::wrapped(), "medium", line)
        }
        _ => {
            let line = "note --transcript medium/transcript.jsonl --by Ada --text x --plan plan.toml";
            (Ceremony::exported(), "medium", line)
        }
    };
    let _ = fs::create_dir(ceremony.room.path(folder));
    grows(&ceremony.room.path(folder).join("transcript.jsonl"), || ceremony.online(line));
}

/// The archive of a ceremony whose key is in the state that the command needs, and the command with
/// its record.
fn archived(cmd: Cmd) -> (Ceremony, String) {
    let (ceremony, line) = super::life(cmd);
    fs::copy(ceremony.room.path("plan.toml"), ceremony.room.path("medium/plan.toml")).unwrap();
    (ceremony, format!("{line} --transcript medium/life.jsonl"))
}

/// What a command adds to the record of a key's later life.
pub(in crate::borders) fn life_lines(cmd: Cmd) {
    let (ceremony, line) = archived(cmd);
    grows(&ceremony.room.path("medium/life.jsonl"), || ceremony.online(&line));
}

/// A production command is recorded in it.
pub(in crate::borders) fn life_purpose(cmd: Cmd) {
    let (ceremony, line) = archived(cmd);
    let path = ceremony.room.path("medium/life.jsonl");
    let plan = CeremonyPlan::parse(&fs::read(ceremony.room.path("plan.toml")).unwrap()).unwrap();
    let begun = |purpose| {
        let (command, program) = ("enable".into(), "keyferry-online 0.1.0".into());
        let event = Event::Begun { command, program, plan_sha256: Some(plan.digest()), purpose };
        let line =
            Transcript::new(plan.ceremony().clone()).append(Station::Online, now(), Act::NOBODYS, event);
        fs::write(&path, line.unwrap()).unwrap();
    };
    begun(Purpose::Production);
    let before = fs::read(&path).unwrap();
    refused(&ceremony.online(&line), &[Control::PARAM_PURPOSE]);
    assert_eq!(fs::read(&path).unwrap(), before);
    begun(Purpose::Rehearsal);
    ceremony.online(&line).ok();
}
