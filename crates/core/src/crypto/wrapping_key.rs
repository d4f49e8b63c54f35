//! The provider's wrapping key: one strict SubjectPublicKeyInfo of RSA with e = 65537 (RFC 8017 A.1, RFC 5280 §4.1).
//!
//! Takes DER, PEM or base64 of DER; for anything else, the error says what was found. Refuses trailing bytes, sizes that the
//! caller does not name (if it names none, only RSA-2048 is accepted), other exponents, non-canonical DER, and moduli with a
//! small factor.

use core::fmt;
use std::sync::{Arc, OnceLock};

use super::modulus::{Modulus, SecondKey};
use crate::{Base64Bytes, Bilingual, Fingerprint, bi, refusals};

mod der;
mod key_encoding;
mod size;

use der::{Reader, tag};
pub use key_encoding::{Encoding, Found, MAX_KEY_INPUT};
pub use size::RsaBits;

/// Limbs of 64 bits in the longest modulus.
const LIMBS: usize = RsaBits::R4096.bytes() / 8;

/// The primes below 256, grouped in products below 2^58. Random or damaged bytes are most likely divisible by
/// one of them.
const SMALL_PRIMES: [Divisor; 7] = [
    Divisor::new(2 * 3 * 5 * 7 * 11 * 13 * 17 * 19 * 23 * 29 * 31 * 37 * 41 * 43),
    Divisor::new(47 * 53 * 59 * 61 * 67 * 71 * 73 * 79 * 83),
    Divisor::new(89 * 97 * 101 * 103 * 107 * 109 * 113 * 127),
    Divisor::new(131 * 137 * 139 * 149 * 151 * 157 * 163 * 167),
    Divisor::new(173 * 179 * 181 * 191 * 193 * 197 * 199),
    Divisor::new(211 * 223 * 227 * 229 * 233 * 239 * 241),
    Divisor::new(251),
];

/// 1.2.840.113549.1.1.1, the content bytes of the OBJECT IDENTIFIER.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
/// 1.2.840.10045.2.1.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
/// 1.2.156.10197.1.301.
const SM2_CURVE: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d];

/// Other kinds of keys that people might supply, by the content bytes of their OBJECT IDENTIFIER.
const OTHER_KINDS: [(&[u8], &str); 5] = [
    (&[0x2b, 0x65, 0x6e], "X25519"),
    (&[0x2b, 0x65, 0x70], "Ed25519"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 7], "RSAES-OAEP (restricted)"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], "RSASSA-PSS"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], "DSA"),
];

/// A checked RSA public key with e = 65537. Clones share the prepared key.
#[derive(Clone)]
pub struct WrappingKey(Arc<SetUp>);

/// A key, with a cache of what is computed from it. The prepared form of a key that only one entry uses is not cached but
/// computed for each use, because the caches of a hundred thousand different keys would take more memory than their file.
struct SetUp {
    size: RsaBits,
    spki: Base64Bytes,
    fingerprint: Fingerprint,
    modulus: OnceLock<Modulus>,
    second: OnceLock<SecondKey>,
}

refusals! {
    /// Why a wrapping key was refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum WrappingKeyError: Refused {
        /// The bytes have none of the three encodings; the error says what they are.
        Encoding(found: Found) => KEY_ENCODING,
            what("this is not a public key as SPKI in DER, PEM or base64; it is {name}",
                 "这不是 DER、PEM 或 base64 形式的 SPKI 公钥；而是{name}", both name = found.name()),
            hint(found.hint());
        /// An SPKI of a key that is not RSA; the error names the algorithm.
        Kind(kind: &'static str) => KEY_KIND,
            what("the wrapping key is a public key of kind {kind}; the service wraps with RSA only",
                 "包装密钥的类型是 {kind}；服务只支持 RSA"),
            hint(fetch_again());
        /// An RSA key of another size.
        Size {
            /// Its length in bits.
            found: usize,
            /// The accepted lengths.
            takes: &'static [RsaBits],
        } => KEY_SIZE,
            what("the wrapping key is RSA-{found}; it must be {sizes}", "包装密钥是 RSA-{found}；必须是 {sizes}",
                 both sizes = one_of(takes)),
            hint(fetch_again());
        /// An RSA key with another exponent.
        Exponent => KEY_EXPONENT,
            what("the wrapping key's public exponent is not 65537", "包装密钥的公开指数不是 65537"),
            hint(compare_online());
        /// Bytes after the key, or DER that is not canonical.
        Trailing => KEY_TRAILING,
            what("the wrapping key has bytes before or after the one canonical DER structure",
                 "包装密钥在唯一的规范 DER 结构之外还有多余字节，或不是规范 DER"),
            hint(compare_online());
        /// The modulus has a small factor.
        Modulus => KEY_MODULUS,
            what("the wrapping key's modulus has a small factor: it is not an RSA modulus",
                 "包装密钥的模数含有小因子：不是合格的 RSA 模数"),
            hint(compare_online());
    }
}

fn one_of(sizes: &[RsaBits]) -> Bilingual {
    let names: Vec<_> = sizes.iter().map(RsaBits::to_string).collect();
    Bilingual { en: names.join(" or "), zh: names.join(" 或 ") }
}

fn fetch_again() -> Bilingual {
    bi!(
        "fetch the parameters again with a type of wrapping key that the provider offers, and use the public key from that reply",
        "请以服务端能生成的包装密钥类型重新获取参数，并使用该回复中的公钥"
    )
}

fn compare_online() -> Bilingual {
    bi!(
        "compare the file's SHA-256 with the one on the online station; if they are equal, stop and tell the provider",
        "请与在线工作站核对文件的 SHA-256；如果那里也相同，请停止并告知服务商"
    )
}

impl WrappingKey {
    /// Reads a file's bytes in any of the three encodings and returns which it was.
    ///
    /// # Errors
    /// [`WrappingKeyError`] names what is wrong.
    pub fn from_file_bytes(bytes: &[u8]) -> Result<(Self, Encoding), WrappingKeyError> {
        let (der, encoding) = key_encoding::to_der(bytes).map_err(WrappingKeyError::Encoding)?;
        Ok((Self::from_der(&der)?, encoding))
    }

    /// Reads exactly one DER SubjectPublicKeyInfo of RSA-2048.
    ///
    /// # Errors
    /// [`WrappingKeyError`] names what is wrong.
    pub fn from_der(der: &[u8]) -> Result<Self, WrappingKeyError> {
        Self::from_der_of(&[RsaBits::R2048], der)
    }

    /// Reads exactly one DER SubjectPublicKeyInfo of RSA with a modulus of one of the lengths `takes`.
    ///
    /// # Errors
    /// [`WrappingKeyError`] names what is wrong.
    pub fn from_der_of(takes: &'static [RsaBits], der: &[u8]) -> Result<Self, WrappingKeyError> {
        let (size, n) = check_spki(takes, der)?;
        let modulus = Modulus::new(size, n).ok_or(WrappingKeyError::Modulus)?;
        let key = Self::new(size, der.into());
        let _ = key.0.modulus.set(modulus);
        Ok(key)
    }

    /// As [`from_der_of`](Self::from_der_of), for one of many entries: the key shares its bytes, and is prepared when it is
    /// used.
    pub(crate) fn of_entry(takes: &'static [RsaBits], der: &Base64Bytes) -> Result<Self, WrappingKeyError> {
        let (size, _) = check_spki(takes, der.as_bytes())?;
        Ok(Self::new(size, der.clone()))
    }

    fn new(size: RsaBits, spki: Base64Bytes) -> Self {
        let fingerprint = Fingerprint::of(spki.as_bytes());
        Self(Arc::new(SetUp { size, spki, fingerprint, modulus: OnceLock::new(), second: OnceLock::new() }))
    }

    /// Length of the modulus, which is also the length of wrapped material.
    #[must_use]
    pub fn size(&self) -> RsaBits {
        self.0.size
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        self.0.spki.as_bytes()
    }

    /// SHA-256 of the SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// The key for our own arithmetic.
    pub(crate) fn with_modulus<T>(&self, with: impl FnOnce(&Modulus) -> T) -> Option<T> {
        self.with(&self.0.modulus, |n| Modulus::new(self.size(), n), with)
    }

    /// The key for the second implementation.
    pub(crate) fn with_second<T>(
        &self,
        make: impl FnOnce(&[u8]) -> Option<SecondKey>,
        with: impl FnOnce(&SecondKey) -> T,
    ) -> Option<T> {
        self.with(&self.0.second, make, with)
    }

    /// Calls `with` on the value that `make` computes from the modulus n. It is computed once if several entries share the key,
    /// and for each use if only one entry has it. `None` if it cannot be computed.
    fn with<M, T>(
        &self,
        kept: &OnceLock<M>,
        make: impl FnOnce(&[u8]) -> Option<M>,
        with: impl FnOnce(&M) -> T,
    ) -> Option<T> {
        if let Some(made) = kept.get() {
            return Some(with(made));
        }
        let (n, _) = parse_spki(self.spki_der()).ok()?.numbers()?;
        let made = make(n)?;
        if Arc::strong_count(&self.0) == 1 {
            return Some(with(&made));
        }
        Some(with(kept.get_or_init(|| made)))
    }
}

impl PartialEq for WrappingKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.spki == other.0.spki
    }
}

impl Eq for WrappingKey {}

/// The parts of a SubjectPublicKeyInfo (RFC 5280 §4.1).
struct Spki<'a> {
    /// Content bytes of the algorithm's OBJECT IDENTIFIER.
    oid: &'a [u8],
    parameters: Option<der::Element<'a>>,
    /// The BIT STRING's content bytes: the number of unused bits at the end, then the key.
    bits: &'a [u8],
}

impl<'a> Spki<'a> {
    /// Reads the bytes; `None` unless they are exactly one SubjectPublicKeyInfo in DER.
    fn parse(der: &'a [u8]) -> Option<Self> {
        let mut spki = Reader::new(der::only(der, tag::SEQUENCE)?);
        let mut algorithm = Reader::new(spki.value(tag::SEQUENCE)?);
        let oid = algorithm.value(tag::OID).filter(|oid| der::is_oid(oid))?;
        let parameters = if algorithm.is_finished() { None } else { Some(algorithm.element()?) };
        let bits = spki.value(tag::BIT_STRING)?;
        algorithm.finished(())?;
        spki.finished(Self { oid, parameters, bits: der::is_bit_string(bits).then_some(bits)? })
    }

    /// Modulus and exponent of an RSAPublicKey (RFC 8017 A.1.1), without the leading zero that marks each as
    /// positive.
    fn numbers(&self) -> Option<(&'a [u8], &'a [u8])> {
        let mut numbers = Reader::new(der::only(self.bits.strip_prefix(&[0])?, tag::SEQUENCE)?);
        let n = der::unsigned(numbers.value(tag::INTEGER)?)?;
        let e = der::unsigned(numbers.value(tag::INTEGER)?)?;
        numbers.finished((n, e))
    }
}

/// Checks the key, and returns the length of its modulus and the modulus itself.
fn check_spki<'d>(takes: &'static [RsaBits], der: &'d [u8]) -> Result<(RsaBits, &'d [u8]), WrappingKeyError> {
    if der.len() > MAX_KEY_INPUT {
        return Err(WrappingKeyError::Encoding(Found::TooLong));
    }
    let spki = parse_spki(der)?;
    check_kind(&spki)?;
    let (n, e) = spki.numbers().ok_or(WrappingKeyError::Trailing)?;
    Ok((check_numbers(n, e, takes)?, n))
}

fn parse_spki(der: &[u8]) -> Result<Spki<'_>, WrappingKeyError> {
    Spki::parse(der).ok_or_else(|| match key_encoding::outer_length(der) {
        // A complete SPKI with bytes after it.
        Some(len) if der.get(..len).is_some_and(|d| Spki::parse(d).is_some()) => WrappingKeyError::Trailing,
        _ => WrappingKeyError::Encoding(key_encoding::name_der(der)),
    })
}

fn check_kind(spki: &Spki<'_>) -> Result<(), WrappingKeyError> {
    if spki.oid == EC_PUBLIC_KEY {
        let sm2 = spki.parameters.is_some_and(|p| p.tag == tag::OID && p.value == SM2_CURVE);
        return Err(WrappingKeyError::Kind(if sm2 { "SM2" } else { "EC" }));
    }
    if spki.oid != RSA_ENCRYPTION {
        let known = OTHER_KINDS.iter().find(|(oid, _)| *oid == spki.oid);
        return Err(WrappingKeyError::Kind(known.map_or("other", |(_, name)| name)));
    }
    // RFC 8017 A.1: the algorithm's parameters are NULL.
    let null = der::Element { tag: tag::NULL, value: &[] };
    if spki.parameters == Some(null) { Ok(()) } else { Err(WrappingKeyError::Trailing) }
}

/// Checks that the length of the modulus is accepted, that it has no small factor, and that the exponent is
/// 65537; returns the length.
fn check_numbers(n: &[u8], e: &[u8], takes: &'static [RsaBits]) -> Result<RsaBits, WrappingKeyError> {
    let found = n.len() * 8 - n.first().map_or(0, |b| b.leading_zeros() as usize);
    let size = RsaBits::from_bits(found).filter(|size| takes.contains(size));
    let size = size.ok_or(WrappingKeyError::Size { found, takes })?;
    if e != [1, 0, 1] {
        return Err(WrappingKeyError::Exponent);
    }
    let coprime = SMALL_PRIMES.iter().all(|product| product.is_coprime_to(n));
    if coprime { Ok(size) } else { Err(WrappingKeyError::Modulus) }
}

/// A divisor d below 2^58, and the weights modulo d of an integer's 64-bit limbs, for at most 4096 bits.
struct Divisor {
    d: u64,
    /// 2^(64·i) mod d for limb i.
    weights: [u64; LIMBS],
}

impl Divisor {
    #[allow(clippy::indexing_slicing)] // A const fn has no iterators; the index stays within the array.
    const fn new(d: u64) -> Self {
        let mut weights = [1; LIMBS];
        let mut i = 1;
        while i < weights.len() {
            let mut doublings = 0;
            weights[i] = weights[i - 1];
            while doublings < 64 {
                weights[i] = weights[i] * 2 % d;
                doublings += 1;
            }
            i += 1;
        }
        Self { d, weights }
    }

    /// Whether gcd(d, n) = 1, for n in whole limbs, big-endian. The weighted limbs are at most 64 terms below 2^122, so their sum fits
    /// in 128 bits and one division is enough.
    fn is_coprime_to(&self, n: &[u8]) -> bool {
        let (limbs, _) = n.as_chunks::<8>();
        let terms = limbs.iter().rev().map(|limb| u64::from_be_bytes(*limb)).zip(&self.weights);
        let sum: u128 = terms.map(|(limb, weight)| u128::from(limb) * u128::from(*weight)).sum();
        gcd(sum, u128::from(self.d)) == 1
    }
}

/// Euclid's algorithm.
const fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappingKey({:?})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modulus of an RSA key of each size.
    fn moduli() -> [Vec<u8>; 3] {
        let keys: [(&[u8], RsaBits); 3] = [
            (include_bytes!("../../tests/data/rsa2048.der"), RsaBits::R2048),
            (include_bytes!("../../tests/data/rsa3072.der"), RsaBits::R3072),
            (include_bytes!("../../tests/data/rsa4096.der"), RsaBits::R4096),
        ];
        keys.map(|(spki, size)| spki[spki.len() - 5 - size.bytes()..spki.len() - 5].to_vec())
    }

    /// The remainder of a modulus for each prime below 256.
    fn remainders(n: &[u8]) -> Vec<(u64, u64)> {
        let primes = (2u64..256).filter(|p| (2..*p).all(|q| p % q != 0));
        let remainder = |p| n.iter().fold(0, |r, b| (r * 256 + u64::from(*b)) % p);
        primes.map(|p| (p, remainder(p))).collect()
    }

    fn plus(n: &[u8], mut k: u64) -> Vec<u8> {
        let mut sum = n.to_vec();
        for octet in sum.iter_mut().rev() {
            k += u64::from(*octet);
            *octet = k.to_le_bytes()[0];
            k >>= 8;
        }
        sum
    }

    /// Tries n, n + 1, … until every small prime was the only small divisor of one of them.
    fn each_small_factor_alone_is_refused(n: &[u8], refused: &WrappingKeyError) {
        let mut remainders = remainders(n);
        let mut alone: Vec<u64> = remainders.iter().map(|(p, _)| *p).collect();
        assert_eq!(alone.len(), 54);
        let mut accepted = 0;
        for k in 0u64..1_000_000 {
            let divisors: Vec<u64> = remainders.iter().filter(|(_, r)| *r == 0).map(|(p, _)| *p).collect();
            let checked = || check_numbers(&plus(n, k), &[1, 0, 1], &RsaBits::ALL).map(RsaBits::bytes);
            match divisors.as_slice() {
                [] if accepted < 200 => {
                    assert_eq!(checked(), Ok(n.len()), "{k}");
                    accepted += 1;
                }
                [p] if alone.contains(p) => {
                    assert_eq!(checked(), Err(refused.clone()), "{p}");
                    alone.retain(|q| q != p);
                }
                _ => {}
            }
            remainders.iter_mut().for_each(|(p, r)| *r = (*r + 1) % *p);
            if alone.is_empty() {
                break;
            }
        }
        assert_eq!((alone, accepted), (vec![], 200));
    }

    #[test]
    fn each_small_factor_alone_is_refused_and_no_other() {
        moduli().iter().for_each(|n| each_small_factor_alone_is_refused(n, &WrappingKeyError::Modulus));
    }

    #[test]
    fn weights_are_powers_of_two() {
        let divisor = Divisor::new(251 * 241);
        let power = |e: u64| (0..e).fold(1, |w, _| w * 2 % (251 * 241));
        let expected: Vec<u64> = (0..64).map(|i| power(64 * i)).collect();
        assert_eq!(divisor.weights.as_slice(), expected);
    }

    #[test]
    fn the_largest_sum_fits() {
        // All bits set, with the largest divisor: the sum of the weighted limbs cannot be larger.
        assert!(SMALL_PRIMES.iter().all(|product| product.d < 1 << 58));
        let ones = [0xff; RsaBits::R4096.bytes()];
        for product in &SMALL_PRIMES {
            let remainder =
                ones.iter().fold(0, |r: u128, b| (r * 256 + u128::from(*b)) % u128::from(product.d));
            assert_eq!(product.is_coprime_to(&ones), gcd(remainder, u128::from(product.d)) == 1);
        }
    }
}
