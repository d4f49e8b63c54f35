//! The sources of pictures. All are opened first, so that the process can give up the file system before it reads a byte.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use keyferry_transport::FileError;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::camera::Camera;
use crate::effort::Effort;
use crate::error::{Error, ScanError, SourceError};
use crate::foreign;
use crate::limits::{MAX_FILE, MAX_FILES};
use crate::luma::Luma;
use crate::picture::{Kind, Pictures};
use crate::picture_error::PictureError;
use crate::y4m::{MAGIC, Y4m};

/// The name of standard input on the command line.
const STDIN: &str = "-";

/// A source from which the scan loop reads one picture after the other.
pub trait FrameSource {
    /// The name as typed: a path, or `-`.
    fn name(&self) -> &str;

    /// How thoroughly to search each picture.
    fn effort(&self) -> Effort;

    /// The next picture; `None` when there are no more. After an error, it is not called again.
    ///
    /// # Errors
    /// [`Error`], with the name of the source.
    fn next_picture(&mut self) -> Result<Option<Luma>, Error>;
}

/// An open file or stream from which nothing has been read yet.
pub(crate) struct Opened {
    name: String,
    input: Input,
    /// Whether the file was found in a folder; such files are skipped if they are not pictures.
    found: bool,
}

enum Input {
    Bytes(Box<dyn Read>),
    Camera(Box<Camera>),
}

/// The kind of an opened file, as its first bytes show.
pub(crate) enum Started {
    /// A source of pictures.
    Source(Box<dyn FrameSource>),
    /// A file in a folder that is not a picture, and its kind, if known.
    Ignored(Option<&'static str>),
}

/// Raises the limit on open files as far as the system allows, because the default is often a quarter of the number of
/// files that are accepted.
pub(crate) fn raise_open_files() {
    let now = getrlimit(Resource::Nofile);
    let wanted = MAX_FILES as u64 + 64;
    let current = now.maximum.map_or(wanted, |most| most.min(wanted));
    if now.current.is_some_and(|c| c < current) {
        // If this fails, an error appears later, when one file too many is opened.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: now.maximum });
    }
}

/// Opens every path, and all files of each folder; nothing is read.
pub(crate) fn open_all(paths: &[PathBuf]) -> Result<Vec<Opened>, Error> {
    let mut opened = Vec::new();
    for path in paths {
        if path.as_os_str() == STDIN {
            opened.push(Opened {
                name: STDIN.into(),
                input: Input::Bytes(Box::new(io::stdin())),
                found: false,
            });
        } else if fs::metadata(path).map_err(|e| file_error(path, &e))?.is_dir() {
            for file in files_of(path)? {
                opened.push(open(&file, true)?);
                within_limit(&opened)?;
            }
        } else {
            opened.push(open(path, false)?);
        }
        within_limit(&opened)?;
    }
    Ok(opened)
}

/// Opens a camera and starts it.
pub(crate) fn open_camera(path: &Path) -> Result<Opened, Error> {
    let camera = Camera::open(path)?;
    Ok(Opened { name: path.display().to_string(), input: Input::Camera(Box::new(camera)), found: false })
}

fn within_limit(opened: &[Opened]) -> Result<(), Error> {
    if opened.len() > MAX_FILES { Err(ScanError::TooManyFiles.into()) } else { Ok(()) }
}

/// The files of a folder, sorted by name; hidden files and subfolders are left out.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| file_error(folder, &e))? {
        let entry = entry.map_err(|e| file_error(folder, &e))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A link counts as its target; a broken link is not a picture.
        if !hidden && fs::metadata(entry.path()).is_ok_and(|m| m.is_file()) {
            files.push(entry.path());
        }
        if files.len() > MAX_FILES {
            return Err(ScanError::TooManyFiles.into());
        }
    }
    files.sort();
    Ok(files)
}

fn open(path: &Path, found: bool) -> Result<Opened, Error> {
    let file = File::open(path).map_err(|e| file_error(path, &e))?;
    Ok(Opened { name: path.display().to_string(), input: Input::Bytes(Box::new(file)), found })
}

fn file_error(path: &Path, error: &io::Error) -> Error {
    let path = path.to_owned();
    Error::File(match error.kind() {
        io::ErrorKind::NotFound => FileError::NotFound(path),
        io::ErrorKind::PermissionDenied => FileError::Permission(path),
        kind => FileError::Other { path, kind, code: error.raw_os_error() },
    })
}

impl Opened {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Reads the first bytes to find out what the file is.
    pub(crate) fn start(self) -> Result<Started, Error> {
        let Self { name, input, found } = self;
        let bytes = match input {
            Input::Camera(camera) => return Ok(Started::Source(Box::new(CameraSource { name, camera }))),
            Input::Bytes(bytes) => bytes,
        };
        let named = |e| refused(&name, None, e);
        let mut reader = BufReader::with_capacity(1 << 16, bytes);
        let first = first_bytes(&mut reader).map_err(|e| named(reading(&e)))?;
        if first.starts_with(MAGIC) {
            let stream: VideoReader = Box::new(Cursor::new(first).chain(reader));
            let video = Y4m::parse(stream).map_err(named)?;
            return Ok(Started::Source(Box::new(VideoSource { name, video, frames: 0 })));
        }
        if Kind::of(&first).is_none() {
            let kind = foreign::kind(&first);
            let why = kind.map_or(PictureError::Kind, PictureError::Foreign);
            return if found { Ok(Started::Ignored(kind)) } else { Err(named(why)) };
        }
        let file = rest(first, reader).map_err(|e| named(reading(&e)))?;
        let pictures = Pictures::parse(file).map_err(named)?;
        Ok(Started::Source(Box::new(PictureSource { name, pictures, frames: 0 })))
    }
}

/// Reads enough bytes to recognize the kind of file. A pipe may return fewer at once, so this reads until there are enough or
/// the stream ends.
fn first_bytes(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    reader.take(foreign::HEAD as u64).read_to_end(&mut first)?;
    Ok(first)
}

/// The whole of a picture file; if it is too long, one byte more than allowed.
fn rest(mut first: Vec<u8>, reader: impl Read) -> io::Result<Vec<u8>> {
    let left = (MAX_FILE + 1).saturating_sub(first.len()) as u64;
    reader.take(left).read_to_end(&mut first)?;
    Ok(first)
}

fn reading(error: &io::Error) -> PictureError {
    PictureError::Reading(error.kind())
}

pub(crate) fn refused(name: &str, frame: Option<u64>, error: PictureError) -> Error {
    Error::Source(SourceError { name: name.to_owned(), frame, error })
}

type VideoReader = Box<dyn BufRead>;

struct PictureSource {
    name: String,
    pictures: Pictures,
    frames: u64,
}

impl FrameSource for PictureSource {
    fn name(&self) -> &str {
        &self.name
    }
    fn effort(&self) -> Effort {
        Effort::All
    }
    fn next_picture(&mut self) -> Result<Option<Luma>, Error> {
        self.frames += 1;
        self.pictures.next().transpose().map_err(|e| refused(&self.name, Some(self.frames), e))
    }
}

struct VideoSource {
    name: String,
    video: Y4m<VideoReader>,
    frames: u64,
}

impl FrameSource for VideoSource {
    fn name(&self) -> &str {
        &self.name
    }
    fn effort(&self) -> Effort {
        Effort::First
    }
    fn next_picture(&mut self) -> Result<Option<Luma>, Error> {
        self.frames += 1;
        self.video.frame().map_err(|e| refused(&self.name, Some(self.frames), e))
    }
}

struct CameraSource {
    name: String,
    camera: Box<Camera>,
}

impl FrameSource for CameraSource {
    fn name(&self) -> &str {
        &self.name
    }
    fn effort(&self) -> Effort {
        Effort::First
    }
    fn next_picture(&mut self) -> Result<Option<Luma>, Error> {
        Ok(Some(self.camera.frame()?))
    }
}
