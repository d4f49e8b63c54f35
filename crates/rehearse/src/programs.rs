//! The real programs, and the empty network namespace for the offline program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use keyferry_core::{Bilingual, Fingerprint, bi};
use keyferry_transport::{FileError, read_capped};
use serde::Serialize;

use super::RehearseError;

/// Maximum size of a program that is hashed, in bytes.
const MAX_PROGRAM: usize = 512 * 1024 * 1024;

/// One of the stations' programs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) sha256: Fingerprint,
}

/// The programs, with their versions and digests.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) online: Program,
    pub(super) offline: Program,
    /// The scanner between them, if files cross by QR code.
    pub(super) scanner: Option<Program>,
}

impl Programs {
    /// Looks in `folder`, or else next to the running program; looks for the scanner only if it is needed.
    pub(super) fn find(folder: Option<&Path>, scanner: bool) -> Result<Self, RehearseError> {
        let beside = || std::env::current_exe().ok()?.parent().map(Path::to_owned);
        let folder = folder.map(Path::to_owned).or_else(beside).unwrap_or_default();
        let program = |name: &str| {
            let path = folder.join(name);
            // Absolute paths, because the stations run in the ceremony's folder.
            let path = path.canonicalize().map_err(|_| RehearseError::Program(path))?;
            let bytes = read_capped(&path, MAX_PROGRAM).map_err(|e| match e {
                FileError::Kind(path) => RehearseError::Program(path),
                other => other.into(),
            })?;
            Ok::<_, RehearseError>(Program { path, sha256: Fingerprint::of(&bytes) })
        };
        let scanner = scanner.then(|| program("keyferry-scan")).transpose()?;
        Ok(Self { online: program("keyferry-online")?, offline: program("keyferry-offline")?, scanner })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Program> {
        [&self.online, &self.offline].into_iter().chain(&self.scanner)
    }
}

/// How well the offline station is isolated from the network here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Isolation {
    /// An empty network namespace.
    Namespace,
    /// An empty network namespace, inside a user namespace.
    UserNamespace,
    /// The system permits neither.
    NotPermitted,
}

impl Isolation {
    /// Finds the best isolation that the system permits.
    pub(super) fn probe() -> Self {
        [Self::Namespace, Self::UserNamespace]
            .into_iter()
            .find(|i| i.is_empty())
            .unwrap_or(Self::NotPermitted)
    }

    /// The arguments before the offline station's command.
    pub(super) const fn prefix(self) -> &'static [&'static str] {
        match self {
            Self::Namespace => &["unshare", "--net", "--"],
            Self::UserNamespace => &["unshare", "--user", "--map-root-user", "--net", "--"],
            Self::NotPermitted => &[],
        }
    }

    /// Lists the network interfaces from inside the namespace: there must be only `lo`.
    fn is_empty(self) -> bool {
        let [program, args @ ..] = self.prefix() else { return false };
        let listed = Command::new(program)
            .args(args)
            .args(["cat", "/proc/self/net/dev"])
            .stderr(Stdio::null())
            .output();
        listed
            .is_ok_and(|done| done.status.success() && only_loopback(&String::from_utf8_lossy(&done.stdout)))
    }

    pub(super) fn describe(self) -> Bilingual {
        match self {
            Self::Namespace => bi!(
                "the offline station runs in an empty network namespace (unshare --net), which production refuses",
                "离线工作站在空的网络命名空间中运行（unshare --net），正式仪式会拒绝这样的环境"
            ),
            Self::UserNamespace => bi!(
                "the offline station runs in an empty network namespace (unshare --user --net), which production refuses",
                "离线工作站在空的网络命名空间中运行（unshare --user --net），正式仪式会拒绝这样的环境"
            ),
            Self::NotPermitted => bi!(
                "this system permits no network namespace: the offline station runs WITHOUT one",
                "本系统不允许网络命名空间：离线工作站在没有隔离的情况下运行"
            ),
        }
    }
}

/// Whether /proc/net/dev names `lo` and no other interface.
fn only_loopback(table: &str) -> bool {
    let mut names = table.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim());
    names.next() == Some("lo") && names.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_read_from_the_kernel_s_table() {
        let head = "Inter-|   Receive\n face |bytes\n";
        assert!(only_loopback(&format!("{head}    lo:       0       0\n")));
        assert!(!only_loopback(&format!("{head}    lo:       0       0\n  eth0: 1 2\n")));
        assert!(!only_loopback(head));
    }
}
