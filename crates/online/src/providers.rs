//! The providers that this program can speak to: the one file that names their crates.
//!
//! Everything else works over [`Service`], so that a second provider is a crate, a table of facts in core, and a row here.

use keyferry_core::{Endpoint, Provider};
use keyferry_service::{NotReady, Service, Station};
use keyferry_tencent::client::{self as tencent, words};

/// Whose service is meant where no plan names a provider.
pub(crate) const USUAL: Provider = Provider::TENCENT;

/// Where credentials come from, for the help page; a macro, so that it is a literal.
pub(crate) use keyferry_tencent::credentials_come_from;
/// What `--profile` names; English and 简体中文.
pub(crate) use words::PROFILE;

type Open = for<'c> fn(Endpoint, &Station<'c>) -> Result<Box<dyn Service + 'c>, NotReady>;

/// One provider of this program.
struct Known {
    provider: Provider,
    /// Its own endpoint.
    endpoint: &'static str,
    open: Open,
}

const KNOWN: [Known; 1] = [Known {
    provider: Provider::TENCENT,
    endpoint: words::ENDPOINT,
    open: |endpoint, station| Ok(Box::new(tencent::open(endpoint, station)?)),
}];

/// A provider in core's registry that is not here is one of its tests'.
fn known(provider: Provider) -> &'static Known {
    let [usual] = &KNOWN;
    KNOWN.iter().find(|known| known.provider == provider).unwrap_or(usual)
}

/// The provider's own endpoint.
pub(crate) fn endpoint(provider: Provider) -> &'static str {
    known(provider).endpoint
}

/// The provider's service, with the credentials that this station has; nothing is sent yet.
///
/// # Errors
/// [`NotReady`] without credentials.
pub(crate) fn open<'c>(
    provider: Provider,
    endpoint: Endpoint,
    station: &Station<'c>,
) -> Result<Box<dyn Service + 'c>, NotReady> {
    (known(provider).open)(endpoint, station)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_that_a_plan_may_name_has_a_row() {
        for provider in Provider::all() {
            assert_eq!(known(provider).provider, provider);
            let own: Endpoint = endpoint(provider).parse().unwrap();
            assert_eq!(own.check_provider(provider), Ok(()));
        }
    }
}
