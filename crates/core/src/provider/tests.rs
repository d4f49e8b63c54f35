//! What the tables say of names and kinds.

use super::*;

fn tencent() -> &'static Facts {
    Provider::TENCENT.facts()
}

#[test]
fn names_of_tencent_cloud() {
    let facts = tencent();
    for good in ["payments", "a", "A-1_b"] {
        assert_eq!(facts.alias.check(good), Ok(good));
    }
    for bad in ["kms-x", "_a", "", "a b", "a/b", &"a".repeat(61)] {
        assert!(facts.alias.check(bad).is_err(), "{bad}");
    }
    assert!(facts.key_id.check("23e80852-1e38-11e9-b129-5cb9019b4b01").is_ok());
    for bad in ["", "23E80852-1e38-11e9-b129-5cb9019b4b01", "23e80852a1e38-11e9-b129-5cb9019b4b01", "x"] {
        assert!(facts.key_id.check(bad).is_err(), "{bad}");
    }
    assert!(facts.region.check("ap-singapore").is_ok());
    for bad in ["", "apsingapore", "ap-", "AP-x", "-ap", "a_b-c"] {
        assert!(facts.region.check(bad).is_err(), "{bad}");
    }
}

#[test]
fn each_region_has_an_expected_kind() {
    let bits = |region: &str| tencent().expected_kind(region).unwrap().material.length.bits();
    assert_eq!((bits("ap-guangzhou"), bits("ap-singapore"), bits("ap-unheard-of")), (128, 256, 256));
}

#[test]
fn the_latest_expiry_is_the_provider_s() {
    let at = |seconds| ValidTo::At(Timestamp::from_unix(seconds).unwrap());
    assert!(tencent().check_expiry(ValidTo::Never).is_ok());
    assert!(tencent().check_expiry(at(tencent::LATEST_EXPIRY)).is_ok());
    assert!(tencent().check_expiry(at(tencent::LATEST_EXPIRY + 1)).is_err());
    assert!(toy::STANDING.check_expiry(ValidTo::Never).is_err());
}

#[test]
fn tables_hang_together() {
    let mut seen = 0;
    for facts in REGISTRY {
        assert_eq!(REGISTRY.iter().filter(|other| other.id == facts.id).count(), 1);
        assert!(facts.kinds.iter().all(|kind| kind.material.kind.has(kind.material.length)), "{}", facts.id);
        assert!(facts.expected.iter().all(|(_, kind)| facts.kind(kind).is_some()), "{}", facts.id);
        assert!(!facts.algorithms.is_empty() && !facts.wrapping_keys.is_empty() && !facts.hosts.is_empty());
        assert!(facts.regions.known.iter().all(|region| facts.region.check(region).is_ok()), "{}", facts.id);
        seen += 1;
    }
    assert_eq!(seen, 3);
}

/// Sources outside the tables and the readers of version 1, which knew one provider.
fn elsewhere(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match name.as_str() {
            // Pages about controls are no program's; tests name whom they like.
            "provider" | "provider.rs" | "former.rs" | "list.rs" | "tests.rs" => {}
            _ if path.is_dir() => elsewhere(&path, found),
            _ if name.ends_with(".rs") => found.push((name, std::fs::read_to_string(path).unwrap())),
            _ => {}
        }
    }
}

#[test]
fn core_never_asks_which_provider_it_is() {
    let mut sources = Vec::new();
    elsewhere(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    assert!(sources.len() > 60, "{}", sources.len());
    for (file, text) in sources {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let named = REGISTRY.iter().any(|facts| line.contains(&format!("\"{}\"", facts.id)));
            assert!(!line.contains("TENCENT") && !named, "{file}: {line}");
        }
    }
}
