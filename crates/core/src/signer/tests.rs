//! Keys that OpenSSH makes, and keys that nobody can sign with. No private key exists for any key here that is refused.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;

use super::point::SMALL_ORDER;
use super::*;

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// A line of that kind, from its parts after the name.
fn line(kind: &str, parts: &[&[u8]]) -> String {
    let parts = core::iter::once(kind.as_bytes()).chain(parts.iter().copied());
    format!("{kind} {}", base64_text::encode(&parts.flat_map(string).collect::<Vec<_>>()))
}

fn refused(line: &str) -> SshKeyError {
    line.parse::<SshKey>().unwrap_err()
}

fn edwards(y: &[u8]) -> String {
    line("ssh-ed25519", &[y])
}

/// The point B, of large order: 4/5, positive.
const BASE: [u8; 32] = [0x66; 32];

fn base() -> [u8; 32] {
    let mut base = BASE;
    base[0] = 0x58;
    base
}

/// An odd number of that many bits, as the wire has it.
fn odd(bits: usize) -> Vec<u8> {
    let mut number = vec![0x55; bits.div_ceil(8)];
    let top = (bits - 1) % 8;
    number[0] = 1 << top | (0x55 & ((1 << top) - 1));
    if top == 7 { [&[0], &number[..]].concat() } else { number }
}

const E: &[u8] = &[1, 0, 1];

#[test]
fn every_accepted_kind_is_read_and_written_again() {
    let nist = |length: usize| [&[4], &vec![7; length - 1][..]].concat();
    let lines = [
        edwards(&base()),
        line("ecdsa-sha2-nistp256", &[b"nistp256", &nist(65)]),
        line("ecdsa-sha2-nistp384", &[b"nistp384", &nist(97)]),
        line("ecdsa-sha2-nistp521", &[b"nistp521", &nist(133)]),
        line("ssh-rsa", &[E, &odd(2048)]),
        line("ssh-rsa", &[E, &odd(3071)]),
        line("ssh-rsa", &[&[0, 0x80, 0, 0, 1], &odd(4096)]),
        line("sk-ssh-ed25519@openssh.com", &[&base(), b"ssh:"]),
        line("sk-ecdsa-sha2-nistp256@openssh.com", &[b"nistp256", &nist(65), b"ssh:ceremony"]),
    ];
    for line in lines {
        let key: SshKey = line.parse().unwrap();
        assert_eq!(key.line(), line);
        assert!(line.starts_with(key.kind()));
        for spelled in [format!("{line} ada@desk 2026"), format!(" {line} "), format!("{line} 王小明")] {
            assert_eq!(spelled.parse(), Ok(key.clone()), "{spelled}");
        }
        // Cut off, two spaces, folded, a prefix, another name outside than inside, something behind.
        let (name, text) = line.split_once(' ').unwrap();
        let longer = [&base64_text::decode(text.as_bytes()).unwrap()[..], &[0]].concat();
        for bad in [
            line[..line.len() - 4].to_owned(),
            format!("{name}  {text}"),
            format!("{name} {}\n{}", &text[..64], &text[64..]),
            format!("{name}\t{text}"),
            format!("restrict {line}"),
            text.to_owned(),
            name.to_owned(),
            format!("{} {text}", if name == "ssh-rsa" { "ssh-ed25519" } else { "ssh-rsa" }),
            format!("{name} {}", base64_text::encode(&longer)),
            format!("{line} {}", "a".repeat(MAX_LINE)),
            format!("{line} a\u{202e}b"),
        ] {
            assert_eq!(refused(&bad), SshKeyError::Form, "{bad}");
        }
    }
}

#[test]
fn the_table_of_small_orders_is_the_library_s() {
    let mut canonical: Vec<[u8; 32]> = EIGHT_TORSION.iter().map(|point| point.compress().0).collect();
    for point in &canonical {
        assert!(CompressedEdwardsY(*point).decompress().unwrap().is_small_order());
        assert_eq!(refused(&edwards(point)), SshKeyError::Weak);
    }
    canonical.iter_mut().for_each(|point| point[31] &= 0x7f);
    canonical.sort_unstable();
    canonical.dedup();
    let mut table = SMALL_ORDER;
    table.sort_unstable();
    assert_eq!(canonical, table);
    // Either sign, whatever the library makes of it.
    for mut point in SMALL_ORDER {
        point[31] |= 0x80;
        assert_eq!(refused(&edwards(&point)), SshKeyError::Weak);
        assert_eq!(refused(&line("sk-ssh-ed25519@openssh.com", &[&point, b"ssh:"])), SshKeyError::Weak);
    }
    assert!(!CompressedEdwardsY(base()).decompress().unwrap().is_small_order());
}

#[test]
fn a_point_has_one_written_form() {
    let mut y = [0xff; 32];
    for (first, last) in (0xed..=0xff).flat_map(|first| [(first, 0x7f), (first, 0xff)]) {
        (y[0], y[31]) = (first, last);
        assert_eq!(refused(&edwards(&y)), SshKeyError::Weak, "{first:x} {last:x}");
    }
    // The largest y but one: 2^255 - 21.
    (y[0], y[31]) = (0xeb, 0x7f);
    assert!(edwards(&y).parse::<SshKey>().is_ok());
    for length in [0, 31, 33] {
        assert_eq!(refused(&edwards(&vec![0x66; length])), SshKeyError::Form);
    }
}

#[test]
fn rsa_is_2048_to_4096_bits_and_odd() {
    let rsa = |e: &[u8], n: &[u8]| refused(&line("ssh-rsa", &[e, n]));
    for bits in [1, 512, 1024, 2047, 4097, 16_384] {
        assert_eq!(rsa(E, &odd(bits)), SshKeyError::RsaBits(bits));
    }
    let mut even = odd(2048);
    *even.last_mut().unwrap() &= 0xfe;
    assert_eq!(rsa(E, &even), SshKeyError::RsaNumbers);
    for e in [&[1][..], &[2], &[3], &[1, 0, 0], &[1, 0, 2], &[0, 0xff, 0xff], &[1, 0, 0, 0, 1]] {
        assert_eq!(rsa(e, &odd(2048)), SshKeyError::RsaNumbers, "{e:?}");
    }
    // Negative, empty, zero, or with a zero more than it takes.
    for bad in [&[0x81, 0, 1][..], &[], &[0], &[0, 1, 0, 1]] {
        assert_eq!(rsa(bad, &odd(2048)), SshKeyError::Form, "{bad:?}");
    }
    let padded = [&[0][..], &odd(2048)].concat();
    assert_eq!(rsa(E, &padded), SshKeyError::Form);
}

#[test]
fn nist_points_are_whole_and_of_the_curve_named() {
    let point = [&[4][..], &[7; 64]].concat();
    let nist = |curve: &[u8], point: &[u8]| refused(&line("ecdsa-sha2-nistp256", &[curve, point]));
    assert_eq!(nist(b"nistp384", &point), SshKeyError::Form);
    assert_eq!(nist(b"nistp256", &point[..64]), SshKeyError::Form);
    assert_eq!(nist(b"nistp256", &[&[2][..], &[7; 32]].concat()), SshKeyError::Form);
    assert_eq!(nist(b"nistp256", &[&[2][..], &[7; 64]].concat()), SshKeyError::Form);
    let hardware = |application: &[u8]| line("sk-ssh-ed25519@openssh.com", &[&base(), application]);
    for bad in [&b""[..], b"https:", b"ssh:a b", b"ssh:\x1b"] {
        assert_eq!(refused(&hardware(bad)), SshKeyError::Form);
    }
}

#[test]
fn other_kinds_are_refused_by_their_name() {
    for kind in [
        "ssh-dss",
        "ssh-ed448",
        "ssh-mldsa-65",
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
        "rsa-sha2-512",
        "ecdsa-sha2-nistp192",
    ] {
        assert_eq!(refused(&format!("{kind} AAAA")), SshKeyError::Kind(kind.to_owned()));
    }
    for kind in ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", "sk-ssh-ed25519"] {
        assert_eq!(refused(&format!("{kind}-cert-v01@openssh.com AAAA")), SshKeyError::Certificate);
    }
    for bad in ["", "ada", "/home/ada/id.pub", "SHA256:AAAA ada", "my secret word", "ssh-\u{e9} AAAA"] {
        assert_eq!(refused(bad), SshKeyError::Form, "{bad}");
    }
    assert_eq!(refused("-----BEGIN OPENSSH PRIVATE KEY----- AAAA"), SshKeyError::Private);
}
