//! Is the batch curve straight? `keyferry-offline wrap` as it ships, over plans of 1 to 100,000 keys: time and peak memory per key.
//!
//! Every key has a wrapping key of its own: random odd moduli of 2048 bits without small factors, which is what the parser
//! asks for. Nobody knows their factors, and wrapping does not care; a hundred thousand real keys would take hours to make.
//!
//! Run with `cargo xtask bench batch [LARGEST]`. Files lie in memory where /dev/shm has the room (`KEYFERRY_BENCH_DIR` names another
//! folder). Peak memory is the last VmHWM of /proc/PID/status that was seen; a run that ends too soon shows none.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, missing_docs)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyferry_core::provider::tencent::{RSA_2048, SM};
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

const SPKI: &[u8] = include_bytes!("../tests/data/rsa2048.der");
/// Where the modulus stands in an RSA-2048 SubjectPublicKeyInfo.
const MODULUS: std::ops::Range<usize> = 33..289;
/// Keys, and how often each size runs.
const SIZES: [(usize, usize); 6] = [(1, 41), (10, 41), (100, 21), (1_000, 11), (10_000, 5), (100_000, 3)];

struct Row {
    keys: usize,
    time: Duration,
    memory_kib: Option<u64>,
}

fn main() {
    let largest = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(100_000);
    let station = ship();
    let base = std::env::var_os("KEYFERRY_BENCH_DIR").map_or_else(|| "/dev/shm".into(), PathBuf::from);
    let base = if base.is_dir() { base } else { std::env::temp_dir() };
    println!("keyferry-offline wrap, files in {}", base.display());
    println!(
        "{:>8} {:>12} {:>12} {:>12} {:>12}",
        "keys", "median, ms", "µs per key", "peak, MiB", "KiB per key"
    );
    let sizes = SIZES.iter().filter(|(keys, _)| *keys <= largest);
    let rows: Vec<Row> = sizes.map(|(keys, runs)| shown(measure(&station, &base, *keys, *runs))).collect();
    let per_key = |keys| rows.iter().find(|r| r.keys == keys).map(|r| r.time.as_secs_f64() / keys as f64);
    for keys in [10_000, 100_000] {
        if let (Some(many), Some(thousand)) = (per_key(keys), per_key(1_000)) {
            println!("time per key, {keys} ÷ 1,000: {:.3} (straight: 0.9 … 1.1)", many / thousand);
        }
    }
}

fn shown(row: Row) -> Row {
    let memory = |per: f64| row.memory_kib.map_or("—".to_owned(), |kib| format!("{:.1}", kib as f64 / per));
    println!(
        "{:>8} {:>12.2} {:>12.1} {:>12} {:>12}",
        row.keys,
        row.time.as_secs_f64() * 1e3,
        row.time.as_secs_f64() * 1e6 / row.keys as f64,
        memory(1024.0),
        memory(row.keys as f64),
    );
    row
}

/// The offline station as it ships.
fn ship() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    let ship = ["run", "--quiet", "--locked", "--package", "xtask", "--", "ship", "keyferry-offline"];
    assert!(Command::new(env!("CARGO")).args(ship).current_dir(root).status().unwrap().success());
    target.join("ship/keyferry-offline")
}

fn measure(station: &Path, base: &Path, keys: usize, runs: usize) -> Row {
    let dir = tempfile::tempdir_in(base).unwrap();
    let digest = prepare(dir.path(), keys);
    // One run more, for the memory alone: looking on costs time.
    let mut memory_kib = None;
    wrap_once(station, dir.path(), &digest, |child| {
        while child.try_wait().unwrap().is_none() {
            memory_kib = memory_kib.max(peak_kib(child));
            std::thread::sleep(Duration::from_micros(100));
        }
    });
    let mut times: Vec<_> = (0..runs).map(|_| wrap_once(station, dir.path(), &digest, |_| ())).collect();
    times.sort();
    Row { keys, time: *times.get(runs / 2).unwrap(), memory_kib }
}

/// Writes a plan and parameters of so many keys; the digest to expect.
fn prepare(dir: &Path, keys: usize) -> String {
    let mut plan =
        "format = \"keyferry/plan/2\"\nceremony = \"bench-1\"\npurpose = \"rehearsal\"\n".to_owned();
    for n in 0..keys {
        write!(
            plan,
            "[[key]]\nalias = \"k{n}\"\nprovider = \"tencent\"\nregion = \"ap-guangzhou\"\nvalid_to = \"never\"\n\
             key_id = \"{n:08x}-1e38-11e9-b129-5cb9019b4b01\"\n"
        )
        .unwrap();
    }
    plan.push_str("[backup]\nscheme = \"none\"\nreason = \"a benchmark\"\n");
    std::fs::write(dir.join("plan.toml"), &plan).unwrap();
    let plan = CeremonyPlan::parse(plan.as_bytes()).unwrap();
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let at = |more: u64| Timestamp::from_unix(i64::try_from(seconds + more).unwrap()).unwrap();
    let token = ImportToken::new("t".to_owned().into()).unwrap().digest();
    let rng = &mut ChaCha20Rng::from_seed([7; 32]);
    let entry = |key: &PlanKey| ParameterEntry {
        alias: key.alias.clone(),
        provider: Provider::TENCENT,
        region: key.region.clone(),
        key_id: key.key_id().unwrap().clone(),
        kind: &SM,
        algorithm: plan.algorithm(),
        wrapping_key_spec: &RSA_2048,
        public_key: Base64Bytes::from(&*made_up_key(rng)),
        import_token_sha256: Some(token),
        expires_at: Some(at(86_400)),
    };
    let entries = plan.keys().iter().map(entry).collect();
    let bytes = artefact::to_bytes(&Parameters::new(&plan, at(0), entries).unwrap()).unwrap();
    std::fs::write(dir.join("parameters.json"), &*bytes).unwrap();
    Fingerprint::of(&bytes).to_string()
}

/// A SubjectPublicKeyInfo that the parser takes.
fn made_up_key(rng: &mut ChaCha20Rng) -> Vec<u8> {
    let mut spki = SPKI.to_vec();
    loop {
        let n = spki.get_mut(MODULUS).unwrap();
        rng.fill_bytes(n);
        *n.first_mut().unwrap() |= 0x80;
        *n.last_mut().unwrap() |= 1;
        if WrappingKey::from_der(&spki).is_ok() {
            return spki;
        }
    }
}

/// Wall-clock time of one run; `meanwhile` may look at it.
fn wrap_once(station: &Path, dir: &Path, digest: &str, meanwhile: impl FnOnce(&mut Child)) -> Duration {
    let out = dir.join("medium");
    std::fs::create_dir(&out).unwrap();
    let mut command = Command::new(station);
    let inputs = ["wrap", "--plan", "plan.toml", "--parameters", "parameters.json", "--out", "medium"];
    command.args(inputs).args(["--expect-digest", digest]).current_dir(dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    meanwhile(&mut child);
    let status = child.wait().unwrap();
    let time = started.elapsed();
    assert!(status.success(), "{status}");
    assert!(out.join("ciphertext.json").exists());
    std::fs::remove_dir_all(&out).unwrap();
    time
}

fn peak_kib(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
