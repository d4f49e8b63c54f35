//! The second thread of a command that looks at the machine: the program's own digest from the start on, and at the look a part of it.
//!
//! Of all that a command does before its secret the digest takes longest. What is looked at is looked at when the command asks, not
//! when the thread has time: a person may have been asked something in between.

use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::thread::{Builder, JoinHandle};

use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

use crate::posture::{Aside, Roots};
use crate::program::digest_of_own_file;

/// Octets of stack: pieces of files, paths, and room.
const STACK: usize = 256 * 1024;

/// What the thread is asked at the look: where the kernel's files are.
type Asked = Arc<OnceLock<Roots>>;

/// The thread, or what it would have done.
pub(crate) struct Beside(Cell<Option<(Asked, JoinHandle<Aside>)>>);

impl Beside {
    /// Not before it is asked for.
    pub(crate) const fn later() -> Self {
        Self(Cell::new(None))
    }

    /// From now on, if there can be a thread.
    pub(crate) fn begin() -> Self {
        let here = sched_getcpu();
        let asked = Asked::default();
        let waits = Arc::clone(&asked);
        let work = move || {
            leave(here);
            let digest = digest_of_own_file();
            Aside::look(digest, waits.wait())
        };
        let thread = Builder::new().stack_size(STACK).spawn(work).ok();
        // A kernel that starts a thread on its creator's processor lets it wait there for milliseconds: it shall run, and leave.
        std::thread::yield_now();
        Self(Cell::new(thread.map(|thread| (asked, thread))))
    }

    /// Begins the look; what is returned waits for its end.
    pub(crate) fn look(&self, roots: &Roots) -> impl FnOnce() -> Aside + use<> {
        let roots = roots.clone();
        let begun = self.0.take().and_then(|(asked, thread)| asked.set(roots.clone()).ok().map(|()| thread));
        move || {
            let done = begun.and_then(|thread| thread.join().ok());
            done.unwrap_or_else(|| Aside::look(digest_of_own_file(), &roots))
        }
    }
}

/// For this thread any processor but one, if there is another.
fn leave(here: usize) {
    let Ok(mut others) = sched_getaffinity(None) else { return };
    if here < CpuSet::MAX_CPU {
        others.unset(here);
    }
    if others.count() > 0 {
        // Without it the thread is later, no more.
        let _ = sched_setaffinity(None, &others);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::MetadataExt as _;

    use keyferry_core::Fingerprint;

    use super::*;

    #[test]
    fn the_digest_is_that_of_the_program_however_it_is_made() {
        let own = Fingerprint::of(&std::fs::read("/proc/self/exe").unwrap());
        let roots = Roots::real();
        let begun = Beside::begin();
        // The second time nothing was begun.
        for beside in [&begun, &begun, &Beside::later()] {
            let aside = beside.look(&roots)();
            assert_eq!(aside.digest.unwrap(), own);
        }
    }

    #[test]
    fn what_is_looked_at_is_as_it_is_at_the_look() {
        let machine = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(machine.path().join("proc/self")).unwrap();
        let beside = Beside::begin();
        std::thread::sleep(std::time::Duration::from_millis(50));
        // A process begins when the digest is long made; here its folder is ours.
        let process = machine.path().join("proc/4242");
        std::fs::create_dir(&process).unwrap();
        let aside = beside.look(&Roots::under(machine.path()))();
        let owner = std::fs::metadata(&process).unwrap().uid();
        assert_eq!(aside.owners.unwrap(), BTreeSet::from([owner]));
    }
}
