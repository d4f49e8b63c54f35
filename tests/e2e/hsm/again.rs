//! A key that a token kept is wrapped again: from the same token, and from a copy that was restored from the HSM's own
//! backup.

use super::*;

pub(crate) const SO_PIN: &str = "31415926";
const OAEP: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha1;

/// The additional options and input of a `rewrap` run.
pub(crate) struct Again<'a> {
    label: &'a str,
    more: &'a [&'a str],
    /// `Yes`, and every PIN.
    answers: &'a str,
}

pub(crate) const TRUSTED: Again<'static> =
    Again { label: "2026", more: &["--trusted"], answers: "Yes\n31415926\npin-9f3c71ab\n" };

/// A finished ceremony whose keys stay in the token, and the recovery that follows it, exported already.
pub(crate) struct Kept {
    pub(crate) ceremony: Ceremony,
}

impl Kept {
    pub(crate) fn hold(maker: &Maker, more: &[&str], answers: &str) -> Self {
        let ceremony = Ceremony::new(maker, OAEP);
        ceremony.wrap_with(maker, &[&["--keep", "2026"][..], more].concat(), answers).ok();
        ceremony.import_and_verify();
        let this = Self { ceremony };
        this.desk("archive medium archive").ok();
        this.desk("plan recover archive --ceremony again-1 --out plan.toml").ok();
        fs::remove_dir_all(this.ceremony.dir.path().join("medium")).unwrap();
        fs::create_dir(this.ceremony.dir.path().join("medium")).unwrap();
        this.ceremony.online("export --plan plan.toml --out medium --session again.json").ok();
        fs::copy(this.ceremony.dir.path().join("plan.toml"), this.ceremony.medium("plan.toml")).unwrap();
        this
    }

    fn desk(&self, line: &str) -> Run {
        run(program("keyferry").args(line.split(' ')).current_dir(self.ceremony.dir.path()))
    }

    pub(crate) fn rewrap(&self, maker: &Maker, again: &Again<'_>) -> Run {
        let mut station = maker.with_token("rewrap");
        let line = "--plan medium/plan.toml --parameters medium/parameters.json --out medium \
                    --transcript archive/transcript.jsonl --label";
        station.args(line.split_whitespace()).arg(again.label).args(again.more);
        run_with(station.current_dir(self.ceremony.dir.path()), again.answers)
    }

    /// Checks that the run is refused: no ciphertext is written, and the record adds only the refusal and its reason.
    #[track_caller]
    fn refuses(&self, maker: &Maker, again: &Again<'_>, control: Control, parts: &[&str]) {
        let before = fs::read(self.ceremony.medium("transcript.jsonl")).unwrap();
        let refused = self.rewrap(maker, again);
        refused.refused(1, control);
        parts.iter().for_each(|part| assert!(refused.err.contains(part), "{part}: {}", refused.err));
        let record = fs::read(self.ceremony.medium("transcript.jsonl")).unwrap();
        assert!(record.starts_with(&before));
        let chain = Transcript::verify(&record).unwrap().unwrap();
        let [.., why, end] = chain.lines() else { panic!() };
        assert!(matches!(end.event, Event::Finished { succeeded: 0, .. }), "{end:?}");
        assert!(matches!(&why.event, Event::GaveUp { control: by, .. } if by == control.id()), "{why:?}");
        let held = |line: &&transcript::Line| matches!(line.event, Event::MaterialHeld { .. });
        assert_eq!(chain.lines().iter().filter(held).count(), 0);
        assert!(!self.ceremony.medium("ciphertext.json").exists());
    }

    /// The service takes the material once more, and both records agree.
    fn prove(&self) -> String {
        self.ceremony
            .online("import --session again.json --ciphertext medium/ciphertext.json --prove-backup")
            .ok();
        self.desk("verify medium --previous archive").ok();
        let record = fs::read_to_string(self.ceremony.medium("transcript.jsonl")).unwrap();
        assert_eq!(record.matches("\"kind\":\"backup-proved\"").count(), 2, "{record}");
        record
    }
}

/// The token, and a replacement HSM after a restore from the HSM's own backup: a copy of everything, in another place.
fn restored(maker: &Maker, dir: &Path) -> Maker {
    let (from, to) = (maker.conf.as_ref().unwrap().1.parent().unwrap(), dir);
    let copied = Command::new("cp").arg("-r").arg(from.join("tokens")).arg(to).status().unwrap();
    assert!(copied.success());
    let conf = to.join("softhsm2.conf");
    fs::write(
        &conf,
        format!("directories.tokendir = {}\nobjectstore.backend = file\n", to.join("tokens").display()),
    )
    .unwrap();
    Maker { module: maker.module.clone(), conf: Some(("SOFTHSM2_CONF", conf)), ..*maker }
}

#[test]
fn the_service_proves_what_the_hsm_s_backup_brought_back() {
    let (dir, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(maker) = softhsm(dir.path()) else { return };
    let kept = Kept::hold(&maker, &["--trusted"], &format!("Yes\n{SO_PIN}\n{PIN}\n"));
    let first = fs::read_to_string(kept.ceremony.dir.path().join("archive/transcript.jsonl")).unwrap();
    let stays = r#""end":{"trusted":{"label":"2026 fips-key","refused":"CKR_KEY_NOT_WRAPPABLE"}}"#;
    assert!(first.contains(stays) && first.contains(r#""CKA_WRAP_WITH_TRUSTED":"true""#), "{first}");

    let copy = restored(&maker, second.path());
    fs::remove_dir_all(dir.path().join("tokens")).unwrap();
    // Without the security officer, and under a label that no key has.
    let alone = Again { more: &[], answers: "Yes\npin-9f3c71ab\n", ..TRUSTED };
    kept.refuses(&copy, &alone, Control::HSM_HELD, &["\"2026 fips-key\"", "--trusted"]);
    let other = Again { label: "2025", ..TRUSTED };
    kept.refuses(&copy, &other, Control::HSM_HELD, &["0 keys", "\"2025 fips-key\""]);
    // The user cannot act as the security officer, whatever they type.
    let pin = Again { answers: "Yes\npin-9f3c71ab\npin-9f3c71ab\n", ..TRUSTED };
    kept.refuses(&copy, &pin, Control::HSM_LOGIN, &["CKR_PIN_INCORRECT"]);

    kept.rewrap(&copy, &TRUSTED).ok();
    let record = kept.prove();
    assert_eq!(record.matches(stays).count(), 1, "{record}");
    assert_eq!(record.matches("\"kind\":\"material-held\"").count(), 2, "{record}");
    // No public key was left in the token.
    let listed = fs::read_dir(second.path().join("tokens")).unwrap().map(|token| token.unwrap().path());
    let objects = listed.flat_map(|token| fs::read_dir(token).unwrap());
    let objects = objects.filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == "object"));
    assert_eq!(objects.count(), 3, "the token itself and two keys");
}

#[test]
fn a_locked_key_is_recognised_and_wrapped_for_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let Some(maker) = softhsm(dir.path()) else { return };
    let kept = Kept::hold(&maker, &[], &maker.answers(true));
    let again = Again { more: &[], answers: "Yes\npin-9f3c71ab\n", ..TRUSTED };
    let parts = ["has the recorded key \"2026 fips-key\"", "CKA_EXTRACTABLE = false"];
    kept.refuses(&maker, &again, Control::HSM_KEY, &parts);
}

/// Another HSM that has keys with the same labels.
#[test]
fn other_material_under_the_same_label_is_no_backup() {
    let (dir, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(maker) = softhsm(dir.path()) else { return };
    let Some(other) = softhsm(second.path()) else { return };
    let answers = format!("Yes\n{SO_PIN}\n{PIN}\n");
    let kept = Kept::hold(&maker, &["--trusted"], &answers);
    Kept::hold(&other, &["--trusted"], &answers);
    kept.refuses(&other, &TRUSTED, Control::HSM_HELD, &["has the commitment", "the record says"]);
}

/// A token without storage has nothing to restore.
#[test]
fn softokn_has_no_key_of_that_label() {
    let Some(maker) = nss() else { return };
    let ceremony = Ceremony::new(&maker, OAEP);
    ceremony.wrap(&maker, &[]).ok();
    ceremony.import_and_verify();
    let dir = ceremony.dir.path();
    let desk = |line: &str| run(program("keyferry").args(line.split(' ')).current_dir(dir));
    desk("archive medium archive").ok();
    fs::remove_file(ceremony.medium("ciphertext.json")).unwrap();
    let mut station = maker.with_token("rewrap");
    let line = "--plan medium/plan.toml --parameters medium/parameters.json --out medium \
                --transcript archive/transcript.jsonl --label 2026";
    let refused = run_with(station.args(line.split_whitespace()).current_dir(dir), "Yes\n");
    refused.refused(1, Control::HSM_HELD);
    assert!(refused.err.contains("0 keys of the token are labelled \"2026 fips-key\""), "{}", refused.err);
}
