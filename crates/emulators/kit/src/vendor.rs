//! The trait that a vendor's crate implements, and the settings that the kit passes to it.

use hyper::http::request::Parts;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::clock::ServiceClock;
use crate::faults::{Fault, Faults};
use crate::imports::Imports;
use crate::throttle::{Counts, Throttle};

/// The bytes of a reply, ready to be sent.
pub type Envelope = Zeroizing<Vec<u8>>;

/// The request that arrived, or why its body did not.
pub type Arrived = Result<Zeroizing<Vec<u8>>, NoBody>;

/// Why there is no body. The vendor's crate words the refusal as its vendor would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBody {
    /// Longer than [`crate::MAX_BODY`].
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The client ended before the announced length.
    CutOff,
}

/// The settings that a test makes through the admin interface, and the counts.
#[derive(Default)]
pub struct Controls {
    /// The faults, and the requests that they hit.
    pub faults: Faults,
    /// How many requests per second are accepted.
    pub throttle: Throttle,
    /// How requests ended.
    pub counts: Counts,
    /// The last imports.
    pub imports: Imports,
}

impl Controls {
    /// The initial state.
    pub(crate) fn clear(&self) {
        self.faults.clear();
        self.throttle.clear();
        self.counts.clear();
        self.imports.clear();
    }
}

/// A vendor's service behind the HTTP server.
pub trait Vendor: Send + Sync + 'static {
    /// A request that was read, and is either allowed to act or refused.
    type Asked: Send + 'static;

    /// The reply for a failure that has no other text: a body that the vendor's client understands.
    const LAST_RESORT: &'static [u8];

    /// Reads a request, without any effect yet.
    fn receive(&self, parts: &Parts, body: Arrived) -> Self::Asked;

    /// The fault for this request, other than a refusal.
    fn fault(asked: &Self::Asked) -> Option<&Fault>;

    /// Whether acting may take too long for a network thread: RSA, waiting for key pairs, a disk.
    fn takes_long(&self, asked: &Self::Asked) -> bool;

    /// Acts, and writes the answer.
    fn perform(&self, asked: &Self::Asked) -> Envelope;

    /// Counts and logs a request that a fault prevented from acting.
    fn pass_over(&self, asked: &Self::Asked, outcome: &str);

    /// The settings that tests make.
    fn controls(&self) -> &Controls;

    /// The service's clock.
    fn clock(&self) -> &ServiceClock;

    /// Whether the vendor has an action of this name, whether it is implemented here or not.
    fn is_action(&self, name: &str) -> bool;

    /// Forgets every key.
    ///
    /// # Errors
    /// [`crate::StateFileError`] when the state file cannot be written; then nothing is forgotten.
    fn forget(&self) -> Result<(), crate::StateFileError>;

    /// Each region's keys, for `GET /state`; never material.
    fn state(&self) -> Value;
}

/// A vendor that answers "toy", or says why there was no body; the kit's own tests use it.
#[cfg(test)]
pub(crate) struct Toy {
    clock: ServiceClock,
    controls: Controls,
}

#[cfg(test)]
impl Default for Toy {
    fn default() -> Self {
        let clock = || keyferry_core::Timestamp::from_unix(1_700_000_000).unwrap();
        Self { clock: ServiceClock::new(std::sync::Arc::new(clock)), controls: Controls::default() }
    }
}

#[cfg(test)]
impl Vendor for Toy {
    type Asked = (Result<(), NoBody>, Option<Fault>);

    const LAST_RESORT: &'static [u8] = b"{}";

    fn receive(&self, _: &Parts, body: Arrived) -> Self::Asked {
        let target = crate::Target { action: "Ask", region: "r-1", key_id: &|| None };
        (body.map(drop), self.controls.faults.take(&target))
    }

    fn fault((_, fault): &Self::Asked) -> Option<&Fault> {
        fault.as_ref()
    }

    fn takes_long(&self, _: &Self::Asked) -> bool {
        false
    }

    fn perform(&self, (what, _): &Self::Asked) -> Envelope {
        self.controls.counts.add("Ask", "ok");
        let said = what.map_or_else(|why| format!("{why:?}"), |()| "toy".to_owned());
        Zeroizing::new(format!("\"{said}\"").into_bytes())
    }

    fn pass_over(&self, _: &Self::Asked, outcome: &str) {
        self.controls.counts.add("Ask", outcome);
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn clock(&self) -> &ServiceClock {
        &self.clock
    }

    fn is_action(&self, name: &str) -> bool {
        name == "Ask"
    }

    fn forget(&self) -> Result<(), crate::StateFileError> {
        Ok(())
    }

    fn state(&self) -> Value {
        Value::Array(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};

    use super::*;
    use crate::{Addresses, Emulator};

    fn ask(addr: SocketAddr, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(addr).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).map_or_else(|e| format!("{reply}{e}"), |_| reply.clone())
    }

    /// Clock, faults, counts and state of a vendor that the kit does not know.
    #[test]
    fn any_vendor_is_served_and_takes_orders() {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let addresses = Addresses { service: listen, admin: Some(listen) };
        let running = Emulator::bind(addresses, || Ok(Toy::default())).unwrap().spawn().unwrap();
        let (service, admin) = (running.addr(), running.admin_addr().unwrap());
        assert!(ask(service, "POST", "/", "x").contains("\"toy\""));
        let fault =
            |action| format!("{{\"action\":\"{action}\",\"fault\":{{\"kind\":\"status\",\"status\":502}}}}");
        assert!(ask(admin, "POST", "/faults", &fault("Nope")).contains("unknown action"));
        assert!(ask(admin, "POST", "/faults", &fault("Ask")).contains("\"id\":1"));
        assert!(ask(service, "POST", "/", "x").starts_with("HTTP/1.1 502"));
        assert!(ask(admin, "GET", "/counts", "").contains("{\"Ask\":{\"ok\":1,\"status-502\":1}}"));
        assert!(ask(admin, "POST", "/clock", "{\"advance_seconds\":60}").contains("1700000060"));
        assert!(ask(service, "POST", "/", "x").contains("date: Tue, 14 Nov 2023 22:14:20 GMT"));
        assert!(ask(admin, "GET", "/state", "").contains("{\"regions\":[]}"));
        assert!(ask(admin, "POST", "/reset", "{}").contains("200 OK"));
        assert!(ask(admin, "GET", "/counts", "").contains("{\"actions\":{}}"));
    }
}
