//! Refusals of `keyferry-hsm` and `keyferry-scan`.

use std::fs;

use keyferry_core::Fingerprint;

use super::{Case, as_it_is, case};
use crate::hsm::token;

pub(super) const CASES: &[Case] = &[
    case("hsm/module-missing", "keyferry-hsm inspect --module nowhere.so", as_it_is),
    case("hsm/module-is-another-file", "keyferry-hsm inspect --module plan.toml", as_it_is),
    case(
        "hsm/plan-without-hsm",
        "keyferry-hsm wrap --plan plan.toml --parameters medium/parameters.json --module plan.toml --token-label ceremony --out medium",
        as_it_is,
    ),
    case(
        "hsm/pin-wrong",
        "keyferry-hsm wrap --plan plan.toml --parameters medium/parameters.json --module token.so --token-label ceremony --out medium",
        |place| {
            let module = fs::read(token::module()?).unwrap();
            let sha256 = Fingerprint::of(&module);
            place.plan("rehearsal", |plan| {
                format!("{plan}[hsm]\nmodule_sha256 = \"{sha256}\"\ntoken = \"ceremony\"\n")
            });
            place.write("token.so", &module);
            place.env.push(("KEYFERRY_TEST_TOKEN", "pin".to_owned()));
            place.typed = "Yes\nanother\n".to_owned();
            Some(())
        },
    ),
    case("scan/picture-missing", "keyferry-scan nowhere.png", as_it_is),
    case("scan/picture-is-another-file", "keyferry-scan plan.toml", as_it_is),
    case("scan/camera-missing", "keyferry-scan --camera /dev/nowhere", as_it_is),
];
