//! The official vectors of SLIP-0039: `vectors.json` of the reference implementation (trezor/python-shamir-mnemonic, MIT, © 2019 SatoshiLabs), unchanged.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub, dead_code)]

mod support;

use keyferry_core::Explain;
use keyferry_slip39::{SetError, SetName, Share, ShareError};
use support::*;

const VECTORS: &str = include_str!("data/vectors.json");

/// The control that refuses each vector that must be refused, by the vector's number.
const REFUSED: [(usize, &str); 30] = [
    (2, "KF-SHARE-03"),
    (3, "KF-SHARE-04"),
    (5, "KF-SHARE-07"),
    (6, "KF-SHARE-05"),
    (7, "KF-SHARE-05"),
    (8, "KF-SHARE-05"),
    (9, "KF-SHARE-05"),
    (10, "KF-SHARE-04"),
    (11, "KF-SHARE-06"),
    (12, "KF-SHARE-05"),
    (13, "KF-SHARE-08"),
    (14, "KF-SHARE-07"),
    (15, "KF-SHARE-07"),
    (16, "KF-SHARE-07"),
    (21, "KF-SHARE-03"),
    (22, "KF-SHARE-04"),
    (24, "KF-SHARE-07"),
    (25, "KF-SHARE-05"),
    (26, "KF-SHARE-05"),
    (27, "KF-SHARE-05"),
    (28, "KF-SHARE-05"),
    (29, "KF-SHARE-04"),
    (30, "KF-SHARE-06"),
    (31, "KF-SHARE-05"),
    (32, "KF-SHARE-08"),
    (33, "KF-SHARE-07"),
    (34, "KF-SHARE-07"),
    (35, "KF-SHARE-07"),
    (39, "KF-SHARE-02"),
    (40, "KF-SHARE-02"),
];

#[test]
fn every_official_vector() {
    let vectors: Vec<(String, Vec<String>, String, String)> = serde_json::from_str(VECTORS).unwrap();
    let (mut recovered, mut extendable, mut refused) = (0, 0, 0);
    for (n, (name, mnemonics, secret, _)) in (1..).zip(&vectors) {
        assert!(name.starts_with(&format!("{n}. ")), "{name}");
        match combine(mnemonics, "TREZOR") {
            Ok(found) => {
                assert_eq!(&hex(found.expose()), secret, "{name}");
                let set = Share::parse(&mnemonics[0]).unwrap().name();
                assert_eq!(SetName::of_words(&set.to_string()), Some(set), "{name}");
                assert_eq!(set.extendable, name.to_lowercase().contains("extendable"), "{name}");
                recovered += 1;
                extendable += usize::from(set.extendable);
            }
            Err(error) => {
                assert_eq!(secret, "", "{name}: {error}");
                let control = error.downcast_ref::<ShareError>().map(Explain::control);
                let control = control.or(error.downcast_ref::<SetError>().map(Explain::control)).unwrap();
                let expected = REFUSED.iter().find(|(number, _)| *number == n).unwrap().1;
                assert_eq!(control.id(), expected, "{name}: {error}");
                refused += 1;
            }
        }
    }
    // Sets with the extendable flag and without it.
    assert_eq!((recovered, extendable, refused), (15, 4, 30));
}
