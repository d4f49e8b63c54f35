//! The folder for everything that a rehearsal makes; it is replaced only if an earlier rehearsal made it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use keyferry_transport::{Access, FileError, write_new};

use super::RehearseError;

/// The marker file, created first and checked first: a folder with it may be deleted.
const MARKER: &str = ".keyferry-rehearsal";

/// Makes the folder, and returns its absolute path: stations run in their own folders below it.
pub(super) fn prepare(out: &Path) -> Result<PathBuf, RehearseError> {
    match fs::symlink_metadata(out) {
        Ok(found) if found.is_dir() && is_ours(out) => {
            fs::remove_dir_all(out).map_err(|e| failed(out, &e))?;
        }
        // Replacing an empty folder loses nothing.
        Ok(found) if found.is_dir() && fs::remove_dir(out).is_ok() => {}
        Ok(_) => return Err(RehearseError::Foreign(out.into())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(failed(out, &e)),
    }
    fs::create_dir_all(out).map_err(|e| failed(out, &e))?;
    write_new(
        &out.join(MARKER),
        b"Made by `keyferry rehearse`, which may replace this folder.\n",
        Access::Everyone,
    )?;
    out.canonicalize().map_err(|e| failed(out, &e))
}

fn is_ours(out: &Path) -> bool {
    fs::symlink_metadata(out.join(MARKER)).is_ok_and(|m| m.is_file())
}

/// The folders in which the stations of one ceremony work: one with a `medium` that both see, or one for each station.
#[derive(Clone, Debug)]
pub(super) struct Desks {
    pub(super) online: PathBuf,
    pub(super) offline: PathBuf,
    /// The folder for the pictures between them, if no medium crosses.
    pub(super) air: Option<PathBuf>,
}

/// The folders of one ceremony: `medium` for what crosses, `online` for what stays, the keys of the `people`, and at the end the
/// `record`; or, without a medium, one such folder for each station.
pub(super) fn desks(out: &Path, ceremony: &str, apart: bool) -> Result<Desks, RehearseError> {
    let room = out.join(ceremony);
    let desks = if apart {
        let desk = |name| room.join(name);
        Desks { online: desk("online-station"), offline: desk("offline-station"), air: Some(desk("air")) }
    } else {
        Desks { online: room.clone(), offline: room, air: None }
    };
    for name in ["medium", "online", "people"] {
        make(&desks.online.join(name))?;
    }
    make(&desks.offline.join("medium"))?;
    Ok(desks)
}

/// Makes a folder and those above it.
pub(super) fn make(folder: &Path) -> Result<(), RehearseError> {
    fs::create_dir_all(folder).map_err(|e| failed(folder, &e))
}

pub(super) fn failed(path: &Path, e: &io::Error) -> RehearseError {
    let kind = match e.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            FileError::Permission(path.into())
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileError::NoSpace(path.into()),
        kind => FileError::Other { path: path.into(), kind, code: e.raw_os_error() },
    };
    kind.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_earlier_rehearsal_is_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("deep/out");
        let made = prepare(&out).unwrap();
        fs::write(made.join("old"), "x").unwrap();
        prepare(&out).unwrap();
        assert!(!made.join("old").exists() && made.join(MARKER).exists());

        let foreign = temp.path().join("foreign");
        fs::create_dir(&foreign).unwrap();
        prepare(&foreign).unwrap();
        fs::remove_file(foreign.join(MARKER)).unwrap();
        fs::write(foreign.join("thesis.tex"), "x").unwrap();
        assert!(matches!(prepare(&foreign), Err(RehearseError::Foreign(_))));
        assert!(foreign.join("thesis.tex").exists());

        let link = temp.path().join("link");
        std::os::unix::fs::symlink(&made, &link).unwrap();
        assert!(matches!(prepare(&link), Err(RehearseError::Foreign(_))));
        assert!(made.join(MARKER).exists());
    }
}
