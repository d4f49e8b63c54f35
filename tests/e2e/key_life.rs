//! A key's later life with the real station and the real emulator: disabled, scheduled for deletion and rescued, without
//! material, deleted.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;

use crate::support::admin::Admin;
use crate::support::kms::Kms;
use crate::support::*;
use keyferry_core::{Control, WrappingAlgorithm};
use serde_json::{Value, json};

const REGION: &str = "ap-singapore";

struct Life {
    room: Room,
    emulator: EmulatorProcess,
    admin: Admin,
    kms: Kms,
    key_id: String,
}

impl Life {
    /// A key that has been through a ceremony.
    fn imported() -> Self {
        let room = Room::new("rehearsal", WrappingAlgorithm::default());
        let (emulator, admin) = Admin::start(room.dir.path());
        let kms = Kms::new(&emulator.endpoint, REGION);
        let key_id = kms.create_external("life");
        let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &[("life", REGION, Some(&key_id))]);
        fs::write(room.path("plan.toml"), plan).unwrap();
        fs::remove_file(room.path("medium/parameters.json")).unwrap();
        let life = Self { room, emulator, admin, kms, key_id };
        life.online("export --plan plan.toml --out medium --session session.json").ok();
        run(&mut life.room.wrap(&[])).ok();
        run(&mut life.room.import(&life.emulator.endpoint)).ok();
        life
    }

    fn online(&self, line: &str) -> Run {
        run(online(line.split(' '), &self.emulator.endpoint).current_dir(self.room.dir.path()))
    }

    fn key(&self, line: &str) -> Run {
        self.online(&format!("{line} --region {REGION} --key-id {}", self.key_id))
    }

    fn encrypts(&self) -> Result<Value, String> {
        self.kms.call(keyferry_tencent::Action::Encrypt, &json!({"KeyId": self.key_id, "Plaintext": "AAAA"}))
    }
}

#[test]
fn off_and_on_and_to_the_brink() {
    let life = Life::imported();
    assert_eq!(life.kms.state(&life.key_id), "Enabled");
    life.encrypts().unwrap();
    // An enabled key is not deleted: it may be in use.
    life.key("schedule-deletion --days 7 --yes-alias life").refused(1, Control::KMS_TRANSITION);
    assert_eq!(life.kms.state(&life.key_id), "Enabled");
    life.key("disable --yes-alias life").ok();
    assert_eq!(life.encrypts(), Err("ResourceUnavailable.CmkDisabled".to_owned()));
    life.key("schedule-deletion --days 7 --yes-alias other").refused(1, Control::CONSENT_ALIAS);
    assert_eq!(life.kms.state(&life.key_id), "Disabled");
    let scheduled = life.key("schedule-deletion --days 7 --yes-alias life");
    scheduled.ok();
    assert!(scheduled.out.contains("PendingDelete"), "{}", scheduled.out);
    life.key("enable").refused(1, Control::KMS_TRANSITION);
    life.key("cancel-deletion").ok();
    assert_eq!(life.kms.state(&life.key_id), "Disabled");
    life.key("enable").ok();
    life.encrypts().unwrap();
}

#[test]
fn deleted_for_good_after_the_days_named() {
    let life = Life::imported();
    life.key("disable --yes-alias life").ok();
    life.key("schedule-deletion --days 7 --yes-alias life").ok();
    life.admin.advance(6 * 86_400);
    assert_eq!(life.kms.state(&life.key_id), "PendingDelete");
    life.admin.advance(2 * 86_400);
    life.key("cancel-deletion").refused(4, Control::KMS_REFUSED);
    let asked = life.kms.call(keyferry_tencent::Action::DescribeKey, &json!({"KeyId": life.key_id}));
    assert_eq!(asked, Err("ResourceUnavailable.CmkNotFound".to_owned()));
}

#[test]
fn without_material_and_who_notices() {
    let life = Life::imported();
    life.online(&format!("status --region {REGION} --warn-within 30d")).ok();
    life.key("delete-material").refused(1, Control::CONSENT_ALIAS);
    assert_eq!(life.kms.state(&life.key_id), "Enabled");
    life.key("delete-material --yes-alias life").ok();
    assert_eq!(life.kms.state(&life.key_id), "PendingImport");
    assert!(life.encrypts().is_err());
    // A later fetch may start, because nothing is pending.
    let status = life.online(&format!("status --region {REGION} --json"));
    assert_eq!(status.ok().json()["keys"][0]["state"], "PendingImport", "{}", status.out);
    // Material that differs from the first is refused here, before the service is asked.
    for (old, new) in [("medium", "medium-1"), ("session.json", "session-1.json")] {
        fs::rename(life.room.path(old), life.room.path(new)).unwrap();
    }
    fs::create_dir(life.room.path("medium")).unwrap();
    life.online("export --plan plan.toml --out medium --session session.json").ok();
    run(&mut life.room.wrap(&[])).ok();
    run(&mut life.room.import(&life.emulator.endpoint)).refused(1, Control::JOURNAL_MATERIAL);
    assert_eq!(life.admin.key(&life.key_id)["Imports"], 1);
}
