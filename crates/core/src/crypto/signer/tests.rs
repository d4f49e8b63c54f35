//! Keys that OpenSSH makes, and keys with which nobody or everybody can sign. None of the keys here belongs to anybody.

use crypto_bigint::{BoxedUint, ConcatenatingMul, ConcatenatingSquare};
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;

use super::point::SMALL_ORDER;
use super::*;

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// A key line of that kind, from the parts that follow the name.
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

/// An odd number with that many bits, in wire format.
fn odd(bits: usize) -> Vec<u8> {
    let mut number = vec![0x55; bits.div_ceil(8)];
    let top = (bits - 1) % 8;
    number[0] = 1 << top | (0x55 & ((1 << top) - 1));
    if top == 7 { [&[0], &number[..]].concat() } else { number }
}

const E: &[u8] = &[1, 0, 1];

/// Keys made by `ssh-keygen`, whose private halves were deleted: P-256, P-384, P-521, and RSA of 2048, 3071 and 4096
/// bits.
const MADE: &str = include_str!("openssh.pub");

/// The strings in one of these keys, after the name of its kind.
fn parts(number: usize) -> Vec<Vec<u8>> {
    let text = MADE.lines().nth(number).unwrap().split(' ').nth(1).unwrap();
    let blob = base64_text::decode(text.as_bytes()).unwrap();
    let mut wire = Wire(&blob);
    core::iter::from_fn(|| wire.string().ok().map(<[u8]>::to_vec)).skip(1).collect()
}

/// The point of one of these keys.
fn point(number: usize) -> Vec<u8> {
    parts(number).remove(1)
}

/// The modulus of one of these keys, in wire format.
fn modulus(number: usize) -> Vec<u8> {
    parts(number).remove(1)
}

#[test]
fn every_accepted_kind_is_read_and_written_again() {
    let lines = [
        edwards(&base()),
        line("ecdsa-sha2-nistp256", &[b"nistp256", &point(0)]),
        line("ecdsa-sha2-nistp384", &[b"nistp384", &point(1)]),
        line("ecdsa-sha2-nistp521", &[b"nistp521", &point(2)]),
        line("ssh-rsa", &[E, &modulus(3)]),
        line("ssh-rsa", &[E, &modulus(4)]),
        line("ssh-rsa", &[&[0, 0x80, 0, 0, 1], &modulus(5)]),
        line("sk-ssh-ed25519@openssh.com", &[&base(), b"ssh:"]),
        line("sk-ecdsa-sha2-nistp256@openssh.com", &[b"nistp256", &point(0), b"ssh:ceremony"]),
    ];
    for line in lines {
        let key: SshKey = line.parse().unwrap();
        assert_eq!(key.line(), line);
        assert!(line.starts_with(key.kind()));
        for spelled in [format!("{line} ada@desk 2026"), format!(" {line} "), format!("{line} 王小明")] {
            assert_eq!(spelled.parse(), Ok(key.clone()), "{spelled}");
        }
        // Cut off, two spaces, folded, a prefix, different names outside and inside, trailing text.
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
    // The sign bit is set as well: the key is refused, even if the library accepts it.
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
    // The largest y coordinate of any point, except -1.
    y[31] = 0x7f;
    let on_curve = |y: &[u8; 32]| CompressedEdwardsY(*y).decompress().is_some();
    y[0] = (0..0xec)
        .rev()
        .find(|first| on_curve(&core::array::from_fn(|n| if n == 0 { *first } else { y[n] })))
        .unwrap();
    assert!(edwards(&y).parse::<SshKey>().is_ok() && y[0] > 0xd0);
    for length in [0, 31, 33] {
        assert_eq!(refused(&edwards(&vec![0x66; length])), SshKeyError::Form);
    }
}

#[test]
fn an_ed25519_key_is_a_point_of_its_curve() {
    let mut seen = [0, 0];
    for n in 0..200_u8 {
        let y = core::array::from_fn(|at| {
            if at == 31 { n & 0x7f } else { n.wrapping_mul(37).wrapping_add(at.to_le_bytes()[0]) }
        });
        let on_curve = CompressedEdwardsY(y).decompress().is_some();
        let read = edwards(&y).parse::<SshKey>();
        assert_eq!(read.is_ok(), on_curve, "{y:?}");
        assert!(read.is_ok() || read == Err(SshKeyError::Weak));
        seen[usize::from(on_curve)] += 1;
    }
    assert!(seen[0] > 50 && seen[1] > 50, "{seen:?}");
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
    // Negative, empty, zero, or with a superfluous zero.
    for bad in [&[0x81, 0, 1][..], &[], &[0], &[0, 1, 0, 1]] {
        assert_eq!(rsa(bad, &odd(2048)), SshKeyError::Form, "{bad:?}");
    }
    let padded = [&[0][..], &odd(2048)].concat();
    assert_eq!(rsa(E, &padded), SshKeyError::Form);
}

#[test]
fn nist_points_are_whole_and_of_the_curve_named() {
    let point = point(0);
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

/// Each curve with the kinds of key that use it.
const CURVES: [(&str, &[u8], usize); 4] = [
    ("ecdsa-sha2-nistp256", b"nistp256", 0),
    ("ecdsa-sha2-nistp384", b"nistp384", 1),
    ("ecdsa-sha2-nistp521", b"nistp521", 2),
    ("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", 0),
];

#[test]
fn a_nist_point_satisfies_its_curve() {
    for (kind, curve, number) in CURVES {
        let key = |point: &[u8]| match kind.starts_with("sk-") {
            true => line(kind, &[curve, point, b"ssh:"]),
            false => line(kind, &[curve, point]),
        };
        let good = point(number);
        assert!(key(&good).parse::<SshKey>().is_ok());
        let half = (good.len() - 1) / 2;
        let (x, y) = good[1..].split_at(half);
        let mut moved = good.clone();
        *moved.last_mut().unwrap() ^= 1;
        let others = [
            moved,
            [&[4], y, x].concat(),
            [&[4][..], &vec![0; 2 * half]].concat(),
            [&[4][..], &vec![7; 2 * half]].concat(),
        ];
        for bad in others {
            assert_eq!(refused(&key(&bad)), SshKeyError::OffCurve, "{kind} {bad:x?}");
        }
    }
}

/// A point with a small x (computed in Python), and the same with p added to x: it satisfies the equation, but is not in canonical form.
#[rustfmt::skip]
const ABOVE_P: [(&str, &str); 3] = [
    // x = 5
    ("0000000000000000000000000000000000000000000000000000000000000005459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc", "ffffffff00000001000000000000000000000001000000000000000000000004459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"),
    // x = 2
    ("0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000028cdeadbbd04911a3c1931e26df3fa6439dca9c7eb286fbd46fc319f0e2bb780232baf57825fc0c1912ada2fefe84024c", "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000001000000018cdeadbbd04911a3c1931e26df3fa6439dca9c7eb286fbd46fc319f0e2bb780232baf57825fc0c1912ada2fefe84024c"),
    // x = 1
    ("0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010010e59be93c4f269c0269c79e2afd65d6aeaa9b701eacc194fb3ee03df47849bf550ec636ebee0ddd4a16f1cd9406605af38f584567770e3f272d688c832e843564", "0200000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010e59be93c4f269c0269c79e2afd65d6aeaa9b701eacc194fb3ee03df47849bf550ec636ebee0ddd4a16f1cd9406605af38f584567770e3f272d688c832e843564"),
];

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn a_coordinate_is_below_p() {
    for ((kind, curve, _), (good, bad)) in CURVES.into_iter().zip(ABOVE_P) {
        let key = |hex: &str| line(kind, &[curve, &[&[4][..], &bytes_of(hex)].concat()]);
        assert!(key(good).parse::<SshKey>().is_ok(), "{kind}");
        assert_eq!(refused(&key(bad)), SshKeyError::OffCurve, "{kind}");
    }
}

/// The primes of 1024 and 2048 bits of RFC 2409 §6.2 and RFC 3526 §3.
const PRIMES: [&str; 2] = [
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437\
    4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437\
    4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05\
    98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
    e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff",
];

fn primes() -> [BoxedUint; 2] {
    PRIMES.map(|hex| BoxedUint::from_str_radix_vartime(hex, 16).unwrap())
}

fn rsa(modulus: &BoxedUint) -> String {
    let bytes = modulus.to_be_bytes_trimmed_vartime();
    let sign: &[u8] = if bytes[0] >= 0x80 { &[0] } else { &[] };
    line("ssh-rsa", &[E, &[sign, &bytes].concat()])
}

#[test]
fn an_rsa_modulus_has_no_factors_that_everybody_knows() {
    let [short, long] = primes();
    let times = |d: u32| rsa(&long.concatenating_mul(BoxedUint::from(d)));
    assert_eq!(refused(&rsa(&long)), SshKeyError::RsaFactors, "a prime");
    assert_eq!(refused(&rsa(&short.concatenating_square())), SshKeyError::RsaFactors, "a square");
    for prime in [3, 5, 7, 499, 991, 997] {
        assert_eq!(refused(&times(prime)), SshKeyError::RsaFactors, "{prime}");
    }
    // Factors beyond the primes that are tried.
    assert!(times(1_009).parse::<SshKey>().is_ok());
}

/// Lines for a plan, each with a part of the reason for its refusal.
pub(crate) fn unusable() -> Vec<(String, &'static str)> {
    let [short, long] = primes();
    let p256 = |point: &[u8]| line("ecdsa-sha2-nistp256", &[b"nistp256", point]);
    let off = "not a point of its curve";
    let known = "a prime, a square, or divisible by a prime below 1000";
    vec![
        (p256(&[&[4][..], &[7; 64]].concat()), off),
        (p256(&[&[4][..], &[0; 64]].concat()), off),
        (p256(&[&[4][..], &bytes_of(ABOVE_P[0].1)].concat()), off),
        (rsa(&long), known),
        (rsa(&short.concatenating_square()), known),
        (rsa(&long.concatenating_mul(BoxedUint::from(3_u32))), known),
    ]
}
