//! The main loop: reads every picture of every source, prints the symbols, reports problems, and counts at the end.

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

use keyferry_core::{Class, Explain, bi};
use keyferry_transport::Console;

use crate::decode::decode;
use crate::effort::Effort;
use crate::error::{Error, ScanError};
use crate::limits::{MAX_PIXELS, MAX_RUN_PIXELS};
use crate::luma::Luma;
use crate::outlet::{Outlet, Wanted};
use crate::picture_error::PictureError;
use crate::source::{FrameSource, Opened, Started, refused};
use crate::trial::Trial;

/// How often progress is shown during a stream.
const EVERY: Duration = Duration::from_secs(5);

/// How a scan ended, after all its problems have been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Lines were written.
    Lines,
    /// No line was written; the reported refusals explain why.
    Refused(Class),
}

/// Scans everything. Refused pictures are reported as they occur.
///
/// # Errors
/// [`ScanError::Nothing`] or [`ScanError::Foreign`] if no line was written, [`ScanError::Output`].
pub(crate) fn scan(sources: Vec<Opened>, console: Console, wanted: Wanted) -> Result<Ended, Error> {
    all(sources, Scan::new(console, wanted, MAX_RUN_PIXELS))
}

/// Reads the symbols of the test page, and says which version to use.
///
/// # Errors
/// [`ScanError::Nothing`] or [`ScanError::Untested`] if none was read.
pub(crate) fn test(sources: Vec<Opened>, console: Console) -> Result<Ended, Error> {
    let mut scan = Scan::new(console, Wanted { any: false, repeats: false }, MAX_RUN_PIXELS);
    scan.trial = Some(Trial::new(Instant::now()));
    all(sources, scan)
}

fn all(sources: Vec<Opened>, mut scan: Scan) -> Result<Ended, Error> {
    let mut progress = scan.console.progress(bi!("files", "文件"), sources.len());
    for source in sources {
        match scan.source(source) {
            Ok(()) => progress.step(),
            Err(Stop::Refused(error)) => {
                scan.console.refuse_text(&error);
                scan.refused.get_or_insert(error.class());
                progress.fail();
            }
            // The program that reads the lines has closed the pipe, so it has everything that it needs.
            Err(Stop::Output(e)) if e.kind() == io::ErrorKind::BrokenPipe => return scan.over(),
            Err(Stop::Output(e)) => return Err(ScanError::Output(e.kind()).into()),
        }
    }
    scan.over()
}

enum Stop {
    Refused(Error),
    Output(io::Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

struct Scan {
    console: Console,
    outlet: Outlet,
    budget: Budget,
    pictures: u64,
    /// Number of files in folders that are not pictures, and their kinds, as far as known.
    ignored: u64,
    kinds: BTreeSet<&'static str>,
    /// The class of error of the first refused picture.
    refused: Option<Class>,
    spoken: Instant,
    /// Set if the test page is read, in which case no lines are written.
    trial: Option<Trial>,
}

/// Number of pixels in picture files that may still be decoded. A stream is not limited, because people can stop it at
/// any time.
#[derive(Debug)]
struct Budget {
    left: u64,
}

impl Budget {
    fn check(&self) -> Result<(), PictureError> {
        if self.left == 0 { Err(PictureError::Run) } else { Ok(()) }
    }

    /// Deducts a picture's pixels. After the first picture that exceeds the remaining budget, nothing is
    /// left.
    fn take(&mut self, picture: &Luma) -> Result<(), PictureError> {
        let left = self.left.checked_sub(picture.pixels().len() as u64);
        self.left = left.unwrap_or(0);
        if left.is_none() { Err(PictureError::Run) } else { Ok(()) }
    }

    /// A picture that failed in its decoder counts as one of maximum size, because it is unknown how far
    /// decoding got.
    fn failed(&mut self, error: Error) -> Error {
        use PictureError::{Damaged, Memory, Panicked};
        if matches!(&error, Error::Source(source) if matches!(source.error, Damaged | Memory | Panicked)) {
            self.left = self.left.saturating_sub(MAX_PIXELS);
        }
        error
    }
}

impl Scan {
    fn new(console: Console, wanted: Wanted, pixels: u64) -> Self {
        let (outlet, budget) = (Outlet::new(console, wanted), Budget { left: pixels });
        Self {
            console,
            outlet,
            budget,
            pictures: 0,
            ignored: 0,
            kinds: BTreeSet::new(),
            refused: None,
            spoken: Instant::now(),
            trial: None,
        }
    }

    fn source(&mut self, opened: Opened) -> Result<(), Stop> {
        self.outlet.next_source();
        self.budget.check().map_err(|e| refused(opened.name(), None, e))?;
        let mut source = match opened.start().map_err(|e| self.budget.failed(e))? {
            Started::Source(source) => source,
            Started::Ignored(kind) => {
                self.ignored += 1;
                self.kinds.extend(kind);
                return Ok(());
            }
        };
        let mut number = 0;
        let stream = source.effort() == Effort::First;
        while let Some(picture) = source.next_picture().map_err(|e| self.budget.failed(e))? {
            number += 1;
            if source.effort() == Effort::All {
                self.budget.take(&picture).map_err(|e| refused(source.name(), Some(number), e))?;
            }
            self.picture(source.as_ref(), number, picture)?;
            if stream && self.trial.as_ref().is_some_and(|trial| trial.is_over(Instant::now())) {
                break;
            }
        }
        Ok(())
    }

    fn picture(&mut self, source: &dyn FrameSource, number: u64, picture: Luma) -> Result<(), Stop> {
        self.pictures += 1;
        // If the camera sees no symbol, nothing is written, so no write would reveal that the pipe was
        // closed.
        if self.console.is_unheard() {
            return Err(Stop::Output(io::ErrorKind::BrokenPipe.into()));
        }
        let (width, height) = (picture.width(), picture.height());
        let reading = decode(picture, source.effort());
        let (found, name) = (reading.symbols.len(), source.name());
        self.console.trace(1, &format!("{name} {number}: {width} × {height}, {found}"));
        if reading.panics > 0 {
            self.console.say(&bi!(
                "{name}, picture {number}: the decoder failed {} times; at most that many symbols were lost",
                "{name}，第 {number} 幅：解码器失败 {} 次；最多因此漏读同样数量的二维码",
                reading.panics
            ));
        }
        for symbol in &reading.symbols {
            match &mut self.trial {
                Some(trial) => {
                    self.outlet.symbols += 1;
                    if let Some(test) = trial.take(symbol, Instant::now()) {
                        let test = test.name(self.console.lang());
                        self.console.say(&bi!("  read: {test}", "  已读取：{test}"));
                    }
                }
                None => self.outlet.symbol(symbol, name, number).map_err(Stop::Output)?,
            }
        }
        self.alive(number);
        Ok(())
    }

    /// Shows progress during a stream; a few pictures do not need it.
    fn alive(&mut self, number: u64) {
        if number > 1 && self.spoken.elapsed() >= EVERY {
            self.spoken = Instant::now();
            self.count();
        }
    }

    fn count(&self) {
        if self.trial.is_some() {
            let (pictures, symbols) = (self.pictures, self.outlet.symbols);
            self.console
                .say(&bi!("  pictures {pictures}, symbols {symbols}", "  图像 {pictures}，二维码 {symbols}"));
            return;
        }
        let (pictures, symbols, lines) = (self.pictures, self.outlet.symbols, self.outlet.lines);
        self.console.say(&bi!(
            "  pictures {pictures}, symbols {symbols}, lines out {lines}",
            "  图像 {pictures}，二维码 {symbols}，输出行 {lines}"
        ));
    }

    fn over(self) -> Result<Ended, Error> {
        self.count();
        if self.ignored > 0 {
            self.console.say(&bi!("  files that are not pictures {}", "  不是图像的文件 {}", self.ignored));
        }
        if self.pictures == 0 && self.ignored > 0 && self.refused.is_none() {
            return Err(ScanError::NoPicture { files: self.ignored, kinds: self.kinds }.into());
        }
        if let Some((trial, advice)) = self.trial.as_ref().and_then(|t| t.advice().map(|a| (t, a))) {
            trial.report(&self.console, advice);
            return Ok(Ended::Lines);
        }
        match (self.outlet.lines, self.outlet.symbols, self.refused) {
            (0, symbols, _) if symbols > 0 && self.trial.is_some() => {
                Err(ScanError::Untested { symbols }.into())
            }
            (0, 0, Some(class)) => Ok(Ended::Refused(class)),
            (0, 0, None) => Err(ScanError::Nothing { pictures: self.pictures }.into()),
            (0, symbols, _) => Err(ScanError::Foreign { symbols }.into()),
            _ => Ok(Ended::Lines),
        }
    }
}

#[cfg(test)]
mod tests {
    use image::ImageEncoder as _;
    use image::codecs::png::PngEncoder;
    use keyferry_core::{Control, Lang};

    use super::*;
    use crate::source::open_all;

    /// Scans these files in order, with a limit on the pixels to decode. Returns how many were read, and why each of
    /// the others was refused.
    fn scanned(files: &[&[u8]], pixels: u64) -> (u64, Vec<Option<PictureError>>) {
        let folder = tempfile::tempdir().unwrap();
        for (n, file) in files.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{n}.png")), file).unwrap();
        }
        let wanted = Wanted { any: true, repeats: true };
        let mut scan = Scan::new(Console::new(Lang::En, false, 0), wanted, pixels);
        let opened = open_all(&[folder.path().to_owned()]).unwrap();
        let refusals = opened.into_iter().map(|source| match scan.source(source) {
            Ok(()) => None,
            Err(Stop::Refused(Error::Source(e))) => Some(e.error),
            Err(_) => panic!("neither read nor refused"),
        });
        let refusals = refusals.collect();
        (scan.pictures, refusals)
    }

    #[test]
    fn pictures_of_one_run_have_a_budget_of_pixels() {
        let mut file = Vec::new();
        PngEncoder::new(&mut file).write_image(&[255; 100], 10, 10, image::ExtendedColorType::L8).unwrap();
        let (whole, damaged) = (&file[..], &file[..40]);
        let (run, damage) = (Some(PictureError::Run), Some(PictureError::Damaged));
        assert_eq!(PictureError::Run.control(), Control::SCAN_SIZE);
        // The last picture would be refused as damaged if it were decoded.
        assert_eq!(scanned(&[whole, whole, whole, damaged], 250), (2, vec![None, None, run, run]));
        // A picture on which the decoder gives up counts as much as the largest picture.
        assert_eq!(scanned(&[whole, damaged, whole], MAX_PIXELS + 150), (1, vec![None, damage, run]));
    }
}
