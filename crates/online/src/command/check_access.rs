//! `check-access`: what the credentials may do, checked before the day of the ceremony. It changes nothing: only look-ups name
//! an existing key.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use keyferry_core::{CeremonyPlan, Clock as _, KeyId, PlanKey, Region, bi};
use keyferry_service::{Clocks, KeyView, Meaning, Probe, Right, Use};
use serde_json::json;

use super::{Failures, Finished};
use crate::access::{AccessError, Actions};
use crate::context::Context;
use crate::key::{check_importable, kind, look_up};
use crate::{Error, Service};

mod access_page;

const COMMAND: &str = "check-access";

/// What was found about one region of the plan.
struct Place<'p> {
    region: &'p Region,
    keys: Vec<&'p PlanKey>,
    rights: Vec<(&'static str, Use, Right)>,
    found: BTreeMap<&'p KeyId, KeyView>,
}

/// Arguments of `check-access`.
#[derive(Debug, ClapArgs)]
pub struct CheckAccess {
    /// Plan of the ceremony, or its draft without key ids
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
}

/// Runs `check-access`.
///
/// # Errors
/// [`Error`] if no request was sent, or if the first one got no usable answer.
pub fn run(context: &Context, args: &CheckAccess) -> Finished {
    let console = context.console();
    let (plan, _) = context.plan(&args.plan)?;
    context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
    let service = context.service_of(&plan, context.endpoint_of_uncompared(&plan)?)?;
    let service = &*service;
    let mut failures = Failures::default();
    let mut places = places(&plan);
    let first = places.first().map(|place| regions(service, place.region));
    // An answer that says nothing about rights still contains the service's time.
    let clocks = service.clocks();
    show_clocks(context, clocks, &mut failures);
    let listed = first.transpose()?.flatten();
    for place in &mut places {
        place.ask(service, context, &mut failures);
        place.judge(context, listed.as_deref(), &mut failures);
    }
    access_page::show(console, &places);
    if console.json() {
        let regions: Vec<_> =
            places.iter().map(|place| access_page::as_json(place, listed.as_deref())).collect();
        let clocks = clocks.map(Clocks::as_json);
        failures.result(
            console,
            json!({
                "command": COMMAND, "purpose": plan.purpose(), "ceremony": plan.ceremony(), "plan_sha256": plan.digest(),
                "at": context.clock().now(), "endpoint": service.endpoint().to_string(), "proxy": context.proxy(),
                "clock": clocks, "regions": regions,
            }),
        );
    }
    Ok(failures.class())
}

/// The regions of a plan, in its order, with their keys.
fn places(plan: &CeremonyPlan) -> Vec<Place<'_>> {
    let mut places: Vec<Place<'_>> = Vec::new();
    for key in plan.keys() {
        match places.iter_mut().find(|place| place.region == &key.region) {
            Some(place) => place.keys.push(key),
            None => places.push(Place {
                region: &key.region,
                keys: vec![key],
                rights: Vec::new(),
                found: BTreeMap::new(),
            }),
        }
    }
    places
}

/// The service's regions, if these credentials may list them. This is the first request, so a fault that affects every request
/// appears here.
fn regions(service: &dyn Service, any: &Region) -> Result<Option<Vec<Region>>, Error> {
    match service.regions(Some(any)) {
        Ok(regions) => Ok(Some(regions)),
        Err(refusal) => match refusal.meaning() {
            // Every other request would end in the same way.
            Meaning::Unsent | Meaning::Silence | Meaning::BadReply | Meaning::Credentials => {
                Err(refusal.into())
            }
            Meaning::Denied
            | Meaning::Busy
            | Meaning::NoSuchRegion
            | Meaning::NoSuchKey
            | Meaning::AliasTaken
            | Meaning::OtherMaterial
            | Meaning::Content
            | Meaning::Other => Ok(None),
        },
    }
}

fn show_clocks(context: &Context, clocks: Option<Clocks>, failures: &mut Failures) {
    let console = context.console();
    let Some(clocks) = clocks else { return };
    let (service, ahead) = (clocks.service, clocks.service_ahead());
    let text = bi!(
        "{service} at the service, {ahead:+} s from this computer's",
        "服务端 {service}，与本机相差 {ahead:+} 秒"
    );
    console.row(&bi!("clock", "时钟"), text.get(console.lang()));
    if let Err(error) = AccessError::check_clock(ahead) {
        failures.report(console, "clock", error.into());
    }
}

impl Place<'_> {
    /// Whether keys still have to be created in this region.
    fn creates(&self) -> bool {
        self.keys.iter().any(|key| key.key_id.is_none())
    }

    /// Sends one request for each action; the plan's own keys are only described.
    fn ask(&mut self, service: &dyn Service, context: &Context, failures: &mut Failures) {
        let described = self.look_up(service, context, failures);
        for probe in service.probe(self.region, self.creates()) {
            let Probe { action, of, right, looks_up, made } = probe;
            let right = described.clone().filter(|_| looks_up).unwrap_or(right);
            if let Some(key_id) = made {
                let error = AccessError::Created { region: self.region.clone(), key_id };
                failures.report(context.console(), self.region.as_str(), error.into());
            }
            self.rights.push((action, of, right));
        }
        self.rights.sort_by_key(|(_, of, _)| *of);
        self.ask_whether_enabled(service, context, failures);
    }

    /// Looks up each key of the plan that has an id. Returns whether the credentials may describe all of
    /// them, or `None` if no key has an id.
    fn look_up(
        &mut self,
        service: &dyn Service,
        context: &Context,
        failures: &mut Failures,
    ) -> Option<Right> {
        let mut described = None;
        for key in self.keys.clone() {
            let Some(id) = &key.key_id else { continue };
            let answer = look_up(service, &key.region, id);
            let right = Right::of(&answer);
            match answer {
                Ok(found) => {
                    self.found.insert(id, found);
                }
                // A missing right is reported together with the others.
                Err(_) if right.is_missing() => {}
                Err(error) => failures.report(context.console(), key.alias.as_str(), error.into()),
            }
            let is_missing = described.as_ref().is_some_and(Right::is_missing);
            if !is_missing && (right.is_missing() || described.is_none()) {
                described = Some(right);
            }
        }
        described
    }

    fn ask_whether_enabled(&self, service: &dyn Service, context: &Context, failures: &mut Failures) {
        if service.is_enabled(self.region) == Ok(false) {
            let error = AccessError::Off(self.region.clone());
            failures.report(context.console(), self.region.as_str(), error.into());
        }
    }

    /// Reports everything that would make a ceremony fail.
    fn judge(&self, context: &Context, listed: Option<&[Region]>, failures: &mut Failures) {
        let mut report = |name: &str, error: Error| failures.report(context.console(), name, error);
        let region = self.region;
        let served = self.rights.iter().all(|(_, _, right)| !right.is_elsewhere());
        if !served || listed.is_some_and(|listed| !listed.contains(region)) {
            report(region.as_str(), AccessError::Region(region.clone()).into());
        }
        let missing = self.needed(Right::is_missing);
        if !missing.is_empty() {
            let actions = Actions(missing.iter().map(|(action, _)| *action).collect());
            report(region.as_str(), AccessError::Missing(actions).into());
        }
        let unknown = self.needed(|right| matches!(right, Right::Unknown(_)) && !right.is_elsewhere());
        if let Some((_, first)) = unknown.first() {
            let actions = Actions(unknown.iter().map(|(action, _)| *action).collect());
            let error = AccessError::Unknown { actions, how: first.answer().to_owned() };
            report(region.as_str(), error.into());
        }
        for key in &self.keys {
            let found = key.key_id.as_ref().and_then(|id| self.found.get(id));
            if let Some(Err(error)) = found.map(|found| check(key, found)) {
                report(key.alias.as_str(), error);
            }
        }
    }

    /// The rights that the ceremony needs, filtered by `which`.
    fn needed(&self, which: impl Fn(&Right) -> bool) -> Vec<(&'static str, &Right)> {
        let needed = self.rights.iter().filter(|(_, of, right)| *of == Use::Ceremony && which(right));
        needed.map(|(action, _, right)| (*action, right)).collect()
    }

    /// The material that the region's keys are expected to take; only an existing key shows what it really takes.
    fn expected(&self) -> &'static str {
        let first = self.keys.first();
        let kind = first.and_then(|key| key.provider.facts().expected_kind(self.region.as_str()));
        kind.map_or("-", |kind| kind.name)
    }
}

/// Whether a key of the plan takes the plan's material.
fn check(key: &PlanKey, found: &KeyView) -> Result<(), Error> {
    check_importable(found, &key.alias)?;
    let (found, plan) = (kind(found)?, key.kind());
    if found == plan {
        return Ok(());
    }
    Err(AccessError::Edition { alias: key.alias.clone(), found, plan: plan.name }.into())
}
