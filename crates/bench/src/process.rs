//! One key, whole processes: `keyferry-offline wrap` compared with the four `openssl` commands of the vendor's step 3.
//!
//! `wrap` does more than the four commands: it checks the plan and the parameters, records every step, and waits until every
//! output is on the device. So it is measured twice, on the disk and in memory, where there is nothing to wait for.

use keyferry_core::artefact::names;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use keyferry_core::{Fingerprint, Timestamp, WrappingAlgorithm};
use keyferry_transport::{Access, read_capped, write_new};

use super::BenchError;
use super::figures::{Group, Missing, Report};
use super::fixture::{Fixture, SPKI};
use super::folder::Folder;
use super::measure::{Contender, Ticker, in_turn};

/// The four commands of the vendor's step 3, for RSAES_OAEP_SHA_256 and 32 bytes: `ceremony/spec/tencent-kms.md` §5.4.
const OPENSSL: [&str; 4] = [
    "rand -out raw_material.bin 32",
    "enc -d -base64 -A -in public_key.base64 -out public_key.bin",
    "pkeyutl -in raw_material.bin -out encrypted_key_material.bin -inkey public_key.bin -keyform DER -pubin \
     -encrypt -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256",
    "enc -e -base64 -A -in encrypted_key_material.bin -out encrypted_material.base64",
];
/// Maximum size of a program that is hashed, in bytes.
const MAX_PROGRAM: usize = 512 * 1024 * 1024;

/// Adds the comparison to `report`, or the reason why there is none.
pub(super) fn compare(report: &mut Report, programs: Option<&Path>, budget: Duration, ticker: &mut Ticker) {
    let Some(station) = station(programs) else { return report.left_out.push(Missing::Station) };
    let Some(version) = openssl_version() else { return report.left_out.push(Missing::Openssl) };
    report.station_sha256 = digest_of(&station);
    let places = [("disk", std::env::temp_dir()), ("memory", PathBuf::from("/dev/shm"))];
    let places: Vec<_> = places.into_iter().filter(|(_, base)| base.is_dir()).collect();
    let budget = budget / u32::try_from(places.len().max(1)).unwrap_or(1);
    for (place, base) in places {
        let pair = Pair { station: &station, openssl: &version, now: report.taken_at };
        match pair.in_place(&format!("process/{place}"), &base, budget, ticker) {
            Ok(group) => report.groups.push(group),
            Err(_) if report.left_out.contains(&Missing::ProcessFailed) => {}
            Err(_) => report.left_out.push(Missing::ProcessFailed),
        }
    }
}

/// SHA-256 of a program.
pub(super) fn digest_of(program: &Path) -> Option<Fingerprint> {
    read_capped(program, MAX_PROGRAM).ok().map(|bytes| Fingerprint::of(&bytes))
}

/// The offline station in `programs`, or else next to the running program. The path is absolute, because it runs in its own
/// folder.
pub(super) fn station(programs: Option<&Path>) -> Option<PathBuf> {
    let beside = || std::env::current_exe().ok()?.parent().map(Path::to_owned);
    let folder = programs.map(Path::to_owned).or_else(beside)?;
    let path = folder.join("keyferry-offline").canonicalize().ok()?;
    path.is_file().then_some(path)
}

/// As `3.0.19`.
fn openssl_version() -> Option<String> {
    let done = Command::new("openssl").arg("version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    Some(text.split_whitespace().nth(1).unwrap_or("?").to_owned()).filter(|_| done.status.success())
}

/// The two programs to time, the station with its path and OpenSSL with its version; `now` is the time at which the parameters
/// are fetched.
struct Pair<'a> {
    station: &'a Path,
    openssl: &'a str,
    now: Timestamp,
}

impl Pair<'_> {
    fn in_place(
        &self,
        id: &str,
        base: &Path,
        budget: Duration,
        ticker: &mut Ticker,
    ) -> Result<Group, BenchError> {
        let folder = Folder::new(base)?;
        let digest = prepare(folder.path(), self.now)?.to_string();
        let mut runs = 0;
        let ours = || {
            runs += 1;
            let medium = format!("medium-{runs}");
            std::fs::create_dir(folder.path().join(&medium)).map_err(|_| BenchError::Process)?;
            let mut command = Command::new(self.station);
            command.args(["wrap", "--plan", names::PLAN, "--parameters", names::PARAMETERS]);
            command.args(["--expect-digest", &digest, "--out", &medium]);
            quiet(&mut command, folder.path())
        };
        let theirs = || {
            let run =
                |line: &&str| quiet(Command::new("openssl").args(line.split_whitespace()), folder.path());
            OPENSSL.iter().try_for_each(run)
        };
        let mut contenders = [
            Contender::new("keyferry-offline", ours).version(env!("CARGO_PKG_VERSION")),
            Contender::new("openssl-commands", theirs).version(self.openssl),
        ];
        let times = in_turn(&mut contenders, budget, ticker)?;
        Ok(Group::of(id, &contenders, &times, true))
    }
}

/// Writes the plan, the parameters and the vendor's public key file; returns the digest to expect.
fn prepare(folder: &Path, now: Timestamp) -> Result<Fingerprint, BenchError> {
    let fixture = Fixture::new(1, WrappingAlgorithm::default(), now)?;
    let base64 = base64::engine::general_purpose::STANDARD.encode(SPKI);
    for (name, bytes) in [
        (names::PLAN, &*fixture.plan),
        (names::PARAMETERS, &*fixture.parameters),
        ("public_key.base64", base64.as_bytes()),
    ] {
        write_new(&folder.join(name), bytes, Access::Everyone)?;
    }
    Ok(fixture.digest())
}

fn quiet(command: &mut Command, folder: &Path) -> Result<(), BenchError> {
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(BenchError::Process),
    }
}
