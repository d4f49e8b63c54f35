//! Refusals of `keyferry-hsm` and `keyferry-scan`.

use super::{Case, as_it_is, case};

pub(super) const CASES: &[Case] = &[
    case("hsm/module-missing", "keyferry-hsm inspect --module nowhere.so", as_it_is),
    case("hsm/module-is-another-file", "keyferry-hsm inspect --module plan.toml", as_it_is),
    case(
        "hsm/plan-without-hsm",
        "keyferry-hsm wrap --plan plan.toml --parameters medium/parameters.json --module plan.toml --token-label ceremony --out medium",
        as_it_is,
    ),
    case("scan/picture-missing", "keyferry-scan nowhere.png", as_it_is),
    case("scan/picture-is-another-file", "keyferry-scan plan.toml", as_it_is),
    case("scan/camera-missing", "keyferry-scan --camera /dev/nowhere", as_it_is),
];
