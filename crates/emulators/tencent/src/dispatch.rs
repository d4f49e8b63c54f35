//! From a request to its envelope: protocol → authentication → version → action → region → limit → right → the action.
//!
//! A request is handled in two halves, because a fault may come between them: [`Service::receive`] reads and refuses
//! without any effect, [`Service::perform`] acts. The answer is always an envelope with a request id, and one line
//! always goes to the log.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use keyferry_core::{Bilingual, Clock, Lang, Timestamp, bi};
use keyferry_emulator_kit::{
    Arrived, Controls, EmulatorError, Envelope, Fault, Kept, KeyPool, LogLine, LogSink, Parts, Random,
    ServiceClock, StateFileError, Store, Target, Vendor, name_from_wire,
};
use keyferry_tencent::action::is_known_but_not_served;
use keyferry_tencent::envelope::refusal;
use keyferry_tencent::{Action, Credentials, ErrorCode, SERVICE, VERSION};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::key::Key;
use crate::refusal::Refusal;
use crate::state::{About, Call, Kms};
use crate::web_form::Fields;
use crate::{Config, auth, keys, params, protocol, rules, serve, shown};

/// Everything behind the HTTP server.
pub struct Service {
    kms: Kms,
    clock: ServiceClock,
    controls: Controls,
    credentials: Vec<Credentials>,
    denied: BTreeSet<Action>,
    log: Option<LogSink>,
}

/// Opens the state file.
fn open(
    path: PathBuf,
    seed: Option<[u8; 32]>,
    clock: &dyn Clock,
) -> Result<(Store, Vec<Kept<Key>>), EmulatorError> {
    match seed {
        None => Store::open(&path, clock.now()).map_err(|why| EmulatorError::State(path, why)),
        Some(_) => Err(EmulatorError::State(path, StateFileError::Seeded)),
    }
}

/// A request that was read, and is either allowed to act or refused.
pub struct Asked {
    started: Instant,
    time: Timestamp,
    request_id: String,
    region: String,
    /// The action's name in the log and the counts.
    action_name: String,
    language: Lang,
    what: Result<(Action, Envelope), Refusal>,
    fault: Option<Fault>,
}

impl Service {
    pub(crate) fn new(config: Config) -> Result<Self, EmulatorError> {
        let random = Random::new(config.rng_seed);
        let pool = KeyPool::start(config.rng_seed, config.wrapping_keys).map_err(EmulatorError::Start)?;
        let (store, kept) =
            config.state.map(|path| open(path, config.rng_seed, config.clock.as_ref())).transpose()?.unzip();
        let kms = Kms::new(random, pool, config.region_editions, store, kept.unwrap_or_default())
            .map_err(|_| EmulatorError::Randomness)?;
        Ok(Self {
            kms,
            clock: ServiceClock::new(config.clock),
            controls: Controls::default(),
            credentials: config.credentials,
            denied: config.denied,
            log: config.log,
        })
    }

    fn admit(
        &self,
        parts: &Parts,
        body: Envelope,
        older: Option<&Fields>,
        common: &protocol::Common<'_>,
        fault: &mut Option<Fault>,
    ) -> Result<(Action, Envelope), Refusal> {
        let now = self.clock.signing();
        match older {
            Some(fields) => auth::check_older(parts, fields, &self.credentials, now)?,
            None => {
                protocol::check(parts)?;
                auth::check(parts, &body, &self.credentials, now)?;
            }
        }
        protocol::version(common.version)?;
        let action = action(common.action)?;
        // GetRegions concerns the whole service, and old pages document it without a region: `ceremony/spec/tencent-kms.md` §3.4.
        if action != Action::GetRegions || !common.region.is_empty() {
            rules::region(common.region)?;
            keys::region(&self.kms, common.region)?;
        }
        if !self.controls.throttle.admits() {
            return Err(Refusal::over_limit());
        }
        if self.denied.contains(&action) {
            return Err(Refusal::not_permitted(action));
        }
        let params = protocol::parameters(parts, body, older)?;
        let target = Target { action: action.as_str(), region: common.region, key_id: &|| key_id(&params) };
        *fault = self.controls.faults.take(&target);
        if let Some(Fault::Error { code, message }) =
            fault.take_if(|fault| matches!(fault, Fault::Error { .. }))
        {
            let text = message.unwrap_or_else(|| "Ordered through the admin interface.".to_owned());
            return Err(Refusal::new(ErrorCode::parse(&code), Bilingual { en: text.clone(), zh: text }));
        }
        Ok((action, params))
    }

    fn note(&self, asked: &Asked, about: About, outcome: &str) {
        let known = asked.what.is_ok() || is_action(&asked.action_name);
        self.controls.counts.add(if known { &asked.action_name } else { "?" }, outcome);
        let import = asked.action_name == Action::ImportKeyMaterial.as_str();
        if self.log.is_none() && !import {
            return;
        }
        let line = LogLine {
            time: asked.time,
            request_id: asked.request_id.clone(),
            region: name_from_wire(&asked.region),
            action: asked.action_name.clone(),
            key_id: about.key_id,
            outcome: outcome.to_owned(),
            causes: about.causes,
            millis: u64::try_from(asked.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        if import {
            self.controls.imports.add(&line);
        }
        if let Some(log) = &self.log {
            log(&line);
        }
    }
}

impl Vendor for Service {
    type Asked = Asked;

    const LAST_RESORT: &'static [u8] = LAST_RESORT;

    fn receive(&self, parts: &Parts, body: Arrived) -> Asked {
        let (started, time) = (Instant::now(), self.clock.now());
        let older = body.as_ref().ok().and_then(|body| protocol::older_fields(parts, body));
        let common = match &older {
            Some(fields) => protocol::Common::of_fields(fields),
            None => protocol::Common::of_headers(parts),
        };
        let mut fault = None;
        let what = body
            .map_err(Refusal::from)
            .and_then(|body| self.admit(parts, body, older.as_ref(), &common, &mut fault));
        Asked {
            started,
            time,
            request_id: self.kms.random.request_id(),
            region: common.region.to_owned(),
            action_name: name_from_wire(common.action),
            language: common.language,
            what,
            fault,
        }
    }

    fn fault(asked: &Asked) -> Option<&Fault> {
        asked.fault.as_ref()
    }

    fn takes_long(&self, asked: &Asked) -> bool {
        let slow = |action: &Action| {
            matches!(
                action,
                Action::GetParametersForImport
                    | Action::ImportKeyMaterial
                    | Action::Decrypt
                    | Action::ListKeyDetail
            )
        };
        let durable = self.kms.is_durable();
        asked.what.as_ref().is_ok_and(|(action, _)| slow(action) || (durable && !reads(*action)))
    }

    fn perform(&self, asked: &Asked) -> Envelope {
        let about = Mutex::new(About::default());
        let call = Call { region: &asked.region, now: asked.time, about: &about };
        let run = serve::Run { kms: &self.kms, call: &call, request_id: &asked.request_id };
        let done = match &asked.what {
            Ok((action, params)) => serve::action(&run, *action, params),
            Err(refusal) => Err(refusal.clone()),
        };
        let (outcome, envelope) = match done {
            Ok(envelope) => ("ok".to_owned(), envelope),
            Err(e) => (e.code.to_string(), refused(&e, asked.language, &asked.request_id)),
        };
        self.note(asked, about.into_inner().unwrap_or_else(PoisonError::into_inner), &outcome);
        envelope
    }

    fn pass_over(&self, asked: &Asked, outcome: &str) {
        self.note(asked, About::default(), outcome);
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn clock(&self) -> &ServiceClock {
        &self.clock
    }

    fn is_action(&self, name: &str) -> bool {
        is_action(name)
    }

    fn forget(&self) -> Result<(), StateFileError> {
        self.kms.forget()
    }

    fn state(&self) -> Value {
        shown::regions(&self.kms, self.clock.now())
    }
}

/// The key that the parameters name, for the fault rules.
fn key_id(params: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Probe {
        #[serde(rename = "KeyId")]
        key_id: String,
    }
    serde_json::from_slice::<Probe>(params).ok().map(|probe| probe.key_id)
}

/// Whether an action leaves every key unchanged.
const fn reads(action: Action) -> bool {
    matches!(
        action,
        Action::DescribeKey
            | Action::DescribeKeys
            | Action::Encrypt
            | Action::GenerateDataKey
            | Action::GenerateRandom
            | Action::GetKeyRotationStatus
            | Action::GetRegions
            | Action::GetServiceStatus
            | Action::ListAlgorithms
            | Action::ListKeys
            | Action::ReEncrypt
    )
}

fn is_action(name: &str) -> bool {
    name.parse::<Action>().is_ok() || is_known_but_not_served(name)
}

fn action(name: &str) -> Result<Action, Refusal> {
    if name.is_empty() {
        return Err(params::missing("X-TC-Action"));
    }
    name.parse()
        .map_err(|_| if is_known_but_not_served(name) { not_served(name) } else { no_such_action(name) })
}

fn no_such_action(name: &str) -> Refusal {
    let name = name_from_wire(name);
    Refusal::new(
        ErrorCode::InvalidAction,
        bi!(
            "The request action=`{name}` is invalid or not found in service `{SERVICE}` and version `{VERSION}`.",
            "接口 `{name}` 不存在，或不属于服务 `{SERVICE}` 的版本 `{VERSION}`。"
        ),
    )
}

fn not_served(name: &str) -> Refusal {
    Refusal::new(
        ErrorCode::UnsupportedOperation,
        bi!(
            "`{name}` exists, but this emulator does not implement it.",
            "接口 `{name}` 存在，但本模拟器不提供。"
        ),
    )
}

/// A refusal as JSON. Writing it cannot fail, but if it ever does, the client still gets JSON.
fn refused(why: &Refusal, language: Lang, request_id: &str) -> Envelope {
    let bytes = refusal(&why.code, why.message.get(language), request_id);
    Zeroizing::new(bytes.unwrap_or_else(|_| LAST_RESORT.to_vec()))
}

/// The reply for a failure that has no other text.
const LAST_RESORT: &[u8] =
    br#"{"Response":{"Error":{"Code":"InternalError","Message":"InternalError"},"RequestId":"00000000-0000-4000-8000-000000000000"}}"#;
