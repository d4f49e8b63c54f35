//! How to check a record without keyferry: with `sha256sum`, `bash`, `ssh-keygen`, `openssl`, `python3` and this record's own
//! digests.
//!
//! No name of a person or key appears in a command line: only digests, identities that keyferry itself made, and
//! base64.

use crate::record::{Audit, NAMESPACE, Record, SIGNATURES, allowed_signers};
use keyferry_core::bi;

use super::document::Document;

const CHAIN: &str = r#"prev=$(printf '0%.0s' {1..64})
while IFS= read -r line; do
    [[ $line == *\"prev\":\"$prev\",* ]] || { echo "broken: $line"; break; }
    prev=$(printf %s "$line" | sha256sum | cut -d' ' -f1)
done < transcript.jsonl"#;

const OPENSSL: &str = r#"sed -n 's/^ *"public_key": "\(.*\)",$/\1/p' parameters.json | while read -r key; do
    openssl enc -d -base64 -A <<<"$key" | openssl pkey -pubin -inform DER -noout -text | grep -E 'Public-Key|Exponent'
    openssl enc -d -base64 -A <<<"$key" | sha256sum
done"#;

const BINDING: &str = r#"python3 - ciphertext.json <<'EOF'
import base64, calendar, hashlib, json, sys, time
c = json.load(open(sys.argv[1]))
new = c["format"].endswith("/2")
for k in c["keys"]:
    kcv, committed = k["kcv"] or {"method": "", "value": ""}, k["commitment"]
    names = [k["alias"], k["provider"], k["region"], k["key_id"], k["algorithm"]] if new else \
            [k["alias"], k["region"], k["key_id"], k["algorithm"]]
    fields = [b"keyferry/ciphertext-binding/" + c["format"][-1:].encode(), bytes.fromhex(c["parameters_sha256"])]
    if new:
        made = calendar.timegm(time.strptime(c["wrapped_at"], "%Y-%m-%dT%H:%M:%SZ"))
        fields += [c["purpose"].encode(), c["source"].encode(), bytes([c["seeded"]]), made.to_bytes(8, "big")]
        committed = committed["value"] if committed else ""
    fields += [n.encode() for n in names] + [bytes.fromhex(k["wrapping_key_sha256"])]
    fields += [k["material"]["kind"].encode(), k["material"]["bytes"].to_bytes(8, "big")] if new else \
              [k["bits"].to_bytes(2, "big")]
    fields += [base64.b64decode(k["wrapped_material"]), kcv["method"].encode(), kcv["value"].encode(),
               committed.encode()]
    h = hashlib.sha256(b"".join(len(f).to_bytes(8, "big") + f for f in fields)).hexdigest()
    print(k["alias"], "binds" if h == k["binding"] else "DOES NOT BIND")
EOF"#;

/// Writes the section; checks of files that the record does not have are left out.
pub(super) fn section(document: &mut Document<'_>, record: &Record, audit: &Audit) {
    document.heading(&bi!("How to check this without keyferry", "不使用 keyferry 的检查方法"));
    document.text(&bi!(
        "On any computer with bash and the common tools, go to the record's folder. First check the files against the digests in this report:",
        "在任何装有 bash 和常用工具的计算机上，于记录的文件夹中进行。首先用本报告的摘要检查各文件："
    ));
    document.code(sums(record));
    document.text(&bi!(
        "The digests are in the transcript: the plan's digest is in “begun”, and the digests of the files that crossed are \
         in “exported”, “checked” and “confirmed”. Then check the hash chain, which ends in this head:",
        "这些摘要写在记录中：“begun” 行中是计划的摘要，“exported”、“checked”、“confirmed” 行中是所传递文件的摘要。然后是哈希链，其末端为以下链尾摘要："
    ));
    document.code(format!("{CHAIN}\n[[ $prev == {} ]] && echo the head agrees", record.chain.head()));
    signatures(document, record, audit);
    if record.parameters.is_some() {
        document.text(&bi!(
            "Show the wrapping keys as OpenSSL reads them, and their digests, which “parameters-fetched” and “wrapped” name:",
            "OpenSSL 读出的包装公钥及其摘要，即 “parameters-fetched” 与 “wrapped” 行所列："
        ));
        document.code(OPENSSL);
    }
    if record.ciphertext.is_some() {
        document.text(&bi!(
            "Check that each entry of the ciphertext belongs to its key and to these parameters:",
            "密文的每一项都属于其密钥和这些参数："
        ));
        document.code(BINDING);
    }
}

fn sums(record: &Record) -> String {
    let mut lines = vec![format!("{}  plan.toml", record.plan.digest())];
    lines.extend(record.parameters.as_ref().map(|(_, digest)| format!("{digest}  parameters.json")));
    lines.extend(record.ciphertext.as_ref().map(|(_, digest)| format!("{digest}  ciphertext.json")));
    lines.extend(record.escrow.as_ref().map(|(_, digest)| format!("{digest}  escrow.json")));
    format!("sha256sum -c <<'EOF'\n{}\nEOF", lines.join("\n"))
}

fn signatures(document: &mut Document<'_>, record: &Record, audit: &Audit) {
    let signers = allowed_signers(&record.plan).unwrap_or_default();
    if signers.is_empty() {
        document.text(&bi!(
            "Nobody signed with a key: compare the head with the one on paper.",
            "没有人用密钥签名：请将链尾摘要与纸上的链尾摘要核对。"
        ));
        return;
    }
    document.text(&bi!(
        "Check the signatures over the whole transcript. The keys are the plan's “ssh_key”: compare them with the key that each person says is theirs.",
        "对整份记录的签名。公钥即计划中的 “ssh_key”：请与各人自己所述的公钥核对。"
    ));
    // Leaves out the comments, because they contain names.
    let signers: Vec<&str> = signers.lines().filter(|line| !line.starts_with('#')).collect();
    let mut lines = format!("signers=$(mktemp)\ncat > \"$signers\" <<'EOF'\n{}\nEOF\n", signers.join("\n"));
    for person in audit.people.iter().filter(|p| p.key.is_some()) {
        let id = &person.id;
        lines += &format!(
            "ssh-keygen -Y verify -n {NAMESPACE} -f \"$signers\" -I {id} -s {SIGNATURES}/{id}.sig < transcript.jsonl\n"
        );
    }
    document.code(lines.trim_end());
}
