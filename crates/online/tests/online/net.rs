//! Requests as they are sent, answers that are not valid, and the endpoint rule.

use keyferry_core::{CeremonyPlan, Parameters, Session, Timestamp, artefact};
use keyferry_tencent::Credentials;
use keyferry_tencent::tc3::{Received, verify};

use crate::kit::{ID, KEY, ONE, Room, SESSION_TOKEN, TWO_KEYS, UNSET, refused, token};
use crate::server::{Answer, Request, Trap};

#[test]
fn every_request_is_signed_for_the_host_it_names() {
    let mut room = Room::new();
    room.env.push(("TENCENTCLOUD_TOKEN", SESSION_TOKEN.into()));
    room.export("").expect(0, "REHEARSAL");
    let credentials = Credentials::new(ID, KEY).with_token(SESSION_TOKEN);
    let now = Timestamp::from_unix(jiff::Timestamp::now().as_second()).unwrap();
    let requests = room.server.requests();
    assert_eq!(room.server.actions(), ["DescribeKey", "GetParametersForImport"].repeat(2));
    for request in &requests {
        assert_eq!(request.line, "POST / HTTP/1.1");
        assert_eq!(request.header("host"), Some(room.server.address.as_str()));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("x-tc-language"), Some("en-US"));
        assert_eq!(request.header("user-agent"), Some("keyferry-online/0.1.0"));
        let received =
            Received { method: "POST", query: "", header: &|n| request.header(n), body: &request.body };
        verify(&received, |id| (id == ID).then_some(&credentials), now).unwrap();
    }
    assert_eq!(requests[0].header("x-tc-region"), Some("ap-singapore"));
    assert_eq!(requests[2].header("x-tc-region"), Some("ap-guangzhou"));
    let asked = requests[1].json();
    assert_eq!(asked["WrappingAlgorithm"], "RSAES_OAEP_SHA_256");
    assert_eq!((&asked["WrappingKeySpec"], &asked["KeyId"]), (&"RSA_2048".into(), &ONE.into()));
}

#[test]
fn the_service_is_asked_to_speak_the_room_s_language() {
    let room = Room::new();
    let done = room.run("status --plan plan.toml --lang zh").expect(1, "演练");
    assert!(done.stdout.contains("密钥 ID"), "{}", done.stdout);
    assert_eq!(room.server.requests()[0].header("x-tc-language"), Some("zh-CN"));
}

fn raw(text: &str) -> Answer {
    Answer::Raw(text.as_bytes().to_vec())
}

fn body(text: &str) -> Answer {
    Answer::Ok(text.to_owned())
}

#[test]
fn what_is_no_answer_is_refused_and_leaves_nothing() {
    type Make = fn() -> Answer;
    let answers: &[(&str, Make)] = &[
        ("KF-NET-03", || raw("HTTP/1.1 500 Oops\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")),
        ("KF-NET-03", || {
            raw(
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            )
        }),
        ("KF-NET-03", || {
            raw(
                "HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            )
        }),
        ("KF-NET-03", || raw("SSH-2.0-OpenSSH_9.9\r\n\r\n")),
        ("KF-NET-03", || body("<html>log in first</html>")),
        ("KF-NET-03", || body("")),
        ("KF-NET-03", || body("{\"Response\":{\"KeyMetadata\":{}}}")),
        ("KF-NET-03", || body("{\"Response\":{\"RequestId\":\"a\"}}")),
        ("KF-NET-03", || body(&" ".repeat((1 << 20) + 1))),
        ("KF-NET-03", || {
            let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
            endless.extend(vec![b'['; 3 << 20]);
            Answer::Raw(endless)
        }),
        ("KF-NET-02", || raw("")),
        ("KF-NET-02", || raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Resp")),
        ("KF-KMS-01", || refused("InternalError")),
        ("KF-KMS-01", || refused("Brand.New")),
    ];
    for (control, answer) in answers {
        let room = Room::with(move |_| Some(answer()));
        let done = room.export("").expect(4, &format!("error [{control}]"));
        assert!(done.stderr.contains("hint: ") && done.stdout.is_empty(), "{}", done.stderr);
        room.no_outputs();
    }
}

#[test]
fn nobody_at_the_endpoint() {
    let room = Room::new();
    let line = "export --plan plan.toml --out out --session session.json";
    room.run_with(line, "http://127.0.0.1:1").expect(4, "KF-NET-02");
    // A server that answers, but without TLS.
    room.run_with(line, &format!("https://{}", room.server.address)).expect(4, "KF-NET-02");
    room.no_outputs();
}

#[test]
fn an_answer_about_another_key_is_none() {
    let room = Room::with(|request: &Request| {
        let other = ONE.replace("4b01", "4b09");
        let text = format!(
            r#"{{"Response":{{"KeyMetadata":{{"KeyId":"{other}","Alias":"one","KeyState":"PendingImport","Type":2,
            "Origin":"EXTERNAL"}},"RequestId":"r"}}}}"#
        );
        (request.action() == "DescribeKey").then(|| body(&text))
    });
    room.export("").expect(4, "KF-NET-03");
    room.no_outputs();
}

#[test]
fn the_endpoint_rule() {
    let room = Room::new();
    room.write("production.toml", production(""));
    let line = |plan: &str| format!("export --plan {plan} --out out --session session.json");
    for (plan, endpoint) in [
        ("plan.toml", "https://kms.tencentcloudapi.com"),
        ("plan.toml", "http://10.0.0.1"),
        ("plan.toml", "nonsense"),
        ("production.toml", room.server.url().as_str()),
        ("production.toml", "http://kms.tencentcloudapi.com"),
        ("production.toml", "https://kms.tencentcloudapi.com/path"),
    ] {
        room.run_with(&line(plan), endpoint).expect(1, "KF-NET-01");
    }
    let real = "status --region ap-singapore --key-id 23e80852-1e38-11e9-b129-5cb9019b4b01";
    room.run_with(real, "http://192.0.2.1").expect(1, "KF-NET-01");
    assert_eq!(room.server.requests().len(), 0);
    room.no_outputs();
}

/// Like [`TWO_KEYS`], but in production.
pub(crate) fn production(more: &str) -> String {
    TWO_KEYS.replace("\"rehearsal\"", &format!("\"production\"\n{more}")).replacen(
        "[[key]]",
        "[[participant]]\nname = \"A\"\nrole = \"operator\"\n[[participant]]\nname = \"B\"\nrole = \"witness\"\n[[key]]",
        1,
    )
}

/// A session under a production plan whose parameters were fetched from that endpoint, and the plan.
fn put_session(room: &Room, plan: &str, endpoint: &str) {
    let reviewed = CeremonyPlan::parse(plan.as_bytes()).unwrap();
    room.export("").expect(0, "");
    let (rehearsed, _) = artefact::parse::<Session>(room.read("session.json").as_bytes()).unwrap();
    let keys = rehearsed.parameters.keys.clone();
    let parameters = Parameters::new(&reviewed, rehearsed.parameters.fetched_at, keys).unwrap();
    let session = Session::new(endpoint.into(), parameters, rehearsed.secrets).unwrap();
    room.write("session.json", &**artefact::to_bytes(&session).unwrap());
    room.write("out/ciphertext.json", "{}");
}

#[test]
fn production_goes_to_the_provider_or_to_the_plan_s_host_and_nowhere_else() {
    let (room, trap) = (Room::new(), Trap::new());
    let elsewhere = format!("https://127.0.0.1:{}", trap.port());
    std::fs::create_dir(room.path("out2")).unwrap();
    room.write("production.toml", production(""));
    room.write("draft.toml", production("").replacen("key_id", "# key_id", 1));
    let commands = [
        "export --plan production.toml --out out2 --session s.json --journal journal2",
        "status --plan production.toml",
        "create-key --plan draft.toml --out new.toml",
    ];
    for line in commands {
        room.run_with(line, &elsewhere).expect(1, "neither").expect(1, "error [KF-NET-01]");
    }
    put_session(&room, &production(""), &elsewhere);
    let import = "import --session session.json --ciphertext out/ciphertext.json";
    for more in ["", " --plan production.toml"] {
        room.run_with(&format!("{import}{more}"), &elsewhere)
            .expect(1, "neither")
            .expect(1, "error [KF-NET-01]");
    }
    assert_eq!(trap.connections(), 0, "something was sent");
    // If the reviewed plan names the host, the host is used: the trap receives a connection.
    let named = production(&format!("endpoint = \"{elsewhere}\""));
    room.write("production.toml", &named);
    room.write("draft.toml", named.replacen("key_id", "# key_id", 1));
    for line in commands {
        room.run_with(line, &elsewhere).expect(4, "error [KF-NET-02]");
        assert_ne!(trap.connections(), 0, "{line}: the trap does not catch");
    }
}

/// The plan's author would learn the session token, because nobody compares the plan in these commands.
#[test]
fn a_plan_that_nobody_compares_names_no_host() {
    let (room, trap) = (Room::new(), Trap::new());
    let elsewhere = format!("https://127.0.0.1:{}", trap.port());
    room.write("production.toml", production(&format!("endpoint = \"{elsewhere}\"")));
    for line in ["status --plan production.toml", "check-access --plan production.toml"] {
        room.run_with(line, UNSET)
            .expect(1, "does not ask anybody to compare")
            .expect(1, "error [KF-NET-01]");
        assert_eq!(trap.connections(), 0, "{line}: something was sent");
        room.run_with(&format!("{line} --endpoint {elsewhere}"), UNSET);
        assert_ne!(trap.connections(), 0, "{line}: the trap does not catch");
    }
}

#[test]
fn import_takes_the_endpoint_from_the_plan_of_its_session_alone() {
    let (room, trap) = (Room::new(), Trap::new());
    let elsewhere = format!("https://127.0.0.1:{}", trap.port());
    let named = production(&format!("endpoint = \"{elsewhere}\""));
    room.write("production.toml", &named);
    room.write("other.toml", format!("{named}# another\n"));
    put_session(&room, &named, &elsewhere);
    let import = "import --session session.json --ciphertext out/ciphertext.json";
    room.run_with(import, &elsewhere).expect(1, "error [KF-NET-01]");
    room.run_with(&format!("{import} --plan other.toml"), &elsewhere).expect(1, "error [KF-PARAM-02]");
    // Once the endpoint is accepted, the ciphertext is read.
    room.run_with(&format!("{import} --plan production.toml"), &elsewhere).expect(1, "error [KF-ART-03]");
    assert_eq!(trap.connections(), 0);
}

/// A proxy learns which hosts the station contacts, so people are shown its name. It is never used for this
/// computer itself.
#[test]
fn a_proxy_of_the_environment_is_shown_and_not_used_for_loopback() {
    let (mut room, trap) = (Room::new(), Trap::new());
    let status = "status --region ap-singapore --json";
    for name in ["HTTPS_PROXY", "ALL_PROXY", "http_proxy"] {
        let proxy = format!("http://user:s3cret@127.0.0.1:{}", trap.port());
        room.env.retain(|(n, _)| n.starts_with("TENCENT"));
        // The kit's own variable is emptied, because it has precedence over some of these names.
        room.env.extend([("HTTPS_PROXY", String::new()), (name, proxy)]);
        let done = room.run(status).expect(0, "");
        assert!(!done.stderr.contains("proxy") && done.json()["proxy"].is_null(), "{}", done.stderr);
        assert_eq!(trap.connections(), 0, "loopback went through a proxy");
        let shown = format!("proxy        http://127.0.0.1:{}", trap.port());
        let done = room.run_with(&format!("{status} --timeout 1"), "https://kms.invalid").expect(4, &shown);
        assert!(!done.stderr.contains("s3cret") && !done.stdout.contains("s3cret"), "{}", done.stderr);
        assert_ne!(trap.connections(), 0, "{name} is not used");
        room.env.push(("NO_PROXY", "kms.invalid".into()));
        let done = room.run_with(&format!("{status} --timeout 1"), "https://kms.invalid");
        assert!(!done.stderr.contains(&shown), "{}", done.stderr);
        assert_eq!(trap.connections(), 0);
    }
}

#[test]
fn the_most_verbose_run_names_lengths_and_shows_no_secret() {
    let mut room = Room::new();
    room.env.push(("TENCENTCLOUD_TOKEN", SESSION_TOKEN.into()));
    let done = room.export("-vv").expect(0, "[2] headers Authorization");
    for shown in ["ImportToken (106)", "PublicKey (392)", "X-TC-Token", "DescribeKey ap-singapore", "req-0"] {
        assert!(done.stderr.contains(shown), "{shown}: {}", done.stderr);
    }
    let signature = room.server.requests()[0].header("authorization").unwrap().to_owned();
    let signature = signature.rsplit('=').next().unwrap();
    let all = format!("{}{}{}", done.stdout, done.stderr, room.read("out/transcript.jsonl"));
    for secret in [KEY, SESSION_TOKEN, &token(ONE), signature, ID] {
        assert!(!all.contains(secret), "{secret}");
        assert!(!room.read("out/parameters.json").contains(secret), "{secret}");
    }
}

#[test]
fn a_service_that_quotes_a_token_is_not_quoted() {
    let room = Room::with(|request| {
        let text = format!(
            r#"{{"Response":{{"Error":{{"Code":"InvalidParameter","Message":"bad {}"}},"RequestId":"r"}}}}"#,
            token(ONE)
        );
        (request.action() != "DescribeKey").then(|| body(&text))
    });
    let done = room.export("-vv --json").expect(4, "KF-KMS-01");
    assert!(!done.stderr.contains("TOKEN") && !done.stdout.contains("TOKEN"), "{}", done.stderr);
    assert_eq!(done.json()["error"]["exit_code"], 4);
}

#[test]
fn a_wrong_command_line() {
    let room = Room::new();
    let done = room.run("export --plan plan.toml").expect(2, "error [KF-USAGE-01]");
    assert!(done.stderr.contains("--out") && done.stderr.contains("hint: Usage:"), "{}", done.stderr);
    let done = room.run("frobnicate --json --lang zh").expect(2, "错误 [KF-USAGE-01]");
    assert_eq!(done.json()["error"]["control"], "KF-USAGE-01");
    room.run("import --session s --ciphertext c --expect-digest 12ab").expect(2, "KF-USAGE-01");
    let help = room.run("--help").expect(0, "");
    assert!(help.stdout.contains("create-key") && help.stderr.is_empty(), "{}", help.stdout);
    assert_eq!(room.run("--version").stdout, "keyferry-online 0.1.0\n");
}
