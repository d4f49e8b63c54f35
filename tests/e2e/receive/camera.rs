//! A camera's lines come through a pipe: `keyferry-scan --camera DEVICE | … receive`. There is no camera here: a shell script that
//! never ends by itself replaces the scanner, or the real scanner refuses the device.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use keyferry_core::Control;

use super::readers::scanner;
use super::{STATIONS, lines_of, room};
use crate::support::{Room, Run, bin_dir, run};

/// `SCANNER | STATION receive`, as a shell runs it: it ends when both programs have ended, with the station's exit code.
fn through_a_pipe(room: &Room, scanner: &str, station: &str) -> Run {
    let station = bin_dir().join(station);
    let line = format!("{scanner} | '{}' receive --lang en --out in/t", station.display());
    let mut command = Command::new("sh");
    command.args(["-c", &line]).current_dir(room.dir.path()).env("XDG_STATE_HOME", room.path("state"));
    run(&mut command)
}

/// The file arrives, and the scanner, which would never end by itself, has ended: the shell waits for both.
#[test]
fn a_scanner_in_a_pipe_ends_when_the_file_is_whole() {
    let room = room();
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    fs::write(room.path("lines"), lines_of(&bytes, 10).join("\n") + "\n").unwrap();
    // Like the real one, it ends by itself when nobody reads its lines.
    let endless = "#!/bin/sh\nwhile cat lines; do :; done 2>/dev/null\necho ended > ended\n";
    fs::write(room.path("scan"), endless).unwrap();
    fs::set_permissions(room.path("scan"), fs::Permissions::from_mode(0o755)).unwrap();
    for station in STATIONS {
        through_a_pipe(&room, "./scan", station).ok();
        assert_eq!(fs::read(room.path("in/t")).unwrap(), bytes);
        assert_eq!(fs::read(room.path("ended")).unwrap(), b"ended\n");
        fs::remove_file(room.path("in/t")).unwrap();
        fs::remove_file(room.path("ended")).unwrap();
    }
}

/// The real scanner reports what is wrong with the device, or the shell reports that there is no scanner; the station reports that
/// nothing arrived.
#[test]
fn what_gives_no_lines_ends_in_a_refusal() {
    let room = room();
    let no_camera = format!("'{}' --camera /dev/null", scanner().display());
    for (scanner, says) in [(&*no_camera, "[KF-SCAN-05]"), ("./no-such-scanner --camera", "not found")] {
        for station in STATIONS {
            let refused = through_a_pipe(&room, scanner, station);
            refused.refused(1, Control::RECEIVE_WHOLE);
            assert!(refused.err.contains(says), "{}", refused.err);
            assert!(!room.path("in/t").exists());
        }
    }
}
