//! Identifies this program: its own digest, how it was built, and from which crates.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _};
use std::path::Path;

use keyferry_core::{Fingerprint, refusals};

/// Maximum length of the program in bytes; a debug build has some 60 MB.
const MAX_PROGRAM: usize = 512 * 1024 * 1024;

/// The running program, even if its file was replaced or removed after the start.
const OWN_FILE: &str = "/proc/self/exe";

/// The reviewed list of crates from the source tree.
const CLOSURE: &str = include_str!("../../../ceremony/audit/closure.md");

/// SHA-256 of the running program, as `sha256sum` prints it for the program's file.
///
/// # Errors
/// [`ProgramError`] if `/proc` is not mounted, or the file cannot be read.
pub(crate) fn own_digest() -> Result<Fingerprint, ProgramError> {
    digest_of_own_file().map_err(ProgramError)
}

/// [`own_digest`] for the row `known-program`, which explains an error in its own words.
pub(crate) fn digest_of_own_file() -> Result<Fingerprint, ErrorKind> {
    digest_of(Path::new(OWN_FILE))
}

/// SHA-256 of a regular file of any length up to [`MAX_PROGRAM`], read in pieces. A pipe is refused, because it would
/// block.
pub(crate) fn digest_of(path: &Path) -> Result<Fingerprint, ErrorKind> {
    if !std::fs::metadata(path).map_err(|e| e.kind())?.is_file() {
        return Err(ErrorKind::InvalidInput);
    }
    let mut file = File::open(path).map_err(|e| e.kind())?;
    let mut total = 0usize;
    let read = |buffer: &mut [u8]| {
        let length = file.read(buffer)?;
        total = total.saturating_add(length);
        if total > MAX_PROGRAM { Err(Error::from(ErrorKind::FileTooLarge)) } else { Ok(length) }
    };
    Fingerprint::of_pieces(read).map_err(|e| e.kind())
}

/// How the program was built; `None` if the build did not say. A build script could find this out, but the
/// offline program has none, so `cargo xtask dist` passes the values in.
pub(crate) const BUILT: [(&str, Option<&str>); 5] = [
    ("compiler", option_env!("KEYFERRY_BUILT_BY")),
    ("target", option_env!("KEYFERRY_BUILT_FOR")),
    ("profile", option_env!("KEYFERRY_BUILT_AS")),
    ("flags", option_env!("KEYFERRY_BUILT_WITH")),
    ("revision", option_env!("KEYFERRY_REVISION")),
];

/// One crate that the program is built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Whether it only ran inside the compiler and is not part of the program.
    pub(crate) at_build_time: bool,
    pub(crate) reason: &'static str,
}

/// Every crate of the list, in its order.
pub(crate) fn components() -> impl Iterator<Item = Component> {
    CLOSURE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.strip_suffix(" |")?.split('|').map(str::trim);
        Some(Component {
            name: cells.next()?.trim_end_matches('`'),
            version: cells.next()?,
            at_build_time: cells.nth(3)? == "yes",
            reason: cells.next()?,
        })
    })
}

refusals! {
    /// The program cannot read itself.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ProgramError(kind: ErrorKind): Io => POSTURE,
        what("the program cannot read itself at {OWN_FILE}: {kind}", "程序无法读取自身（{OWN_FILE}）：{kind}"),
        hint("mount /proc; nothing was read or written", "请挂载 /proc；尚未读取或写入任何内容");
}

#[cfg(test)]
mod tests {
    use keyferry_core::Explain;

    use super::*;

    #[test]
    fn the_digest_is_that_of_the_whole_file() {
        let own = std::fs::read(OWN_FILE).unwrap();
        assert_eq!(own_digest().unwrap(), Fingerprint::of(&own));
        // The lengths: shorter than a piece, a whole number of pieces, and one byte more than that.
        for length in [0, 1, 16 * 1024, 32 * 1024 + 1] {
            let file = tempfile::NamedTempFile::new().unwrap();
            let bytes = vec![7; length];
            std::fs::write(file.path(), &bytes).unwrap();
            assert_eq!(digest_of(file.path()).unwrap(), Fingerprint::of(&bytes));
        }
        let missing = digest_of(Path::new("/nonexistent")).map_err(ProgramError).unwrap_err();
        assert!(missing.what().en.contains("/proc/self/exe"));
    }

    #[test]
    fn the_components_are_those_of_the_lock_file() {
        let lock = include_str!("../../../Cargo.lock");
        let mut found = 0;
        for c in components() {
            let package = format!("[[package]]\nname = \"{}\"\nversion = \"{}\"\n", c.name, c.version);
            assert!(lock.contains(&package), "{c:?}");
            assert!(!c.reason.is_empty(), "{c:?}");
            found += 1;
        }
        assert_eq!(found, CLOSURE.lines().filter(|l| l.starts_with("| `")).count());
        assert!((40..=60).contains(&found), "{found}");
        let by_name = |name: &str| components().find(|c| c.name == name).unwrap().at_build_time;
        assert!(by_name("serde_derive") && !by_name("rsa"));
    }
}
