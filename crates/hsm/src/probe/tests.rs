use std::collections::VecDeque;

use getrandom::SysRng;
use keyferry_core::{Base64Bytes, Control, Fingerprint, WrappingKey, wrap};
use rsa::pkcs8::EncodePublicKey as _;
use rsa::{BoxedUint, PublicKey};

use super::*;
use crate::host::Speak;
use crate::key::KeyRefused;
use crate::key::tests::good;
use crate::protocol::{AttributeName, Reply, Request, Seen, Text};
use crate::public::BlockError;

/// How the simulated token answers `C_WrapKey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wraps {
    AsAsked,
    /// `CKR_OK` for every padding, but always wraps with this one.
    With(WrappingAlgorithm),
    /// A different key from the requested one.
    OtherKey,
    /// This many bytes more or fewer than it should be.
    Longer(isize),
    Above,
    Refuses(WrappingAlgorithm),
}

/// A simulated token: the other end of the pipe, with keys in software.
#[derive(Debug)]
struct Played {
    wraps: Wraps,
    to: Option<WrappingKey>,
    key: Vec<u8>,
    check_value: Seen,
    encrypts: bool,
    /// What it computes the digest of; nothing if it cannot digest keys.
    digests: Option<Vec<u8>>,
    /// Keys of this length are not made.
    lacks: Option<u8>,
    /// The requests, in order.
    asked: VecDeque<&'static str>,
}

impl Played {
    fn new(wraps: Wraps) -> Self {
        let asked = VecDeque::new();
        Self {
            wraps,
            to: None,
            key: Vec::new(),
            check_value: Seen::Absent,
            encrypts: true,
            digests: Some(Vec::new()),
            lacks: None,
            asked,
        }
    }

    fn wrap(&self, key: &[u8], algorithm: WrappingAlgorithm) -> Vec<u8> {
        let material = KeyMaterial::from_bytes(key).unwrap();
        let block = wrap(self.to.as_ref().unwrap(), algorithm, &material, &mut SysRng).unwrap();
        block.confirm().unwrap().as_bytes().to_vec()
    }

    fn wrapped(&self, asked: WrappingAlgorithm) -> Result<Vec<u8>, Refusal> {
        let right = self.wrap(&self.key, asked);
        Ok(match self.wraps {
            Wraps::AsAsked => right,
            Wraps::With(other) => self.wrap(&self.key, other),
            Wraps::OtherKey => self.wrap(&vec![0xee; self.key.len()], asked),
            Wraps::Longer(by) => {
                let mut block = right;
                block.resize(256_usize.checked_add_signed(by).unwrap(), 0);
                block
            }
            Wraps::Above => vec![0xff; 256],
            Wraps::Refuses(refused) if refused == asked => {
                return Err(refusal("C_WrapKey", "CKR_ARGUMENTS_BAD"));
            }
            Wraps::Refuses(_) => right,
        })
    }
}

fn refusal(call: &str, code: &str) -> Refusal {
    Refusal { call: Text::cut(call), code: Text::cut(code) }
}

impl Speak for Played {
    fn ask(&mut self, request: &Request, _: Option<&[u8]>) -> Result<Reply, ModuleError> {
        self.asked.push_back(request.call());
        let bytes = |bytes: &[u8]| Reply::Bytes { bytes: Base64Bytes::from(bytes) };
        Ok(match request {
            Request::Import { modulus, exponent, .. } => {
                let number = |bytes: &Base64Bytes| BoxedUint::from_be_slice_vartime(bytes.as_bytes());
                let key = PublicKey::new(number(modulus), number(exponent)).unwrap();
                self.to = WrappingKey::from_der(key.to_public_key_der().unwrap().as_bytes()).ok();
                let with_zero = [&[0], modulus.as_bytes()].concat();
                let modulus = Base64Bytes::from(with_zero.as_slice());
                Reply::Imported { key: 0, modulus, exponent: exponent.clone() }
            }
            Request::Generate { bytes, .. } if self.lacks == Some(*bytes) => {
                Reply::Refused { refusal: refusal("C_GenerateKey", "CKR_KEY_SIZE_RANGE") }
            }
            Request::Digest { domain, .. } => match &self.digests {
                // Of the key, and of what does not belong there.
                Some(more) => {
                    let digest = Fingerprint::of(&[domain.as_bytes(), &self.key, more].concat());
                    bytes(digest.as_bytes())
                }
                None => Reply::Refused { refusal: refusal("C_DigestKey", "CKR_KEY_INDIGESTIBLE") },
            },
            Request::Generate { bytes, .. } => {
                self.key = vec![0x9c; usize::from(*bytes)];
                let mut attributes = good();
                for attribute in &mut attributes {
                    match attribute.name {
                        AttributeName::ValueLen => attribute.is = Seen::Number(u64::from(*bytes)),
                        AttributeName::CheckValue => attribute.is = self.check_value.clone(),
                        _ => {}
                    }
                }
                Reply::Generated { key: 1, attributes }
            }
            Request::Zeros { .. } if !self.encrypts => {
                Reply::Refused { refusal: refusal("C_EncryptInit", "CKR_MECHANISM_INVALID") }
            }
            Request::Zeros { .. } => {
                let mut block = [0; 16];
                block[..3].copy_from_slice(&check_value(&self.key).unwrap());
                bytes(&block)
            }
            Request::Wrap { algorithm, .. } => match self.wrapped(*algorithm) {
                Ok(block) => bytes(&block),
                Err(refusal) => Reply::Refused { refusal },
            },
            _ => Reply::Done {},
        })
    }
}

fn rows(played: &mut Played) -> Result<Vec<Row>, ProbeError> {
    table(&mut Module::new(played))
}

fn control(wraps: Wraps) -> Option<Control> {
    let rows = rows(&mut Played::new(wraps)).unwrap();
    verdict(&rows).err().map(|e| e.control())
}

#[test]
fn every_padding_of_a_good_token_is_shown_by_opening_it() {
    let mut played = Played::new(Wraps::AsAsked);
    let rows = rows(&mut played).unwrap();
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row.outcome == Outcome::Works && row.kcv.is_ok()));
    assert!(rows.iter().all(|row| row.commitment == Committed::Right));
    assert_eq!(verdict(&rows), Ok(()));
    // Every key that was made is destroyed: two AES keys and the public one.
    assert_eq!(played.asked.iter().filter(|call| **call == "C_DestroyObject").count(), 3);
}

/// `CKR_OK` does not prove which padding was used.
#[test]
fn a_token_that_pads_otherwise_than_it_was_asked_is_found() {
    for other in WrappingAlgorithm::ALL {
        let rows = rows(&mut Played::new(Wraps::With(other))).unwrap();
        for row in &rows {
            let expected =
                if row.padding == other { Outcome::Works } else { Outcome::Other(Some(Padding::Of(other))) };
            assert_eq!(row.outcome, expected);
        }
        assert_eq!(verdict(&rows).unwrap_err().control(), Control::HSM_PADDING);
    }
}

#[test]
fn a_token_that_wraps_another_key_is_found() {
    let rows = rows(&mut Played::new(Wraps::OtherKey)).unwrap();
    assert!(rows.iter().all(|row| row.outcome == Outcome::OtherKey));
    assert_eq!(control(Wraps::OtherKey), Some(Control::HSM_PADDING));
}

/// A commitment that is not of the key would be in every record, and nobody could use it later.
#[test]
fn a_digest_of_anything_else_than_the_key_is_found() {
    let mut played = Played { digests: Some(vec![0]), ..Played::new(Wraps::AsAsked) };
    let wrong = rows(&mut played).unwrap();
    assert!(wrong.iter().all(|row| row.commitment == Committed::Wrong));
    assert_eq!(verdict(&wrong), Err(ProbeFailed::Commitment));
    assert_eq!(require(&wrong, &[(WrappingAlgorithm::default(), 256)]), Err(ProbeFailed::Commitment));
    // No digest at all is only shown, and without a padding that works there is nothing to compare it with.
    let mut played = Played { digests: None, ..Played::new(Wraps::AsAsked) };
    let none = rows(&mut played).unwrap();
    assert!(none.iter().all(|row| matches!(row.commitment, Committed::Refused(_))));
    assert_eq!(verdict(&none), Ok(()));
    let unknown = rows(&mut Played::new(Wraps::Above)).unwrap();
    assert!(unknown.iter().all(|row| row.commitment == Committed::NotCompared));
}

#[test]
fn a_length_that_the_token_does_not_make_hides_no_other() {
    let mut played = Played { lacks: Some(32), ..Played::new(Wraps::AsAsked) };
    let rows = rows(&mut played).unwrap();
    let (long, short): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.bits == 256);
    assert!(
        long.iter().all(|row| matches!(&row.outcome, Outcome::Refused(r) if r.call.as_str() == GENERATE))
    );
    assert!(short.iter().all(|row| row.outcome == Outcome::Works));
    assert_eq!((long.len(), short.len(), verdict(&rows)), (3, 3, Ok(())));
    // With only one length, the refusal of the key is the error.
    let mut played = Played { lacks: Some(32), ..Played::new(Wraps::AsAsked) };
    let error = try_all(&mut Module::new(&mut played), &WrappingAlgorithm::ALL, &[32]).unwrap_err();
    assert!(matches!(error, ProbeError::Module(ModuleError::Refused(_))), "{error}");
}

#[test]
fn what_is_no_block_of_the_key_is_found() {
    for wraps in [Wraps::Longer(1), Wraps::Longer(-1), Wraps::Longer(-208), Wraps::Above] {
        let rows = rows(&mut Played::new(wraps)).unwrap();
        assert!(rows.iter().all(|row| matches!(row.outcome, Outcome::NoBlock(_))), "{wraps:?}");
        assert!(control(wraps).is_some());
    }
    let by = ThrowAway::new().unwrap().public().unwrap();
    assert_eq!(by.block(vec![0; 257]), Err(BlockError::Length { found: 257, k: 256 }));
}

/// The refusal names the paddings that work, and none of them replaces the planned one.
#[test]
fn a_refused_padding_is_a_row_and_stops_a_plan_that_wants_it() {
    let refused = WrappingAlgorithm::RsaesOaepSha256;
    let mut played = Played::new(Wraps::Refuses(refused));
    let rows = rows(&mut played).unwrap();
    assert_eq!(verdict(&rows), Ok(()), "two paddings are left");
    assert_eq!(require(&rows, &[(WrappingAlgorithm::RsaesOaepSha1, 256)]), Ok(()));
    let error = require(&rows, &[(refused, 256)]).unwrap_err();
    assert_eq!(error.control(), Control::HSM_CALL);
    for part in ["C_WrapKey", "CKR_ARGUMENTS_BAD", "RSAES_OAEP_SHA_1, RSAES_PKCS1_V1_5"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(require(&[], &[(refused, 256)]), Err(ProbeFailed::Nothing));
}

#[test]
fn a_token_that_encrypts_nothing_has_no_check_value_and_is_still_tried() {
    let mut played = Played { encrypts: false, ..Played::new(Wraps::AsAsked) };
    let rows = rows(&mut played).unwrap();
    assert!(rows.iter().all(|row| row.kcv.is_err() && row.outcome == Outcome::Works));
}

#[test]
fn a_stated_check_value_that_is_another_stops_the_probe() {
    let stated = Seen::Bytes(Base64Bytes::from(&[1, 2, 3][..]));
    let mut played = Played { check_value: stated, ..Played::new(Wraps::AsAsked) };
    let refused = rows(&mut played).unwrap_err();
    assert!(matches!(refused, ProbeError::Key(KeyRefused::CheckValue { .. })), "{refused}");
    // An empty check value must not match everything; it counts as none.
    let mut played = Played { check_value: Seen::Empty, ..Played::new(Wraps::AsAsked) };
    assert!(rows(&mut played).is_ok());
}
