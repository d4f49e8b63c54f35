//! Determines what kind of machine this is, before any secret exists. A command that handles secrets needs a
//! [`Fit`] to continue.
//!
//! [`look`] reads files under `/proc`, `/sys` and `/run`, and the output folder's attributes: no sockets, no netlink, no other
//! programs. Each property has a small module that returns a verdict and what it saw. Every read is capped, every parser is total,
//! and **a property that cannot be read is never a PASS**. [`demand`] then compares the results with the requirements:
//!
//! - a plan for production requires [`PostureCheck::BASELINE`] and the checks that it lists, except those that it
//!   waives with a reason;
//! - a rehearsal requires the checks that its plan lists, and shows what production would have refused; `--lower` visibly
//!   waives a check;
//! - commands that are run by hand (`generate`, `encrypt`) have no plan and no purpose, so the table only warns. Only one
//!   finding stops them: a raw key would be in a folder where others could read or replace it (`output`);
//! - only a PASS satisfies a requirement, or a NOTE that says why the property holds nevertheless.
//!
//! The checks describe the machine as this process sees it. They find mistakes, but a rootkit or a person at the keyboard can
//! deceive them.

use std::cell::OnceCell;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use keyferry_core::{Bilingual, Fingerprint, PostureCheck, PostureVerdict, Timestamp};

mod clock;
mod cores;
mod demand;
mod entropy_source;
mod files;
mod hardware;
mod kernel;
mod known_program;
mod mend;
mod namespace;
mod net;
mod network;
mod output;
mod posture_table;
mod process;
mod radio;
mod swap;
#[cfg(test)]
mod tests;
mod trace;
mod users;
mod virt;

use crate::descriptors::Descriptors;
use files::Unseen;

pub(crate) use cores::dumpable;
pub(crate) use demand::{Demands, Fit, demand};
#[allow(unreachable_pub)] // the crate's public error type contains them
pub use demand::{PostureError, PreflightFailed};
pub(crate) use output::Output;
pub(crate) use posture_table::{show_brief, show_table, to_json};
pub(crate) use process::Tried;

/// Where the kernel's files are read from: the real machine, or a simulated one. A file that several checks
/// need is read once.
#[derive(Debug)]
pub(crate) struct Roots {
    proc: PathBuf,
    sys: PathBuf,
    run: PathBuf,
    /// The types of the file systems `/proc` and `/sys`, as the kernel numbers them; `None` if it does not say.
    kinds: [Option<u64>; 2],
    status: OnceCell<Result<String, Unseen>>,
    mounts: OnceCell<Result<String, Unseen>>,
    processors: OnceCell<Option<String>>,
}

impl Roots {
    /// The files of this machine.
    pub(crate) fn real() -> Self {
        let kinds = namespace::kinds(Path::new("/proc"), Path::new("/sys"));
        Self::under(Path::new("/"), kinds)
    }

    /// The files below another folder.
    fn under(root: &Path, kinds: [Option<u64>; 2]) -> Self {
        let [proc, sys, run] = ["proc", "sys", "run"].map(|folder| root.join(folder));
        let (status, mounts, processors) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { proc, sys, run, kinds, status, mounts, processors }
    }

    /// A field of the kernel's `status` file about this process.
    fn status(&self, field: &str) -> Result<String, Unseen> {
        let path = self.proc("self/status");
        let text = self.status.get_or_init(|| files::text(&path)).as_ref().map_err(Clone::clone)?;
        files::field(text, &path, field)
    }

    /// `mountinfo`, as this process sees it.
    fn mounts(&self) -> Result<&str, Unseen> {
        let read = || files::text(&self.proc("self/mountinfo"));
        self.mounts.get_or_init(read).as_deref().map_err(Clone::clone)
    }

    /// The first processor's entry in `cpuinfo`, and perhaps more; `None` if it cannot be read.
    fn processors(&self) -> Option<&str> {
        self.processors.get_or_init(|| files::beginning(&self.proc("cpuinfo")).ok()).as_deref()
    }

    fn proc(&self, path: &str) -> PathBuf {
        self.proc.join(path)
    }

    fn sys(&self, path: &str) -> PathBuf {
        self.sys.join(path)
    }
}

/// The circumstances that are checked in addition to the machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subject<'a> {
    /// The folder to which the command will write.
    pub(crate) output: Option<Output<'a>>,
    /// The machine's clock.
    pub(crate) clock: Option<Timestamp>,
    /// The time that a person entered.
    pub(crate) told: Option<Timestamp>,
    /// The time when the parameters were fetched, and their first expiry.
    pub(crate) window: Option<(Timestamp, Timestamp)>,
    /// The program's SHA-256 according to the plan.
    pub(crate) program: Option<Fingerprint>,
    /// Whether the kernel says that this process could be dumped. `None` if it was not asked.
    pub(crate) dumpable: Option<bool>,
    /// The descriptors that the program was started with. `None` if they were not read at the start.
    pub(crate) descriptors: Option<&'a Descriptors>,
}

/// The result of one check.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) verdict: PostureVerdict,
    /// Whether the property holds: always for PASS, never for FAIL.
    pub(crate) holds: bool,
    pub(crate) text: Bilingual,
}

impl Seen {
    fn pass(text: Bilingual) -> Self {
        Self { verdict: PostureVerdict::Pass, holds: true, text }
    }

    fn fail(text: Bilingual) -> Self {
        Self { verdict: PostureVerdict::Fail, holds: false, text }
    }

    /// A property that cannot be determined here, which never satisfies a requirement.
    fn note(text: Bilingual) -> Self {
        Self { verdict: PostureVerdict::Note, holds: false, text }
    }

    /// A property that holds, with a note that people should read.
    fn holds_with_note(text: Bilingual) -> Self {
        Self { verdict: PostureVerdict::Note, holds: true, text }
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) check: PostureCheck,
    pub(crate) seen: Seen,
}

/// The whole table.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    /// SHA-256 of this program.
    pub(crate) program: Option<Fingerprint>,
    /// Whether a secret output would be accessible to others than its owner.
    pub(crate) exposed: bool,
}

/// Whether data in a folder disappears when the power is off or the medium is removed; and whether it is in
/// memory.
pub(crate) fn storage(roots: &Roots, folder: &Path) -> (Seen, bool) {
    let place = output::place(roots, Output { folder, secret: true });
    (output::medium(roots, Some(&place)), output::in_memory(&place))
}

impl Report {
    /// Adds the rows about the privileges that the process drops.
    pub(crate) fn with(mut self, tried: &Tried) -> Self {
        self.findings.extend(process::rows(tried));
        self.findings.sort_by_key(|f| f.check);
        self
    }
}

/// Runs all checks; `own` is the digest of the running program.
pub(crate) fn look(roots: &Roots, subject: &Subject<'_>, own: &Result<Fingerprint, ErrorKind>) -> Report {
    use PostureCheck as C;
    let place = subject.output.map(|output| output::place(roots, output));
    let (private, exposed) = output::private(roots, place.as_ref());
    let rows = [
        (C::NoNetwork, network::look(roots, subject.descriptors)),
        (C::NoRadio, radio::look(roots)),
        (C::NoSwap, swap::look(roots)),
        (C::NoHibernation, swap::look_hibernation(roots)),
        (C::NoCoreDumps, cores::look(roots, subject.dumpable)),
        (C::NoTracer, trace::look(roots)),
        (C::PtraceScope, trace::look_scope(roots)),
        (C::KernelLockdown, kernel::look_lockdown(roots)),
        (C::SecureBoot, kernel::look_secure_boot(roots)),
        (C::BareMetal, virt::look(roots)),
        (C::PrivateOutput, private),
        (C::MemoryOutput, output::medium(roots, place.as_ref())),
        (C::EntropySource, entropy_source::look(roots)),
        (C::ClockConfirmed, clock::look(subject)),
        (C::NobodyElse, users::look(roots)),
        (C::KnownProgram, known_program::judge(own, subject.program)),
    ];
    let mut findings: Vec<_> = rows.into_iter().map(|(check, seen)| Finding { check, seen }).collect();
    findings.sort_by_key(|f| f.check);
    Report { findings, program: own.as_ref().ok().copied(), exposed }
}
