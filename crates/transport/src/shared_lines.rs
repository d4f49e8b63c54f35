//! A file of lines to which several threads append; one flush of the device covers all lines that were
//! written before it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::{FileError, LineFile};

/// A [`LineFile`] that threads share.
#[derive(Debug)]
pub struct SharedLines {
    state: Mutex<State>,
    flushed: Condvar,
}

#[derive(Debug)]
struct State {
    file: LineFile,
    /// The number of calls of [`put`](SharedLines::put) so far; `on_device` counts those whose lines are on the
    /// device.
    written: u64,
    on_device: u64,
    /// Whether a thread is waiting for the device.
    flushing: bool,
    /// The error, if the device failed. Lines that were not on the device before the failure will never be.
    failed: Option<FileError>,
}

/// The lines that a flush has to cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[must_use = "the lines are on the device only after flush"]
pub struct Put(u64);

impl SharedLines {
    /// Shares the file.
    #[must_use]
    pub const fn new(file: LineFile) -> Self {
        let state = State { file, written: 0, on_device: 0, flushing: false, failed: None };
        Self { state: Mutex::new(state), flushed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends lines, each with its line break. Calls from several threads append one after the other;
    /// [`flush`](Self::flush) waits for the device.
    ///
    /// # Errors
    /// [`FileError`]; the file is then as it was before.
    pub fn put(&self, lines: &str) -> Result<Put, FileError> {
        let mut state = self.state();
        if let Some(error) = &state.failed {
            return Err(error.clone());
        }
        state.file.append_soon(lines)?;
        state.written += 1;
        Ok(Put(state.written))
    }

    /// Waits until these lines are on the device. If another thread is already waiting, the next flush covers the lines of all
    /// threads that arrived in the meantime.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn flush(&self, put: Put) -> Result<(), FileError> {
        let mut state = self.state();
        while state.on_device < put.0 {
            if let Some(error) = &state.failed {
                return Err(error.clone());
            }
            if state.flushing {
                state = self.flushed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let (goal, handle) = (state.written, state.file.handle()?);
            let path = state.file.path().to_path_buf();
            state.flushing = true;
            drop(state);
            let synced = handle.sync_data();
            state = self.state();
            state.flushing = false;
            match synced {
                Ok(()) => state.on_device = state.on_device.max(goal),
                Err(e) => state.failed = Some(FileError::writing(&path, &e)),
            }
            self.flushed.notify_all();
        }
        Ok(())
    }

    /// Waits until all lines so far are on the device.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn flush_all(&self) -> Result<(), FileError> {
        let so_far = self.state().written;
        self.flush(Put(so_far))
    }

    /// Appends lines and waits until they are on the device.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn append(&self, lines: &str) -> Result<(), FileError> {
        let put = self.put(lines)?;
        self.flush(put)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::thread;

    use super::*;

    #[test]
    fn every_line_of_every_thread_is_there_once_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        let lines = SharedLines::new(LineFile::open(&path, "first", 1 << 20).unwrap().0);
        thread::scope(|scope| {
            for n in 0..8 {
                let lines = &lines;
                scope.spawn(move || (0..50).for_each(|m| lines.append(&format!("{n} {m}\n")).unwrap()));
            }
        });
        let text = fs::read_to_string(&path).unwrap();
        let found: BTreeSet<&str> = text.lines().skip(1).collect();
        assert_eq!((found.len(), text.lines().count()), (400, 401));
        for n in 0..8 {
            let own: Vec<&str> = text.lines().filter(|line| line.starts_with(&format!("{n} "))).collect();
            assert_eq!(own, (0..50).map(|m| format!("{n} {m}")).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_the_rest_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        let lines = SharedLines::new(LineFile::open(&path, "first", 16).unwrap().0);
        let one = lines.put("second\n").unwrap();
        assert!(matches!(lines.put("a line too long\n"), Err(FileError::TooLarge { .. })));
        lines.flush(one).unwrap();
        lines.append("3\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "first\nsecond\n3\n");
    }
}
