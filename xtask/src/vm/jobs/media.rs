//! Power cuts and pulled sticks: runs the same command again in every state in which they can leave a medium during and after a `wrap` or an `export`.
//!
//! One machine records the writes of a run. Each prefix of the writes is a possible medium after a stick is pulled. So is each medium with
//! random losses of writes since the last flush, which a stick with a cache can cause. A second machine runs the same command again on
//! each medium, after the repair that the refusal names. If the first run had ended with exit code 0, every output that it
//! promised must exist. Otherwise the repeated command must succeed, or say that the first run was complete.

use std::path::{Path, PathBuf};

use super::super::boot::{self, Done, GuestFile, Job, User};
use super::super::sticks::{self, Format, Stick};
use super::super::verdict::{self, Check, check};
use super::super::write_log::{SECTOR, WriteLog};
use super::{Bench, printed_as as printed};
use crate::run::Stop;

mod judge;
mod states;
mod station;

use judge::Tally;
use states::State;

const RECORD: &str = include_str!("media/record.sh");
const REPLAY: &str = include_str!("media/replay.sh");
const EXPORTED: &str = include_str!("adversary/exported/transcript.jsonl");

/// The seed, so that random losses are the same in each run.
const SEED: u64 = 0x6b65_7966_6572_7279;

/// A stick's label, its file system, what repairs it, and the names of the jobs for `wrap` and `export`.
type System = (&'static str, Format, &'static str, [&'static str; 2]);

const SYSTEMS: [System; 4] = [
    ("VFAT", Format::Vfat, "fsck.vfat -a", ["wrap-vfat", "export-vfat"]),
    ("SYNC", Format::VfatSync, "fsck.vfat -a", ["wrap-vfat-sync", "export-vfat-sync"]),
    ("EXFAT", Format::Exfat, "fsck.exfat -y", ["wrap-exfat", "export-exfat"]),
    ("EXT4", Format::Ext4, "e2fsck -p", ["wrap-ext4", "export-ext4"]),
];

/// A command whose run is interrupted.
pub(super) struct Subject {
    /// The index of the job's name.
    which: usize,
    /// The record's line that names the output, and the member with the digest, which the command also prints.
    line: &'static str,
    digest: &'static str,
    /// The part of the guest's script that is specific to this command.
    script: String,
    files: Vec<GuestFile>,
}

impl Subject {
    fn wrap() -> Self {
        let exported = super::adversary::put_at("/tmp/exported", "transcript.jsonl", EXPORTED);
        let script = format!("{exported}{}", include_str!("media/wrap.sh"));
        let (line, digest) = ("ciphertext-written", "ciphertext_sha256");
        Self { which: 0, line, digest, script, files: Vec::new() }
    }

    fn export(bench: Bench<'_>) -> Result<Self, Stop> {
        let (mut files, now) = station::fetched()?;
        files.extend(with_libraries(bench, &crate::test_build::programs()?.join("keyferry-online"))?);
        let script = format!("{now}{}", include_str!("media/export.sh"));
        Ok(Self { which: 1, line: "exported", digest: "parameters_sha256", script, files })
    }
}

/// For the default jobs: FAT, which loses the most.
pub(super) fn short(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    run(bench, "media", &Subject::wrap(), SYSTEMS.get(..1).unwrap_or_default(), 10)
}

/// Both commands on all file systems, with many losses.
pub(super) fn long(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let mut checks = run(bench, "media-wrap", &Subject::wrap(), &SYSTEMS, 60)?;
    checks.extend(run(bench, "media-export", &Subject::export(bench)?, &SYSTEMS, 60)?);
    Ok(checks)
}

fn run(
    bench: Bench<'_>,
    name: &'static str,
    subject: &Subject,
    systems: &[System],
    losses: usize,
) -> Result<Vec<Check>, Stop> {
    let recorded = record(bench, name, subject, systems)?;
    let replayed: Vec<_> = std::thread::scope(|scope| {
        let replay = |system| replay(bench, system, subject, &recorded, losses);
        let threads: Vec<_> = systems.iter().map(|system| scope.spawn(move || replay(system))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(Stop::failed("lost"))))
            .collect()
    });
    let mut checks = Vec::new();
    for ((label, ..), tally) in systems.iter().zip(replayed) {
        let (tally, line) = (tally?, subject.line);
        let verdict = if tally.bad.is_empty() { Ok(()) } else { Err(tally.bad.join("\n        ")) };
        checks.push(check(format!("{label}, {line}, {}", tally.rows().join("; ")), verdict));
        let lost = tally.lost.into_iter();
        checks.extend(lost.map(|lost| check(format!("{label}, lost by the medium, {lost}"), Ok(()))));
    }
    Ok(checks)
}

/// Boots one machine; returns every stick with the log of its writes.
fn record(bench: Bench<'_>, name: &'static str, subject: &Subject, systems: &[System]) -> Result<Done, Stop> {
    let folder = boot::prepare(name)?;
    let make = |(label, format, ..): &System| Stick::make(bench.kit, &folder, label, *format)?.logged();
    let sticks = systems.iter().map(make).collect::<Result<Vec<_>, Stop>>()?;
    let labels: Vec<_> = systems.iter().map(|(label, ..)| *label).collect();
    let script = format!("{}sticks='{}'\n{RECORD}", subject.script, labels.join(" "));
    let files = subject.files.clone();
    boot::run(bench.kit, bench.program, Job { files, ..Job::new(name, script, User::Root, sticks) })
}

fn replay(
    bench: Bench<'_>,
    system: &System,
    subject: &Subject,
    recorded: &Done,
    losses: usize,
) -> Result<Tally, Stop> {
    let label = system.0;
    let stick = recorded.sticks.iter().find(|stick| stick.label == label);
    let stick = stick.ok_or_else(|| Stop::failed(format!("no stick {label}")))?;
    let printed = verdict::ended(recorded, label, 0).and_then(|step| printed(step, subject.digest));
    let printed = printed.map_err(Stop::failed)?;
    let before = sticks::read(&stick.before())?;
    let log = WriteLog::parse(&sticks::read(&stick.log())?)?;
    let states = states::all(&log, &before, losses, SEED)?;
    let done = machine(bench, system, subject, &states, before.len() / SECTOR)?;
    Ok(Tally::of(&done, &states, subject, &printed))
}

/// The machine that runs the command again, with two sticks: all states, and the one under test.
fn machine(
    bench: Bench<'_>,
    (_, format, repair, names): &System,
    subject: &Subject,
    states: &[State],
    size: usize,
) -> Result<Done, Stop> {
    let name = names.get(subject.which).copied().unwrap_or("media");
    let folder = boot::prepare(name)?;
    let all = Stick::raw(&folder, "STATES");
    states::write(states, &all.image())?;
    let one = Stick::raw(&folder, "STICK");
    let failed = |e: std::io::Error| Stop::failed(format!("{}: {e}", folder.display()));
    std::fs::File::create(one.image())
        .and_then(|file| file.set_len((size * SECTOR) as u64))
        .map_err(failed)?;
    let (kind, options, count) = (format.name(), format.options(0), states.len());
    let script = format!(
        "{}type={kind}\noptions={options}\nrepair='{repair}'\ncount={count}\nsize={size}\n{REPLAY}",
        subject.script
    );
    let tool = bench.kit.path_of(repair.split(' ').next().unwrap_or_default());
    let mut files = with_libraries(bench, &tool)?;
    files.extend(subject.files.iter().cloned());
    let sticks = vec![all, one];
    boot::run(bench.kit, bench.program, Job { files, ..Job::new(name, script, User::Root, sticks) })
}

/// A program with the libraries that it needs.
fn with_libraries(bench: Bench<'_>, program: &Path) -> Result<Vec<GuestFile>, Stop> {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let mut files = vec![(format!("bin/{name}"), sticks::read(program)?)];
    for (place, library) in libraries(bench, program)? {
        files.push((place, sticks::read(&library)?));
    }
    Ok(files)
}

/// Where the guest expects each library, and where it is on this machine.
fn libraries(bench: Bench<'_>, program: &Path) -> Result<Vec<(String, PathBuf)>, Stop> {
    let listed = crate::run::output(bench.kit.tool("ldd").arg(program))?;
    let place = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let path = PathBuf::from(words.iter().rfind(|word| word.starts_with('/'))?);
        let folder = if line.contains("ld-linux") { "lib64" } else { "lib" };
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((format!("{folder}/{name}"), path))
    };
    Ok(listed.lines().filter_map(place).collect())
}
