//! The shipped programs as the adversary finds them: each runs to its end, and its output is kept.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The secret key that the emulator and the online station share in tests.
pub(crate) const CREDENTIALS: [&str; 2] = ["AKIDtestTESTtest0001", "SECRETKEYsecretkeySECRETKEY00001"];

/// The folder that `KEYFERRY_PROGRAMS` names, else `target/programs` if it exists, else the stations are built once.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/programs");
        match std::env::var_os("KEYFERRY_PROGRAMS") {
            Some(folder) => folder.into(),
            None if made.join("keyferry-offline").exists() => made,
            None => built(),
        }
    })
}

/// Each station is built alone, as it ships: with the features of its own dependencies only.
fn built() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_keyferry")).parent().unwrap();
    for package in ["keyferry-offline", "keyferry-online"] {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--locked", "--bins", "--package", package, "--target-dir"]);
        build.arg(folder.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "cargo build -p {package}");
    }
    folder.to_path_buf()
}

/// A program with its own, otherwise empty, environment.
pub(crate) fn program(name: &str, in_folder: &Path, args: &[impl AsRef<std::ffi::OsStr>]) -> Command {
    let mut command = Command::new(folder().join(name));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C.UTF-8");
    command.args(args).current_dir(in_folder);
    command
}

/// The online station, with a journal in the folder `state`.
pub(crate) fn online(in_folder: &Path, args: &[impl AsRef<std::ffi::OsStr>], endpoint: &str) -> Command {
    let mut command = program("keyferry-online", in_folder, args);
    command.env("XDG_STATE_HOME", in_folder.join("state")).env("KEYFERRY_ENDPOINT", endpoint);
    command.env("TENCENTCLOUD_SECRET_ID", CREDENTIALS[0]).env("TENCENTCLOUD_SECRET_KEY", CREDENTIALS[1]);
    command
}

/// A finished run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    /// Standard output, then standard error.
    pub(crate) said: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.said);
        self
    }

    /// The output, with each run of characters other than ASCII letters and digits replaced by one space.
    pub(crate) fn plain(&self) -> String {
        let words = self.said.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Whether the digest is on the screen, grouped or not.
    pub(crate) fn shows(&self, digest: &str) -> bool {
        self.plain().replace(' ', "").contains(digest)
    }

    /// Whether words of the digest are on the screen, with any numbers before them.
    pub(crate) fn reads_aloud(&self, digest: &str) -> bool {
        let (plain, words) = (self.plain(), crate::forge::digest::words(digest));
        let words_alone = plain.split(' ').filter(|word| word.parse::<u8>().is_err());
        let plain = words_alone.collect::<Vec<_>>().join(" ");
        words.windows(4).any(|four| plain.contains(&four.join(" ")))
    }
}

/// Runs to the end with this text on standard input.
pub(crate) fn run(command: &mut Command, input: &str) -> Run {
    let mut child = piped(command).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    finished(child)
}

fn piped(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped())
}

fn finished(child: std::process::Child) -> Run {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run { code: output.status.code(), said: text(&output.stdout) + &text(&output.stderr) }
}

/// Runs a command that writes three shares into a folder: types `first`, and each share again once all are there.
pub(crate) fn run_with_shares(command: &mut Command, first: &str, folder: &Path) -> Run {
    let mut child = piped(command).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(first.as_bytes());
    while !folder.join("share-3-of-3.txt").exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    if folder.join("share-3-of-3.txt").exists() {
        let _ = stdin.write_all(shares(folder).concat().as_bytes());
    }
    drop(stdin);
    finished(child)
}

/// The words of the three shares in a folder, one line for each.
pub(crate) fn shares(folder: &Path) -> Vec<String> {
    (1..=3).map(|n| share(&folder.join(format!("share-{n}-of-3.txt")))).collect()
}

/// A share's file has numbers, each followed by a word.
fn share(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let mut words = std::collections::BTreeMap::new();
    for line in text.lines().filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit())) {
        let tokens: Vec<&str> = line.split_whitespace().collect();
        words.extend(tokens.chunks(2).map(|pair| (pair[0].parse::<u16>().unwrap(), pair[1].to_owned())));
    }
    words.into_values().collect::<Vec<_>>().join(" ") + "\n"
}
