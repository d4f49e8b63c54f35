//! `check-access`: what the credentials may do, before the day. Changes nothing; no request but `DescribeKey` names an existing key.

use std::collections::BTreeMap;

use keyferry_core::{CeremonyPlan, Clock as _, KeyId, PlanKey, Region, bi};
use keyferry_tencent::wire::{GetRegionsRequest, GetServiceStatusRequest, KeyMetadata};
use keyferry_tencent::{Action, Edition, ErrorCode};
use serde_json::json;

use super::{Failures, Finished};
use crate::access::{AccessError, Actions, Right, Use, probe};
use crate::args::CheckAccess;
use crate::client::date::Clocks;
use crate::context::Context;
use crate::key::{check_importable, describe, edition};
use crate::{Error, KmsClient, RemoteFailure};

mod page;

const COMMAND: &str = "check-access";

/// What was found about one region of the plan.
struct Place<'p> {
    region: &'p Region,
    keys: Vec<&'p PlanKey>,
    rights: Vec<(Action, Use, Right)>,
    found: BTreeMap<&'p KeyId, KeyMetadata>,
}

/// Runs `check-access`.
///
/// # Errors
/// [`Error`] when nothing was asked, or the first request got no usable answer.
pub fn run(context: &Context, args: &CheckAccess) -> Finished {
    let console = context.console();
    let (plan, _) = context.plan(&args.plan)?;
    context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
    let client = context.client(context.endpoint_of_uncompared(&plan)?)?;
    let mut failures = Failures::default();
    let mut places = places(&plan);
    let first = places.first().map(|place| regions(&client, place.region));
    // The answer that told nothing about rights still told the time.
    let clocks = client.clocks();
    show_clocks(context, clocks, &mut failures);
    let listed = first.transpose()?.flatten();
    for place in &mut places {
        place.ask(&client, context, &mut failures);
        place.judge(context, listed.as_deref(), &mut failures);
    }
    page::show(console, &places);
    if console.json() {
        let regions: Vec<_> = places.iter().map(|place| page::as_json(place, listed.as_deref())).collect();
        let clocks = clocks.map(Clocks::as_json);
        failures.result(
            console,
            json!({
                "command": COMMAND, "purpose": plan.purpose(), "ceremony": plan.ceremony(), "plan_sha256": plan.digest(),
                "at": context.clock().now(), "endpoint": client.endpoint().to_string(), "proxy": context.proxy(),
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

/// The service's regions, if it tells them to these credentials: the first request, so what concerns all requests shows here.
fn regions(client: &KmsClient<'_>, any: &Region) -> Result<Option<Vec<String>>, Error> {
    match client.call(any, "-", &GetRegionsRequest {}) {
        Ok(answer) => Ok(Some(answer.value.regions)),
        Err(error) => match &error.failure {
            RemoteFailure::Refused(refused) if !is_about_all(&refused.code) => Ok(None),
            _ => Err(error.into()),
        },
    }
}

/// Whether every other request would be refused for the same reason.
fn is_about_all(code: &ErrorCode) -> bool {
    code.is_or_under("AuthFailure") && *code != ErrorCode::AuthUnauthorizedOperation
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
    /// Whether keys are still to be created here.
    fn creates(&self) -> bool {
        self.keys.iter().any(|key| key.key_id.is_none())
    }

    /// One request for each action; the plan's own keys are only described.
    fn ask(&mut self, client: &KmsClient<'_>, context: &Context, failures: &mut Failures) {
        let described = self.describe(client, context, failures);
        let creates = self.creates();
        for action in Action::ALL {
            let answer = probe::send(client, self.region, *action);
            let right = match &described {
                Some(right) if *action == Action::DescribeKey => right.clone(),
                _ => Right::of(&answer),
            };
            if let Ok(Some(key_id)) = answer {
                let error = AccessError::Created { region: self.region.clone(), key_id };
                failures.report(context.console(), self.region.as_str(), error.into());
            }
            self.rights.push((*action, Use::of(*action, creates), right));
        }
        self.rights.sort_by_key(|(_, of, _)| *of);
        self.ask_whether_enabled(client, context, failures);
    }

    /// Asks for each key that the plan names; says whether all of them may be described, if there is one.
    fn describe(
        &mut self,
        client: &KmsClient<'_>,
        context: &Context,
        failures: &mut Failures,
    ) -> Option<Right> {
        let mut described = None;
        for key in self.keys.clone() {
            let Some(id) = &key.key_id else { continue };
            let answer = describe(client, &key.region, id);
            let right = Right::of(&answer);
            match answer {
                Ok(found) => {
                    self.found.insert(id, found);
                }
                // Said with the other rights.
                Err(_) if right == Right::Missing => {}
                Err(error) => failures.report(context.console(), key.alias.as_str(), error.into()),
            }
            if described != Some(Right::Missing) && (right == Right::Missing || described.is_none()) {
                described = Some(right);
            }
        }
        described
    }

    fn ask_whether_enabled(&self, client: &KmsClient<'_>, context: &Context, failures: &mut Failures) {
        let Ok(answer) = client.call(self.region, "-", &GetServiceStatusRequest {}) else { return };
        if !answer.value.service_enabled {
            let error = AccessError::Off(self.region.clone());
            failures.report(context.console(), self.region.as_str(), error.into());
        }
    }

    /// Reports what a ceremony would fail on.
    fn judge(&self, context: &Context, listed: Option<&[String]>, failures: &mut Failures) {
        let mut report = |name: &str, error: Error| failures.report(context.console(), name, error);
        let region = self.region;
        let served = self.rights.iter().all(|(_, _, right)| !right.is_elsewhere());
        if !served || listed.is_some_and(|listed| !listed.iter().any(|name| name == region.as_str())) {
            report(region.as_str(), AccessError::Region(region.clone()).into());
        }
        let missing = self.needed(|right| *right == Right::Missing);
        if !missing.is_empty() {
            let actions = Actions(missing.iter().map(|(action, _)| *action).collect());
            report(region.as_str(), AccessError::Missing(actions).into());
        }
        let unknown = self.needed(|right| matches!(right, Right::Unknown(_)) && !right.is_elsewhere());
        if let Some((_, first)) = unknown.first() {
            let actions = Actions(unknown.iter().map(|(action, _)| *action).collect());
            let error = AccessError::Unknown { actions, how: first.answer() };
            report(region.as_str(), error.into());
        }
        for key in &self.keys {
            let found = key.key_id.as_ref().and_then(|id| self.found.get(id));
            if let Some(Err(error)) = found.map(|found| check(key, found)) {
                report(key.alias.as_str(), error);
            }
        }
    }

    /// The rights that the ceremony needs and of which something is true.
    fn needed(&self, which: impl Fn(&Right) -> bool) -> Vec<(Action, &Right)> {
        let needed = self.rights.iter().filter(|(_, of, right)| *of == Use::Ceremony && which(right));
        needed.map(|(action, _, right)| (*action, right)).collect()
    }

    /// What the region's keys are expected to be; only a key shows what they are.
    fn expected(&self) -> Edition {
        Edition::expected_in(self.region.as_str())
    }
}

/// Whether a key of the plan takes the plan's material.
fn check(key: &PlanKey, found: &KeyMetadata) -> Result<(), Error> {
    check_importable(found, &key.alias)?;
    let (found, plan) = (edition(found)?, key.kind());
    if found.kind() == plan {
        return Ok(());
    }
    Err(AccessError::Edition { alias: key.alias.clone(), found, plan: plan.name }.into())
}
