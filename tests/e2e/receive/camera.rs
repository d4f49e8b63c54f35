//! `--camera`: the scanner beside the station is started, and no other. No camera here: a shell script stands in, or the real scanner refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keyferry_core::Control;

use super::readers::scanner;
use super::{STATIONS, lines_of, room};
use crate::support::{Room, Run, bin_dir, run};

/// The station, copied into a folder of its own.
fn station(room: &Room, name: &str) -> PathBuf {
    let folder = room.path(&format!("beside-{name}"));
    fs::create_dir_all(&folder).unwrap();
    fs::copy(bin_dir().join(name), folder.join(name)).unwrap();
    folder
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// With a `keyferry-scan` first in `PATH` that leaves a trace when somebody starts it.
fn receive(room: &Room, folder: &Path, name: &str, camera: &[&str]) -> Run {
    let elsewhere = room.path("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    script(&elsewhere.join("keyferry-scan"), &format!("echo > {}", room.path("found-by-path").display()));
    let path = format!("{}:/usr/bin:/bin", elsewhere.display());
    let mut command = Command::new(folder.join(name));
    command.args(["receive", "--lang", "en", "--out", "in/t"]).args(camera).current_dir(room.dir.path());
    command.env_clear().env("PATH", path).env("XDG_STATE_HOME", room.path("state")).env("SECRET", "x");
    let done = run(command.stdin(Stdio::null()));
    assert!(!room.path("found-by-path").exists());
    done
}

#[test]
fn no_scanner_beside_the_station_is_refused() {
    let room = room();
    for name in STATIONS {
        let folder = station(&room, name);
        receive(&room, &folder, name, &["--camera"]).refused(3, Control::RECEIVE_SCANNER);
        let beside = folder.join("keyferry-scan");
        std::os::unix::fs::symlink(scanner(), &beside).unwrap();
        receive(&room, &folder, name, &["--camera"]).refused(3, Control::RECEIVE_SCANNER);
        fs::remove_file(&beside).unwrap();
        fs::write(&beside, "no program").unwrap();
        receive(&room, &folder, name, &["--camera"]).refused(3, Control::RECEIVE_SCANNER);
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o755)).unwrap();
        receive(&room, &folder, name, &["--camera"]).refused(3, Control::RECEIVE_SCANNER);
        assert!(!room.path("in/t").exists());
    }
}

/// The file comes, and the scanner, which would go on for ever, has ended.
#[test]
fn the_scanner_beside_the_station_is_started_and_ends_with_it() {
    let room = room();
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    fs::write(room.path("lines"), lines_of(&bytes, 10).join("\n") + "\n").unwrap();
    for (name, (camera, device)) in STATIONS.into_iter().flat_map(|n| {
        [(&["--camera"][..], "/dev/video0"), (&["--camera", "/dev/video7"][..], "/dev/video7")]
            .map(|c| (n, c))
    }) {
        let folder = station(&room, name);
        let (notes, lines) = (room.path("notes"), room.path("lines"));
        script(
            &folder.join("keyferry-scan"),
            &format!(
                "echo $$ \"$@\" \"[$SECRET]\" > {}\nwhile cat {}; do sleep 0.01; done",
                notes.display(),
                lines.display()
            ),
        );
        receive(&room, &folder, name, camera).ok();
        assert_eq!(fs::read(room.path("in/t")).unwrap(), bytes);
        let notes = fs::read_to_string(notes).unwrap();
        let (process, arguments) = notes.trim().split_once(' ').unwrap();
        assert_eq!(arguments, format!("--lang en --camera {device} []"));
        let until = Instant::now() + Duration::from_secs(20);
        let runs = || {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            // A process that has ended may wait for its parent to look.
            !stat.is_empty() && !stat.contains(") Z ")
        };
        while runs() {
            assert!(Instant::now() < until, "the scanner goes on");
            std::thread::sleep(Duration::from_millis(5));
        }
        fs::remove_file(room.path("in/t")).unwrap();
    }
}

/// The real scanner says what is wrong with the device; the station, that nothing came.
#[test]
fn what_is_no_camera_ends_in_a_refusal() {
    let room = room();
    for name in STATIONS {
        let folder = station(&room, name);
        fs::copy(scanner(), folder.join("keyferry-scan")).unwrap();
        let refused = receive(&room, &folder, name, &["--camera", "/dev/null"]);
        refused.refused(1, Control::RECEIVE_WHOLE);
        assert!(refused.err.contains("[KF-SCAN-05]"), "{}", refused.err);
        assert!(!room.path("in/t").exists());
    }
}
