//! Runs the vendor's SDKs for Python and Node and its command line, from PyPI and npm, against the emulator.

use std::path::Path;

use crate::emulator::{self, Ports};
use crate::missing;
use crate::npm::{self, Packages};
use crate::python::{self, Venv};
use crate::run::{self, Stop};

pub(crate) const VENV: Venv = Venv {
    name: "vendor",
    needed: "import tencentcloud.kms, tccli",
    requirements: "tests/vendor/requirements.txt",
};

pub(crate) const NODE: Packages = Packages {
    name: "vendor-node",
    pinned: "tests/vendor",
    needed: "require('tencentcloud-sdk-nodejs-common'); require('tencentcloud-sdk-nodejs-intl-en')",
};

/// Installs the pinned tools once, starts the emulator, and runs them against it. Returns what could not be installed.
pub(crate) fn vendor() -> Result<Option<String>, Stop> {
    let python = python::venv(VENV);
    let node = npm::packages(NODE);
    emulator::with(&run::target_dir().join("vendor-emulator"), |ports| {
        python.as_deref().map_or(Ok(()), |venv| conform(venv, ports))?;
        node.as_deref().map_or(Ok(()), |modules| run_node(modules, ports))
    })?;
    let absent = [(python.is_none(), "from PyPI"), (node.is_none(), "from npm")];
    let absent: Vec<_> = absent.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
    if absent.is_empty() {
        return Ok(None);
    }
    let why = Stop::failed(format!("could not be installed {}", absent.join(" and ")));
    missing::skip("the vendor's tools", why, missing::in_ci()).map(Some)
}

fn conform(venv: &Path, [port, admin]: &Ports) -> Result<(), Stop> {
    let bin = venv.join("bin");
    let (python, tccli) = (bin.join("python"), bin.join("tccli"));
    let tccli = tccli.to_string_lossy();
    for args in [vec!["tests/vendor/sdk.py", port, admin], vec!["tests/vendor/cli.py", &tccli, port, admin]] {
        run_python(&python, venv, args)?;
    }
    Ok(())
}

/// Runs one script with the vendor's Python SDK.
pub(crate) fn run_python(python: &Path, home: &Path, args: Vec<&str>) -> Result<(), Stop> {
    let mut command = run::command(&python.to_string_lossy(), args);
    // The SDK ignores NO_PROXY, so it would use a proxy even for loopback.
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(name);
    }
    run::check(command.env("HOME", home).env("PYTHONPYCACHEPREFIX", home.join("cache")))
}

fn run_node(modules: &Path, [port, admin]: &Ports) -> Result<(), Stop> {
    run::check(run::command("node", ["tests/vendor/sdk.js", port, admin]).env("NODE_PATH", modules))
}
