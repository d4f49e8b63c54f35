//! What this program is: its own bytes, how it was made, and from what.

use std::fs::File;
use std::io::Read as _;

use keyferry_core::{Bilingual, Class, Control, Explain, Fingerprint, bi, explained};
use sha2::{Digest, Sha256};

/// The program that runs, whatever has happened to its file since it was started.
const OWN_FILE: &str = "/proc/self/exe";

/// The reviewed list of crates, as it lay beside the source.
const CLOSURE: &str = include_str!("../../../ceremony/closure.md");

/// SHA-256 of the program that runs, as `sha256sum` says of its file.
///
/// # Errors
/// [`ProgramError`] if `/proc` is not mounted, or the file cannot be read.
pub(crate) fn own_digest() -> Result<Fingerprint, ProgramError> {
    digest_of(OWN_FILE)
}

fn digest_of(path: &str) -> Result<Fingerprint, ProgramError> {
    let unreadable = |e: std::io::Error| ProgramError(e.to_string());
    let mut file = File::open(path).map_err(unreadable)?;
    let (mut hash, mut piece) = (Sha256::new(), [0; 16 * 1024]);
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => hash.update(piece.get(..n).unwrap_or_default()),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(unreadable(e)),
        }
    }
    let hash: [u8; 32] = hash.finalize().into();
    keyferry_core::hex::encode(&hash).parse().map_err(|_| ProgramError("no digest".to_owned()))
}

/// How the program was made; `None` where whoever built it did not say. A build script would ask the compiler, and the offline
/// program has none: `cargo xtask dist` tells it.
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
    /// Ran inside the compiler and is not in the program.
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

/// The program cannot read itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramError(String);

impl Explain for ProgramError {
    fn control(&self) -> Control {
        Control::POSTURE
    }
    fn class(&self) -> Class {
        Class::Io
    }
    fn what(&self) -> Bilingual {
        bi!("the program cannot read itself at {OWN_FILE}: {}", "程序无法读取自身（{OWN_FILE}）：{}", self.0)
    }
    fn hint(&self) -> Bilingual {
        bi!("mount /proc; nothing was read or written", "请挂载 /proc；尚未读取或写入任何内容")
    }
}

explained!(ProgramError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_whole_file() {
        let own = std::fs::read(OWN_FILE).unwrap();
        assert_eq!(own_digest().unwrap(), Fingerprint::of(&own));
        // Shorter than a piece, exactly pieces, and one byte more.
        for length in [0, 1, 16 * 1024, 32 * 1024 + 1] {
            let file = tempfile::NamedTempFile::new().unwrap();
            let bytes = vec![7; length];
            std::fs::write(file.path(), &bytes).unwrap();
            assert_eq!(digest_of(file.path().to_str().unwrap()).unwrap(), Fingerprint::of(&bytes));
        }
        assert!(digest_of("/nonexistent").unwrap_err().what().en.contains("/proc/self/exe"));
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
