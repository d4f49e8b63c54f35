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

/// Where the providers of two records are compared: what each file says, whichever it is.
const TWO_RECORDS: [(&str, &str); 2] = [
    ("ciphertext.rs", "&& entry.provider == parameters.provider"),
    ("parameters.rs", "if entry.provider != planned.provider {"),
];

/// Whether a line has a provider, or the facts of one, on a side of `==` or `!=`, or matches on it.
fn compares_providers(line: &str) -> bool {
    let text: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    let named = |side: &str| ["provider", "facts"].iter().any(|name| side.contains(name));
    let end = |c: char| matches!(c, '&' | '|' | '{' | '}' | ';' | ',' | '=');
    let compared = ["==", "!="].iter().any(|operator| {
        text.match_indices(operator).any(|(at, _)| {
            named(text[..at].rsplit(end).next().unwrap()) || named(text[at + 2..].split(end).next().unwrap())
        })
    });
    let matched = text.split_once("match").is_some_and(|(_, on)| {
        let on = on.trim_start_matches(['e', 's', '!', '(']).split(end).next().unwrap();
        ["provider", "provider()", "facts()", ".id"].iter().any(|name| on.ends_with(name))
    });
    compared || matched
}

#[test]
fn a_comparison_of_providers_is_seen() {
    for line in [
        "if entry.provider == known {",
        "let ours = known==key.provider();",
        "a && provider != Provider::of(x)",
        "match entry.provider {",
        "if entry.provider.facts().id == ID",
        "if matches!(provider, _) {",
    ] {
        assert!(compares_providers(line), "{line}");
    }
    for line in ["provider: entry.provider,", "a == b && self.provider.takes(x)", "match (facts.token, x) {"]
    {
        assert!(!compares_providers(line), "{line}");
    }
}

#[test]
fn core_never_asks_which_provider_it_is() {
    let mut sources = Vec::new();
    elsewhere(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    assert!(sources.len() > 60, "{}", sources.len());
    let mut compared = Vec::new();
    for (file, text) in sources {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for line in code.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
            let named = REGISTRY.iter().any(|facts| line.contains(&format!("\"{}\"", facts.id)));
            let table = ["TENCENT", "tencent::", "toy::"].iter().any(|name| line.contains(name));
            let only_one = ["all().next()", "REGISTRY"].iter().any(|text| line.contains(text));
            assert!(!named && !table && !only_one, "{file}: {line}");
            if compares_providers(line) {
                compared.push((file.clone(), line.to_owned()));
            }
        }
    }
    compared.sort();
    let compared: Vec<_> = compared.iter().map(|(file, line)| (&file[..], &line[..])).collect();
    assert_eq!(
        compared, TWO_RECORDS,
        "is this one record's provider against another's, or against a known one?"
    );
}
