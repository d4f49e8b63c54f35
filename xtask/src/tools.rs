//! The outside programs that the tests need: installed where that is possible, else named.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::run::{self, Stop};

/// Makes sure that every needed program is there.
pub(crate) fn ensure() -> Result<(), Stop> {
    component("rustfmt", "fmt")?;
    component("clippy", "clippy")?;
    openssl()?;
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

/// The interoperability tests speak to OpenSSL's command line.
fn openssl() -> Result<(), Stop> {
    let there = || run::succeeds(&mut run::command("openssl", ["version"]));
    if there() {
        return Ok(());
    }
    if is_root() && Path::new("/etc/debian_version").exists() {
        let install = || run::check(&mut run::command("apt-get", ["install", "-y", "openssl"]));
        if install().is_err() {
            let _ = run::check(&mut run::command("apt-get", ["update"]));
            let _ = install();
        }
    }
    if there() {
        Ok(())
    } else {
        Err(Stop::failed("openssl is missing: install it, on Debian with `apt-get install openssl`"))
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}
