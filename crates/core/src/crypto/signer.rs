//! An OpenSSH public key in a plan. It is checked when the plan is read, so a key that cannot sign is found before the
//! ceremony.
//!
//! Follows RFC 4253 §6.6 (RSA), RFC 5656 §3.1 (ECDSA), RFC 8709 §4 (Ed25519) and OpenSSH's PROTOCOL.u2f (hardware keys). It refuses every
//! other kind (certificates, DSA, webauthn and later ones), every written form other than OpenSSH's, ECDSA and Ed25519 points that are not
//! on their curve, and Ed25519 points of small order (for which a signature needs no private key). It also refuses RSA keys outside 2048 to
//! 4096 bits, with an unusual exponent, or with a modulus that is a prime, a square or divisible by a prime below 1,000 (for which
//! everybody can compute the private key).

use core::str::FromStr;

use crate::base64_text;

mod curve;
mod point;
mod ssh_key_error;
mod weak_modulus;
mod wire;

use curve::{Curve, P256, P384, P521};
pub use ssh_key_error::SshKeyError;
use wire::Wire;

/// Longest line in bytes: an RSA key of 16,384 bits fits, and is then refused because of its length.
const MAX_LINE: usize = 16 * 1024;
/// The accepted lengths of an RSA modulus, in bits.
const RSA_BITS: core::ops::RangeInclusive<usize> = 2048..=4096;
/// Smallest RSA exponent, 2^16 + 1.
const MIN_EXPONENT: u32 = 65_537;

/// The public key of a person who signs, without the comment of its line.
///
/// # Examples
/// ```
/// use keyferry_core::signer::{SshKey, SshKeyError};
///
/// let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILrOK92YlHsxiiJliJ+gEb/rVw/45n8VvQFXAJmK+8J/ ada@desk";
/// assert_eq!(line.parse::<SshKey>()?.kind(), "ssh-ed25519");
/// assert_eq!("ssh-ed25519 AAAA".parse::<SshKey>(), Err(SshKeyError::Form));
/// # Ok::<(), SshKeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SshKey {
    kind: &'static str,
    blob: Vec<u8>,
}

/// The part of the key's bytes that follows the name of the kind.
enum Form {
    Ed25519,
    Ecdsa(Curve),
    Rsa,
}

/// The accepted kinds: name, form, and whether the key is in a hardware token, in which case an application name
/// follows.
const KINDS: [(&str, Form, bool); 7] = [
    ("ssh-ed25519", Form::Ed25519, false),
    ("ecdsa-sha2-nistp256", Form::Ecdsa(P256), false),
    ("ecdsa-sha2-nistp384", Form::Ecdsa(P384), false),
    ("ecdsa-sha2-nistp521", Form::Ecdsa(P521), false),
    ("ssh-rsa", Form::Rsa, false),
    ("sk-ssh-ed25519@openssh.com", Form::Ed25519, true),
    ("sk-ecdsa-sha2-nistp256@openssh.com", Form::Ecdsa(P256), true),
];

impl SshKey {
    /// OpenSSH's name for the kind of key.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// The line without its comment.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.kind, base64_text::encode(&self.blob))
    }
}

impl FromStr for SshKey {
    type Err = SshKeyError;

    fn from_str(line: &str) -> Result<Self, SshKeyError> {
        if line.contains("PRIVATE KEY") {
            return Err(SshKeyError::Private);
        }
        let (name, rest) = line.trim().split_once(' ').ok_or(SshKeyError::Form)?;
        let (kind, form, in_token) = accepted(name)?;
        if line.len() > MAX_LINE || line.chars().any(crate::text::is_deceptive) {
            return Err(SshKeyError::Form);
        }
        let text = rest.split(' ').next().unwrap_or_default();
        let blob = base64_text::decode(text.as_bytes()).ok_or(SshKeyError::Form)?;
        check_blob(&blob, kind, &form, in_token)?;
        Ok(Self { kind, blob })
    }
}

fn accepted(name: &str) -> Result<(&'static str, Form, bool), SshKeyError> {
    KINDS.into_iter().find(|(kind, ..)| *kind == name).ok_or_else(|| SshKeyError::of_kind(name))
}

fn check_blob(blob: &[u8], kind: &str, form: &Form, in_token: bool) -> Result<(), SshKeyError> {
    let mut wire = Wire(blob);
    if wire.string()? != kind.as_bytes() {
        return Err(SshKeyError::Form);
    }
    match form {
        Form::Ed25519 => point::check_edwards(wire.string()?)?,
        Form::Ecdsa(curve) => check_ecdsa(&mut wire, curve)?,
        Form::Rsa => check_rsa(&mut wire)?,
    }
    if in_token {
        check_application(wire.string()?)?;
    }
    wire.end()
}

fn check_ecdsa(wire: &mut Wire<'_>, curve: &Curve) -> Result<(), SshKeyError> {
    if wire.string()? != curve.name.as_bytes() {
        return Err(SshKeyError::Form);
    }
    curve::check_nist(wire.string()?, curve)
}

fn check_rsa(wire: &mut Wire<'_>) -> Result<(), SshKeyError> {
    let exponent = wire.positive()?;
    let modulus = wire.positive()?;
    let bits = wire::bits(modulus);
    if !RSA_BITS.contains(&bits) {
        return Err(SshKeyError::RsaBits(bits));
    }
    // The library that verifies signatures accepts exponents of up to 33 bits; in practice, keys use 65537.
    let small = exponent.len() <= 4;
    let value = exponent.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    let usual = small && value >= MIN_EXPONENT && odd(exponent) && odd(modulus);
    if usual { weak_modulus::check_factors(modulus) } else { Err(SshKeyError::RsaNumbers) }
}

/// PROTOCOL.u2f: `ssh:`, followed by whatever the person added.
fn check_application(application: &[u8]) -> Result<(), SshKeyError> {
    let printable = application.iter().all(u8::is_ascii_graphic);
    if printable && application.starts_with(b"ssh:") { Ok(()) } else { Err(SshKeyError::Form) }
}

#[cfg(test)]
pub(crate) mod tests;
