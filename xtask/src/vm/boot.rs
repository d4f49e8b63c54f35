//! Boots the virtual machine, runs one job in it, and returns what the job printed and its sticks.
//!
//! QEMU runs without acceleration, so that it behaves the same everywhere, and without a network card, because it runs
//! production.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::cpio::Cpio;
use super::kit::Kit;
use super::output::{self, Step};
use super::sticks::{self, Format, Stick};
use super::{modules, pull, room};
use crate::run::{self, Stop};

/// A job that takes longer than this has failed; a boot takes about ten seconds.
const LONGEST: Duration = Duration::from_secs(600);

/// The guest's output is read only up to this length, in bytes.
const MOST: usize = 32 << 20;

const INIT: &str = include_str!("guest/init.sh");
const LIBRARY: &str = include_str!("guest/lib.sh");

/// The user that runs the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    Root,
    Operator,
}

impl User {
    const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Operator => "operator",
        }
    }

    const fn id(self) -> u32 {
        match self {
            Self::Root => 0,
            Self::Operator => 1000,
        }
    }
}

/// How the machine stops when the job has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The sticks are unmounted and the machine is switched off.
    PowerOff,
    /// The machine is reset at once: data that the kernel has not written to a stick is lost.
    Reset,
}

/// A shell script for the guest, and the machine for it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) name: &'static str,
    pub(crate) script: String,
    pub(crate) user: User,
    pub(crate) sticks: Vec<Stick>,
    pub(crate) ending: Ending,
    /// Additional programs and libraries that this job needs.
    pub(crate) files: Vec<GuestFile>,
    /// Sticks to pull out, each a given time after the step with its label has ended with exit code 0.
    pub(crate) pulled: Vec<(&'static str, Duration)>,
}

impl Job {
    /// A job without additional files, which runs until the machine is switched off.
    pub(crate) const fn new(name: &'static str, script: String, user: User, sticks: Vec<Stick>) -> Self {
        Self { name, script, user, sticks, ending: Ending::PowerOff, files: Vec::new(), pulled: Vec::new() }
    }
}

/// A path in the guest, and the contents of the executable file there.
pub(crate) type GuestFile = (String, Vec<u8>);

/// A machine that ran a job.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) steps: Vec<Step>,
    pub(crate) sticks: Vec<Stick>,
}

/// The folder of a job's files.
pub(crate) fn folder(job: &str) -> PathBuf {
    Kit::folder().join(job)
}

/// Boots, runs the job with the offline program, and waits for the end.
pub(crate) fn run(kit: &Kit, program: &Path, job: Job) -> Result<Done, Stop> {
    run_with(kit, program, job, "")
}

/// Like [`run()`], but with additional parameters on the kernel's command line.
pub(crate) fn run_with(kit: &Kit, program: &Path, job: Job, more: &str) -> Result<Done, Stop> {
    let folder = folder(job.name);
    let initramfs = folder.join("initramfs");
    let archive = archive(kit, program, &job)?;
    std::fs::write(&initramfs, archive).map_err(|e| Stop::failed(format!("{}: {e}", initramfs.display())))?;
    let mut qemu = machine(kit, &folder, more)?;
    qemu.arg("-initrd").arg(initramfs);
    for stick in &job.sticks {
        plug(&mut qemu, stick);
    }
    if !job.pulled.is_empty() {
        pull::allow(&mut qemu, &folder);
    }
    let log = folder.join("qemu");
    let failed = |e: std::io::Error| Stop::failed(format!("QEMU: {e}"));
    let log = std::fs::File::create(log).map_err(failed)?;
    let child = qemu.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().map_err(failed)?;
    let ended = std::thread::scope(|scope| {
        let pulling = scope.spawn(|| pull::each(&folder, &job.pulled));
        let ended = wait(child);
        pulling.join().unwrap_or_else(|_| Err(Stop::failed("the sticks were not pulled"))).and(ended)
    })?;
    let steps = finished(&folder, ended)?;
    Ok(Done { steps, sticks: job.sticks })
}

/// The machine without its sticks. Its clock starts at the time for which the inputs are valid.
fn machine(kit: &Kit, folder: &Path, more: &str) -> Result<Command, Stop> {
    let mut qemu = kit.qemu();
    qemu.args(["-accel", "tcg", "-M", "q35", "-m", "256", "-smp", "1", "-nodefaults", "-no-user-config"]);
    qemu.args(["-nic", "none", "-display", "none", "-no-reboot", "-device", "qemu-xhci,id=usb,p2=15,p3=15"]);
    qemu.args(["-rtc", &format!("base={},clock=vm", room::CLOCK)]);
    // The kernel's timer test counts interrupts, but the host may not schedule QEMU at all in the meantime: on a busy host the
    // test fails and the kernel panics.
    let line = format!("console=ttyS0 quiet panic=-1 no_timer_check {more}");
    qemu.arg("-kernel").arg(kit.kernel()?).args(["-append", line.trim_end()]);
    for port in ["console", "output"] {
        qemu.arg("-serial").arg(format!("file:{}", escaped(&folder.join(port))));
    }
    Ok(qemu)
}

fn plug(qemu: &mut Command, stick: &Stick) {
    let label = stick.label;
    let file =
        |name: &str, path: PathBuf| format!("driver=file,node-name={name},filename={}", escaped(&path));
    let mut node = format!("image-{label}");
    qemu.args(["-blockdev", &file(&node, stick.image())]);
    if stick.logged {
        qemu.args(["-blockdev", &file(&format!("log-{label}"), stick.log())]);
        let both = format!("driver=blklogwrites,node-name=both-{label},file={node},log=log-{label}");
        qemu.args(["-blockdev", &both]);
        node = format!("both-{label}");
    }
    qemu.args(["-device", &format!("usb-storage,id={label},bus=usb.0,removable=on,drive={node}")]);
}

/// QEMU separates options with commas; a double comma means a literal one.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

/// The initial file system: everything that the guest has.
fn archive(kit: &Kit, program: &Path, job: &Job) -> Result<Vec<u8>, Stop> {
    let mut archive = Cpio::default();
    for path in ["bin", "dev", "etc", "job", "media", "modules", "proc", "sys"] {
        archive.folder(path, 0o755);
    }
    archive.folder("tmp", 0o1777);
    // Without a console, the first process has no standard streams.
    archive.device("dev/console", 0o600, [5, 1]);
    archive.device("dev/null", 0o666, [1, 3]);
    archive.file("init", 0o755, INIT.as_bytes());
    archive.file("lib.sh", 0o644, LIBRARY.as_bytes());
    archive.file("bin/busybox", 0o755, &sticks::read(&kit.busybox())?);
    archive.file("bin/keyferry-offline", 0o755, &sticks::read(program)?);
    let user = |user: User| format!("{name}:x:{id}:{id}::/:/bin/sh\n", name = user.name(), id = user.id());
    let users = [User::Root, User::Operator].map(user);
    archive.file("etc/passwd", 0o644, users.concat().as_bytes());
    for (n, (name, contents)) in modules::in_order(&kit.modules()?)?.iter().enumerate() {
        archive.file(&format!("modules/{n:02}-{name}.ko"), 0o644, contents);
    }
    let folders =
        job.files.iter().flat_map(|(path, _)| path.match_indices('/').map(|(at, _)| path.split_at(at).0));
    folders.collect::<BTreeSet<_>>().into_iter().for_each(|folder| archive.folder(folder, 0o755));
    for (path, contents) in &job.files {
        archive.file(path, 0o755, contents);
    }
    describe(&mut archive, job);
    room::furnish(&mut archive);
    Ok(archive.finish())
}

/// Tells the guest what to do: its sticks, user, script and ending.
fn describe(archive: &mut Cpio, job: &Job) {
    let stick = |s: &Stick| format!("{} {} {}\n", s.label, s.format.name(), s.format.options(job.user.id()));
    let sticks: String = job.sticks.iter().filter(|stick| stick.format != Format::Raw).map(stick).collect();
    archive.file("job/sticks", 0o644, sticks.as_bytes());
    archive.file("job/who", 0o644, format!("{}\n", job.user.name()).as_bytes());
    archive.file("job/script", 0o644, job.script.as_bytes());
    let ending = if job.ending == Ending::Reset { "reset\n" } else { "power-off\n" };
    archive.file("job/ending", 0o644, ending.as_bytes());
}

/// Waits until QEMU has ended, and ends a machine that hangs.
fn wait(mut child: Child) -> Result<ExitStatus, Stop> {
    let started = Instant::now();
    let failed = |e: std::io::Error| Stop::failed(format!("QEMU: {e}"));
    while started.elapsed() < LONGEST {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().and_then(|()| child.wait()).map_err(failed)
}

/// The job's steps, if the guest reached the end of the job.
fn finished(folder: &Path, ended: ExitStatus) -> Result<Vec<Step>, Stop> {
    let output = sticks::read(&folder.join("output"))?;
    let output = String::from_utf8_lossy(output.get(..MOST).unwrap_or(&output)).into_owned();
    if ended.success() && output.lines().any(|line| line == "@finished") {
        return Ok(output::steps(&output));
    }
    let folder = folder.display();
    Err(Stop::failed(format!(
        "the machine did not finish its job ({ended}): see console, output and qemu in {folder}"
    )))
}

/// An empty folder for a job's files.
pub(crate) fn prepare(job: &str) -> Result<PathBuf, Stop> {
    let folder = folder(job);
    let _ = std::fs::remove_dir_all(&folder);
    run::create_folder(&folder)?;
    Ok(folder)
}
