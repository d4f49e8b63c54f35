//! What every command receives: console, clock, checked endpoint, credentials; built once from the parsed flags.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use keyferry_core::{
    Bilingual, CeremonyId, CeremonyPlan, Clock, Fingerprint, Provider, Purpose, Session, Timestamp, bi,
};
use keyferry_service::manner::{Policy, SystemWaits, Trace};
use keyferry_service::{Manner, Station, Wanted};
use keyferry_transport::{Console, judged_plan, read_capped};

use crate::common_flags::Common;
use crate::error::UsageError;
use crate::journal::Journal;
use crate::{Endpoint, EndpointError, Error, NotReady, PROGRAM, Service, providers};

/// Opens a provider's service at an endpoint, with the credentials that the station has.
pub type Open =
    Box<dyn for<'c> Fn(Provider, Endpoint, &Station<'c>) -> Result<Box<dyn Service + 'c>, NotReady>>;

/// What a command works with.
pub struct Context {
    console: Console,
    clock: SystemClock,
    waits: SystemWaits,
    endpoint: Option<Endpoint>,
    journal: Option<PathBuf>,
    manner: Manner,
    wanted: Wanted,
    trace: Box<Trace>,
    open: Open,
    /// The proxy that requests go through, known once there is a client.
    proxy: OnceLock<String>,
}

impl Context {
    /// Checks what can be checked before any file is opened.
    ///
    /// # Errors
    /// [`Error::Endpoint`] for a malformed endpoint.
    pub fn new(console: Console, common: &Common, open: Open) -> Result<Self, Error> {
        let endpoint = common.endpoint.as_deref().map(str::parse).transpose()?;
        let manner = Manner {
            policy: Policy { attempts: common.attempts, ..Policy::DEFAULT },
            rate: common.rate,
            timeout: Duration::from_secs(common.timeout),
            jobs: usize::from(common.jobs),
        };
        let wanted = Wanted { profile: common.profile.clone(), instance_role: common.instance_role.clone() };
        let trace = Box::new(move |level, text: &str| console.trace(level, text));
        let (clock, waits) = (SystemClock::new()?, SystemWaits::default());
        Ok(Self {
            console,
            clock,
            waits,
            endpoint,
            journal: common.journal.clone(),
            manner,
            wanted,
            trace,
            open,
            proxy: OnceLock::new(),
        })
    }

    /// The journals.
    ///
    /// # Errors
    /// [`Error::Journal`] when there is no folder for the journals.
    pub fn journal(&self) -> Result<Journal, Error> {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
        Ok(Journal::folder(self.journal.as_deref(), &variable)?)
    }

    /// How many keys are worked on at the same time.
    #[must_use]
    pub const fn jobs(&self) -> usize {
        self.manner.jobs
    }

    /// The console, where people read and answer.
    #[must_use]
    pub const fn console(&self) -> &Console {
        &self.console
    }

    /// The station's clock.
    #[must_use]
    pub const fn clock(&self) -> &SystemClock {
        &self.clock
    }

    /// The endpoint: the one given, else `otherwise`; it must be allowed for `purpose`.
    ///
    /// # Errors
    /// [`Error::Endpoint`].
    pub fn endpoint(&self, otherwise: &str, purpose: Option<Purpose>) -> Result<Endpoint, Error> {
        let endpoint = match &self.endpoint {
            Some(given) => given.clone(),
            None => otherwise.parse()?,
        };
        endpoint.check(purpose)?;
        Ok(endpoint)
    }

    /// The endpoint for a plan: only the one that the plan names; if it names none, production requires one of the provider's.
    ///
    /// # Errors
    /// [`Error::Endpoint`]; [`Error::Core`] for keys at two providers, and [`Error::Unserved`].
    pub fn endpoint_of(&self, plan: &CeremonyPlan) -> Result<Endpoint, Error> {
        let own = providers::endpoint(plan.provider()?)?;
        let endpoint = self.endpoint(plan.endpoint().unwrap_or(own), Some(plan.purpose()))?;
        endpoint.check_plan(plan)?;
        Ok(endpoint)
    }

    /// Like [`endpoint_of`](Self::endpoint_of), for a command that asks nobody to compare the plan: the plan's author could learn the
    /// session token by naming a host of their own. So in production, a host that is not the provider's is accepted only if the operator
    /// also named it.
    ///
    /// # Errors
    /// [`Error::Endpoint`].
    pub fn endpoint_of_uncompared(&self, plan: &CeremonyPlan) -> Result<Endpoint, Error> {
        let endpoint = self.endpoint_of(plan)?;
        if plan.purpose() == Purpose::Production && self.endpoint.is_none() {
            let of_provider = plan.keys().iter().try_for_each(|key| endpoint.check_provider(key.provider));
            of_provider.map_err(|_| EndpointError::Uncompared)?;
        }
        Ok(endpoint)
    }

    /// The endpoint for a session: the one that its parameters were fetched from, and in production no other. In production
    /// it must also be the provider's, unless `plan`, the session's plan, names it.
    ///
    /// # Errors
    /// [`Error::Endpoint`].
    pub fn endpoint_of_session(
        &self,
        session: &Session,
        plan: Option<&CeremonyPlan>,
    ) -> Result<Endpoint, Error> {
        let (parameters, purpose) = (&session.parameters, session.parameters.purpose);
        let endpoint = self.endpoint(&session.endpoint, Some(purpose))?;
        endpoint.check_fetched_from(&session.endpoint.parse()?, purpose)?;
        match plan {
            Some(plan) => endpoint.check_plan(plan)?,
            None if purpose == Purpose::Production => {
                parameters.keys.iter().try_for_each(|key| endpoint.check_provider(key.provider))?;
            }
            None => {}
        }
        Ok(endpoint)
    }

    /// The endpoint if no plan or session names one: the one given, else the default provider's own.
    ///
    /// # Errors
    /// [`Error::Endpoint`].
    pub fn usual_endpoint(&self) -> Result<Endpoint, Error> {
        self.endpoint(providers::endpoint(providers::USUAL)?, None)
    }

    /// The service of the plan's provider, with the credentials that this station has.
    ///
    /// # Errors
    /// [`Error::NotReady`].
    pub fn service_of(
        &self,
        plan: &CeremonyPlan,
        endpoint: Endpoint,
    ) -> Result<Box<dyn Service + '_>, Error> {
        self.service(plan.provider()?, endpoint)
    }

    /// The default provider's service, if no plan names a provider.
    ///
    /// # Errors
    /// [`Error::NotReady`].
    pub fn usual_service(&self, endpoint: Endpoint) -> Result<Box<dyn Service + '_>, Error> {
        self.service(providers::USUAL, endpoint)
    }

    /// That provider's service, with the credentials that this station has.
    ///
    /// # Errors
    /// [`Error::NotReady`].
    pub fn service(&self, provider: Provider, endpoint: Endpoint) -> Result<Box<dyn Service + '_>, Error> {
        let station = Station {
            manner: &self.manner,
            wanted: &self.wanted,
            clock: &self.clock,
            waits: &self.waits,
            trace: &*self.trace,
            lang: self.console.lang(),
        };
        let service = (self.open)(provider, endpoint, &station)?;
        if let Some(proxy) = service.proxy() {
            self.console.row(&bi!("proxy", "代理"), proxy);
            let _ = self.proxy.set(proxy.to_owned());
        }
        Ok(service)
    }

    /// The proxy that requests went through, without user and password.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.get().map(String::as_str)
    }

    /// Reads and parses a plan.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Core`].
    pub fn plan(&self, path: &Path) -> Result<(CeremonyPlan, Vec<u8>), Error> {
        let bytes = read_capped(path, keyferry_core::plan::MAX_PLAN)?;
        Ok((CeremonyPlan::parse(&bytes)?, bytes))
    }

    /// Reads a plan, and checks it before this command begins its step.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Core`].
    pub fn judged_plan(&self, path: &Path) -> Result<CeremonyPlan, Error> {
        let bytes = read_capped(path, keyferry_core::plan::MAX_PLAN)?;
        Ok(judged_plan(&bytes, self.clock.now(), &self.console)?)
    }

    /// Prints first what this run is about, so that everybody in the room sees what was given.
    pub fn banner(&self, purpose: Purpose, ceremony: &CeremonyId, plan: &Fingerprint) {
        let short: String = plan.grouped().chars().take(19).collect();
        let Bilingual { en, zh } = purpose.title();
        self.console.say(&bi!(
            "{PROGRAM}  {en}  ceremony {ceremony}  plan {short} …",
            "{PROGRAM}  {zh}  仪式 {ceremony}  计划 {short} …"
        ));
    }
}

/// The computer's clock. The service itself refuses requests whose time is more than five minutes off.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Timestamp);

impl SystemClock {
    /// Reads the clock once, to be sure that it can be read.
    ///
    /// # Errors
    /// [`Error::Usage`] if it is outside the years 0 to 9999.
    pub fn new() -> Result<Self, Error> {
        Self::read().map(Self).ok_or_else(|| UsageError::clock().into())
    }

    fn read() -> Option<Timestamp> {
        Timestamp::from_unix(jiff::Timestamp::now().as_second()).ok()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Self::read().unwrap_or(self.0)
    }
}
