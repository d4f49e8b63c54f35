//! The places where a vendor may be named: only its own crates, not code that every provider shares.

mod vendor_words;

use super::Source;
use vendor_words::vendors_words;

/// Packages in which no vendor's word may appear, and the files that may contain one, each with its reason. Core and online have their own
/// tests with the same words: core's also reads tests and comments, online's allows its one file that names providers.
const ROOMS: [(&str, &[(&str, &str)]); 9] = [
    ("crates/audit/src", &[]),
    ("crates/emulators/kit/src", &[]),
    (
        "crates/offline/src",
        &[("crates/offline/src/posture/virt.rs", "virtual machines, as their firmware calls them")],
    ),
    ("crates/planning/src", &[]),
    ("crates/sandbox/src", &[]),
    ("crates/scanner/src", &[]),
    ("crates/service/src", &[]),
    ("crates/slip39/src", &[]),
    ("crates/transport/src", &[]),
];

pub(super) fn faults(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for (room, meant) in ROOMS {
        for source in sources.iter().filter(|source| source.package() == room) {
            if meant.iter().any(|(path, _)| source.path.starts_with(path)) {
                continue;
            }
            for (number, line) in source.product().lines().enumerate() {
                if let Some(word) = vendors_words(&without_page(line)).first() {
                    faults.push(format!("{}:{}: `{word}` is a vendor's word", source.path, number + 1));
                }
            }
        }
    }
    faults
}

/// The page of facts about a provider, with their sources: a reference to it says where a rule comes from, and does not count as a
/// vendor's word.
const PAGE: &str = concat!("ceremony/spec/", "tencent-kms.md");

fn without_page(line: &str) -> String {
    line.replace(PAGE, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendors_word_is_seen_in_every_room_and_in_no_other() {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        for (room, meant) in ROOMS {
            assert_eq!(faults(&[source(&format!("{room}/x.rs"), "let a = \"Tencent\";")]).len(), 1, "{room}");
            for (path, _) in meant {
                assert_eq!(faults(&[source(path, "tencent")]), [""; 0]);
            }
        }
        let [part, whole] = ["let draws = laws;", "of AWS-LC"]
            .map(|text| faults(&[source("crates/audit/src/x.rs", text)]).len());
        assert_eq!((part, whole), (0, 1));
        assert_eq!(faults(&[source("crates/providers/tencent/src/lib.rs", "tencent")]), [""; 0]);
        assert_eq!(
            faults(&[source("crates/core/src/x.rs", "/// `ceremony/spec/tencent-kms.md` §4")]),
            [""; 0]
        );
    }
}
