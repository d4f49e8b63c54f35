//! The real binaries against the real emulator: the whole ceremony, and everything that must stop it before a
//! request is sent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;

use crate::support::*;
use keyferry_core::*;

const ALG: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;

/// A ceremony folder with keys that exist in the emulator.
struct Ceremony {
    room: Room,
    emulator: EmulatorProcess,
}

impl Ceremony {
    fn new(algorithm: WrappingAlgorithm, keys: &[(&str, &str)], emulator: &[&str]) -> Self {
        let emulator = EmulatorProcess::start(emulator);
        let drafts: Vec<_> = keys.iter().map(|(alias, region)| (*alias, *region, None)).collect();
        let ids: Vec<String> =
            (0..keys.len()).map(|n| format!("23e80852-1e38-11e9-b129-5cb9019b4b0{n}")).collect();
        let placeholder: Vec<_> =
            keys.iter().zip(&ids).map(|((alias, region), id)| (*alias, *region, Some(id.as_str()))).collect();
        let room = Room::with_keys("rehearsal", algorithm, &placeholder);
        for file in ["plan.toml", "medium/parameters.json"] {
            fs::remove_file(room.path(file)).unwrap();
        }
        fs::write(room.path("plan.draft.toml"), plan_text("rehearsal", algorithm, &drafts)).unwrap();
        let this = Self { room, emulator };
        this.online(&["create-key", "--plan", "plan.draft.toml", "--out", "plan.toml"]).ok();
        this
    }

    fn online(&self, args: &[&str]) -> Run {
        run(online(args, &self.emulator.endpoint).current_dir(self.room.dir.path()))
    }

    fn export(&self) -> Run {
        self.online(&["export", "--plan", "plan.toml", "--out", "medium", "--session", "session.json"])
    }

    fn status(&self) -> serde_json::Value {
        self.online(&["status", "--plan", "plan.toml", "--json"]).json()
    }

    fn key_id(&self, n: usize) -> String {
        let plan = CeremonyPlan::parse(&fs::read(self.room.path("plan.toml")).unwrap()).unwrap();
        plan.keys()[n].key_id().unwrap().to_string()
    }
}

#[test]
fn every_algorithm_in_both_editions() {
    for algorithm in WrappingAlgorithm::ALL {
        let ceremony =
            Ceremony::new(algorithm, &[("fips-key", "ap-singapore"), ("sm-key", "ap-guangzhou")], &[]);
        let exported = ceremony.export();
        exported.ok();
        assert_eq!(ceremony.room.medium(), ["parameters.json", "transcript.jsonl"]);
        let digest = Fingerprint::of(&fs::read(ceremony.room.path("medium/parameters.json")).unwrap());
        assert!(exported.has_hex(&digest) && exported.has_words(&digest, Lang::En), "{}", exported.err);
        let inspected = run(&mut ceremony.room.inspect());
        assert_eq!(inspected.ok().out.lines().last(), Some(&*digest.to_string()));
        // Words are shown only where they are compared: when `wrap` asks its question, for the bytes that it
        // uses.
        assert!(inspected.has_hex(&digest) && !inspected.has_words(&digest, Lang::En));
        let wrapped = run(&mut ceremony.room.wrap(&[]));
        assert!(wrapped.ok().has_words(&digest, Lang::En), "{}", wrapped.err);
        let imported = run(&mut ceremony.room.import(&ceremony.emulator.endpoint));
        imported.ok();
        let states = ceremony.status().to_string();
        assert_eq!(states.matches("Enabled").count(), 2, "{states}");
        let bits: Vec<_> =
            ceremony.room.ciphertext().0.keys.iter().map(|k| k.material.length.bits()).collect();
        assert_eq!(bits, [256, 128]);
        // A single chain from first to last, written by both stations.
        let record = fs::read(ceremony.room.path("medium/transcript.jsonl")).unwrap();
        let chain = Transcript::verify(&record).unwrap().unwrap();
        let by = |station| chain.lines().iter().filter(|l| l.station == station).count();
        assert!(by(Station::Online) >= 6 && by(Station::Offline) >= 6);
        run(program("keyferry").arg("verify").arg(ceremony.room.path("medium/transcript.jsonl"))).ok();
        // The same import again is safe: it succeeds.
        run(&mut ceremony.room.import(&ceremony.emulator.endpoint)).ok();
    }
}

#[test]
fn the_wrong_ciphertext_is_refused_before_any_request() {
    let keys = [
        ("one", "ap-singapore", Some(KEY_ID)),
        ("two", "ap-tokyo", Some("23e80852-1e38-11e9-b129-5cb9019b4b02")),
    ];
    let room = Room::with_keys("rehearsal", ALG, &keys);
    let dead = dead_endpoint();
    room.write_session(&dead);
    run(&mut room.wrap(&[])).ok();
    let (good, _) = room.ciphertext();
    // The control: with an unchanged file, the command gets as far as the network, where nothing listens.
    run(&mut room.import_apart(&dead)).refused(4, Control::NET_FAILED);
    type Edit<'a> = &'a dyn Fn(&mut Ciphertext);
    let swap = |c: &mut Ciphertext| {
        let first = c.keys[0].wrapped_material.clone();
        c.keys[0].wrapped_material = std::mem::replace(&mut c.keys[1].wrapped_material, first);
    };
    let edits: [(Edit<'_>, Control); 7] = [
        (&swap, Control::CIPHER_BINDING),
        (&|c| c.keys.swap(0, 1), Control::CIPHER_KEY),
        (&|c| c.keys[1].wrapping_key_sha256 = Fingerprint::ZERO, Control::CIPHER_WRAPPING_KEY),
        (&|c| c.parameters_sha256 = Fingerprint::ZERO, Control::CIPHER_PARAMETERS),
        (&|c| c.ceremony = "other".parse().unwrap(), Control::CIPHER_CEREMONY),
        (&|c| c.purpose = Purpose::Production, Control::CIPHER_PURPOSE),
        (&|c| c.keys[1].commitment = c.keys[0].commitment, Control::CIPHER_BINDING),
    ];
    for (edit, control) in edits {
        let mut edited = good.clone();
        edit(&mut edited);
        fs::write(room.path("medium/ciphertext.json"), &**artefact::to_bytes(&edited).unwrap()).unwrap();
        run(&mut room.import_apart(&dead)).refused(1, control);
    }
    fs::write(room.path("medium/ciphertext.json"), "[".repeat(10_000_000)).unwrap();
    run(&mut room.import_apart(&dead)).refused(1, Control::ART_SYNTAX);
    fs::write(room.path("medium/ciphertext.json"), &**artefact::to_bytes(&good).unwrap()).unwrap();
    run_with(&mut room.import_apart(&dead), "no\n").refused(1, Control::CONSENT);
    let zero = "0".repeat(64);
    run(room.import_apart(&dead).args(["--expect-digest", &zero])).refused(1, Control::CIPHER_DIGEST);
}

#[test]
fn a_replayed_older_ciphertext_is_refused() {
    let room = Room::new("rehearsal", ALG);
    run(&mut room.wrap(&[])).ok();
    // A second export of the same key has a different token and different parameters.
    room.write_parameters(|p| p.keys[0].expires_at = Some(later(86_000)));
    let dead = dead_endpoint();
    room.write_session(&dead);
    run(&mut room.import_apart(&dead)).refused(1, Control::CIPHER_PARAMETERS);
}

#[test]
fn rehearsal_and_production_do_not_mix() {
    // A rehearsal's ciphertext with a production session.
    let rehearsal = Room::new("rehearsal", ALG);
    run(&mut rehearsal.wrap(&["--rehearsal-seed", &"42".repeat(32)])).ok();
    let production = Room::new("production", ALG);
    production.write_session("https://kms.tencentcloudapi.com");
    fs::copy(rehearsal.path("medium/ciphertext.json"), production.path("medium/ciphertext.json")).unwrap();
    run(&mut production.import_apart("https://kms.tencentcloudapi.com")).refused(1, Control::CIPHER_PURPOSE);
    // A production plan never uses loopback, and a rehearsal never uses the real service.
    let export = ["export", "--plan", "plan.toml", "--out", "medium", "--session", "new-session.json"];
    for (room, endpoint) in [
        (&production, dead_endpoint()),
        (&rehearsal, "https://kms.tencentcloudapi.com".into()),
        (&rehearsal, "http://198.51.100.1".into()),
    ] {
        for file in ["parameters.json", "ciphertext.json"] {
            fs::remove_file(room.path("medium").join(file)).unwrap_or_default();
        }
        run(online(export, &endpoint).current_dir(room.dir.path())).refused(1, Control::NET_ENDPOINT);
        assert!(!room.path("new-session.json").exists());
    }
}

#[test]
fn a_superseded_token_is_explained_and_changes_nothing() {
    let ceremony = Ceremony::new(ALG, &[("master", "ap-singapore")], &[]);
    ceremony.export().ok();
    run(&mut ceremony.room.wrap(&[])).ok();
    // A colleague fetches parameters for the same key: the token in the session becomes invalid.
    let kms = crate::support::kms::Kms::new(&ceremony.emulator.endpoint, "ap-singapore");
    kms.parameters(&ceremony.key_id(0), ALG);
    let refused = run(&mut ceremony.room.import(&ceremony.emulator.endpoint));
    refused.refused(4, Control::KMS_REFUSED);
    assert!(refused.err.contains("TokenExpired") && refused.err.contains("export"), "{}", refused.err);
    assert_eq!(kms.state(&ceremony.key_id(0)), "PendingImport");
}

#[test]
fn a_failing_key_does_not_stop_the_others() {
    let ceremony = Ceremony::new(ALG, &[("one", "ap-singapore"), ("two", "ap-singapore")], &[]);
    ceremony.export().ok();
    run(&mut ceremony.room.wrap(&[])).ok();
    let kms = crate::support::kms::Kms::new(&ceremony.emulator.endpoint, "ap-singapore");
    kms.parameters(&ceremony.key_id(0), ALG);
    let partly = run(&mut ceremony.room.import(&ceremony.emulator.endpoint));
    partly.refused(4, Control::KMS_REFUSED);
    assert_eq!(kms.state(&ceremony.key_id(0)), "PendingImport");
    assert_eq!(kms.state(&ceremony.key_id(1)), "Enabled");
}

#[test]
fn an_edition_that_differs_from_the_plan_is_seen_at_export() {
    let ceremony = Ceremony::new(ALG, &[("master", "ap-singapore")], &[]);
    // The reviewed plan says 128 bits, but the region is FIPS and takes 256.
    let text = fs::read_to_string(ceremony.room.path("plan.toml")).unwrap();
    let wrong = text.replacen("region = \"ap-singapore\"", "region = \"ap-singapore\"\nkind = \"sm\"", 1);
    assert_ne!(wrong, text);
    fs::write(ceremony.room.path("plan.toml"), wrong).unwrap();
    ceremony.export().refused(1, Control::PARAM_EDITION);
    assert!(
        !ceremony.room.path("session.json").exists()
            && ceremony.room.medium().iter().all(|n| n != "parameters.json")
    );
    // If the service has another edition in a region, `create-key` notices it, and the whole ceremony
    // succeeds.
    let ceremony =
        Ceremony::new(ALG, &[("master", "ap-singapore")], &["--region-edition", "ap-singapore=sm"]);
    ceremony.export().ok();
    run(&mut ceremony.room.wrap(&[])).ok();
    run(&mut ceremony.room.import(&ceremony.emulator.endpoint)).ok();
    assert_eq!(ceremony.room.ciphertext().0.keys[0].material.length, MaterialLength::B128);
}
