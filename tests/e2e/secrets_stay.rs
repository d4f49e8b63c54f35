//! No key material, import token or credential in any log line, error text, record or `Debug` output.
//!
//! A seeded ceremony is run at the most verbose level; the material is recomputed from the seed and searched for, in
//! every encoding, in everything that was printed and in every file except the one whose purpose is to hold it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use crate::support::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const SEED: [u8; 32] = [0x42; 32];

/// The encodings of a secret.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = secret.iter().map(|b| format!("{b:02x}")).collect();
    let list = format!("{secret:?}");
    let base64 = STANDARD.encode(secret);
    let base64 = base64.trim_end_matches('=').as_bytes();
    // The last characters of base64 depend on what follows.
    let base64 = base64[..base64.len() - 1].to_vec();
    vec![secret.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes(), list.into_bytes(), base64]
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && haystack.windows(needle.len()).any(|w| w == needle)
}

#[test]
fn nothing_secret_is_printed_or_written() {
    let mut emulator = emulate().arg("-v").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 200];
    let n = emulator.stdout.as_mut().unwrap().read(&mut ready).unwrap();
    let ready = String::from_utf8_lossy(&ready[..n]).into_owned();
    let endpoint = ready[ready.find("http://").unwrap()..].trim().to_owned();

    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let keys = [("one", "ap-singapore", None)];
    fs::write(at("draft.toml"), plan_text("rehearsal", WrappingAlgorithm::default(), &keys)).unwrap();
    fs::create_dir(at("medium")).unwrap();
    let mut seen = Vec::new();
    let mut step = |mut command: Command, ok: bool| {
        let run = run(command.arg("-vv").current_dir(dir.path()));
        assert_eq!(run.code == Some(0), ok, "{run:?}");
        seen.extend_from_slice(run.out.as_bytes());
        seen.extend_from_slice(run.err.as_bytes());
    };
    step(online(["create-key", "--plan", "draft.toml", "--out", "plan.toml"], &endpoint), true);
    let export = ["export", "--plan", "plan.toml", "--out", "medium", "--session", "session.json"];
    step(online(export, &endpoint), true);
    let seed = SEED.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let wrap = ["wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium"];
    step(offline(wrap.into_iter().chain(["--rehearsal-seed", &seed])), true);
    let import = ["import", "--session", "session.json", "--ciphertext", "medium/ciphertext.json"];
    step(online(import, &endpoint), true);
    step(online(import.into_iter().chain(["--json"]), &endpoint), true);
    step(online(["status", "--plan", "plan.toml"], &endpoint), true);
    // Also refusals: wrong credentials, an endpoint where nothing listens, a session with a damaged token.
    let mut wrong = online(import, &endpoint);
    wrong.env("TENCENTCLOUD_SECRET_KEY", format!("{SECRET_KEY}x"));
    step(wrong, false);
    step(online(import, &dead_endpoint()), false);
    step(online(["status", "--plan", "plan.toml"], &dead_endpoint()), false);
    let session = fs::read_to_string(at("session.json")).unwrap();
    let (parsed, _) = artefact::parse::<Session>(session.as_bytes()).unwrap();
    let token = parsed.secrets[0].import_token.as_ref().unwrap().expose().to_owned();
    for broken in
        [session.replace(&token, &format!("{token} ")), session.replace("\"never\"", &format!("\"{token}\""))]
    {
        fs::write(at("broken.json"), broken).unwrap();
        Command::new("chmod").arg("600").arg(at("broken.json")).status().unwrap();
        step(
            online(
                ["import", "--session", "broken.json", "--ciphertext", "medium/ciphertext.json"],
                &endpoint,
            ),
            false,
        );
        fs::remove_file(at("broken.json")).unwrap();
    }
    emulator.kill().unwrap();
    emulator.wait().unwrap();
    emulator.stderr.take().unwrap().read_to_end(&mut seen).unwrap();
    for name in ["plan.toml", "medium/parameters.json", "medium/ciphertext.json", "medium/transcript.jsonl"] {
        seen.extend(fs::read(at(name)).unwrap());
    }

    // The control: the recomputed material is the one in the ciphertext, so the search is meaningful.
    let material = KeyMaterial::generate(MaterialLength::B256, &mut ChaCha20Rng::from_seed(SEED)).unwrap();
    let text = fs::read(at("medium/ciphertext.json")).unwrap();
    assert!(
        contains(&seen, Commitment::of(&material).to_string().as_bytes())
            && contains(&text, b"\"seeded\": true")
    );
    assert!(
        contains(&seen, b"GetParametersForImport") && contains(&seen, b"ImportKeyMaterial"),
        "the log is on"
    );
    for needle in spellings(material.expose()) {
        assert!(!contains(&seen, &needle), "key material was printed");
    }
    for (what, secret) in [("import token", token.as_bytes()), ("secret key", SECRET_KEY.as_bytes())] {
        // Showing a part is as bad as showing everything.
        assert!(!contains(&seen, &secret[..secret.len().min(24)]), "{what} was printed");
        assert!(!contains(&seen, &secret[secret.len() - 20..]), "the end of the {what} was printed");
    }
}

#[test]
fn debug_output_is_redacted() {
    let material = KeyMaterial::from_bytes(&[0xa5; 32]).unwrap();
    let token = token();
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    room.write_session("http://127.0.0.1:1");
    let (session, _) = artefact::parse::<Session>(&fs::read(room.path("session.json")).unwrap()).unwrap();
    let credentials = keyferry_tencent::Credentials::new(SECRET_ID, SECRET_KEY);
    let text = format!(
        "{material:?} {material:#?} {token:?} {session:?} {session:#?} {credentials:?} {credentials:#?}"
    );
    assert!(text.contains("redacted"));
    for secret in ["SECRET", "TOKENtoken", "165, 165", "a5a5"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
