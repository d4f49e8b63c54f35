//! Tencent Cloud KMS 2019-01-18: the wire, and the client of the online station.
//!
//! Everything but [`client`] is pure: no sockets, files or clocks. The client uses it to sign and read, and the emulator to
//! verify and answer, so both follow the same definitions. The main types are
//!
//! * [`Request`] with its structs in [`wire`]: one per [`Action`], in the vendor's spelling;
//! * [`parse_reply`] → [`Reply`]: a reply, as a success or a [`ServiceError`];
//! * [`ErrorCode`] and [`translate()`]: what a refusal means, who acts, and what to do next, in two languages;
//! * [`tc3::sign`] and [`tc3::verify`] over [`Credentials`]; [`older`] for the signatures before TC3;
//! * [`KmsClient`], the [`Service`](keyferry_service::Service) that the online station works with; [`client::open`] finds its credentials.
//!
//! # Examples
//! ```
//! use keyferry_tencent::{Reply, ErrorCode, parse_reply, wire::ImportKeyMaterialReply};
//!
//! let bytes = br#"{"Response":{"Error":{"Code":"ResourceUnavailable.TokenExpired","Message":"m"},"RequestId":"r-1"}}"#;
//! match parse_reply::<ImportKeyMaterialReply>(bytes) {
//!     Ok(Reply::Refused(error)) => assert_eq!(error.code, ErrorCode::TokenExpired),
//!     other => unreachable!("{other:?}"),
//! }
//! ```
pub mod action;
pub mod client;
pub mod code;
pub mod credentials;
pub mod edition;
pub mod envelope;
pub mod older;
mod one_line;
pub mod tc3;
pub mod translate;
pub mod wire;

pub use action::{Action, SERVICE, VERSION};
pub use client::KmsClient;
pub use code::ErrorCode;
pub use credentials::{Credentials, Sensitive};
pub use edition::Edition;
pub use envelope::{EnvelopeError, Reply, ServiceError, parse_reply};
pub use translate::{Section, Translation, translate};
pub use wire::{FieldSpec, Request};
