//! Refusals of `keyferry-offline`, except those about shares: files that do not belong together, the clock, the machine,
//! outputs.

use std::fs;
use std::process::Command;

use keyferry_core::{Base64Bytes, Fingerprint, Purpose, WrappingAlgorithm};

use super::place::Place;
use super::{Case, as_it_is, case};
use crate::support::*;

const INSPECT: &str = "keyferry-offline inspect --plan plan.toml --parameters medium/parameters.json";
const WRAP: &str = "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium";
const ENCRYPT: &str =
    "keyferry-offline encrypt --material material --public-key key --algorithm RSAES_OAEP_SHA_256 --out out";
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/core/tests/data");

pub(super) const CASES: &[Case] = &[
    case("offline/option-missing", "keyferry-offline inspect --plan plan.toml", as_it_is),
    case(
        "offline/parameters-are-another-file",
        "keyferry-offline inspect --plan plan.toml --parameters medium/ciphertext.json",
        |place| {
            place.first(WRAP);
            Some(())
        },
    ),
    case(
        "offline/parameters-are-the-plan",
        "keyferry-offline inspect --plan plan.toml --parameters plan.toml",
        as_it_is,
    ),
    case(
        "offline/parameters-missing",
        "keyferry-offline inspect --plan plan.toml --parameters medium/parameter.json",
        as_it_is,
    ),
    case(
        "offline/parameters-are-a-folder",
        "keyferry-offline inspect --plan plan.toml --parameters medium",
        as_it_is,
    ),
    case("offline/parameters-reformatted", INSPECT, |place| {
        place.write("medium/parameters.json", place.text("medium/parameters.json") + "\n");
        Some(())
    }),
    case("offline/parameters-cut", INSPECT, |place| {
        let text = place.text("medium/parameters.json");
        place.write("medium/parameters.json", &text[..text.len() / 2]);
        Some(())
    }),
    case("offline/parameters-of-another-ceremony", INSPECT, |place| {
        place.room.write_parameters(|p| p.ceremony = "test-2".parse().unwrap());
        Some(())
    }),
    case("offline/parameters-of-another-region", INSPECT, |place| {
        place.room.write_parameters(|p| p.keys[0].region = "ap-tokyo".parse().unwrap());
        Some(())
    }),
    case("offline/parameters-for-another-algorithm", INSPECT, |place| {
        place.room.write_parameters(|p| p.keys[0].algorithm = WrappingAlgorithm::RsaesOaepSha1);
        Some(())
    }),
    case("offline/parameters-for-production", INSPECT, |place| {
        place.room.write_parameters(|p| p.purpose = Purpose::Production);
        Some(())
    }),
    case("offline/parameters-expired", INSPECT, |place| {
        place.room.write_parameters(|p| p.keys[0].expires_at = Some(later(-4000)));
        Some(())
    }),
    case("offline/parameters-expire-soon", INSPECT, |place| {
        place.room.write_parameters(|p| p.keys[0].expires_at = Some(later(600)));
        Some(())
    }),
    case("offline/clock-before-the-fetch", INSPECT, |place| {
        place.room.write_parameters(|p| p.fetched_at = later(4000));
        Some(())
    }),
    case("offline/wrapping-key-with-exponent-3", INSPECT, |place| {
        let pem = fs::read_to_string(format!("{FIXTURES}/rsa2048-e3.pem")).unwrap();
        let key: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        place.room.write_parameters(|p| p.keys[0].public_key = Base64Bytes::decode(&key).unwrap());
        Some(())
    }),
    case("offline/plan-changed-after-the-export", INSPECT, |place| {
        place.edit("plan.toml", "a test", "another reason");
        Some(())
    }),
    case("offline/nobody-typed-yes", WRAP, |place| {
        place.typed = "yes\n".to_owned();
        Some(())
    }),
    case(
        "offline/digest-is-another",
        "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium --expect-digest {digest}",
        |place| {
            place.names.push(("{digest}", "1".repeat(64)));
            Some(())
        },
    ),
    case(
        "offline/head-is-another",
        "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium --expect-digest {digest} --expect-head {head}",
        |place| {
            place.first(WRAP);
            fs::remove_file(place.path("medium/ciphertext.json")).unwrap();
            let digest = Fingerprint::of(place.text("medium/parameters.json").as_bytes());
            place.names.extend([("{digest}", digest.to_string()), ("{head}", "1".repeat(64))]);
            Some(())
        },
    ),
    case("offline/record-with-a-broken-chain", WRAP, |place| {
        place.first(WRAP);
        fs::remove_file(place.path("medium/ciphertext.json")).unwrap();
        place.edit("medium/transcript.jsonl", "\"seq\":1", "\"seq\":2");
        Some(())
    }),
    case("offline/ciphertext-exists", WRAP, |place| {
        place.first(WRAP);
        Some(())
    }),
    case(
        "offline/folder-missing",
        "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out usb",
        as_it_is,
    ),
    case("offline/folder-not-writable", WRAP, |place| {
        place.around = Some(read_only);
        read_only(&Command::new("true"))?.output().unwrap().status.success().then_some(())
    }),
    case("offline/medium-full", WRAP, |place| {
        place.around = Some(full);
        full(&Command::new("true"))?.output().unwrap().status.success().then_some(())
    }),
    case("offline/network-up", WRAP, |place| {
        place.plan("rehearsal", |plan| plan + "[posture]\nrequire = [\"no-network\"]\n");
        place.around = Some(connected);
        connected(&Command::new("true")).map(drop)
    }),
    case("offline/kernel-without-landlock", WRAP, |place| {
        place.plan("rehearsal", |plan| plan + "[posture]\nrequire = [\"sandbox\"]\n");
        place.around = Some(|command| Some(Without::Landlock.wraps(command)));
        Some(())
    }),
    case(
        "offline/check-lowered-in-production",
        "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium --lower no-network",
        |place| {
            place.plan("production", |plan| plan);
            Some(())
        },
    ),
    case(
        "offline/seed-in-production",
        "keyferry-offline wrap --plan plan.toml --parameters medium/parameters.json --out medium --rehearsal-seed {seed}",
        |place| {
            place.plan("production", |plan| plan);
            place.names.push(("{seed}", "0".repeat(64)));
            Some(())
        },
    ),
    case("offline/material-of-the-wrong-length", ENCRYPT, |place| material(place, &[0xa5; 24], SPKI)),
    case("offline/material-in-hex", ENCRYPT, |place| material(place, "a5".repeat(32).as_bytes(), SPKI)),
    case("offline/key-is-private", ENCRYPT, |place| material(place, &[0xa5; 32], PRIVATE_PEM.as_bytes())),
    case("offline/material-readable-by-others", ENCRYPT, |place| {
        material(place, &[0xa5; 32], SPKI)?;
        place.set_mode("material", 0o644);
        Some(())
    }),
    case("offline/material-exists", "keyferry-offline generate --bits 256 --out material", |place| {
        material(place, &[0xa5; 32], SPKI)
    }),
    case(
        "offline/note-without-a-record",
        "keyferry-offline note --transcript medium/transcript.jsonl --by Ada --text torn",
        as_it_is,
    ),
    case("offline/symbols-of-a-secret", "keyferry-offline show session.json", |place| {
        place.room.write_session("http://127.0.0.1:1");
        Some(())
    }),
    case("offline/symbols-in-a-pipe", "keyferry-offline show medium/parameters.json", as_it_is),
    case(
        "offline/nothing-received",
        "keyferry-offline receive --out medium/plan.toml --from lines",
        |place| {
            place.write("lines", "not a frame\n12\n");
            Some(())
        },
    ),
];

/// Files for `encrypt`.
#[allow(clippy::unnecessary_wraps)] // a scene
fn material(place: &Place, material: &[u8], key: &[u8]) -> Option<()> {
    write_private(&place.path("material"), material);
    place.write("key", key);
    Some(())
}

/// The command after a line of shell in its own mount namespace; `None` if the system permits none.
fn mounted(prepare: &str, command: &Command) -> Option<Command> {
    let probe = ["--mount", "--", "mount", "-t", "tmpfs", "none", "/mnt"];
    Command::new("unshare").args(probe).output().ok().filter(|done| done.status.success())?;
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--", "sh", "-c", &format!("set -e; {prepare}\nexec \"$@\""), "sh"]);
    inside.arg(command.get_program()).args(command.get_args()).env_clear();
    inside.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.get_current_dir().map(|dir| inside.current_dir(dir));
    Some(inside)
}

fn read_only(command: &Command) -> Option<Command> {
    mounted("[ -d medium ] || exit 0; mount --bind medium medium; mount -o remount,ro,bind medium", command)
}

fn full(command: &Command) -> Option<Command> {
    let fill = "[ -d medium ] || exit 0; mkdir came; cp medium/* came; mount -t tmpfs -o size=12k,mode=700 none medium; cp came/* medium";
    mounted(fill, command)
}

fn connected(command: &Command) -> Option<Command> {
    isolated("ip link add v0 type veth peer name v1; ip link set v0 up", command)
}
