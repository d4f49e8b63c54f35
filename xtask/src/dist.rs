//! `cargo xtask dist`: a release in `target/dist/`: the programs, an SBOM of each, `check.sh`, and `SHA256SUMS`.
//!
//! The programs are built as `ship` builds them. `--verify` builds everything a second time from a copy of the checkout, in
//! another folder, with another target folder and another home of cargo, and compares every byte: anybody who has the source
//! and the compiler can do the same.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::metadata;
use crate::run::{self, Stop};
use crate::ship::{self, Build, PROGRAMS};

mod sbom;

const SUMS: &str = "SHA256SUMS";
/// The script that the runbook uses next to the programs.
const CHECK: &str = "check.sh";

pub(crate) fn dist(args: &[String]) -> Result<(), Stop> {
    let verify = match args {
        [] => false,
        [flag] if flag == "--verify" => true,
        _ => return Err(Stop::usage("usage: cargo xtask dist [--verify]")),
    };
    let build = Build::of_this_commit()?;
    let folder = run::target_dir().join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|e| Stop::failed(format!("{}: {e}", folder.display())))?;
    }
    release(&build, &folder)?;
    print!("{}", read(&folder.join(SUMS))?);
    if verify { second(&build, &folder) } else { Ok(()) }
}

/// All files of a release.
fn release(build: &Build, folder: &Path) -> Result<(), Stop> {
    run::create_folder(folder)?;
    let mut sums = Vec::new();
    for program in PROGRAMS {
        let name = format!("{program}-{}-{}", env!("CARGO_PKG_VERSION"), build.host);
        ship::copy(&build.program(program)?, &folder.join(&name))?;
        let sha256 = sha256(&folder.join(&name))?;
        let bill = format!("{name}.cdx.json");
        let text = sbom::sbom(program, &name, &sha256, &metadata::crates(program)?);
        fs::write(folder.join(&bill), text).map_err(|e| Stop::failed(format!("{bill}: {e}")))?;
        sums.push(format!("{}  {bill}\n", self::sha256(&folder.join(&bill))?));
        sums.push(format!("{sha256}  {name}\n"));
    }
    ship::copy(&build.root.join("ceremony/operate").join(CHECK), &folder.join(CHECK))?;
    sums.push(format!("{}  {CHECK}\n", sha256(&folder.join(CHECK))?));
    fs::write(folder.join(SUMS), sums.concat()).map_err(|e| Stop::failed(format!("{SUMS}: {e}")))
}

/// Builds the release again from a copy in another folder, and refuses any difference.
fn second(first: &Build, folder: &Path) -> Result<(), Stop> {
    let other = Elsewhere::new()?;
    copy_checkout(&first.root, &other.0.join("source-of-another-name"))?;
    let build = Build {
        root: other.0.join("source-of-another-name"),
        target: other.0.join("built"),
        cargo_home: cargo_home(&first.cargo_home, &other.0.join("cargo"))?,
        ..first.clone()
    };
    let mut differ = Vec::new();
    for program in PROGRAMS {
        let name = format!("{program}-{}-{}", env!("CARGO_PKG_VERSION"), build.host);
        let (one, two) = (sha256(&folder.join(&name))?, sha256(&build.program(program)?)?);
        println!("{one}  {name}, in {}", first.root.display());
        println!("{two}  {name}, in {}", build.root.display());
        differ.extend((one != two).then_some(name));
    }
    if differ.is_empty() {
        println!("{} programs, each the same from both folders", PROGRAMS.len());
        return Ok(());
    }
    Err(Stop::failed(format!("not reproducible: {}", differ.join(", "))))
}

/// A folder for one build, deleted at the end.
struct Elsewhere(PathBuf);

impl Elsewhere {
    fn new() -> Result<Self, Stop> {
        let folder = std::env::temp_dir().join(format!("keyferry-second-build-{}", std::process::id()));
        run::create_folder(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The files of the checkout that git tracks or would track, including changes.
fn copy_checkout(from: &Path, to: &Path) -> Result<(), Stop> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let files = run::output(&mut run::command("git", list))?;
    for file in files.split('\0').filter(|f| !f.is_empty() && from.join(f).exists()) {
        let to = to.join(file);
        run::create_folder(to.parent().unwrap_or(&to))?;
        fs::copy(from.join(file), &to).map_err(|e| Stop::failed(format!("{}: {e}", to.display())))?;
    }
    Ok(())
}

/// Another cargo home with the same packages, so that nothing is fetched twice.
fn cargo_home(from: &Path, to: &Path) -> Result<PathBuf, Stop> {
    run::create_folder(to)?;
    for name in ["registry", "config.toml"] {
        if from.join(name).exists() {
            std::os::unix::fs::symlink(from.join(name), to.join(name))
                .map_err(|e| Stop::failed(format!("{}: {e}", to.join(name).display())))?;
        }
    }
    Ok(to.to_owned())
}

fn read(path: &Path) -> Result<String, Stop> {
    fs::read_to_string(path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))
}

/// The digests, in the format of `sha256sum`.
fn sha256(path: &Path) -> Result<String, Stop> {
    let bytes = fs::read(path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))?;
    Ok(Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect())
}
