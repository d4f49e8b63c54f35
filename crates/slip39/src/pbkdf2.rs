//! PBKDF2 (RFC 8018 §5.2) with HMAC-SHA-256. It is a loop over `hmac`, which the offline program contains anyway; the crate `pbkdf2` would
//! be one more dependency.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of one SHA-256 block, to which HMAC pads its key.
const BLOCK: usize = 64;

/// Fills `out` from `password` and the salt, given in parts. Runs in its own stack frame, so that the caller's `scrub_stack`
/// overwrites what HMAC left.
#[inline(never)]
pub(crate) fn derive(password: &[u8], salt: &[&[u8]], iterations: u32, out: &mut [u8]) {
    let keyed = keyed(password);
    for (n, block) in (1u32..).zip(out.chunks_mut(32)) {
        let first = salt.iter().fold(keyed.clone(), |mac, part| mac.chain_update(part));
        let mut u = Zeroizing::new([0; 32]);
        u.copy_from_slice(&first.chain_update(n.to_be_bytes()).finalize().into_bytes());
        let mut t = u.clone();
        for _ in 1..iterations {
            let mac = keyed.clone().chain_update(*u);
            u.copy_from_slice(&mac.finalize().into_bytes());
            t.iter_mut().zip(*u).for_each(|(t, u)| *t ^= u);
        }
        block.iter_mut().zip(*t).for_each(|(out, t)| *out = t);
    }
}

/// HMAC with its key padded here (RFC 2104 §2), because the crate's function for keys of any length returns a
/// `Result`, whereas this one cannot fail.
fn keyed(password: &[u8]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0u8; BLOCK]);
    if password.len() > BLOCK {
        let digest = Sha256::digest(password);
        block.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    } else {
        block.iter_mut().zip(password).for_each(|(to, from)| *to = *from);
    }
    Hmac::new((&*block).into())
}

/// HMAC-SHA-256 of `message`.
#[inline(never)]
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut tag = Zeroizing::new([0; 32]);
    tag.copy_from_slice(&keyed(key).chain_update(message).finalize().into_bytes());
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// The first two are from RFC 7914 §11; the others are RFC 6070's inputs with SHA-256, computed by Python's
    /// `hashlib` (OpenSSL).
    #[test]
    fn known_answers() {
        let long_password = b"passwordPASSWORDpassword".as_slice();
        let long_salt = b"saltSALTsaltSALTsaltSALTsaltSALTsalt".as_slice();
        let cases: [(&[u8], &[u8], u32, &str); 7] = [
            (b"passwd", b"salt", 1, PASSWD),
            (b"Password", b"NaCl", 80_000, NACL),
            (b"password", b"salt", 1, "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"),
            (b"password", b"salt", 4096, "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"),
            (long_password, long_salt, 4096, LONG),
            (b"pass\0word", b"sa\0lt", 4096, "89b69d0516f829893c696226650a8687"),
            (&[b'k'; 65], b"salt", 2, BEYOND_ONE_BLOCK),
        ];
        for (password, salt, iterations, expected) in cases {
            let mut out = vec![0; expected.len() / 2];
            derive(password, &[salt], iterations, &mut out);
            assert_eq!(hex(&out), expected, "{iterations} iterations");
        }
    }

    const PASSWD: &str = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
        49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783";
    const NACL: &str = "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56\
        a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d";
    const LONG: &str = "348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1\
        c635518c7dac47e9";
    const BEYOND_ONE_BLOCK: &str = "ddff3f4befbd87f443c0d32abcea246f26aa533be46caa8829e6dba1e8566728\
        aae6bc1401b2010ef1b41f11a98ea4a7";

    #[test]
    fn the_salt_may_come_in_parts() {
        let (mut whole, mut parts) = ([0; 40], [0; 40]);
        derive(b"p", &[b"shamir12"], 3, &mut whole);
        derive(b"p", &[b"shamir", b"1", b"", b"2"], 3, &mut parts);
        assert_eq!(whole, parts);
    }

    #[test]
    fn hmac_known_answer() {
        // RFC 4231 §4.3.
        let tag = hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&*tag), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
