//! The state file: the next server has the keys that the last one had; a file that is not a state file is
//! refused and left unchanged.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyferry_core::{Timestamp, WrappingAlgorithm};
use keyferry_emulator_tencent::{Config, EmulatorError, StateFileError};
use keyferry_tencent::ErrorCode;
use keyferry_tencent::wire::KeyState;
use serde_json::json;

use crate::client::{FIPS, NOON, SM, Server, credentials, random, wrap};

const ALGORITHM: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;

/// A file name in a folder for this test only.
fn place(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("state-{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder.join("state")
}

fn start(path: &Path, unix: i64) -> Server {
    Server::start_with(unix, |config| config.state = Some(path.to_owned()))
}

fn refused(path: &Path) -> StateFileError {
    let mut config = Config::new(vec![credentials()], Arc::new(|| Timestamp::from_unix(NOON).unwrap()));
    config.state = Some(path.to_owned());
    match keyferry_emulator_tencent::bind(config).map(|_| ()) {
        Err(EmulatorError::State(named, why)) if named == path => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_ceremony_goes_on_after_a_restart() {
    let path = place("restart");
    let server = start(&path, NOON);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let (waiting, used) = (server.external(FIPS), server.external(SM));
    let parameters = server.fetch(FIPS, &waiting, ALGORITHM).unwrap();
    let material = random(16);
    let other = server.fetch(SM, &used, ALGORITHM).unwrap();
    let wrapped_used = wrap(ALGORITHM, &other.public_key, &material);
    server.import(SM, &used, &wrapped_used, other.import_token.expose(), None).unwrap();
    let blob = server.encrypt(SM, &used, b"kept").unwrap();
    let before = server.admin("GET", "/state", &json!(null));
    drop(server);

    // The parameters fetched from one server are valid at the next.
    let server = start(&path, NOON + 60);
    assert_eq!(server.admin("GET", "/state", &json!(null)), before);
    assert_eq!(server.decrypt(SM, &blob).unwrap(), b"kept");
    let wrapped = wrap(ALGORITHM, &parameters.public_key, &random(32));
    server.import(FIPS, &waiting, &wrapped, parameters.import_token.expose(), None).unwrap();
    // Deleted material stays deleted, and the key stays bound to it.
    server.delete(SM, &used).unwrap();
    drop(server);
    let server = start(&path, NOON + 120);
    assert_eq!(server.describe(SM, &used).key_state, KeyState::PendingImport);
    let foreign = wrap(ALGORITHM, &other.public_key, &random(16));
    let refused = server.import(SM, &used, &foreign, other.import_token.expose(), None);
    assert_eq!(refused, Err(ErrorCode::MaterialNotMatch));
    server.import(SM, &used, &wrapped_used, other.import_token.expose(), None).unwrap();
    assert_eq!(server.decrypt(SM, &blob).unwrap(), b"kept");
}

#[test]
fn every_kind_of_change_is_kept() {
    let path = place("changes");
    let server = start(&path, NOON);
    let ids = [(); 3].map(|()| server.create(FIPS, None));
    let ok = |action: &str, body: serde_json::Value| {
        assert_eq!(server.code(FIPS, action, &body.to_string()), "ok", "{action}");
    };
    ok("UpdateAlias", json!({ "KeyId": ids[0], "Alias": "renamed" }));
    ok("UpdateKeyDescription", json!({ "KeyId": ids[0], "Description": "described" }));
    ok("EnableKeyRotation", json!({ "KeyId": ids[0] }));
    ok("DisableKeys", json!({ "KeyIds": [ids[1], ids[2]] }));
    ok("ScheduleKeyDeletion", json!({ "KeyId": ids[2], "PendingWindowInDays": 7 }));
    let before = server.admin("GET", "/state", &json!(null));
    drop(server);

    let server = start(&path, NOON + 6 * 86_400);
    assert_eq!(server.admin("GET", "/state", &json!(null)), before);
    let first = server.describe(FIPS, &ids[0]);
    assert_eq!((first.alias.as_str(), first.description.as_str()), ("renamed", "described"));
    assert!(first.key_rotation_enabled);
    drop(server);

    // The keys' deletion date passes while no server is running.
    let server = start(&path, NOON + 7 * 86_400);
    let describe = |id: &str| server.code(FIPS, "DescribeKey", &json!({ "KeyId": id }).to_string());
    assert_eq!(describe(&ids[2]), "ResourceUnavailable.CmkNotFound");
    assert_eq!(describe(&ids[1]), "ok");
    server.admin("POST", "/reset", &json!({}));
    drop(server);
    let server = start(&path, NOON);
    assert_eq!(server.admin("GET", "/state", &json!(null)), json!({ "regions": [] }));
}

#[test]
fn what_cannot_be_used_is_refused_and_left_alone() {
    let path = place("refused");
    fs::write(&path, "notes of somebody else\n").unwrap();
    assert!(matches!(refused(&path), StateFileError::Exposed(_)));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(refused(&path), StateFileError::Format | StateFileError::Database(_)));
    assert_eq!(fs::read(&path).unwrap(), b"notes of somebody else\n");
    assert!(matches!(refused(&path.join("inside-a-file")), StateFileError::Open(_)));
    assert!(matches!(refused(path.parent().unwrap()), StateFileError::Open(_)));

    let path = place("in-use");
    let server = start(&path, NOON);
    assert!(matches!(refused(&path), StateFileError::InUse));
    drop(server);

    let mut config = Config::new(vec![credentials()], Arc::new(|| Timestamp::from_unix(NOON).unwrap()));
    (config.state, config.rng_seed) = (Some(path), Some([1; 32]));
    assert!(matches!(
        keyferry_emulator_tencent::bind(config),
        Err(EmulatorError::State(_, StateFileError::Seeded))
    ));
}

/// A damaged file is refused with a message or the damage is harmless; it never results in a key with
/// different contents.
#[test]
fn damage_is_noticed() {
    let path = place("damage");
    let server = start(&path, NOON);
    let key_id = server.external(FIPS);
    server.fetch(FIPS, &key_id, ALGORITHM).unwrap();
    let known = server.admin("GET", "/state", &json!(null));
    drop(server);
    let whole = fs::read(&path).unwrap();
    let (mut harmless, mut noticed) = (0, 0);
    let used: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    for at in used.iter().step_by(used.len() / 60) {
        let mut damaged = whole.clone();
        damaged[*at] ^= 0x41;
        fs::write(&path, &damaged).unwrap();
        let opened = std::panic::catch_unwind(|| start(&path, NOON));
        match opened {
            Ok(server) => {
                assert_eq!(server.admin("GET", "/state", &json!(null)), known, "byte {at}");
                harmless += 1;
            }
            Err(_) => noticed += 1,
        }
    }
    assert!(noticed > 0, "{harmless} of {} harmless", harmless + noticed);
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let _ = refused(&path);
}
