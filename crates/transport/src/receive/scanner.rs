//! Which program `--camera` means: the `keyferry-scan` in the folder of the running station, and no other.
//!
//! Never one found by `PATH`: whoever can write into some folder of it would be asked what the camera sees. Whoever can write into the
//! station's own folder can replace the station.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use keyferry_core::Lang;

use super::error::{ReceiveError, ReceiveRefusal};

/// Name of the program.
const NAME: &str = "keyferry-scan";

/// A scanner that can be started, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanner {
    path: PathBuf,
    args: Vec<OsString>,
}

impl Scanner {
    /// The one beside the running program, for a camera.
    ///
    /// # Errors
    /// [`ReceiveRefusal::NoScanner`] or [`ReceiveRefusal::ScannerKind`].
    pub fn beside(device: &Path, lang: Lang) -> Result<Self, ReceiveError> {
        let own = std::env::current_exe().unwrap_or_default();
        Self::within(own.parent().unwrap_or(Path::new("/")), device, lang)
    }

    fn within(folder: &Path, device: &Path, lang: Lang) -> Result<Self, ReceiveError> {
        let path = folder.join(NAME);
        let found = std::fs::symlink_metadata(&path).map_err(|_| ReceiveRefusal::NoScanner(path.clone()))?;
        if !found.is_file() || found.permissions().mode() & 0o111 == 0 {
            return Err(ReceiveRefusal::ScannerKind(path).into());
        }
        let lang = if lang == Lang::Zh { "zh" } else { "en" };
        let args = ["--lang".into(), lang.into(), "--camera".into(), device.into()];
        Ok(Self { path, args: args.into() })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its arguments.
    #[must_use]
    pub fn args(&self) -> &[OsString] {
        &self.args
    }

    /// What the system said when it was started.
    #[must_use]
    pub fn refused(&self, error: &std::io::Error) -> ReceiveError {
        ReceiveRefusal::ScannerStart { path: self.path.clone(), kind: error.kind() }.into()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_a_program_of_its_own_in_the_folder_is_a_scanner() {
        let folder = tempfile::tempdir().unwrap();
        let look = || Scanner::within(folder.path(), Path::new("/dev/video0"), Lang::En);
        let path = folder.path().join(NAME);
        assert_eq!(look(), Err(ReceiveRefusal::NoScanner(path.clone()).into()));
        let kind = Err(ReceiveRefusal::ScannerKind(path.clone()).into());
        fs::write(&path, "#!/bin/sh\n").unwrap();
        assert_eq!(look(), kind, "not executable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(look().unwrap().args(), ["--lang", "en", "--camera", "/dev/video0"]);
        fs::rename(&path, folder.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink("elsewhere", &path).unwrap();
        assert_eq!(look(), kind, "a link");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(look(), kind, "a folder");
    }
}
