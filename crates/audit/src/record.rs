//! The record of a ceremony: a folder of files that can be checked without anything else.
//!
//! [`Folder`] holds the bytes, and [`Record`] their parsed contents. [`Audit`] lists what is wrong with the record (refusals) and
//! what an auditor has to know about it (deviations). Refusals are collected, so one run shows all of them. Signatures are SSHSIG
//! over `transcript.jsonl`.

mod audit;
mod backup;
mod clock;
mod commands;
mod condensed;
mod contents;
mod course;
mod crossings;
mod deviation;
mod events;
mod files;
mod folder;
mod held;
mod keys;
mod life;
mod machine;
mod merge;
mod message;
mod people;
mod previous;
mod purpose;
mod said;
mod sshsig;
mod sums;
mod verify_error;

pub use audit::{Audit, Expect, Signed};
pub use backup::BackupFault;
pub use clock::ClockFault;
pub use contents::{AsWritten, Record};
pub use course::CourseFault;
pub use deviation::Deviation;
pub use events::{fields, kind};
pub use files::{Files, read_transcript};
pub use folder::{Folder, SIGNATURES, SUMS};
pub use keys::{KeyOutcome, KeyRecord};
pub use life::LifeFault;
pub use machine::MachineFault;
pub use merge::{Differs, merge};
pub use message::Message;
pub use people::{Person, allowed_signers, people};
pub use previous::Previous;
pub use sshsig::{HeldKey, KeyFile, NAMESPACE, RecordSignature, SignatureError, SignerKey};
pub use sums::sums;
pub use verify_error::{KeyFault, VerifyError};
