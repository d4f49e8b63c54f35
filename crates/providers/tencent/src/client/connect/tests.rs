//! Every way in which a connection can fail, against real peers on loopback: TLS by rustls, a proxy, and sockets that send
//! something else.

use std::sync::Arc;

use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::super::RemoteFailure;
use super::*;
use peer::{der, proxy_says, says, tls};

#[path = "../../../tests/support/peer.rs"]
mod peer;

fn failure(url: &str, roots: RootCerts, proxy: Option<&str>) -> RemoteFailure {
    let tls = TlsConfig::builder().root_certs(roots).build();
    let proxy = proxy.map(|p| ureq::Proxy::new(p).unwrap());
    let config = ureq::Agent::config_builder().tls_config(tls).proxy(proxy).build();
    let endpoint = url.parse().unwrap();
    let agent = ureq::Agent::with_parts(config, Way::default(), super::super::Names::of(&endpoint));
    agent.post(url).send(b"{}".as_slice()).unwrap_err().into()
}

fn at(port: u16) -> RemoteFailure {
    failure(&format!("https://localhost:{port}"), RootCerts::WebPki, None)
}

/// A configuration that also trusts the test's CA.
fn trusting(port: u16) -> RemoteFailure {
    let roots: Arc<Vec<Certificate<'static>>> = Arc::new(vec![Certificate::from_der(&der("ca")).to_owned()]);
    failure(&format!("https://localhost:{port}"), RootCerts::Specific(roots), None)
}

fn through(port: u16) -> RemoteFailure {
    failure("https://kms.invalid", RootCerts::WebPki, Some(&format!("http://127.0.0.1:{port}")))
}

fn tls_fault(fault: TlsFault) -> RemoteFailure {
    Unsent::Tls(fault).into()
}

fn proxy(fault: ProxyFault) -> RemoteFailure {
    Unsent::Proxy(fault).into()
}

#[test]
fn a_certificate_that_is_refused_is_refused_for_its_reason() {
    assert_eq!(at(tls("good")), tls_fault(TlsFault::UnknownIssuer));
    let names = vec!["kms.example".to_owned(), "other.example".to_owned()];
    assert_eq!(trusting(tls("other-name")), tls_fault(TlsFault::OtherName(names)));
    for ask in [at, trusting] {
        let found = ask(tls("expired"));
        assert!(
            matches!(found, RemoteFailure::Unsent(Unsent::Tls(TlsFault::Expired { end: 1_609_459_200, .. }))),
            "{found:?}"
        );
        let found = ask(tls("future"));
        assert!(
            matches!(
                found,
                RemoteFailure::Unsent(Unsent::Tls(TlsFault::NotYetValid { begin: 4_102_444_800, .. }))
            ),
            "{found:?}"
        );
    }
}

/// The live control of this file: with the right certificate, the request is sent, and then nothing answers.
#[test]
fn what_was_sent_is_not_called_unsent() {
    let found = trusting(tls("good"));
    assert!(matches!(found, RemoteFailure::Silence(_)), "{found:?}");
    let found = failure(&format!("http://localhost:{}", says(b"")), RootCerts::WebPki, None);
    assert!(matches!(found, RemoteFailure::Silence(_)), "{found:?}");
}

#[test]
fn what_does_not_speak_tls_of_today_is_named() {
    assert_eq!(at(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")), tls_fault(TlsFault::NotTls));
    assert_eq!(at(says(b"SSH-2.0-OpenSSH_9.9\r\n")), tls_fault(TlsFault::NotTls));
    // Alerts of an outdated server: protocol_version, handshake_failure.
    assert_eq!(at(says(b"\x15\x03\x01\x00\x02\x02\x46")), tls_fault(TlsFault::Version));
    assert_eq!(at(says(b"\x15\x03\x03\x00\x02\x02\x28")), tls_fault(TlsFault::Version));
    // internal_error
    assert_eq!(
        at(says(b"\x15\x03\x03\x00\x02\x02\x50")),
        tls_fault(TlsFault::Handshake("received fatal alert: InternalError".into()))
    );
    assert_eq!(at(says(b"")), Unsent::Closed.into());
}

#[test]
fn a_way_that_leads_nowhere_is_named() {
    assert_eq!(at(1), Unsent::Unreachable.into());
    assert_eq!(through(1), proxy(ProxyFault::Way(Box::new(Unsent::Unreachable))));
}

#[test]
fn a_proxy_is_refused_for_its_reason() {
    for (answer, fault) in [
        (
            &b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n"[..],
            ProxyFault::Login,
        ),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", ProxyFault::Status(403)),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", ProxyFault::Status(502)),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", ProxyFault::NoAnswer),
    ] {
        assert_eq!(through(proxy_says(answer, b"")), proxy(fault));
    }
    // The tunnel works, but the server behind it does not speak TLS.
    let found = through(proxy_says(b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert_eq!(found, tls_fault(TlsFault::NotTls));
}

/// The library would resolve the name and connect to it directly.
#[test]
fn a_socks_proxy_is_refused_before_a_name_is_asked_for() {
    for scheme in ["socks4", "socks4a", "socks5", "socks5h", "socks"] {
        let found =
            failure("https://kms.invalid", RootCerts::WebPki, Some(&format!("{scheme}://127.0.0.1:1")));
        assert_eq!(found, proxy(ProxyFault::Socks), "{scheme}");
    }
}
