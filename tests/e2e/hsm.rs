//! The HSM station with third-party modules, against the emulator: NSS's softokn and SoftHSM.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

mod left_in_memory;
pub(crate) mod token;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyferry_core::*;

use crate::support::kill_at::{Call, KillAt, keeps_a_database, links_a_file};
use crate::support::*;

pub(crate) mod again;
mod runbook;

/// The string that initialises softokn without a database: its generic services are a token without a PIN.
const NSS_INIT: &str = "configdir='' certPrefix='' keyPrefix='' secmod='' flags=noCertDB,noModDB,readOnly";
const NSS_TOKEN: &str = "NSS Generic Crypto Services";
/// A PIN that is long and varied enough to be searched for in memory.
pub(crate) const PIN: &str = "pin-9f3c71ab";

/// A third-party module, and how it is used.
pub(crate) struct Maker {
    pub(crate) module: PathBuf,
    pub(crate) token: &'static str,
    pub(crate) init: Option<&'static str>,
    pub(crate) pin: Option<&'static str>,
    /// The variable that names its configuration file, and that file.
    pub(crate) conf: Option<(&'static str, PathBuf)>,
}

/// Says what is missing. In CI everything must be present.
pub(crate) fn missing<T>(what: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "CI lacks {what}");
    println!("not tested: {what} is not on this machine; `cargo xtask fetch` gets it");
    None
}

/// Where `cargo xtask fetch` unpacks Debian's packages. `cargo xtask red` says where, because its copy of the sources has none.
fn kit() -> PathBuf {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/hsm/kit");
    std::env::var_os("KEYFERRY_HSM_KIT").map_or_else(here, PathBuf::from)
}

/// Uses the libraries of the unpacked packages before the machine's own.
fn with_libraries(command: &mut Command) -> &mut Command {
    command.env("LD_LIBRARY_PATH", kit().join("usr/lib/x86_64-linux-gnu"))
}

/// A file of a Debian package: installed, or unpacked by `cargo xtask fetch`.
fn of_package(name: &str) -> Option<PathBuf> {
    [kit(), PathBuf::from("/")].into_iter().map(|root| root.join(name)).find(|path| path.exists())
}

pub(crate) fn nss() -> Option<Maker> {
    let Some(module) = of_package("usr/lib/x86_64-linux-gnu/libsoftokn3.so") else {
        return missing("softokn (libnss3)");
    };
    Some(Maker { module, token: NSS_TOKEN, init: Some(NSS_INIT), pin: None, conf: None })
}

/// A token of SoftHSM in a folder of this test.
pub(crate) fn softhsm(dir: &Path) -> Option<Maker> {
    let found = of_package("usr/lib/softhsm/libsofthsm2.so").zip(of_package("usr/bin/softhsm2-util"));
    let Some((module, util)) = found else { return missing("SoftHSM (softhsm2)") };
    let (tokens, conf) = (dir.join("tokens"), dir.join("softhsm2.conf"));
    fs::create_dir(&tokens).unwrap();
    fs::write(&conf, format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display()))
        .unwrap();
    Some(set_up(&mut Command::new(util), module, ("SOFTHSM2_CONF", conf)))
}

/// A Kryoptic token, if `cargo xtask rehearse --hsm --kryoptic` has built the module.
fn kryoptic(dir: &Path) -> Option<Maker> {
    let module = PathBuf::from(std::env::var_os("KEYFERRY_KRYOPTIC")?);
    let Some(util) = of_package("usr/bin/softhsm2-util") else { return missing("SoftHSM (softhsm2)") };
    let conf = dir.join("kryoptic.conf");
    let tokens = dir.join("kryoptic.sql");
    let slot = format!("[[slots]]\nslot = 42\ndbtype = \"sqlite\"\ndbargs = \"{}\"\n", tokens.display());
    fs::write(&conf, slot).unwrap();
    // It is initialised with SoftHSM's tool, which requires its own configuration.
    fs::write(dir.join("tool.conf"), format!("directories.tokendir = {}\n", dir.display())).unwrap();
    Some(set_up(
        Command::new(util).env("SOFTHSM2_CONF", dir.join("tool.conf")),
        module,
        ("KRYOPTIC_CONF", conf),
    ))
}

/// Initialises the first free token.
fn set_up(init: &mut Command, module: PathBuf, conf: (&'static str, PathBuf)) -> Maker {
    init.env(conf.0, &conf.1).arg("--module").arg(&module).args(["--init-token", "--free"]);
    init.args(["--label", "ceremony", "--so-pin", "31415926", "--pin", PIN]);
    let run = with_libraries(init).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    Maker { module, token: "ceremony", init: None, pin: Some(PIN), conf: Some(conf) }
}

impl Maker {
    fn is_softhsm(&self) -> bool {
        self.module.ends_with("libsofthsm2.so")
    }

    /// The station with this module; `stdin` gets the answers.
    fn station(&self, command: &str) -> Command {
        let mut station = program("keyferry-hsm");
        with_libraries(&mut station);
        station.arg(command).arg("--module").arg(&self.module);
        station.args(self.init.map(|init| ["--init-string", init]).into_iter().flatten());
        station.envs(self.conf.iter().map(|(name, file)| (name, file)));
        station
    }

    fn with_token(&self, command: &str) -> Command {
        let mut station = self.station(command);
        station.args(["--token-label", self.token]);
        station
    }

    /// `Yes`, if the program asks for it, and the PIN.
    fn answers(&self, yes: bool) -> String {
        let yes = if yes { "Yes\n" } else { "" };
        self.pin.map_or_else(|| yes.to_owned(), |pin| format!("{yes}{pin}\n"))
    }

    pub(crate) fn hsm_table(&self) -> String {
        let sha256 = Fingerprint::of(&fs::read(&self.module).unwrap());
        format!("kcv = \"none\"\n[hsm]\nmodule_sha256 = \"{sha256}\"\ntoken = \"{}\"\n", self.token)
    }
}

/// A ceremony whose keys this token makes.
pub(crate) struct Ceremony {
    dir: tempfile::TempDir,
    emulator: EmulatorProcess,
}

impl Ceremony {
    fn new(maker: &Maker, algorithm: WrappingAlgorithm) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = [("fips-key", "ap-singapore", None), ("sm-key", "ap-guangzhou", None)];
        let text = plan_text("rehearsal", algorithm, &keys);
        let (kcv, table) =
            maker.hsm_table().split_once('\n').map(|(k, t)| (format!("{k}\n"), t.to_owned())).unwrap();
        let text =
            text.replace("[[participant]]\nname = \"Ada\"", &format!("{kcv}[[participant]]\nname = \"Ada\""));
        fs::write(dir.path().join("draft.toml"), text + &table).unwrap();
        fs::create_dir(dir.path().join("medium")).unwrap();
        let this = Self { dir, emulator: EmulatorProcess::start(&["--wrapping-keys", "2"]) };
        this.online(
            "create-key --plan draft.toml --out medium/plan.toml --transcript medium/transcript.jsonl",
        )
        .ok();
        this.online("export --plan medium/plan.toml --out medium --session session.json").ok();
        this
    }

    fn online(&self, line: &str) -> Run {
        run(online(line.split(' '), &self.emulator.endpoint).current_dir(self.dir.path()))
    }

    fn wrap(&self, maker: &Maker, more: &[&str]) -> Run {
        self.wrap_with(maker, more, &maker.answers(true))
    }

    fn wrap_with(&self, maker: &Maker, more: &[&str], answers: &str) -> Run {
        let mut station = maker.with_token("wrap");
        station.args([
            "--plan",
            "medium/plan.toml",
            "--parameters",
            "medium/parameters.json",
            "--out",
            "medium",
        ]);
        run_with(station.args(more).current_dir(self.dir.path()), answers)
    }

    fn import_and_verify(&self) {
        self.online("import --session session.json --ciphertext medium/ciphertext.json").ok();
        let states = self.online("status --plan medium/plan.toml --json").json().to_string();
        assert_eq!(states.matches("Enabled").count(), 2, "{states}");
        let verified = run(program("keyferry").args(["verify", "medium"]).current_dir(self.dir.path()));
        verified.ok();
        let report = "report medium --out report.html --md report.md".split(' ');
        run(program("keyferry").args(report).current_dir(self.dir.path())).ok();
        let page = fs::read_to_string(self.dir.path().join("report.md")).unwrap();
        assert!(
            page.contains("a throw-away key of 256 bits") && page.contains("key made in the HSM"),
            "{page}"
        );
    }

    pub(crate) fn medium(&self, name: &str) -> PathBuf {
        self.dir.path().join("medium").join(name)
    }
}

#[test]
fn softokn_makes_keys_that_are_imported_and_proved_with_every_padding() {
    let Some(maker) = nss() else { return };
    for algorithm in WrappingAlgorithm::ALL {
        let ceremony = Ceremony::new(&maker, algorithm);
        ceremony.wrap(&maker, &[]).ok();
        let bytes = fs::read(ceremony.medium("ciphertext.json")).unwrap();
        let (ciphertext, _) = artefact::parse::<Ciphertext>(&bytes).unwrap();
        assert_eq!((ciphertext.source, ciphertext.keys.len()), (Source::Hsm, 2));
        ceremony.import_and_verify();
    }
}

/// The module that is strictest about attributes, with a PIN and every padding; not in CI, because its build takes a
/// minute.
#[test]
#[ignore = "needs Kryoptic: cargo xtask rehearse --hsm --kryoptic"]
fn kryoptic_makes_keys_that_are_imported_and_proved_with_every_padding() {
    for algorithm in WrappingAlgorithm::ALL {
        for keep in [&[][..], &["--keep", "2026"]] {
            let dir = tempfile::tempdir().unwrap();
            let maker = kryoptic(dir.path()).unwrap();
            let ceremony = Ceremony::new(&maker, algorithm);
            ceremony.wrap(&maker, keep).ok();
            ceremony.import_and_verify();
        }
    }
}

#[test]
fn softhsm_does_two_paddings_and_its_refusal_of_the_third_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let Some(maker) = softhsm(dir.path()) else { return };
    for algorithm in [WrappingAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaesPkcs1V15] {
        let ceremony = Ceremony::new(&maker, algorithm);
        ceremony.wrap(&maker, &[]).ok();
        ceremony.import_and_verify();
    }
    let ceremony = Ceremony::new(&maker, WrappingAlgorithm::RsaesOaepSha256);
    let refused = ceremony.wrap(&maker, &[]);
    refused.refused(1, Control::HSM_CALL);
    for part in ["C_WrapKey", "CKR_ARGUMENTS_BAD", "RSAES_OAEP_SHA_1, RSAES_PKCS1_V1_5"] {
        assert!(refused.err.contains(part), "{}", refused.err);
    }
    assert!(!ceremony.medium("ciphertext.json").exists());
    let record = fs::read_to_string(ceremony.medium("transcript.jsonl")).unwrap();
    assert!(record.contains(r#""call":"C_WrapKey","code":"CKR_ARGUMENTS_BAD""#), "{record}");
}

/// A key that stays in the token is locked: the token says so, and refuses to wrap it.
#[test]
fn a_kept_key_is_locked_and_the_record_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let Some(maker) = softhsm(dir.path()) else { return };
    let ceremony = Ceremony::new(&maker, WrappingAlgorithm::RsaesOaepSha1);
    ceremony.wrap(&maker, &["--keep", "2026"]).ok();
    let record = fs::read_to_string(ceremony.medium("transcript.jsonl")).unwrap();
    let kept = r#""end":{"kept":{"label":"2026 fips-key","refused":"CKR_KEY_UNEXTRACTABLE"}}"#;
    assert!(record.contains(kept) && record.contains(r#""keep":"2026""#), "{record}");
    ceremony.import_and_verify();
}

#[test]
fn a_wrong_pin_is_named_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let Some(maker) = softhsm(dir.path()) else { return };
    let ceremony = Ceremony::new(&maker, WrappingAlgorithm::RsaesOaepSha1);
    let refused = ceremony.wrap_with(&maker, &[], "Yes\n314159\n");
    refused.refused(1, Control::HSM_LOGIN);
    assert!(refused.err.contains("CKR_PIN_INCORRECT") && !refused.err.contains("314159"), "{}", refused.err);
    assert!(!ceremony.medium("ciphertext.json").exists());
    // The record says why, and so does the next run, which reads it; the ceremony continues.
    let record = fs::read_to_string(ceremony.medium("transcript.jsonl")).unwrap();
    let why = r#""control":"KF-HSM-03","reason":"the token refused the login: CKR_PIN_INCORRECT","call":"C_Login","code":"CKR_PIN_INCORRECT""#;
    assert!(record.contains(why) && !record.contains("314159"), "{record}");
    let again = ceremony.wrap(&maker, &[]);
    again.ok();
    assert!(again.err.contains("since then"), "{}", again.err);
    ceremony.import_and_verify();
    let page = fs::read_to_string(ceremony.dir.path().join("report.md")).unwrap();
    assert!(page.contains("the run was ended by KF-HSM-03"), "{page}");
    let verified = run(program("keyferry").args(["verify", "medium"]).current_dir(ceremony.dir.path()));
    assert!(
        verified.out.contains("KF-HSM-03: the token refused the login: CKR_PIN_INCORRECT"),
        "{verified:?}"
    );
    // A forged record: the reason for giving up is in the same run as the ciphertext, which no real run can produce.
    let record = ceremony.medium("transcript.jsonl");
    let chain = Transcript::verify(&fs::read(&record).unwrap()).unwrap().unwrap();
    let why = chain.lines().iter().find(|line| matches!(line.event, Event::GaveUp { .. })).unwrap();
    let (mut fresh, mut text) = (Transcript::new(chain.ceremony().clone()), String::new());
    for line in chain.lines() {
        if matches!(line.event, Event::CiphertextWritten { .. }) {
            text += &fresh.append(line.station, line.time, why.act, why.event.clone()).unwrap();
        }
        text += &fresh.append(line.station, line.time, line.act, line.event.clone()).unwrap();
    }
    fs::write(&record, text).unwrap();
    run(program("keyferry").args(["verify", "medium"]).current_dir(ceremony.dir.path()))
        .refused(1, Control::VERIFY_COURSE);
}

/// A module that the plan does not name is refused before it is loaded.
#[test]
fn another_module_than_the_plans_is_not_loaded() {
    let Some(maker) = nss() else { return };
    let ceremony = Ceremony::new(&maker, WrappingAlgorithm::RsaesOaepSha256);
    let other = ceremony.medium("other.so");
    fs::write(&other, [fs::read(&maker.module).unwrap(), vec![0]].concat()).unwrap();
    let refused = ceremony.wrap(&Maker { module: other, ..maker }, &[]);
    refused.refused(1, Control::HSM_PLAN);
    assert!(!ceremony.medium("ciphertext.json").exists());
}

/// The offline station makes its own material, so it refuses such a plan.
#[test]
fn the_offline_station_refuses_a_plan_with_an_hsm() {
    let Some(maker) = nss() else { return };
    let ceremony = Ceremony::new(&maker, WrappingAlgorithm::RsaesOaepSha256);
    let wrap = "wrap --plan medium/plan.toml --parameters medium/parameters.json --out medium";
    run(offline(wrap.split(' ')).current_dir(ceremony.dir.path())).refused(1, Control::PLAN_FIELD);
}

/// What a module says and what it does, in the form for programs.
#[test]
fn what_real_modules_say_and_do_is_told() {
    let dir = tempfile::tempdir().unwrap();
    for maker in [nss(), softhsm(dir.path()), kryoptic(dir.path())].into_iter().flatten() {
        let said = run(maker.station("inspect").arg("--json")).ok().json();
        assert_eq!(said["module"]["info"]["network_denied"], true, "{said}");
        let labels: Vec<_> =
            said["tokens"].as_array().unwrap().iter().map(|t| t["info"]["label"].clone()).collect();
        assert!(labels.contains(&maker.token.into()), "{said}");
        let done = run_with(maker.with_token("probe").arg("--json"), &maker.answers(false));
        let rows = done.ok().json()["paddings"].as_array().unwrap().clone();
        assert_eq!(rows.len(), 6);
        for row in rows {
            let refused = maker.is_softhsm() && row["padding"] == "RSAES_OAEP_SHA_256";
            assert_eq!(row["outcome"], if refused { "refused" } else { "works" }, "{row}");
        }
    }
}

/// The call flushes what the run wrote, or renames a file.
fn settles(call: &Call) -> bool {
    keeps_a_database(call) || links_a_file(call)
}

/// A killed run left no ciphertext, or one that its record names and whose run ended; and the module's process ended with
/// it.
#[test]
fn a_killed_wrap_left_no_ciphertext_or_was_complete() {
    let Some(maker) = nss() else { return };
    let (table, algorithm) =
        (maker.hsm_table().replacen("kcv = \"none\"\n", "", 1), WrappingAlgorithm::default());
    let plan = plan_text("rehearsal", algorithm, &[("master", "ap-singapore", Some(KEY_ID))]) + &table;
    let wrap = |room: &Room| {
        let mut station = maker.with_token("wrap");
        station.args(["--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium"]);
        station.current_dir(room.dir.path());
        station
    };
    let (mut absent, mut complete) = (0, 0);
    for n in 1.. {
        let room = Room::with_plan(&plan);
        let mut killed = KillAt::start(&wrap(&room), settles, n);
        let _ = killed.stdin.as_mut().unwrap().write_all(b"Yes\n");
        if !killed.end().killed() {
            break;
        }
        assert!(!room.medium().iter().any(|name| name.starts_with('.')), "{n}: {:?}", room.medium());
        let there = room.path("medium/ciphertext.json").exists();
        let again = run(&mut wrap(&room));
        if there {
            again.refused(1, Control::FILE_EXISTS);
            complete += 1;
        } else {
            again.ok();
            absent += 1;
        }
        let (_, digest) = room.ciphertext();
        let record = fs::read(room.path("medium/transcript.jsonl")).unwrap();
        let chain = Transcript::verify(&record).unwrap().unwrap();
        let [.., written, end] = chain.lines() else { panic!("{n}") };
        assert!(matches!(end.event, Event::Finished { succeeded: 1, .. }), "{n}");
        let named = |e: &Event| matches!(e, Event::CiphertextWritten { ciphertext_sha256, .. } if *ciphertext_sha256 == digest);
        assert!(named(&written.event), "{n}");
    }
    assert!(absent > 0 && complete > 0, "{absent}, {complete}");
}
