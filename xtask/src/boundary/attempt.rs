//! The shipped offline station, compared with a build of it that makes one network call and must be killed for it.

use crate::run::{self, Stop};
use crate::{ship, test_build};

/// Adds one `socket` call where key material exists; never set in a program that ships.
const CONTROL: &str = "keyferry_network_attempt";

pub(super) fn check() -> Result<(), Stop> {
    let control = ship::control(CONTROL)?;
    let mut test = test_build::test_of_programs("--test e2e network_attempt:: -- --ignored --nocapture")?;
    test.env("KEYFERRY_BOUNDARY_SHIPPED", ship::folder().join(ship::OFFLINE));
    run::check(test.env("KEYFERRY_BOUNDARY_CONTROL", control))
}
