//! The report of an export, for people and as JSON.

use keyferry_core::transcript::Tip;
use keyferry_core::{CeremonyPlan, Clock, Fingerprint, Lang, ParameterEntry, Session, Span, bi};
use keyferry_transport::printable;
use serde_json::{Value, json};

use super::COMMAND;
use super::outputs::Outputs;
use crate::command::{Failures, LISTED, show_record};
use crate::context::Context;

/// Everything that the report at the end of an export needs.
pub(super) struct Report<'c> {
    pub(super) context: &'c Context,
    pub(super) plan: &'c CeremonyPlan,
    pub(super) outputs: &'c Outputs,
    pub(super) failures: Failures,
    pub(super) resumed: bool,
}

impl Report<'_> {
    /// No key succeeded, so there is no output.
    pub(super) fn nothing(&self) {
        let console = self.context.console();
        console.say(&bi!("  no key was exported; no file was written", "  没有导出任何密钥；未写入任何文件"));
        if console.json() {
            let (purpose, ceremony) = (self.plan.purpose(), self.plan.ceremony());
            self.failures.result(
                console,
                json!({
                    "command": COMMAND, "purpose": purpose, "ceremony": ceremony, "keys": [],
                    "plan_sha256": self.plan.digest(),
                }),
            );
        }
    }

    /// Reports that the outputs exist.
    pub(super) fn done(&self, session: &Session, tip: &Tip) {
        let console = self.context.console();
        console.row(&bi!("endpoint", "接入地址"), &session.endpoint);
        let keys = &session.parameters.keys;
        let listed = if console.is_verbose() { keys.len() } else { LISTED };
        for entry in keys.iter().take(listed) {
            self.key(entry);
        }
        if keys.len() > listed {
            let more = keys.len() - listed;
            console.say(&bi!("  … and {more} more keys", "  …… 以及另外 {more} 个密钥"));
        }
        let path = self.outputs.parameters.display();
        console.row(&bi!("wrote", "已写出"), &path.to_string());
        console.digest(&bi!("digest", "摘要"), &session.parameters_sha256, &self.plan.word_languages());
        show_record(console, &self.outputs.transcript, tip);
        console.digest(&bi!("head", "链尾摘要"), &tip.head(), &self.plan.word_languages());
        self.next();
        if console.json() {
            self.failures.result(console, self.json(session, &tip.head()));
        } else {
            console.result_line(&printable::line(&path.to_string()));
        }
    }

    fn key(&self, e: &ParameterEntry) {
        let console = self.context.console();
        console.row(&bi!("key", "密钥"), &format!("{}  {}  {}", e.alias, e.region, e.key_id));
        let (bits, edition, algorithm) = (e.kind.material.length, e.kind.name, e.algorithm);
        let text = match e.expires_at {
            None => bi!("{bits} ({edition})  {algorithm}", "{bits:#}（{edition}）  {algorithm}"),
            Some(until) => {
                let left = self.context.clock().now().span_until(until).seconds();
                let left = Span::from_seconds(left);
                bi!(
                    "{bits} ({edition})  {algorithm}  valid until {until}, {left} left",
                    "{bits:#}（{edition}）  {algorithm}  有效期至 {until}，还剩 {left:#}"
                )
            }
        };
        console.row(&bi!("", ""), text.get(console.lang()));
        let fingerprint = Fingerprint::of(e.public_key.as_bytes());
        console.hex(&bi!("wrapping key", "包装密钥"), &fingerprint);
    }

    fn next(&self) {
        let folder = self.outputs.parameters.parent().unwrap_or(&self.outputs.parameters).display();
        let session = self.outputs.session.display();
        self.context.console().say(&bi!(
            "  next: carry {folder} to the offline station and compare the digest and the head there; {session} stays here. \
             Do not fetch parameters for these keys again until the import: another fetch would make these invalid.",
            "  下一步：将 {folder} 带到离线工作站，并在那里核对摘要与链尾摘要；{session} 留在本工作站。\
             导入之前，任何人都不要再为这些密钥获取参数：最后一次获取会使本次失效。"
        ));
    }

    fn json(&self, session: &Session, head: &Fingerprint) -> Value {
        let digest = &session.parameters_sha256;
        json!({
            "command": COMMAND,
            "purpose": self.plan.purpose(),
            "ceremony": self.plan.ceremony(),
            "plan_sha256": self.plan.digest(),
            "endpoint": session.endpoint,
            "proxy": self.context.proxy(),
            "parameters": self.outputs.parameters,
            "parameters_sha256": digest,
            "words": {"en": digest.words(Lang::En), "zh": digest.words(Lang::Zh)},
            "session": self.outputs.session,
            "transcript": self.outputs.transcript,
            "transcript_head": head,
            "transcript_head_words": {"en": head.words(Lang::En), "zh": head.words(Lang::Zh)},
            "resumed": self.resumed,
            "keys": session.parameters.keys.iter().map(|e| self.key_json(e)).collect::<Vec<_>>(),
        })
    }

    fn key_json(&self, e: &ParameterEntry) -> Value {
        json!({
            "alias": e.alias,
            "region": e.region,
            "key_id": e.key_id,
            "edition": e.kind.name,
            "bits": e.kind.material.length.bits(),
            "algorithm": e.algorithm,
            "wrapping_key_sha256": Fingerprint::of(e.public_key.as_bytes()),
            "expires_at": e.expires_at,
            "seconds_left": e.expires_at.map(|until| self.context.clock().now().seconds_until(until)),
        })
    }
}
