//! An emulator for one step, with the ports that it chose.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::run::{self, Stop};
use crate::{ship, test_build};

/// The service's port and the admin interface's.
pub(crate) type Ports = [String; 2];

/// Starts an emulator that writes its ports into the folder, does the work, and ends the emulator.
pub(crate) fn with(folder: &Path, work: impl FnOnce(&Ports) -> Result<(), Stop>) -> Result<(), Stop> {
    let program = test_build::programs()?.join(ship::DESK);
    run::create_folder(folder)?;
    let files = [folder.join("port"), folder.join("admin-port")];
    files.iter().for_each(|file| drop(fs::remove_file(file)));
    let mut emulator = start(&program, &files)?;
    let done = wait_for(&files).and_then(|ports| work(&ports));
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

/// Both ports, once they are known.
fn wait_for(files: &[PathBuf; 2]) -> Result<Ports, Stop> {
    let started = Instant::now();
    // Only a hanging emulator takes this long.
    while started.elapsed() < Duration::from_secs(600) {
        let read = files.each_ref().map(|file| fs::read_to_string(file).unwrap_or_default());
        if read.iter().all(|port| port.ends_with('\n')) {
            return Ok(read.map(|port| port.trim().to_owned()));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(Stop::failed("the emulator did not report its ports"))
}
