//! The admin interface: what a test can read and set (clock, state, faults, limit, counts). Plain JSON on loopback.
//!
//! There is no authentication, so it must not be reachable from a web page: a request with an `Origin`, or for a `Host`
//! that is not loopback, is refused (DNS rebinding). Unknown members are refused, so that a misspelt order does not
//! succeed silently.

use std::net::IpAddr;

use hyper::Method;
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::clock;
use crate::faults::Rule;
use crate::throttle::LimitOrder;
use crate::vendor::Vendor;

/// Longest body that is read.
pub(crate) const MAX_ORDER: usize = 64 * 1024;

/// The paths of the admin interface; `/faults/ID` also exists, to remove one.
pub const ADMIN_PATHS: [&str; 7] = ["/clock", "/state", "/reset", "/faults", "/limit", "/counts", "/imports"];

/// A status code and a body.
type Refused = (u16, String);

/// Answers one request.
pub(crate) fn answer(service: &impl Vendor, parts: &Parts, body: &[u8]) -> (u16, Value) {
    local(parts)
        .and_then(|()| route(service, &parts.method, parts.uri.path(), body))
        .map_or_else(|(status, why)| (status, json!({ "error": why })), |value| (200, value))
}

/// Accepts only requests that a program on this machine sends.
fn local(parts: &Parts) -> Result<(), Refused> {
    let forbidden = |why: &str| Err((403, why.to_owned()));
    if parts.headers.contains_key("origin") {
        return forbidden("requests from web pages are refused");
    }
    match parts.headers.get("host").and_then(|host| host.to_str().ok()) {
        Some(host) if is_loopback(host) => Ok(()),
        _ => forbidden("the Host header must name the loopback address"),
    }
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback())
}

fn route(service: &impl Vendor, method: &Method, path: &str, body: &[u8]) -> Result<Value, Refused> {
    let rest = path.strip_prefix('/').unwrap_or_default();
    match (method.as_str(), rest) {
        ("GET", "clock") => written(&service.clock().read()),
        ("POST", "clock") => {
            let order: clock::Order = read(body)?;
            service.clock().order(&order).map_err(|_| {
                bad("exactly one of set, advance_seconds, freeze, real: true, skew_seconds; years 0 to 9999")
            })?;
            written(&service.clock().read())
        }
        ("GET", "state") => Ok(json!({ "regions": service.state() })),
        ("POST", "reset") => {
            read::<Nothing>(body)?;
            service.forget().map_err(|_| (500, "the state file cannot be written".to_owned()))?;
            service.controls().clear();
            service.clock().reset();
            Ok(json!({}))
        }
        ("GET", "faults") => Ok(json!({ "faults": written(&service.controls().faults.list())? })),
        ("POST", "faults") => {
            let rule: Rule = read(body)?;
            service
                .controls()
                .faults
                .add(rule, |name| service.is_action(name))
                .map(|id| json!({ "id": id }))
                .map_err(bad)
        }
        ("DELETE", "faults") => {
            service.controls().faults.clear();
            Ok(json!({}))
        }
        ("GET", "limit") => written(&service.controls().throttle.read()),
        ("POST", "limit") => {
            let order: LimitOrder = read(body)?;
            service.controls().throttle.order(order).map_err(bad)?;
            written(&service.controls().throttle.read())
        }
        ("GET", "imports") => Ok(json!({ "imports": service.controls().imports.read() })),
        ("GET", "counts") => Ok(json!({ "actions": service.controls().counts.read() })),
        ("DELETE", other) => forget_fault(service, other),
        _ if ADMIN_PATHS.contains(&path) => Err((405, "this method does not apply here".to_owned())),
        _ => Err(nothing_here()),
    }
}

/// A body without members.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn forget_fault(service: &impl Vendor, path: &str) -> Result<Value, Refused> {
    let id = path.strip_prefix("faults/").and_then(|id| id.parse().ok()).ok_or_else(nothing_here)?;
    if service.controls().faults.remove(id) { Ok(json!({})) } else { Err((404, "unknown fault".to_owned())) }
}

fn nothing_here() -> Refused {
    (404, format!("there are {}", ADMIN_PATHS.join(", ")))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|e| bad(&e.to_string()))
}

fn bad(why: &str) -> Refused {
    (400, why.to_owned())
}

fn written(value: &impl serde::Serialize) -> Result<Value, Refused> {
    serde_json::to_value(value).map_err(|e| (500, e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in
            ["127.0.0.1", "127.0.0.1:80", "localhost:1", "localhost", "[::1]:9", "[::1]", "127.9.9.9:1"]
        {
            assert!(is_loopback(good), "{good}");
        }
        for bad in
            ["", "evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.0.2.1:80", "[::]:1", "x:y"]
        {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
