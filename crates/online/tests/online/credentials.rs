//! Where credentials are found, in which order, and when they are refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::kit::{Done, ID, KEY, Room};

const STATUS: &str = "status --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01";

fn room(env: &[(&'static str, &str)], files: &[(&str, &str, u32)]) -> Room {
    let mut room = Room::new();
    room.env = env.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
    for (name, text, mode) in files {
        let path = room.path("home").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
    }
    room
}

#[track_caller]
fn used(room: &Room) -> (String, Option<String>) {
    room.run(STATUS).expect(0, "");
    let request = room.server.requests().pop().unwrap();
    let authorization = request.header("authorization").unwrap();
    let id = authorization.split(['=', '/']).nth(1).unwrap().to_owned();
    (id, request.header("x-tc-token").map(str::to_owned))
}

#[track_caller]
fn refused(room: &Room, control: &str) -> Done {
    let done = room.run(STATUS).expect(1, control);
    assert!(room.server.requests().is_empty() && !done.stderr.contains(KEY), "{}", done.stderr);
    done
}

const SDK: &str = ".tencentcloud/credentials";
const TCCLI: &str = ".tccli/default.credential";
const INI: &str =
    "; comment\n[other]\nsecret_id = no\n[default]\nSecret_Id = fromini\nsecret_key=abc\nrole_arn = x\n";
const JSON: &str = r#"{"secretId": "fromjson", "secretKey": "abc", "token": "tok", "type": "x"}"#;
const PAIR: [(&str, &str); 2] = [("TENCENTCLOUD_SECRET_ID", ID), ("TENCENTCLOUD_SECRET_KEY", KEY)];

#[test]
fn environment_then_sdk_file_then_tccli_file() {
    let files = [(SDK, INI, 0o600), (TCCLI, JSON, 0o600)];
    assert_eq!(used(&room(&PAIR, &files)), (ID.into(), None));
    assert_eq!(used(&room(&[], &files)), ("fromini".into(), None));
    assert_eq!(used(&room(&[], &files[1..])), ("fromjson".into(), Some("tok".into())));
    let token = [PAIR[0], PAIR[1], ("TENCENTCLOUD_TOKEN", "t")];
    assert_eq!(used(&room(&token, &[])), (ID.into(), Some("t".into())));
    let permanent = JSON.replace("\"tok\"", "null");
    assert_eq!(used(&room(&[], &[(TCCLI, &permanent, 0o400)])), ("fromjson".into(), None));
    let with_token = format!("{INI}token = tok\n");
    assert_eq!(used(&room(&[], &[(SDK, &with_token, 0o600)])), ("fromini".into(), Some("tok".into())));
}

#[test]
fn none_names_where_was_looked() {
    let done = refused(&room(&[], &[]), "KF-CRED-01");
    for place in ["TENCENTCLOUD_SECRET_ID", SDK, "/etc/tencentcloud/credentials", TCCLI] {
        assert!(done.stderr.contains(place), "{place}: {}", done.stderr);
    }
}

#[test]
fn halves_blanks_and_padding() {
    let padded = format!("{KEY} ");
    for (id, key) in
        [(ID, ""), ("", KEY), (" ", KEY), (ID, padded.as_str()), (ID, "a\nb"), ("密", KEY), ("a/b", KEY)]
    {
        let env = [("TENCENTCLOUD_SECRET_ID", id), ("TENCENTCLOUD_SECRET_KEY", key)];
        refused(&room(&env, &[]), "KF-CRED-02");
    }
    for half in PAIR {
        refused(&room(&[half], &[(SDK, INI, 0o600)]), "KF-CRED-02");
    }
    let spaced = [PAIR[0], PAIR[1], ("TENCENTCLOUD_TOKEN", " t")];
    refused(&room(&spaced, &[]), "KF-CRED-02");
    for text in [
        "",
        "[default]\n",
        "[default]\nsecret_id = a\n",
        "[default\n",
        "secret_id = a\nsecret_key = b\n",
        "[default]\nx\n",
    ] {
        refused(&room(&[], &[(SDK, text, 0o600)]), "KF-CRED-02");
    }
    for text in ["", "{}", "[1]", r#"{"secretId": 1}"#, r#"{"secretId": "a ", "secretKey": "b"}"#] {
        refused(&room(&[], &[(TCCLI, text, 0o600)]), "KF-CRED-02");
    }
}

#[test]
fn a_file_that_others_can_read() {
    for mode in [0o640, 0o604, 0o644, 0o660] {
        let done = refused(&room(&[], &[(SDK, INI, mode), (TCCLI, JSON, 0o600)]), "KF-CRED-03");
        assert!(done.stderr.contains("chmod 600"), "{}", done.stderr);
    }
    refused(&room(&[], &[(TCCLI, JSON, 0o644)]), "KF-CRED-03");
}
