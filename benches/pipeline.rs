//! One key, whole processes: `keyferry-offline wrap` beside the four `openssl` commands of the vendor's step 3.
//!
//! The two run in turn, A B A B …, so that a drifting machine drifts under both; the ratio is taken pair by pair. `wrap` does
//! more than the four commands: it checks plan and parameters, records eight events, and waits until every output is on the device.
//! Run with `cargo bench --bench pipeline`; it builds the offline station as it ships.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use keyferry_core::provider::tencent::{RSA_2048, SM};
use keyferry_core::*;

const SPKI: &[u8] = include_bytes!("../tests/data/rsa2048.der");
const PAIRS: usize = 60;
const WARM_UP: usize = 5;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    let ship = ["run", "--quiet", "--locked", "--package", "xtask", "--", "ship", "keyferry-offline"];
    assert!(Command::new(env!("CARGO")).args(ship).current_dir(root).status().unwrap().success());
    let station = target.join("ship/keyferry-offline");
    // A live system keeps its files in memory; a medium or a disk has to be waited for.
    for (place, base) in [("disk", std::env::temp_dir()), ("memory", "/dev/shm".into())] {
        match tempfile::tempdir_in(&base) {
            Ok(dir) => report(place, &measure(&station, dir.path())),
            Err(e) => println!("{place}: {} cannot be used ({e})", base.display()),
        }
    }
}

fn measure(station: &Path, dir: &Path) -> Vec<(Duration, Duration)> {
    let digest = prepare(dir);
    let pair = |n| (timed(|| wrap_once(station, dir, &digest, n)), timed(|| openssl_once(dir)));
    (0..WARM_UP + PAIRS).map(pair).skip(WARM_UP).collect()
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// Plan, parameters and the vendor's public key file; the digest to expect.
fn prepare(dir: &Path) -> String {
    let plan = "format = \"keyferry/plan/2\"\nceremony = \"bench-1\"\npurpose = \"rehearsal\"\n\
        [[key]]\nalias = \"k\"\nprovider = \"tencent\"\nregion = \"ap-guangzhou\"\nvalid_to = \"never\"\n\
        key_id = \"23e80852-1e38-11e9-b129-5cb9019b4b01\"\n[backup]\nscheme = \"none\"\nreason = \"a benchmark\"\n";
    std::fs::write(dir.join("plan.toml"), plan).unwrap();
    let plan = CeremonyPlan::parse(plan.as_bytes()).unwrap();
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let at = |more: u64| Timestamp::from_unix(i64::try_from(seconds + more).unwrap()).unwrap();
    let key = plan.keys().first().unwrap();
    let entry = ParameterEntry {
        alias: key.alias.clone(),
        provider: Provider::TENCENT,
        region: key.region.clone(),
        key_id: key.key_id().unwrap().clone(),
        kind: &SM,
        algorithm: plan.algorithm(),
        wrapping_key_spec: &RSA_2048,
        public_key: Base64Bytes::from(SPKI),
        import_token_sha256: Some(ImportToken::new("t".to_owned().into()).unwrap().digest()),
        expires_at: Some(at(86_400)),
    };
    let bytes = artefact::to_bytes(&Parameters::new(&plan, at(0), vec![entry]).unwrap()).unwrap();
    std::fs::write(dir.join("parameters.json"), &*bytes).unwrap();
    let base64 = base64::engine::general_purpose::STANDARD.encode(SPKI);
    std::fs::write(dir.join("public_key.base64"), base64).unwrap();
    Fingerprint::of(&bytes).to_string()
}

fn wrap_once(station: &Path, dir: &Path, digest: &str, n: usize) {
    let out = dir.join(format!("medium-{n}"));
    std::fs::create_dir(&out).unwrap();
    let mut command = Command::new(station);
    command.args([
        "wrap",
        "--plan",
        "plan.toml",
        "--parameters",
        "parameters.json",
        "--expect-digest",
        digest,
    ]);
    command.arg("--out").arg(&out);
    quiet(&mut command, dir);
    assert!(out.join("ciphertext.json").exists());
}

/// The four commands of the vendor's step 3, for RSAES_OAEP_SHA_256: `ceremony/spec/tencent-kms.md` §5.4.
fn openssl_once(dir: &Path) {
    let lines = [
        "rand -out raw_material.bin 16",
        "enc -d -base64 -A -in public_key.base64 -out public_key.bin",
        "pkeyutl -in raw_material.bin -out encrypted_key_material.bin -inkey public_key.bin -keyform DER -pubin \
         -encrypt -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256",
        "enc -e -base64 -A -in encrypted_key_material.bin -out encrypted_material.base64",
    ];
    for line in lines {
        quiet(Command::new("openssl").args(line.split_whitespace()), dir);
    }
}

fn quiet(command: &mut Command, dir: &Path) {
    command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().unwrap().success(), "{command:?}");
}

fn report(place: &str, times: &[(Duration, Duration)]) {
    let quantiles = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        let at = |q: usize| values.get((values.len() - 1) * q / 100).copied().unwrap_or_default();
        (at(0), at(50), at(95))
    };
    let milliseconds = |d: &Duration| d.as_secs_f64() * 1e3;
    let rows = [
        ("keyferry-offline wrap, ms", quantiles(times.iter().map(|(a, _)| milliseconds(a)).collect())),
        ("four openssl commands, ms", quantiles(times.iter().map(|(_, b)| milliseconds(b)).collect())),
        (
            "openssl / keyferry",
            quantiles(times.iter().map(|(a, b)| milliseconds(b) / milliseconds(a)).collect()),
        ),
    ];
    let title = format!("one key, whole processes, {} pairs, {place}", times.len());
    println!("{title:<48} {:>8} {:>8} {:>8}", "min", "median", "p95");
    for (name, (min, median, p95)) in rows {
        println!("{name:<48} {min:>8.2} {median:>8.2} {p95:>8.2}");
    }
}
