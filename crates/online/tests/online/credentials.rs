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
const INI: &str = "; comment\n[other]\nsecret_id = no\n[default]\nSecret_Id = fromini\nsecret_key=abc\n";
const JSON: &str = r#"{"secretId": "fromjson", "secretKey": "abc", "token": "tok", "type": "sso"}"#;
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

#[test]
fn a_profile_is_the_only_place_when_it_is_asked_for() {
    let other = JSON.replace("fromjson", "fromother");
    let files = [(SDK, INI, 0o600), (TCCLI, JSON, 0o600), (".tccli/other.credential", other.as_str(), 0o600)];
    let with = |env: &[(&'static str, &str)], more: &str| {
        let room = room(env, &files);
        room.run(&format!("{STATUS} {more}")).expect(0, "");
        let request = room.server.requests().pop().unwrap();
        request.header("authorization").unwrap().split(['=', '/']).nth(1).unwrap().to_owned()
    };
    assert_eq!(with(&PAIR, "--profile other"), "fromother");
    assert_eq!(with(&[("TCCLI_PROFILE", "other"), PAIR[0], PAIR[1]], ""), ID, "the environment's pair wins");
    assert_eq!(with(&[("TCCLI_PROFILE", "other")], ""), "fromini", "the SDK's file wins");
    let only = room(&[("TCCLI_PROFILE", "other")], &files[1..]);
    assert_eq!(used(&only).0, "fromother");
    let room = room(&PAIR, &files);
    room.run(&format!("{STATUS} --profile missing")).expect(1, "KF-CRED-01");
    for bad in ["../x", ".x", "a/b"] {
        room.run(&format!("{STATUS} --profile {bad}")).expect(1, "KF-CRED-04");
    }
    assert!(room.server.requests().is_empty());
}

#[test]
fn what_would_be_another_identity_is_refused() {
    let arn = format!("{INI}role_arn = qcs::cam::uin/1:roleName/r\n");
    refused(&room(&[], &[(SDK, &arn, 0o600)]), "KF-CRED-04");
    refused(&room(&[], &[(TCCLI, r#"{"type": "cvm-role"}"#, 0o600)]), "KF-CRED-04");
    let arn = JSON.replace("\"token\"", "\"role-arn\": \"x\", \"token\"");
    refused(&room(&[], &[(TCCLI, &arn, 0o600)]), "KF-CRED-04");
}

#[test]
fn a_file_that_an_editor_saved_again_is_named() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (name, text) in [(SDK, INI), (TCCLI, JSON)] {
        let gbk = [text.as_bytes(), b"; \xcd\xf5\n"].concat();
        for (bytes, named) in [
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "byte order mark"),
            ([b"\xff\xfe", &wide(text)[..]].concat(), "UTF-16"),
            (wide(text), "UTF-16"),
            (gbk, "GBK or another encoding"),
        ] {
            let room = room(&[], &[(name, text, 0o600)]);
            fs::write(room.path("home").join(name), bytes).unwrap();
            let done = refused(&room, "KF-CRED-02");
            assert!(done.stderr.contains(named) && done.stderr.contains(name), "{}", done.stderr);
            assert!(done.stderr.contains("UTF-8 (without BOM)"), "{}", done.stderr);
        }
    }
}

#[test]
fn an_instance_s_role() {
    use keyferry_tencent::client::credential_sources::{
        CredentialsError, FindError as Error, RoleFault, Source, role,
    };
    let now = keyferry_core::Timestamp::from_unix(1_800_000_000).unwrap();
    let answer = |code: &str, token: &str, left: i64| {
        format!(
            r#"{{"TmpSecretId":"AKIDrole","TmpSecretKey":"k","Token":"{token}","ExpiredTime":{},"Code":"{code}"}}"#,
            1_800_000_000 + left
        )
    };
    let ask = |body: String| {
        let server = crate::server::Server::start(move |request| {
            assert!(request.line.starts_with("GET /latest/meta-data/cam/security-credentials/ceremony "));
            crate::server::Answer::Ok(body.clone())
        });
        role::fetch(&server.url(), "ceremony", now)
    };
    let found = ask(answer("Success", "t", 3600)).unwrap();
    assert_eq!(found.credentials.secret_id.as_str(), "AKIDrole");
    assert_eq!(found.lasting.source, Source::Role("ceremony".into()));
    assert_eq!(found.credentials.token.unwrap().expose(), "t");
    let fault = |result: Result<_, Error>| match result {
        Err(Error::Credentials(CredentialsError::Role(fault))) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(ask(answer("Failed", "t", 3600))), RoleFault::None);
    assert_eq!(fault(ask(answer("Success", "", 3600))), RoleFault::None);
    for left in [300, 0, -1] {
        let stale = ask(answer("Success", "t", left));
        assert!(
            matches!(
                &stale,
                Err(Error::Credentials(CredentialsError::Stale { source: Source::Role(_), .. }))
            ),
            "{stale:?}"
        );
    }
    ask(answer("Success", "t", 301)).unwrap();
    assert_eq!(fault(ask(answer("Success", "t", -1_800_000_000))), RoleFault::Form);
    assert_eq!(fault(ask("<html>".into())), RoleFault::Form);
    assert_eq!(fault(ask("[".repeat(70_000))), RoleFault::Form);
    assert_eq!(fault(role::fetch("http://127.0.0.1:1", "ceremony", now)), RoleFault::Silent);
    assert_eq!(fault(role::fetch("http://127.0.0.1:1", "a/../b", now)), RoleFault::Name);
}
