//! The service in the ceremony's terms: each call of [`Service`] becomes one or more of the vendor's actions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyferry_core::provider::Token;
use keyferry_core::provider::tencent::{FACTS, RSA_2048};
use keyferry_core::{
    Alias, Base64Bytes, CheckedImport, Endpoint, ImportToken, Region, Timestamp, WrappingAlgorithm,
    WrappingKey,
};
use keyferry_service::{
    Answer, Change, Clocks, Created, Fetched, KeyRef, KeyView, NewKey, NotReady, Probe, Proof, Random,
    Receipt, Right, Service,
};
use zeroize::Zeroizing;

use super::look_up::{BATCH, describe, look_up, same_key, view};
use super::probe::{send, use_of};
use super::{BadReply, KmsClient, RemoteError};
use crate::wire::*;
use crate::{Action, Request, Sensitive};

/// The most keys that the service allows in one page of a list.
const PAGE: u64 = 200;
/// The most keys that a region may claim to have, so that every list ends.
const MAX_LISTED: usize = 100_000;
/// Every region returns the list of regions; this one is the default of the vendor's tools (`ceremony/spec/tencent-kms.md` §3.2).
const USUAL: &str = "ap-guangzhou";

impl Service for KmsClient<'_> {
    fn create(&self, key: &NewKey<'_>) -> Answer<Created> {
        let request = CreateKeyRequest {
            alias: key.alias.to_string(),
            description: key.description.map(str::to_owned),
            key_usage: None,
            key_type: Some(KEY_TYPE_EXTERNAL),
            tags: None,
            hsm_cluster_id: None,
        };
        let answer = self.call(key.region, key.alias.as_str(), &request)?;
        let unusable = |_| member(CreateKeyRequest::ACTION, "KeyId");
        let key_id = answer.value.key_id.parse().map_err(unusable)?;
        Ok(Created { key_id, request_id: answer.request_id })
    }

    fn look_up_one(&self, key: KeyRef<'_>) -> Answer<KeyView> {
        describe(self, key.region, key.id)
    }

    fn look_up<'k>(&self, keys: &[KeyRef<'k>]) -> Vec<(KeyRef<'k>, Answer<KeyView>)> {
        look_up(self, keys)
    }

    fn batch(&self) -> usize {
        BATCH
    }

    fn fetch(&self, key: KeyRef<'_>, how: WrappingAlgorithm) -> Answer<Fetched> {
        let request = GetParametersForImportRequest {
            key_id: key.id.to_string(),
            wrapping_algorithm: FACTS.spelling(how).unwrap_or(how.as_str()).to_owned(),
            wrapping_key_spec: RSA_2048.name.to_owned(),
        };
        let answer = self.call(key.region, key.id.as_str(), &request)?;
        let fetched = self.read(&answer.value, key)?;
        Ok(Fetched { request_id: answer.request_id, ..fetched })
    }

    fn import(&self, import: &CheckedImport<'_>) -> Answer<Receipt> {
        let id = &import.ciphertext.key_id;
        let request = ImportKeyMaterialRequest {
            encrypted_key_material: Sensitive::from(import.ciphertext.wrapped_material.to_string()),
            import_token: Sensitive::from(import.import_token.map_or("", ImportToken::expose)),
            key_id: id.to_string(),
            valid_to: Some(import.valid_to.api_seconds()),
        };
        let answer = self.call(&import.parameters.region, id.as_str(), &request)?;
        Ok(Receipt { request_id: answer.request_id })
    }

    fn prove(&self, key: KeyRef<'_>, nonce: &[u8; 32]) -> Answer<Proof> {
        let (region, id) = (key.region, key.id);
        let sent = Sensitive::from(STANDARD.encode(nonce));
        let encrypt =
            EncryptRequest { key_id: id.to_string(), plaintext: sent.clone(), encryption_context: None };
        let encrypted = self.call(region, id.as_str(), &encrypt)?.value;
        same_key(EncryptRequest::ACTION, id, &encrypted.key_id)?;
        let decrypt = DecryptRequest {
            ciphertext_blob: encrypted.ciphertext_blob,
            encryption_context: None,
            encryption_public_key: None,
            encryption_algorithm: None,
        };
        let decrypted = self.call(region, id.as_str(), &decrypt)?.value;
        let same = decrypted.key_id == id.as_str() && decrypted.plaintext.same_as(sent.expose());
        Ok(if same { Proof::RoundTrip } else { Proof::Differs })
    }

    fn change(&self, key: KeyRef<'_>, to: Change) -> Answer<Receipt> {
        let key_id = key.id.to_string();
        let request_id = match to {
            Change::DeleteMaterial => self.done(key, &DeleteImportedKeyMaterialRequest { key_id }),
            Change::ScheduleDeletion { days } => self.done(
                key,
                &ScheduleKeyDeletionRequest {
                    key_id,
                    pending_window_in_days: days.into(),
                    member_account: None,
                },
            ),
            Change::CancelDeletion => {
                self.done(key, &CancelKeyDeletionRequest { key_id, member_account: None })
            }
            Change::Enable => self.done(key, &EnableKeyRequest { key_id, member_account: None }),
            Change::Disable => self.done(key, &DisableKeyRequest { key_id, member_account: None }),
        }?;
        Ok(Receipt { request_id })
    }

    fn list(&self, region: &Region, named: Option<&Alias>) -> Answer<Vec<KeyView>> {
        let mut keys: Vec<KeyView> = Vec::new();
        loop {
            let request = ListKeyDetailRequest {
                offset: Some(keys.len() as u64),
                limit: Some(PAGE),
                // Oldest first: a key created in the meantime comes at the end and does not shift the others.
                order_type: Some(1),
                origin: Some(Origin::External.as_str().to_owned()),
                search_key_alias: named.map(ToString::to_string),
                key_usage: Some("ALL".to_owned()),
                ..ListKeyDetailRequest::default()
            };
            let page = self.call(region, "-", &request)?.value;
            let end = page.key_metadatas.is_empty();
            for key in page.key_metadatas {
                keys.push(view(ListKeyDetailRequest::ACTION, key)?);
            }
            if end || keys.len() as u64 >= page.total_count || keys.len() >= MAX_LISTED {
                return Ok(keys);
            }
        }
    }

    fn regions(&self, near: Option<&Region>) -> Answer<Vec<Region>> {
        let unusable = || member(GetRegionsRequest::ACTION, "Regions");
        let usual: Region = USUAL.parse().map_err(|_| unusable())?;
        let found = self.call(near.unwrap_or(&usual), "-", &GetRegionsRequest {})?.value.regions;
        let regions: Result<Vec<Region>, _> = found.iter().map(|name| name.parse()).collect();
        Ok(regions.map_err(|_| unusable())?)
    }

    fn is_enabled(&self, region: &Region) -> Answer<bool> {
        Ok(self.call(region, "-", &GetServiceStatusRequest {})?.value.service_enabled)
    }

    fn probe(&self, region: &Region, creates: bool) -> Vec<Probe> {
        let probe = |action: &Action| {
            let answer = send(self, region, *action).map_err(Into::into);
            Probe {
                action: action.as_str(),
                of: use_of(*action, creates),
                right: Right::of(&answer),
                looks_up: *action == Action::DescribeKey,
                made: answer.ok().flatten(),
            }
        };
        Action::ALL.iter().map(probe).collect()
    }

    fn random(&self, region: &Region, bytes: u16) -> Answer<Random> {
        let unusable = || member(GenerateRandomRequest::ACTION, "Plaintext");
        let answer = self.call(region, "-", &GenerateRandomRequest { number_of_bytes: bytes.into() })?;
        let drawn = STANDARD.decode(answer.value.plaintext.expose()).map_err(|_| unusable())?;
        let drawn = Zeroizing::new(drawn);
        // A generator that repeats one byte, or returns less than was asked for, is broken.
        let stuck = drawn.len() > 8 && drawn.windows(2).all(|w| w.first() == w.last());
        if drawn.len() != usize::from(bytes) || stuck {
            return Err(unusable().into());
        }
        Ok(Random { bytes: drawn, request_id: answer.request_id })
    }

    fn check_lasts(&self, requests: usize, at_once: usize) -> Result<(), NotReady> {
        Self::check_lasts(self, requests, at_once).map_err(|error| NotReady::of(&error))
    }

    fn wait_again(&self, failed: u32) -> bool {
        Self::wait_again(self, failed)
    }

    fn clocks(&self) -> Option<Clocks> {
        Self::clocks(self)
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }
}

impl KmsClient<'_> {
    /// The id of a request whose reply is otherwise empty.
    fn done<R: Request>(&self, key: KeyRef<'_>, request: &R) -> Result<String, RemoteError> {
        Ok(self.call(key.region, key.id.as_str(), request)?.request_id)
    }

    /// Parameters, with strict checks of each member, so that nothing leaves this station that the offline one would refuse.
    fn read(&self, reply: &GetParametersForImportReply, key: KeyRef<'_>) -> Result<Fetched, RemoteError> {
        let unusable = |name| member(GetParametersForImportRequest::ACTION, name);
        same_key(GetParametersForImportRequest::ACTION, key.id, &reply.key_id)?;
        let token = Zeroizing::new(reply.import_token.expose().to_owned());
        let fits = matches!(FACTS.token, Token::Required { longest } if token.len() <= longest);
        let token = ImportToken::new(token).ok().filter(|_| fits).ok_or_else(|| unusable("ImportToken"))?;
        let public_key = Base64Bytes::decode(&reply.public_key).ok_or_else(|| unusable("PublicKey"))?;
        let now = self.station.clock.now();
        let expires_at =
            i64::try_from(reply.parameters_valid_to).ok().and_then(|s| Timestamp::from_unix(s).ok());
        // The station refuses invalid wrapping keys itself, and that refusal is clearer than one about the time.
        let is_key = WrappingKey::from_der(public_key.as_bytes()).is_ok();
        let expires_at = expires_at.filter(|t| !is_key || FACTS.check_life(now, *t).is_ok());
        Ok(Fetched {
            public_key,
            wrapping_key: &RSA_2048,
            import_token: Some(token),
            expires_at: Some(expires_at.ok_or_else(|| unusable("ParametersValidTo"))?),
            request_id: String::new(),
        })
    }
}

fn member(action: Action, name: &'static str) -> RemoteError {
    RemoteError { action, failure: BadReply::Member(name).into() }
}
