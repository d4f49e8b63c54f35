//! The client: signs with TC3, sends one POST over HTTP, and takes nothing for an answer that is not one.
//!
//! No redirects, no proxy or resolver (`resolver`) for loopback, 10 s to connect, 60 s in all, at most 1 MiB back. Requests keep to a rate; what may be
//! repeated (`retry`) is, after a wait. Traces name what is sent by header, member and length, never by value.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use keyferry_core::{Endpoint, Lang, Region, Span};
use keyferry_service::manner::Pacer;
use keyferry_service::{Clocks, Station};
use ureq::http::HeaderValue;
use zeroize::Zeroizing;

use crate::envelope::MAX_REPLY;
use crate::{Action, Credentials, ErrorCode, Reply, Request, parse_reply, tc3};

mod connect;
pub mod credential_sources;
mod date;
mod look_up;
mod probe;
mod refusal;
mod remote_error;
mod resolver;
mod retry;
mod tencent_service;
mod trace;
mod unsent;
pub mod words;

use connect::Way;
use credential_sources::lasting::Lasting;
use credential_sources::{CredentialsError, FindError, Found};
use resolver::Names;

pub use remote_error::{BadReply, RemoteError, RemoteFailure, Silence, TokenOrigin};
pub use unsent::{ProxyFault, TlsFault, Unsent};

const CONNECT: Duration = Duration::from_secs(10);
/// Until an answer comes, taken generously: how long the work of a command takes is reckoned with it.
const ANSWER: Duration = Duration::from_secs(2);
/// A kept connection is not trusted for longer: a lost request cannot always be sent again.
const IDLE: Duration = Duration::from_secs(5);

/// What the service answered.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The action's reply.
    pub value: T,
    /// The service's id of the call.
    pub request_id: String,
}

/// A client of one endpoint with one pair of credentials; threads share it.
pub struct KmsClient<'c> {
    agent: ureq::Agent,
    endpoint: Endpoint,
    credentials: Credentials,
    lasting: Lasting,
    proxy: Option<String>,
    station: Station<'c>,
    pacer: Pacer,
    clocks: Mutex<Option<Clocks>>,
    /// The service refused to describe many keys at a time: it is not asked again.
    one_by_one: AtomicBool,
}

/// A client with the credentials that this station has; nothing is sent yet.
///
/// # Errors
/// [`FindError`] where there are none, or none to use.
pub fn open<'c>(endpoint: Endpoint, station: &Station<'c>) -> Result<KmsClient<'c>, FindError> {
    let variable = |name: &str| -> Option<OsString> { std::env::var_os(name) };
    let system = Path::new(credential_sources::SYSTEM_FILE);
    let found = credential_sources::find(station.wanted, &variable, system, station.clock.now())?;
    (station.trace)(1, &format!("credentials from {}", found.lasting.source.words().en));
    (station.trace)(1, &format!("endpoint {endpoint}"));
    Ok(KmsClient::new(endpoint, found, station))
}

impl<'c> KmsClient<'c> {
    /// A client; nothing is sent yet.
    #[must_use]
    pub fn new(endpoint: Endpoint, found: Found, station: &Station<'c>) -> Self {
        let manner = station.manner;
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .https_only(endpoint.is_https())
            .max_redirects(0)
            .user_agent(concat!("keyferry-online/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(manner.timeout))
            .max_idle_connections(manner.jobs)
            .max_idle_connections_per_host(manner.jobs)
            .max_idle_age(IDLE);
        if endpoint.is_loopback() {
            config = config.proxy(None);
        }
        let agent = ureq::Agent::with_parts(config.build(), Way::default(), Names::of(&endpoint));
        let Found { credentials, lasting } = found;
        Self {
            agent,
            proxy: proxy_for(&endpoint),
            endpoint,
            credentials,
            lasting,
            station: *station,
            pacer: Pacer::new(manner.rate),
            clocks: Mutex::default(),
            one_by_one: AtomicBool::new(false),
        }
    }

    /// Refuses credentials that would end before that many requests are answered, `at_once` at a time.
    ///
    /// # Errors
    /// [`CredentialsError::Stale`].
    pub fn check_lasts(&self, requests: usize, at_once: usize) -> Result<(), CredentialsError> {
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        let at_once = u32::try_from(at_once).unwrap_or(u32::MAX).max(1);
        let work = ANSWER.saturating_mul(requests.div_ceil(at_once)).max(self.pacer.time(requests));
        self.lasting.check(self.station.clock.now(), Span::from_seconds(work.as_secs()))
    }

    /// Asks the service for one action, again where that is safe; `subject` is the key that a trace names.
    ///
    /// # Errors
    /// The last [`RemoteError`] for a refusal, silence, or anything that is no answer.
    pub fn call<R: Request>(
        &self,
        region: &Region,
        subject: &str,
        request: &R,
    ) -> Result<Answer<R::Reply>, RemoteError> {
        let mut failed = 0;
        loop {
            let answer = self.once(region, subject, request);
            failed += 1;
            match &answer {
                Err(error) if error.may_repeat() && self.wait_again(failed) => {}
                _ => return answer,
            }
        }
    }

    /// Waits before a repetition; `false`, at once, when `failed` requests were enough.
    pub fn wait_again(&self, failed: u32) -> bool {
        let policy = &self.station.manner.policy;
        if failed >= policy.attempts {
            return false;
        }
        let wait = policy.wait(failed, self.station.waits.chance());
        self.trace(1, &format!("again in {} ms", wait.as_millis()));
        self.station.waits.sleep(wait);
        true
    }

    /// Both clocks when the last reply came that had a date.
    #[must_use]
    pub fn clocks(&self) -> Option<Clocks> {
        *self.clocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trace(&self, level: u8, text: &str) {
        (self.station.trace)(level, text);
    }

    fn hear(&self, response: &ureq::http::Response<ureq::Body>) {
        let date = response.headers().get("date").and_then(|value| value.to_str().ok());
        if let Some(service) = date.and_then(date::parse) {
            let heard = Clocks { service, station: self.station.clock.now() };
            *self.clocks.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
        }
    }

    fn once<R: Request>(
        &self,
        region: &Region,
        subject: &str,
        request: &R,
    ) -> Result<Answer<R::Reply>, RemoteError> {
        let waits = self.station.waits;
        waits.sleep(self.pacer.take(waits.elapsed()));
        let started = Instant::now();
        let answer = self
            .post(R::ACTION, region, request)
            .and_then(|bytes| read_answer(&bytes))
            .map_err(|failure| RemoteError { action: R::ACTION, failure: self.with_token(failure) });
        let outcome = match &answer {
            Ok(answer) => answer.request_id.clone(),
            Err(error) => error.short(),
        };
        let (action, ms) = (R::ACTION, started.elapsed().as_millis());
        self.trace(1, &format!("{action} {region} {subject} → {outcome} {ms} ms"));
        answer
    }

    /// Says where the token was from that the service did not take.
    fn with_token(&self, failure: RemoteFailure) -> RemoteFailure {
        match failure {
            RemoteFailure::Refused(error) if error.code == ErrorCode::AuthTokenFailure => {
                RemoteFailure::Token(error, self.lasting.clone().into())
            }
            other => other,
        }
    }

    fn post<R: Request>(
        &self,
        action: Action,
        region: &Region,
        request: &R,
    ) -> Result<Zeroizing<Vec<u8>>, RemoteFailure> {
        // Sized up front, so that growing leaves no copy of a token behind.
        let mut body = Zeroizing::new(Vec::with_capacity(16 * 1024));
        serde_json::to_writer(&mut *body, request).map_err(|_| BadReply::Unwritable)?;
        let call = tc3::Call {
            action,
            region: Some(region.as_str()),
            language: match self.station.lang {
                Lang::En => "en-US",
                Lang::Zh => "zh-CN",
            },
            host: self.endpoint.host(),
            body: &body,
            now: self.station.clock.now(),
        };
        let headers = tc3::sign(&call, &self.credentials);
        self.trace(2, &trace::request(&headers, &body));
        // The Host is set, not left to the library: it is what was signed.
        let mut post = self.agent.post(self.endpoint.to_string()).header("Host", self.endpoint.host());
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value.expose())
                .map_err(|_| RemoteFailure::from(BadReply::Unwritable))?;
            value.set_sensitive(true);
            post = post.header(name, value);
        }
        let response = post.send(body.as_slice())?;
        self.hear(&response);
        let reply = read_reply(response)?;
        self.trace(2, &trace::reply(&reply));
        Ok(reply)
    }
}

/// The proxy of the environment that requests to that endpoint go through, as people read it; user and password stay out.
fn proxy_for(endpoint: &Endpoint) -> Option<String> {
    let target: ureq::http::Uri = endpoint.to_string().parse().ok()?;
    let proxy = ureq::Proxy::try_from_env().filter(|p| !endpoint.is_loopback() && !p.is_no_proxy(&target))?;
    let scheme = proxy.uri().scheme_str().unwrap_or("http");
    Some(format!("{scheme}://{}:{}", proxy.host(), proxy.port()))
}

/// The body of a 200, within the cap.
fn read_reply(response: ureq::http::Response<ureq::Body>) -> Result<Zeroizing<Vec<u8>>, RemoteFailure> {
    if response.status().as_u16() != 200 {
        return Err(BadReply::Status(response.status().as_u16()).into());
    }
    let announced = response.body().content_length().and_then(|n| usize::try_from(n).ok());
    if announced.is_some_and(|n| n > MAX_REPLY) {
        return Err(BadReply::TooLong.into());
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(announced.unwrap_or(64 * 1024) + 1));
    let reader = response.into_body().into_reader();
    reader.take(MAX_REPLY as u64 + 1).read_to_end(&mut bytes).map_err(|e| Silence::from_io(&e))?;
    if bytes.len() > MAX_REPLY { Err(BadReply::TooLong.into()) } else { Ok(bytes) }
}

fn read_answer<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<Answer<T>, RemoteFailure> {
    match parse_reply(bytes).map_err(BadReply::Envelope)? {
        Reply::Success { value, request_id } => Ok(Answer { value, request_id }),
        Reply::Refused(error) => Err(RemoteFailure::Refused(error)),
    }
}
