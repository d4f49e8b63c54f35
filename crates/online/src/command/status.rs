//! `status`: the state of keys, as the service reports it. It changes nothing at the service.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use keyferry_core::{Clock, PlanKey, Region, Timestamp, bi, is_deceptive};
use keyferry_service::{Answer, Clocks, KeyRef, KeyView, answer_for, answers_for};
use keyferry_transport::{Console, Replaceable, printable};
use serde_json::{Value, json};

use super::{Failures, Finished, Rows};
use crate::context::Context;
use crate::error::confirm_error::expiry_text;
use crate::health::{HealthError, check_as_planned, check_kept};
use crate::views::batches;
use crate::work;
use crate::{AccessError, Error, KeyError, Service};

mod prometheus;
mod status_flags;

use status_flags::Days;
pub use status_flags::Status;

/// Columns of the table.
type Row = [String; 8];

/// Maximum number of regions to ask: the service has about twenty.
const MAX_REGIONS: usize = 100;

/// Runs `status`.
///
/// # Errors
/// [`Error`] when nothing was asked.
pub fn run(context: &Context, args: &Status) -> Finished {
    let console = context.console();
    let mut seen = Seen {
        context,
        keys: Vec::new(),
        regions: BTreeSet::new(),
        clocks: None,
        failures: Failures::default(),
    };
    let metrics = args.prometheus.as_deref().map(|p| Replaceable::check(p, prometheus::FIRST_LINE));
    let metrics = metrics.transpose()?;
    let asked = seen.ask(args);
    let now = context.clock().now();
    if asked.is_ok() {
        seen.judge(args, now);
    }
    let written = metrics.map(|file| file.write(&seen.metrics(asked.as_ref().err(), now)));
    asked?;
    written.transpose()?;
    let Seen { keys, regions, clocks, failures, .. } = seen;
    let rows = keys.iter().map(|(region, found)| row(context, region, found, now));
    let rows: Vec<Row> = core::iter::once(header(context)).chain(rows).collect();
    if console.json() {
        let keys: Vec<Value> = keys.iter().map(|(region, found)| as_json(region, found, now)).collect();
        let clocks = clocks.map(Clocks::as_json);
        failures.result(
            console,
            json!({
                "command": "status", "at": now, "clock": clocks, "regions": regions, "keys": keys,
                "proxy": context.proxy(),
            }),
        );
    } else if rows.len() > 1 {
        let mut count = Rows::default();
        // The table's header is not a row.
        let shown = |(n, _): &(usize, Row)| *n == 0 || count.next(console);
        let rows: Vec<Row> = rows.into_iter().enumerate().filter(shown).map(|(_, row)| row).collect();
        console.table(&rows);
        count.end_of_output(console);
    }
    failures.say_more(console);
    Ok(failures.class())
}

/// Keys as they were found, each with its region, and what is wrong.
struct Seen<'c> {
    context: &'c Context,
    keys: Vec<(Region, KeyView)>,
    /// The regions that were asked for keys.
    regions: BTreeSet<Region>,
    clocks: Option<Clocks>,
    failures: Failures,
}

fn usual(context: &Context) -> Result<Box<dyn Service + '_>, Error> {
    context.usual_service(context.usual_endpoint()?)
}

impl Seen<'_> {
    fn ask(&mut self, args: &Status) -> Result<(), Error> {
        let context = self.context;
        match (&args.plan, &args.region, &args.key_id) {
            (Some(path), _, _) => self.of_plan(path),
            (_, Some(region), Some(id)) => {
                let service = usual(context)?;
                self.one(&*service, KeyRef { region, id });
                self.clocks = service.clocks();
                Ok(())
            }
            (_, Some(region), None) => self.of_regions(vec![region.clone()]),
            _ => {
                let mut regions = usual(context)?.regions(None)?;
                cap_regions(context.console(), &mut regions);
                self.of_regions(regions)
            }
        }
    }

    fn metrics(&self, stopped: Option<&Error>, now: Timestamp) -> String {
        let Self { keys, regions, clocks, failures, .. } = self;
        let (regions, clocks) = (regions.len(), *clocks);
        prometheus::Found { keys, regions, clocks, failures, stopped, now }.text()
    }

    fn report(&mut self, name: &str, error: Error) {
        self.failures.report(self.context.console(), name, error);
    }

    /// Checks each key of a plan against the plan.
    fn of_plan(&mut self, path: &Path) -> Result<(), Error> {
        let context = self.context;
        let (plan, _) = context.plan(path)?;
        context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
        let service = context.service_of(&plan, context.endpoint_of_uncompared(&plan)?)?;
        let keys = plan.keys().iter().enumerate();
        let wanted =
            keys.filter_map(|(n, key)| Some((n, KeyRef { region: &key.region, id: key.key_id.as_ref()? })));
        let batches = batches(wanted.collect(), service.batch(), |(_, key)| key.region);
        let mut found: BTreeMap<usize, Answer<KeyView>> = BTreeMap::new();
        let look_up = |batch: &Vec<(usize, KeyRef<'_>)>| {
            answers_for(&*service, &batch.iter().map(|(_, key)| *key).collect::<Vec<_>>())
        };
        work::each(&batches, context.jobs(), look_up, |answers| {
            for (n, answers) in answers {
                let places = batches.get(n).into_iter().flatten().map(|(place, _)| *place);
                found.extend(places.zip(answers));
            }
            Ok::<_, Error>(())
        })?;
        for (n, key) in plan.keys().iter().enumerate() {
            self.of_key(key, found.remove(&n));
        }
        self.clocks = service.clocks();
        Ok(())
    }

    /// A key of the plan, and what the service says about it.
    fn of_key(&mut self, key: &PlanKey, found: Option<Answer<KeyView>>) {
        let (alias, region) = (key.alias.as_str(), &key.region);
        if let Err(error) = key.key_id() {
            return self.report(alias, error.into());
        }
        self.regions.insert(region.clone());
        match found {
            Some(Ok(found)) => {
                let judged = check_as_planned(key, &found);
                self.keys.push((region.clone(), found));
                judged.unwrap_or_else(|error| self.report(alias, error.into()));
            }
            Some(Err(error)) => self.report(alias, error.into()),
            None => {}
        }
    }

    fn one(&mut self, service: &dyn Service, key: KeyRef<'_>) {
        self.regions.insert(key.region.clone());
        match answer_for(service, key) {
            Ok(found) => self.keys.push((key.region.clone(), found)),
            Err(error) => self.report(key.id.as_str(), error.into()),
        }
    }

    /// If one region does not answer, the others are still shown.
    fn of_regions(&mut self, regions: Vec<Region>) -> Result<(), Error> {
        let service = usual(self.context)?;
        for region in regions {
            match service.list(&region, None) {
                Ok(found) => self.keys.extend(found.into_iter().map(|k| (region.clone(), k))),
                Err(error) => self.report(region.as_str(), error.into()),
            }
            self.regions.insert(region);
        }
        self.clocks = service.clocks();
        Ok(())
    }

    /// Reports everything that a monitor warns about.
    fn judge(&mut self, args: &Status, now: Timestamp) {
        for (_, found) in &self.keys {
            if let Err(error) = check_kept(found) {
                self.failures.report(self.context.console(), &alias(found), error.into());
            }
        }
        if let Some(Days(days)) = args.warn_within {
            warn(self.context, &self.keys, i64::from(days) * 86_400, now, &mut self.failures);
        }
        let (found, regions) = (self.keys.len(), self.regions.len());
        let wanted = args.expect_at_least.unwrap_or(usize::from(args.warn_within.is_some()));
        if found < wanted {
            self.report("status", HealthError::TooFew { found, wanted, regions }.into());
        } else if found == 0 && self.failures.len() == 0 {
            self.context.console().say(&bi!(
                "  no external key was found in {regions} regions of this account",
                "  在该账号的 {regions} 个地域中未找到外部密钥"
            ));
        }
        if let Some(ahead) =
            self.clocks.map(Clocks::service_ahead).filter(|s| s.unsigned_abs() > AccessError::CLOCK)
        {
            self.context.console().say(&bi!(
                "  note: the service's clock differs from this computer's by {ahead:+} s; the days left are counted by this computer's",
                "  注意：服务端时钟与本机相差 {ahead:+} 秒；剩余天数按本机时钟计算"
            ));
        }
    }
}

/// Shortens the list of regions. It comes from the service, and a long one must not keep this station busy
/// for hours.
fn cap_regions(console: &Console, regions: &mut Vec<Region>) {
    let named = regions.len();
    if named > MAX_REGIONS {
        regions.truncate(MAX_REGIONS);
        console.say(&bi!(
            "  note: the service named {named} regions; the first {MAX_REGIONS} are asked, the others are not shown",
            "  注意：服务端列出了 {named} 个地域；只查询前 {MAX_REGIONS} 个，其余不显示"
        ));
    }
}

/// The keys that a monitor warns about: those that expire within the given time, or have expired and lost
/// their material.
fn warn(context: &Context, keys: &[(Region, KeyView)], within: i64, now: Timestamp, failures: &mut Failures) {
    for (_, found) in keys {
        let at = expires(found).filter(|s| *s > 0).and_then(|s| i64::try_from(s).ok());
        let at = at.and_then(|s| Timestamp::from_unix(s).ok()).filter(|at| now.seconds_until(*at) <= within);
        if let Some(at) = at {
            failures.report(context.console(), &alias(found), KeyError::ExpiresSoon { at }.into());
        }
    }
}

fn header(context: &Context) -> Row {
    let names = [
        bi!("ALIAS", "别名"),
        bi!("REGION", "地域"),
        bi!("KEY ID", "密钥 ID"),
        bi!("STATE", "状态"),
        bi!("ORIGIN", "来源"),
        bi!("EDITION", "版本"),
        bi!("EXPIRES", "过期时间"),
        bi!("DAYS LEFT", "剩余天数"),
    ];
    names.map(|n| n.get(context.console().lang()).to_owned())
}

/// Makes one line of whatever the service answers, because a value must not be able to start a new row.
fn row(context: &Context, region: &Region, found: &KeyView, now: Timestamp) -> Row {
    let cells = [
        alias(found),
        region.to_string(),
        found.key_id.to_string(),
        found.state.to_string(),
        origin(found).to_owned(),
        found.kind.map_or("?", |kind| kind.name).to_owned(),
        expires(found).map_or_else(|| "-".to_owned(), |at| expiry_shown(at, context)),
        days_left(found, now).map_or_else(|| "-".to_owned(), |d| d.to_string()),
    ];
    cells.map(|cell| printable::line(&cell))
}

/// Formats an expiry for people.
fn expiry_shown(seconds: u64, context: &Context) -> String {
    if seconds == 0 {
        bi!("never", "永不过期").get(context.console().lang()).to_owned()
    } else {
        expiry_text(seconds)
    }
}

fn as_json(region: &Region, found: &KeyView, now: Timestamp) -> Value {
    json!({
        "alias": alias(found),
        "region": region,
        "key_id": found.key_id,
        "state": found.state.as_str(),
        "origin": origin(found),
        "edition": found.kind.ok().map(|kind| kind.name),
        "bits": found.kind.ok().map(|kind| kind.material.length.bits()),
        "valid_to": expires(found).map(expiry_text),
        "days_left": days_left(found, now),
    })
}

/// The service's text, without characters that could move the cursor or make the text look different from
/// what it is.
fn alias(found: &KeyView) -> String {
    found.alias.chars().map(|c| if is_deceptive(c) { '?' } else { c }).take(60).collect()
}

fn origin(found: &KeyView) -> &'static str {
    found.origin.word().unwrap_or("-")
}

/// Only imported material expires.
fn expires(found: &KeyView) -> Option<u64> {
    found.origin.is_imported().then_some(found.valid_to)
}

/// Whole days until the material is deleted; `None` for never.
fn days_left(found: &KeyView, now: Timestamp) -> Option<i64> {
    let at = expires(found).filter(|s| *s > 0).and_then(|s| i64::try_from(s).ok())?;
    Some(at.saturating_sub(now.unix()).max(0) / 86_400)
}
