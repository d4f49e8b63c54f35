//! The client: signs with TC3, sends one POST over HTTP, and never takes an invalid answer for a valid one.
//!
//! It follows no redirects, uses neither a proxy nor a resolver (`resolver`) for loopback, allows 10 s to connect and 60 s in all, and
//! reads at most 1 MiB of a reply. Requests are rate limited; requests that may be repeated (`retry`) are retried after a wait. Traces
//! show headers, members and lengths of what is sent, never values.

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
/// A generous estimate of the time until an answer arrives, used to estimate how long a command's work takes.
const ANSWER: Duration = Duration::from_secs(2);
/// How long an idle connection is reused: on an old one a request may be lost, and not every request can be sent again.
const IDLE: Duration = Duration::from_secs(5);

/// What the service answered.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The action's reply.
    pub value: T,
    /// The service's id of the call.
    pub request_id: String,
}

/// A client for one endpoint, with one pair of credentials; threads share it.
pub struct KmsClient<'c> {
    agent: ureq::Agent,
    endpoint: Endpoint,
    credentials: Credentials,
    lasting: Lasting,
    proxy: Option<String>,
    station: Station<'c>,
    pacer: Pacer,
    clocks: Mutex<Option<Clocks>>,
    /// Set if the service refused to describe many keys at a time; then each key is asked about on its own.
    one_by_one: AtomicBool,
}

/// A client with the credentials that this station has; nothing is sent yet.
///
/// # Errors
/// [`FindError`] if there are none, or none that can be used.
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

    /// Refuses credentials that would expire before this many requests are answered, `at_once` at a time.
    ///
    /// # Errors
    /// [`CredentialsError::Stale`].
    pub fn check_lasts(&self, requests: usize, at_once: usize) -> Result<(), CredentialsError> {
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        let at_once = u32::try_from(at_once).unwrap_or(u32::MAX).max(1);
        let work = ANSWER.saturating_mul(requests.div_ceil(at_once)).max(self.pacer.time(requests));
        self.lasting.check(self.station.clock.now(), Span::from_seconds(work.as_secs()))
    }

    /// Asks the service for one action, with retries where they are safe; `subject` is the key that a trace names.
    ///
    /// # Errors
    /// The last [`RemoteError`]: a refusal, silence, or an invalid answer.
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

    /// Waits before a retry; returns `false` at once if there have been enough `failed` requests.
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

    /// Both clocks at the time of the last reply that had a date.
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

    /// Adds the token's source to an error about a token that the service did not accept.
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
        // The Host header is set here and not by the library, because it is signed.
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

/// The proxy that requests to that endpoint go through, from the environment. The text is shown to people, so it contains no user
/// name or password.
fn proxy_for(endpoint: &Endpoint) -> Option<String> {
    let target: ureq::http::Uri = endpoint.to_string().parse().ok()?;
    let proxy = ureq::Proxy::try_from_env().filter(|p| !endpoint.is_loopback() && !p.is_no_proxy(&target))?;
    let scheme = proxy.uri().scheme_str().unwrap_or("http");
    Some(format!("{scheme}://{}:{}", proxy.host(), proxy.port()))
}

/// The body of a reply with status 200, up to the maximum length.
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
