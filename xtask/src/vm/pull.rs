//! Pulls sticks out of a running machine, through QEMU's control socket (QMP), each some time after a step of the job has ended.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{output, sticks};
use crate::run::Stop;

/// The interval at which the machine's output is read.
const PAUSE: Duration = Duration::from_millis(50);

/// Makes QEMU listen.
pub(crate) fn allow(qemu: &mut Command, folder: &Path) {
    qemu.arg("-qmp").arg(format!("unix:{},server=on,wait=off", socket(folder).display()));
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("qmp")
}

/// Waits for each stick's step, then for its time, and pulls it. Ends early if the machine does not answer any more.
pub(crate) fn each(folder: &Path, pulled: &[(&'static str, Duration)]) -> Result<(), Stop> {
    if pulled.is_empty() {
        return Ok(());
    }
    let failed = |e: std::io::Error| Stop::failed(format!("QEMU's control socket: {e}"));
    while !socket(folder).exists() {
        std::thread::sleep(PAUSE);
    }
    let mut control = BufReader::new(UnixStream::connect(socket(folder)).map_err(failed)?);
    ask(&mut control, "{\"execute\":\"qmp_capabilities\"}").map_err(failed)?;
    for (label, after) in pulled {
        while !has_ended(folder, label) {
            // A machine that has ended does not answer any more.
            ask(&mut control, "{\"execute\":\"query-status\"}").map_err(failed)?;
            std::thread::sleep(PAUSE);
        }
        std::thread::sleep(*after);
        ask(&mut control, &format!("{{\"execute\":\"device_del\",\"arguments\":{{\"id\":\"{label}\"}}}}"))
            .map_err(failed)?;
    }
    Ok(())
}

fn has_ended(folder: &Path, label: &str) -> bool {
    let text = sticks::read(&folder.join("output")).unwrap_or_default();
    let steps = output::steps(&String::from_utf8_lossy(&text));
    steps.iter().any(|step| step.name == label && step.code == Some(0))
}

/// Sends one command and waits for its answer; events and the greeting are ignored.
fn ask(control: &mut BufReader<UnixStream>, command: &str) -> std::io::Result<()> {
    writeln!(control.get_mut(), "{command}")?;
    loop {
        let mut line = String::new();
        if control.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line.contains("\"error\"") {
            return Err(std::io::Error::other(line));
        }
        if line.contains("\"return\"") {
            return Ok(());
        }
    }
}
