//! A throw-away RSA-2048 pair in this process: it opens what a token wrapped to it, so that the padding is checked and not assumed.
//!
//! Padding is removed strictly here. `rsa`'s own decryption would answer a corrupt PKCS#1 v1.5 block with made-up bytes. Hash and mask
//! function are both fixed, so a module that uses a different mask function from the requested one is detected.

use getrandom::SysRng;
use keyferry_core::{WrappingAlgorithm, WrappingKey, refusals};
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::{BoxedUint, PrivateKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::public::{Block, PublicNumbers};

/// Bits of the pair.
const BITS: usize = 2048;
/// Shortest padding string of PKCS#1 v1.5.
const MIN_PADDING: usize = 8;

refusals! {
    /// There is no throw-away key.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum ThrowAwayError: Refused {
        /// The random generator failed.
        Entropy => MAT_ENTROPY,
            what("the random generator failed, so there is no throw-away key to test the module with",
                 "随机数发生器失败，因此没有用于测试模块的一次性密钥"),
            hint("this machine cannot be trusted: use another one", "本机不可信：请换一台机器");
    }
}

/// The pair.
#[derive(Debug)]
pub(crate) struct ThrowAway {
    pair: PrivateKey,
}

/// Which padding a block turned out to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// One of the ceremony's.
    Of(WrappingAlgorithm),
    /// OAEP with one hash for the label and another for the mask.
    Mixed {
        /// The mask function uses SHA-1.
        mask_sha1: bool,
    },
}

impl Padding {
    /// PKCS #1 v1.5 comes last: it has no digest, so about one in 260 blocks of another padding looks like
    /// it.
    const ALL: [Self; 5] = [
        Self::Of(WrappingAlgorithm::RsaesOaepSha256),
        Self::Of(WrappingAlgorithm::RsaesOaepSha1),
        Self::Mixed { mask_sha1: true },
        Self::Mixed { mask_sha1: false },
        Self::Of(WrappingAlgorithm::RsaesPkcs1V15),
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Of(algorithm) => algorithm.as_str(),
            Self::Mixed { mask_sha1: true } => "OAEP with SHA-256 and MGF1-SHA-1",
            Self::Mixed { mask_sha1: false } => "OAEP with SHA-1 and MGF1-SHA-256",
        }
    }

    fn open(self, encoded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Of(WrappingAlgorithm::RsaesOaepSha256) => oaep::<Sha256, Sha256>(encoded),
            Self::Of(WrappingAlgorithm::RsaesOaepSha1) => oaep::<Sha1, Sha1>(encoded),
            Self::Of(WrappingAlgorithm::RsaesPkcs1V15) => pkcs1(encoded),
            Self::Mixed { mask_sha1: true } => oaep::<Sha256, Sha1>(encoded),
            Self::Mixed { mask_sha1: false } => oaep::<Sha1, Sha256>(encoded),
        }
    }
}

/// A block that was opened.
#[derive(Debug)]
pub(crate) enum Opened {
    /// With the requested padding; contains the throw-away key.
    Asked(Zeroizing<Vec<u8>>),
    /// With another padding, or none that is known.
    Other(Option<Padding>),
}

impl ThrowAway {
    /// Makes a pair.
    ///
    /// # Errors
    /// [`ThrowAwayError`].
    pub(crate) fn new() -> Result<Self, ThrowAwayError> {
        Self::of(BITS)
    }

    /// Makes a pair of a different length.
    ///
    /// # Errors
    /// [`ThrowAwayError`].
    pub(crate) fn of(bits: usize) -> Result<Self, ThrowAwayError> {
        let pair = PrivateKey::new(&mut SysRng, bits).map_err(|_| ThrowAwayError::Entropy)?;
        Ok(Self { pair })
    }

    /// Its public key, for the token.
    pub(crate) fn public(&self) -> Result<PublicNumbers, crate::public::BlockError> {
        PublicNumbers::of_rsa(&self.pair.to_public_key())
    }

    /// Its public key, for this computer's own wrapping.
    pub(crate) fn wrapping_key(&self) -> Result<WrappingKey, crate::public::BlockError> {
        self.public()?.wrapping_key()
    }

    /// Opens a block that should have this padding.
    pub(crate) fn open(&self, block: &Block, asked: WrappingAlgorithm) -> Opened {
        let Some(encoded) = self.raw(block.as_bytes()) else { return Opened::Other(None) };
        match Padding::ALL.into_iter().find_map(|padding| Some((padding, padding.open(&encoded)?))) {
            Some((padding, key)) if padding == Padding::Of(asked) => Opened::Asked(key),
            found => Opened::Other(found.map(|(padding, _)| padding)),
        }
    }

    /// RSADP, RFC 8017 §5.1.2.
    fn raw(&self, block: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let bits = u32::try_from(BITS).ok()?;
        let c = BoxedUint::from_be_slice(block, bits).ok()?;
        let mut m = rsa_decrypt_and_check(&self.pair, Some(&mut SysRng), &c).ok()?;
        let encoded = Zeroizing::new(m.to_be_bytes().into_vec());
        m.zeroize();
        Some(encoded)
    }
}

/// EME-OAEP decoding with the empty label, RFC 8017 §7.1.2 step 3: `H` is the hash of the label, `G` that of MGF1.
fn oaep<H: Digest, G: Digest>(encoded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut encoded = Zeroizing::new(encoded.to_vec());
    let length = <H as Digest>::output_size();
    let [0, rest @ ..] = encoded.as_mut_slice() else { return None };
    let (seed, db) = rest.split_at_mut_checked(length)?;
    mgf1_xor::<G>(db, seed);
    mgf1_xor::<G>(seed, db);
    let (l_hash, padded) = db.split_at_checked(length)?;
    if l_hash != H::digest([]).as_slice() {
        return None;
    }
    let one = padded.iter().position(|b| *b != 0)?;
    match padded.get(one..) {
        Some([1, message @ ..]) => Some(Zeroizing::new(message.to_vec())),
        _ => None,
    }
}

/// Exclusive-ors MGF1 of `seed` (RFC 8017 B.2.1) into `target`.
fn mgf1_xor<H: Digest>(seed: &[u8], target: &mut [u8]) {
    for (counter, chunk) in (0u32..).zip(target.chunks_mut(<H as Digest>::output_size())) {
        let mask = H::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}

/// EME-PKCS1-v1_5 decoding, RFC 8017 §7.2.2 step 3.
fn pkcs1(encoded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let rest = encoded.strip_prefix(&[0, 2])?;
    let end = rest.iter().position(|b| *b == 0).filter(|n| *n >= MIN_PADDING)?;
    rest.get(end + 1..).map(|message| Zeroizing::new(message.to_vec()))
}

#[cfg(test)]
pub(crate) mod tests {
    use keyferry_core::{KeyMaterial, wrap};
    use rsa::hazmat::rsa_encrypt;
    use rsa::pkcs8::EncodePublicKey as _;

    use super::*;

    /// OAEP with these two hashes, encoded by hand, as a module that chooses its own mask function would.
    fn encoded<H: Digest, G: Digest>(number: u32, message: &[u8]) -> Vec<u8> {
        let length = <H as Digest>::output_size();
        let mut seed = vec![7; length];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        let mut db = H::digest([]).to_vec();
        db.resize(256 - length - 1 - message.len() - 1, 0);
        db.push(1);
        db.extend_from_slice(message);
        mgf1_xor::<G>(&seed, &mut db);
        mgf1_xor::<G>(&db, &mut seed);
        [&[0][..], &seed, &db].concat()
    }

    fn encrypted(pair: &ThrowAway, encoded: &[u8]) -> Block {
        let m = BoxedUint::from_be_slice(encoded, 2048).unwrap();
        let c = rsa_encrypt(&pair.pair.to_public_key(), &m).unwrap().to_be_bytes().into_vec();
        pair.public().unwrap().block(c).unwrap()
    }

    fn mixed<H: Digest, G: Digest>(pair: &ThrowAway, message: &[u8]) -> Block {
        encrypted(pair, &encoded::<H, G>(7, message))
    }

    pub(crate) fn wrapped(pair: &ThrowAway, key: &[u8], algorithm: WrappingAlgorithm) -> Vec<u8> {
        let der = pair.pair.to_public_key().to_public_key_der().unwrap();
        let to = WrappingKey::from_der(der.as_bytes()).unwrap();
        let material = KeyMaterial::from_bytes(key).unwrap();
        let wrapped = wrap(&to, algorithm, &material, &mut SysRng).unwrap().confirm().unwrap();
        wrapped.as_bytes().to_vec()
    }

    #[test]
    fn each_padding_opens_as_itself_and_as_no_other() {
        let (pair, key) = (ThrowAway::new().unwrap(), [0x9c; 32]);
        for made in WrappingAlgorithm::ALL {
            let block = pair.public().unwrap().block(wrapped(&pair, &key, made)).unwrap();
            for asked in WrappingAlgorithm::ALL {
                match pair.open(&block, asked) {
                    Opened::Asked(found) => assert_eq!((made, found.as_slice()), (asked, &key[..])),
                    Opened::Other(other) => {
                        assert_ne!(made, asked);
                        assert_eq!(other, Some(Padding::Of(made)));
                    }
                }
            }
        }
    }

    /// Nothing in PKCS #1 v1.5 distinguishes its own blocks from those of another padding.
    #[test]
    fn oaep_that_looks_like_pkcs_1_is_oaep() {
        let pair = ThrowAway::new().unwrap();
        let encoded = (0..).map(|number| encoded::<Sha1, Sha1>(number, &[5; 16]));
        let block = encrypted(&pair, &encoded.into_iter().find(|encoded| pkcs1(encoded).is_some()).unwrap());
        let Opened::Other(found) = pair.open(&block, WrappingAlgorithm::RsaesPkcs1V15) else { panic!() };
        assert_eq!(found, Some(Padding::Of(WrappingAlgorithm::RsaesOaepSha1)));
    }

    /// A module that ignores the mask function returns `CKR_OK`; only opening the block shows the mistake.
    #[test]
    fn another_mask_function_is_found() {
        let pair = ThrowAway::new().unwrap();
        for (block, mask_sha1) in
            [(mixed::<Sha256, Sha1>(&pair, &[5; 16]), true), (mixed::<Sha1, Sha256>(&pair, &[5; 16]), false)]
        {
            for asked in WrappingAlgorithm::ALL {
                let Opened::Other(found) = pair.open(&block, asked) else { panic!("{asked}") };
                assert_eq!(found, Some(Padding::Mixed { mask_sha1 }));
            }
        }
    }

    #[test]
    fn what_has_no_padding_is_none_of_them() {
        let pair = ThrowAway::new().unwrap();
        let block = pair.public().unwrap().block([&[0x11][..], &[0x22; 255]].concat()).unwrap();
        assert!(matches!(pair.open(&block, WrappingAlgorithm::RsaesPkcs1V15), Opened::Other(None)));
    }
}
