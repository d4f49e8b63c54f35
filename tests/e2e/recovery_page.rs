//! Every command in a box of the recovery runbook runs exactly as printed, on the archive of a practice ceremony with shares.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::runbook::{ROOT, blocks};
use crate::support::kms::Kms;
use crate::support::shares::*;
use crate::support::*;
use keyferry_core::{CeremonyPlan, WrappingAlgorithm};

const REGION: &str = "ap-singapore";
const NONE: &str = "scheme = \"none\"\nreason = \"a test\"\n";
const SLIP39: &str = "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n";

/// Makes the archive of a ceremony with two keys, whose material the cloud then lost; their shares are in `shares`.
fn practice(folder: &Path, emulator: &EmulatorProcess) {
    let online = |line: &str| {
        let mut command = online(line.split(' '), &emulator.endpoint);
        run(command.env("XDG_STATE_HOME", folder.join("state")).current_dir(folder)).ok();
    };
    let people =
        (1..=3).map(|n| format!("[[participant]]\nname = \"Custodian {n}\"\nrole = \"custodian\"\n"));
    let keys = [("one", REGION, None), ("two", REGION, None)];
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &keys).replace(NONE, SLIP39);
    let plan = plan.replace("[backup]", &format!("{}[backup]", people.collect::<String>()));
    fs::write(folder.join("draft.toml"), plan).unwrap();
    fs::create_dir(folder.join("first")).unwrap();
    private_folder(&folder.join("shares"));
    online("create-key --plan draft.toml --out first/plan.toml --transcript first/transcript.jsonl");
    online("export --plan first/plan.toml --out first --session first.json");
    let wrap =
        "wrap --plan first/plan.toml --parameters first/parameters.json --out first --shares files=shares";
    run_typing(offline(wrap.split(' ')).current_dir(folder), &folder.join("shares"), "Yes\n", lines).ok();
    online("import --session first.json --ciphertext first/ciphertext.json");
    run(program("keyferry").args(["archive", "first", "archive"]).current_dir(folder)).ok();
    let plan = CeremonyPlan::parse(&fs::read(folder.join("first/plan.toml")).unwrap()).unwrap();
    for key in plan.keys() {
        let (alias, id) = (&key.alias, key.key_id().unwrap());
        online(&format!("delete-material --region {REGION} --key-id {id} --yes-alias {alias}"));
        assert_eq!(Kms::new(&emulator.endpoint, REGION).state(id.as_str()), "PendingImport");
    }
}

#[test]
fn the_recovery_runbook_runs() {
    let (dir, emulator) = (tempfile::tempdir().unwrap(), EmulatorProcess::start(&["--wrapping-keys", "4"]));
    practice(dir.path(), &emulator);
    let shares = lines(&shares_in(&dir.path().join("shares"))[1..]);
    let blocks = blocks("recovery.md");
    assert!(blocks.len() >= 8, "{} blocks", blocks.len());
    for (n, block) in blocks.iter().enumerate() {
        let typed = if block.contains("rewrap") { format!("Yes\n{shares}") } else { "Yes\n".repeat(8) };
        let input = dir.path().join(".typed");
        fs::write(&input, typed).unwrap();
        fs::write(dir.path().join(".block"), format!("set -euo pipefail\n{block}")).unwrap();
        let path = format!("{}:{}", bin_dir().display(), std::env::var("PATH").unwrap());
        let done = Command::new("bash")
            .arg(".block")
            .current_dir(dir.path())
            .stdin(Stdio::from(fs::File::open(&input).unwrap()))
            .env("PATH", path)
            .env("LANG", "C.UTF-8")
            .env("XDG_STATE_HOME", dir.path().join("state"))
            .env("KEYFERRY_ENDPOINT", &emulator.endpoint)
            .env("TENCENTCLOUD_SECRET_ID", SECRET_ID)
            .env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "block {}: {block}\n{said}", n + 1);
    }
    // The result that the page promises: the keys hold the first material again, and both records say so.
    let plan = CeremonyPlan::parse(&fs::read(dir.path().join("archive/plan.toml")).unwrap()).unwrap();
    for key in plan.keys() {
        let state = Kms::new(&emulator.endpoint, REGION).state(key.key_id().unwrap().as_str());
        assert_eq!(state, "Enabled", "{}", key.alias);
    }
    let life = fs::read_to_string(dir.path().join("archive/life.jsonl")).unwrap();
    assert_eq!(life.matches("\"kind\":\"key-changed\"").count(), 2);
}

#[test]
fn the_chinese_recovery_runbook_has_the_same_commands() {
    assert_eq!(blocks("recovery.zh-CN.md"), blocks("recovery.md"));
    // Every section that is referred to exists, in both languages.
    for file in ["recovery.md", "recovery.zh-CN.md"] {
        let text = fs::read_to_string(Path::new(ROOT).join("ceremony/operate").join(file)).unwrap();
        let sections = [
            "R1 ·", "R1.1 ·", "R1.2 ·", "R1.3 ·", "R1.4 ·", "R1.5 ·", "R1.6 ·", "R2 ·", "R3 ·", "R4 ·",
            "R5 ·",
        ];
        for section in sections {
            let heads = text.lines().filter(|l| l.trim_start_matches('#').trim_start().starts_with(section));
            assert_eq!(heads.count(), 1, "{file}: {section}");
        }
    }
}
