//! The module itself: one function for each request, and the state that it needs from earlier calls.

use std::fs::File;

use cryptoki::context::Pkcs11;
use cryptoki::error::Error;
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource};
use cryptoki::mechanism::{Mechanism as Cipher, MechanismType};
use cryptoki::object::{Attribute as Given, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo as Info};
use cryptoki::types::{AuthPin, Version as Of};
use keyferry_core::{Base64Bytes, WrappingAlgorithm};
use keyferry_sandbox::{deny_networks, deny_processes};

use super::names::refusal;
use super::{attributes, end_with_the_program, init, refused};
use crate::protocol::{
    Flag, Kept, LOADER, MAX_TOKENS, Mechanism, MechanismName, ModuleInfo, Refusal, Reply, Request, Text,
    Token, TokenInfo, Version,
};

/// A module, the session and the objects that were made in it.
#[derive(Default)]
pub(super) struct Driver {
    session: Option<Session>,
    /// Where the session's token is.
    slot: Option<Slot>,
    module: Option<Pkcs11>,
    objects: Vec<ObjectHandle>,
    /// The pipe on which the program's requests arrive; it is watched as soon as a module runs here.
    pipe: Option<File>,
}

impl Driver {
    pub(super) fn new(pipe: File) -> Self {
        Self { pipe: Some(pipe), ..Self::default() }
    }

    /// Serves one request.
    ///
    /// # Errors
    /// The module's refusal.
    pub(super) fn answer(&mut self, request: &Request, pin: Option<&[u8]>) -> Result<Reply, Refusal> {
        let failed = |e| refusal(e, request.call());
        match request {
            Request::Load { path, init, network } => self.load(path, init.as_deref(), *network),
            Request::Tokens {} => self.tokens().map_err(failed),
            Request::Token {} => self.token().map_err(failed),
            Request::Open { slot, write } => self.open(*slot, *write),
            Request::LogIn { officer, .. } => self.log_in(pin, *officer),
            Request::LogOut {} => {
                self.session()?.logout().map_err(failed)?;
                Ok(Reply::Done {})
            }
            Request::Import { modulus, exponent, trusted } => {
                let template =
                    attributes::wrapping_key(modulus.as_bytes(), exponent.as_bytes(), trusted.as_deref());
                self.import(&template)
            }
            Request::Find { label } => self.find(label).map_err(failed),
            Request::Generate { bytes, keep } => self.generate(*bytes, keep.as_ref()).map_err(failed),
            Request::Zeros { key } => {
                let zeros = self.session()?.encrypt(&Cipher::AesEcb, self.object(*key)?, &[0; 16]);
                zeros.map(|bytes| Reply::Bytes { bytes: Base64Bytes::from(bytes.as_slice()) }).map_err(failed)
            }
            Request::Digest { key, domain } => {
                let digest = digest(self.session()?, self.object(*key)?, domain.as_bytes());
                digest
                    .map(|bytes| Reply::Bytes { bytes: Base64Bytes::from(bytes.as_slice()) })
                    .map_err(failed)
            }
            Request::Wrap { key, by, algorithm } => {
                let wrapped =
                    self.session()?.wrap_key(&cipher(*algorithm), self.object(*by)?, self.object(*key)?);
                wrapped
                    .map(|bytes| Reply::Bytes { bytes: Base64Bytes::from(bytes.as_slice()) })
                    .map_err(failed)
            }
            Request::Lock { key } => {
                let (session, key) = (self.session()?, self.object(*key)?);
                session.update_attributes(key, &[Given::Extractable(false)]).map_err(failed)?;
                Ok(Reply::Attributes { attributes: attributes::read(session, key) })
            }
            Request::Destroy { key } => {
                self.session()?.destroy_object(self.object(*key)?).map_err(failed)?;
                Ok(Reply::Done {})
            }
            Request::Close {} => self.close().map_err(failed),
        }
    }

    fn load(&mut self, path: &str, reserved: Option<&str>, network: bool) -> Result<Reply, Refusal> {
        // The filters must be in place before the module runs its first instruction.
        let network_denied = !network && deny_networks().is_ok();
        // Without this kernel filter, the module's other processes would outlive this one.
        let _ = deny_processes();
        if let Some(pipe) = self.pipe.take() {
            // This thread starts only now, because a thread that started before the filters would not have them,
            // and the module could run its own code there.
            end_with_the_program(pipe).map_err(|e| refused(LOADER, &e.kind().to_string()))?;
        }
        let module = Pkcs11::new(path).map_err(|e| refusal(e, LOADER))?;
        init::initialize(&module, reserved).map_err(|e| refusal(e, "C_Initialize"))?;
        let info = module.get_library_info().map_err(|e| refusal(e, "C_GetInfo"))?;
        let module_info = ModuleInfo {
            manufacturer: Text::cut(info.manufacturer_id()),
            description: Text::cut(info.library_description()),
            library: version(info.library_version()),
            cryptoki: version(info.cryptoki_version()),
            network_denied,
        };
        self.module = Some(module);
        Ok(Reply::Loaded { module: module_info })
    }

    fn module(&self) -> Result<&Pkcs11, Error> {
        self.module.as_ref().ok_or(Error::NotSupported)
    }

    fn session(&self) -> Result<&Session, Refusal> {
        self.session.as_ref().ok_or_else(|| refused("C_OpenSession", "no session is open"))
    }

    fn object(&self, key: u32) -> Result<ObjectHandle, Refusal> {
        let at = usize::try_from(key).ok().and_then(|at| self.objects.get(at));
        at.copied().ok_or_else(|| refused("C_GetAttributeValue", "unknown key number"))
    }

    fn keep(&mut self, object: ObjectHandle) -> u32 {
        self.objects.push(object);
        u32::try_from(self.objects.len() - 1).unwrap_or(u32::MAX)
    }

    fn tokens(&self) -> Result<Reply, Error> {
        let module = self.module()?;
        // One more than allowed, so that the program sees that there are too many.
        let slots = module.get_slots_with_token()?.into_iter().take(MAX_TOKENS + 1);
        Ok(Reply::Tokens { tokens: slots.map(|slot| token(module, slot)).collect() })
    }

    /// The token in the session's slot now.
    fn token(&self) -> Result<Reply, Error> {
        let slot = self.slot.ok_or(Error::NotSupported)?;
        Ok(Reply::Tokens { tokens: vec![without_mechanisms(self.module()?, slot)] })
    }

    fn open(&mut self, slot: u64, write: bool) -> Result<Reply, Refusal> {
        const CALL: &str = "C_OpenSession";
        let failed = |e| refusal(e, CALL);
        let module = self.module().map_err(failed)?;
        let slots = module.get_slots_with_token().map_err(failed)?;
        let gone = || refused(CALL, &format!("no token is in slot {slot} any more"));
        let found = slots.into_iter().find(|found| found.id() == slot).ok_or_else(gone)?;
        let session = if write { module.open_rw_session(found) } else { module.open_ro_session(found) };
        self.session = Some(session.map_err(failed)?);
        self.slot = Some(found);
        Ok(Reply::Done {})
    }

    fn log_in(&self, pin: Option<&[u8]>, officer: bool) -> Result<Reply, Refusal> {
        let text = pin.map(std::str::from_utf8).transpose();
        let text = text.map_err(|_| refused("C_Login", "the PIN is not UTF-8"))?;
        let pin = text.map(|text| AuthPin::new(text.into()));
        let who = if officer { UserType::So } else { UserType::User };
        self.session()?.login(who, pin.as_ref()).map_err(|e| refusal(e, "C_Login"))?;
        Ok(Reply::Done {})
    }

    /// The keys with a label are counted, because a label does not identify a key.
    fn find(&mut self, label: &str) -> Result<Reply, Error> {
        let session = self.session.as_ref().ok_or(Error::NotSupported)?;
        let found = session.find_objects(&attributes::labelled(label))?;
        let keys = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let attributes = found.first().map(|key| attributes::read(session, *key)).unwrap_or_default();
        let key = found.first().map(|key| self.keep(*key));
        Ok(Reply::Found { keys, key, attributes })
    }

    fn import(&mut self, template: &[Given]) -> Result<Reply, Refusal> {
        let session = self.session()?;
        let key = session.create_object(template).map_err(|e| refusal(e, "C_CreateObject"))?;
        let (modulus, exponent) = attributes::public_numbers(session, key)?;
        let (modulus, exponent) =
            (Base64Bytes::from(modulus.as_slice()), Base64Bytes::from(exponent.as_slice()));
        Ok(Reply::Imported { key: self.keep(key), modulus, exponent })
    }

    fn generate(&mut self, bytes: u8, keep: Option<&Kept>) -> Result<Reply, Error> {
        let session = self.session.as_ref().ok_or(Error::NotSupported)?;
        let key = session.generate_key(&Cipher::AesKeyGen, &attributes::key(bytes, keep))?;
        let attributes = attributes::read(session, key);
        Ok(Reply::Generated { key: self.keep(key), attributes })
    }

    fn close(&mut self) -> Result<Reply, Error> {
        if let Some(session) = self.session.take() {
            // Without a login, there is nothing to log out of.
            let _ = session.logout();
            session.close()?;
        }
        if let Some(module) = self.module.take() {
            module.finalize()?;
        }
        Ok(Reply::Done {})
    }
}

/// `CKM_RSA_PKCS`, or `CKM_RSA_PKCS_OAEP` with hash, mask function, source 1 and no pointer: two modules refuse a pointer to empty
/// data.
fn cipher(algorithm: WrappingAlgorithm) -> Cipher<'static> {
    let oaep = |hash, mask| Cipher::RsaPkcsOaep(PkcsOaepParams::new(hash, mask, PkcsOaepSource::empty()));
    match algorithm {
        WrappingAlgorithm::RsaesPkcs1V15 => Cipher::RsaPkcs,
        WrappingAlgorithm::RsaesOaepSha1 => oaep(MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
        WrappingAlgorithm::RsaesOaepSha256 => oaep(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
    }
}

fn digest(session: &Session, key: ObjectHandle, domain: &[u8]) -> Result<Vec<u8>, Error> {
    session.digest_init(&Cipher::Sha256)?;
    session.digest_update(domain)?;
    session.digest_key(key)?;
    session.digest_final()
}

fn without_mechanisms(module: &Pkcs11, slot: Slot) -> Token {
    let (info, unreadable) = match module.get_token_info(slot) {
        Ok(info) => (Some(token_info(&info)), None),
        Err(e) => (None, Some(refusal(e, "C_GetTokenInfo"))),
    };
    Token { slot: slot.id(), info, unreadable, mechanisms: Vec::new() }
}

fn token(module: &Pkcs11, slot: Slot) -> Token {
    let listed = module.get_mechanism_list(slot).unwrap_or_default();
    let known = MechanismName::ALL.into_iter().filter(|name| listed.contains(&kind(*name)));
    let mechanisms = known.filter_map(|name| {
        let info = module.get_mechanism_info(slot, kind(name)).ok()?;
        Some(Mechanism { name, wrap: info.wrap(), encrypt: info.encrypt(), generate: info.generate() })
    });
    Token { mechanisms: mechanisms.collect(), ..without_mechanisms(module, slot) }
}

fn token_info(info: &Info) -> TokenInfo {
    TokenInfo {
        label: Text::cut(info.label()),
        manufacturer: Text::cut(info.manufacturer_id()),
        model: Text::cut(info.model()),
        serial: Text::cut(info.serial_number()),
        hardware: version(info.hardware_version()),
        firmware: version(info.firmware_version()),
        flags: Flag::ALL.into_iter().filter(|flag| has(info, *flag)).collect(),
    }
}

fn has(info: &Info, flag: Flag) -> bool {
    match flag {
        Flag::Initialized => info.token_initialized(),
        Flag::LoginRequired => info.login_required(),
        Flag::UserPinInitialized => info.user_pin_initialized(),
        Flag::ProtectedAuthenticationPath => info.protected_authentication_path(),
        Flag::WriteProtected => info.write_protected(),
        Flag::UserPinCountLow => info.user_pin_count_low(),
        Flag::UserPinFinalTry => info.user_pin_final_try(),
        Flag::UserPinLocked => info.user_pin_locked(),
        Flag::UserPinToBeChanged => info.user_pin_to_be_changed(),
        Flag::SoPinFinalTry => info.so_pin_final_try(),
        Flag::SoPinLocked => info.so_pin_locked(),
        Flag::Rng => info.rng(),
    }
}

const fn kind(name: MechanismName) -> MechanismType {
    match name {
        MechanismName::AesKeyGen => MechanismType::AES_KEY_GEN,
        MechanismName::AesEcb => MechanismType::AES_ECB,
        MechanismName::RsaPkcs => MechanismType::RSA_PKCS,
        MechanismName::RsaPkcsOaep => MechanismType::RSA_PKCS_OAEP,
        MechanismName::Sha256 => MechanismType::SHA256,
    }
}

fn version(of: Of) -> Version {
    Version { major: of.major(), minor: of.minor() }
}
