//! The vendor's SDK and command line from PyPI against the emulator. Without a network or Python the step says so and is skipped.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::python::{self, Venv};
use crate::run::{self, Stop};
use crate::{ship, whole};

pub(crate) const VENV: Venv = Venv {
    name: "vendor",
    needed: "import tencentcloud.kms, tccli",
    requirements: "tests/vendor/requirements.txt",
};

/// Installs the pinned tools once, starts the emulator, and runs both against it.
pub(crate) fn vendor() -> Result<(), Stop> {
    let Some(venv) = python::venv(VENV) else {
        println!("{}", python::skipped("the vendor's tools"));
        return Ok(());
    };
    let bin = venv.join("bin");
    emulated(&venv, |ports| conform(&bin, &venv, ports))
}

/// Runs something with the port of a new emulator; its port files are in `folder`.
pub(crate) fn with_emulator(folder: &Path, act: impl FnOnce(&str) -> Result<(), Stop>) -> Result<(), Stop> {
    emulated(folder, |[port, _]| act(port))
}

fn emulated(folder: &Path, act: impl FnOnce(&[String; 2]) -> Result<(), Stop>) -> Result<(), Stop> {
    let program = whole::programs()?.join(ship::DESK);
    let ports = [folder.join("port"), folder.join("admin-port")];
    ports.iter().for_each(|file| drop(fs::remove_file(file)));
    let mut emulator = start(&program, &ports)?;
    let done = wait_for(&ports).and_then(|ports| act(&ports));
    let _ = emulator.kill();
    let _ = emulator.wait();
    done
}

fn start(program: &Path, [port, admin]: &[PathBuf; 2]) -> Result<Child, Stop> {
    let args = "emulate --listen 127.0.0.1:0 --secret-id AKIDtest --secret-key secret --admin 127.0.0.1:0";
    let mut command = run::command(&program.to_string_lossy(), args.split(' '));
    command.arg("--port-file").arg(port).arg("--admin-port-file").arg(admin).stdout(Stdio::null());
    command.spawn().map_err(|e| Stop::failed(format!("the emulator did not start: {e}")))
}

/// The service's port and the admin interface's, once both are there.
fn wait_for(files: &[PathBuf; 2]) -> Result<[String; 2], Stop> {
    let started = Instant::now();
    // Only an emulator that hangs takes so long.
    while started.elapsed() < Duration::from_secs(600) {
        let read = files.each_ref().map(|file| fs::read_to_string(file).unwrap_or_default());
        if read.iter().all(|port| port.ends_with('\n')) {
            return Ok(read.map(|port| port.trim().to_owned()));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(Stop::failed("the emulator did not say its ports"))
}

fn conform(bin: &Path, home: &Path, [port, admin]: &[String; 2]) -> Result<(), Stop> {
    let (python, tccli) = (bin.join("python"), bin.join("tccli"));
    let tccli = tccli.to_string_lossy();
    for args in [vec!["tests/vendor/sdk.py", port, admin], vec!["tests/vendor/cli.py", &tccli, port, admin]] {
        let mut command = run::command(&python.to_string_lossy(), args);
        // A proxy would be asked for loopback too: the SDK does not understand NO_PROXY.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(name);
        }
        run::check(command.env("HOME", home).env("PYTHONPYCACHEPREFIX", home.join("cache")))?;
    }
    Ok(())
}
