//! The report of an import, for people and as JSON.

use std::collections::BTreeSet;

use keyferry_core::transcript::Tip;
use keyferry_core::{CheckedImport, Ciphertext, Clock, Lang, bi};
use keyferry_service::KeyState;
use keyferry_transport::printable;
use serde_json::{Value, json};

use super::keys::Proved;
use super::run::{COMMAND, Run, transcript};
use crate::command::{Finished, Rows, show_record};

impl Run<'_> {
    pub(super) fn show(&self, ciphertext: &Ciphertext) {
        let console = self.context.console();
        let mut rows = Rows::default();
        for key in ciphertext.keys.iter().filter(|_| rows.next(console)) {
            let (alias, id, bits) = (&key.alias, &key.key_id, key.material.length);
            let kcv = key.kcv.map_or_else(String::new, |kcv| format!("  KCV {kcv}"));
            let region = &key.region;
            let text = bi!("{alias}  {region}  {id}  {bits}{kcv}", "{alias}  {region}  {id}  {bits:#}{kcv}");
            console.row(&bi!("key", "密钥"), text.get(console.lang()));
        }
        rows.end(console);
        let (without, mut notes) = (self.without_ciphertext(ciphertext), Rows::default());
        let all = without.len();
        for alias in without.into_iter().filter(|_| notes.next(console)) {
            console.say(&bi!(
                "  note: key {alias} was exported but has no entry in this ciphertext; it is left unchanged",
                "  注意：密钥 {alias} 已导出，但该密文中没有它的条目；保持原状"
            ));
        }
        if notes.left_out(console) {
            console.say(&bi!("  note: {all} such keys in all", "  注意：此类密钥共 {all} 个"));
        }
        self.show_escrow();
        console.digest(&bi!("digest", "摘要"), &self.digest, &Lang::BOTH);
        self.show_found();
    }

    pub(super) fn without_ciphertext(&self, ciphertext: &Ciphertext) -> Vec<String> {
        let wrapped: BTreeSet<_> = ciphertext.keys.iter().map(|k| &k.key_id).collect();
        let missing = self.session.parameters.keys.iter().filter(|e| !wrapped.contains(&e.key_id));
        missing.map(|e| e.alias.to_string()).collect()
    }

    pub(super) fn succeeded(&mut self, import: &CheckedImport<'_>, state: KeyState) {
        let console = self.context.console();
        let (alias, region, id) =
            (&import.ciphertext.alias, &import.parameters.region, &import.ciphertext.key_id);
        let valid_to = import.valid_to;
        let text = bi!(
            "{alias}  {region}  {id}  {state}, expires {valid_to}, encrypts and decrypts",
            "{alias}  {region}  {id}  {state}，过期时间 {valid_to}，加解密验证通过"
        );
        if self.rows.next(console) {
            console.row(&bi!("proved", "已验证"), text.get(console.lang()));
        }
        if self.args.prove_backup && self.rows.next(console) {
            let text =
                bi!("{alias}  the backup matches what the KMS holds", "{alias}  备份与 KMS 中的材料一致");
            console.row(&bi!("backup", "备份"), text.get(console.lang()));
        }
        if !console.json() && self.results.next(console) {
            console.result_line(&printable::line(&format!("{alias} {region} {id} {state}")));
        }
    }

    /// The keys that were proved, for `--json`.
    pub(super) fn json(&self, live: &[CheckedImport<'_>], proved: &[Proved]) -> Vec<Value> {
        let wanted = if self.context.console().json() { proved } else { &[] };
        let of = |proved: &Proved| {
            let (import, state) = (live.get(proved.n)?, proved.state.as_str());
            let (entry, region) = (import.ciphertext, &import.parameters.region);
            Some(json!({
                "alias": entry.alias, "region": region, "key_id": entry.key_id, "state": state,
                "valid_to": import.valid_to, "round_trip": true, "kcv": entry.kcv,
                "request_id": proved.request_id, "backup_proved": self.args.prove_backup,
            }))
        };
        wanted.iter().filter_map(of).collect()
    }

    /// The time that is left of the parameters' 24 hours.
    pub(super) fn show_time(&self, live: &[CheckedImport<'_>]) {
        let Some(until) = live.iter().filter_map(|i| i.parameters.expires_at).min() else { return };
        let left = self.context.clock().now().span_until(until);
        let console = self.context.console();
        let text = bi!("{left} left of 24 h, until {until}", "24 小时中还剩 {left:#}，至 {until}");
        console.row(&bi!("time", "时间"), text.get(console.lang()));
    }

    pub(super) fn finish(&self, (done, keys): (usize, &[Value]), tip: Option<&Tip>) -> Finished {
        let (console, parameters) = (self.context.console(), &self.session.parameters);
        let record = transcript(self.args);
        if let Some(tip) = tip {
            show_record(console, &record, tip);
        }
        self.rows.end(console);
        if console.has_result_lines() {
            self.results.end_of_output(console);
        }
        let failed = self.failures.len();
        console.say(&bi!("  {done} proved, {failed} failed", "  {done} 个已验证，{failed} 个失败"));
        self.failures.summary(console);
        if console.json() {
            self.failures.result(
                console,
                json!({
                    "command": COMMAND, "purpose": parameters.purpose, "ceremony": parameters.ceremony,
                    "plan_sha256": parameters.plan_sha256, "ciphertext": self.args.ciphertext,
                    "ciphertext_sha256": self.digest, "parameters_sha256": self.session.parameters_sha256,
                    "words": {"en": self.digest.words(Lang::En), "zh": self.digest.words(Lang::Zh)},
                    "escrow_sha256": self.escrow, "proxy": self.context.proxy(), "transcript": tip.map(|_| &record), "transcript_head": tip.map(Tip::head), "keys": keys,
                }),
            );
        }
        Ok(self.failures.class())
    }
}
