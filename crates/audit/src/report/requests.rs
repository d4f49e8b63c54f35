//! The report's list of requests to compare with the provider's audit log.
//!
//! A request that fetched parameters or sent material outside this ceremony is in that log but in no record.

use std::collections::BTreeMap;

use crate::record::Record;
use keyferry_core::plan::PlanKey;
use keyferry_core::provider::AuditLog;
use keyferry_core::transcript::Line;
use keyferry_core::{Alias, Event, KeyId, Region, Timestamp, bi};
use serde_json::{Value, json};

use super::attached::Long;
use super::cell::Cell;
use super::document::Document;

/// A request that succeeded according to the record.
struct Request<'r> {
    line: u64,
    time: Timestamp,
    action: &'static str,
    alias: &'r Alias,
    /// `None` if neither the line nor the plan names it.
    region: Option<&'r Region>,
    key_id: &'r KeyId,
    id: &'r str,
}

/// All requests, key by key in the plan's order; those for keys that are not in the plan come last.
fn requests(record: &Record) -> impl Iterator<Item = Request<'_>> {
    let keys = record.plan.keys();
    let places: BTreeMap<&Alias, usize> =
        keys.iter().enumerate().map(|(place, key)| (&key.alias, place)).collect();
    let place = |alias| places.get(alias).copied().unwrap_or(usize::MAX);
    let all = record.chain.lines().iter().filter_map(|line| Some((place(of(line, None)?.alias), line)));
    // The lines are sorted, not the rows, because the rows of a large ceremony would take more memory than
    // its lines.
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().filter_map(move |(place, line)| of(line, keys.get(place)))
}

fn of<'r>(line: &'r Line, planned: Option<&'r PlanKey>) -> Option<Request<'r>> {
    let (alias, fetched_in, key_id, id) = match &line.event {
        Event::ParametersFetched { alias, region, key_id, request_id, .. } => {
            (alias, Some(region), key_id, request_id)
        }
        Event::Imported { alias, key_id, request_id } => (alias, None, key_id, request_id),
        _ => return None,
    };
    let log = planned.map(|key| &key.provider.facts().audit_log);
    let action = log.map_or("–", |log| if fetched_in.is_some() { log.fetch } else { log.import });
    let region = fetched_in.or(planned.map(|key| &key.region));
    Some(Request { line: line.seq + 1, time: line.time, action, alias, region, key_id, id })
}

/// The logs of the plan's providers, each once.
fn logs(record: &Record) -> Vec<&'static AuditLog> {
    let mut logs: Vec<&'static AuditLog> = Vec::new();
    for log in record.plan.keys().iter().map(|key| &key.provider.facts().audit_log) {
        if !logs.iter().any(|known| known.name == log.name) {
            logs.push(log);
        }
    }
    logs
}

/// The whole section.
pub(super) fn section(document: &mut Document<'_>, record: &Record) {
    document
        .heading(&bi!("Requests to compare with the provider's audit log", "与云服务商审计日志核对的请求"));
    let logs = logs(record);
    let all = |say: fn(&AuditLog) -> String, between: &str| {
        logs.iter().map(|log| say(log)).collect::<Vec<_>>().join(between)
    };
    let (names, names_zh) = (all(|log| log.name.into(), "; "), all(|log| log.name_zh.into(), "；"));
    let called = all(|log| format!("{} or {}", log.fetch, log.import), " or ");
    let called_zh = all(|log| format!("{} 或 {}", log.fetch, log.import), " 或 ");
    document.text(&bi!(
        "Export the provider's audit log ({names}) for these keys, from the first fetch to today, with an account that no \
         station used. Compare in both directions, by request id. A successful {called} that is in the log but not in this list is an alarm, and so is the reverse. One other cause is possible: after a lost answer or a killed command, the log also has the request whose answer never arrived. Such a request is explained only if its time matches an interruption on the exception sheet.",
        "请用任何工作站都未使用过的账号，导出云服务商对这些密钥的审计日志（{names_zh}），范围从首次获取参数到今天，并按请求 ID \
         双向核对。日志中有而本表中没有的成功的 {called_zh} 请求即为警报，反之亦然。另一种可能的原因：应答丢失或\
         命令被终止后，日志中还会有应答未曾到达的那次请求；只有异常表上时间相符的中断记录才能解释这样的请求。"
    ));
    let mut rows = requests(record).peekable();
    if rows.peek().is_none() {
        document.text(&bi!("The record contains no requests of this kind.", "记录中没有这样的请求。"));
        return;
    }
    let rows = rows.map(|request| {
        vec![
            Cell::plain(request.alias),
            Cell::plain(request.region.map_or_else(|| "–".to_owned(), ToString::to_string)),
            Cell::mono(request.key_id),
            Cell::mono(request.action),
            Cell::plain(request.time),
            Cell::mono(request.id),
            Cell::plain(request.line),
        ]
    });
    let heads = [
        bi!("alias", "别名"),
        bi!("region", "地域"),
        bi!("key id", "密钥 ID"),
        bi!("action", "接口"),
        bi!("time (station's clock, UTC)", "时间（工作站时钟，UTC）"),
        bi!("request id", "请求 ID"),
        bi!("line", "行"),
    ];
    document.list(Long::Requests, &heads, rows);
}

/// The same list for scripts.
pub(super) fn json(record: &Record) -> impl Iterator<Item = Value> {
    let one = |r: Request<'_>| {
        json!({
            "alias": r.alias, "region": r.region, "key_id": r.key_id, "action": r.action, "time": r.time,
            "request_id": r.id, "line": r.line,
        })
    };
    requests(record).map(one)
}
