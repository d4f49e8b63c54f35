//! The files of a ceremony, each with its checks (plan, parameters, session, ciphertext, escrow), and the form that they
//! share.

mod artefact_error;
mod canonical;
pub mod ciphertext;
pub mod endpoint;
pub mod escrow;
mod json_form;
pub mod names;
mod one_provider;
pub mod parameters;
pub mod plan;
pub mod posture;
pub mod session;
pub mod token;

pub use artefact_error::ArtefactError;
pub(crate) use json_form::Version;
pub use json_form::{
    Artefact, Form, Format, MAX_ARTEFACT, digest, parse, parse_form, reads, to_bytes, write_to,
};
