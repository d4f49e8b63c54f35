//! `status`: where keys stand, as the service tells it. Changes nothing.

use keyferry_core::{Clock, KeyId, Region, Timestamp, bi};
use keyferry_kms_api::wire::{KeyMetadata, Origin};
use serde_json::{Value, json};

use super::{Failures, Finished};
use crate::args::Status;
use crate::confirm::expiry_text;
use crate::context::{Context, DEFAULT_ENDPOINT};
use crate::key::describe;

/// Columns of the table.
type Row = [String; 8];

/// Runs `status`.
///
/// # Errors
/// [`Error`](crate::Error) when nothing was asked.
pub fn run(context: &Context, args: &Status) -> Finished {
    let mut wanted: Vec<(String, Region, KeyId)> = Vec::new();
    let mut failures = Failures::default();
    let mut purpose = None;
    if let Some(path) = &args.plan {
        let (plan, _) = context.plan(path)?;
        context.banner(plan.purpose(), plan.ceremony(), &plan.digest());
        purpose = Some(plan.purpose());
        for key in plan.keys() {
            match key.key_id() {
                Ok(id) => wanted.push((key.alias.to_string(), key.region.clone(), id.clone())),
                Err(error) => failures.report(context.console(), key.alias.as_str(), error.into()),
            }
        }
    } else if let (Some(region), Some(id)) = (&args.region, &args.key_id) {
        wanted.push((id.to_string(), region.clone(), id.clone()));
    }
    let client = context.client(context.endpoint(DEFAULT_ENDPOINT, purpose)?)?;
    let (mut rows, mut keys) = (vec![header(context)], Vec::new());
    for (name, region, id) in &wanted {
        match describe(&client, region, id) {
            Ok(found) => {
                rows.push(row(region, &found, context.clock().now()));
                keys.push(as_json(region, &found, context.clock().now()));
            }
            Err(error) => failures.report(context.console(), name, error.into()),
        }
    }
    let console = context.console();
    if console.json() {
        failures.result(console, json!({"command": "status", "keys": keys}));
    } else if rows.len() > 1 {
        table(&rows).iter().for_each(|line| console.result_line(line));
    }
    Ok(failures.class())
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

fn row(region: &Region, found: &KeyMetadata, now: Timestamp) -> Row {
    [
        alias(found),
        region.to_string(),
        found.key_id.clone(),
        found.key_state.to_string(),
        origin(found).to_owned(),
        found.edition().map_or_else(|| "?".to_owned(), |e| e.to_string()),
        expires(found).map_or_else(|| "-".to_owned(), expiry_text),
        days_left(found, now).map_or_else(|| "-".to_owned(), |d| d.to_string()),
    ]
}

fn as_json(region: &Region, found: &KeyMetadata, now: Timestamp) -> Value {
    json!({
        "alias": alias(found),
        "region": region,
        "key_id": found.key_id,
        "state": found.key_state.as_str(),
        "origin": origin(found),
        "edition": found.edition(),
        "bits": found.edition().map(keyferry_core::Edition::material),
        "valid_to": expires(found).map(expiry_text),
        "days_left": days_left(found, now),
    })
}

/// The service's text, without anything that could move a cursor.
fn alias(found: &KeyMetadata) -> String {
    found.alias.chars().map(|c| if c.is_control() { '?' } else { c }).take(60).collect()
}

fn origin(found: &KeyMetadata) -> &'static str {
    found.origin.map_or("-", Origin::as_str)
}

/// Only imported material expires.
fn expires(found: &KeyMetadata) -> Option<u64> {
    (found.origin == Some(Origin::External)).then_some(found.valid_to.unwrap_or(0))
}

/// Whole days until the material is deleted; `None` for never.
fn days_left(found: &KeyMetadata, now: Timestamp) -> Option<i64> {
    let at = expires(found).filter(|s| *s > 0).and_then(|s| i64::try_from(s).ok())?;
    Some(at.saturating_sub(now.unix()).max(0) / 86_400)
}

/// Pads each column to its widest cell; a Chinese character is two columns wide.
fn table(rows: &[Row]) -> Vec<String> {
    let width = |s: &str| s.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let widest = |n: usize| rows.iter().filter_map(|r| r.get(n)).map(|c| width(c)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..8).map(widest).collect();
    let line = |row: &Row| {
        let cells = row.iter().zip(&widths).map(|(c, w)| format!("{c}{:pad$}", "", pad = w - width(c)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
