//! `cargo xtask ship`: builds the programs as they ship, each alone, in `target/ship/`.
//!
//! Each has its own build, because a workspace build would unify features across the air gap. The offline program, the scanner and
//! `keyferry` are linked statically: the first two need only the isolated machine's kernel, and `keyferry` runs in any container in other
//! people's CI. The online program uses the system's resolver, which a static C library cannot load; the HSM program loads a maker's
//! module, which a static program cannot do.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{self, Stop};

/// The programs that ship.
pub(crate) const PROGRAMS: [&str; 5] =
    ["keyferry-offline", "keyferry-online", "keyferry", "keyferry-scan", "keyferry-hsm"];

/// The program on the isolated machine.
pub(crate) const OFFLINE: &str = PROGRAMS[0];

/// The program that talks to the service.
pub(crate) const ONLINE: &str = PROGRAMS[1];

/// The program for a desk: rehearsals, the emulator, records.
pub(crate) const DESK: &str = PROGRAMS[2];

/// Programs linked statically, without a loader.
const STATIC: &str = "-Ctarget-feature=+crt-static";

/// Its profile unwinds: a panic in third-party picture code ends that picture, not the program.
pub(crate) const SCANNER: &str = PROGRAMS[3];

/// A static glibc has no loader to find the system's `getrandom`; this setting uses the system call directly.
const SYSTEM_CALL: [&str; 2] = ["--cfg", "getrandom_backend=\"linux_raw\""];

/// The program that loads a maker's PKCS#11 module.
pub(crate) const HSM: &str = PROGRAMS[4];

/// Programs linked dynamically, with a loader.
fn is_dynamic(name: &str) -> bool {
    name == ONLINE || name == HSM
}

/// The profile with which a program ships; also the name of its folder.
fn profile(name: &str) -> &'static str {
    if name == SCANNER { "scanner" } else { "release" }
}

/// The folder of the shipped programs.
pub(crate) fn folder() -> PathBuf {
    run::target_dir().join("ship")
}

/// Builds all five programs, or those that are named.
pub(crate) fn ship(args: &[String]) -> Result<(), Stop> {
    if let Some(unknown) = args.iter().find(|name| !PROGRAMS.contains(&name.as_str())) {
        return Err(Stop::usage(format!("{unknown} is not one of {}", PROGRAMS.join(", "))));
    }
    let build = Build::of_this_commit()?;
    let mut named = PROGRAMS.into_iter().filter(|name| args.is_empty() || args.iter().any(|a| a == name));
    named.try_for_each(|name| take(&build, name))
}

/// Builds one program for the tests and copies it to the folder. It contains no commit id, so that a new commit alone rebuilds nothing.
pub(crate) fn one(name: &str) -> Result<(), Stop> {
    take(&Build::here()?, name)
}

fn take(build: &Build, name: &str) -> Result<(), Stop> {
    let built = build.program(name)?;
    run::create_folder(&folder())?;
    copy(&built, &folder().join(name))
}

/// Builds the offline program as it ships except for one of our `cfg`s, as a test's control; returns its path.
///
/// A compiler wrapper passes the flag only to the workspace's crates: as a flag of the whole build, it would make cargo compile every
/// dependency again.
pub(crate) fn control(cfg: &'static str) -> Result<PathBuf, Stop> {
    let folder = run::target_dir().join(cfg);
    run::create_folder(&folder)?;
    let wrapper = folder.join("rustc");
    let failed = |e| Stop::failed(format!("{}: {e}", wrapper.display()));
    std::fs::write(&wrapper, format!("#!/bin/sh\nexec \"$@\" --cfg {cfg}\n")).map_err(failed)?;
    std::fs::set_permissions(&wrapper, PermissionsExt::from_mode(0o755)).map_err(failed)?;
    let built = Build { control: Some((cfg, wrapper)), ..Build::here()? }.program(OFFLINE)?;
    copy(&built, &folder.join(OFFLINE))?;
    Ok(folder.join(OFFLINE))
}

/// The folders of one build. The build must not depend on them.
#[derive(Clone)]
pub(crate) struct Build {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// The folder in which cargo keeps the sources of dependencies.
    pub(crate) cargo_home: PathBuf,
    /// The commit, if it must be written into the programs.
    pub(crate) revision: Option<String>,
    /// One of our `cfg`s and the compiler wrapper that sets it; never in a program that ships.
    pub(crate) control: Option<(&'static str, PathBuf)>,
    /// The target of the programs: this machine's.
    pub(crate) host: String,
    /// `rustc --version`.
    pub(crate) rustc: String,
    /// The path where the standard library's sources would be; its panic messages contain this path.
    pub(crate) sysroot: PathBuf,
}

impl Build {
    /// For this checkout, as cargo is set up here.
    pub(crate) fn here() -> Result<Self, Stop> {
        let verbose = run::output(&mut run::command("rustc", ["--version", "--verbose"]))?;
        let host = verbose.lines().find_map(|l| l.strip_prefix("host: "));
        let sysroot = run::output(&mut run::command("rustc", ["--print", "sysroot"]))?;
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo_home = cargo_home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
        Ok(Self {
            root: run::root().to_owned(),
            target: run::target_dir(),
            cargo_home: cargo_home.ok_or_else(|| Stop::failed("neither CARGO_HOME nor a home folder"))?,
            revision: std::env::var("KEYFERRY_REVISION").ok(),
            control: None,
            host: host.map(str::to_owned).ok_or_else(|| Stop::failed("rustc does not report its host"))?,
            rustc: verbose.lines().next().unwrap_or_default().to_owned(),
            sysroot: sysroot.trim().into(),
        })
    }

    /// Like [`here`](Self::here), but with the commit that `self` and `--version` of the programs show.
    pub(crate) fn of_this_commit() -> Result<Self, Stop> {
        let here = Self::here()?;
        let revision = here.revision.clone().or_else(revision);
        Ok(Self { revision, ..here })
    }

    /// Builds one program and returns its path.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf, Stop> {
        let built = self.folder(name).join(&self.host).join(profile(name)).join(name);
        if !is_dynamic(name) {
            match run::check(&mut self.cargo(name, true)) {
                Ok(()) => return Ok(built),
                Err(_) => println!(
                    "no static C library to link with on this machine (Debian: libc6-dev): building {name} dynamically"
                ),
            }
        }
        run::check(&mut self.cargo(name, false))?;
        Ok(built)
    }

    /// The folder in which one program is built. Programs with a loader have different flags: in a shared folder, each build
    /// would discard the other's crates.
    fn folder(&self, name: &str) -> PathBuf {
        self.target.join(if is_dynamic(name) { "dynamic" } else { "static" })
    }

    /// The build of one program. Naming the target keeps the flags away from build scripts and derive macros, which cannot be static.
    pub(crate) fn cargo(&self, name: &str, linked_statically: bool) -> Command {
        let mut facts: Vec<&str> = if linked_statically { vec![STATIC] } else { vec![] };
        facts.extend(if linked_statically { &SYSTEM_CALL[..] } else { &[] });
        let mut flags: Vec<String> = facts.iter().map(|f| (*f).to_owned()).collect();
        flags.extend(self.remapped());
        facts.extend(self.control.iter().flat_map(|(cfg, _)| ["--cfg", cfg]));
        let mut cargo =
            run::cargo(["build", "--profile", profile(name), "--locked", "-p", name, "--target", &self.host]);
        cargo.current_dir(&self.root).arg("--target-dir").arg(self.folder(name));
        cargo.env("CARGO_HOME", &self.cargo_home).env_remove("RUSTFLAGS");
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}")).env_remove("RUSTC_WORKSPACE_WRAPPER");
        if let Some((_, wrapper)) = &self.control {
            cargo.env("RUSTC_WORKSPACE_WRAPPER", wrapper);
        }
        // The offline program has no build script: it gets the facts about its build from here.
        let facts = [
            ("KEYFERRY_BUILT_BY", self.rustc.as_str()),
            ("KEYFERRY_BUILT_FOR", &self.host),
            ("KEYFERRY_BUILT_AS", profile(name)),
            ("KEYFERRY_BUILT_WITH", &facts.join(" ")),
        ];
        cargo.envs(facts).env_remove("KEYFERRY_REVISION");
        if let Some(revision) = &self.revision {
            cargo.env("KEYFERRY_REVISION", revision);
        }
        cargo
    }

    /// Flags that replace this build's folders with names that all builds share, because panics and debug data name source files.
    fn remapped(&self) -> impl Iterator<Item = String> {
        let folders = [
            (&self.root, "/keyferry"),
            (&self.cargo_home, "/cargo"),
            (&self.sysroot, "/rust"),
            // The last match counts: the target folder is usually within the checkout.
            (&self.target, "/target"),
        ];
        folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).into_iter()
    }
}

/// The commit, marked if files were changed since; `None` outside git.
fn revision() -> Option<String> {
    let git = |args: &[&str]| run::output(&mut run::command("git", args)).ok();
    let commit = git(&["rev-parse", "HEAD"])?.trim().to_owned();
    let changed = !git(&["status", "--porcelain"])?.is_empty();
    Some(commit + if changed { ", changed" } else { "" })
}

/// Replaces the file with a new one, so that a running program keeps its old file. An identical file stays as it is.
pub(crate) fn copy(built: &Path, to: &Path) -> Result<(), Stop> {
    if std::fs::read(to).ok().is_some_and(|old| std::fs::read(built).is_ok_and(|new| new == old)) {
        return Ok(());
    }
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    std::fs::copy(built, &part)
        .and_then(|_| std::fs::rename(&part, to))
        .map_err(|e| Stop::failed(format!("{}: {e}", to.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ships_is_told_its_commit() {
        let told = |build: Build| {
            let cargo = build.cargo(OFFLINE, true);
            let told = cargo.get_envs().find(|(name, _)| *name == "KEYFERRY_REVISION");
            told.and_then(|(_, value)| value).map(|value| value.to_string_lossy().into_owned())
        };
        let asked = std::env::var("KEYFERRY_REVISION").ok();
        assert_eq!(told(Build::of_this_commit().unwrap()), asked.clone().or_else(revision));
        assert_eq!(told(Build::here().unwrap()), asked);
        let commit = revision().unwrap();
        let hex = commit.bytes().take_while(u8::is_ascii_hexdigit).count();
        assert!(hex == 40 && (commit.len() == 40 || commit.ends_with(", changed")), "{commit}");
    }
}
