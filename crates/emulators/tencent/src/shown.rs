//! Keys as `GET /state` shows them: what actions return about them, and digests of what no action
//! returns.

use keyferry_core::Timestamp;
use serde_json::{Map, Value, json};

use crate::key::{Binding, Key, seconds};
use crate::region::Region;
use crate::state::Kms;

/// Every region with its keys.
pub(crate) fn regions(kms: &Kms, now: Timestamp) -> Value {
    let regions = kms.visit(now, |name, region: &Region| {
        let edition = kms.edition(name).to_string();
        let keys: Vec<Value> = region.keys().map(shown).collect();
        json!({ "region": name, "edition": edition, "keys": keys })
    });
    regions.into()
}

/// A key's metadata, and what no action returns: digests of material, never material.
fn shown(key: &Key) -> Value {
    let mut members = match serde_json::to_value(key.metadata()) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let held = key.material.as_ref().map(|material| Binding::of(material).to_string());
    let valid_to = key.parameters.as_ref().map(|parameters| seconds(Some(parameters.valid_to)));
    members.insert("Imports".into(), key.imports.into());
    members.insert("MaterialSha256".into(), held.into());
    members.insert("BoundSha256".into(), key.binding.map(|binding| binding.to_string()).into());
    members.insert("ParametersValidTo".into(), valid_to.into());
    members.insert("Parameters".into(), key.fetches.into());
    members.into()
}
