//! Rights: a denied action is refused for lack of permission, whatever its parameters; no other action is refused.

use keyferry_tencent::Action;
use serde_json::json;

use crate::client::{FIPS, NOBODY, NOON, SHARED, Server};

/// The code of a reply, or `ok`.
fn outcome(server: &Server, action: Action, params: &str) -> String {
    let (status, text) = server.http(FIPS, action.as_str(), params).unwrap();
    assert_eq!(status, 200);
    let reply: serde_json::Value = serde_json::from_str(&text).unwrap();
    reply["Response"]["Error"]["Code"].as_str().unwrap_or("ok").to_owned()
}

#[test]
fn a_denied_action_is_refused_before_its_parameters_are_read() {
    let denied = [Action::CreateKey, Action::Decrypt];
    let server = Server::start_with(NOON, |config| config.denied = denied.into());
    for action in denied {
        for params in ["{}", r#"{"Alias": "kms-x"}"#, r#"{"CiphertextBlob": "AAAA"}"#] {
            assert_eq!(outcome(&server, action, params), "UnauthorizedOperation", "{action} {params}");
        }
    }
    let params = json!({"KeyId": NOBODY}).to_string();
    assert_eq!(outcome(&server, Action::DescribeKey, &params), "ResourceUnavailable.CmkNotFound");
    // Unless a right is denied explicitly, everybody has it.
    for action in Action::ALL {
        assert_ne!(outcome(&SHARED, *action, "{}"), "UnauthorizedOperation", "{action}");
    }
}

#[test]
fn the_date_of_a_reply_is_the_service_s() {
    let server = Server::start(None);
    let date = || {
        let answer = server.raw_tcp(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        answer.lines().find_map(|l| l.strip_prefix("date: ")).unwrap().trim().to_owned()
    };
    assert_eq!(date(), "Mon, 23 Nov 2026 12:00:00 GMT");
    server.admin("POST", "/clock", &json!({"advance_seconds": 86_400}));
    assert_eq!(date(), "Tue, 24 Nov 2026 12:00:00 GMT");
    server.admin("POST", "/clock", &json!({"real": true}));
    server.admin("POST", "/clock", &json!({"skew_seconds": -90}));
    assert_eq!(date(), "Mon, 23 Nov 2026 11:58:30 GMT");
}
