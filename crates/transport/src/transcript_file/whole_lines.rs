//! Reads the complete lines of a record's file one after the other. The whole text is never in memory, and the lines are kept
//! only on request.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use keyferry_core::Transcript;
use keyferry_core::transcript::{KnownKeys, MAX_LINE, MAX_TRANSCRIPT, Tip, TranscriptError, Verifier};

use crate::growing::whole_lines;
use crate::{CappedLines, FileError, RecordError};

/// A file whose complete lines form a chain.
pub(super) struct Verified {
    /// The end of the chain; `None` if there is no line.
    pub(super) tip: Option<Tip>,
    /// The length of the complete lines, in bytes.
    pub(super) length: u64,
    /// The bytes that a crash left after the complete lines.
    pub(super) tail: Vec<u8>,
}

/// Verifies a file without keeping its lines.
///
/// # Errors
/// [`RecordError`] if the file is too large, has no complete line, or has a broken chain.
pub(super) fn verify(path: &Path, file: &File) -> Result<Verified, RecordError> {
    let mut lines = WholeLines::of(path, file)?;
    let (mut verifier, mut line) = (Verifier::default(), Vec::new());
    let verified = loop {
        match lines.next_into(&mut line) {
            Ok(()) if line.is_empty() => break Ok(()),
            Ok(()) => {}
            Err(stop) => break Err(stop),
        }
        if let Err(error) = verifier.take(&line) {
            break Err(error.into());
        }
    };
    verified.map_err(|stop| explain(stop, path, file))?;
    let WholeLines { length, tail, .. } = lines;
    Ok(Verified { tip: verifier.tip(), length, tail })
}

/// Reads a file, whose lines share memory with the known names; `None` if there is no line.
///
/// # Errors
/// The same errors as [`verify`].
pub(super) fn read(
    path: &Path,
    file: &File,
    known: &KnownKeys<'_>,
) -> Result<Option<Transcript>, RecordError> {
    let expected = WholeLines::of(path, file)?.count().map_err(|stop| explain(stop, path, file))?;
    let mut lines = WholeLines::of(path, file)?;
    Transcript::verify_lines(expected, |line| lines.next_into(line), known)
        .map_err(|stop| explain(stop, path, file))
}

/// Why a file was not read to its end.
enum Stop {
    File(FileError),
    Line(TranscriptError),
}

impl From<FileError> for Stop {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<TranscriptError> for Stop {
    fn from(error: TranscriptError) -> Self {
        Self::Line(error)
    }
}

struct WholeLines<'p> {
    path: &'p Path,
    lines: CappedLines,
    length: u64,
    tail: Vec<u8>,
}

impl<'p> WholeLines<'p> {
    /// Starts at the beginning of the file.
    fn of(path: &'p Path, file: &File) -> Result<Self, RecordError> {
        let reading = |e: io::Error| FileError::reading(path, &e);
        let left = file.metadata().map_err(reading)?.len();
        let left = usize::try_from(left).ok().filter(|left| *left <= MAX_TRANSCRIPT);
        let left = left.ok_or(TranscriptError::TooLarge)?;
        let mut file = file.try_clone().map_err(reading)?;
        file.rewind().map_err(reading)?;
        let lines = CappedLines::of(path, file, (left, MAX_TRANSCRIPT), MAX_LINE + 1);
        Ok(Self { path, lines, length: 0, tail: Vec::new() })
    }

    /// The next complete line with its line break, or nothing after the last one.
    fn next_into(&mut self, line: &mut Vec<u8>) -> Result<(), Stop> {
        self.lines.next_into(line)?;
        while !line.is_empty() && !line.ends_with(b"\n") {
            self.tail.append(line);
            self.lines.next_into(line)?;
            if line.ends_with(b"\n") {
                return Err(TranscriptError::TooLarge.into());
            }
        }
        self.length += line.len() as u64;
        if line.is_empty() && self.length == 0 && !self.tail.is_empty() {
            return Err(FileError::NoLine(self.path.into()).into());
        }
        Ok(())
    }

    fn count(mut self) -> Result<usize, Stop> {
        let (mut line, mut lines) = (Vec::new(), 0);
        loop {
            self.next_into(&mut line)?;
            if line.is_empty() {
                return Ok(lines);
            }
            lines += 1;
        }
    }
}

/// Finds out why the file was refused. Only the whole text can show that an editor saved the file in another form, so it
/// is read now.
fn explain(stop: Stop, path: &Path, file: &File) -> RecordError {
    let error = match stop {
        Stop::File(error) => return error.into(),
        Stop::Line(error) => error,
    };
    let read_all = || {
        let (mut file, mut bytes) = (file.try_clone()?, Vec::new());
        file.rewind()?;
        file.take(MAX_TRANSCRIPT as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read_all() {
        Ok(bytes) => Transcript::verify(whole_lines(&bytes).0).err().unwrap_or(error).into(),
        Err(e) => FileError::reading(path, &e).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::growing::own_lines;

    /// Reads the whole text at once, as earlier versions did.
    fn at_once(path: &Path) -> Result<(Option<Transcript>, u64, Vec<u8>), String> {
        let bytes = fs::read(path).unwrap();
        let (lines, tail) = own_lines(path, &bytes).map_err(|e| e.to_string())?;
        let chain = Transcript::verify(lines).map_err(|e| e.to_string())?;
        Ok((chain, lines.len() as u64, tail.to_vec()))
    }

    #[test]
    fn line_by_line_says_what_the_whole_text_does() {
        let record =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/0.1/one-key/record/transcript.jsonl");
        let whole = fs::read(record).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("transcript.jsonl");
        let text = String::from_utf8(whole.clone()).unwrap();
        let long = vec![b'x'; MAX_LINE + 10];
        let mut cases = vec![
            Vec::new(),
            whole.clone(),
            b"torn".to_vec(),
            long.clone(),
            text.replace('\n', "\r\n").into_bytes(),
            text.replace('\n', " ").into_bytes(),
            [b"\xef\xbb\xbf", &whole[..]].concat(),
            [&whole[..], b"{\"seq\":"].concat(),
            [&whole[..], &long].concat(),
            [&whole[..], &long, b"\n"].concat(),
            [&whole[..], &long, b"\n{"].concat(),
            [&whole[..], b"\n"].concat(),
        ];
        cases.extend((0..whole.len()).step_by(97).map(|at| whole[..at].to_vec()));
        cases.extend((0..whole.len()).step_by(389).map(|at| {
            let mut other = whole.clone();
            other[at] ^= 1;
            other
        }));
        assert!(cases.len() > 60, "{}", cases.len());
        for bytes in cases {
            fs::write(&path, &bytes).unwrap();
            let file = File::open(&path).unwrap();
            let wanted = at_once(&path);
            let chain = read(&path, &file, &KnownKeys::default()).map_err(|e| e.to_string());
            assert_eq!(chain, wanted.clone().map(|(chain, ..)| chain));
            let verified = verify(&path, &file).map_err(|e| e.to_string());
            let verified = verified.map(|v| (v.tip.map(|tip| (tip.head(), tip.lines())), v.length, v.tail));
            let head = |chain: Transcript| (chain.head(), chain.lines().len() as u64);
            assert_eq!(verified, wanted.map(|(chain, length, tail)| (chain.map(head), length, tail)));
        }
    }
}
