//! The files of a ceremony, each with its checks (plan, parameters, session, ciphertext, escrow), and the form that they
//! share.

mod canonical;
pub mod ciphertext;
pub mod endpoint;
mod error;
pub mod escrow;
mod form;
pub mod names;
pub mod parameters;
pub mod plan;
pub mod posture;
mod provider;
pub mod session;
pub mod token;

pub use error::ArtefactError;
pub(crate) use form::Version;
pub use form::{Artefact, Form, Format, MAX_ARTEFACT, digest, parse, parse_form, reads, to_bytes, write_to};
