//! The report's section about the keys' later life: what was done to each, when, and who agreed, according to
//! `life.jsonl`.

use crate::record::Record;
use keyferry_core::transcript::{Actor, Line};
use keyferry_core::{Bilingual, Event, EventKind, Story, bi};

use super::attached::Long;
use super::cell::Cell;
use super::document::Document;

/// Adds nothing if nothing was done.
pub(super) fn section(document: &mut Document<'_>, record: &Record) {
    let Some(life) = &record.life else { return };
    document.heading(&bi!("The keys after the ceremony", "仪式之后的密钥"));
    document.text(&bi!(
        "According to life.jsonl, which nobody signs: compare its head with the paper, and each request with the provider's audit log.",
        "取自无人签名的 life.jsonl：请将其链尾摘要与纸上内容核对，并将每个请求与服务商的审计日志核对。"
    ));
    let (story, lang) = (Story::of(life), document.lang);
    let runs = story.runs().iter().map(|run| {
        let after = story.lines_after(run.seq).iter();
        let own: Vec<&Line> = after.take_while(|line| line.event.kind() != EventKind::Begun).collect();
        let agreed = own.iter().filter(|line| matches!(line.event, Event::Agreed { .. }));
        let agreed: Vec<String> = agreed.filter_map(|line| line.act.by).map(|by| name(record, by)).collect();
        let alias = own.iter().find_map(|line| line.event.alias());
        let (end, good) = own
            .iter()
            .find_map(|line| end(&line.event))
            .unwrap_or_else(|| (bi!("interrupted: see the service's log", "被中断：请查服务端日志"), false));
        vec![
            Cell::plain(run.time),
            Cell::plain(run.command),
            Cell::plain(alias.map_or_else(|| "–".to_owned(), ToString::to_string)),
            Cell::plain(if agreed.is_empty() {
                "–".to_owned()
            } else {
                Bilingual::list(agreed).get(lang).to_owned()
            }),
            Cell::verdict(end.get(lang), good),
        ]
    });
    let heads = [
        bi!("time", "时间"),
        bi!("command", "命令"),
        bi!("alias", "别名"),
        bi!("agreed", "同意者"),
        bi!("result", "结果"),
    ];
    document.list(Long::Life, &heads, runs);
}

/// How it ended, and whether the key was changed.
fn end(event: &Event) -> Option<(Bilingual, bool)> {
    match event {
        Event::KeyChanged { state, deletion_date: Some(date), request_id, .. } => Some((
            bi!(
                "{state}, to be deleted at {date}; request {request_id}",
                "{state}，将于 {date} 删除；请求 {request_id}"
            ),
            true,
        )),
        Event::KeyChanged { state, request_id, .. } => {
            Some((bi!("{state}; request {request_id}", "{state}；请求 {request_id}"), true))
        }
        Event::KeyFailed { control, .. } => Some((bi!("refused by {control}", "被 {control} 拒绝"), false)),
        _ => None,
    }
}

/// The name as in the plan, with the role.
fn name(record: &Record, by: Actor) -> String {
    let people = record.plan.participants().iter().filter(|person| person.role == by.role);
    let person =
        people.skip(usize::from(by.number).saturating_sub(1)).map(|person| person.name.to_string()).next();
    person.map_or_else(|| by.to_string(), |name| format!("{name} ({by})"))
}
