//! The vendor's SDK and command line from PyPI against the emulator. Without a network or Python the step says so and is skipped.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::run::{self, Stop};

/// Installs the pinned tools once, starts the emulator, and runs both against it.
pub(crate) fn vendor() -> Result<(), Stop> {
    let venv = run::target_dir().join("vendor");
    let bin = venv.join("bin");
    if !installed(&venv) {
        println!(
            "SKIPPED, NOT PASSED: the vendor's tools could not be installed (python3 with venv, and PyPI, are needed)"
        );
        return Ok(());
    }
    run::check(&mut run::cargo("build --locked -p keyferry".split(' ')))?;
    let port_file = venv.join("port");
    let _ = fs::remove_file(&port_file);
    let mut emulator = start(&port_file)?;
    let done = wait_for(&port_file).and_then(|port| conform(&bin, &venv, port.trim()));
    let _ = emulator.kill();
    let _ = emulator.wait();
    done
}

fn installed(venv: &Path) -> bool {
    let python = venv.join("bin/python");
    let ready = || {
        run::succeeds(
            run::command(&python.to_string_lossy(), ["-c", "import tencentcloud.kms, tccli"])
                .env("HOME", venv),
        )
    };
    let list = "tests/vendor/requirements.txt";
    ready()
        || (run::check(run::command("python3", ["-m", "venv"]).arg(venv)).is_ok()
            && run::check(&mut run::command(
                &python.to_string_lossy(),
                ["-m", "pip", "install", "-q", "-r", list],
            ))
            .is_ok()
            && ready())
}

fn start(port_file: &Path) -> Result<Child, Stop> {
    let program = run::target_dir().join("debug/keyferry");
    let args = "emulate --listen 127.0.0.1:0 --secret-id AKIDtest --secret-key secret --port-file";
    let mut command = run::command(&program.to_string_lossy(), args.split(' '));
    command.arg(port_file).stdout(Stdio::null());
    command.spawn().map_err(|e| Stop::failed(format!("the emulator did not start: {e}")))
}

fn wait_for(port_file: &Path) -> Result<String, Stop> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        match fs::read_to_string(port_file) {
            Ok(port) if port.ends_with('\n') => return Ok(port),
            _ => thread::sleep(Duration::from_millis(50)),
        }
    }
    Err(Stop::failed("the emulator did not say its port"))
}

fn conform(bin: &Path, home: &Path, port: &str) -> Result<(), Stop> {
    let mut sdk = run::command(&bin.join("python").to_string_lossy(), ["tests/vendor/sdk.py", port]);
    let endpoint = format!("http://127.0.0.1:{port}");
    let args = ["kms", "CreateKey", "--Alias", "tccli", "--Type", "2", "--endpoint", &endpoint];
    let mut tccli = run::command(&bin.join("tccli").to_string_lossy(), args);
    tccli.envs([("TENCENTCLOUD_SECRET_ID", "AKIDtest"), ("TENCENTCLOUD_SECRET_KEY", "secret")]);
    tccli.env("TENCENTCLOUD_REGION", "ap-singapore");
    for command in [&mut sdk, &mut tccli] {
        // A proxy would be asked for loopback too: the SDK does not understand NO_PROXY.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(name);
        }
        run::check(command.env("HOME", home))?;
    }
    Ok(())
}
