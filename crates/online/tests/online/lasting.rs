//! Credentials that expire: their expiry is checked before anything is sent. It also covers a session token that does not
//! belong to its key pair.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use keyferry_core::{Explain, Timestamp};
use keyferry_service::Wanted;
use keyferry_tencent::client::credential_sources::{
    CredentialsError, Fault, FindError as Error, Found, Source, find,
};

use crate::import::{import, wrapped};
use crate::kit::{ID, KEY, ONE, Room, refused};

const NOW: i64 = 1_800_000_000;
const FILE: &str = ".tccli/default.credential";

/// The file as tccli writes it after a sign-in.
fn file(kind: &str, end: &str) -> String {
    format!(
        r#"{{"type": "{kind}", "secretId": "{ID}", "secretKey": "{KEY}", "token": "t"{end},
        "{kind}": {{"openId": "invented", "accessToken": "invented", "expiresAt": 1, "site": "cn"}}}}"#
    )
}

fn put(home: &Path, text: &str) -> PathBuf {
    let path = home.join(FILE);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// The credentials found in a home folder with that file, at [`NOW`].
fn found(text: &str) -> (Result<Found, Error>, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = put(home.path(), text);
    let variable = |name: &str| (name == "HOME").then(|| OsString::from(home.path()));
    let now = Timestamp::from_unix(NOW).unwrap();
    (find(&Wanted::default(), &variable, Path::new("/nonexistent"), now), path)
}

#[test]
fn a_login_s_end_is_held_to_for_five_minutes() {
    for kind in ["oauth", "sso"] {
        for end in [1_600_000_000, NOW - 1, NOW, NOW + 299, NOW + 300] {
            let (result, path) = found(&file(kind, &format!(", \"expiresAt\": {end}")));
            let Err(Error::Credentials(stale)) = result else { panic!("{end}: {result:?}") };
            assert!(
                matches!(&stale, CredentialsError::Stale { source: Source::File(at), .. } if *at == path),
                "{stale:?}"
            );
            assert_eq!(stale.control().id(), "KF-CRED-04");
            assert!(stale.what().en.contains(path.to_str().unwrap()), "{}", stale.what().en);
            let hint = stale.hint();
            assert!(
                hint.en.contains("`tccli auth login` again") && hint.en.contains("nothing was sent"),
                "{}",
                hint.en
            );
        }
        for end in [format!(", \"expiresAt\": {}", NOW + 301), String::new()] {
            let (result, path) = found(&file(kind, &end));
            let lasting = result.unwrap().lasting;
            assert_eq!((lasting.source, lasting.end.is_some()), (Source::File(path), !end.is_empty()));
        }
    }
}

#[test]
fn an_end_that_is_no_time_is_malformed() {
    for end in ["\"1800003600\"", "0", "-5", "1800003600.5", "true", "[1]", "99999999999999"] {
        let (result, path) = found(&file("oauth", &format!(", \"expiresAt\": {end}")));
        let Err(Error::Credentials(error)) = result else { panic!("{end}: {result:?}") };
        let (source, part, fault) = (Source::File(path), "expiresAt", Fault::Time);
        assert_eq!(error, CredentialsError::Malformed { source, part, fault }, "{end}");
    }
}

#[test]
fn a_login_that_ended_sends_nothing() {
    let mut room = Room::new();
    room.env.clear();
    let path = put(&room.path("home"), &file("oauth", ", \"expiresAt\": 1600000000"));
    for line in [
        "status --plan plan.toml".to_owned(),
        "export --plan plan.toml --out out --session session.json".to_owned(),
        format!("enable --region ap-singapore --key-id {ONE}"),
    ] {
        let done =
            room.run(&line).expect(1, "error [KF-CRED-04]").expect(1, "expire at 2020-09-13T12:26:40Z");
        assert!(done.stderr.contains(path.to_str().unwrap()), "{}", done.stderr);
        assert!(!done.stderr.contains(KEY) && room.server.requests().is_empty(), "{}", done.stderr);
    }
    room.no_outputs();
}

/// Two keys need five requests each, estimated at two seconds each: with the five minutes of reserve, 320 s.
#[test]
fn import_compares_the_end_with_its_work() {
    let (mut room, digest, before) = wrapped(Room::new());
    room.env.clear();
    let ends_in = |seconds: i64| {
        let end = jiff::Timestamp::now().as_second() + seconds;
        put(&room.path("home"), &file("sso", &format!(", \"expiresAt\": {end}")));
    };
    let record = room.read("out/transcript.jsonl");
    for (seconds, more, needed) in [
        (315, "", "needed for 5 m 20 s"),
        // With ten requests at a time, the answers take two seconds and the sending takes ten.
        (305, "--attempts 1 --jobs 10 --rate 1", "needed for 5 m 10 s"),
    ] {
        ends_in(seconds);
        import(&room, &digest, more).expect(1, "error [KF-CRED-04]").expect(1, needed);
        assert_eq!(room.server.requests().len(), before);
        assert_eq!(room.read("out/transcript.jsonl"), record, "a refused import is recorded");
    }
    ends_in(3600);
    import(&room, &digest, "").expect(0, "proved");
}

fn token_refused() -> Room {
    Room::with(|_| Some(refused("AuthFailure.TokenFailure")))
}

#[test]
fn a_refused_token_says_where_it_was_from() {
    let status = "status --plan plan.toml";
    let mut room = token_refused();
    room.env.push(("TENCENTCLOUD_TOKEN", "left-over".into()));
    let done = room.run(status).expect(4, "error [KF-KMS-01]").expect(4, "the variable TENCENTCLOUD_TOKEN");
    assert!(done.stderr.contains("Unset it if the pair is permanent"), "{}", done.stderr);
    assert!(!done.stderr.contains("left-over"), "{}", done.stderr);
    let done = room.run("create-key --plan draft.toml --out new.toml");
    assert!(done.code != 0, "{}", done.stdout);

    let room = token_refused();
    room.run(status).expect(4, "no token was sent, and the pair is from the environment");

    let mut room = token_refused();
    room.env.clear();
    let path = put(&room.path("home"), &file("oauth", ""));
    room.run(status).expect(4, &format!("the token is from {}", path.display()));
}

#[test]
fn a_token_under_another_tool_s_name_is_named() {
    for name in ["TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_SESSION_TOKEN"] {
        let mut room = Room::new();
        room.env.push((name, "foreign".into()));
        for empty in [false, true] {
            if empty {
                room.env.push(("TENCENTCLOUD_TOKEN", String::new()));
            }
            let done = room.run("status --plan plan.toml").expect(1, "error [KF-CRED-02]").expect(1, name);
            assert!(!done.stderr.contains("foreign"), "{}", done.stderr);
            assert!(room.server.requests().is_empty());
        }
        // If the right variable is set, the other tool's variable does not matter.
        room.env.push(("TENCENTCLOUD_TOKEN", "own".into()));
        room.run("status --plan plan.toml").expect(1, "KF-STATUS-02");
        assert_eq!(room.server.requests()[0].header("x-tc-token"), Some("own"));
    }
}
