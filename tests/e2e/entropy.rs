//! Contributions to entropy through the real station: published values, refusals with the number still needed, and no trace of a
//! contribution.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stderr
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::*;
use keyferry_core::entropy::Kind;
use keyferry_core::transcript::MaterialSource;
use keyferry_core::*;
use serde_json::Value;

const ALG: WrappingAlgorithm = WrappingAlgorithm::RsaesOaepSha256;
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn vectors() -> Vec<Value> {
    let text = fs::read(Path::new(ROOT).join("ceremony/operate/entropy-vectors.json")).unwrap();
    let vectors = serde_json::from_slice::<Value>(&text).unwrap()["vectors"].as_array().unwrap().clone();
    assert!(vectors.len() >= 6);
    vectors
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// A vector's contributions as flags, files and typed lines.
struct Given {
    flags: Vec<String>,
    typed: String,
    secrets: Vec<Vec<u8>>,
    files: Vec<Vec<u8>>,
}

fn given(vector: &Value) -> Given {
    let mut all = Given { flags: vec![], typed: "Yes\n".into(), secrets: vec![], files: vec![] };
    let contributions = vector["contributions"].as_array().unwrap();
    for (i, c) in contributions.iter().enumerate() {
        let bytes = unhex(&c["bytes"]);
        let text = || String::from_utf8(bytes.clone()).unwrap();
        let flag = match c["kind"].as_str().unwrap() {
            "dice" => {
                // Typed in lines and groups, as people do.
                let lines: Vec<_> = text()
                    .as_bytes()
                    .chunks(30)
                    .map(|l| String::from_utf8_lossy(l).replace("12", "1 2"))
                    .collect();
                all.typed += &format!("{}\n\n", lines.join("\n"));
                "dice".to_owned()
            }
            "text" => {
                all.typed += &format!("{}\n", text());
                "text".to_owned()
            }
            "file" => {
                all.files.push(bytes.clone());
                "file=contribution.bin".to_owned()
            }
            "operator-1" => {
                let other = &contributions[i + 1];
                let reveal = |text: String| format!("{} {}\n", &text[..32], &text[32..]);
                all.typed += &format!(
                    "{}\n{}\n",
                    c["commitment"].as_str().unwrap(),
                    other["commitment"].as_str().unwrap()
                );
                all.typed += &reveal(text());
                all.typed += &reveal(String::from_utf8(unhex(&other["bytes"])).unwrap());
                "two-operators".to_owned()
            }
            _ => {
                all.secrets.push(bytes[..32].to_vec());
                all.secrets.push(bytes[32..].to_vec());
                continue;
            }
        };
        if c["kind"] == "operator-1" {
            all.secrets.push(bytes[..32].to_vec());
            all.secrets.push(bytes[32..].to_vec());
        }
        all.secrets.push(bytes);
        all.flags.extend(["--entropy".to_owned(), flag]);
    }
    all
}

/// Flags for `wrap`, and what people type (`Yes` first), for the contributions in the published vectors with these names.
pub(crate) fn typed_contributions(names: &[&str]) -> (Vec<String>, String) {
    let (mut flags, mut typed) = (Vec::new(), "Yes\n".to_owned());
    for vector in vectors().iter().filter(|vector| names.iter().any(|name| vector["name"] == *name)) {
        let given = given(vector);
        flags.extend(given.flags);
        typed += given.typed.strip_prefix("Yes\n").unwrap();
    }
    (flags, typed)
}

fn room(bits: &[u64]) -> Room {
    let names: Vec<_> = (0..bits.len()).map(|i| format!("key-{i}")).collect();
    let ids: Vec<_> = (0..bits.len()).map(|i| format!("23e80852-1e38-11e9-b129-5cb9019b4b{i:02}")).collect();
    let region = |bits| if bits == 128 { "ap-guangzhou" } else { "ap-singapore" };
    let keys: Vec<_> = (0..bits.len()).map(|i| (&*names[i], region(bits[i]), Some(&*ids[i]))).collect();
    Room::with_keys("rehearsal", ALG, &keys)
}

fn events(room: &Room) -> Vec<Event> {
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let chain = Transcript::verify(&bytes).unwrap().unwrap();
    chain.lines().iter().map(|l| l.event.clone()).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

/// The station computes the published values: contributions, seed and the commitment of every key. No contribution is visible
/// anywhere.
#[test]
fn the_station_makes_what_the_vectors_say_and_shows_no_contribution() {
    for vector in vectors() {
        let name = vector["name"].as_str().unwrap();
        let keys = vector["keys"].as_array().unwrap();
        let bits: Vec<_> = keys.iter().map(|k| k["bits"].as_u64().unwrap()).collect();
        let (room, given) = (room(&bits), given(&vector));
        for file in &given.files {
            write_private(&room.path("contribution.bin"), file);
        }
        let mut wrap = room.wrap(&["-vv", "--rehearsal-seed", vector["rehearsal_seed"].as_str().unwrap()]);
        let run = run_with(wrap.args(&given.flags), &given.typed);
        run.ok();
        let (ciphertext, _) = room.ciphertext();
        assert!(ciphertext.seeded, "{name}: a seeded rehearsal stays marked");
        let made: Vec<_> = ciphertext.keys.iter().map(|k| k.commitment.unwrap().to_string()).collect();
        let published: Vec<_> = keys.iter().map(|k| k["commitment"].as_str().unwrap().to_owned()).collect();
        assert_eq!(made, published, "{name}");

        let events = events(&room);
        let credits = events.iter().find_map(|e| match e {
            Event::EntropyMixed { contributions } => Some(contributions.clone()),
            _ => None,
        });
        let credits = credits.unwrap();
        assert_eq!(credits.len(), vector["contributions"].as_array().unwrap().len());
        for credit in credits {
            assert_eq!(credit.credited_bits > 0, credit.contribution == Kind::Dice, "{name}");
        }
        assert!(events.iter().all(
            |e| !matches!(e, Event::MaterialGenerated { source, .. } if *source != MaterialSource::Seeded)
        ));

        let mut seen = [run.out.as_bytes(), run.err.as_bytes()].concat();
        for file in room.medium() {
            seen.extend(fs::read(room.path("medium").join(file)).unwrap());
        }
        // The control: the searched text contains what must be there.
        assert!(contains(&seen, b"entropy-mixed") && contains(&seen, published[0].as_bytes()));
        for secret in &given.secrets {
            let digest = Fingerprint::of(secret).to_string();
            let hex: String = secret.iter().map(|b| format!("{b:02x}")).collect();
            for spelling in [&secret[..secret.len().min(12)], digest.as_bytes(), &hex.as_bytes()[..20]] {
                assert!(!contains(&seen, spelling), "{name}: a contribution was shown");
            }
        }
    }
}

#[test]
fn python_recomputes_the_published_vectors() {
    let script = Path::new(ROOT).join("tests/e2e/entropy/recompute.py");
    let Ok(output) = Command::new("python3")
        .arg(script)
        .arg("ceremony/operate/entropy-vectors.json")
        .current_dir(ROOT)
        .output()
    else {
        eprintln!(
            "SKIPPED: python3 is not installed; the published vectors were not recomputed independently"
        );
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with(&format!("{} vectors", vectors().len())));
}

#[test]
fn a_terminal_hides_what_is_typed_and_is_restored() {
    let dir = tempfile::tempdir().unwrap();
    let script = Path::new(ROOT).join("tests/e2e/entropy/terminal.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(bin_dir().join("keyferry-offline")).arg(dir.path().join("out"));
    let Ok(output) = python.output() else {
        eprintln!("SKIPPED: python3 is not installed; no terminal was tried");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs `generate` and `wrap` with a contribution that must be refused: checks exit code, control, and that nothing is left
/// behind.
fn refused(flags: &[&str], typed: &str, control: Control, says: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    write_private(&dir.path().join("short"), &[7; 31]);
    write_private(&dir.path().join("constant"), &[7; 64]);
    let mut generate = offline(["generate", "--bits", "256", "--out", "out"]);
    let run = run_with(generate.args(flags).current_dir(dir.path()), typed);
    let code = i32::from(run.err.contains("KF-FILE")) * 2 + 1;
    run.refused(if says.starts_with("a kind") { 2 } else { code }, control);
    assert!(run.err.contains(says), "{}", run.err);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing was left behind");

    let room = Room::new("rehearsal", ALG);
    fs::copy(dir.path().join("short"), room.path("short")).unwrap();
    fs::copy(dir.path().join("constant"), room.path("constant")).unwrap();
    let run = run_with(&mut room.wrap(flags), &format!("Yes\n{typed}"));
    assert!(run.err.contains(&format!("[{control}]")) && run.err.contains(says), "{}", run.err);
    assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"], "no ciphertext");
    assert!(
        !events(&room)
            .iter()
            .any(|e| matches!(e, Event::EntropyMixed { .. } | Event::MaterialGenerated { .. }))
    );
    run.err
}

#[test]
fn dice_are_refused_with_the_number_still_needed() {
    let dice = ["--entropy", "dice"];
    let fair = given(&vectors()[0]).secrets[0].clone();
    let fair = String::from_utf8(fair).unwrap();
    refused(&dice, "\n", Control::ENT_DICE, "100 more rolls are needed");
    refused(&dice, &format!("{}\n\n", &fair[..57]), Control::ENT_DICE, "43 more rolls are needed");
    refused(&dice, &fair[..99], Control::ENT_DICE, "1 more rolls are needed");
    refused(&dice, &"123456".repeat(20), Control::ENT_DICE, "100 rolls of a fair die are needed");
    refused(&dice, &"6".repeat(100), Control::ENT_DICE, "100 rolls of a fair die are needed");
    let biased = fair.replace(['1', '2'], "6");
    let said = refused(&dice, &biased, Control::ENT_DICE, "do not come from a fair die");
    let needed = said.split("at least ").nth(1).and_then(|t| t.split(' ').next()).unwrap();
    assert!((50..500).contains(&needed.parse::<u32>().unwrap()), "{said}");
    refused(&dice, "12345 7\n", Control::ENT_DICE, "character 6 of the rolls");
    refused(&dice, &"1".repeat(2049), Control::ENT_DICE, "too many rolls");
}

#[test]
fn other_contributions_have_a_form() {
    refused(&["--entropy", "text"], "\n", Control::ENT_FORM, "empty");
    refused(&["--entropy", "text"], "", Control::SECRET_TYPED, "ended");
    refused(&["--entropy", "text"], &"x".repeat(4097), Control::SECRET_TYPED, "longer than 4096");
    refused(&["--entropy", "file=short"], "", Control::ENT_FORM, "1 more are needed");
    refused(&["--entropy", "file=constant"], "", Control::ENT_FORM, "one byte repeated");
    refused(&["--entropy", "file=missing"], "", Control::FILE_READ, "missing");
    refused(
        &["--entropy", "text", "--entropy", "text"],
        "a\nb\n",
        Control::ENT_FORM,
        "a kind of contribution",
    );
    let run = run(&mut offline(["generate", "--bits", "256", "--out", "x", "--entropy", "text=secret"]));
    run.refused(2, Control::USAGE);
}

#[test]
fn operators_reveal_what_they_committed_to() {
    let two = ["--entropy", "two-operators"];
    let typed = given(&vectors()[3]).typed;
    let lines: Vec<_> = typed.lines().skip(1).collect();
    let [one, other, reveal, second] = lines[..] else { panic!("{lines:?}") };
    let with = |lines: &[&str]| lines.join("\n") + "\n";
    refused(&two, &with(&["no"]), Control::ENT_REVEAL, "commitment of operator 1");
    refused(&two, &with(&[one, "no"]), Control::ENT_REVEAL, "commitment of operator 2");
    refused(&two, &with(&[one, one]), Control::ENT_REVEAL, "the same commitment");
    refused(&two, &with(&[one, other, "no nonce"]), Control::ENT_REVEAL, "nonce of 32 hex digits");
    refused(&two, &with(&[one, other, second]), Control::ENT_REVEAL, "operator 1 typed does not match");
    refused(
        &two,
        &with(&[one, other, reveal, &format!("{second}.")]),
        Control::ENT_REVEAL,
        "operator 2 typed does not match",
    );
    refused(&two, &with(&[one, other, reveal]), Control::SECRET_TYPED, "ended");

    // Both commitments were in the record before anything was revealed.
    let room = Room::new("rehearsal", ALG);
    run_with(&mut room.wrap(&two), &with(&["Yes", one, other])).refused(1, Control::SECRET_TYPED);
    let committed: Vec<_> = events(&room)
        .into_iter()
        .filter_map(|e| match e {
            Event::EntropyCommitted { operator, commitment } => Some((operator, commitment.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(committed, [(1, one.to_owned()), (2, other.to_owned())]);
    // The same command then succeeds in the same room.
    let typed = format!("Yes\n{}", with(&[one, other, reveal, second]));
    run_with(&mut room.wrap(&two), &typed).ok();
    let mixed = |e: &Event| matches!(e, Event::MaterialGenerated { source: MaterialSource::Mixed, .. });
    assert_eq!(events(&room).iter().filter(|e| mixed(e)).count(), 1);
    assert!(!room.ciphertext().0.seeded);
}

/// The same contributions twice, without a seed: the operating system's part makes the keys differ.
#[test]
fn contributions_never_replace_the_operating_system_s_generator() {
    let dir = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let args = ["generate", "--bits", "256", "--entropy", "text", "--out", name];
        run_with(offline(args).current_dir(dir.path()), "the same line\n").ok();
        fs::read(dir.path().join(name)).unwrap()
    };
    assert_ne!(make("one"), make("two"));
}
