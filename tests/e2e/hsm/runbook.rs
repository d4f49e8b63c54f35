//! The runbook's procedure for an HSM, box by box: its own boxes in place of the offline station's, and all others
//! unchanged.

use std::process::Stdio;

use super::*;
use crate::runbook::{ROOT, fenced};

/// The boxes in the order of the table in the runbook's section: a heading of the page, and the number of the box
/// below it.
const ORDER: &[(&str, std::ops::Range<usize>)] = &[
    ("## Step 1 ", 0..1),
    ("## Step 2 ", 0..1),
    ("### H1 ", 0..1),
    ("### H2 ", 0..1),
    ("## Step 3 ", 1..2),
    ("## Step 4 ", 0..1),
    ("### H3 ", 0..1),
    ("### H4 ", 0..1),
    ("## Step 9 ", 0..1),
    ("## Step 10 ", 0..2),
    ("## Step 11 ", 0..2),
    ("## Step 12 ", 0..1),
];

/// What people type in a box: first the consent, then the PIN.
fn typed(block: &str) -> String {
    match () {
        () if block.contains("keyferry-hsm wrap") => format!("Yes\n{PIN}\n"),
        () if block.contains("keyferry-hsm probe") => format!("{PIN}\n"),
        () => "Yes\n".repeat(8),
    }
}

fn run_box(maker: &Maker, dir: &Path, block: &str) -> Run {
    // As in one person's terminal: variables exported in one box are set in the next.
    let script = format!("set -euo pipefail\nif [ -f .env ]; then . ./.env; fi\n{block}\nexport -p > .env\n");
    fs::write(dir.join(".block"), script).unwrap();
    fs::write(dir.join(".typed"), typed(block)).unwrap();
    let mut bash = Command::new("bash");
    with_libraries(bash.arg(".block").current_dir(dir));
    bash.stdin(Stdio::from(fs::File::open(dir.join(".typed")).unwrap()));
    bash.env("PATH", format!("{}:{}", bin_dir().display(), std::env::var("PATH").unwrap()));
    bash.env("KEYFERRY_CHECKOUT", ROOT).env("LANG", "C.UTF-8").env("HOME", dir);
    bash.env_remove("KEYFERRY_ENDPOINT").env("MODULE", &maker.module).env("TOKEN", maker.token);
    bash.envs(maker.conf.iter().map(|(name, file)| (name, file)));
    let output = bash.output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn the_runbook_s_line_for_an_hsm_runs() {
    let (hsm, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(maker) = softhsm(hsm.path()) else { return };
    let boxes = [fenced("runbook.md", "```sh"), fenced("runbook.md", "```sh hsm")].concat();
    let mut done = 0;
    for (heading, which) in ORDER {
        let of_step: Vec<_> = boxes.iter().filter(|(found, _)| found.starts_with(heading)).collect();
        for (_, block) in &of_step[which.clone()] {
            let run = run_box(&maker, dir.path(), block);
            assert_eq!(run.code, Some(0), "{heading}: {block}\n{}{}", run.err, run.out);
            done += 1;
        }
    }
    assert_eq!(done, 14);
    // No box for an HSM may be left out.
    assert_eq!(boxes.iter().filter(|(heading, _)| heading.starts_with("### H")).count(), 4);
    let record = fs::read_to_string(dir.path().join("archive/transcript.jsonl")).unwrap();
    assert!(
        record.contains(r#""command":"hsm-wrap""#) && record.matches(r#""state":"Enabled""#).count() == 2
    );
}

#[test]
fn the_chinese_line_has_the_same_boxes() {
    let of = |file| fenced(file, "```sh hsm").into_iter().map(|(_, block)| block).collect::<Vec<_>>();
    assert_eq!(of("runbook.zh-CN.md"), of("runbook.md"));
    assert_eq!(of("runbook.md").len(), 4);
}
