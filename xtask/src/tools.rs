//! The external programs that the tests need: installed if possible, else named.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::run::{self, Stop};

/// Makes sure that every needed program exists.
pub(crate) fn ensure() -> Result<(), Stop> {
    component("rustfmt", "fmt")?;
    component("clippy", "clippy")?;
    openssl()?;
    openssh()?;
    zbarimg()?;
    debugging()?;
    namespaces()?;
    node()?;
    print!("{}", run::output(&mut run::command("openssl", ["version"]))?);
    Ok(())
}

fn component(name: &str, subcommand: &str) -> Result<(), Stop> {
    let there = || run::succeeds(&mut run::cargo([subcommand, "--version"]));
    if there() {
        return Ok(());
    }
    let _ = run::check(&mut run::command("rustup", ["component", "add", name]));
    if there() {
        Ok(())
    } else {
        Err(Stop::failed(format!("{name} is missing: run `rustup component add {name}`")))
    }
}

/// OpenSSH's `ssh-keygen` signs and checks records. It has no harmless option to try, so the check looks for its file.
fn openssh() -> Result<(), Stop> {
    let there = || run::succeeds(&mut run::command("sh", ["-c", "command -v ssh-keygen"]));
    debian(there, &["openssh-client"], "ssh-keygen is missing")
}

/// The interoperability tests use OpenSSL's command line.
fn openssl() -> Result<(), Stop> {
    let there = || run::succeeds(&mut run::command("openssl", ["version"]));
    debian(there, &["openssl"], "openssl is missing")
}

/// This third-party decoder reads the pictures of `show`, and the scanner's results are compared with its results too.
fn zbarimg() -> Result<(), Stop> {
    let there = || run::succeeds(&mut run::command("zbarimg", ["--version"]));
    debian(there, &["zbar-tools"], "zbarimg is missing")
}

/// The tests count the stations' system calls; `cargo xtask boundary` also reads their symbols.
fn debugging() -> Result<(), Stop> {
    let there = || ["nm", "strace"].iter().all(|name| run::succeeds(&mut run::command(name, ["--version"])));
    debian(there, &["binutils", "strace"], "nm or strace is missing")
}

/// Node runs the packages from npm: a vendor SDK, programs that recover our shares, and programs that wrap as
/// users would.
fn node() -> Result<(), Stop> {
    let there = || ["node", "npm"].iter().all(|name| run::succeeds(&mut run::command(name, ["--version"])));
    debian(there, &["nodejs", "npm"], "node or npm is missing")
}

/// The tests give the offline station a network namespace and put interfaces into it.
fn namespaces() -> Result<(), Stop> {
    let there = || {
        run::succeeds(&mut run::command("ip", ["-V"]))
            && run::succeeds(&mut run::command("unshare", ["--version"]))
    };
    debian(there, &["iproute2", "util-linux"], "ip or unshare is missing")
}

/// The third-party programs that wrap in `cargo xtask oaep`: each exists now, or is named as missing.
pub(crate) fn wrappers() -> [Result<(), Stop>; 3] {
    let java = || run::succeeds(&mut run::command("javac", ["-version"]));
    let bouncy_castle = || Path::new("/usr/share/java/bcprov.jar").exists();
    // PHP exits with code 255 if a file that `require` names is missing.
    let php = || {
        let loads = "require 'phpseclib/autoload.php'; require 'phpseclib3/autoload.php'; openssl_get_cert_locations();";
        run::succeeds(&mut run::command("php", ["-r", loads]))
    };
    [
        debian(java, &["default-jdk-headless"], "javac is missing"),
        debian(bouncy_castle, &["libbcprov-java"], "Bouncy Castle is missing"),
        debian(php, &["php-cli", "php-phpseclib", "php-phpseclib3"], "php or phpseclib is missing"),
    ]
}

/// The peers in C need OpenSSL's headers, pkg-config to find them, and a C compiler for AWS-LC.
pub(crate) fn openssl_headers() -> Result<(), Stop> {
    let there = || {
        run::succeeds(&mut run::command("cc", ["--version"]))
            && run::succeeds(&mut run::command("pkg-config", ["--atleast-version=3.0", "openssl"]))
    };
    let packages = ["gcc", "libc6-dev", "libssl-dev", "pkg-config"];
    debian(there, &packages, "a C compiler, pkg-config or OpenSSL's headers (3.0 or later) are missing")
}

/// Building Kryoptic needs libclang for its bindings and SQLite for its token files.
pub(crate) fn kryoptic() -> Result<(), Stop> {
    openssl_headers()?;
    let there = || {
        let libclang = ["-c", "ls /usr/lib/llvm-*/lib/libclang.so*"];
        run::succeeds(&mut run::command("sh", libclang))
            && run::succeeds(&mut run::command("pkg-config", ["--exists", "sqlite3"]))
    };
    debian(there, &["libclang-dev", "libsqlite3-dev"], "libclang or SQLite's headers are missing")
}

/// If something is missing, installs Debian's packages if we have the rights, else says what to do.
fn debian(there: impl Fn() -> bool, packages: &[&str], missing: &str) -> Result<(), Stop> {
    if there() {
        return Ok(());
    }
    if is_root() && Path::new("/etc/debian_version").exists() {
        let words = ["install", "-y"].iter().chain(packages);
        let install = || run::check(&mut run::command("apt-get", words.clone()));
        if install().is_err() {
            let _ = run::check(&mut run::command("apt-get", ["update"]));
            let _ = install();
        }
    }
    if there() {
        Ok(())
    } else {
        let packages = packages.join(" ");
        Err(Stop::failed(format!("{missing}: install, on Debian with `apt-get install {packages}`")))
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}
