//! The virtual machine's parts: Debian 12's packages, unpacked under `target/vm/` and never installed.
//!
//! Nothing on the developer's machine changes, root is not needed, and no kernel is put into `/boot`. If a program is already
//! installed on the system, that one is used. To get newer packages, remove `target/vm/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{self, Stop};

/// The package that depends on the kernel's package.
const KERNEL: &str = "linux-image-amd64";

const PACKAGES: [&str; 6] =
    ["qemu-system-x86", "busybox-static", "dosfstools", "mtools", "exfatprogs", "e2fsprogs"];

/// The files to unpack from the kernel's package.
const FROM_KERNEL: [&str; 9] = [
    "./boot/vmlinuz-*",
    "*/kernel/arch/x86/crypto/*",
    "*/kernel/block/*",
    "*/kernel/crypto/*",
    "*/kernel/drivers/net/dummy.ko",
    "*/kernel/drivers/scsi/*",
    "*/kernel/drivers/usb/*",
    "*/kernel/fs/*",
    "*/kernel/lib/*",
];

/// The unpacked packages.
#[derive(Debug)]
pub(crate) struct Kit {
    root: PathBuf,
}

impl Kit {
    /// The folder of everything that belongs to virtual machines.
    pub(crate) fn folder() -> PathBuf {
        run::target_dir().join("vm")
    }

    /// Downloads and unpacks the packages, once.
    pub(crate) fn ensure() -> Result<Self, Stop> {
        let root = Self::folder().join("kit");
        if !root.exists() {
            suitable()?;
            let part = Self::folder().join("kit.part");
            let _ = std::fs::remove_dir_all(&part);
            run::create_folder(&part)?;
            unpack(&part)?;
            let kept = std::fs::rename(&part, &root);
            kept.map_err(|e| Stop::failed(format!("{}: {e}", root.display())))?;
        }
        Ok(Self { root })
    }

    /// A program from the packages, with their libraries; the system's own if its package is installed.
    pub(crate) fn tool(&self, name: &str) -> Command {
        let unpacked = self.unpacked(name);
        let path = unpacked.as_ref().map_or_else(|| name.into(), |path| path.to_string_lossy());
        let mut command = run::command(&path, [""; 0]);
        // `ldd` is always the system's own; it must search the folders that the unpacked program will search.
        if unpacked.is_some() || name == "ldd" {
            let libraries = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"].map(|l| self.root.join(l));
            if let Ok(libraries) = std::env::join_paths(libraries) {
                command.env("LD_LIBRARY_PATH", libraries);
            }
        }
        command
    }

    /// The path of a program, in the unpacked packages or else on the system.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        let folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].iter();
        let installed = || folders.map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
        self.unpacked(name).or_else(installed).unwrap_or_else(|| name.into())
    }

    fn unpacked(&self, name: &str) -> Option<PathBuf> {
        let folders = ["usr/bin", "usr/sbin", "bin", "sbin"].iter();
        folders.map(|folder| self.root.join(folder).join(name)).find(|path| path.exists())
    }

    /// QEMU for this kernel, without a network card or any other default device.
    pub(crate) fn qemu(&self) -> Command {
        let mut qemu = self.tool("qemu-system-x86_64");
        for folder in ["usr/share/qemu", "usr/share/seabios"] {
            let unpacked = self.root.join(folder);
            qemu.arg("-L").arg(if unpacked.exists() { unpacked } else { Path::new("/").join(folder) });
        }
        qemu
    }

    /// The static busybox, which needs no libraries.
    pub(crate) fn busybox(&self) -> PathBuf {
        self.unpacked("busybox").unwrap_or_else(|| "/bin/busybox".into())
    }

    /// The kernel.
    pub(crate) fn kernel(&self) -> Result<PathBuf, Stop> {
        only(&self.root.join("boot"))
    }

    /// The folder of the kernel's modules.
    pub(crate) fn modules(&self) -> Result<PathBuf, Stop> {
        only(&self.root.join("lib/modules"))
    }
}

/// The only entry of a folder.
fn only(folder: &Path) -> Result<PathBuf, Stop> {
    let failed = |why: String| Stop::failed(format!("{}: {why}", folder.display()));
    let mut entries = std::fs::read_dir(folder).map_err(|e| failed(e.to_string()))?;
    let first = entries.next().ok_or_else(|| failed("is empty".into()))?;
    first.map(|entry| entry.path()).map_err(|e| failed(e.to_string()))
}

/// Other releases have other kernels, whose modules are compressed.
fn suitable() -> Result<(), Stop> {
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let debian_12 = ["ID=debian", "VERSION_ID=\"12\""].iter().all(|line| system.lines().any(|l| l == *line));
    if debian_12 && cfg!(target_arch = "x86_64") {
        Ok(())
    } else {
        Err(Stop::failed("the virtual machine is built from Debian 12's packages for amd64"))
    }
}

fn unpack(root: &Path) -> Result<(), Stop> {
    let packages = download(root).or_else(|_| {
        // The package lists are missing or out of date; only root can update them.
        run::check(&mut run::command("apt-get", ["-q", "update"]))?;
        download(root)
    })?;
    for package in packages {
        if package.file_name().is_some_and(|name| name.to_string_lossy().starts_with("linux-image")) {
            unpack_kernel(&package, root)?;
        } else {
            run::output(run::command("dpkg-deb", ["-x"]).arg(&package).arg(root))?;
        }
        let _ = std::fs::remove_file(package);
    }
    Ok(())
}

/// The files of all packages that are not installed. The kernel's package depends on much that is not needed here, so it is listed
/// without its dependencies.
fn download(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let depends = run::output(&mut run::command("apt-cache", ["depends", KERNEL]))?;
    let kernel = depends.lines().find_map(|line| line.trim().strip_prefix("Depends: "));
    let kernel =
        kernel.ok_or_else(|| Stop::failed(format!("Debian's package {KERNEL} is not known here")))?;
    let simulate = ["-s", "-q", "--no-install-recommends", "install"].into_iter().chain(PACKAGES);
    let plan = run::output(&mut run::command("apt-get", simulate))?;
    let mut get = run::command("apt-get", ["-qq", "download", kernel]);
    run::check(get.args(to_install(&plan)).current_dir(folder))?;
    let files = std::fs::read_dir(folder).map_err(|e| Stop::failed(e.to_string()))?;
    let files = files.filter_map(|entry| entry.ok().map(|e| e.path()));
    Ok(files.filter(|path| path.extension().is_some_and(|e| e == "deb")).collect())
}

/// The packages that `apt-get -s install` would unpack.
fn to_install(plan: &str) -> Vec<&str> {
    plan.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next()).collect()
}

/// A kernel without drivers for other machines takes a third of the time and a fifth of the space.
fn unpack_kernel(package: &Path, root: &Path) -> Result<(), Stop> {
    let failed = |e: std::io::Error| Stop::failed(format!("{}: {e}", package.display()));
    let mut archive = run::command("dpkg-deb", ["--fsys-tarfile"]);
    let mut archive = archive.arg(package).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut tar = run::command("tar", ["-x", "-C"]);
    tar.arg(root).arg("--wildcards").args(FROM_KERNEL);
    tar.stdin(archive.stdout.take().map_or_else(Stdio::null, Stdio::from));
    let unpacked = run::check(&mut tar);
    archive.wait().map_err(failed)?;
    unpacked
}

#[cfg(test)]
mod tests {
    use super::to_install;

    #[test]
    fn the_plan_names_what_is_installed_alone() {
        let plan = "Reading package lists...\nRemv qemu-utils [1:10]\nInst mtools (4.0 Debian:12.14 [amd64])\n\
                    Inst libcom-err2 [1.47] (1.47.0-2+b2 Debian [amd64])\nConf mtools (4.0 Debian)\n";
        assert_eq!(to_install(plan), ["mtools", "libcom-err2"]);
    }
}
