//! The result of a wrap, for people and as JSON.

use keyferry_core::{Bilingual, Lang, bi};
use keyferry_transport::Console;
use keyferry_transport::show::subject::Kind;
use serde_json::json;

use super::phase::{BackedUp, Published};
use crate::listed;

/// Shows the content of the ciphertext and its words before the file appears, so that there is never a file whose words
/// were not shown.
pub(super) fn show(published: &Published<'_>) {
    let (ciphertext, job) = (&published.ciphertext, published.job);
    let console = &job.context.console;
    if ciphertext.seeded {
        console.say(&bi!(
            "  SEEDED REHEARSAL MATERIAL: anyone can recompute it; production refuses it.",
            "  种子生成的演练材料：任何人都可重算；正式仪式会拒绝。"
        ));
    }
    listed::keys(&ciphertext.keys, console, |entry| {
        let (alias, length) = (&entry.alias, entry.material.length);
        let kcv = entry.kcv.map_or_else(String::new, |kcv| format!("  KCV {kcv}"));
        let text = bi!("{alias}  {length}{kcv}", "{alias}  {length:#}{kcv}");
        console.row(&bi!("material", "密钥材料"), text.get(console.lang()));
    });
    console.digest(&bi!("digest", "摘要"), &published.digest, &job.inputs.plan.word_languages());
}

/// Shows the last set of shares in the record, if any.
fn backup(made: &BackedUp) -> serde_json::Value {
    json!({
        "set": made.set, "threshold": made.threshold, "shares": made.shares, "confirmed": made.confirmed,
        "kcv": made.kcv, "commitment": made.commitment, "escrow_sha256": made.escrow,
    })
}

/// Lists the files on the medium, so that nobody leaves one behind, especially the escrow: without it, the shares are
/// useless.
fn carry(names: &[&str], console: &Console) {
    let (n, Bilingual { en, zh }) = (names.len(), Bilingual::list(names));
    let text = bi!("contains {n} files: {en}", "共有 {n} 个文件：{zh}");
    console.row(&bi!("medium", "介质"), text.get(console.lang()));
    console.say(&bi!(
        "  Carry all of them to the online station, where the words are compared again.",
        "  请将它们全部带到在线工作站；届时将再次核对这些词语。"
    ));
    if names.contains(&Kind::Escrow.file_name()) {
        console.say(&bi!(
            "  escrow.json is the backup that the shares open: without it, they are useless.",
            "  escrow.json 是由分片打开的备份：没有它，分片无法打开任何内容。"
        ));
    }
}

/// Prints the result.
pub(super) fn print(published: &Published<'_>) {
    let Published { job, record, shares, ciphertext, digest, .. } = published;
    let (out, console) = (&job.out, &job.context.console);
    console.row(&bi!("wrote", "已写出"), &out.ciphertext.display().to_string());
    let carried = out.carried();
    carry(&carried, console);
    let (events, head) = (record.tip().lines(), record.tip().head());
    let text = bi!("{events} events, head {}", "{events} 个事件，链尾摘要 {}", head.grouped());
    console.row(&bi!("record", "记录"), text.get(console.lang()));
    if !console.json() {
        console.result_line(&out.ciphertext.display().to_string());
        return;
    }
    let keys: Vec<_> = ciphertext
        .keys
        .iter()
        .map(|k| {
            json!({
                "alias": k.alias, "key_id": k.key_id, "bits": k.material.length.bits(), "kcv": k.kcv,
                "commitment": k.commitment,
            })
        })
        .collect();
    let refused = job.inputs.parameters.refused().iter();
    let failures: Vec<_> =
        refused.map(|(alias, e)| json!({"alias": alias, "error": Console::error_json(e)})).collect();
    console.result(&json!({
        "file": out.ciphertext, "ciphertext_sha256": digest,
        "words": {"en": digest.words(Lang::En), "zh": digest.words(Lang::Zh)},
        "seeded": ciphertext.seeded, "backup": shares.as_ref().map(backup), "keys": keys, "failures": failures, "transcript_head": head,
        "carry": carried,
    }));
}
