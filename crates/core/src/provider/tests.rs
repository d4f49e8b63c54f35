//! Tests what the tables say about names and kinds.

use super::*;
use crate::Timestamp;

#[path = "../../../../xtask/src/house/vendor_rooms/vendor_words.rs"]
mod words;
use words::vendors_words;

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

/// Every source file outside this folder: its path below `src`, and its text.
fn elsewhere(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        match name.as_str() {
            "provider" => {}
            _ if path.is_dir() => elsewhere(&path, found),
            _ => found.push((name, String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned())),
        }
    }
}

fn all_elsewhere() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    elsewhere(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    assert!(sources.len() > 60, "{}", sources.len());
    sources
}

/// The part of a source file that a program runs, without tests and comments. `None` for a file of tests.
fn product<'t>(file: &str, text: &'t str) -> Option<impl Iterator<Item = &'t str>> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap().trim());
    (file.ends_with(".rs") && !file.ends_with("tests.rs")).then_some(lines)
}

/// Names that product code must not spell out: a provider's regions, wrapping keys and kinds of keys.
fn names() -> Vec<String> {
    let facts = Provider::TENCENT.facts();
    let keys = facts.wrapping_keys.iter().map(|k| k.name).chain(facts.kinds.iter().map(|k| k.name));
    keys.map(|name| format!("\"{name}\""))
        .chain(facts.regions.known.iter().map(|r| (*r).to_owned()))
        .collect()
}

/// The vendor's words anywhere in a source file, tests and comments included, and the provider's names in the
/// part that a program runs.
fn vendor_in(file: &str, text: &str) -> Vec<String> {
    let (whole, facts) = (text.to_lowercase(), Provider::TENCENT.facts());
    let own = facts.hosts.iter().copied().chain([facts.id]).filter(|name| whole.contains(name));
    let words = vendors_words(text).into_iter().chain(own).map(str::to_owned);
    let code = product(file, text).map(|lines| lines.collect::<Vec<_>>().join("\n")).unwrap_or_default();
    words.chain(names().into_iter().filter(|name| code.contains(name.as_str()))).collect()
}

#[test]
fn a_vendor_s_word_is_seen() {
    for text in [
        "let host = \"kms.TencentCloudAPI.com\";",
        "// signed by TC3",
        "/// 腾讯云",
        "text(\"QCLOUD\")",
        "provider: Provider::TENCENT",
        "region: \"ap-guangzhou\"",
        "spec(\"RSA_2048\")",
        "kind == \"sm\"",
        "var(\"SECRET_ID\")",
    ] {
        assert!(!vendor_in("a.rs", text).is_empty(), "{text}");
    }
    assert_eq!(vendor_in("a.rs", "let smooth = \"smooth\"; // such as ap-singapore"), [""; 0]);
}

#[test]
fn no_source_outside_this_room_names_a_vendor() {
    let found: Vec<_> = all_elsewhere()
        .into_iter()
        .map(|(file, text)| (vendor_in(&file, &text), file))
        .filter(|(words, _)| !words.is_empty())
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// The comparisons that are allowed: they compare the providers that two files state, or a file's provider with that of version
/// 1.
const TWO_RECORDS: [(&str, &str); 3] = [
    ("artefact/ciphertext.rs", "&& entry.provider == parameters.provider"),
    ("artefact/parameters.rs", "if entry.provider != planned.provider {"),
    ("artefact/parameters/parameters_v1.rs", "if text.provider != Provider::OF_VERSION_1 {"),
];

/// Whether a line has a provider, or a provider's facts, on either side of `==` or `!=`, or matches on one.
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
    let mut compared = Vec::new();
    for (file, text) in all_elsewhere() {
        for line in product(&file, &text).into_iter().flatten() {
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
        "does this compare the providers of two records, or one with a known provider?"
    );
}
