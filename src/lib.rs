//! What anybody can do with a ceremony's record, apart from the program around it: check it, and check who signed it.
//!
//! Nothing of this crate enters the offline station. The main types are [`record::Folder`], the files as they lie on a medium;
//! [`record::Audit`], what checking them found; and [`record::RecordSignature`], one participant's signature.

pub mod record;
