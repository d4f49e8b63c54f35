//! SLIP-0039: a secret as words on sheets of paper. Any T of the N sheets recover it, and fewer reveal nothing about it.
//!
//! This crate implements the whole standard: one or two levels (T of N, groups), passphrase, iteration exponent, extendable
//! backup flag, RS1024 checksum, secrets of any length that the standard allows. It is tested in both directions against the
//! implementation by the standard's authors, and against all of the standard's vectors. It is pure: no files, clock,
//! operating system randomness or printing. It runs in constant time wherever secrets are involved: no secret indexes a
//! table or decides a branch, from the field's arithmetic to the list of words. Values that own a secret wipe it when they
//! are dropped, and the public functions overwrite the stack that their work used.
//!
//! The main types are:
//!
//! - [`Scheme`]: how many groups and shares; checked before a secret exists.
//! - [`split()`]: a [`Secret`] becomes [`Share`]s, which are test-combined before they are handed out.
//! - [`Share`]: one sheet, read from words and written as words.
//! - [`ShareSet`]: shares collected one by one; says what is missing, refuses what does not belong, and recovers the secret.
//! - [`completion`]: help for people who type words.
//!
//! By the design of the standard, a wrong passphrase cannot be detected: the result is another secret. The caller must
//! therefore compare the result's check value with a known one.

mod bits;
mod cipher;
mod gf256;
mod pbkdf2;
mod rs1024;
mod shamir;
mod wordlist;

pub mod completion;
pub mod passphrase;
pub mod scheme;
pub mod secret;
pub mod set;
pub mod share;
pub mod split;

pub use passphrase::{Passphrase, PassphraseError};
pub use rs1024::Suspect;
pub use scheme::{GroupSpec, Scheme, SchemeError};
pub use secret::{Secret, SecretError};
pub use set::{Missing, SetError, ShareSet, Which};
pub use share::{LengthFault, Place, SetName, Share, ShareError, WordFault};
pub use split::{SplitError, split};
