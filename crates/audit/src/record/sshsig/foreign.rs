//! Recognises kinds of signature files that the library does not read, so that the refusal can name them.

use keyferry_core::base64_text;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// The magic that precedes the version's four bytes (PROTOCOL.sshsig).
const MAGIC: &[u8] = b"SSHSIG";

/// The kind of the signature in an armored file; `None` for anything else. It is printable and has at most 64
/// characters.
pub(super) fn kind(armored: &str) -> Option<String> {
    let text: String = armored.trim().strip_prefix(BEGIN)?.strip_suffix(END)?.split_whitespace().collect();
    let bytes = base64_text::decode(text.as_bytes())?;
    let (_version, mut rest) = bytes.strip_prefix(MAGIC)?.split_at_checked(4)?;
    // The fields are public key, namespace, reserved, hash algorithm; then the signature, which begins with
    // its kind.
    for _ in 0..4 {
        (_, rest) = string(rest)?;
    }
    let (signature, _) = string(rest)?;
    let (kind, _) = string(signature)?;
    let printable = (1..=64).contains(&kind.len()) && kind.iter().all(u8::is_ascii_graphic);
    printable.then(|| String::from_utf8_lossy(kind).into_owned())
}

/// A string that is preceded by its length (RFC 4251 §5), and what follows it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}
