//! Many keys under one escrow: one set of shares, confirmed once, for all of them.
//!
//! Time and memory of `wrap`, `drill` and `rewrap` are printed; the test fails only if a key is missing or not as recorded. For the full
//! measurement: `cargo test --release --test e2e backup_many:: -- --ignored --nocapture`; `KEYFERRY_MANY_KEYS` is the number of keys.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)] // figures are the point

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::shares::*;
use crate::support::*;
use keyferry_core::*;

/// The measurements of one run.
struct Figures {
    what: &'static str,
    wall: Duration,
    /// Seconds of processor time, in user mode and kernel, as last seen.
    cpu: f64,
    /// Peak of resident memory, in KiB.
    peak: u64,
}

/// Watches every child of this process that runs `keyferry-offline` until it ends.
fn watched(what: &'static str, run: impl FnOnce() -> Run) -> (Figures, Run) {
    let (started, over) = (Instant::now(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let (mut cpu, mut peak) = (0.0_f64, 0);
            while !over.load(Ordering::Relaxed) {
                for (ticks, resident) in children().into_iter().filter_map(|pid| look(&pid)) {
                    cpu = cpu.max(ticks);
                    peak = peak.max(resident);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            (cpu, peak)
        });
        let run = run();
        let wall = started.elapsed();
        over.store(true, Ordering::Relaxed);
        let (cpu, peak) = watch.join().unwrap();
        (Figures { what, wall, cpu, peak }, run)
    })
}

fn children() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let of = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).unwrap_or_default();
    tasks.flat_map(|t| of(t).split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn look(pid: &str) -> Option<(f64, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name in brackets: state is field 3; utime and stime are fields 14 and 15, in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let resident = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some((ticks / 100.0, resident.trim().trim_end_matches(" kB").parse().ok()?))
}

fn many_keys_under_one_escrow(count: usize) -> Vec<Figures> {
    // Building the programs does not count.
    bin_dir();
    let names: Vec<(String, String)> =
        (0..count).map(|n| (format!("key-{n}"), format!("{n:08x}-1e38-11e9-b129-5cb9019b4b01"))).collect();
    // Keys of both lengths.
    let region = |n: usize| if n.is_multiple_of(2) { "ap-singapore" } else { "ap-guangzhou" };
    let keys: Vec<_> =
        names.iter().enumerate().map(|(n, (a, id))| (a.as_str(), region(n), Some(id.as_str()))).collect();
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &keys);
    let none = "scheme = \"none\"\nreason = \"a test\"\n";
    let room = Room::with_plan(&plan.replace(none, "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n"));
    let folder = room.path("shares");
    private_folder(&folder);
    let (wrap, done) = watched("wrap", || {
        run_typing(&mut room.wrap(&["--shares", "files=shares"]), &folder, "Yes\n", lines)
    });
    done.ok();
    let (made, _) = room.ciphertext();
    assert_eq!(made.keys.len(), count);
    let record = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let chain = Transcript::verify(&record).unwrap().unwrap();
    let counted = |f: fn(&Event) -> bool| chain.lines().iter().filter(|l| f(&l.event)).count();
    assert_eq!(counted(|e| matches!(e, Event::SharesMade { .. })), 1);
    assert_eq!(counted(|e| matches!(e, Event::ShareConfirmed { .. })), 3, "once each, for all keys");
    assert_eq!(counted(|e| matches!(e, Event::MaterialGenerated { .. })), count);
    let escrow = fs::metadata(room.path("medium/escrow.json")).unwrap().len();
    let two = lines(&shares_in(&folder)[1..]);
    let offline_in_room = |args: &str, typed: &str| {
        let mut command: Command = offline(args.split(' '));
        run_with(command.current_dir(room.dir.path()), typed)
    };
    let (drill, done) = watched("drill", || {
        offline_in_room(
            "drill --transcript medium/transcript.jsonl --escrow medium/escrow.json --json",
            &format!("Yes\n{two}"),
        )
    });
    assert_eq!(done.ok().json()["succeeded"], count);
    fs::create_dir(room.path("again")).unwrap();
    let (rewrap, done) = watched("rewrap", || {
        let args = "rewrap --plan plan.toml --parameters medium/parameters.json --out again \
                    --transcript medium/transcript.jsonl --escrow medium/escrow.json";
        offline_in_room(args, &format!("Yes\n{two}"))
    });
    done.ok();
    let again = fs::read(room.path("again/ciphertext.json")).unwrap();
    let (again, _) = artefact::parse::<Ciphertext>(&again).unwrap();
    let commitments = |c: &Ciphertext| c.keys.iter().map(|k| k.commitment).collect::<Vec<_>>();
    assert_eq!(commitments(&again), commitments(&made));
    println!("{count} keys: escrow.json {escrow} bytes, transcript.jsonl {} bytes", record.len());
    vec![wrap, drill, rewrap]
}

fn show(count: usize, all: &[Figures], one: &[Figures]) {
    for (many, few) in all.iter().zip(one) {
        let (n, more) = (count as f64, many.peak.saturating_sub(few.peak) as f64);
        println!(
            "{:<6} {:>6.2} s, {:>6.2} s of computing ({:.3} ms a key), peak {:>6} KiB ({:.2} KiB a key; {} KiB for two)",
            many.what,
            many.wall.as_secs_f64(),
            many.cpu,
            many.cpu * 1000.0 / n,
            many.peak,
            more / n,
            few.peak
        );
    }
}

#[test]
fn one_set_of_shares_is_enough_for_many_keys() {
    many_keys_under_one_escrow(150);
}

#[test]
#[ignore = "ten thousand keys: --release -- --ignored --nocapture"]
fn ten_thousand_keys_under_one_escrow() {
    let count = std::env::var("KEYFERRY_MANY_KEYS").map_or(10_000, |n| n.parse().unwrap());
    let few = many_keys_under_one_escrow(2);
    let many = many_keys_under_one_escrow(count);
    show(count, &many, &few);
    for figures in &many {
        assert!(figures.peak > 0, "nothing was measured");
        assert!(figures.peak < 512 * 1024, "{}: {} KiB", figures.what, figures.peak);
    }
}
