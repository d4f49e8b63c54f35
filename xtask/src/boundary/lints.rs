//! The lints that keep sockets and other programs out of the offline crates, and code that each lint must detect.

use std::path::Path;

use crate::run::{self, Stop};

/// Crates whose own `clippy.toml` disallows the names below.
const CRATES: [&str; 4] = ["core", "sandbox", "transport", "offline"];

/// Names that must not appear in the offline crates.
const DISALLOWED: [&str; 11] = [
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::net::SocketAddr",
    "std::net::IpAddr",
    "std::net::ToSocketAddrs",
    "std::os::unix::net::UnixStream",
    "std::os::unix::net::UnixListener",
    "std::os::unix::net::UnixDatagram",
    "std::process::Command",
    "std::process::Child",
];

/// Refuses if one of the lints detects nothing. The clippy step of `cargo xtask test` checks that the crates themselves
/// pass.
pub(super) fn check(scratch: &Path) -> Result<(), Stop> {
    for name in CRATES {
        let noticed = noticed(&run::root().join("crates").join(name), scratch)?;
        let silent: Vec<&str> =
            DISALLOWED.into_iter().filter(|path| !noticed.contains(&said(path))).collect();
        if !silent.is_empty() {
            return Err(Stop::failed(format!("crates/{name}/clippy.toml allows {}", silent.join(", "))));
        }
        println!("crates/{name}: {} names disallowed, each detected", DISALLOWED.len());
    }
    // The same code passes in a crate that may use all of these names, so the lint is what refuses it elsewhere.
    match noticed(run::root(), scratch)?.contains("disallowed") {
        false => Ok(()),
        true => Err(Stop::failed("the repository's own clippy.toml disallows what the online station needs")),
    }
}

fn said(path: &str) -> String {
    format!("`{path}`")
}

/// The report of clippy, with the settings in `folder`, on code that names everything disallowed.
fn noticed(folder: &Path, scratch: &Path) -> Result<String, Stop> {
    let uses = DISALLOWED.iter().enumerate().map(|(n, path)| format!("pub use {path} as Name{n};\n"));
    let file = scratch.join("names.rs");
    std::fs::write(&file, uses.collect::<String>())
        .map_err(|e| Stop::failed(format!("{}: {e}", file.display())))?;
    let mut clippy = run::command("clippy-driver", ["--edition=2024", "--crate-type=lib", "--emit=metadata"]);
    clippy.args(["-Wclippy::disallowed_types", "--out-dir"]).arg(scratch).arg(&file);
    let done = clippy.env("CLIPPY_CONF_DIR", folder).output();
    let done = done.map_err(|e| Stop::failed(format!("clippy-driver: {e}")))?;
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.success() { Ok(text) } else { Err(Stop::failed(format!("clippy-driver: {text}"))) }
}
