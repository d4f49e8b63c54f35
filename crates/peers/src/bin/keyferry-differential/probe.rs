//! One case through all implementations.

use keyferry_core::padding::{self, EncodedMessage, PaddingError};
use keyferry_core::rsaep::{rsaep, second_rsaep};
use keyferry_core::{KeyMaterial, WrappedKeyMaterial, WrappingAlgorithm, WrappingKey, wrap};
use keyferry_peers::aws_lc::AwsLc;
use keyferry_peers::rust_crypto::{RawPrivateKey, RustCrypto};
use keyferry_peers::system_openssl::{RawPublicKey, SystemOpenssl};
use keyferry_peers::{Opener, Peer, PeerError, Wrapper};

use crate::case::Case;
use crate::count::{Counts, Kind};
use crate::keys::KeyPair;

/// A difference, in one sentence without the message.
type Outcome = Result<(), String>;

/// One thread's implementations, ready for every key.
pub(crate) struct Prober(Vec<PerKey>);

struct PerKey {
    raw: Raw,
    paddings: Vec<PerPadding>,
}

/// The key without padding: ours, OpenSSL's, and `rsa`'s for the inverse operation.
struct Raw {
    ours: WrappingKey,
    n: [u8; 256],
    public: RawPublicKey,
    private: RawPrivateKey,
}

struct PerPadding {
    algorithm: WrappingAlgorithm,
    rsa: Both,
    aws_lc: Both,
    openssl: Both,
}

/// A peer with the public key and with the private one.
struct Both(Box<dyn Wrapper>, Box<dyn Opener>);

impl Both {
    fn new(peer: &dyn Peer, pair: &KeyPair, algorithm: WrappingAlgorithm) -> Result<Self, PeerError> {
        Ok(Self(peer.prepare(&pair.spki, algorithm)?, peer.opener(&pair.pkcs8, algorithm)?))
    }
}

impl Prober {
    /// Prepares every implementation for every key.
    pub(crate) fn new(keys: &[KeyPair]) -> Result<Self, String> {
        keys.iter().map(PerKey::new).collect::<Result<_, _>>().map(Self)
    }

    /// Makes every comparison that this case calls for.
    pub(crate) fn probe(&mut self, case: &mut Case, counts: &mut Counts) -> Outcome {
        let key = self.0.get_mut(case.key).ok_or("unknown key")?;
        let peers = key.paddings.iter_mut().find(|p| p.algorithm == case.algorithm);
        if case.is(16, 3) {
            key.raw.special(case, counts)?;
        }
        key.raw.ordinary(peers.ok_or("unknown padding")?, case, counts)
    }
}

impl PerKey {
    fn new(pair: &KeyPair) -> Result<Self, String> {
        let said = |e: PeerError| e.to_string();
        let per_padding = |algorithm| {
            Ok(PerPadding {
                algorithm,
                rsa: Both::new(&RustCrypto, pair, algorithm)?,
                aws_lc: Both::new(&AwsLc, pair, algorithm)?,
                openssl: Both::new(&SystemOpenssl, pair, algorithm)?,
            })
        };
        let public = RawPublicKey::from_der(&pair.spki).map_err(said)?;
        let raw = Raw {
            ours: WrappingKey::from_der(&pair.spki).map_err(|e| e.to_string())?,
            n: public.modulus().try_into().map_err(|_| "no modulus of 256 bytes")?,
            public,
            private: RawPrivateKey::from_der(&pair.pkcs8).map_err(said)?,
        };
        let paddings = WrappingAlgorithm::ALL.into_iter().map(per_padding).collect::<Result<_, _>>();
        Ok(Self { raw, paddings: paddings.map_err(said)? })
    }
}

impl Raw {
    fn ordinary(&self, peers: &mut PerPadding, case: &mut Case, counts: &mut Counts) -> Outcome {
        let same_draws = &mut case.rng.clone();
        let em = match padding::encode(case.algorithm, &case.m, &mut case.rng) {
            Ok(em) => em,
            Err(PaddingError::MessageTooLong) => return peers.too_long(case, counts),
            Err(error) => return Err(format!("our padding: {error:?}")),
        };
        if case.m.len() > keyferry_peers::longest_message(case.algorithm) {
            return Err("ours pads what is too long".into());
        }
        let block = self.rsaep(&em)?.ok_or("a padded message is refused")?;
        counts.add(Kind::Rsaep, case.algorithm);
        if let Ok(material) = KeyMaterial::from_bytes(&case.m) {
            let whole = wrap(&self.ours, case.algorithm, &material, same_draws).and_then(|u| u.confirm());
            if whole.as_ref() != Ok(&block) {
                return Err("wrap and confirm make another block than padding and RSAEP".into());
            }
            counts.add(Kind::Whole, case.algorithm);
        }
        peers.open_ours(case, block.as_bytes(), counts)?;
        if case.is(16, 5) {
            self.theirs(peers, case, counts)?;
        }
        Ok(())
    }

    /// The result of the three implementations of RSAEP, which must agree; `None` if all refuse.
    fn rsaep(&self, em: &EncodedMessage) -> Result<Option<WrappedKeyMaterial>, String> {
        let ours = rsaep(&self.ours, em).ok();
        let second = second_rsaep(&self.ours, em).ok();
        let third = self.public.rsaep(em.expose()).ok();
        if ours != second {
            return Err("RSAEP: our first and our second differ".into());
        }
        if ours.as_ref().map(WrappedKeyMaterial::as_bytes) != third.as_deref() {
            return Err("RSAEP: ours and OpenSSL differ".into());
        }
        Ok(ours)
    }

    fn special(&self, case: &mut Case, counts: &mut Counts) -> Outcome {
        let octets = case.special(&self.n);
        let made =
            self.rsaep(&EncodedMessage::from_bytes(&octets)).map_err(|e| format!("special block: {e}"))?;
        match (made.is_some(), octets < self.n) {
            (true, true) => counts.add(Kind::Special, case.algorithm),
            (false, false) => counts.add(Kind::OutOfRange, case.algorithm),
            (made, _) => return Err(format!("special block: RSAEP's range is wrong, made: {made}")),
        }
        Ok(())
    }

    /// Checks that a peer's block opens in another peer, and that our RSAEP makes the same block from its
    /// encoded message.
    fn theirs(&self, peers: &mut PerPadding, case: &Case, counts: &mut Counts) -> Outcome {
        let (kind, Both(wrapper, _), Both(_, opener)) = match case.number / 16 % 3 {
            0 => (Kind::FromRsa, &mut peers.rsa, &mut peers.openssl),
            1 => (Kind::FromAwsLc, &mut peers.aws_lc, &mut peers.rsa),
            _ => (Kind::FromOpenssl, &mut peers.openssl, &mut peers.rsa),
        };
        let block = wrapper.wrap(&case.m).map_err(|e| e.to_string())?;
        if opener.open(&block).map_err(|e| e.to_string())? != case.m {
            return Err("two peers differ about a peer's block".into());
        }
        let em = self.private.rsadp(&block).map_err(|e| e.to_string())?;
        let again = rsaep(&self.ours, &EncodedMessage::from_bytes(&em)).map_err(|e| e.to_string())?;
        if again.as_bytes() != block {
            return Err("ours makes another block of a peer's encoded message".into());
        }
        counts.add(kind, case.algorithm);
        Ok(())
    }
}

impl PerPadding {
    fn too_long(&mut self, case: &Case, counts: &mut Counts) -> Outcome {
        if case.m.len() <= keyferry_peers::longest_message(case.algorithm) {
            return Err("ours refuses what is not too long".into());
        }
        for Both(wrapper, _) in [&mut self.rsa, &mut self.aws_lc, &mut self.openssl] {
            if wrapper.wrap(&case.m).is_ok() {
                return Err("a peer wraps what is too long".into());
            }
        }
        counts.add(Kind::TooLong, case.algorithm);
        Ok(())
    }

    /// AWS-LC opens most blocks, the slower peers one in sixteen each.
    fn open_ours(&mut self, case: &Case, block: &[u8], counts: &mut Counts) -> Outcome {
        let (kind, Both(_, opener)) = match case.number % 16 {
            7 => (Kind::OpenedByOpenssl, &mut self.openssl),
            11 => (Kind::OpenedByRsa, &mut self.rsa),
            _ => (Kind::OpenedByAwsLc, &mut self.aws_lc),
        };
        match opener.open(block) {
            Ok(m) if m == case.m => counts.add(kind, case.algorithm),
            Ok(_) => return Err("a peer opens our block to another message".into()),
            Err(refused) => return Err(format!("our block: {refused}")),
        }
        if case.is(16, 9) && case.algorithm != WrappingAlgorithm::RsaesPkcs1V15 {
            let mut flipped = block.to_vec();
            let bit = usize::try_from(case.number / 16 % 2048).unwrap_or_default();
            if let Some(octet) = flipped.get_mut(bit / 8) {
                *octet ^= 1 << (bit % 8);
            }
            if opener.open(&flipped).is_ok() {
                return Err("a peer opens a block with one bit flipped".into());
            }
            counts.add(Kind::Tampered, case.algorithm);
        }
        Ok(())
    }
}
