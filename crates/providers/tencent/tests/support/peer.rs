//! Peers on loopback that no request can reach: TLS by rustls, a proxy, and sockets that send something else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

/// Certificates for one key, issued by the CA in `ca.der`: `good` and `other-name` are valid from 2020 to 2120, `expired` is valid
/// until 2021, and `future` from 2100 on.
pub(crate) fn der(name: &str) -> Vec<u8> {
    let bytes: &[u8] = match name {
        "ca" => include_bytes!("../data/tls/ca.der"),
        "expired" => include_bytes!("../data/tls/expired.der"),
        "future" => include_bytes!("../data/tls/future.der"),
        "good" => include_bytes!("../data/tls/good.der"),
        "leaf-key" => include_bytes!("../data/tls/leaf-key.der"),
        "other-name" => include_bytes!("../data/tls/other-name.der"),
        other => panic!("{other}"),
    };
    bytes.to_vec()
}

/// Starts a server on loopback that calls `serve` for each connection; returns its port. It ends with the test process.
fn peer(serve: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap())));
    port
}

/// A TLS server with that certificate, which accepts a request and sends no answer.
pub(crate) fn tls(certificate: &str) -> u16 {
    let chain = vec![CertificateDer::from(der(certificate)), CertificateDer::from(der("ca"))];
    let key = PrivateKeyDer::try_from(der("leaf-key")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let config = Arc::new(config);
    peer(move |mut stream| {
        let mut session = ServerConnection::new(Arc::clone(&config)).unwrap();
        if session.complete_io(&mut stream).is_ok() {
            // At least the first byte of a request.
            let _ = rustls::Stream::new(&mut session, &mut stream).read(&mut [0; 1]);
        }
    })
}

/// Answers, and reads whatever still arrives, so that a reset does not discard the answer.
fn answer(mut stream: TcpStream, answer: &[u8]) {
    let _ = stream.write_all(answer);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

/// A server that waits for the first bytes and answers with these.
pub(crate) fn says(bytes: &'static [u8]) -> u16 {
    peer(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        answer(stream, bytes);
    })
}

/// A proxy that reads a whole CONNECT and answers with these bytes; `behind` is the server at the end of the tunnel.
pub(crate) fn proxy_says(bytes: &'static [u8], behind: &'static [u8]) -> u16 {
    peer(move |mut stream| {
        let mut lines = BufReader::new(&stream).lines();
        assert!(lines.any(|line| line.is_ok_and(|l| l.is_empty())), "no CONNECT");
        let _ = stream.write_all(bytes);
        if !behind.is_empty() {
            let _ = stream.read(&mut [0; 4096]);
        }
        answer(stream, behind);
    })
}
