//! `import`: nothing foreign is sent, each key is independent of the others, and only a proved key
//! counts.

use getrandom::SysRng;
use keyferry_core::Origin;
use keyferry_core::{
    CeremonyPlan, Ciphertext, Fingerprint, KeyMaterial, Parameters, Session, Timestamp, Transcript, artefact,
};

use crate::kit::{Done, ONE, Room, TWO, TWO_KEYS, refused, success, token};
use crate::script;
use crate::server::{Answer, Request};

/// What the offline station does: checks, generates, wraps.
pub(crate) fn wrap(room: &Room) -> Ciphertext {
    let plan = CeremonyPlan::parse(room.read("plan.toml").as_bytes()).unwrap();
    let bytes = room.read("out/parameters.json");
    let (parameters, digest) = artefact::parse::<Parameters>(bytes.as_bytes()).unwrap();
    let now = Timestamp::from_unix(jiff::Timestamp::now().as_second()).unwrap();
    let checked = parameters.check(digest, &plan, now).unwrap();
    let wrapped = checked.entries().iter().map(|e| {
        let material = KeyMaterial::generate(e.material().length, &mut SysRng).unwrap();
        checked.wrap(e, &material, &mut SysRng).unwrap()
    });
    checked.ciphertext(wrapped.collect(), Origin::station(false, now)).unwrap()
}

pub(crate) fn put(room: &Room, ciphertext: &Ciphertext) -> Fingerprint {
    let bytes = artefact::to_bytes(ciphertext).unwrap();
    room.write("out/ciphertext.json", &*bytes);
    Fingerprint::of(&bytes)
}

/// A room with a session and a ciphertext, its digest, and the number of requests so far.
pub(crate) fn wrapped(room: Room) -> (Room, Fingerprint, usize) {
    room.export("").expect(0, "");
    let digest = put(&room, &wrap(&room));
    let requests = room.server.requests().len();
    (room, digest, requests)
}

pub(crate) fn import(room: &Room, digest: &Fingerprint, more: &str) -> Done {
    let line = format!(
        "import --session session.json --ciphertext out/ciphertext.json --expect-digest {digest} {more}"
    );
    room.run(&line)
}

#[test]
fn imported_proved_and_harmless_to_repeat() {
    let (room, digest, before) = wrapped(Room::new());
    let done = import(&room, &digest, "--json").expect(0, "proved");
    let json = done.json();
    assert_eq!(
        (&json["keys"][1]["state"], &json["keys"][1]["valid_to"]),
        (&"Enabled".into(), &"2030-01-01T00:00:00Z".into())
    );
    let flow = ["DescribeKey", "ImportKeyMaterial", "DescribeKey", "Encrypt", "Decrypt"].repeat(2);
    assert_eq!(room.server.actions()[before..], flow);
    let sent = room.server.requests()[before + 1].json();
    assert_eq!((&sent["ValidTo"], &sent["ImportToken"]), (&0.into(), &token(ONE).into()));
    assert_eq!(sent["EncryptedKeyMaterial"].as_str().unwrap().len(), 344);
    let record = room.read("out/transcript.jsonl");
    let chain = Transcript::verify(record.as_bytes()).unwrap().unwrap();
    assert_eq!(json["transcript_head"], chain.head().to_string());
    for kind in ["checked", "confirmed", "imported", "proved", "finished"] {
        assert!(record.contains(&format!("\"kind\":\"{kind}\"")), "{kind}: {record}");
    }
    let again = import(&room, &digest, "").expect(0, "proved");
    assert_eq!(again.stdout, format!("one ap-singapore {ONE} Enabled\ntwo ap-guangzhou {TWO} Enabled\n"));
}

#[test]
fn the_session_knows_the_endpoint() {
    let (room, digest, before) = wrapped(Room::new());
    let line =
        format!("import --session session.json --ciphertext out/ciphertext.json --expect-digest {digest}");
    // An empty variable is a malformed endpoint, not a missing one.
    room.run_with(&line, "").expect(1, "KF-NET-01");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_keyferry-online"))
        .args(line.split(' '))
        .args(script::answers(&line.split(' ').collect::<Vec<_>>(), room.dir.path()))
        .args(["--journal", "home/.local/state/keyferry/journal"])
        .current_dir(room.dir.path())
        .env_clear()
        .envs(room.env.iter().map(|(k, v)| (k, v)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(room.server.requests().len(), before + 10);
}

#[test]
fn without_consent_nothing_is_sent_or_recorded() {
    let (room, digest, before) = wrapped(Room::new());
    let record = room.read("out/transcript.jsonl");
    let asked = room.run("import --session session.json --ciphertext out/ciphertext.json");
    asked.expect(1, "KF-CONSENT-01");
    let other = Fingerprint::of(b"other");
    import(&room, &other, "").expect(1, "KF-CIPHER-07");
    let words = digest.words(keyferry_core::Lang::En).join("·");
    let typed =
        format!("import --session session.json --ciphertext out/ciphertext.json --expect-digest {words}");
    assert_eq!((room.server.requests().len(), room.read("out/transcript.jsonl")), (before, record));
    room.run(&typed).expect(0, "proved");
}

#[test]
fn a_file_with_a_foreign_entry_is_refused_whole() {
    let (room, _, before) = wrapped(Room::new());
    let good = wrap(&room);
    let mut swapped = good.clone();
    let (first, second) =
        (swapped.keys[0].wrapped_material.clone(), swapped.keys[1].wrapped_material.clone());
    swapped.keys[0].wrapped_material = second;
    swapped.keys[1].wrapped_material = first;
    let digest = put(&room, &swapped);
    let done = import(&room, &digest, "--json").expect(1, "KF-CIPHER-05");
    assert_eq!(done.json()["failures"].as_array().unwrap().len(), 2, "every bad entry is named");
    let mut other_key = good.clone();
    other_key.keys[1].wrapping_key_sha256 = Fingerprint::of(b"another");
    let digest = put(&room, &other_key);
    import(&room, &digest, "").expect(1, "KF-CIPHER-04");
    // An older ciphertext: made for an earlier export of the same keys.
    let (earlier, ..) = wrapped(Room::with(|r| parameters_for(r, |_| 86_000)));
    room.write("out/ciphertext.json", earlier.read("out/ciphertext.json"));
    let digest = Fingerprint::of(earlier.read("out/ciphertext.json").as_bytes());
    import(&room, &digest, "").expect(1, "KF-CIPHER-02");
    assert_eq!(room.server.requests().len(), before);
}

#[test]
fn an_expired_token_is_not_sent() {
    let room = Room::with(|r| parameters_for(r, |id| if id == ONE { 20_000 } else { 86_400 }));
    room.export("").expect(0, "");
    // The test cannot set the computer's clock seven hours ahead, so it sets the times in the files
    // back.
    let session = room.read("session.json");
    let Session { endpoint, mut parameters, secrets, .. } = artefact::parse(session.as_bytes()).unwrap().0;
    fn earlier(time: Timestamp) -> Timestamp {
        Timestamp::from_unix(time.unix() - 25_200).unwrap()
    }
    parameters.fetched_at = earlier(parameters.fetched_at);
    parameters.keys.iter_mut().for_each(|key| key.expires_at = key.expires_at.map(earlier));
    let session = Session::new(endpoint, parameters, secrets).unwrap();
    room.write("session.json", &**artefact::to_bytes(&session).unwrap());
    let (parameters, digest) = (session.parameters, session.parameters_sha256);
    let now = parameters.fetched_at;
    let checked = parameters.check(digest, &CeremonyPlan::parse(TWO_KEYS.as_bytes()).unwrap(), now).unwrap();
    let wrapped = checked.entries().iter().map(|e| {
        let material = KeyMaterial::generate(e.material().length, &mut SysRng).unwrap();
        checked.wrap(e, &material, &mut SysRng).unwrap()
    });
    let digest = put(&room, &checked.ciphertext(wrapped.collect(), Origin::station(false, now)).unwrap());
    let before = room.server.requests().len();
    let done = import(&room, &digest, "--json").expect(1, "error [KF-CIPHER-08]: one:");
    assert_eq!(done.json()["keys"][0]["alias"], "two");
    assert_eq!(room.server.requests().len(), before + 5);
}

/// Parameters as the service returns them, valid for `left` seconds.
fn parameters_for(request: &Request, left: impl Fn(&str) -> i64) -> Option<Answer> {
    (request.action() == "GetParametersForImport").then(|| {
        let id = request.json()["KeyId"].as_str().unwrap().to_owned();
        success(serde_json::json!({
            "KeyId": id, "ImportToken": token(&id), "PublicKey": crate::kit::SPKI,
            "ParametersValidTo": jiff::Timestamp::now().as_second() + left(&id),
        }))
    })
}

/// Imports in a room whose KMS misbehaves at `action` for key `one`.
fn spoiled(action: &'static str, answer: fn() -> Answer) -> (Room, Done) {
    let room = Room::with(move |r: &Request| {
        let of_one = r.json()["KeyId"] == ONE
            || r.json()["CiphertextBlob"].as_str().is_some_and(|b| b.starts_with(ONE));
        (r.action() == action && of_one).then(answer)
    });
    let (room, digest, _) = wrapped(room);
    let done = import(&room, &digest, "--json");
    (room, done)
}

#[test]
fn a_superseded_token_is_named_with_what_to_do() {
    let (_, done) = spoiled("ImportKeyMaterial", || refused("ResourceUnavailable.TokenExpired"));
    let done = done.expect(4, "KF-KMS-01");
    for part in [
        "fetched parameters for this key again",
        "24 h",
        "run export again",
        "the old ciphertext can no longer be imported",
    ] {
        assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
    }
    assert_eq!(done.json()["keys"][0]["alias"], "two");
}

#[test]
fn a_lost_reply_asks_for_the_state_and_says_that_repeating_is_safe() {
    let (room, done) = spoiled("ImportKeyMaterial", || Answer::Raw(Vec::new()));
    let done = done.expect(4, "KF-NET-02");
    assert!(done.stderr.contains("the service now shows the key as PendingImport"), "{}", done.stderr);
    assert!(done.stderr.contains("that is safe"), "{}", done.stderr);
    assert!(room.read("out/transcript.jsonl").contains("key-failed"));
}

#[test]
fn what_does_not_hold_after_the_import() {
    let (_, done) = spoiled("Decrypt", || success(serde_json::json!({"KeyId": ONE, "Plaintext": "AAAA"})));
    done.expect(1, "error [KF-CONFIRM-03]: one:");
    let (_, done) =
        spoiled("Encrypt", || success(serde_json::json!({"KeyId": TWO, "CiphertextBlob": "x:y"})));
    done.expect(4, "error [KF-NET-03]: one:");
    let (_, done) = spoiled("ImportKeyMaterial", || success(serde_json::json!({})));
    done.expect(1, "error [KF-CONFIRM-01]: one:");
}

#[test]
fn another_expiry_than_the_plan_s() {
    let (room, digest, _) = wrapped(Room::new());
    let keys = std::sync::Arc::clone(&room.keys);
    let url = {
        // A KMS that loses the expiry of key two.
        let upstream = room.server.url();
        let proxy = crate::server::Server::start(move |r: &Request| {
            if r.action() == "DescribeKey" && r.json()["KeyId"] == TWO {
                let mut key = keys.lock().unwrap()[TWO].clone();
                key["ValidTo"] = 0.into();
                return success(serde_json::json!({"KeyMetadata": key}));
            }
            forward(&upstream, r)
        });
        proxy.url()
    };
    let line =
        format!("import --session session.json --ciphertext out/ciphertext.json --expect-digest {digest}");
    room.run_with(&line, &url).expect(1, "error [KF-CONFIRM-02]: two:");
}

fn forward(upstream: &str, request: &Request) -> Answer {
    use std::io::{Read, Write};

    let mut stream = std::net::TcpStream::connect(upstream.trim_start_matches("http://")).unwrap();
    let mut bytes = format!("{}\r\n", request.line);
    request.headers.iter().for_each(|(n, v)| bytes.push_str(&format!("{n}: {v}\r\n")));
    stream.write_all(format!("{bytes}\r\n").as_bytes()).unwrap();
    stream.write_all(&request.body).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    Answer::Raw(reply)
}

#[test]
fn a_key_that_takes_no_material_is_not_sent_any() {
    let (room, digest, before) = wrapped(Room::new());
    room.set(ONE, "KeyState", "Disabled");
    let done = import(&room, &digest, "").expect(1, "error [KF-KMS-03]: one:");
    assert_eq!(done.stdout, format!("two ap-guangzhou {TWO} Enabled\n"));
    assert_eq!(room.server.requests().len(), before + 6);
}
