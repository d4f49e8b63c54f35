//! `cargo xtask rehearse --hsm`: ceremonies whose keys are made by third-party PKCS#11 modules: NSS's softokn and SoftHSM; with
//! `--kryoptic` also Kryoptic.
//!
//! The first two are Debian packages, unpacked under `target/hsm/kit` and never installed. If a program is already installed on
//! the system, that one is used.

use std::path::{Path, PathBuf};

use crate::run::{self, Steps, Stop};
use crate::{fast, kryoptic, tools};

/// The option of `rehearse`.
pub(crate) const OPTION: &str = "--hsm";
/// The option that adds Kryoptic, whose module is built for it.
const KRYOPTIC: &str = "--kryoptic";

/// The variable that tells tests outside this folder where the packages are.
pub(crate) const KIT: &str = "KEYFERRY_HSM_KIT";

const PACKAGES: [&str; 2] = ["libnss3", "softhsm2"];

/// Unpacks the packages once; reports what is not available. The tests report it again, and fail in CI.
pub(crate) fn prepare() {
    if let Err(why) = ensure() {
        println!("{}", why.message());
    }
}

/// Holds the ceremonies: each is a test of the end-to-end program.
pub(crate) fn rehearse(args: &[String]) -> Result<(), Stop> {
    let with_kryoptic = args.iter().any(|a| a == KRYOPTIC);
    if args.len() != 1 + usize::from(with_kryoptic) {
        return Err(Stop::usage("cargo xtask rehearse --hsm takes no argument other than --kryoptic"));
    }
    let mut steps = Steps::new();
    let mut folder = PathBuf::new();
    steps.step("modules", || {
        // One of the modules is our own test token, which is written in C.
        tools::openssl_headers()?;
        ensure()
    })?;
    if with_kryoptic {
        steps.step("Kryoptic", kryoptic::ensure)?;
    }
    steps.step("programs", || {
        folder = fast::for_hsm()?;
        Ok(())
    })?;
    steps.step("ceremonies with an HSM", || {
        let mut test = run::cargo("test --locked -p keyferry --test e2e hsm:: -- --nocapture".split(' '));
        if with_kryoptic {
            test.args(["--include-ignored", "--skip", "left_in_memory"]).envs(with_module());
        }
        run::check(test.env("KEYFERRY_PROGRAMS", &folder))
    })?;
    steps.summary();
    Ok(())
}

/// Tells the tests where Kryoptic's module is, if it was built.
pub(crate) fn with_module() -> Option<(&'static str, PathBuf)> {
    Some((kryoptic::VARIABLE, kryoptic::built()?))
}

/// The folder in which the packages are unpacked.
pub(crate) fn kit() -> PathBuf {
    run::target_dir().join("hsm").join("kit")
}

fn ensure() -> Result<(), Stop> {
    let root = kit();
    if root.exists() {
        return Ok(());
    }
    let part = root.with_extension("part");
    let _ = std::fs::remove_dir_all(&part);
    run::create_folder(&part)?;
    unpack(&part).or_else(|_| {
        // The package lists are missing or out of date; only root can update them.
        run::check(&mut run::command("apt-get", ["-q", "update"]))?;
        unpack(&part)
    })?;
    std::fs::rename(&part, &root).map_err(|e| Stop::failed(format!("{}: {e}", root.display())))
}

/// Every package that is not installed, including dependencies.
fn unpack(root: &Path) -> Result<(), Stop> {
    let simulate = ["-s", "-q", "--no-install-recommends", "install"].into_iter().chain(PACKAGES);
    let plan = run::output(&mut run::command("apt-get", simulate))?;
    let wanted: Vec<_> =
        plan.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next()).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let mut get = run::command("apt-get", ["-qq", "download"]);
    run::check(get.args(wanted).current_dir(root))?;
    let files = std::fs::read_dir(root).map_err(|e| Stop::failed(e.to_string()))?;
    for package in files.filter_map(|entry| entry.ok().map(|e| e.path())) {
        if package.extension().is_some_and(|e| e == "deb") {
            run::output(run::command("dpkg-deb", ["-x"]).arg(&package).arg(root))?;
            let _ = std::fs::remove_file(package);
        }
    }
    Ok(())
}
