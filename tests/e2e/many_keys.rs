//! Many keys under the service's limit, with `kill -9` in the middle: the next run continues, no key is skipped, none is done twice.
//!
//! A run is killed before the n-th flush of a journal or record; in the full measurement, at random times. The full measurement
//! takes about a quarter of an hour: `cargo test --release --test e2e many_keys:: -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)] // figures are the point

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::admin::Admin;
use crate::support::kill_at::{KillAt, flushes_lines};
use crate::support::kms::Kms;
use crate::support::*;
use getrandom::SysRng;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

const REGION: &str = "ap-singapore";
const JOBS: u64 = 8;

struct Measure {
    keys: usize,
    per_second: u32,
    kills: u32,
    killed: Killed,
}

/// Where a run is killed.
#[derive(Clone, Copy)]
enum Killed {
    /// Before one of the first flushes of a journal or record, at most this many. Each key needs at least one flush, so even if
    /// every run makes this many before its kill, some keys remain.
    Flushing(u32),
    /// Within this time after its start.
    Within(Duration),
}

#[test]
fn three_hundred_keys_killed_and_resumed() {
    run_all(&Measure { keys: 300, per_second: 400, kills: 6, killed: Killed::Flushing(90) });
}

#[test]
#[ignore = "a quarter of an hour"]
fn ten_thousand_keys_at_the_service_s_limit() {
    let keys = std::env::var("KEYFERRY_MANY_KEYS").map_or(10_000, |n| n.parse().unwrap());
    let killed = Killed::Within(Duration::from_millis(10 * keys as u64 / 10));
    run_all(&Measure { keys, per_second: 100, kills: 20, killed });
}

/// Worker threads wrap them on all cores; for a given seed, the result is the same as with one thread, in the plan's order.
#[test]
fn many_keys_of_one_seed_are_those_of_one_thread() {
    let names: Vec<_> = (0..150).map(|n| (format!("k-{n}"), format!("{n:08x}{}", &KEY_ID[8..]))).collect();
    let keys: Vec<_> = names.iter().map(|(a, id)| (a.as_str(), REGION, Some(id.as_str()))).collect();
    let room = Room::with_keys("rehearsal", WrappingAlgorithm::default(), &keys);
    let bytes = fs::read(room.path("medium/parameters.json")).unwrap();
    let (parameters, digest) = artefact::parse::<Parameters>(&bytes).unwrap();
    let expected = digest.to_string();
    room.wrap(&["--rehearsal-seed", &"42".repeat(32), "--expect-digest", &expected]).output().unwrap();
    let parameters = parameters.check(digest, &room.plan, now()).unwrap();
    let mut rng = ChaCha20Rng::from_seed([0x42; 32]);
    let (ciphertext, _) = room.ciphertext();
    assert_eq!(ciphertext.keys.len(), keys.len());
    for (checked, made) in parameters.entries().iter().zip(&ciphertext.keys) {
        let material = KeyMaterial::generate(checked.material().length, &mut rng).unwrap();
        let again = parameters.wrap(checked, &material, &mut rng).unwrap();
        assert_eq!((&made.alias, &made.wrapped_material), (&again.alias, &again.wrapped_material));
        assert_eq!((made.kcv, made.commitment), (again.kcv, again.commitment));
    }
    let record = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let chain = Transcript::verify(&record).unwrap().unwrap();
    let wrapped = chain.lines().iter().filter_map(|line| match &line.event {
        Event::Wrapped { alias, .. } => Some(alias),
        _ => None,
    });
    assert!(wrapped.eq(room.plan.keys().iter().map(|key| &key.alias)));
}

/// Everything that a command printed, on both streams.
fn printed(output: &std::process::Output) -> Vec<String> {
    let text = [&output.stderr[..], &output.stdout].concat();
    String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
}

/// A plan with this many keys, of which every third has expired.
fn room_with_refusals(n: usize) -> Room {
    let names: Vec<_> = (0..n).map(|n| (format!("k-{n}-x"), format!("{n:08x}{}", &KEY_ID[8..]))).collect();
    let keys: Vec<_> = names.iter().map(|(a, id)| (a.as_str(), REGION, Some(id.as_str()))).collect();
    let room = Room::with_keys("rehearsal", WrappingAlgorithm::default(), &keys);
    room.write_parameters(|parameters| {
        for entry in parameters.keys.iter_mut().step_by(3) {
            entry.expires_at = Some(later(-1));
        }
    });
    room
}

#[test]
fn no_number_of_keys_fills_the_screen() {
    const MOST: usize = 450;
    for n in [3, 75, 480] {
        let room = room_with_refusals(n);
        let digest = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap()).to_string();
        let inspected = printed(&room.inspect().output().unwrap());
        let wrapped = room.wrap(&["--expect-digest", &digest]).output().unwrap();
        let (listed, wrapped) = (printed(&wrapped), wrapped.status.code());
        assert_eq!(wrapped, Some(1), "{n}: some keys were refused");
        assert!(
            inspected.len() <= MOST && listed.len() <= MOST,
            "{n}: {}, {}",
            inspected.len(),
            listed.len()
        );
        for lines in [&inspected, &listed] {
            let count = |what: &str| lines.iter().filter(|line| line.contains(what)).count();
            // These are the errors of individual keys; the last error is that of the command.
            assert_eq!(count("error [KF-PARAM-07]: k-"), n.div_ceil(3).min(50), "{n}");
            let counted = lines.iter().find(|line| line.contains("more keys were refused"));
            assert_eq!(counted.is_some(), n.div_ceil(3) > 50, "{n}: {counted:?}");
        }
        // The values that people write down come after every list.
        let last = |what: &str| listed.iter().rposition(|line| line.contains(what)).unwrap();
        assert!(last("material") < last("  digest"), "{n}");
        fs::remove_file(room.path("medium/ciphertext.json")).unwrap();
        fs::remove_file(room.path("medium/transcript.jsonl")).unwrap();
        let all = printed(&room.wrap(&["-v", "--expect-digest", &digest]).output().unwrap()).join("\n");
        assert!(room.plan.keys().iter().all(|key| all.contains(key.alias.as_str())), "{n}");
    }
}

fn run_all(measure: &Measure) {
    let Measure { keys, per_second, kills, .. } = *measure;
    let dir = tempfile::tempdir().unwrap();
    let (emulator, admin) = Admin::start(dir.path());
    let kms = Kms::new(&emulator.endpoint, REGION);
    let names: Vec<(String, String)> = (0..keys)
        .map(|n| format!("key-{n}"))
        .map(|alias| (alias.clone(), kms.create_external(&alias)))
        .collect();
    let planned: Vec<_> =
        names.iter().map(|(alias, id)| (alias.as_str(), REGION, Some(id.as_str()))).collect();
    let text = plan_text("rehearsal", WrappingAlgorithm::default(), &planned);
    fs::write(dir.path().join("plan.toml"), text).unwrap();
    fs::create_dir(dir.path().join("medium")).unwrap();
    // The limit allows a small burst; the station's rate is set to exactly the limit.
    admin.limit(per_second, 10);
    let station = Station { dir: dir.path(), emulator: &emulator, admin: &admin, measure };

    let rng = &mut ChaCha20Rng::from_seed([9; 32]);
    station.until_done("export --plan plan.toml --out medium --session session.json", kills / 2, rng);
    let fetched: u64 = admin.keys().iter().map(|k| k["Parameters"].as_u64().unwrap()).sum();
    assert!(fetched <= keys as u64 + u64::from(kills) * JOBS, "{fetched} fetches");
    let sha = wrap(dir.path());
    station.until_done(
        "import --session session.json --ciphertext medium/ciphertext.json",
        kills - kills / 2,
        rng,
    );
    let (state, mut imports) = (admin.keys(), 0);
    assert_eq!(state.len(), keys);
    for key in &state {
        let (id, sha) = (key["KeyId"].as_str().unwrap(), &sha[key["KeyId"].as_str().unwrap()]);
        assert_eq!(key["KeyState"], "Enabled", "{id}");
        assert_eq!(
            (key["MaterialSha256"].as_str(), key["BoundSha256"].as_str()),
            (Some(&**sha), Some(&**sha))
        );
        assert_eq!(key["Parameters"].as_u64().map(|n| n >= 1), Some(true), "{id}");
        imports += key["Imports"].as_u64().unwrap();
    }
    // Only requests in progress at a kill may have been sent again, with the same contents.
    assert!(imports <= keys as u64 + u64::from(kills) * JOBS, "{imports} imports of {keys} keys");
    let record = fs::read(dir.path().join("medium/transcript.jsonl")).unwrap();
    let chain = Transcript::verify(&record).unwrap().unwrap();
    let mut proved: BTreeMap<&str, usize> = BTreeMap::new();
    for line in chain.lines() {
        if let Event::Proved { key_id, .. } = &line.event {
            *proved.entry(key_id.as_str()).or_default() += 1;
        }
    }
    assert_eq!(proved.len(), keys, "a key is not recorded as proved");
    println!("{keys} keys, {kills} kills: {fetched} fetches, {imports} imports");
}

struct Station<'m> {
    dir: &'m Path,
    emulator: &'m EmulatorProcess,
    admin: &'m Admin,
    measure: &'m Measure,
}

impl Station<'_> {
    fn command(&self, line: &str) -> Command {
        let mut command = online(line.split(' '), &self.emulator.endpoint);
        let rate = self.measure.per_second.to_string();
        // On a busy machine requests come in bursts: the limit may refuse one more often than usual.
        command
            .args(["--rate", &rate, "--jobs", &JOBS.to_string(), "--attempts", "20"])
            .current_dir(self.dir);
        if line.starts_with("import") {
            let bytes = fs::read(self.dir.join("medium/ciphertext.json")).unwrap();
            command.args(["--expect-digest", &Fingerprint::of(&bytes).to_string()]);
        }
        by_script(&mut command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Kills this many runs, then lets one finish.
    fn until_done(&self, line: &str, kills: u32, rng: &mut ChaCha20Rng) {
        let (started, before) = (Instant::now(), self.admin.counts());
        let mut killed = 0;
        let done = loop {
            if killed == kills {
                break false;
            }
            if !self.is_killed(line, rng) {
                break true;
            }
            killed += 1;
        };
        let memory = if done { 0 } else { self.to_its_end(line) };
        let (took, after) = (started.elapsed(), self.admin.counts());
        let (answered, refused) = (after.0 - before.0, after.1 - before.1);
        let limit = Duration::from_secs(answered) / self.measure.per_second;
        println!(
            "{}: {killed} kills; {answered} requests in {took:.1?}, the limit's own time {limit:.1?} ({:+.1} %); \
             {refused} were too fast; peak memory {memory} KiB",
            line.split(' ').next().unwrap(),
            (took.as_secs_f64() / limit.as_secs_f64() - 1.0) * 100.0
        );
    }

    /// Runs it undisturbed; returns its peak memory in KiB.
    fn to_its_end(&self, line: &str) -> u64 {
        let mut child = self.command(line).spawn().unwrap();
        let mut memory = 0;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{line}: {status}");
                return memory;
            }
            memory = memory.max(peak(child.id()));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Runs it and kills it; returns whether that was before its end.
    fn is_killed(&self, line: &str, rng: &mut ChaCha20Rng) -> bool {
        match self.measure.killed {
            Killed::Flushing(most) => {
                let n = 1 + rng.next_u32() % most;
                let ended = KillAt::start(&self.command(line), flushes_lines, n.try_into().unwrap()).end();
                assert!(ended.killed(), "{line}: over before flush {n}");
                true
            }
            Killed::Within(most) => {
                let mut child = self.command(line).spawn().unwrap();
                std::thread::sleep(most.mul_f64(f64::from(rng.next_u32()) / f64::from(u32::MAX)));
                child.kill().unwrap();
                let status = child.wait().unwrap();
                assert!(matches!(status.code(), None | Some(0)), "{line}: {status}");
                status.code().is_none()
            }
        }
    }
}

/// Peak resident memory of a process in KiB; 0 when it is gone.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// Does what the offline station does; returns the material's SHA-256 by key.
fn wrap(dir: &Path) -> BTreeMap<String, String> {
    let read = |name: &str| fs::read(dir.join(name)).unwrap();
    let plan = CeremonyPlan::parse(&read("plan.toml")).unwrap();
    let (parameters, digest) = artefact::parse::<Parameters>(&read("medium/parameters.json")).unwrap();
    let checked = parameters.check(digest, &plan, now()).unwrap();
    let mut sha = BTreeMap::new();
    let mut wrapped = Vec::new();
    for entry in checked.entries() {
        let material = KeyMaterial::generate(entry.material().length, &mut SysRng).unwrap();
        let hex = Sha256::digest(material.expose()).iter().map(|b| format!("{b:02x}")).collect();
        sha.insert(entry.entry().key_id.to_string(), hex);
        wrapped.push(checked.wrap(entry, &material, &mut SysRng).unwrap());
    }
    assert_eq!(sha.len(), plan.keys().len());
    let ciphertext = checked.ciphertext(wrapped, Origin::station(false, now())).unwrap();
    fs::write(dir.join("medium/ciphertext.json"), &*artefact::to_bytes(&ciphertext).unwrap()).unwrap();
    sha
}
