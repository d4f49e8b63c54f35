//! The online station against OpenSSL's server: each reason why a connection is not trusted is named, and nothing is done.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::*;

/// Ends with the test.
struct Server(Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `openssl s_server` with that certificate of the online station's tests, on a port that it chooses.
fn server(certificate: &str, args: &str) -> Server {
    let data = format!("{}/crates/providers/tencent/tests/data/tls", env!("CARGO_MANIFEST_DIR"));
    let mut server = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-certform", "DER", "-keyform", "DER"])
        .args(["-cert", &format!("{data}/{certificate}.der"), "-key", &format!("{data}/leaf-key.der")])
        .args(args.split_whitespace())
        // The server ends when its input ends.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = lines.by_ref().find_map(|line| {
        let line = line.unwrap();
        line.strip_prefix("ACCEPT ").and_then(|at| at.rsplit_once(':')).map(|(_, port)| port.to_owned())
    });
    // Its later output must not block it.
    std::thread::spawn(move || lines.for_each(drop));
    Server(server, port.unwrap_or_else(|| panic!("openssl s_server {args} did not start")))
}

#[test]
fn each_cause_is_named_and_nothing_was_done() {
    for (certificate, args, cause) in [
        ("good", "-tls1_3", "the issuer of the certificate is unknown"),
        ("good", "-tls1_2", "the issuer of the certificate is unknown"),
        ("expired", "", "the certificate expired at 2021-01-01T00:00:00Z"),
        ("future", "", "the certificate is not valid until 2100-01-01T00:00:00Z"),
        ("good", "-tls1_1 -cipher ALL:@SECLEVEL=0", "neither TLS 1.2 nor 1.3"),
        ("good", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256", "neither TLS 1.2 nor 1.3"),
    ] {
        let server = server(certificate, args);
        let home = tempfile::tempdir().unwrap();
        let mut status = program("keyferry-online");
        status
            .args(["status", "--region", "ap-singapore", "--attempts", "1"])
            .args(["--endpoint", &format!("https://localhost:{}", server.1)])
            .envs([("TENCENTCLOUD_SECRET_ID", "AKIDtest"), ("TENCENTCLOUD_SECRET_KEY", "invented")])
            .env("HOME", home.path());
        let done = run(&mut status);
        assert!(done.err.contains(cause), "{certificate} {args}: {}", done.err);
        assert!(done.err.contains("was not sent") && done.err.contains("nothing was done"), "{}", done.err);
        assert!(done.err.contains("error [KF-NET-02]"), "{}", done.err);
    }
}
