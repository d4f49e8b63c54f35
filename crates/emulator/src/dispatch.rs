//! From a request to its envelope: protocol → authentication → version → action → region → parameters → the action.
//!
//! Whatever happens, the answer is an envelope with a request id, and one line goes to the log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use hyper::Method;
use hyper::http::request::Parts;
use keyferry_core::{Clock, Lang, bi};
use keyferry_kms_api::action::is_known_but_not_served;
use keyferry_kms_api::envelope::{refusal, success};
use keyferry_kms_api::tc3::{FORM, JSON};
use keyferry_kms_api::{Action, Credentials, ErrorCode, Request, SERVICE, VERSION};
use zeroize::Zeroizing;

use crate::auth::{self, header};
use crate::log::{LogLine, LogSink, name_from_wire};
use crate::pool::KeyPool;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::state::{Call, Kms};
use crate::{Config, EmulatorError, form, import, keys, params, rules, usage};

/// An envelope, ready to be sent.
pub(crate) type Envelope = Zeroizing<Vec<u8>>;

/// Everything behind the HTTP server.
pub(crate) struct Service {
    kms: Kms,
    credentials: Vec<Credentials>,
    clock: Arc<dyn Clock + Send + Sync>,
    log: Option<LogSink>,
}

/// What arrived, or why its body did not.
pub(crate) type Arrived = Result<Vec<u8>, Refusal>;

impl Service {
    pub(crate) fn new(config: Config) -> Result<Self, EmulatorError> {
        let random = Random::new(config.rng_seed);
        let pool = KeyPool::start(config.rng_seed).map_err(EmulatorError::Start)?;
        let kms = Kms::new(random, pool, config.region_editions).map_err(|_| EmulatorError::Randomness)?;
        Ok(Self { kms, credentials: config.credentials, clock: config.clock, log: config.log })
    }

    /// Answers one request. Blocks while a key pair is being made.
    pub(crate) fn answer(&self, parts: &Parts, body: Arrived) -> Envelope {
        let (started, time) = (Instant::now(), self.clock.now());
        let request_id = self.kms.random.request_id();
        let region = header(parts, "x-tc-region").unwrap_or_default();
        let about = Mutex::new(None);
        let call = Call { region, now: time, about: &about };
        let done = body.and_then(|body| self.act(parts, &body, &call, &request_id));
        let (outcome, envelope) = match done {
            Ok(envelope) => ("ok".to_owned(), envelope),
            Err(e) => (e.code.to_string(), refused(&e, language(parts), &request_id)),
        };
        if let Some(log) = &self.log {
            log(&LogLine {
                time,
                request_id,
                region: name_from_wire(region),
                action: name_from_wire(header(parts, "x-tc-action").unwrap_or_default()),
                key_id: about.into_inner().unwrap_or_else(PoisonError::into_inner),
                outcome,
                millis: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            });
        }
        envelope
    }

    fn act(
        &self,
        parts: &Parts,
        body: &[u8],
        call: &Call<'_>,
        request_id: &str,
    ) -> Result<Envelope, Refusal> {
        protocol(parts)?;
        auth::check(parts, body, &self.credentials, call.now)?;
        version(parts)?;
        let action = action(parts)?;
        // The only action about the service as a whole, and documented without a region.
        if action != Action::GetRegions || !call.region.is_empty() {
            rules::region(call.region)?;
        }
        let run = Run { kms: &self.kms, call, request_id };
        if parts.method == Method::GET {
            let query = form::query_to_json(parts.uri.query().unwrap_or_default());
            return run.action(action, &query.ok_or_else(|| Refusal::invalid("query"))?);
        }
        run.action(action, body)
    }
}

/// One action about to run.
struct Run<'a> {
    kms: &'a Kms,
    call: &'a Call<'a>,
    request_id: &'a str,
}

impl Run<'_> {
    fn action(&self, action: Action, body: &[u8]) -> Result<Envelope, Refusal> {
        match action {
            Action::CreateKey => self.serve(body, keys::create),
            Action::DescribeKey => self.serve(body, keys::describe),
            Action::ListKeyDetail => self.serve(body, keys::list),
            Action::EnableKey => self.serve(body, keys::enable),
            Action::DisableKey => self.serve(body, keys::disable),
            Action::GetParametersForImport => self.serve(body, import::parameters),
            Action::ImportKeyMaterial => self.serve(body, import::import),
            Action::DeleteImportedKeyMaterial => self.serve(body, import::delete),
            Action::Encrypt => self.serve(body, usage::encrypt),
            Action::Decrypt => self.serve(body, usage::decrypt),
            Action::GenerateRandom => self.serve(body, usage::random),
            Action::GetServiceStatus => self.serve(body, keys::status),
            Action::GetRegions => self.serve(body, keys::regions),
            other => Err(not_served(other.as_str())),
        }
    }

    fn serve<R: Request>(
        &self,
        body: &[u8],
        act: fn(&Kms, &Call<'_>, R) -> Result<R::Reply, Refusal>,
    ) -> Result<Envelope, Refusal> {
        let reply = act(self.kms, self.call, params::parse(body)?)?;
        success(&reply, self.request_id).map_err(|_| Refusal::internal())
    }
}

/// POST of JSON, or GET of a query, to `/`.
fn protocol(parts: &Parts) -> Result<(), Refusal> {
    if parts.uri.path() != "/" {
        return Err(Refusal::new(
            ErrorCode::InvalidRequest,
            bi!("The only path is `/`.", "请求路径只能为 `/`。"),
        ));
    }
    let expected = match parts.method {
        Method::POST => JSON,
        Method::GET => FORM,
        _ => {
            return Err(Refusal::new(
                ErrorCode::UnsupportedProtocol,
                bi!("The HTTP method must be GET or POST.", "HTTP 请求方法必须为 GET 或 POST。"),
            ));
        }
    };
    let media_type =
        header(parts, "content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
    if media_type.trim().eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    if header(parts, "authorization").is_none() {
        return Err(older_signature());
    }
    Err(Refusal::new(
        ErrorCode::InvalidRequest,
        bi!("The Content-Type must be {expected}.", "Content-Type 必须为 {expected}。"),
    ))
}

/// A form without `Authorization` is the older signature, which is not served yet.
fn older_signature() -> Refusal {
    Refusal::new(
        ErrorCode::AuthInvalidAuthorization,
        bi!(
            "The emulator takes TC3-HMAC-SHA256 only, and the Authorization header is missing.",
            "本模拟器仅支持 TC3-HMAC-SHA256 签名，且请求缺少 Authorization。"
        ),
    )
}

fn version(parts: &Parts) -> Result<(), Refusal> {
    match header(parts, "x-tc-version") {
        Some(VERSION) => Ok(()),
        None | Some("") => Err(params::missing("X-TC-Version")),
        Some(_) => Err(Refusal::new(
            ErrorCode::NoSuchVersion,
            bi!("The only version is `{VERSION}`.", "接口版本只有 `{VERSION}`。"),
        )),
    }
}

fn action(parts: &Parts) -> Result<Action, Refusal> {
    let name = header(parts, "x-tc-action").unwrap_or_default();
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
            "`{name}` exists, but this emulator does not serve it.",
            "接口 `{name}` 存在，但本模拟器不提供。"
        ),
    )
}

/// The service speaks Chinese unless asked otherwise.
fn language(parts: &Parts) -> Lang {
    if header(parts, "x-tc-language") == Some("en-US") { Lang::En } else { Lang::Zh }
}

/// Text can always be written; should it not, the client still gets JSON.
fn refused(why: &Refusal, language: Lang, request_id: &str) -> Envelope {
    let bytes = refusal(&why.code, why.message.get(language), request_id);
    Zeroizing::new(bytes.unwrap_or_else(|_| LAST_RESORT.to_vec()))
}

/// For a failure without any other words.
pub(crate) const LAST_RESORT: &[u8] =
    br#"{"Response":{"Error":{"Code":"InternalError","Message":"InternalError"},"RequestId":"00000000-0000-4000-8000-000000000000"}}"#;
