//! The encryption of the secret under the passphrase: four rounds of a Feistel network with PBKDF2 as its round function (SLIP-0039, "Encryption of
//! the master secret").

use zeroize::Zeroizing;

use crate::pbkdf2;
use crate::{Passphrase, SetName};

/// Iterations in one of the four rounds at exponent 0.
const ROUND_ITERATIONS: u32 = 2500;

/// The encrypted master secret.
pub(crate) fn encrypt(secret: &[u8], passphrase: &Passphrase, name: SetName) -> Zeroizing<Vec<u8>> {
    feistel(secret, [0, 1, 2, 3], passphrase, name)
}

/// The master secret.
pub(crate) fn decrypt(encrypted: &[u8], passphrase: &Passphrase, name: SetName) -> Zeroizing<Vec<u8>> {
    feistel(encrypted, [3, 2, 1, 0], passphrase, name)
}

fn feistel(block: &[u8], rounds: [u8; 4], passphrase: &Passphrase, name: SetName) -> Zeroizing<Vec<u8>> {
    let (left, right) = block.split_at(block.len() / 2);
    let mut left = Zeroizing::new(left.to_vec());
    let mut right = Zeroizing::new(right.to_vec());
    for round in rounds {
        let mut f = round_function(round, &right, passphrase, name);
        f.iter_mut().zip(left.iter()).for_each(|(f, l)| *f ^= l);
        left = core::mem::replace(&mut right, f);
    }
    let mut out = Zeroizing::new(Vec::with_capacity(block.len()));
    out.extend_from_slice(&right);
    out.extend_from_slice(&left);
    out
}

/// F(i, R).
fn round_function(round: u8, right: &[u8], passphrase: &Passphrase, name: SetName) -> Zeroizing<Vec<u8>> {
    let mut password = Zeroizing::new(Vec::with_capacity(1 + passphrase.bytes().len()));
    password.push(round);
    password.extend_from_slice(passphrase.bytes());
    let identifier = name.identifier.to_be_bytes();
    // With the extendable flag the salt is only R, so another set of the same encrypted secret can have another identifier.
    let salt: &[&[u8]] = if name.extendable { &[right] } else { &[b"shamir", &identifier, right] };
    let mut out = Zeroizing::new(vec![0; right.len()]);
    pbkdf2::derive(&password, salt, ROUND_ITERATIONS << name.iteration_exponent, &mut out);
    out
}
