//! Requests that cannot be sent: people are told that nothing was done, and why.

use crate::kit::{Done, ONE, Room, UNSET};
use crate::net::production;
use crate::peer::{proxy_says, says, tls};

/// Each command's first request, which is what fails.
const COMMANDS: [&str; 6] = [
    "create-key --plan draft.toml --out new.toml",
    "export --plan plan.toml --out out --session session.json",
    "status --plan plan.toml",
    "check-access --plan plan.toml",
    "enable --region ap-singapore --key-id ID",
    "random --region ap-singapore --out random.bin",
];

/// Runs each command, which sends nothing and says so.
fn each(room: &Room, endpoint: &str, cause: &str) {
    for command in COMMANDS {
        let line = command.replace("ID", ONE);
        let done = room.run_with(&line, endpoint).expect(4, "error [KF-NET-02]").expect(4, cause);
        let Done { stderr, .. } = &done;
        assert!(stderr.contains("was not sent") && stderr.contains("nothing was done"), "{line}: {stderr}");
        for wrong in ["may exist", "exist already", "dead", "hint: run the same command again"] {
            assert!(!stderr.contains(wrong), "{line}: {wrong}: {stderr}");
        }
    }
    assert!(!room.has("new.toml"));
    room.no_outputs();
}

fn room(plan: &str) -> Room {
    let room = Room::new();
    room.write("plan.toml", plan);
    room.write("draft.toml", plan.replace("key_id", "# key_id"));
    room
}

#[test]
fn an_inspected_connection_is_named_and_nothing_was_done() {
    let url = format!("https://localhost:{}", tls("good"));
    each(&room(crate::kit::TWO_KEYS), &url, "issuer of the certificate is unknown");
    let mut room = room(crate::kit::TWO_KEYS);
    let ca = format!("{}/../providers/tencent/tests/data/tls/ca.der", env!("CARGO_MANIFEST_DIR"));
    room.env.push(("SSL_CERT_FILE", ca));
    room.run_with(COMMANDS[2], &url).expect(4, "neither SSL_CERT_FILE nor the system's store is read");
}

#[test]
fn a_certificate_of_the_future_asks_for_the_clock() {
    let url = format!("https://localhost:{}", tls("future"));
    let done = room(crate::kit::TWO_KEYS)
        .run_with(COMMANDS[2], &url)
        .expect(4, "not valid until 2100-01-01T00:00:00Z");
    assert!(done.stderr.contains("check this computer's clock and correct it"), "{}", done.stderr);
    let url = format!("https://localhost:{}", tls("expired"));
    room(crate::kit::TWO_KEYS).run_with(COMMANDS[2], &url).expect(4, "expired at 2021-01-01T00:00:00Z");
}

#[test]
fn a_portal_without_tls_is_named_and_nothing_was_done() {
    let url = format!("https://localhost:{}", says(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    each(&room(crate::kit::TWO_KEYS), &url, "does not speak TLS");
}

#[test]
fn a_proxy_that_wants_a_login_is_named_and_nothing_was_done() {
    let asks = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";
    let mut room = room(&production(""));
    room.env.push(("HTTPS_PROXY", format!("http://127.0.0.1:{}", proxy_says(asks, b""))));
    each(&room, UNSET, "407");
}

#[test]
fn a_socks_proxy_is_named_and_nothing_was_done() {
    let mut room = room(&production(""));
    room.env.push(("HTTPS_PROXY", "socks5://127.0.0.1:1".into()));
    each(&room, UNSET, "SOCKS proxy");
}
