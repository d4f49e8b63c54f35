//! The commands that anybody can use on a ceremony's record: check it, sign it, archive it, and write it as a page for people.
//!
//! The crate is below the stations and uses neither a network nor an emulator. The main types are [`record::Folder`],
//! the files of a record; [`record::Audit`], the result of checking them; and [`record::RecordSignature`], one
//! participant's signature. Each command is a module with its flags and one function that runs it.

pub mod archive;
mod error;
pub mod record;
pub mod report;
mod shown;
pub mod sign;
pub mod verify;

pub use error::{Error, Reported};
