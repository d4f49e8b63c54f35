//! A bill of materials in CycloneDX 1.6: what a program is built from, under which licences, with the registry's hashes and all
//! dependencies. The same program always has the same bill: it contains no time, and its serial number is derived from the
//! content.
#![allow(clippy::indexing_slicing)] // indexing JSON: a missing member is created on writing, and an object cannot panic

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::metadata::Crate;

/// The bill of `program`, whose file has this name and SHA-256.
pub(super) fn sbom(program: &str, file: &str, sha256: &str, crates: &[Crate]) -> String {
    let (own, others): (Vec<&Crate>, Vec<&Crate>) = crates.iter().partition(|c| c.name == program);
    let mut main = own.first().map_or_else(|| json!({}), |c| component(c));
    main["type"] = json!("application");
    main["hashes"] = json!([{"alg": "SHA-256", "content": sha256}]);
    main["properties"] = json!([{"name": "keyferry:file", "value": file}]);
    let purl = |key: &(String, String)| purl(&key.0, &key.1);
    let mut bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": main, "lifecycles": [{"phase": "build"}]},
        "components": others.iter().map(|c| component(c)).collect::<Vec<_>>(),
        "dependencies": crates.iter().map(|c| json!({
            "ref": purl(&c.key()),
            "dependsOn": c.dependencies.iter().map(purl).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    });
    bill["serialNumber"] = json!(serial(&bill.to_string()));
    format!("{bill:#}\n")
}

fn component(c: &Crate) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(&c.name, &c.version),
        "purl": purl(&c.name, &c.version),
        "name": c.name,
        "version": c.version,
        "description": c.description,
        // Crates that run only inside the compiler are not part of any program.
        "scope": if c.is_macro { "excluded" } else { "required" },
        "licenses": [{"expression": c.licence}],
    });
    if let Some(checksum) = &c.checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    if c.repository.starts_with("https://") && !c.is_ours() {
        component["externalReferences"] = json!([{"type": "vcs", "url": c.repository}]);
    }
    component
}

/// The package URL; a version's `+` is escaped (purl specification, "version").
fn purl(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// A UUID of version 8 (RFC 9562 §5.8) from the content.
fn serial(content: &str) -> String {
    let mut digits: Vec<char> = Sha256::digest(content)
        .iter()
        .take(16)
        .flat_map(|b| format!("{b:02x}").chars().collect::<Vec<_>>())
        .collect();
    for (at, digit) in [(12, '8'), (16, '8')] {
        if let Some(place) = digits.get_mut(at) {
            *place = digit;
        }
    }
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32]
        .map(|r| digits.get(r).unwrap_or_default().iter().collect::<String>());
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_names_each_crate_once_and_is_the_same_each_time() {
        let crates = crate::metadata::crates("keyferry-offline").unwrap();
        let text = sbom("keyferry-offline", "file", &"ab".repeat(32), &crates);
        assert_eq!(text, sbom("keyferry-offline", "file", &"ab".repeat(32), &crates));
        let bill: Value = serde_json::from_str(&text).unwrap();
        let refs = |list: &Value, name: &str| -> Vec<String> {
            list.as_array().unwrap().iter().map(|c| c[name].as_str().unwrap().to_owned()).collect()
        };
        let mut components = refs(&bill["components"], "bom-ref");
        components.push(bill["metadata"]["component"]["bom-ref"].as_str().unwrap().to_owned());
        let mut graph = refs(&bill["dependencies"], "ref");
        components.sort();
        graph.sort();
        assert_eq!(components, graph);
        assert_eq!(components.len(), crates.len());
        components.dedup();
        assert_eq!(components.len(), crates.len());
        // Every component from the registry has its hash, every component has a licence, and every edge leads to a component.
        for c in bill["components"].as_array().unwrap() {
            let ours = c["name"].as_str().unwrap().starts_with("keyferry");
            assert_eq!(c["hashes"][0]["content"].as_str().is_none_or(|h| h.len() != 64), ours, "{c}");
            assert!(!c["licenses"][0]["expression"].as_str().unwrap().is_empty(), "{c}");
        }
        for node in bill["dependencies"].as_array().unwrap() {
            for to in node["dependsOn"].as_array().unwrap() {
                assert!(components.contains(&to.as_str().unwrap().to_owned()), "{to}");
            }
        }
        let serial = bill["serialNumber"].as_str().unwrap();
        assert_eq!((serial.len(), &serial[..9], &serial[23..24]), (45, "urn:uuid:", "8"));
        assert_ne!(
            bill["serialNumber"],
            serde_json::from_str::<Value>(&sbom("keyferry-offline", "file", "", &crates)).unwrap()["serialNumber"]
        );
    }
}
