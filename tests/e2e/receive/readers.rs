//! Pictures of `show`, read by third-party decoders and by our own: their lines go through `receive`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{FILES, STATIONS, receive, room};
use crate::support::{Room, bin_dir, build, program, run, run_with};

/// `keyferry-scan`; if no folder of programs is named, it is built once, alone, like the stations.
pub(crate) fn scanner() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        if std::env::var_os("KEYFERRY_PROGRAMS").is_none() {
            build("keyferry-scan", bin_dir());
        }
        bin_dir().join("keyferry-scan")
    })
}

/// Each file as pictures of `show`, in its own folder: with the version that `show` chooses, and with a small one.
fn shown(room: &Room) -> Vec<(&'static str, Vec<PathBuf>)> {
    let show = |(file, version): (&'static str, Option<&str>)| {
        let folder =
            room.path(&format!("pictures-{}{}", file.replace('/', "-"), version.unwrap_or_default()));
        fs::create_dir(&folder).unwrap();
        let mut command = program("keyferry-online");
        command
            .env("XDG_STATE_HOME", room.path("state"))
            .arg("show")
            .arg(room.path(file))
            .arg("--png")
            .arg(&folder);
        run(command.args(version.iter().flat_map(|v| ["--qr-version", v]))).ok();
        let mut pictures: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        pictures.sort();
        (file, pictures)
    };
    FILES.into_iter().flat_map(|file| [(file, None), (file, Some("10"))]).map(show).collect()
}

/// Reads every set of pictures, and passes the lines to both stations.
fn through_receive(read: impl Fn(&[PathBuf]) -> Command) {
    let room = room();
    let mut files = 0;
    for (file, pictures) in shown(&room) {
        let output = read(&pictures).output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        assert!(lines.lines().count() >= pictures.len(), "{file}: {lines}");
        for station in STATIONS {
            run_with(&mut receive(&room, station, &["--out", "in/f"]), &lines).ok();
            assert_eq!(fs::read(room.path("in/f")).unwrap(), fs::read(room.path(file)).unwrap(), "{file}");
            fs::remove_file(room.path("in/f")).unwrap();
            files += 1;
        }
    }
    assert_eq!(files, 16);
}

#[test]
fn zbarimg_s_lines_go_through_receive() {
    through_receive(|pictures| {
        let mut zbar = Command::new("zbarimg");
        zbar.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).args(pictures);
        zbar
    });
}

#[test]
fn keyferry_scan_s_lines_go_through_receive() {
    through_receive(|pictures| {
        let mut scan = Command::new(scanner());
        scan.args(pictures);
        scan
    });
}

/// With OpenCV, which `cargo xtask readers` installs.
#[test]
#[allow(clippy::print_stdout)]
fn opencv_s_lines_go_through_receive() {
    let Some(python) = std::env::var_os("KEYFERRY_OPENCV_PYTHON") else {
        println!("SKIPPED, NOT PASSED: `cargo xtask readers` runs this with OpenCV");
        return;
    };
    through_receive(|pictures| {
        let mut opencv = Command::new(&python);
        opencv.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/crates/scanner/tests/opencv.py")).args(pictures);
        opencv
    });
}
