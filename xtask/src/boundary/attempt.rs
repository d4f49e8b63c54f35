//! The offline station as it ships, compared with a build of it that calls the network once and must not survive that.

use crate::run::{self, Stop};
use crate::{ship, test_build};

/// One `socket` call where key material exists; never in a program that ships.
const CONTROL: &str = "keyferry_network_attempt";

pub(super) fn check() -> Result<(), Stop> {
    let control = ship::control(CONTROL)?;
    let mut test = test_build::test_of_programs("--test e2e network_attempt:: -- --ignored --nocapture")?;
    test.env("KEYFERRY_BOUNDARY_SHIPPED", ship::folder().join(ship::OFFLINE));
    run::check(test.env("KEYFERRY_BOUNDARY_CONTROL", control))
}
