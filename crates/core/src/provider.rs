//! A provider as data: its names, algorithms, lengths and lifetimes. The core consults these facts and never asks which provider
//! it is dealing with.
//!
//! Each provider has one table in this folder, and the [`registry`] lists them; a [`Provider`] is one entry of that list. The online
//! station implements what a provider's service *does*.

mod alone;
mod facts;
pub mod registry;
pub(crate) mod sample_names;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod toy;
#[cfg(test)]
mod toy_ceremony;
mod valid_to;

pub use alone::SeveralProviders;
pub(crate) use alone::alone;
pub use facts::*;
pub use registry::*;
pub use valid_to::{BadValidTo, ValidTo};
