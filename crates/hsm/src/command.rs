//! The commands, and how each of them starts its module.

pub(crate) mod bench;
mod earlier;
pub(crate) mod inspect;
pub(crate) mod probe;
pub(crate) mod rewrap;
pub(crate) mod wrap;

use std::path::{Path, PathBuf};
use std::time::Duration;

use keyferry_core::{Fingerprint, bi};
use keyferry_sandbox::{Confinement, Limits, Sandbox};
use keyferry_transport::{Console, read_capped};

use crate::args::ModuleArgs;
use crate::child::CHILD;
use crate::error::HsmError;
use crate::host::Host;
use crate::module::Module;
use crate::protocol::ModuleInfo;

/// Longest module file that is read, in bytes.
const MAX_MODULE: usize = 256 * 1024 * 1024;

/// The file of a module, and its digest.
#[derive(Clone, Debug)]
pub(crate) struct ModuleFile {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) sha256: Fingerprint,
}

impl ModuleFile {
    /// Reads the file. The path is made absolute, because the loader would look for a bare file name in its
    /// own search path.
    ///
    /// # Errors
    /// [`HsmError`].
    pub(crate) fn read(path: &Path) -> Result<Self, HsmError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
        let bytes = read_capped(&path, MAX_MODULE)?;
        Ok(Self { size: bytes.len() as u64, sha256: Fingerprint::of(&bytes), path })
    }
}

/// Starts the child, and then drops what this process does not need. No code of the module has run yet.
///
/// # Errors
/// [`HsmError`] if the child cannot be started.
pub(crate) fn start_child(args: &ModuleArgs) -> Result<(Host, Confinement), HsmError> {
    // The running program, even if another file has its name now.
    let host = Host::start(Path::new("/proc/self/exe"), &[CHILD], Duration::from_secs(args.time_limit))?;
    let confinement = Sandbox::new().limits(Limits::CEREMONY).child(host.id()).enter();
    Ok((host, confinement))
}

/// Loads the module, and shows its information.
pub(crate) fn load(
    module: &mut Module<'_>,
    file: &ModuleFile,
    args: &ModuleArgs,
    network: bool,
    console: &Console,
) -> Result<ModuleInfo, HsmError> {
    console.row(&bi!("module", "模块"), &format!("{} ({} bytes)", file.path.display(), file.size));
    console.hex(&bi!("SHA-256", "SHA-256"), &file.sha256);
    let info = module.load(&file.path, args.init_string.as_deref(), network)?;
    console.row(
        &bi!("says", "自述"),
        &format!("{}, {}, {}; PKCS#11 {}", info.manufacturer, info.description, info.library, info.cryptoki),
    );
    let text = match (network, info.network_denied) {
        (true, _) => bi!("ALLOWED, as requested", "已按要求允许"),
        (false, true) => bi!("forbidden to the module", "已禁止模块使用"),
        (false, false) => {
            bi!("NOT forbidden: the kernel has no filter for it", "未能禁止：内核没有相应的过滤器")
        }
    };
    console.row(&bi!("network", "网络"), text.get(console.lang()));
    Ok(info)
}
