//! Cells of the online station. With a bad file, nothing is sent: the emulator's key does not change.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use keyferry_core::{Ciphertext, Control, Fingerprint, Purpose, Session, WrappingAlgorithm, artefact};
use serde_json::json;

mod grown;

pub(super) use grown::{ciphertext_seeded, life_lines, life_purpose, record_lines};

use super::rows::Cmd;
use super::scene::*;
use crate::support::record::binding;
use crate::support::*;

/// A rehearsal's plan may only use loopback, and a production plan never may; nothing is sent.
pub(super) fn plan_purpose(cmd: Cmd) {
    let line = match cmd.word() {
        "create-key" => "create-key --plan draft.toml --out new.toml --attempts 1",
        "export" => "export --plan plan.toml --out new --session session.json --attempts 1",
        "check-access" => "check-access --plan plan.toml --attempts 1",
        _ => "status --plan plan.toml --attempts 1",
    };
    let remote = "https://kms.tencentcloudapi.com";
    for (purpose, endpoint) in [("production", dead_endpoint()), ("rehearsal", remote.to_owned())] {
        let room = Room::new(purpose, WrappingAlgorithm::default());
        fs::create_dir(room.path("new")).unwrap();
        let draft = plan_text(purpose, WrappingAlgorithm::default(), &[("new", REGION, None)]);
        fs::write(room.path("draft.toml"), draft).unwrap();
        let mut command = online(line.split(' '), &endpoint);
        run(command.current_dir(room.dir.path())).refused(1, Control::NET_ENDPOINT);
        assert!(names(&room.path("new")).is_empty() && !room.path("new.toml").exists());
    }
    // The control: with the right endpoint, the command gets as far as the network.
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    fs::create_dir(room.path("new")).unwrap();
    let draft = plan_text("rehearsal", WrappingAlgorithm::default(), &[("new", REGION, None)]);
    fs::write(room.path("draft.toml"), draft).unwrap();
    let mut command = online(line.split(' '), &dead_endpoint());
    command.env("XDG_STATE_HOME", room.path("state"));
    let run = run(command.current_dir(room.dir.path()));
    assert!(run.err.contains(&format!("[{}]", Control::NET_FAILED)), "{run:?}");
}

/// A file of a finished wrap is changed; `import` refuses it, and accepts the good one afterwards.
fn import_after(change: impl Fn(&Ceremony), back: impl Fn(&Ceremony), controls: &[Control]) {
    let ceremony = Ceremony::wrapped();
    let record = fs::read(ceremony.room.path("medium/transcript.jsonl")).unwrap();
    change(&ceremony);
    refused(&ceremony.import(), controls);
    assert_eq!(state(&ceremony), "PendingImport");
    assert_eq!(fs::read(ceremony.room.path("medium/transcript.jsonl")).unwrap(), record);
    back(&ceremony);
    ceremony.import().ok();
    assert_eq!(state(&ceremony), "Enabled");
}

/// The key's state at the service.
fn state(ceremony: &Ceremony) -> String {
    let shown = ceremony.online("status --plan plan.toml --json").json().to_string();
    let known = ["PendingImport", "PendingDelete", "Enabled", "Disabled"];
    known.into_iter().find(|word| shown.contains(word)).unwrap_or(&shown).to_owned()
}

/// Edits a file, and restores the good one afterwards.
fn edited(file: &str, controls: &[Control], edit: impl Fn(&str) -> String) {
    let path = |ceremony: &Ceremony| ceremony.room.path(file);
    let good = RefCell::new(String::new());
    import_after(
        |ceremony| {
            let text = fs::read_to_string(path(ceremony)).unwrap();
            let other = edit(&text);
            assert_ne!(text, other);
            fs::write(path(ceremony), other).unwrap();
            *good.borrow_mut() = text;
        },
        |ceremony| fs::write(path(ceremony), &*good.borrow()).unwrap(),
        controls,
    );
}

pub(super) fn ciphertext_purpose(_: Cmd) {
    edited("medium/ciphertext.json", &[Control::CIPHER_PURPOSE], |text| {
        let (mut ciphertext, _) = artefact::parse::<Ciphertext>(text.as_bytes()).unwrap();
        ciphertext.purpose = Purpose::Production;
        String::from_utf8(artefact::to_bytes(&ciphertext).unwrap().to_vec()).unwrap()
    });
}

pub(super) fn ciphertext_provider(_: Cmd) {
    edited("medium/ciphertext.json", &[Control::ART_FIELDS], |text| {
        text.replacen("\"tencent\"", "\"other\"", 1)
    });
}

/// The session is changed, and the ciphertext is made consistent with it: only the changed member can be the
/// reason.
fn session_changed(controls: &[Control], edit: impl Fn(&mut Session)) {
    let good = RefCell::new(Vec::new());
    let paths =
        |ceremony: &Ceremony| ["session.json", "medium/ciphertext.json"].map(|n| ceremony.room.path(n));
    import_after(
        |ceremony| {
            let bytes = paths(ceremony).map(|path| fs::read(path).unwrap());
            let (mut session, _) = artefact::parse::<Session>(&bytes[0]).unwrap();
            let (mut ciphertext, _) = artefact::parse::<Ciphertext>(&bytes[1]).unwrap();
            edit(&mut session);
            session.parameters_sha256 = Fingerprint::of(&artefact::to_bytes(&session.parameters).unwrap());
            ciphertext.parameters_sha256 = session.parameters_sha256;
            let bound = binding(&ciphertext, &ciphertext.keys[0]);
            ciphertext.keys[0].binding = bound;
            let [to_session, to_ciphertext] = paths(ceremony);
            write_private(&to_session, &artefact::to_bytes(&session).unwrap());
            fs::write(to_ciphertext, &**artefact::to_bytes(&ciphertext).unwrap()).unwrap();
            *good.borrow_mut() = bytes.to_vec();
        },
        |ceremony| {
            let [session, ciphertext] = paths(ceremony);
            write_private(&session, &good.borrow()[0]);
            fs::write(ciphertext, &good.borrow()[1]).unwrap();
        },
        controls,
    );
}

pub(super) fn session_purpose(_: Cmd) {
    session_changed(&[Control::NET_ENDPOINT], |session| {
        session.parameters.purpose = Purpose::Production;
    });
}

/// The token has expired.
pub(super) fn session_expiry(_: Cmd) {
    session_changed(&[Control::CIPHER_EXPIRED], |session| {
        session.parameters.fetched_at = later(-90_000);
        session.parameters.keys[0].expires_at = Some(later(-4000));
    });
}

/// The session in each mode, for the command that reads it.
fn session(cmd: Cmd, change: impl Fn(&Path) -> bool) {
    let owned = std::cell::Cell::new(false);
    if cmd.word() == "import" {
        let ceremony = Ceremony::wrapped();
        owned.set(change(&ceremony.room.path("session.json")));
        if owned.get() {
            refused(&ceremony.import(), &PRIVATE);
            assert_eq!(state(&ceremony), "PendingImport");
            restore(&ceremony.room.path("session.json"));
        }
        ceremony.import().ok();
        return;
    }
    // An export that was interrupted before parameters.json appeared.
    let ceremony = Ceremony::exported();
    for file in ["parameters.json", "transcript.jsonl"] {
        fs::remove_file(ceremony.room.path("medium").join(file)).unwrap();
    }
    if change(&ceremony.room.path("session.json")) {
        refused(&ceremony.export(""), &PRIVATE);
        assert!(ceremony.room.medium().is_empty(), "{:?}", ceremony.room.medium());
        restore(&ceremony.room.path("session.json"));
    }
    ceremony.export("").ok();
}

fn restore(path: &Path) {
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(0), Some(0)).unwrap();
    }
    set_mode(path, if path.is_dir() { 0o700 } else { 0o600 });
}

pub(super) fn session_mode(cmd: Cmd) {
    for mode in [0o644, 0o620] {
        session(cmd, |path| {
            set_mode(path, mode);
            true
        });
    }
}

pub(super) fn session_owner(cmd: Cmd) {
    session(cmd, give_away);
}

/// The file that an export leaves if it was killed before its session existed: the next export continues with
/// it.
fn kept(ceremony: &Ceremony) -> PathBuf {
    let session = fs::read(ceremony.room.path("session.json")).unwrap();
    let session: serde_json::Value = serde_json::from_slice(&session).unwrap();
    let parameters = &session["parameters"];
    let header = json!({
        "format": "keyferry/fetched/2", "plan_sha256": parameters["plan_sha256"],
        "endpoint": session["endpoint"], "fetched_at": parameters["fetched_at"],
    });
    let line = json!({"entry": parameters["keys"][0], "secret": session["secrets"][0], "request_id": "a-1"});
    let path = ceremony.room.path("session.json.fetched");
    write_private(&path, format!("{header}\n{line}\n").as_bytes());
    for file in ["session.json", "medium/parameters.json", "medium/transcript.jsonl"] {
        fs::remove_file(ceremony.room.path(file)).unwrap();
    }
    path
}

/// It is refused before any request, and nothing is written.
fn fetched(change: impl Fn(&Path) -> bool) {
    let ceremony = Ceremony::exported();
    let kept = kept(&ceremony);
    if change(&kept) {
        refused(&ceremony.export(""), &PRIVATE);
        assert!(ceremony.room.medium().is_empty() && !ceremony.room.path("session.json").exists());
        restore(&kept);
    }
    ceremony.export("").ok();
    assert!(!kept.exists());
}

pub(super) fn fetched_mode(_: Cmd) {
    fetched(|path| {
        set_mode(path, 0o666);
        true
    });
}

pub(super) fn fetched_owner(_: Cmd) {
    fetched(give_away);
}

const REBUILD: &str = "rebuild-journal --plan plan.toml --transcript medium/transcript.jsonl";

/// The command line for a ceremony whose key is in the state that the command needs.
pub(super) fn life(cmd: Cmd) -> (Ceremony, String) {
    let ceremony = Ceremony::wrapped();
    let key = key_of(&ceremony);
    let before: &[&str] = match cmd.word() {
        // The key exists and only has to be adopted.
        "create-key" => return (ceremony, "create-key --plan draft.toml --out again.toml".into()),
        "export" => return (ceremony, "export --plan plan.toml --out again --session again.json".into()),
        "rebuild-journal" => return (ceremony, REBUILD.into()),
        "import" => {
            return (ceremony, "import --session session.json --ciphertext medium/ciphertext.json".into());
        }
        "schedule-deletion" => {
            return (ceremony, format!("schedule-deletion {key} --days 7 --yes-alias master"));
        }
        "cancel-deletion" => &["schedule-deletion KEY --days 7 --yes-alias master"],
        "enable" => &["IMPORT", "disable KEY --yes-alias master"],
        _ => &["IMPORT"],
    };
    for line in before {
        match *line {
            "IMPORT" => ceremony.import(),
            line => ceremony.online(&line.replace("KEY", &key)),
        }
        .ok();
    }
    let takes_out_of_use = matches!(cmd.word(), "delete-material" | "disable");
    let more = if takes_out_of_use { " --yes-alias master" } else { "" };
    (ceremony, format!("{} {key}{more}", cmd.word()))
}

fn key_of(ceremony: &Ceremony) -> String {
    let plan = fs::read(ceremony.room.path("plan.toml")).unwrap();
    let plan = keyferry_core::CeremonyPlan::parse(&plan).unwrap();
    format!("--region {REGION} --key-id {}", plan.keys()[0].key_id().unwrap())
}

fn journal(cmd: Cmd, change: impl Fn(&Path) -> bool) {
    for whole_folder in [false, true] {
        let (ceremony, line) = life(cmd);
        fs::create_dir(ceremony.room.path("again")).unwrap();
        let line = if cmd.word() == "export" { format!("{line} --abandon test-1") } else { line };
        let file = if cmd.word() == "create-key" { ceremony.creations() } else { ceremony.journal() };
        let path = if whole_folder { file.parent().unwrap().to_path_buf() } else { file };
        let before = state(&ceremony);
        if change(&path) {
            refused(&ceremony.online(&line), &PRIVATE);
            assert_eq!(state(&ceremony), before);
            restore(&path);
        }
        ceremony.online(&line).ok();
    }
}

pub(super) fn journal_mode(cmd: Cmd) {
    journal(cmd, |path| {
        set_mode(path, if path.is_dir() { 0o777 } else { 0o666 });
        true
    });
}

pub(super) fn journal_owner(cmd: Cmd) {
    journal(cmd, give_away);
}

/// Credentials in a file; with the good one, the command gets as far as the network, where nothing listens.
fn credentials(cmd: Cmd, change: impl Fn(&Path) -> bool) {
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    let home = room.path("home");
    fs::create_dir_all(home.join(".tencentcloud")).unwrap();
    fs::create_dir(room.path("out")).unwrap();
    let file = home.join(".tencentcloud/credentials");
    write_private(
        &file,
        format!("[default]\nsecret_id = {SECRET_ID}\nsecret_key = {SECRET_KEY}\n").as_bytes(),
    );
    let ceremony = matches!(cmd.word(), "import" | "rebuild-journal").then(Ceremony::wrapped);
    let try_once = || {
        let (dir, endpoint) = match &ceremony {
            Some(ceremony) => (ceremony.room.dir.path(), ceremony.emulator.endpoint.clone()),
            None => (room.dir.path(), dead_endpoint()),
        };
        let mut command = online(arguments(cmd).split(' '), &endpoint);
        command.env_remove("TENCENTCLOUD_SECRET_ID").env_remove("TENCENTCLOUD_SECRET_KEY");
        command.env("HOME", &home).env("XDG_STATE_HOME", dir.join("state")).current_dir(dir);
        run(&mut command)
    };
    if change(&file) {
        refused(&try_once(), &PRIVATE);
        assert!(!room.path("bytes").exists() && names(&room.path("out")).is_empty());
        restore(&file);
    }
    let good = try_once();
    let reached = good.code == Some(0) || good.err.contains(&format!("[{}]", Control::NET_FAILED));
    assert!(reached, "{good:?}");
}

fn arguments(cmd: Cmd) -> String {
    let key = format!("--region {REGION} --key-id {KEY_ID}");
    let line = match cmd.word() {
        "create-key" => format!("create-key --region {REGION} --alias new"),
        "export" => "export --plan plan.toml --out out --session session.json".into(),
        "import" => "import --session session.json --ciphertext medium/ciphertext.json".into(),
        "rebuild-journal" => REBUILD.into(),
        "check-access" => "check-access --plan plan.toml".into(),
        "status" => format!("status --region {REGION}"),
        "random" => format!("random --region {REGION} --out bytes"),
        "delete-material" | "disable" => format!("{} {key} --yes-alias master", cmd.word()),
        "schedule-deletion" => format!("schedule-deletion {key} --yes-alias master --days 7"),
        other => format!("{other} {key}"),
    };
    format!("{line} --attempts 1")
}

pub(super) fn credentials_mode(cmd: Cmd) {
    for mode in OPEN {
        credentials(cmd, |path| {
            set_mode(path, mode);
            true
        });
    }
}

pub(super) fn credentials_owner(cmd: Cmd) {
    credentials(cmd, give_away);
}

/// Tokens never go onto the medium: neither into it, nor below it, nor through a link to it.
pub(super) fn session_on_the_medium(_: Cmd) {
    let ceremony = Ceremony::planned();
    fs::create_dir(ceremony.room.path("medium/below")).unwrap();
    std::os::unix::fs::symlink(ceremony.room.path("medium"), ceremony.room.path("link")).unwrap();
    for place in ["medium/session.json", "medium/below/session.json", "link/session.json"] {
        let line = format!("export --plan plan.toml --out medium --session {place}");
        refused(&ceremony.online(&line), &[Control::SESSION_APART]);
        assert_eq!(ceremony.room.medium(), ["below"], "{place}");
        assert!(names(&ceremony.room.path("medium/below")).is_empty());
    }
    ceremony.export("").ok();
}

pub(super) fn session_beside_the_ciphertext(_: Cmd) {
    let ceremony = Ceremony::wrapped();
    let (kept, medium) = (ceremony.room.path("session.json"), ceremony.room.path("medium/session.json"));
    fs::rename(&kept, &medium).unwrap();
    refused(
        &ceremony.online("import --session medium/session.json --ciphertext medium/ciphertext.json"),
        &[Control::SESSION_APART],
    );
    assert_eq!(state(&ceremony), "PendingImport");
    fs::rename(&medium, &kept).unwrap();
    ceremony.import().ok();
}

/// The secrets that this station writes, with their modes.
pub(super) fn written() -> Vec<(String, u32)> {
    let ceremony = Ceremony::exported();
    ceremony.online(&format!("random --region {REGION} --out bytes")).ok();
    let digest = Fingerprint::of(&fs::read(ceremony.room.path("medium/parameters.json")).unwrap());
    assert_ne!(digest, Fingerprint::ZERO);
    let journal: PathBuf = ceremony.journal();
    let folder = journal.parent().unwrap().to_path_buf();
    let files = [ceremony.room.path("session.json"), ceremony.room.path("bytes"), journal, folder];
    files.iter().map(|path| (path.display().to_string(), mode_of(path))).collect()
}
