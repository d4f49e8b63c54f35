//! Every bad input gets its control, its exit code, a hint, and no output file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;

use crate::support::*;
use keyferry_core::provider::tencent::SM;
use keyferry_core::*;

const ALG: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/core/tests/data");

/// Runs `encrypt` on these bytes and expects a refusal that leaves no file.
fn encrypt_refused(material: &[u8], key: &[u8], code: i32, control: Control) -> Run {
    let dir = tempfile::tempdir().unwrap();
    write_private(&dir.path().join("material"), material);
    fs::write(dir.path().join("key"), key).unwrap();
    let args = [
        "encrypt",
        "--public-key",
        "key",
        "--algorithm",
        ALG.as_str(),
        "--material",
        "material",
        "--out",
        "out",
    ];
    let run = run(offline(args).current_dir(dir.path()));
    run.refused(code, control);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing was left behind");
    run
}

#[test]
fn material_of_the_wrong_length_or_kind() {
    for length in [0, 1, 15, 17, 24, 31, 33, 44, 64, 4096] {
        encrypt_refused(&vec![0xa5; length], SPKI, 1, Control::MAT_LENGTH);
    }
    let hint = |bytes: &[u8], control| encrypt_refused(bytes, SPKI, 1, control).err;
    assert!(hint("a5".repeat(32).as_bytes(), Control::MAT_LENGTH).contains("hex"));
    assert!(hint(b"paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=", Control::MAT_LENGTH).contains("base64"));
    assert!(hint(&[&[0xa5; 32][..], b"\n"].concat(), Control::MAT_LENGTH).contains("line break"));
    assert!(hint(&[&[0xa5; 16][..], b"\n"].concat(), Control::MAT_LENGTH).contains("line break"));
    hint("a5".repeat(16).as_bytes(), Control::MAT_TEXT);
    hint(b"paWlpaWlpaWlpaU=", Control::MAT_TEXT);
    encrypt_refused(&vec![0xa5; 1_000_000], SPKI, 1, Control::FILE_SIZE);
}

#[test]
fn every_wrong_key_file_is_named() {
    let cases = [
        ("rsa1024.pem", Control::KEY_SIZE, "RSA-1024"),
        ("rsa3072.pem", Control::KEY_SIZE, "RSA-3072"),
        ("rsa2048-e3.pem", Control::KEY_EXPONENT, "65537"),
        ("p256.pem", Control::KEY_KIND, "EC"),
        ("sm2.pem", Control::KEY_KIND, "SM2"),
        ("rsa2048.cert.pem", Control::KEY_ENCODING, "certificate"),
        ("rsa2048.private.pem", Control::KEY_ENCODING, "private key"),
        ("rsa2048.pkcs1.der", Control::KEY_ENCODING, "PKCS#1"),
    ];
    for (file, control, word) in cases {
        let run = encrypt_refused(&[0xa5; 32], &fs::read(format!("{FIXTURES}/{file}")).unwrap(), 1, control);
        assert!(run.err.contains(word), "{file}: {}", run.err);
    }
    encrypt_refused(&[0xa5; 32], &[SPKI, b"\0"].concat(), 1, Control::KEY_TRAILING);
    encrypt_refused(&[0xa5; 32], &vec![b'['; 10_000_000], 1, Control::FILE_SIZE);
}

/// Runs `inspect` and `wrap` on edited parameters; both refuse, nothing appears on the medium.
fn parameters_refused(edit: impl Fn(&mut Parameters), control: Control) -> Run {
    let room = Room::new("rehearsal", ALG);
    room.write_parameters(edit);
    run(&mut room.inspect()).refused(1, control);
    let run = run(&mut room.wrap(&[]));
    run.refused(1, control);
    assert_eq!(room.medium(), ["parameters.json"]);
    run
}

#[test]
fn parameters_of_anything_else() {
    parameters_refused(|p| p.purpose = Purpose::Production, Control::PARAM_PURPOSE);
    parameters_refused(|p| p.ceremony = "other".parse().unwrap(), Control::PARAM_CEREMONY);
    parameters_refused(|p| p.plan_sha256 = Fingerprint::ZERO, Control::PARAM_PLAN);
    parameters_refused(|p| p.keys[0].alias = "other".parse().unwrap(), Control::PARAM_KEY);
    parameters_refused(
        |p| p.keys[0].key_id = "99999999-1e38-11e9-b129-5cb9019b4b01".parse().unwrap(),
        Control::PARAM_KEY,
    );
    parameters_refused(|p| p.keys[0].region = "ap-tokyo".parse().unwrap(), Control::PARAM_REGION);
    parameters_refused(|p| p.keys[0].algorithm = WrappingAlgorithm::RsaesOaepSha1, Control::PARAM_ALGORITHM);
    parameters_refused(|p| p.keys[0].kind = &SM, Control::PARAM_EDITION);
    parameters_refused(|p| p.keys[0].expires_at = Some(later(-4000)), Control::PARAM_EXPIRED);
    parameters_refused(|p| p.keys[0].expires_at = Some(later(600)), Control::PARAM_TIME_LEFT);
    parameters_refused(|p| p.fetched_at = later(4000), Control::PARAM_CLOCK);
    let e3 = fs::read_to_string(format!("{FIXTURES}/rsa2048-e3.pem")).unwrap();
    let e3: String = e3.lines().filter(|l| !l.starts_with('-')).collect();
    parameters_refused(|p| p.keys[0].public_key = Base64Bytes::decode(&e3).unwrap(), Control::KEY_EXPONENT);
    parameters_refused(
        |p| p.keys[0].public_key = Base64Bytes::from(&[SPKI, b"\0"].concat()[..]),
        Control::KEY_TRAILING,
    );
}

#[test]
fn files_that_are_no_parameters() {
    let room = Room::new("rehearsal", ALG);
    let path = room.path("medium/parameters.json");
    let good = fs::read_to_string(&path).unwrap();
    let cases = [
        (good.replacen("  \"ceremony\"", "  \"colour\": \"red\",\n  \"ceremony\"", 1), Control::ART_FIELDS),
        (good.replacen("parameters/2", "parameters/3", 1), Control::ART_FORMAT),
        (good.replacen("parameters/2", "ciphertext/2", 1), Control::ART_FORMAT),
        (good.replace("\n", "\r\n"), Control::ART_CANONICAL),
        (good.replacen(": ", ":", 1), Control::ART_CANONICAL),
        ("[".repeat(10_000_000), Control::ART_SYNTAX),
        (String::new(), Control::ART_SYNTAX),
        (good[..good.len() / 2].to_owned(), Control::ART_SYNTAX),
    ];
    for (text, control) in cases {
        fs::write(&path, text).unwrap();
        run(&mut room.wrap(&[])).refused(1, control);
    }
    fs::remove_file(&path).unwrap();
    run(&mut room.wrap(&[])).refused(3, Control::FILE_READ);
    fs::create_dir(&path).unwrap();
    run(&mut room.wrap(&[])).refused(3, Control::FILE_KIND);
    assert_eq!(room.medium(), ["parameters.json"]);
}

#[test]
fn a_changed_digest_and_a_missing_yes() {
    let room = Room::new("rehearsal", ALG);
    let zero = "0".repeat(64);
    run(&mut room.wrap(&["--expect-digest", &zero])).refused(1, Control::PARAM_DIGEST);
    for answer in ["", "yes\n", "Yes!\n", "no\n", " Yes\n"] {
        run_with(&mut room.wrap(&[]), answer).refused(1, Control::CONSENT);
    }
    run(&mut room.wrap(&["--expect-digest", "12ab"])).refused(2, Control::USAGE);
    assert_eq!(room.medium(), ["parameters.json"]);
    // The right digest, as the words of either language.
    let digest = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap());
    let words = digest.words(Lang::Zh).join(" ");
    run_with(&mut room.wrap(&["--expect-digest", &words]), "").ok();
}

#[test]
fn a_clock_that_is_wrong_is_put_right_by_a_person() {
    let room = Room::new("rehearsal", ALG);
    room.write_parameters(|p| (p.fetched_at, p.keys[0].expires_at) = (later(100_000), Some(later(180_000))));
    run(&mut room.wrap(&[])).refused(1, Control::PARAM_CLOCK);
    run(&mut room.wrap(&["--now", &later(101_000).to_string()])).ok();
    let record = fs::read_to_string(room.path("medium/transcript.jsonl")).unwrap();
    assert!(record.contains("\"kind\":\"time-given\""));
}

#[test]
fn outputs_that_exist_are_kept() {
    let room = Room::new("rehearsal", ALG);
    fs::write(room.path("medium/ciphertext.json"), "mine").unwrap();
    run(&mut room.wrap(&[])).refused(1, Control::FILE_EXISTS);
    assert_eq!(fs::read(room.path("medium/ciphertext.json")).unwrap(), b"mine");
    fs::remove_file(room.path("medium/ciphertext.json")).unwrap();
    run(&mut room.wrap(&[])).ok();
    let first = room.ciphertext();
    run(&mut room.wrap(&[])).refused(1, Control::FILE_EXISTS);
    assert_eq!(room.ciphertext(), first);
    // The same is true of `generate`.
    let key = room.path("key.bin");
    let args = ["generate", "--bits", "256", "--out"];
    run(offline(args).arg(&key)).ok();
    let material = fs::read(&key).unwrap();
    run(offline(args).arg(&key)).refused(1, Control::FILE_EXISTS);
    assert_eq!((fs::read(&key).unwrap(), material.len()), (material.clone(), 32));
}

/// Whether this test may mount a tiny file system in its own namespace.
fn can_mount() -> bool {
    let probe = ["--mount", "--", "mount", "-t", "tmpfs", "none", "/mnt"];
    std::process::Command::new("unshare").args(probe).output().is_ok_and(|o| o.status.success())
}

/// Runs `wrap` with the medium on a tmpfs mounted with `options`, prepared by a shell line.
fn wrap_on_tmpfs(room: &Room, options: &str, prepare: &str) -> Run {
    let script = format!(
        "mount -t tmpfs none medium -o size=64k && cp parameters.json medium/ && {prepare} && \
         mount -o remount,{options} medium && \
         printf 'Yes\\n' | \"$0\" wrap --plan plan.toml --parameters medium/parameters.json --out medium; \
         code=$?; ls -A medium >&2; exit $code"
    );
    let mut command = program("unshare");
    let mut shell = std::process::Command::new("unshare");
    shell.args(["--mount", "--", "sh", "-c", &script]).arg(bin_dir().join("keyferry-offline"));
    shell.current_dir(room.dir.path()).env("LANG", "C.UTF-8");
    std::mem::swap(&mut command, &mut shell);
    run(&mut command)
}

#[test]
fn no_space_and_read_only_leave_nothing() {
    let room = Room::new("rehearsal", ALG);
    fs::copy(room.path("medium/parameters.json"), room.path("parameters.json")).unwrap();
    if !can_mount() {
        eprintln!("not permitted to mount here: the full and the read-only medium were not tried");
        return;
    }
    let full = wrap_on_tmpfs(&room, "rw", "{ dd if=/dev/zero of=medium/fill bs=1k 2>/dev/null || true; }");
    full.refused(3, Control::FILE_SPACE);
    assert!(full.err.trim_end().ends_with("fill\nparameters.json"), "{}", full.err);
    // There is room for the first lines of the record, but not for the ciphertext: this is detected
    // before the record has a line.
    let almost = "{ dd if=/dev/zero of=medium/fill bs=4k count=14 2>/dev/null || true; }";
    let almost = wrap_on_tmpfs(&room, "rw", almost);
    almost.refused(3, Control::FILE_SPACE);
    assert!(almost.err.trim_end().ends_with("fill\nparameters.json"), "{}", almost.err);
    let read_only = wrap_on_tmpfs(&room, "ro", "true");
    read_only.refused(3, Control::FILE_PERMISSION);
    assert!(read_only.err.trim_end().ends_with("parameters.json"), "{}", read_only.err);
}

#[test]
fn plans_that_demand_more_than_this_version_does() {
    let room = Room::new("rehearsal", ALG);
    let text = fs::read_to_string(room.path("plan.toml")).unwrap();
    let slip39 = text
        .replace("scheme = \"none\"\nreason = \"a test\"", "scheme = \"slip39\"\nthreshold = 2\nshares = 3");
    let posture = format!("{text}[posture]\nrequire = [\"sandbox\", \"secret-memory\"]\n");
    let clock = format!("{text}[posture]\nrequire = [\"clock-confirmed\"]\n");
    for (text, control) in [(slip39, Some(Control::BACKUP_SCHEME)), (posture, None), (clock, None)] {
        fs::write(room.path("plan.toml"), &text).unwrap();
        room.write_parameters(|p| p.plan_sha256 = Fingerprint::of(text.as_bytes()));
        match control {
            Some(control) => _ = run(&mut room.wrap(&[])).refused(1, control),
            None => {
                if text.contains("clock-confirmed") {
                    // A digest that is passed as an option does not answer the question about the time.
                    let digest = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap());
                    let silent = ["--expect-digest", &digest.to_string()];
                    run(&mut room.wrap(&silent)).refused(1, Control::POSTURE);
                    assert_eq!(room.medium(), ["parameters.json"]);
                }
                _ = run(&mut room.wrap(&[])).ok();
                // Clears the folder for the next case.
                fs::remove_file(room.path("medium/ciphertext.json")).unwrap();
                fs::remove_file(room.path("medium/transcript.jsonl")).unwrap();
            }
        }
    }
}

#[test]
fn a_seed_is_for_rehearsals() {
    let seed = "42".repeat(32);
    let production = Room::new("production", ALG);
    run(&mut production.wrap(&["--rehearsal-seed", &seed])).refused(1, Control::SEED_PRODUCTION);
    assert_eq!(production.medium(), ["parameters.json"]);
    let rehearsal = Room::new("rehearsal", ALG);
    run(&mut rehearsal.wrap(&["--rehearsal-seed", "42"])).refused(2, Control::SEED_PRODUCTION);
    let done = run(&mut rehearsal.wrap(&["--rehearsal-seed", &seed]));
    assert!(done.ok().err.contains("SEEDED REHEARSAL MATERIAL"));
    let (ciphertext, _) = rehearsal.ciphertext();
    assert!(ciphertext.seeded);
    // The same seed, the same material: anyone can recompute it.
    let again = Room::new("rehearsal", ALG);
    run(&mut again.wrap(&["--rehearsal-seed", &seed])).ok();
    assert_eq!(again.ciphertext().0.keys[0].commitment, ciphertext.keys[0].commitment);
}

#[test]
fn one_failing_key_does_not_hide_the_others() {
    let ids = [KEY_ID, "23e80852-1e38-11e9-b129-5cb9019b4b02", "23e80852-1e38-11e9-b129-5cb9019b4b03"];
    let keys = [
        ("one", "ap-singapore", Some(ids[0])),
        ("two", "ap-tokyo", Some(ids[1])),
        ("three", "ap-guangzhou", Some(ids[2])),
    ];
    let room = Room::with_keys("rehearsal", ALG, &keys);
    room.write_parameters(|p| p.keys[1].expires_at = Some(later(-60)));
    let run = run(&mut room.wrap(&[]));
    run.refused(1, Control::PARAM_EXPIRED);
    assert!(run.err.contains("two: ") && run.err.contains("1 of 3"), "{}", run.err);
    let aliases: Vec<_> = room.ciphertext().0.keys.iter().map(|k| k.alias.to_string()).collect();
    assert_eq!(aliases, ["one", "three"]);
    // For a script: one JSON object with both the wrapped and the refused keys.
    std::fs::remove_file(room.path("medium/ciphertext.json")).unwrap();
    let json = crate::support::run(room.wrap(&["--json"]).arg("-v")).json();
    assert_eq!(json["keys"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&json["failures"][0]["alias"], &json["failures"][0]["error"]["control"]),
        (&"two".into(), &"KF-PARAM-07".into())
    );
}

#[test]
fn refusals_come_in_chinese_and_as_json() {
    let room = Room::new("rehearsal", ALG);
    room.write_parameters(|p| p.keys[0].expires_at = Some(later(-60)));
    let run_zh = run(room.wrap(&[]).args(["--lang", "zh"]));
    assert!(run_zh.err.contains("错误 [KF-PARAM-07]") && run_zh.err.contains("提示: "), "{}", run_zh.err);
    let run_env = run(room.wrap(&[]).env("LANG", "zh_CN.UTF-8"));
    assert!(run_env.err.contains("错误 [KF-PARAM-07]"));
    let json = run(room.wrap(&[]).arg("--json")).json();
    assert_eq!(json["error"]["control"], "KF-PARAM-07");
    assert_eq!(json["error"]["exit_code"], 1);
    assert!(json["error"]["hint"]["zh"].as_str().unwrap().contains("export"));
}

#[test]
fn command_lines_that_make_no_sense() {
    run(&mut offline(["wrap"])).refused(2, Control::USAGE);
    run(&mut offline(["dance"])).refused(2, Control::USAGE);
    run(&mut offline(["generate", "--bits", "192", "--out", "x"])).refused(2, Control::USAGE);
    let args = ["encrypt", "--public-key", "k", "--material", "m", "--out", "o", "--algorithm", "RSA"];
    run(&mut offline(args)).refused(2, Control::USAGE);
    run(&mut offline(["--help"])).ok();
    assert!(run(&mut offline(["--version"])).ok().out.starts_with("keyferry-offline "));
}
