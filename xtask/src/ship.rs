//! `cargo xtask ship`: the four programs as they ship, each built alone, in `target/ship/`.
//!
//! One build each: a workspace build would unify features across the air gap. The offline program and `keyferry` are linked statically:
//! one needs nothing of the isolated machine but its kernel, as does the scanner beside it; the other runs in any container of other people's CI. The online program
//! asks the system's resolver, which a static C library cannot load.

use std::path::{Path, PathBuf};

use crate::run::{self, Stop};

/// The programs that ship.
pub(crate) const PROGRAMS: [&str; 4] = ["keyferry-offline", "keyferry-online", "keyferry", "keyferry-scan"];

/// The one on the isolated machine.
pub(crate) const OFFLINE: &str = PROGRAMS[0];

/// The emulator and the rest, for other people's CI.
const ROOT: &str = PROGRAMS[2];

/// Its profile unwinds: a panic of foreign picture code ends that picture, not the program.
const SCANNER: &str = PROGRAMS[3];

/// A static glibc has no loader to find the system's `getrandom`; this names the system call itself.
const STATIC: &str = "-C target-feature=+crt-static --cfg getrandom_backend=\"linux_raw\"";

/// Where the shipped programs lie.
pub(crate) fn folder() -> PathBuf {
    run::target_dir().join("ship")
}

pub(crate) fn ship(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("cargo xtask ship takes no arguments"));
    }
    PROGRAMS.iter().try_for_each(|name| one(name))
}

/// One program, built and taken to the folder.
pub(crate) fn one(name: &str) -> Result<(), Stop> {
    std::fs::create_dir_all(folder()).map_err(|e| Stop::failed(format!("{}: {e}", folder().display())))?;
    let built = match name {
        OFFLINE | ROOT | SCANNER => linked_statically(name, &run::target_dir(), "")?,
        _ => plain(name)?,
    };
    take(&built, name)
}

fn plain(name: &str) -> Result<PathBuf, Stop> {
    run::check(&mut run::cargo(["build", "--release", "--locked", "-p", name]))?;
    Ok(run::target_dir().join("release").join(name))
}

/// The offline program as it ships, built in `target` with `flags` more; says where it lies.
pub(crate) fn offline(target: &Path, flags: &str) -> Result<PathBuf, Stop> {
    linked_statically(OFFLINE, target, flags)
}

fn linked_statically(name: &str, target: &Path, flags: &str) -> Result<PathBuf, Stop> {
    let host = host()?;
    // Naming the target keeps the flags away from build scripts and derive macros, which cannot be static.
    let profile = if name == SCANNER { "scanner" } else { "release" };
    let mut build = run::cargo(["build", "--profile", profile, "--locked", "-p", name, "--target", &host]);
    build.arg("--target-dir").arg(target).env_remove("CARGO_ENCODED_RUSTFLAGS");
    match run::check(build.env("RUSTFLAGS", format!("{STATIC} {flags}"))) {
        Ok(()) => Ok(target.join(host).join(profile).join(name)),
        Err(_) => {
            println!(
                "no static C library to link with on this machine (Debian: libc6-dev): building {name} dynamically"
            );
            run::check(build.env("RUSTFLAGS", flags))?;
            Ok(target.join(host).join(profile).join(name))
        }
    }
}

fn host() -> Result<String, Stop> {
    let text = run::output(&mut run::command("rustc", ["--version", "--verbose"]))?;
    let host = text.lines().find_map(|l| l.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Stop::failed("rustc names no host"))
}

/// A new file under the name, so that a program that is running keeps its own.
fn take(built: &PathBuf, name: &str) -> Result<(), Stop> {
    let (to, part) = (folder().join(name), folder().join(format!(".{name}.part")));
    std::fs::copy(built, &part)
        .and_then(|_| std::fs::rename(&part, &to))
        .map_err(|e| Stop::failed(format!("{}: {e}", to.display())))
}
