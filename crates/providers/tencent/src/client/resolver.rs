//! Resolves names to addresses: this computer's own names are resolved here, never by the system.
//!
//! In a hosts file or a name service, `localhost` may be another computer; a request in plain HTTP would go there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use keyferry_core::Endpoint;
use keyferry_core::endpoint::Loopback;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::connect;

/// How long the system's answer is kept. ureq resolves the name for every request, even on a kept connection, and starts a
/// thread for it.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// The literal address for an endpoint on this computer; for any other, the system's answer.
#[derive(Debug)]
pub(super) struct Names<R> {
    loopback: Option<Loopback>,
    system: R,
    last: Mutex<Option<Said>>,
}

/// The system's answer for a host and port, and its time.
#[derive(Debug)]
struct Said {
    host: String,
    addresses: ResolvedSocketAddrs,
    at: Instant,
}

impl Names<DefaultResolver> {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        Self { loopback: endpoint.loopback(), system: DefaultResolver::default(), last: Mutex::default() }
    }
}

impl<R: Resolver> Names<R> {
    fn ask(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        // Only complete answers are stored.
        let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let host = format!("{}:{:?}", uri.host().unwrap_or_default(), uri.port_u16());
        let fresh = |said: &&Said| said.host == host && said.at.elapsed() < GOOD_FOR;
        if let Some(said) = last().as_ref().filter(fresh) {
            return Ok(said.addresses.clone());
        }
        let addresses = self.system.resolve(uri, config, timeout)?;
        *last() = Some(Said { host, addresses: addresses.clone(), at: Instant::now() });
        Ok(addresses)
    }
}

impl<R: Resolver> Resolver for Names<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let Some(loopback) = self.loopback else {
            connect::refuse_socks(config, uri)?;
            let found = self.ask(uri, config, timeout);
            return found.map_err(|e| connect::mark(connect::unsent(e).0));
        };
        let standard = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(standard);
        let addresses: &[IpAddr] = match loopback {
            Loopback::Name => &[IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)],
            Loopback::V4(address) => &[IpAddr::V4(address)],
            Loopback::V6(address) => &[IpAddr::V6(address)],
        };
        let mut found = self.empty();
        addresses.iter().for_each(|address| found.push(SocketAddr::new(*address, port)));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ureq::unversioned::transport::time;

    use super::*;

    /// A resolver for which every name is another computer.
    #[derive(Debug, Default)]
    struct Liar(Arc<AtomicUsize>);

    impl Resolver for Liar {
        fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
            self.0.fetch_add(1, Ordering::SeqCst);
            let mut found = self.empty();
            found.push("192.0.2.77:80".parse().unwrap());
            Ok(found)
        }
    }

    fn resolved(endpoint: &str) -> (Vec<String>, usize) {
        let parsed: Endpoint = endpoint.parse().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let names =
            Names { loopback: parsed.loopback(), system: Liar(Arc::clone(&asked)), last: Mutex::default() };
        let timeout = NextTimeout {
            after: time::Duration::NotHappening,
            reason: ureq::Timeout::Global,
            ..NextTimeout::default()
        };
        let ask = || names.resolve(&endpoint.parse().unwrap(), &Config::default(), timeout).unwrap();
        let found = ask();
        // The second request reuses the first one's answer.
        assert_eq!(*ask(), *found);
        (found.iter().map(ToString::to_string).collect(), asked.load(Ordering::SeqCst))
    }

    #[test]
    fn a_resolver_that_lies_is_not_asked_for_this_computer() {
        for (endpoint, addresses) in [
            ("http://localhost:8080", &["127.0.0.1:8080", "[::1]:8080"][..]),
            ("http://localhost", &["127.0.0.1:80", "[::1]:80"]),
            ("https://localhost", &["127.0.0.1:443", "[::1]:443"]),
            ("http://127.9.9.9:1", &["127.9.9.9:1"]),
            ("http://[::1]:65535", &["[::1]:65535"]),
        ] {
            assert_eq!(
                resolved(endpoint),
                (addresses.iter().map(ToString::to_string).collect(), 0),
                "{endpoint}"
            );
        }
        // The system may resolve the service's name, because TLS proves who answers.
        assert_eq!(resolved("https://kms.example"), (vec!["192.0.2.77:80".to_owned()], 1));
    }
}
