//! Every selection of T shares recovers the secret, no selection of T − 1 does, and none recovers a wrong secret.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub, dead_code)]

mod support;

use keyferry_core::Explain;
use keyferry_slip39::*;
use proptest::prelude::*;
use support::*;

/// All selections of the numbers below `n`, as bit masks.
fn masks(n: usize) -> impl Iterator<Item = u32> {
    0..1u32 << n
}

fn chosen(mask: u32, shares: &[String]) -> Vec<&String> {
    shares.iter().enumerate().filter(|(n, _)| mask >> n & 1 == 1).map(|(_, s)| s).collect()
}

fn set(mnemonics: &[&String]) -> Result<ShareSet, SetError> {
    let mut set = ShareSet::new();
    for m in mnemonics {
        set.add(Share::parse(m).unwrap())?;
    }
    Ok(set)
}

fn made(secret: &Secret, scheme: &Scheme, seed: u64) -> Vec<Vec<String>> {
    let groups = split(secret, scheme, &Passphrase::default(), &mut rng(seed)).unwrap();
    groups.iter().map(|g| g.iter().map(|s| s.words().to_string()).collect()).collect()
}

#[test]
fn t_of_n_and_no_fewer() {
    let none = Passphrase::default();
    let (mut recovered, mut refused, mut surplus) = (0, 0, 0);
    for (n, seed) in (1u8..=6).zip(0..) {
        for t in 1..=n {
            if t == 1 && n > 1 {
                continue;
            }
            let bytes: Vec<u8> =
                (0..16 * (1 + seed % 2)).map(|b| u8::try_from(b * 7 + seed).unwrap()).collect();
            let secret = Secret::from_bytes(&bytes).unwrap();
            let scheme = Scheme::single(t, n).unwrap().with_iteration_exponent(0).unwrap();
            let shares = made(&secret, &scheme, seed).concat();
            for mask in masks(shares.len()) {
                let selection = chosen(mask, &shares);
                match (selection.len().cmp(&usize::from(t)), set(&selection)) {
                    (std::cmp::Ordering::Less, Ok(set)) => {
                        let error = set.combine(&none).unwrap_err();
                        assert_eq!(error.control().id(), "KF-SHARE-07");
                        assert!(!set.missing().is_nothing());
                        refused += 1;
                    }
                    (std::cmp::Ordering::Equal, Ok(set)) => {
                        assert!(set.missing().is_nothing());
                        assert_eq!(set.combine(&none).unwrap().expose(), bytes);
                        recovered += 1;
                    }
                    (std::cmp::Ordering::Greater, Err(SetError::Complete(_))) => surplus += 1,
                    (_, other) => panic!("{t} of {n}: {other:?}"),
                }
            }
        }
    }
    // 1 of 1, and t of n for 2 ≤ t ≤ n ≤ 6: sums of binomial coefficients, 518 selections in all.
    assert_eq!((recovered, refused, surplus), (100, 316, 102));
}

/// Two of three groups: 1 of 1, 2 of 3, 2 of 2. Exactly the selections with two complete groups recover the
/// secret, in any order.
#[test]
fn groups_and_no_fewer() {
    let none = Passphrase::default();
    let specs = [(1, 1), (2, 3), (2, 2)].map(|(threshold, count)| GroupSpec { threshold, count });
    let scheme = Scheme::new(2, &specs).unwrap().with_iteration_exponent(0).unwrap();
    let secret = Secret::from_bytes(&[0xc3; 32]).unwrap();
    let groups = made(&secret, &scheme, 9);
    let flat = groups.concat();
    let group_of = [0, 1, 1, 1, 2, 2];
    let (mut recovered, mut refused) = (0, 0);
    for mask in masks(flat.len()) {
        let have = |g: usize| (0..6).filter(|n| mask >> n & 1 == 1 && group_of[*n] == g).count();
        let counts = [have(0), have(1), have(2)];
        let exact = (0..3).filter(|g| counts[*g] == usize::from(specs[*g].threshold)).count();
        let begun = counts.iter().filter(|c| **c > 0).count();
        let whole = exact == 2 && begun == 2;
        let selection = chosen(mask, &flat);
        for order in [selection.clone(), selection.into_iter().rev().collect()] {
            let result = set(&order).and_then(|s| s.combine(&none));
            match result {
                Ok(found) => {
                    assert!(whole, "{counts:?}");
                    assert_eq!(found.expose(), secret.expose());
                    recovered += 1;
                }
                Err(e) => {
                    assert!(!whole, "{counts:?}: {e}");
                    assert!(["KF-SHARE-06", "KF-SHARE-07"].contains(&e.control().id()), "{e}");
                    refused += 1;
                }
            }
        }
    }
    assert_eq!((recovered, refused), (2 * (3 + 1 + 3), 2 * (64 - 7)));
}

#[test]
fn a_missing_share_is_noticed_whatever_is_put_in_its_place() {
    let scheme = Scheme::single(3, 3).unwrap().with_iteration_exponent(0).unwrap();
    let [a, b] =
        [1, 2].map(|s| made(&Secret::from_bytes(&[0x11 * s; 16]).unwrap(), &scheme, u64::from(s)).concat());
    // A share of another set is reported, and none of it is used.
    let error = set(&[&a[0], &a[1], &b[2]]).unwrap_err();
    assert!(matches!(error, SetError::OtherSet { .. }));
    let [first, second] = [&a, &b].map(|s| s[0].split(' ').take(2).collect::<Vec<_>>().join(" "));
    assert!(error.to_string().contains(&first) && error.to_string().contains(&second), "{error}");
    // Even if it is made to look like a member of the set, the digest reveals the forgery.
    let forged = relabelled(&b[2], &a[2]);
    let error = set(&[&a[0], &a[1], &forged]).unwrap().combine(&Passphrase::default()).unwrap_err();
    assert_eq!(error, SetError::Digest { group: None });
}

/// The value of one share with the fields of another and a correct checksum.
fn relabelled(value: &str, fields: &str) -> String {
    Forged { value: Forged::of(value).value, ..Forged::of(fields) }.text()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_scheme_recovers_from_its_words(
        secret in prop_oneof![proptest::collection::vec(any::<u8>(), 16), proptest::collection::vec(any::<u8>(), 32), proptest::collection::vec(any::<u8>(), 22)],
        passphrase in "[ -~]{0,40}", seed in any::<u64>(), extendable in any::<bool>(), exponent in 0u8..2,
        specs in proptest::collection::vec((1u8..=16, 1u8..=16), 1..=4), gt in any::<prop::sample::Index>(),
    ) {
        let specs: Vec<_> = specs.into_iter().map(|(a, b)| {
            let (threshold, count) = (a.min(b), a.max(b));
            GroupSpec { threshold, count: if threshold == 1 { 1 } else { count } }
        }).collect();
        let gt = u8::try_from(gt.index(specs.len()) + 1).unwrap();
        let scheme = Scheme::new(gt, &specs).unwrap().with_iteration_exponent(exponent).unwrap().with_extendable(extendable);
        let secret = Secret::from_bytes(&secret).unwrap();
        let passphrase = Passphrase::new(&passphrase).unwrap();
        let groups = split(&secret, &scheme, &passphrase, &mut rng(seed)).unwrap();
        let name = groups[0][0].name();
        prop_assert_eq!((SetName::of_words(&name.to_string()), name.extendable), (Some(name), extendable));
        // Members from the middle, and groups from the end: selections that `split` itself does not try.
        let mut set = ShareSet::new();
        for group in groups.iter().rev().take(usize::from(gt)) {
            let t = usize::from(group[0].place().member_threshold);
            for share in group.iter().cycle().skip(group.len() / 2).take(t) {
                set.add(Share::parse(&share.words()).unwrap()).unwrap();
            }
        }
        let found = set.combine(&passphrase).unwrap();
        prop_assert_eq!(found.expose(), secret.expose());
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,300}") {
        let _ = Share::parse(&text);
        let _ = completion::suggest(&text);
        let _ = completion::expand(&text);
        let _ = completion::complete(&text);
    }

    #[test]
    fn another_passphrase_gives_another_secret(seed in any::<u64>()) {
        let secret = Secret::from_bytes(&[0x77; 16]).unwrap();
        let scheme = Scheme::single(1, 1).unwrap().with_iteration_exponent(0).unwrap();
        let groups = split(&secret, &scheme, &Passphrase::new("a").unwrap(), &mut rng(seed)).unwrap();
        let found = combine(&[groups[0][0].words().to_string()], "b").unwrap();
        prop_assert_ne!(found.expose(), secret.expose());
    }
}
