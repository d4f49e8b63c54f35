//! The admin interface: what a test may see and order (clock, state, faults, limit, counts). Plain JSON on loopback.
//!
//! No authentication, so it must not be reachable from a web page: a request with an `Origin`, or for a `Host` that is not
//! loopback, is refused (DNS rebinding). Unknown members are refused, so that a misspelt order is no silent success.

use std::net::IpAddr;

use hyper::Method;
use hyper::http::request::Parts;
use keyferry_tencent::tc3::without_port;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::auth::header;
use crate::clock;
use crate::dispatch::Service;
use crate::faults::Rule;
use crate::key::{Key, seconds};
use crate::region::Region;
use crate::throttle::LimitOrder;

/// Longest body that is read.
pub(crate) const MAX_ORDER: usize = 64 * 1024;

/// What the admin interface answers; `/faults/ID` exists too, to remove one.
pub const ADMIN_PATHS: [&str; 7] = ["/clock", "/state", "/reset", "/faults", "/limit", "/counts", "/imports"];

/// A status code and what to say.
type Refused = (u16, String);

/// Answers one request.
pub(crate) fn answer(service: &Service, parts: &Parts, body: &[u8]) -> (u16, Value) {
    local(parts)
        .and_then(|()| route(service, &parts.method, parts.uri.path(), body))
        .map_or_else(|(status, why)| (status, json!({ "error": why })), |value| (200, value))
}

/// Only what a program on this machine sends.
fn local(parts: &Parts) -> Result<(), Refused> {
    let forbidden = |why: &str| Err((403, why.to_owned()));
    if parts.headers.contains_key("origin") {
        return forbidden("requests of web pages are refused");
    }
    match header(parts, "host") {
        Some(host) if is_loopback(host) => Ok(()),
        _ => forbidden("the Host header must name the loopback address"),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = without_port(host);
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback())
}

fn route(service: &Service, method: &Method, path: &str, body: &[u8]) -> Result<Value, Refused> {
    let rest = path.strip_prefix('/').unwrap_or_default();
    match (method.as_str(), rest) {
        ("GET", "clock") => written(&service.clock.read()),
        ("POST", "clock") => {
            let order: clock::Order = read(body)?;
            service.clock.order(&order).map_err(|_| {
                bad("exactly one of set, advance_seconds, freeze, real: true, skew_seconds; years 0 to 9999")
            })?;
            written(&service.clock.read())
        }
        ("GET", "state") => Ok(json!({ "regions": regions(service) })),
        ("POST", "reset") => {
            read::<Nothing>(body)?;
            service.reset().map_err(|_| (500, "the state file cannot be written".to_owned()))?;
            Ok(json!({}))
        }
        ("GET", "faults") => Ok(json!({ "faults": written(&service.faults.list())? })),
        ("POST", "faults") => {
            let rule: Rule = read(body)?;
            service.faults.add(rule).map(|id| json!({ "id": id })).map_err(bad)
        }
        ("DELETE", "faults") => {
            service.faults.clear();
            Ok(json!({}))
        }
        ("GET", "limit") => written(&service.throttle.read()),
        ("POST", "limit") => {
            let order: LimitOrder = read(body)?;
            service.throttle.order(order).map_err(bad)?;
            written(&service.throttle.read())
        }
        ("GET", "imports") => Ok(json!({ "imports": service.imports.read() })),
        ("GET", "counts") => Ok(json!({ "actions": service.counts.read() })),
        ("DELETE", other) => forget_fault(service, other),
        _ if ADMIN_PATHS.contains(&path) => Err((405, "this method does not apply here".to_owned())),
        _ => Err(nothing_here()),
    }
}

/// A body without members.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn forget_fault(service: &Service, path: &str) -> Result<Value, Refused> {
    let id = path.strip_prefix("faults/").and_then(|id| id.parse().ok()).ok_or_else(nothing_here)?;
    if service.faults.remove(id) { Ok(json!({})) } else { Err((404, "no such fault".to_owned())) }
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

fn regions(service: &Service) -> Vec<Value> {
    service.kms.visit(service.clock.now(), |name, region: &Region| {
        let edition = service.kms.edition(name).to_string();
        let keys: Vec<Value> = region.keys().map(shown).collect();
        json!({ "region": name, "edition": edition, "keys": keys })
    })
}

/// A key's metadata and what no action tells: digests of material, never material.
fn shown(key: &Key) -> Value {
    let mut members = match serde_json::to_value(key.metadata()) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let held = key.material.as_ref().map(|material| crate::key::Binding::of(material).to_string());
    let valid_to = key.parameters.as_ref().map(|parameters| seconds(Some(parameters.valid_to)));
    members.insert("Imports".into(), key.imports.into());
    members.insert("MaterialSha256".into(), held.into());
    members.insert("BoundSha256".into(), key.binding.map(|binding| binding.to_string()).into());
    members.insert("ParametersValidTo".into(), valid_to.into());
    members.insert("Parameters".into(), key.fetches.into());
    members.into()
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
