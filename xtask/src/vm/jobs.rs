//! The jobs of `cargo xtask vm` and what each must show.

mod adversary;
mod dumps;
mod full;
mod media;
mod pulled;
mod settle;

use std::path::Path;

use serde_json::Value;

use super::boot::{self, Done, Ending, Job, User};
use super::kit::Kit;
use super::output::Step;
use super::room;
use super::sticks::{self, Format, Stick, read_fat};
use super::verdict::{self, Check, check, member};
use crate::run::Stop;

/// The helpers of one job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bench<'a> {
    pub(crate) kit: &'a Kit,
    /// The offline program under test.
    pub(crate) program: &'a Path,
}

/// A job's name, what it shows, and how it is run.
pub(crate) type Entry = (&'static str, &'static str, fn(Bench<'_>) -> Result<Vec<Check>, Stop>);

/// The jobs that run by default.
pub(crate) const JOBS: [Entry; 8] = [
    ("root", "production as root: what passes, what is refused, what a plan waives", root),
    ("operator", "production as an ordinary user", operator),
    ("landlock", "production on a kernel without Landlock", landlock),
    ("adversary", "production with files from an outsider", adversary::run),
    ("settle", "production with changes while a question is open", settle::run),
    ("fat", "a FAT stick is whole from the moment at which wrap has ended", fat),
    ("full", "a FAT stick that is nearly full, at every number of free clusters", full::run),
    ("media", "power cuts in a wrap, on FAT", media::short),
];

/// Jobs that run only if they are named.
pub(crate) const LONG: [Entry; 2] = [
    ("media-long", "power cuts in wrap and export, on every file system", media::long),
    ("pulled", "FAT sticks that are pulled after exit 0", pulled::run),
];

const PRODUCTION: &str = include_str!("jobs/production.sh");
const NAMESPACES: &str = include_str!("jobs/namespaces.sh");
const LOCKED_MEMORY: &str = include_str!("jobs/locked_memory.sh");
const LANDLOCK: &str = include_str!("jobs/landlock.sh");
const REFUSALS: &str = include_str!("jobs/refusals.sh");
const FAT: &str = include_str!("jobs/fat.sh");

/// The sticks of `production.sh`.
const SYSTEMS: [(&str, Format); 3] =
    [("VFAT", Format::Vfat), ("EXFAT", Format::Exfat), ("EXT4", Format::Ext4)];

/// Each situation that `refusals.sh` sets up, and the check that refuses it.
const REFUSED: [(&str, &str); 8] = [
    ("interface-up", "no-network"),
    ("address", "no-network"),
    ("swap", "no-swap"),
    ("open-folder", "private-output"),
    ("read-only", "private-output (/media/EXT4/read-only is read-only"),
    ("unprivileged", "no-network (a network namespace of its own"),
    ("card-elsewhere", "no-network (another network namespace (process "),
    ("kept-namespace", "no-network (a network namespace is kept at /tmp/kept"),
];

/// Each situation that `namespaces.sh` sets up, and why `no-network` refuses it: as root, and as an ordinary user.
const UNSEEN: [(&str, [&str; 2]); 5] = [
    ("own-network", ["a network namespace of its own", "a user namespace of its own"]),
    ("fresh-sysfs", ["a PID namespace of its own", "a user namespace of its own"]),
    ("container", ["a PID namespace of its own", "a user namespace of its own"]),
    ("user-namespace", ["a user namespace of its own", "a user namespace of its own"]),
    ("descriptor", ["descriptor 7 was open at the start: /etc/passwd"; 2]),
];

fn root(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let folder = boot::prepare("root")?;
    let mut sticks = three(bench, &folder)?;
    sticks.push(Stick::make(bench.kit, &folder, "SWAP", Format::Swap)?);
    let script = format!("{PRODUCTION}\n{}\n{NAMESPACES}\n{REFUSALS}", dumps::SCRIPT);
    let job = Job::new("root", script, User::Root, sticks);
    let done = boot::run(bench.kit, bench.program, job)?;
    let mut checks = production(bench, &done, "uid=0(root)");
    checks.extend(dumps::checks(&done));
    checks.extend(unseen(&done, User::Root));
    checks.push(check("wrap with loopback up", verdict::ended(&done, "loopback-up", 0).map(drop)));
    for (step, control) in REFUSED {
        checks.push(check(format!("{step} is refused by {control}"), verdict::refused(&done, step, control)));
    }
    let down = verdict::ended(&done, "card-elsewhere-down", 0).map(drop);
    checks.push(check("wrap with a card in another namespace, down", down));
    checks.push(check(
        "preflight reports a read-only medium",
        preflight_refuses(&done, "read-only", "private-output"),
    ));
    checks.push(check("a file system without hidden names is refused before a secret exists", msdos(&done)));
    checks.push(check("a short contribution is refused", short_entropy(&done)));
    checks.push(check("a waived check is shown and recorded", waived(&done)));
    Ok(checks)
}

fn operator(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let folder = boot::prepare("operator")?;
    let sticks = three(bench, &folder)?;
    let script = format!("{PRODUCTION}\n{}\n{NAMESPACES}\n{LOCKED_MEMORY}", dumps::SCRIPT);
    let job = Job::new("operator", script, User::Operator, sticks);
    let done = boot::run(bench.kit, bench.program, job)?;
    let mut checks = production(bench, &done, "uid=1000(operator)");
    checks.extend(dumps::checks(&done));
    checks.extend(unseen(&done, User::Operator));
    checks.push(check("wrap stops where no memory can be locked", no_locked_memory(&done)));
    checks.push(check("preflight reports it", preflight_refuses(&done, "no-locked-memory", "secret-memory")));
    Ok(checks)
}

/// The checks of `namespaces.sh`.
fn unseen(done: &Done, user: User) -> impl Iterator<Item = Check> {
    UNSEEN.into_iter().map(move |(step, [root, operator])| {
        let reason = if user == User::Root { root } else { operator };
        check(
            format!("{step} is refused: {reason}"),
            verdict::refused(done, step, &format!("no-network ({reason}")),
        )
    })
}

/// The command is refused before it writes a line to the record, and it leaves the folder unchanged.
fn msdos(done: &Done) -> Result<(), String> {
    let step = verdict::ended(done, "msdos", 3)?;
    verdict::contains(&step.err, "error [KF-FILE-08]")?;
    verdict::contains(&step.err, "does not allow hidden names")?;
    let contents = |when: &str| verdict::ended(done, &format!("{when}-msdos"), 0).map(|step| &step.out);
    let (came, left) = (contents("came")?, contents("left")?);
    if came == left { Ok(()) } else { Err(format!("{came} before, and {left} afterwards")) }
}

/// The command is refused and leaves only the record.
fn short_entropy(done: &Done) -> Result<(), String> {
    let step = verdict::ended(done, "short-entropy", 1)?;
    verdict::contains(&step.err, "error [KF-ENT-02]")?;
    let left = &verdict::ended(done, "left-short-entropy", 0)?.out;
    if left.trim() == "transcript.jsonl" { Ok(()) } else { Err(format!("left behind: {left}")) }
}

fn no_locked_memory(done: &Done) -> Result<(), String> {
    lacking(done, "no-locked-memory", "KF-MEM-01")
}

fn landlock(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let folder = boot::prepare("landlock")?;
    let sticks = vec![Stick::make(bench.kit, &folder, "EXT4", Format::Ext4)?];
    let script = LANDLOCK.to_owned();
    let job = Job::new("landlock", script, User::Operator, sticks);
    let done = boot::run_with(bench.kit, bench.program, job, "lsm=yama")?;
    Ok(vec![
        check("wrap stops if it cannot restrict its folders", lacking(&done, "no-landlock", "KF-SAND-02")),
        check("preflight reports it", preflight_refuses(&done, "no-landlock", "sandbox")),
    ])
}

/// `preflight` ends with exit code 1 because of this check.
fn preflight_refuses(done: &Done, name: &str, refused: &str) -> Result<(), String> {
    let step = verdict::ended(done, &format!("preflight-{name}"), 1)?;
    verdict::contains(
        &step.err,
        &format!("error [KF-POST-02]: this machine does not meet the requirements: {refused}"),
    )
}

/// This control refuses the command, which leaves nothing behind.
fn lacking(done: &Done, name: &str, control: &str) -> Result<(), String> {
    let step = verdict::ended(done, name, 1)?;
    verdict::contains(&step.err, &format!("error [{control}]"))?;
    let left = &verdict::ended(done, &format!("left-{name}"), 0)?.out;
    if left.is_empty() { Ok(()) } else { Err(format!("{name} left behind: {left}")) }
}

/// The sticks of `production.sh`.
fn three(bench: Bench<'_>, folder: &Path) -> Result<Vec<Stick>, Stop> {
    SYSTEMS.into_iter().map(|(label, format)| Stick::make(bench.kit, folder, label, format)).collect()
}

/// The checks of `production.sh`.
fn production(bench: Bench<'_>, done: &Done, user: &str) -> Vec<Check> {
    let who = verdict::ended(done, "id", 0).and_then(|step| verdict::contains(&step.out, user));
    let mut checks = vec![check(format!("the job runs as {user}"), who)];
    checks.push(check("preflight names the program by its digest", program(bench, done)));
    for (stick, _) in SYSTEMS {
        checks.push(check(format!("preflight passes, {stick}"), preflight(done, stick)));
        checks.push(check(format!("wrap passes and the record says so, {stick}"), wrap(done, stick)));
        checks.push(check(format!("ciphertext.json is what wrap printed, {stick}"), digest(done, stick)));
    }
    checks
}

fn preflight(done: &Done, stick: &str) -> Result<(), String> {
    let table = table(done, stick)?;
    if *member(&table, "fit") != true || !member(&table, "error").is_null() {
        return Err(format!("preflight does not accept the machine: {table}"));
    }
    verdict::baseline(member(&table, "checks"), room::BASELINE)
}

fn program(bench: Bench<'_>, done: &Done) -> Result<(), String> {
    let program = sticks::read(bench.program).map_err(|stop| stop.message().to_owned())?;
    verdict::contains(
        &member(&table(done, "VFAT")?, "program_sha256").to_string(),
        &verdict::sha256(&program),
    )
}

/// What `preflight` printed.
fn table(done: &Done, stick: &str) -> Result<Value, String> {
    let step = verdict::ended(done, &format!("preflight-{stick}"), 0)?;
    serde_json::from_str(&step.out).map_err(|e| format!("{}: {e}", step.name))
}

fn wrap(done: &Done, stick: &str) -> Result<(), String> {
    verdict::ended(done, &format!("wrap-{stick}"), 0)?;
    let record = &verdict::ended(done, &format!("record-{stick}"), 0)?.out;
    verdict::confined(&verdict::event(record, "confined")?)?;
    let posture = verdict::event(record, "posture-checked")?;
    verdict::baseline(member(&posture, "findings"), room::BASELINE)?;
    verdict::same(&table(done, stick)?, &posture)
}

fn digest(done: &Done, stick: &str) -> Result<(), String> {
    let printed = printed(verdict::ended(done, &format!("wrap-{stick}"), 0)?)?;
    verdict::contains(&verdict::ended(done, &format!("digest-{stick}"), 0)?.out, &printed)
}

/// The digest that `wrap` printed.
fn printed(step: &Step) -> Result<String, String> {
    printed_as(step, "ciphertext_sha256")
}

/// The digest in this member of the JSON that a command printed.
fn printed_as(step: &Step, name: &str) -> Result<String, String> {
    let result: Value = serde_json::from_str(&step.out).map_err(|e| format!("{}: {e}", step.name))?;
    let digest = member(&result, name).as_str().filter(|digest| digest.len() == 64);
    digest.map(str::to_owned).ok_or_else(|| format!("{} printed no digest", step.name))
}

fn waived(done: &Done) -> Result<(), String> {
    verdict::contains(&verdict::ended(done, "waived", 0)?.err, "[WAIVED by the plan]")?;
    let event = verdict::event(&verdict::ended(done, "record-waived", 0)?.out, "posture-waived")?;
    if *member(&event, "check") == "private-output" && *member(&event, "reason") == "the room has one key" {
        Ok(())
    } else {
        Err(format!("the record says {event}"))
    }
}

fn fat(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let folder = boot::prepare("fat")?;
    let logged = Stick::make(bench.kit, &folder, "LOGGED", Format::Vfat)?.logged()?;
    let cut = Stick::make(bench.kit, &folder, "CUT", Format::Vfat)?;
    let sticks = vec![logged, cut];
    let job = Job { ending: Ending::Reset, ..Job::new("fat", FAT.to_owned(), User::Root, sticks) };
    let done = boot::run(bench.kit, bench.program, job)?;
    done.sticks.iter().map(|stick| fat_stick(bench.kit, &done, stick)).collect()
}

/// Checks one stick: at each moment if its writes were recorded, or else in the state that the reset left.
fn fat_stick(kit: &Kit, done: &Done, stick: &Stick) -> Result<Check, Stop> {
    let (images, what) = if stick.logged {
        (stick.moments()?, "moments after exit 0")
    } else {
        (vec![stick.image()], "reset at exit 0")
    };
    let step = stick.label;
    let bad: Vec<_> = images.iter().filter_map(|image| whole(kit, done, step, image).err()).collect();
    let (count, all) = (bad.len(), images.len());
    let verdict = bad.first().map_or(Ok(()), |first| Err(format!("{count} of {all}: {first}")));
    Ok(check(format!("the FAT stick is whole, {all} {what}"), verdict))
}

/// Checks that an image has the file whose digest the step printed.
fn whole(kit: &Kit, done: &Done, step: &str, image: &Path) -> Result<(), String> {
    let printed = printed(verdict::ended(done, step, 0)?)?;
    let file = read_fat(kit, image, "ciphertext.json").map_err(|stop| stop.message().to_owned())?;
    let file = file.ok_or_else(|| format!("{} has no ciphertext.json", image.display()))?;
    verdict::contains(&verdict::sha256(&file), &printed)
        .map_err(|_| format!("{}: ciphertext.json has {} bytes", image.display(), file.len()))
}
