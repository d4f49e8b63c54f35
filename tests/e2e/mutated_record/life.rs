//! Lines about what was done to a key after its ceremony, changed in every way: refused, except a short list of changes that nobody can
//! detect.

use std::collections::BTreeMap;

use keyferry_audit::record::{Audit, Folder};
use keyferry_core::{Control, Explain};

use super::held::{self, Service};
use super::mutations::mutations;
use super::production::{as_production, chained, entries};
use super::{SLOW, expect, signed};

/// The accepted changes, how often each occurs, and why nobody can detect them.
const UNSEEN: [(&str, &str, usize, &str); 3] = [
    (
        "drop",
        "finished",
        6,
        "a run that was killed at its last line leaves exactly this, and a deviation says so",
    ),
    ("repeat", "begun", 7, "a run that was killed as it began leaves exactly this, and a deviation says so"),
    ("weaken", "key-changed", 1, "the service's own log says on which day the key will be deleted"),
];

#[test]
fn lines_about_a_key_s_later_life_that_were_changed_are_refused() {
    let whole = as_production(held::lived(&Service::start()), SLOW);
    let audit = Audit::of(&signed(&whole), &expect());
    assert_eq!(audit.refusals, []);
    assert!(!audit.deviations.iter().any(|d| d.kind.starts_with("life")), "{:?}", audit.deviations);
    let (mut accepted, mut controls) = (BTreeMap::new(), Vec::new());
    let (mut tried, lines) = (0, entries(whole.life.as_deref()));
    for mutation in mutations(&lines, 3) {
        tried += 1;
        let folder = Folder { life: Some(chained(&mutation.lines)), ..whole.clone() };
        let verdict = Audit::of(&folder, &expect()).verdict_before_signing();
        controls.extend(verdict.as_ref().err().map(|error| error.control()));
        if verdict.is_ok() {
            *accepted.entry((mutation.name, mutation.kind.as_str())).or_insert(0) += 1;
            let deviations = Audit::of(&folder, &expect()).deviations;
            let said = deviations.iter().any(|d| d.kind == "life-interrupted");
            assert_eq!(said, mutation.name != "weaken", "{}", mutation.name);
        }
    }
    let expected: BTreeMap<_, _> =
        UNSEEN.iter().map(|(name, kind, count, _)| ((*name, *kind), *count)).collect();
    assert_eq!(accepted, expected, "of {tried}");
    assert!(tried > 300 && controls.contains(&Control::VERIFY_LIFE), "{tried}");
}
