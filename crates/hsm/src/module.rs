//! The module as the program sees it: each call with its answer's type; whatever can be checked in an answer is checked.

use std::collections::BTreeSet;
use std::path::Path;

use keyferry_core::{Base64Bytes, Fingerprint, WrappingAlgorithm, refusals};
use zeroize::Zeroizing;

use crate::host::{ModuleError, Speak};
use crate::protocol::{Attribute, Kept, LOADER, MAX_TOKENS, ModuleInfo, Refusal, Reply, Request, Token};
use crate::public::{Block, BlockError, MAX_TRIES, PublicNumbers};

/// The maker's name that p11-kit's proxy reports.
const PROXY: &str = "PKCS#11 Kit";

/// A module behind a pipe.
pub(crate) struct Module<'s> {
    speak: &'s mut dyn Speak,
    /// Digests of the blocks that it wrapped: each padding is random, so none appears twice.
    blocks: BTreeSet<[u8; 32]>,
    /// It was loaded and not closed.
    loaded: bool,
}

/// Who logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The user, who uses keys.
    User,
    /// The security officer, who marks public keys as trusted.
    Officer,
}

/// A key in the token, by the number that the child assigned to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyNumber(u32);

#[cfg(test)]
impl KeyNumber {
    pub(crate) const fn of_test(number: u32) -> Self {
        Self(number)
    }
}

/// A public key in the token, checked to be the intended one.
#[derive(Clone, Debug)]
pub(crate) struct Wrapper {
    number: u32,
    numbers: PublicNumbers,
}

refusals! {
    /// Why a call returned nothing usable.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum CallError: Refused {
        /// The module, or its process.
        Module from ModuleError;
        /// The wrapped bytes cannot be a block for the key.
        Block from BlockError;
        /// A block that it returned before.
        Again => HSM_BLOCK,
            what("C_WrapKey returned the same block twice", "C_WrapKey 两次返回了同一个数据块"),
            hint("do not use this module: it writes nothing, or its padding is not random. No ciphertext was written",
                 "请勿使用该模块：它没有写入内容，或其填充不是随机的。没有写出密文");
        /// The public key that was read back differs from the one that was put in.
        PublicKey => HSM_BLOCK,
            what("the token returned a different public key from the one that was put into it",
                 "硬件令牌读回的公钥与放入的公钥不同"),
            hint("do not use this module: it would wrap to another key. No ciphertext was written",
                 "请勿使用该模块：它会包装给另一个密钥。没有写出密文");
    }
}

impl<'s> Module<'s> {
    pub(crate) fn new(speak: &'s mut dyn Speak) -> Self {
        Self { speak, blocks: BTreeSet::new(), loaded: false }
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, ModuleError> {
        match self.speak.ask(request, None)? {
            Reply::Refused { refusal } => Err(ModuleError::Refused(refusal)),
            reply => Ok(reply),
        }
    }

    fn done(&mut self, request: &Request) -> Result<(), ModuleError> {
        match self.ask(request)? {
            Reply::Done {} => Ok(()),
            _ => Err(ModuleError::Nonsense(request.call())),
        }
    }

    fn bytes(&mut self, request: &Request) -> Result<Vec<u8>, ModuleError> {
        match self.ask(request)? {
            Reply::Bytes { bytes } => Ok(bytes.as_bytes().to_vec()),
            _ => Err(ModuleError::Nonsense(request.call())),
        }
    }

    /// Loads the module's file. From here on, third-party code runs in the child.
    pub(crate) fn load(
        &mut self,
        file: &Path,
        init: Option<&str>,
        network: bool,
    ) -> Result<ModuleInfo, ModuleError> {
        let path = file.to_str().ok_or(ModuleError::Path)?.to_owned();
        let request = Request::Load { path, init: init.map(str::to_owned), network };
        match self.speak.ask(&request, None)? {
            Reply::Loaded { module } if module.manufacturer.as_str() == PROXY => Err(ModuleError::Proxy),
            Reply::Loaded { module } => {
                self.loaded = true;
                Ok(module)
            }
            Reply::Refused { refusal } if refusal.call.as_str() == LOADER => {
                Err(ModuleError::NotLoaded(refusal.code))
            }
            Reply::Refused { refusal } => Err(ModuleError::Refused(refusal)),
            _ => Err(ModuleError::Nonsense(request.call())),
        }
    }

    /// Every slot with a token.
    pub(crate) fn tokens(&mut self) -> Result<Vec<Token>, ModuleError> {
        match self.ask(&Request::Tokens {})? {
            Reply::Tokens { tokens } if tokens.len() > MAX_TOKENS => Err(ModuleError::ManyTokens),
            Reply::Tokens { tokens } => Ok(tokens),
            _ => Err(ModuleError::Nonsense(Request::Tokens {}.call())),
        }
    }

    /// The token in the session's slot, as the module says now.
    pub(crate) fn token(&mut self) -> Result<Token, ModuleError> {
        match self.ask(&Request::Token {})? {
            Reply::Tokens { tokens } => {
                let [token] = <[Token; 1]>::try_from(tokens)
                    .map_err(|_| ModuleError::Nonsense(Request::Token {}.call()))?;
                Ok(token)
            }
            _ => Err(ModuleError::Nonsense(Request::Token {}.call())),
        }
    }

    /// Opens the one session.
    pub(crate) fn open(&mut self, token: &Token, write: bool) -> Result<(), ModuleError> {
        self.done(&Request::Open { slot: token.slot, write })
    }

    /// Logs in with a PIN, or without one if the HSM asks for it itself.
    pub(crate) fn log_in(&mut self, who: Who, pin: Option<&Zeroizing<String>>) -> Result<(), ModuleError> {
        let request = Request::LogIn { pin: pin.is_some(), officer: who == Who::Officer };
        match self.speak.ask(&request, pin.map(|pin| pin.as_bytes()))? {
            Reply::Done {} => Ok(()),
            Reply::Refused { refusal } => Err(ModuleError::Refused(refusal)),
            _ => Err(ModuleError::Nonsense(request.call())),
        }
    }

    /// Logs out, so that somebody else can log in.
    pub(crate) fn log_out(&mut self) -> Result<(), ModuleError> {
        self.done(&Request::LogOut {})
    }

    /// Puts a public key into the token, and checks that it reads back the same.
    pub(crate) fn import(&mut self, numbers: &PublicNumbers) -> Result<Wrapper, CallError> {
        self.import_as(numbers, None)
    }

    /// As [`import`](Self::import), but the key stays in the token with a label, marked as trusted: only the security
    /// officer may do that.
    pub(crate) fn import_trusted(
        &mut self,
        numbers: &PublicNumbers,
        label: &str,
    ) -> Result<Wrapper, CallError> {
        self.import_as(numbers, Some(label.to_owned()))
    }

    fn import_as(&mut self, numbers: &PublicNumbers, trusted: Option<String>) -> Result<Wrapper, CallError> {
        let (modulus, exponent) = (numbers.modulus(), numbers.exponent());
        let (modulus, exponent) = (Base64Bytes::from(modulus), Base64Bytes::from(exponent));
        let request = Request::Import { modulus, exponent, trusted };
        match self.ask(&request)? {
            Reply::Imported { key, modulus, exponent } => {
                if !numbers.are(modulus.as_bytes(), exponent.as_bytes()) {
                    return Err(CallError::PublicKey);
                }
                Ok(Wrapper { number: key, numbers: numbers.clone() })
            }
            _ => Err(ModuleError::Nonsense(request.call()).into()),
        }
    }

    /// Makes an AES key in the token; returns its number, and its attributes as read back.
    pub(crate) fn generate(
        &mut self,
        bytes: u8,
        keep: Option<Kept>,
    ) -> Result<(KeyNumber, Vec<Attribute>), ModuleError> {
        let request = Request::Generate { bytes, keep };
        match self.ask(&request)? {
            Reply::Generated { key, attributes } => Ok((KeyNumber(key), attributes)),
            _ => Err(ModuleError::Nonsense(request.call())),
        }
    }

    /// The only key in the token with a label: its number and attributes; or how many keys have the label.
    pub(crate) fn find(
        &mut self,
        label: &str,
    ) -> Result<Result<(KeyNumber, Vec<Attribute>), u32>, ModuleError> {
        let request = Request::Find { label: label.to_owned() };
        match self.ask(&request)? {
            Reply::Found { keys: 1, key: Some(key), attributes } => Ok(Ok((KeyNumber(key), attributes))),
            Reply::Found { keys, .. } if keys != 1 => Ok(Err(keys)),
            _ => Err(ModuleError::Nonsense(request.call())),
        }
    }

    /// One block of zeros, encrypted; or why the token does not do it.
    pub(crate) fn zeros(&mut self, key: KeyNumber) -> Result<Result<[u8; 16], Refusal>, ModuleError> {
        let request = Request::Zeros { key: key.0 };
        self.exactly::<16>(&request)
    }

    /// SHA-256 of a domain and the key, if the token can compute it.
    pub(crate) fn digest(
        &mut self,
        key: KeyNumber,
        domain: &str,
    ) -> Result<Result<[u8; 32], Refusal>, ModuleError> {
        let request = Request::Digest { key: key.0, domain: domain.into() };
        self.exactly::<32>(&request)
    }

    fn exactly<const N: usize>(
        &mut self,
        request: &Request,
    ) -> Result<Result<[u8; N], Refusal>, ModuleError> {
        match self.bytes(request) {
            Ok(bytes) => {
                let bytes = bytes.as_slice().try_into();
                bytes.map(Ok).map_err(|_| ModuleError::Nonsense(request.call()))
            }
            Err(ModuleError::Refused(refusal)) => Ok(Err(refusal)),
            Err(e) => Err(e),
        }
    }

    /// Wraps a key. The result must be as long as the modulus and below it, or the call is refused.
    ///
    /// The library does not pass on how many bytes the module wrote. So a block that ends with a zero byte is not used, and the key is
    /// wrapped again: the padding is random, so the next block ends otherwise.
    pub(crate) fn wrap(
        &mut self,
        key: KeyNumber,
        by: &Wrapper,
        algorithm: WrappingAlgorithm,
    ) -> Result<Block, CallError> {
        for _ in 0..MAX_TRIES {
            let bytes = self.bytes(&Request::Wrap { key: key.0, by: by.number, algorithm })?;
            if !by.numbers.may_be_short(&bytes) {
                return self.block(by, bytes);
            }
        }
        Err(BlockError::Ending.into())
    }

    fn block(&mut self, by: &Wrapper, bytes: Vec<u8>) -> Result<Block, CallError> {
        let block = by.numbers.block(bytes)?;
        if !self.blocks.insert(*Fingerprint::of(block.as_bytes()).as_bytes()) {
            return Err(CallError::Again);
        }
        Ok(block)
    }

    /// Whether the module still wraps a key that was locked: it must not.
    pub(crate) fn wraps(
        &mut self,
        key: KeyNumber,
        by: &Wrapper,
        algorithm: WrappingAlgorithm,
    ) -> Result<Result<(), Refusal>, ModuleError> {
        match self.bytes(&Request::Wrap { key: key.0, by: by.number, algorithm }) {
            Ok(_) => Ok(Ok(())),
            Err(ModuleError::Refused(refusal)) => Ok(Err(refusal)),
            Err(e) => Err(e),
        }
    }

    /// Sets `CKA_EXTRACTABLE` to false; returns the attributes after that.
    pub(crate) fn lock(&mut self, key: KeyNumber) -> Result<Vec<Attribute>, ModuleError> {
        let request = Request::Lock { key: key.0 };
        match self.ask(&request)? {
            Reply::Attributes { attributes } => Ok(attributes),
            _ => Err(ModuleError::Nonsense(request.call())),
        }
    }

    /// Destroys a key.
    pub(crate) fn destroy(&mut self, key: KeyNumber) -> Result<(), ModuleError> {
        self.done(&Request::Destroy { key: key.0 })
    }

    /// Destroys a public key.
    pub(crate) fn forget(&mut self, wrapper: &Wrapper) -> Result<(), ModuleError> {
        self.done(&Request::Destroy { key: wrapper.number })
    }

    /// Logs out and finalises.
    pub(crate) fn close(&mut self) -> Result<(), ModuleError> {
        self.loaded = false;
        self.done(&Request::Close {})
    }
}

/// After an error, a module that still answers is closed too: otherwise a session could stay open in the HSM, and some have only one.
impl Drop for Module<'_> {
    fn drop(&mut self) {
        if self.loaded {
            let _ = self.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::throwaway::ThrowAway;

    /// A token that returns these blocks.
    struct Blocks(VecDeque<Vec<u8>>);

    impl Speak for Blocks {
        fn ask(&mut self, _: &Request, _: Option<&[u8]>) -> Result<Reply, ModuleError> {
            Ok(Reply::Bytes { bytes: self.0.pop_front().unwrap().as_slice().into() })
        }
    }

    fn wrapped(blocks: &[Vec<u8>]) -> (Result<Vec<u8>, CallError>, usize) {
        let mut token = Blocks(blocks.iter().cloned().collect());
        let by = Wrapper { number: 0, numbers: ThrowAway::new().unwrap().public().unwrap() };
        let block = Module::new(&mut token).wrap(KeyNumber(1), &by, WrappingAlgorithm::default());
        (block.map(|block| block.as_bytes().to_vec()), token.0.len())
    }

    /// The modulus begins with a bit that is set, so these are below it.
    fn ending(number: u8, last: u8) -> Vec<u8> {
        [&[number][..], &[0x55; 254], &[last]].concat()
    }

    #[test]
    fn a_block_that_may_be_short_is_not_used() {
        assert_eq!(wrapped(&[ending(1, 7), ending(2, 7)]), (Ok(ending(1, 7)), 1), "one is enough");
        // Without its leading zero, a block can be above the modulus.
        assert_eq!(wrapped(&[ending(1, 0), ending(0xff, 0), ending(3, 7)]), (Ok(ending(3, 7)), 0));
        let short: Vec<_> = (0..4).map(|number| ending(number, 0)).collect();
        assert_eq!(wrapped(&short), (Err(BlockError::Ending.into()), 0));
    }
}
