//! Connecting to the service: failures here are marked as [`Unsent`], because no byte of a request was sent.
//!
//! A SOCKS proxy from the environment is refused: the library would ignore it and connect directly.

use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::transport::{ConnectionDetails, Connector, DefaultConnector};
use ureq::{Error, ProxyProtocol};

use super::unsent::{ProxyFault, TlsFault, Unsent};

/// How many of a certificate's names a refusal quotes, and how many characters of each.
const NAMES: usize = 3;
const NAME: usize = 64;

/// The library's connector, with its failures marked.
#[derive(Debug, Default)]
pub(super) struct Way(DefaultConnector);

impl Connector<()> for Way {
    type Out = <DefaultConnector as Connector<()>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        refuse_socks(details.config, details.uri)?;
        let proxied = proxied(details.config, details.uri);
        self.0.connect(details, chained).map_err(|e| {
            mark(match unsent(e) {
                // The connection to the proxy itself is made by this same connector and the resolver.
                (way, true) if proxied => Unsent::Proxy(ProxyFault::Way(Box::new(way))),
                (way, _) => way,
            })
        })
    }
}

/// An [`Unsent`] on its way through the library.
#[derive(Debug)]
struct Marked(Unsent);

impl fmt::Display for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not sent: {}", self.0.words().en)
    }
}

impl std::error::Error for Marked {}

/// Marks an error that happened before anything was sent.
pub(super) fn mark(way: Unsent) -> Error {
    Error::Other(Box::new(Marked(way)))
}

/// What kept the request from being sent, if nothing was sent.
pub(super) fn marked(e: &Error) -> Option<&Unsent> {
    let Error::Other(e) = e else { return None };
    e.downcast_ref::<Marked>().map(|marked| &marked.0)
}

/// # Errors
/// A marked [`ProxyFault::Socks`].
pub(super) fn refuse_socks(config: &Config, uri: &Uri) -> Result<(), Error> {
    let http = |p: ProxyProtocol| matches!(p, ProxyProtocol::Http | ProxyProtocol::Https);
    match config.proxy() {
        Some(proxy) if proxied(config, uri) && !http(proxy.protocol()) => {
            Err(mark(Unsent::Proxy(ProxyFault::Socks)))
        }
        _ => Ok(()),
    }
}

fn proxied(config: &Config, uri: &Uri) -> bool {
    config.proxy().is_some_and(|proxy| !proxy.is_no_proxy(uri))
}

/// What an error while connecting means; `true` if it was marked already.
pub(super) fn unsent(e: Error) -> (Unsent, bool) {
    if let Some(way) = marked(&e) {
        return (way.clone(), true);
    }
    let way = match e {
        Error::HostNotFound => Unsent::HostNotFound,
        Error::Timeout(_) => Unsent::Timeout,
        Error::Io(e) => of_io(&e),
        Error::Rustls(e) => Unsent::Tls(of_tls(&e)),
        Error::Tls(why) => Unsent::Tls(TlsFault::Handshake(why.to_owned())),
        Error::ConnectProxyFailed(reason) => Unsent::Proxy(of_connect(&reason)),
        // Nothing else is sent before the request.
        Error::Protocol(_) | Error::Http(_) | Error::LargeResponseHeader(..) => {
            Unsent::Proxy(ProxyFault::NoAnswer)
        }
        Error::ConnectionFailed => Unsent::Unreachable,
        _ => Unsent::Other,
    };
    (way, false)
}

fn of_io(e: &io::Error) -> Unsent {
    if let Some(e) = e.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()) {
        return Unsent::Tls(of_tls(e));
    }
    match e.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable => Unsent::Unreachable,
        io::ErrorKind::TimedOut => Unsent::Timeout,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Unsent::Closed,
        _ => Unsent::Other,
    }
}

fn of_tls(e: &rustls::Error) -> TlsFault {
    match e {
        rustls::Error::InvalidCertificate(e) => of_certificate(e),
        rustls::Error::InvalidMessage(
            InvalidMessage::InvalidContentType
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::MessageTooLarge
            | InvalidMessage::InvalidEmptyPayload,
        )
        | rustls::Error::PeerSentOversizedRecord => TlsFault::NotTls,
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        ) => TlsFault::Version,
        other => TlsFault::Handshake(short(other)),
    }
}

fn of_certificate(e: &CertificateError) -> TlsFault {
    match e {
        CertificateError::UnknownIssuer => TlsFault::UnknownIssuer,
        CertificateError::ExpiredContext { time, not_after } => {
            TlsFault::Expired { end: not_after.as_secs(), now: time.as_secs() }
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            TlsFault::NotYetValid { begin: not_before.as_secs(), now: time.as_secs() }
        }
        CertificateError::NotValidForName => TlsFault::OtherName(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            // The library writes each name as `DnsName("kms.example")`.
            let name = |text: &String| text.split('"').nth(1).unwrap_or(text).chars().take(NAME).collect();
            TlsFault::OtherName(presented.iter().take(NAMES).map(name).collect())
        }
        other => TlsFault::Certificate(short(other)),
    }
}

/// The TLS library's text; it can contain names that the other side chose.
fn short(e: &impl fmt::Display) -> String {
    e.to_string().chars().take(2 * NAME).collect()
}

/// The library says `proxy server responded 407/407`.
fn of_connect(reason: &str) -> ProxyFault {
    let status = reason.rsplit(['/', ' ']).next().and_then(|n| n.parse().ok());
    match status {
        Some(407) => ProxyFault::Login,
        Some(n) => ProxyFault::Status(n),
        None => ProxyFault::NoAnswer,
    }
}

#[cfg(test)]
mod tests;
