//! Files that somebody else put in place of a record are refused and left unchanged.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use keyferry_core::transcript::KnownKeys;
use keyferry_core::{CeremonyId, Control, Event, Explain, Station, Timestamp};
use keyferry_transport::{FileError, LineFile, RecordError, Salts, TranscriptFile, read_capped};
use rustix::fs::{CWD, FileType, Mode, mknodat};

fn clock() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

fn ceremony() -> CeremonyId {
    "t-1".parse().unwrap()
}

fn event() -> Event {
    Event::Finished { command: "test".into(), succeeded: 1, failed: 0 }
}

/// A line without a line break, as tools write keys and credentials.
const KEY: &str = "{\"secretId\": \"AKIDx\", \"secretKey\": \"y\"}";

/// Everything observable about a name and the file that it refers to.
fn seen(path: &Path) -> (u64, u64, u32, Option<PathBuf>, Option<Vec<u8>>) {
    let meta = fs::symlink_metadata(path).unwrap();
    let kind = meta.file_type();
    let readable = kind.is_file() || kind.is_symlink();
    let bytes = readable.then(|| fs::read(path).ok()).flatten();
    (meta.dev(), meta.ino(), meta.mode(), fs::read_link(path).ok(), bytes)
}

fn record_of(ceremony: &str, path: &Path) {
    let mut file = TranscriptFile::open(path, &ceremony.parse().unwrap(), Station::Online, &clock).unwrap();
    file.add(&clock, event()).unwrap();
    file.flush().unwrap();
}

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

type Put = fn(&Path);

/// The foreign files, each with the control that refuses it.
const FOREIGN: [(&str, Put, Control); 8] = [
    ("one line without its end", |path| fs::write(path, KEY).unwrap(), Control::FILE_KIND),
    (
        "a link",
        |path| {
            fs::write(path.with_file_name("victim"), KEY).unwrap();
            symlink("victim", path).unwrap();
        },
        Control::FILE_KIND,
    ),
    ("a link to nothing", |path| symlink("missing", path).unwrap(), Control::FILE_KIND),
    (
        "a link to a record of this ceremony",
        |path| {
            record_of("t-1", &path.with_file_name("other.jsonl"));
            symlink("other.jsonl", path).unwrap();
        },
        Control::FILE_KIND,
    ),
    (
        "a file with two names",
        |path| {
            record_of("t-1", &path.with_file_name("other.jsonl"));
            fs::hard_link(path.with_file_name("other.jsonl"), path).unwrap();
        },
        Control::FILE_KIND,
    ),
    ("a pipe", pipe, Control::FILE_KIND),
    ("a folder", |path| fs::create_dir(path).unwrap(), Control::FILE_KIND),
    ("a record of another ceremony", |path| record_of("t-2", path), Control::TRANSCRIPT_CHAIN),
];

#[test]
fn a_record_is_not_opened_through_what_somebody_else_put_there() {
    for (name, put, control) in FOREIGN {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("transcript.jsonl");
        put(&path);
        let before = seen(&path);
        let refused = TranscriptFile::open(&path, &ceremony(), Station::Offline, &clock).unwrap_err();
        assert_eq!(refused.control(), control, "{name}");
        assert_eq!(seen(&path), before, "{name}");
        let looked = TranscriptFile::look(&path, &ceremony(), &KnownKeys::default()).unwrap_err();
        assert_eq!(looked.control(), control, "{name}");
        assert_eq!(seen(&path), before, "{name}");
    }
}

#[test]
fn openings_and_journals_are_opened_as_carefully() {
    for (name, put, control) in &FOREIGN[..7] {
        let dir = tempfile::tempdir().unwrap();
        let record = dir.path().join("transcript.jsonl");
        let openings = dir.path().join("openings.jsonl");
        put(&openings);
        let before = seen(&openings);
        let mut file = TranscriptFile::open(&record, &ceremony(), Station::Offline, &clock).unwrap();
        let refused = file.commit_names(Salts::new(|| Some([7; 32]))).unwrap_err();
        assert_eq!(refused.control(), *control, "{name}");
        assert_eq!(seen(&openings), before, "{name}");
        drop(file);
        assert!(!record.exists(), "{name}: nothing was recorded");
        // A journal that others can read is refused for that reason.
        if before.4.is_some() && before.3.is_none() {
            fs::set_permissions(&openings, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let before = seen(&openings);
        let journal = LineFile::open(&openings, "first", 4096).unwrap_err();
        assert_eq!(journal.control(), *control, "{name}");
        assert_eq!(seen(&openings), before, "{name}");
    }
}

/// An existing empty file is used, and it stays if a run records nothing.
#[test]
fn only_a_file_that_this_run_made_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("transcript.jsonl");
    drop(TranscriptFile::open(&path, &ceremony(), Station::Offline, &clock).unwrap());
    assert!(!path.exists(), "made by this run");
    fs::write(&path, "").unwrap();
    let before = seen(&path);
    drop(TranscriptFile::open(&path, &ceremony(), Station::Offline, &clock).unwrap());
    assert_eq!(seen(&path), before);
    // This run made the file, and another file with the same name then replaced it.
    fs::remove_file(&path).unwrap();
    let file = TranscriptFile::open(&path, &ceremony(), Station::Offline, &clock).unwrap();
    fs::rename(&path, dir.path().join("moved")).unwrap();
    fs::write(&path, KEY).unwrap();
    let before = seen(&path);
    drop(file);
    assert_eq!(seen(&path), before);
}

#[test]
fn a_torn_line_stays_until_the_next_one_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("transcript.jsonl");
    record_of("t-1", &path);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], b"{\"seq\":1,"].concat()).unwrap();
    let before = seen(&path);
    let head = TranscriptFile::look(&path, &ceremony(), &KnownKeys::default()).unwrap().unwrap().head();
    let file = TranscriptFile::open(&path, &ceremony(), Station::Offline, &clock).unwrap();
    assert_eq!(file.found(), Some(head));
    drop(file);
    assert_eq!(seen(&path), before);
    let mut file = TranscriptFile::open(&path, &ceremony(), Station::Offline, &clock).unwrap();
    file.flush().unwrap();
    drop(file);
    let chain = TranscriptFile::look(&path, &ceremony(), &KnownKeys::default()).unwrap().unwrap();
    assert_eq!(chain.lines().len(), 2);
    assert!(fs::read(&path).unwrap().starts_with(&whole));
}

#[test]
fn a_second_writer_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("transcript.jsonl");
    let _first = TranscriptFile::open(&path, &ceremony(), Station::Offline, &clock).unwrap();
    let second = TranscriptFile::open(&path, &ceremony(), Station::Online, &clock).unwrap_err();
    assert!(matches!(second, RecordError::File(FileError::Busy(_))), "{second:?}");
    assert!(path.exists(), "the file that the first one made");
}

#[test]
fn a_record_is_made_with_one_mode() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("transcript.jsonl");
    record_of("t-1", &path);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o644);
}

#[test]
fn a_pipe_or_device_is_no_input() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    self::pipe(&pipe);
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    for path in [pipe.as_path(), Path::new("/dev/zero")] {
        assert_eq!(read_capped(path, 10).unwrap_err(), FileError::Kind(path.into()));
    }
}
