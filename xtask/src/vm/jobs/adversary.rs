//! The adversary in production: files that an outsider can make, on a machine that passes every check. `tests/adversary` makes
//! the files.

use super::super::boot::{self, Done, Job, User};
use super::super::sticks::{Format, Stick};
use super::super::verdict::{self, Check, check};
use super::Bench;
use crate::run::Stop;

const SCRIPT: &str = include_str!("adversary.sh");

/// A production record with shares.
pub(super) const EARLIER: (&str, &str) = ("earlier.jsonl", include_str!("adversary/earlier.jsonl"));

/// The files for `/tmp/adversary`.
const FILES: [(&str, &str); 8] = [
    ("exported/transcript.jsonl", include_str!("adversary/exported/transcript.jsonl")),
    ("other-record/transcript.jsonl", include_str!("adversary/other-record/transcript.jsonl")),
    ("planted/ciphertext.json", include_str!("adversary/planted/ciphertext.json")),
    ("planted/transcript.jsonl", include_str!("adversary/planted/transcript.jsonl")),
    ("other-keys.json", include_str!("adversary/other-keys.json")),
    ("other-plan.toml", include_str!("adversary/other-plan.toml")),
    ("other-plan.json", include_str!("adversary/other-plan.json")),
    EARLIER,
];

/// The steps of the script that must be refused without making a file.
const REFUSED: [&str; 17] = [
    "asked",
    "wrong-digest",
    "other-keys",
    "other-keys-paper",
    "other-plan",
    "other-plan-paper",
    "planted",
    "planted-paper",
    "other-record",
    "other-record-digest",
    "other-record-paper",
    "rewrap",
    "rewrap-digest",
    "rewrap-paper",
    "drill",
    "drill-wrong-head",
    "drill-share",
];

pub(super) fn run(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let folder = boot::prepare("adversary")?;
    let sticks = vec![Stick::make(bench.kit, &folder, "EXT4", Format::Ext4)?];
    let files: String = FILES.iter().map(put).collect();
    let script = format!("{files}{SCRIPT}");
    let job = Job::new("adversary", script, User::Root, sticks);
    let done = boot::run(bench.kit, bench.program, job)?;
    let refused = |name: &str| check(format!("{name} is refused, and nothing is made"), refused(&done, name));
    let mut checks: Vec<Check> = REFUSED.into_iter().map(refused).collect();
    checks.push(check("the genuine files are wrapped by digest and head", genuine(&done)));
    Ok(checks)
}

/// The script lines that write a file. No file contains the end mark as a line.
pub(super) fn put((name, text): &(&str, &str)) -> String {
    put_at("/tmp/adversary", name, text)
}

/// Like [`put`], but into another folder.
pub(super) fn put_at(root: &str, name: &str, text: &str) -> String {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let end = "@end-of-file";
    format!(
        "mkdir -p {root}/{folder}\ncat >{root}/{name} <<'{end}'\n{}\n{end}\n",
        text.trim_end_matches('\n')
    )
}

/// The command is refused by a comparison, not by a check of the machine; the medium is unchanged, and no share was requested.
fn refused(done: &Done, name: &str) -> Result<(), String> {
    let step = verdict::ended(done, name, 1)?;
    verdict::contains(&step.err, "error [KF-")?;
    for never in ["[KF-POST-", "Share 1 of", "Your share"] {
        if step.err.contains(never) {
            return Err(format!("{name} says {never}: {}", step.err));
        }
    }
    let contents = |when: &str| verdict::ended(done, &format!("{when}-{name}"), 0).map(|step| &step.out);
    let (came, left) = (contents("came")?, contents("left")?);
    if came == left { Ok(()) } else { Err(format!("{name} found {came} and left {left}")) }
}

fn genuine(done: &Done) -> Result<(), String> {
    verdict::ended(done, "genuine", 0)?;
    verdict::contains(&verdict::ended(done, "left-genuine", 0)?.out, "ciphertext.json")
}
