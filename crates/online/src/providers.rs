//! The providers that this program can use. No other file names their crates.
//!
//! Everything else works through the trait [`Service`], so that a second provider needs only a crate, a table of facts in core, and a
//! row here. A provider without a row is refused, never replaced by another provider's service.

use keyferry_core::{Endpoint, Provider};
use keyferry_service::{NotReady, Service, Station};
use keyferry_tencent::client::{self as tencent, words};

use crate::error::Unserved;

/// The provider whose service is used if no plan names one.
pub(crate) const USUAL: Provider = Provider::TENCENT;

/// Where credentials come from, for the help page; this is a macro because clap needs a literal.
pub(crate) use keyferry_tencent::credentials_come_from;
/// What `--profile` names; English and 简体中文.
pub(crate) use words::PROFILE;

type Open = for<'c> fn(Endpoint, &Station<'c>) -> Result<Box<dyn Service + 'c>, NotReady>;

/// One provider of this program.
#[derive(Clone, Copy, Debug)]
struct Known {
    provider: Provider,
    open: Open,
}

const KNOWN: [Known; 1] = [Known {
    provider: Provider::TENCENT,
    open: |endpoint, station| Ok(Box::new(tencent::open(endpoint, station)?)),
}];

/// The row of a provider.
fn row(known: &[Known], provider: Provider) -> Result<Known, Unserved> {
    known.iter().find(|known| known.provider == provider).copied().ok_or(Unserved(provider))
}

/// The provider's own endpoint.
///
/// # Errors
/// [`Unserved`] for a provider that this program does not know.
pub(crate) fn endpoint(provider: Provider) -> Result<&'static str, Unserved> {
    row(&KNOWN, provider).map(|known| known.provider.facts().endpoint)
}

/// The provider's service, with the credentials that this station has; nothing is sent yet.
///
/// # Errors
/// [`NotReady`] without credentials, and for a provider that this program does not know.
pub(crate) fn open<'c>(
    provider: Provider,
    endpoint: Endpoint,
    station: &Station<'c>,
) -> Result<Box<dyn Service + 'c>, NotReady> {
    let known = row(&KNOWN, provider).map_err(|unserved| NotReady::of(&unserved))?;
    (known.open)(endpoint, station)
}

#[cfg(test)]
mod tests {
    use keyferry_core::{Control, Explain};

    use super::*;

    #[test]
    fn every_provider_that_a_plan_may_name_has_a_row() {
        for provider in Provider::all() {
            assert_eq!(row(&KNOWN, provider).map(|known| known.provider), Ok(provider));
            let own: Endpoint = endpoint(provider).unwrap().parse().unwrap();
            assert_eq!(own.check_provider(provider), Ok(()));
        }
    }

    #[test]
    fn a_provider_without_a_row_is_refused() {
        let unserved = row(&[], Provider::TENCENT).unwrap_err();
        assert_eq!((unserved, unserved.control()), (Unserved(Provider::TENCENT), Control::PLAN_READY));
    }
}
