//! `check-access` against a scripted service: what each answer means, and what is sent.

use serde_json::json;

use crate::kit::{ONE, Room, TWO, refused, success};
use crate::server::{Answer, Request};

const LINE: &str = "check-access --plan plan.toml";

/// A service that knows regions and keys, and answers every other request with `other`.
fn room(other: impl Fn(&Request) -> Answer + Send + 'static) -> Room {
    Room::with(move |request| match request.action() {
        "GetRegions" | "DescribeKey" if request.json()["KeyId"] != json!(NOBODY) => None,
        "GetServiceStatus" => Some(success(json!({"ServiceEnabled": true}))),
        _ => Some(other(request)),
    })
}

const NOBODY: &str = "00000000-0000-1000-8000-000000000000";

fn not_found(_: &Request) -> Answer {
    refused("ResourceUnavailable.CmkNotFound")
}

#[test]
fn a_right_that_is_missing_is_named() {
    for code in ["UnauthorizedOperation", "AuthFailure.UnauthorizedOperation"] {
        let room = room(move |request| {
            let there = request.header("X-TC-Region") == Some("ap-guangzhou");
            if there && request.action() == "ImportKeyMaterial" { refused(code) } else { not_found(request) }
        });
        let done =
            room.run(LINE).expect(1, "error [KF-ACCESS-01]: ap-guangzhou: these credentials may not call");
        assert!(done.stderr.contains("may not call ImportKeyMaterial, which"), "{}", done.stderr);
        assert!(!done.stderr.contains("ap-singapore: these"), "{}", done.stderr);
    }
}

#[test]
fn every_request_reads_or_names_no_key_that_exists() {
    let room = room(not_found);
    room.run(LINE).expect(0, "");
    for request in room.server.requests() {
        let (text, action) = (request.json().to_string(), request.action().to_owned());
        let named = text.contains(ONE) || text.contains(TWO);
        assert_eq!(named, action == "DescribeKey" && !text.contains(NOBODY), "{action} {text}");
    }
    // The request breaks two rules of CreateKey, so that no service creates a key.
    let requests = room.server.requests();
    let create = requests.iter().find(|r| r.action() == "CreateKey").unwrap().json();
    assert_eq!(
        (&create["Alias"], &create["KeyUsage"]),
        (&json!("-keyferry-check-access"), &json!("keyferry-check-access"))
    );
}

#[test]
fn an_answer_that_tells_nothing_about_a_right_is_not_taken_for_one() {
    let room = room(|request| match request.action() {
        "Encrypt" => refused("InternalError"),
        "Decrypt" => Answer::Raw(vec![]),
        _ => not_found(request),
    });
    let done = room.run(LINE).expect(4, "error [KF-ACCESS-01]");
    assert!(
        done.stderr.contains("may call Encrypt, Decrypt: the first answer was InternalError"),
        "{}",
        done.stderr
    );
    assert!(!done.stderr.contains("may exist already"), "{}", done.stderr);
}

#[test]
fn a_key_that_was_made_all_the_same_is_said() {
    let room = room(|request| match request.action() {
        "CreateKey" => success(json!({
            "KeyId": ONE, "Alias": "a", "CreateTime": 1, "Description": "", "KeyState": "PendingImport", "KeyUsage": "ENCRYPT_DECRYPT",
        })),
        _ => not_found(request),
    });
    let done = room.run(LINE).expect(1, "from a request that it should have refused");
    assert!(done.stderr.contains(ONE) && done.stderr.contains("schedule-deletion"), "{}", done.stderr);
}

#[test]
fn a_service_that_is_not_bought_and_credentials_that_are_none() {
    let off = Room::with(|request| match request.action() {
        "GetServiceStatus" => Some(success(json!({"ServiceEnabled": false}))),
        "GetRegions" => None,
        "DescribeKey" if request.json()["KeyId"] != json!(NOBODY) => None,
        _ => Some(not_found(request)),
    });
    off.run(LINE).expect(1, "KMS is not enabled for this account in ap-singapore");
    let nobody = Room::with(|_| Some(refused("AuthFailure.SecretIdNotFound")));
    nobody.run(LINE).expect(4, "AuthFailure.SecretIdNotFound");
    assert_eq!(nobody.server.actions(), ["GetRegions"], "no further request");
}
